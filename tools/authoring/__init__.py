"""Make the notebooks from their text sources and hold both together: `python -m tools.authoring`.

    lectures    lectures/src/NN_name.py   -> lectures/NN_name.ipynb, executed
    exercises   solutions/src/NN_name.py  -> solutions/NN_name.ipynb, executed, and exercises/NN_name.ipynb, to fill in
    experiments lectures/src/NN_name.py   -> lectures/experiments/*.json.gz, what its experiments compute
    claims      claims.yaml               -> a table; every cell that it names must exist

Text is the source: a notebook is written by these commands only. With `--check` nothing is written; of the experiments,
the cheapest run of each is computed again.
"""
