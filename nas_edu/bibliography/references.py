"""`references.bib`, and its entries as Markdown: a citation in a sentence, a list at the end.

The file is BibTeX with one field a line, which is all that we write, and any BibTeX program reads it, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from nas_edu.core.names import did_you_mean

PATH = Path(__file__).parent / "references.bib"
_ENTRY = re.compile(r"@(\w+)\{([\w-]+),\n((?: +\w+ = \{.+\},\n)+)\}\n")
_FIELD = re.compile(r" +(\w+) = \{(.+)\},\n")
_VENUES = ("booktitle", "journal", "publisher", "howpublished")
_FIELDS = {"author", "title", "year", "eprint", "doi", "url", *_VENUES}
_ARXIV = re.compile(r"(\d\d)(\d\d)\.\d{4,5}")
_NAMED = 6  # of more authors than this, a list names the first only


@dataclass(frozen=True)
class Reference:
    """One publication. `authors` are "Family, Given"; `label` is how a text cites it: "Real et al. 2019"."""

    key: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int
    eprint: str = ""
    doi: str = ""
    page: str = ""
    label: str = ""

    @property
    def families(self) -> list[str]:
        return [author.split(",")[0] for author in self.authors]

    @property
    def url(self) -> str:
        """Where anybody can read it: arXiv if it is there; "" where nothing is known."""
        if self.eprint:
            return f"https://arxiv.org/abs/{self.eprint}"
        return self.page or (f"https://doi.org/{self.doi}" if self.doi else "")

    @property
    def date(self) -> float:
        """When it appeared, in years: the month of its arXiv number or the middle of the venue's year, if earlier."""
        venue = self.year + 0.5
        if match := _ARXIV.fullmatch(self.eprint):
            return min(venue, 2000 + int(match[1]) + (int(match[2]) - 0.5) / 12)
        return venue


@cache
def load(path: Path = PATH) -> Mapping[str, Reference]:
    """All references by key, in the order of the file. Raises ValueError that names what it does not understand."""
    text = re.sub(r"(?m)^%.*\n", "", path.read_text(encoding="utf-8"))
    entries = _ENTRY.findall(text)
    left = _ENTRY.sub("", text).strip()
    if left:
        first = left.split("\n")[0]
        raise ValueError(f"{path.name}: not understood from {first!r} on; write one field a line: `  year = {{2019}},`")
    keys = Counter(key for _, key, _ in entries)
    if twice := [key for key, count in keys.items() if count > 1]:
        raise ValueError(f"{path.name}: {', '.join(twice)}: there is more than one entry with this key")
    references = {key: _reference(f"{path.name}: {key}", key, dict(_FIELD.findall(body))) for _, key, body in entries}
    return MappingProxyType(_labelled(references))


def _reference(place: str, key: str, fields: dict[str, str]) -> Reference:
    if unknown := fields.keys() - _FIELDS:
        raise ValueError(f"{place}: unknown field {', '.join(sorted(unknown))}; allowed: {', '.join(sorted(_FIELDS))}")
    venues = [fields[name] for name in _VENUES if name in fields]
    if missing := [name for name in ("author", "title", "year") if name not in fields] or ["a venue"][len(venues) :]:
        raise ValueError(f"{place}: {', '.join(missing)} is missing")
    eprint = fields.get("eprint", "")
    if eprint and not _ARXIV.fullmatch(eprint):
        raise ValueError(f"{place}: {eprint!r} is not a number of arXiv, such as 1802.01548")
    return Reference(
        key,
        authors=tuple(fields["author"].split(" and ")),
        title=fields["title"],
        venue=venues[0],
        year=int(fields["year"]),
        eprint=eprint,
        doi=fields.get("doi", ""),
        page=fields.get("url", ""),
    )


def _labelled(references: dict[str, Reference]) -> dict[str, Reference]:
    """Each with its label; those that would share one get a letter, in the order of the file."""
    plain = {key: _label(reference) for key, reference in references.items()}
    count, seen = Counter(plain.values()), Counter[str]()
    labelled = {}
    for key, reference in references.items():
        letter = "abcdefgh"[seen[plain[key]]] if count[plain[key]] > 1 else ""
        seen[plain[key]] += 1
        labelled[key] = Reference(**{**vars(reference), "label": plain[key] + letter})
    return labelled


def _label(reference: Reference) -> str:
    families = reference.families
    names = f"{families[0]} et al." if len(families) > 2 else " and ".join(families)
    return f"{names} {reference.year}"


class Citation(str):
    """Markdown that a notebook shows as such where a cell ends with it."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def find(key: str) -> Reference:
    """Raises KeyError for an unknown key, with the ones that were perhaps meant."""
    references = load()
    if key not in references:
        meant = did_you_mean(key, references) or f"; there are {', '.join(references)}"
        raise KeyError(f"no reference has the key {key!r}{meant}")
    return references[key]


def cite(*keys: str) -> Citation:
    """'Real et al. 2019' with its link, as Markdown. Raises KeyError for an unknown key."""
    return Citation("; ".join(_linked(reference.label, reference.url) for reference in map(find, keys)))


def listed(keys: Iterable[str]) -> Citation:
    """The references with these keys, each once, by name and year, as a Markdown list. Raises KeyError as `cite`."""
    chosen = sorted({find(key) for key in keys}, key=lambda reference: reference.label.casefold())
    return Citation("\n".join(f"- {_full(reference)}" for reference in chosen))


def _linked(text: str, url: str) -> str:
    return f"[{text}]({url})" if url else text


def _full(reference: Reference) -> str:
    people = [" ".join(reversed(author.split(", "))) for author in reference.authors]
    if len(people) > _NAMED:
        who = f"{people[0]} and {len(people) - 1} others"
    else:
        who = " and ".join([", ".join(people[:-1]), people[-1]] if len(people) > 1 else people)
    places = [_linked(f"arXiv:{reference.eprint}", reference.url)] if reference.eprint else []
    if reference.doi:
        places.append(_linked(f"doi:{reference.doi}", f"https://doi.org/{reference.doi}"))
    if reference.page:
        places.append(_linked("read it", reference.page))
    where = "".join(f", {place}" for place in places)
    return f"**{reference.label}.** {who}: *{reference.title}*. {reference.venue}{where}."
