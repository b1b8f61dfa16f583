"""Tools that work wherever the package is installed: a look at the machine, and builders of tables."""
