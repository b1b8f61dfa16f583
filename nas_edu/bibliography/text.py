"""References as Markdown: a citation in a sentence, a list at the end, and both inside a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from nas_edu.bibliography.reader import Reference, load

CITED = re.compile(r"\[@([\w-]+(?:; ?@[\w-]+)*)\]")  # [@real2019] or [@real2019; @liu2019], as in pandoc
LIST = "references"  # [@references] stands for the list of all that the text cites
_NAMED = 6  # of more authors than this, the list names the first only


class Citation(str):
    """Markdown that a notebook shows as such where a cell ends with it."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def find(key: str) -> Reference:
    """Raises KeyError for an unknown key, with the ones that were perhaps meant."""
    references = load()
    if key not in references:
        close = get_close_matches(key, references, n=3)
        meant = f"; did you mean {' or '.join(map(repr, close))}?" if close else f"; there are {', '.join(references)}"
        raise KeyError(f"no reference has the key {key!r}{meant}")
    return references[key]


def cite(*keys: str) -> Citation:
    """'Real et al. 2019' with its link, as Markdown. Raises KeyError for an unknown key."""
    return Citation("; ".join(_linked(reference.label, reference.url) for reference in map(find, keys)))


def listed(keys: Iterable[str]) -> Citation:
    """The references with these keys, each once, by name and year, as a Markdown list. Raises KeyError as `cite`."""
    chosen = sorted({find(key) for key in keys}, key=lambda reference: reference.label.casefold())
    return Citation("\n".join(f"- {_full(reference)}" for reference in chosen))


def cited_in(text: str) -> list[str]:
    """The keys that a text cites, in order of appearance; `[@references]` is none of them."""
    keys = [key.strip(" @") for group in CITED.findall(text) for key in group.split(";")]
    return [key for key in keys if key != LIST]


def with_citations(text: str, cited: Iterable[str]) -> str:
    """The text with each `[@key]` replaced by its citation, and `[@references]` by the list of those in `cited`."""
    keys = list(cited)

    def replace(match: re.Match[str]) -> str:
        return listed(keys) if match[1] == LIST else cite(*cited_in(match[0]))

    return CITED.sub(replace, text)


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
