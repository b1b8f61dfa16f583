"""Task 02.1: `path_encoding(cell)` says for each sequence of operations whether a path of the cell has it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, OPERATIONS

Encode = Callable[[Cell], Any]
Sequence = tuple[str, ...]
_SPACE = TinyCell()
_SEQUENCES = [s for length in (1, 2, 3) for s in itertools.product(OPERATIONS[1:], repeat=length)]
_BY_HAND = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1"))


def _case(cell: Cell) -> Case:
    return Case(f'path_encoding(TinyCell().parse("{cell}"))', (cell,), size=6 - cell.operations.count("none"))


def _only(*edges: tuple[int, int]) -> Cell:
    """A cell with these edges, each with an operation of its own kind where there are enough."""
    kinds = dict(zip(edges, itertools.cycle(("nor_conv_3x3", "avg_pool_3x3", "nor_conv_1x1")), strict=False))
    return Cell(tuple(kinds.get(edge, "none") for edge in EDGES))


def sequences_by_route(cell: Cell) -> dict[tuple[int, ...], Sequence]:
    """The oracle: try every set of inner nodes as a route from node 0 to node 3; keep those without `none`."""
    inner = range(1, NODES - 1)
    routes = ((0, *way, NODES - 1) for length in range(NODES - 1) for way in itertools.combinations(inner, length))
    found = {route: tuple(cell.edges[edge] for edge in itertools.pairwise(route)) for route in routes}
    return {route: sequence for route, sequence in found.items() if "none" not in sequence}


def _returns_zeros_and_ones(encode: Encode, cell: Cell) -> Finding | None:
    result = encode(cell)
    expected = f"a list of {len(_SEQUENCES)} zeros and ones"
    if result is None:
        return Finding("None", expected, "`path_encoding` returns nothing: end it with `return`.")
    if not isinstance(result, Iterable) or isinstance(result, (str, dict, set)):
        return Finding(described(result), expected, "Return one number for each sequence in `SEQUENCES`, in its order.")
    numbers = list(result)
    if len(numbers) != len(_SEQUENCES):
        if numbers and isinstance(numbers[0], tuple):
            cause = "These are the sequences. Say for each one in `SEQUENCES` whether it is among them."
        elif len(numbers) == len(EDGES) * len(OPERATIONS):
            cause = "This is as long as the one-hot encoding. The path encoding has a number for each sequence."
        else:
            cause = "One number for each sequence in `SEQUENCES`: go through that list."
        return Finding(f"{len(numbers)} entries", expected, cause)
    if any(number not in (0, 1) for number in numbers):
        odd = next(number for number in numbers if number not in (0, 1))
        cause = "A sequence is there or is not there: 1 or 0, even where two paths have the same sequence."
        return Finding(f"an entry that is {described(odd)}", expected, cause)
    return None


def _has_the_right_sequences(encode: Encode, cell: Cell) -> Finding | None:
    problem = _returns_zeros_and_ones(encode, cell)
    if problem is not None:
        return problem
    got = {sequence for sequence, bit in zip(_SEQUENCES, encode(cell), strict=True) if bit}
    routes = sequences_by_route(cell)
    if got == set(routes.values()):
        return None
    return Finding(_written(got), _written(routes.values()), _cause(got, cell, routes))


def _cause(got: set[Sequence], cell: Cell, routes: dict[tuple[int, ...], Sequence]) -> str:
    expected = set(routes.values())
    if got == {sequence[::-1] for sequence in expected}:
        return "The sequences are backwards: a path begins at the input, node 0."
    through_none = {
        tuple(o for o in (cell.edges[e] for e in itertools.pairwise(route)) if o != "none")
        for route in ((0, 3), (0, 1, 3), (0, 2, 3), (0, 1, 2, 3))
        if route not in routes
    }
    if got - expected and got - expected <= through_none:
        return "`none` was left out of a path. It breaks the path: nothing gets through, so there is no such sequence."
    missing = [route for route, sequence in routes.items() if sequence not in got]
    if missing and not got - expected:
        return f"A path is missing: {'-'.join(map(str, missing[0]))}."
    mirrored = {_SEQUENCES[len(_SEQUENCES) - 1 - place] for place, s in enumerate(_SEQUENCES) if s in expected}
    if got == mirrored:
        return "The numbers are in the opposite order: that of `SEQUENCES` is asked for."
    return (
        "A path goes from node 0 to node 3 along edges that meet; its sequence is what lies on these edges, in order."
    )


def _written(sequences: Iterable[Sequence]) -> str:
    return "; ".join(" -> ".join(s) for s in sorted(sequences, key=_SEQUENCES.index)) or "no sequence at all"


def _does_not_see_dead_edges(encode: Encode, cell: Cell) -> Finding | None:
    """Where nothing arrives, or nothing goes on to the output, the operation does not matter."""
    live = cell.live_edges
    cleared = Cell(tuple(live.get(edge, "none") for edge in EDGES))
    for one in (cleared, cell):
        problem = _has_the_right_sequences(encode, one)
        if problem is not None:
            return Finding(problem.got, problem.expected, problem.cause, _case(one).text)
    return None


def _random_cases(rng: random.Random) -> list[Case]:
    return [_case(_SPACE.sample(rng)) for _ in range(300)]


def _explain(error: Exception) -> str | None:
    if isinstance(error, (ValueError, KeyError)) and "none" in str(error):
        return "A path with a `none` on it is no path: nothing gets through. Leave it out before you look it up."
    if isinstance(error, KeyError) and isinstance(error.args[0], tuple):
        return f"The cell has no edge {error.args[0]}: edges go from a smaller node to a larger one, {EDGES}."
    return None


check_path_encoding = Check(
    task="02.1",
    function="path_encoding",
    stages=(
        Stage(
            "shape",
            "one zero or one for each of the 84 sequences",
            (_case(_only((0, 3))), _case(Cell(("skip_connect",) * 6))),
            _returns_zeros_and_ones,
        ),
        Stage(
            "by hand",
            "cells with one path, and the cell of the lecture with two",
            (
                _case(_only((0, 3))),
                _case(_only((0, 1), (1, 3))),
                _case(_only((0, 2), (2, 3))),
                _case(_only((0, 1), (1, 2), (2, 3))),
                _case(_BY_HAND),
            ),
            _has_the_right_sequences,
        ),
        Stage(
            "property",
            "`none` breaks a path, and dead edges leave no trace",
            (
                _case(_only((0, 1), (1, 2))),
                _case(_only((1, 2), (2, 3))),
                _case(_only((0, 1), (0, 3), (2, 3))),
                _case(Cell(("none",) * 6)),
            ),
            _does_not_see_dead_edges,
        ),
        Stage(
            "oracle",
            "the same as trying every set of inner nodes as a route",
            _random_cases,
            _has_the_right_sequences,
        ),
    ),
    hints=(
        "There are four ways from node 0 to node 3: 0-3, 0-1-3, 0-2-3 and 0-1-2-3. What is the sequence of each?",
        "`edges = cell.edges` is a dictionary: `edges[0, 1], edges[1, 3]` is the sequence of one way. Which ways do "
        "you leave out, and why?",
        "`ways = [[(0, 3)], [(0, 1), (1, 3)], ...]`, then `found = {tuple(cell.edges[edge] for edge in way) for way in "
        "ways}`, then `return [int(sequence in found) for sequence in SEQUENCES]`: `none` is in no sequence there.",
    ),
    explain=_explain,
)
