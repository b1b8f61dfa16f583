"""A text source as a notebook: cells, ids, metadata and citations, the same bytes each time; and what can be wrong."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from nas_edu.bibliography import cite, listed
from nas_edu.core.names import did_you_mean

_CITED = re.compile(r"\[@([\w-]+(?:; ?@[\w-]+)*)\]")  # [@real2019] or [@real2019; @liu2019], as in pandoc
_LIST = "references"  # [@references] stands for the list of all that the text cites
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


@dataclass(frozen=True)
class Problem:
    """Something that an author has to mend; `place` is a file, with a cell where that is known."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class AuthoringError(Exception):
    """A notebook could not be made."""


def choose(folder: Path, names: Iterable[str]) -> list[Path]:
    """The text sources in `folder` with these names (all if none are given), in order.

    A name is the file's, with or without ending; its number alone will do. Raises AuthoringError for an unknown one.
    """
    sources = {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.py"))}
    wanted = [Path(name).stem for name in names]
    for name in wanted:
        if name not in sources and name not in {stem[:2] for stem in sources}:
            there = ", ".join(sources) or "none"
            raise AuthoringError(f"there is no {name!r} in {folder}; there are {there}{did_you_mean(name, sources)}")
    return [path for stem, path in sources.items() if not wanted or stem in wanted or stem[:2] in wanted]


def orphans(folder: Path, sources: Path) -> list[Problem]:
    """Notebooks whose text source is gone."""
    return [
        Problem(f"{folder.name}/{path.name}", f"has no source {sources.parent.name}/src/{path.stem}.py")
        for path in sorted(folder.glob("*.ipynb"))
        if not (sources / f"{path.stem}.py").exists()
    ]


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


def cited_in(text: str) -> list[str]:
    """The keys that a text cites, in order of appearance; `[@references]` is none of them."""
    keys = [key.strip(" @") for group in _CITED.findall(text) for key in group.split(";")]
    return [key for key in keys if key != _LIST]


def with_citations(text: str, cited: Iterable[str]) -> str:
    """The text with each `[@key]` replaced by its citation, and `[@references]` by the list of those in `cited`."""
    keys = list(cited)

    def replace(match: re.Match[str]) -> str:
        return listed(keys) if match[1] == _LIST else cite(*cited_in(match[0]))

    return _CITED.sub(replace, text)
