"""claims.yaml: each claim of the lecture deck, the cell that measures it, and what was seen.

An entry, as YAML; the claim in our own words:

    - id: oldest-dies
      section: Regularized Evolution            # of the deck
      claim: dropping the oldest instead of the worst helps
      lecture: 03_evolution
      cell: claim-oldest-dies                   # the tag (or id) of the one code cell that measures it
      seen: what came out
      verdict: partly                           # agrees, disagrees, partly; open: not measured yet
      why: what explains it
      sources: [...]                            # for a claim about history, which no cell can measure

A claim with a verdict has `seen`, `why`, and a `cell` or `sources`; an open one has none of these.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from nas_edu.core.names import did_you_mean
from tools.authoring.notebooks import AuthoringError, Problem, read_notebook

VERDICTS = {"agrees": "=", "disagrees": "≠", "partly": "~", "open": "?"}
_REQUIRED = ("id", "section", "claim", "lecture", "verdict")


@dataclass(frozen=True)
class Claim:
    """One claim of the deck and what became of it here."""

    id: str
    section: str
    claim: str
    lecture: str
    verdict: str
    cell: str = ""
    seen: str = ""
    why: str = ""
    sources: tuple[str, ...] = ()


def load_claims(root: Path) -> list[Claim]:
    """Read claims.yaml. Raises AuthoringError that names the entry and what is wrong with it."""
    entries = yaml.safe_load((root / "claims.yaml").read_text(encoding="utf-8"))
    if not isinstance(entries, list):
        raise AuthoringError("claims.yaml: expected a list of claims")
    claims = [_claim(number, entry) for number, entry in enumerate(entries, 1)]
    twice = [claim.id for n, claim in enumerate(claims) if claim.id in {c.id for c in claims[:n]}]
    if twice:
        raise AuthoringError(f"claims.yaml: the id {twice[0]!r} is used twice")
    return claims


def _claim(number: int, entry: Any) -> Claim:
    place = f"claims.yaml entry {number}"
    if not isinstance(entry, dict):
        raise AuthoringError(f"{place}: expected `id:`, `claim:` and so on, got {entry!r}")
    place += f" ({entry.get('id', 'without id')})"
    allowed = [field.name for field in fields(Claim)]
    for key in entry:
        if key not in allowed:
            meant = did_you_mean(str(key), allowed)
            raise AuthoringError(f"{place}: unknown key {key!r}; allowed: {', '.join(allowed)}{meant}")
    missing = [key for key in _REQUIRED if not entry.get(key)]
    if missing:
        raise AuthoringError(f"{place}: {', '.join(missing)} is missing")
    sources = tuple(entry.pop("sources", ()))
    claim = Claim(**{key: str(value).strip() for key, value in entry.items()}, sources=sources)
    if claim.verdict not in VERDICTS:
        raise AuthoringError(f"{place}: verdict {claim.verdict!r}; allowed: {', '.join(VERDICTS)}")
    evidence = (claim.seen, claim.why, claim.cell or claim.sources)
    if claim.verdict == "open" and any(evidence):
        raise AuthoringError(f"{place}: an open claim has not been seen yet: no seen, why, cell or sources")
    if claim.verdict != "open" and not all(evidence):
        raise AuthoringError(f"{place}: a verdict needs seen, why, and a cell or sources")
    return claim


def check_claims(root: Path) -> list[Problem]:
    """Each cell that a claim names must be one code cell of the notebook named, and each lecture must be there."""
    problems = []
    for claim in load_claims(root):
        place = f"claims.yaml ({claim.id})"
        if not claim.cell:
            continue
        path = root / "lectures" / f"{claim.lecture}.ipynb"
        if not path.exists():
            problems.append(Problem(place, f"there is no lectures/{path.name}"))
            continue
        cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
        found = [cell for cell in cells if claim.cell == cell.id or claim.cell in cell.metadata.get("tags", ())]
        if len(found) != 1:
            tags = sorted({tag for cell in cells for tag in cell.metadata.get("tags", ())})
            text = f"{len(found)} code cells of lectures/{path.name} are tagged {claim.cell!r}; one is needed"
            text += did_you_mean(claim.cell, tags)
            problems.append(Problem(place, text))
    return problems


def table(claims: Iterable[Claim], lectures: Iterable[str] = ()) -> str:
    """The claims, lecture by lecture, in columns that fit the terminal."""
    wanted = [Path(name).stem for name in lectures]
    chosen = [c for c in claims if not wanted or c.lecture in wanted or c.lecture[:2] in wanted]
    width = min(max(shutil.get_terminal_size((140, 24)).columns, 100), 180)
    left = (width - 18) * 2 // 5
    widths = (11, left, width - 17 - left)
    lines = []
    for lecture, group in groupby(sorted(chosen, key=lambda claim: claim.lecture), key=lambda claim: claim.lecture):
        lines += [lecture, "=" * width, _row(widths, "verdict", "the deck says", "seen here"), "-" * width]
        for claim in group:
            said = f"{claim.claim}\n[{claim.section}]"
            where = f"cell: {claim.cell}" if claim.cell else ""
            seen = "\n".join(filter(None, (claim.seen, claim.why, where, *(f"source: {s}" for s in claim.sources))))
            lines += [_row(widths, f"{VERDICTS[claim.verdict]} {claim.verdict}", said, seen or "not measured yet"), ""]
    return "\n".join(lines)


def _row(widths: tuple[int, ...], *texts: str) -> str:
    columns = [
        [line for part in text.split("\n") for line in textwrap.wrap(part, width) or [""]]
        for text, width in zip(texts, widths, strict=True)
    ]
    height = max(map(len, columns))
    rows = zip(*(column + [""] * (height - len(column)) for column in columns), strict=True)
    return "\n".join("   ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in rows)
