"""Task 11.1: `sum_of_ranks(proxies)`: several proxies as one score, by the mean of ranks."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import close, rounded
from nas_edu.search_strategies.proxy_ranking import rank_sum

Rows = tuple[tuple[float, ...], ...]
SumOfRanks = Callable[[list[list[float]]], Any]


def means_of_ranks(proxies: Rows) -> list[float]:
    """The oracle: the library's `rank_sum`, which divides ranks by N, so times N."""
    means: list[float] = (rank_sum(np.array(proxies)) * len(proxies[0])).tolist()
    return means


def _case(proxies: Sequence[Sequence[float]]) -> Case:
    frozen = tuple(tuple(row) for row in proxies)
    return Case(f"sum_of_ranks({[list(row) for row in frozen]})", (frozen,), size=len(frozen) * len(frozen[0]))


def _call(function: SumOfRanks, proxies: Rows) -> Any:
    return function([list(row) for row in proxies])


def _is_list(function: SumOfRanks, proxies: Rows) -> Finding | None:
    got, count = _call(function, proxies), len(proxies[0])
    if isinstance(got, list) and len(got) == count and all(isinstance(x, (int, float)) for x in got):
        return None
    if got is None:
        cause = "`sum_of_ranks` returns nothing: `return` the list."
    elif isinstance(got, list) and len(got) == len(proxies):
        cause = "That is one number for each proxy. One for each architecture is asked for."
    else:
        cause = "A list of numbers is asked for, one for each architecture."
    return Finding(described(got), f"a list of {count} numbers", cause)


def _agrees(function: SumOfRanks, proxies: Rows) -> Finding | None:
    got, expected = _call(function, proxies), means_of_ranks(proxies)
    if close(got, expected):
        return None
    count = len(proxies[0])
    if close(got, [count + 1 - value for value in expected]):
        cause = "The best has rank 1 here. The highest value should get the highest rank, so that higher is better."
    elif close(got, [value - 1 for value in expected]):
        cause = "Ranks begin at 0 here. The lowest has rank 1."
    elif close(got, [value * len(proxies) for value in expected]) and len(proxies) > 1:
        cause = "That is the sum: divide by the number of proxies, for the mean."
    elif close(got, [sum(column) / len(column) for column in zip(*proxies, strict=True)]):
        cause = "These are means of the values, so the proxy with the largest numbers decides alone. Rank first."
    else:
        cause = "For each proxy: how many architectures have a lower value, plus 1. Then the mean over the proxies."
    return Finding(rounded(got), rounded(expected), cause)


def _scale_free(function: SumOfRanks, proxies: Rows) -> Finding | None:
    scaled = (tuple(1000 * x for x in proxies[0]), *proxies[1:])
    got, again = _call(function, proxies), _call(function, scaled)
    if close(got, again):
        return None
    cause = "The first proxy was multiplied by 1000, which changes no rank. So nothing may change."
    return Finding(f"{rounded(got)}, then {rounded(again)}", "the same numbers", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    """Without equal values, which the task leaves out."""
    sizes = [(rng.randint(1, 4), rng.randint(2, 6)) for _ in range(30)]
    return [_case([rng.sample(range(1, 50), count) for _ in range(proxies)]) for proxies, count in sizes]


check_sum_of_ranks = Check(
    task="11.1",
    function="sum_of_ranks",
    stages=(
        Stage("shape", "one number for each architecture", (_case(((5, 7, 6), (0.1, 0.3, 0.2))),), _is_list),
        Stage("by hand", "one proxy of three architectures", (_case(((50, 70, 60),)),), _agrees),
        Stage("by hand", "two proxies of three architectures", (_case(((50, 70, 60), (3, 1, 2))),), _agrees),
        Stage("property", "the scale of a proxy does not matter", _random_cases, _scale_free),
        Stage("oracle", "the same as the library's rank_sum", _random_cases, _agrees),
    ),
    hints=(
        "The rank of a value in its row is 1 plus the number of lower values in the row.",
        "First make the ranks of each row; then, for each architecture, take the mean down its column.",
        "`ranks = [[1 + sum(other < x for other in row) for x in row] for row in proxies]`; then "
        "`[sum(column) / len(column) for column in zip(*ranks)]`.",
    ),
)
