"""Task 03.1: `mutate(cell, rng)` gives one edge of a TinyCell another operation, all 24 neighbours equally likely."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import chance, draws_from_rng_only
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

Mutate = Callable[[Cell, random.Random], Any]
_SPACE = TinyCell()
_SKIPS = Cell(("skip_connect",) * 6)
_CHILDREN = 3000


def _call(cell: Cell, seed: int) -> str:
    if len(set(cell.operations)) == 1:
        written = f'Cell(("{cell.operations[0]}",) * 6)'
    else:
        written = f'TinyCell().parse("{cell}")'
    return f"mutate({written}, random.Random({seed}))"


def _case(cell: Cell, seed: int) -> Case:
    return Case(_call(cell, seed), (cell, seed), size=6 - cell.operations.count("none"))


def _random_cases(rng: random.Random) -> list[Case]:
    return [_case(_SPACE.sample(rng), seed) for seed in range(60)]


def _edge(edge: tuple[int, int]) -> str:
    return f"{edge[0]}-{edge[1]}"


def _returns_a_cell(mutate: Mutate, cell: Cell, seed: int) -> Finding | None:
    child = mutate(cell, random.Random(seed))
    if isinstance(child, Cell):
        return None
    if child is None:
        cause = "`mutate` returns nothing: end it with `return Cell(...)`."
    elif isinstance(child, (list, tuple)):
        cause = "These are operations, not yet a cell: `return Cell(tuple(operations))`."
    else:
        cause = "The result must be a `Cell`: `return Cell(tuple(operations))`."
    return Finding(described(child), "a Cell", cause)


def _changes_one_edge(mutate: Mutate, cell: Cell, seed: int) -> Finding | None:
    child = mutate(cell, random.Random(seed))
    pairs = zip(EDGES, cell.operations, child.operations, strict=True)
    changed = [f"edge {_edge(edge)}: {old} became {new}" for edge, old, new in pairs if old != new]
    if len(changed) == 1:
        return None
    if not changed:
        got = "the parent itself: no edge has changed"
        cause = "The new operation may be the old one. Draw it from the four others."
    else:
        got = "\n".join(changed)
        cause = f"{len(changed)} edges were changed. Draw one edge, once, and change that one only."
    return Finding(got, "exactly one edge with another operation", cause)


def _repeatable(mutate: Mutate, cell: Cell) -> Finding | None:
    return draws_from_rng_only(lambda rng: str(mutate(cell, rng)))


def _reaches_all_neighbours(mutate: Mutate, cell: Cell) -> Finding | None:
    # The oracle asks every cell of the space: do you differ in exactly one place?
    neighbours = [
        other for other in _SPACE if sum(a != b for a, b in zip(cell.operations, other.operations, strict=True)) == 1
    ]
    rng = random.Random(0)
    counts = Counter(mutate(cell, rng) for _ in range(_CHILDREN))
    missing = [other for other in neighbours if not counts[other]]
    expected = f"each of the {len(neighbours)} neighbours about {_CHILDREN / len(neighbours):.0f} times"
    if missing:
        got = f"{len(neighbours) - len(missing)} different children in {_CHILDREN} calls"
        return Finding(got, expected, _what_is_missing(cell, missing))
    if chance(counts, dict.fromkeys(neighbours, 1 / len(neighbours))) < 1e-6:
        (most, often), (least, seldom) = counts.most_common(1)[0], counts.most_common()[-1]
        got = f"{most} {often} times\n{least} only {seldom} times"
        cause = "Not all neighbours are equally likely: draw the edge uniformly, then one of its four other operations."
        return Finding(got, expected, cause)
    return None


def _what_is_missing(cell: Cell, missing: list[Cell]) -> str:
    changes = [
        (edge, new)
        for other in missing
        for edge, old, new in zip(EDGES, cell.operations, other.operations, strict=True)
        if old != new
    ]
    edges = [edge for edge in EDGES if sum(edge == e for e, _ in changes) == len(OPERATIONS) - 1]
    if edges:
        names = ", ".join(map(_edge, edges))
        return f"Edge {names} never changes: does your range of edges stop too early? There are six, 0 to 5."
    operations = [o for o in OPERATIONS if all((e, o) in changes for e, old in cell.edges.items() if old != o)]
    if operations:
        return f"No edge ever becomes {', '.join(operations)}: are all five operations among your choices?"
    return "Some neighbours never come up: every edge may get every other operation."


def _explain(error: Exception) -> str | None:
    if isinstance(error, FrozenInstanceError) or "does not support item assignment" in str(error):
        return (
            "A cell cannot be changed: the parent lives on in the population. Copy its operations into a list, change "
            "that, and build a new `Cell`."
        )
    if isinstance(error, IndexError):
        return "An index is out of range: there are six edges, 0 to 5, and four other operations, 0 to 3."
    if isinstance(error, ValueError):
        return "The new cell was refused: it needs six operations with known names."
    return None


check_mutate = Check(
    task="03.1",
    function="mutate",
    stages=(
        Stage("shape", "`mutate` returns a `Cell`", (_case(_SKIPS, 0),), _returns_a_cell),
        Stage(
            "by hand",
            "of six skips, five remain and one becomes something else",
            tuple(_case(_SKIPS, seed) for seed in range(20)),
            _changes_one_edge,
        ),
        Stage("property", "child and parent differ in exactly one edge", _random_cases, _changes_one_edge),
        Stage(
            "property",
            "the same `rng`, the same child, and no other source of chance",
            (Case(_call(_SKIPS, 0) + "  # and more seeds", (_SKIPS,)),),
            _repeatable,
        ),
        Stage(
            "oracle",
            "all 24 neighbours come up, and equally often",
            lambda rng: [
                Case(f'[mutate(TinyCell().parse("{cell}"), rng) for _ in range({_CHILDREN})]', (cell,))
                for cell in (_SPACE.sample(rng) for _ in range(3))
            ],
            _reaches_all_neighbours,
        ),
    ),
    hints=(
        "Two draws are enough: which edge, and which operation instead of the present one.",
        "`operations = list(cell.operations)` is a copy that may be changed; `rng.randrange(6)` draws an edge. "
        "Which four names are left for it?",
        "`choices = [name for name in OPERATIONS if name != operations[edge]]`, then `operations[edge] = "
        "rng.choice(choices)`, then `return Cell(tuple(operations))`.",
    ),
    explain=_explain,
)
