"""Text source to notebook: the cells, their ids and metadata, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from nas_edu.authoring.problems import AuthoringError, Problem
from nas_edu.bibliography.text import cited_in, with_citations

# The kernel is named, but not the version of Python that happened to run it.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


def read_source(path: Path) -> NotebookNode:
    """The notebook, without outputs, that a text source in jupytext's percent format stands for.

    Citations in its texts, `[@real2019]`, become links, and `[@references]` the list of all that it cites. Raises
    AuthoringError for a citation that is not in the bibliography.
    """
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    cited = [key for cell in texts for key in cited_in(cell.source)]
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)  # layout of the text file, not of the notebook
    for cell in texts:
        try:
            cell.source = with_citations(cell.source, cited)
        except KeyError as error:
            raise AuthoringError(f"{path.name}, cell {notebook.cells.index(cell) + 1}: {error.args[0]}") from None
    return tidy(notebook)


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Give the notebook its fixed metadata and each cell an id made from its source."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return notebook


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    path.write_text(as_text(notebook), encoding="utf-8", newline="\n")


def as_text(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def read_notebook(path: Path) -> NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def differences(source: NotebookNode, notebook: NotebookNode, place: str, command: str) -> list[Problem]:
    """Where a notebook is not what its text source says: type, text, metadata and id of each cell, not its outputs."""
    if len(source.cells) != len(notebook.cells):
        text = f"has {len(notebook.cells)} cells, its source has {len(source.cells)}: run `{command}`"
        return [Problem(place, text)]
    problems = []
    for number, (a, b) in enumerate(zip(source.cells, notebook.cells, strict=True), 1):
        for what in ("cell_type", "source", "metadata", "id"):
            if a.get(what) != b.get(what):
                first = a.source.strip().split("\n")[0]
                text = f"its {what} differs from the source ({first!r}): run `{command}`"
                problems.append(Problem(f"{place} cell {number}", text))
                break
    if dict(notebook.metadata) != dict(source.metadata):
        problems.append(Problem(place, f"its metadata was changed: run `{command}`"))
    return problems
