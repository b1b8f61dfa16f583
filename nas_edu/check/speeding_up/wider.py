"""Task 6.2: `wider(incoming, outgoing, copied)`: Net2WiderNet for one hidden layer, in plain lists."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import close, dot, rounded

Rows = tuple[tuple[float, ...], ...]
Wider = Callable[[list[list[float]], list[list[float]], list[int]], Any]
_INPUTS = ((1.0, -0.5), (0.3, 2.0), (-1.0, 1.0))  # the function is compared here


def outputs(
    incoming: Sequence[Sequence[float]], outgoing: Sequence[Sequence[float]], x: Sequence[float]
) -> list[float]:
    """The oracle: run both networks. y = outgoing ReLU(incoming x)."""
    hidden = [max(0.0, dot(row, x)) for row in incoming]
    return [dot(row, hidden) for row in outgoing]


def _case(incoming: Sequence[Sequence[float]], outgoing: Sequence[Sequence[float]], copied: Sequence[int]) -> Case:
    rows = [tuple(tuple(row) for row in matrix) for matrix in (incoming, outgoing)]
    lists = ", ".join(str([list(row) for row in matrix]) for matrix in rows)
    return Case(f"wider({lists}, {list(copied)})", (*rows, tuple(copied)), size=len(copied) + len(outgoing))


def _call(function: Wider, incoming: Rows, outgoing: Rows, copied: tuple[int, ...]) -> Any:
    return function([list(row) for row in incoming], [list(row) for row in outgoing], list(copied))


def _is_wider(function: Wider, incoming: Rows, outgoing: Rows, copied: tuple[int, ...]) -> Finding | None:
    got = _call(function, incoming, outgoing, copied)
    units = len(copied)
    expected = f"two lists: {units} rows coming in, and {len(outgoing)} rows of {units} weights going out"
    if got is None:
        return Finding(described(got), expected, "`wider` returns nothing: `return` both lists of rows.")
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        return Finding(described(got), expected, "Two lists are asked for: `return incoming, outgoing`.")
    if len(got[0]) != units:
        return Finding(described(got[0]), expected, "One row of incoming weights is needed for each entry of `copied`.")
    if len(got[1]) != len(outgoing) or any(len(row) != units for row in got[1]):
        cause = "A row of outgoing weights belongs to an output, and needs one weight for each unit of the wider layer."
        return Finding(described(got[1]), expected, cause)
    return None


def _copies(function: Wider, incoming: Rows, outgoing: Rows, copied: tuple[int, ...]) -> Finding | None:
    got = [list(row) for row in _call(function, incoming, outgoing, copied)[0]]
    expected = [list(incoming[unit]) for unit in copied]
    if all(close(a, b) for a, b in zip(got, expected, strict=True)):
        return None
    if any(any(row) is False for row in got):
        cause = "New units with weights of zero compute nothing, and never will. A new unit is a copy of an old one."
    else:
        cause = "What comes into unit j is what comes into unit copied[j] of the old layer, as it is, not divided."
    return Finding(str([rounded(row) for row in got]), str([rounded(row) for row in expected]), cause)


def _same_function(function: Wider, incoming: Rows, outgoing: Rows, copied: tuple[int, ...]) -> Finding | None:
    wide_in, wide_out = _call(function, incoming, outgoing, copied)
    for x in _INPUTS:
        got, expected = outputs(wide_in, wide_out, x), outputs(incoming, outgoing, x)
        if close(got, expected):
            continue
        undivided = [[row[unit] for unit in copied] for row in outgoing]
        factor = len(copied) / len(incoming)
        halved = [[row[unit] / 2 for unit in copied] for row in outgoing]
        averaged = [[row[unit] / factor for unit in copied] for row in outgoing]
        if _alike(wide_out, undivided):
            cause = (
                "A unit that is there twice is now counted twice. Divide its outgoing weights by its number of copies."
            )
        elif _alike(wide_out, halved):
            cause = "All are divided by 2; but a unit may be there once, or three times: count its copies."
        elif _alike(wide_out, averaged):
            cause = "All are divided by the same number. Each unit has its own number of copies: copied.count(unit)."
        else:
            cause = "The copies of a unit must share its outgoing weight: w / copied.count(unit) for each of them."
        return Finding(f"outputs {rounded(got)} for x = {list(x)}", rounded(expected), cause)
    return None


def _alike(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> bool:
    return all(close(a, b) for a, b in zip(one, other, strict=True))


def _leaves_the_parent(function: Wider, incoming: Rows, outgoing: Rows, copied: tuple[int, ...]) -> Finding | None:
    mine = [list(row) for row in incoming], [list(row) for row in outgoing], list(copied)
    function(*mine)
    after = tuple(tuple(row) for row in mine[0]), tuple(tuple(row) for row in mine[1])
    if after == (incoming, outgoing):
        return None
    cause = "The lists of the old network were changed. Make new ones: the parent may have other children."
    return Finding(f"{mine[0]} and {mine[1]} afterwards", "the lists as they were", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        units, out = rng.randint(1, 3), rng.randint(1, 2)
        copied = [*range(units), *(rng.randrange(units) for _ in range(rng.randint(1, 4)))]
        incoming, outgoing = (
            [[rng.randint(-9, 9) or 1 for _ in range(n)] for _ in range(m)] for m, n in ((units, 2), (out, units))
        )
        cases.append(_case(incoming, outgoing, copied))
    return cases


_BY_HAND = _case([[1, 2], [3, -1]], [[4, 5]], [0, 1, 1])

check_wider = Check(
    task="06.2",
    function="wider",
    stages=(
        Stage("shape", "two lists of the right size", (_BY_HAND,), _is_wider),
        Stage("by hand", "the new unit is a copy", (_BY_HAND,), _copies),
        Stage("by hand", "the function stays: one unit twice", (_BY_HAND,), _same_function),
        Stage("by hand", "one unit three times", (_case([[1, 2], [3, -1]], [[4, 6]], [0, 1, 1, 1]),), _same_function),
        Stage("property", "the old network stays as it is", _random_cases, _leaves_the_parent),
        Stage("oracle", "both networks give the same outputs", _random_cases, _same_function),
    ),
    hints=(
        "Coming in: row j of the wider layer is row copied[j] of the old one.",
        "Going out: each output reads the sum over the copies, so they must share the old weight evenly.",
        "`[[row[unit] / copied.count(unit) for unit in copied] for row in outgoing]`.",
    ),
)
