"""Tools of this repository, beside the library: they make the notebooks, and are run from here."""
