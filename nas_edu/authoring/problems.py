"""What is wrong with the notebooks, said so that an author can act on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


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
            close = get_close_matches(name, sources, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise AuthoringError(f"there is no {name!r} in {folder}; there are {', '.join(sources) or 'none'}{meant}")
    return [path for stem, path in sources.items() if not wanted or stem in wanted or stem[:2] in wanted]


def orphans(folder: Path, sources: Path) -> list[Problem]:
    """Notebooks whose text source is gone."""
    return [
        Problem(f"{folder.name}/{path.name}", f"has no source {sources.parent.name}/src/{path.stem}.py")
        for path in sorted(folder.glob("*.ipynb"))
        if not (sources / f"{path.stem}.py").exists()
    ]
