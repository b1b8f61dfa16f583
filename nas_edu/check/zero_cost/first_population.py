"""Task 11.2: `first_population(pool, proxy, size)`: the best of a pool by proxy, to start evolution with."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described

Scores = tuple[tuple[str, float], ...]  # what the proxy says of each architecture
FirstPopulation = Callable[[list[str], Callable[[str], float], int], Any]


def by_selection(pool: Sequence[str], scores: dict[str, float], size: int) -> list[str]:
    """The oracle, without sorting: the highest of those that are left, again and again; of equals the first drawn."""
    left = list(dict.fromkeys(pool))
    chosen: list[str] = []
    while left and len(chosen) < size:
        best = max(left, key=scores.__getitem__)
        chosen.append(best)
        left.remove(best)
    return chosen


def _case(pool: Sequence[str], scores: Sequence[float], size: int) -> Case:
    known = tuple(zip(dict.fromkeys(pool), scores, strict=True))
    text = f"first_population({list(pool)}, proxy, {size}) with proxy {dict(known)}"
    return Case(text, (tuple(pool), known, size), size=len(pool))


def _call(function: FirstPopulation, pool: Sequence[str], scores: Scores, size: int) -> tuple[Any, list[str]]:
    """What it returns, and for which architectures it asked the proxy, in order."""
    known, asked = dict(scores), []

    def proxy(architecture: str) -> float:
        asked.append(architecture)
        return known[architecture]

    return function(list(pool), proxy, size), asked


def _is_list(function: FirstPopulation, pool: Sequence[str], scores: Scores, size: int) -> Finding | None:
    got, _ = _call(function, pool, scores, size)
    if isinstance(got, list) and all(one in pool for one in got):
        return None
    if got is None:
        cause = "`first_population` returns nothing: `return` the list."
    else:
        cause = "A list of architectures of the pool is asked for, without their scores."
    return Finding(described(got), "a list of architectures", cause)


def _agrees(function: FirstPopulation, pool: Sequence[str], scores: Scores, size: int) -> Finding | None:
    got, _ = _call(function, pool, scores, size)
    known = dict(scores)
    expected = by_selection(pool, known, size)
    if got == expected:
        return None
    worst = by_selection(pool, {name: -value for name, value in scores}, size)
    if len(set(got)) < len(got):
        cause = "An architecture is in it twice: one that was drawn twice counts once."
    elif len(got) > size:
        cause = "These are too many: only the best `size` of them are asked for."
    elif got == worst:
        cause = "These are the lowest by proxy. Higher is better."
    elif got == list(dict.fromkeys(pool))[:size]:
        cause = "These are the first of the pool, in the order in which they were drawn. Rank them by the proxy."
    elif sorted(got) == sorted(expected):
        cause = "The right ones, in another order: the best comes first, and of equals the one that was drawn first."
    else:
        cause = "Sort the distinct architectures by proxy, the highest first, and take the first `size` of them."
    return Finding(str(got), str(expected), cause)


def _asks_once(function: FirstPopulation, pool: Sequence[str], scores: Scores, size: int) -> Finding | None:
    _, asked = _call(function, pool, scores, size)
    if sorted(asked) == sorted(set(pool)):
        return None
    cause = "A proxy costs little, not nothing: ask it once for each distinct architecture of the pool."
    return Finding(f"the proxy was asked for {asked}", f"each of {sorted(set(pool))} once", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        pool = [rng.choice("abcdefgh") for _ in range(rng.randint(1, 8))]
        distinct = len(set(pool))
        scores = [rng.choice([1.0, 2.0, 3.0, 4.0, -math.inf]) for _ in range(distinct)]
        cases.append(_case(pool, scores, rng.randint(1, distinct)))
    return cases


check_first_population = Check(
    task="11.2",
    function="first_population",
    stages=(
        Stage("shape", "a list of architectures", (_case(("a", "b"), (1.0, 2.0), 1),), _is_list),
        Stage("by hand", "the two best of four", (_case(("a", "b", "c", "d"), (3.0, 1.0, 9.0, 2.0), 2),), _agrees),
        Stage("by hand", "one was drawn twice", (_case(("a", "b", "a", "c"), (3.0, 1.0, 2.0), 2),), _agrees),
        Stage("property", "the proxy is asked once for each architecture", _random_cases, _asks_once),
        Stage("oracle", "the same as taking the best again and again", _random_cases, _agrees),
    ),
    hints=(
        "Two steps: drop what was drawn before (`dict.fromkeys(pool)` keeps the order), then sort.",
        "`sorted(..., key=proxy, reverse=True)` asks the proxy once for each, and leaves equals in their order.",
        "`return sorted(dict.fromkeys(pool), key=proxy, reverse=True)[:size]`.",
    ),
)
