"""Lectures: lectures/src/NN_name.py, jupytext's percent format, becomes the executed lectures/NN_name.ipynb.

Cell metadata go into the cell's first line: `# %% [markdown] slideshow={"slide_type": "slide"} tags=["instructor"]`.
To change a lecture, change its text source and run the command; what is edited in the notebook is lost.

What `--check` holds together, without running anything:

- source and notebook: the same cells in the same order, with the same text, metadata and ids;
- notebook and its outputs: every code cell was run, in order and once, without error, without a word on stderr;
- notebook and code: every name that the notebook takes from nas_edu exists.

It keeps no hash of the code that the notebook ran with: any change of a docstring would then ask for an hour of
executions that change nothing. Instead nbval runs all notebooks in the test suite, which finds code that no longer
works, and compares outputs where a cell says `# NBVAL_CHECK_OUTPUT`. A cell that shows library code, or a number that a
text relies on, should say so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from nbformat import NotebookNode

from tools.authoring.execute import execute, not_executed, repeats, unwanted_outputs
from tools.authoring.names import missing_names
from tools.authoring.notebooks import Problem, choose, differences, orphans, read_notebook, read_source, write_notebook

COMMAND = "python -m tools.authoring lectures"


def make_lectures(root: Path, names: Iterable[str] = ()) -> None:
    """Execute the sources with these names (all if none are given) and write their notebooks."""
    folder = root / "lectures"
    for path in choose(folder / "src", names):
        started = time.perf_counter()
        notebook = read_source(path)
        execute(notebook, folder, f"lectures/src/{path.name}")
        write_notebook(notebook, folder / f"{path.stem}.ipynb")
        print(f"lectures/{path.stem}.ipynb  executed in {time.perf_counter() - started:.0f} s", flush=True)


def check_lectures(root: Path, names: Iterable[str] = ()) -> list[Problem]:
    folder = root / "lectures"
    problems = [] if names else orphans(folder, folder / "src")
    for path in choose(folder / "src", names):
        problems += check_executed(path, folder / f"{path.stem}.ipynb", read_source(path), COMMAND)
    return problems


def repeat_lectures(root: Path, names: Iterable[str] = ()) -> list[Problem]:
    """Execute each twice, write nothing, and say which cells give another output the second time."""
    folder, problems = root / "lectures", []
    for path in choose(folder / "src", names):
        problems += repeats(partial(read_source, path), folder, f"lectures/src/{path.name}")
    return problems


def check_executed(source: Path, path: Path, expected: NotebookNode, command: str) -> list[Problem]:
    """All that must hold for the executed notebook in `path`; `expected` is the one that its source stands for."""
    place = f"{path.parent.name}/{path.name}"
    if not path.exists():
        return [Problem(place, f"is missing: run `{command} {source.stem}`")]
    notebook = read_notebook(path)
    changed = differences(expected, notebook, place, f"{command} {source.stem}")
    return [
        *changed,
        *not_executed(notebook, place),
        *unwanted_outputs(notebook, place, path.parents[1]),
        *missing_names(notebook, place),
    ]
