"""Task 12.2: `expected_best(values, draws)`: what random search finds on average, exactly, from a complete table."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import close

Values = tuple[float, ...]
ExpectedBest = Callable[[list[float], int], Any]


def by_enumeration(values: Values, draws: int) -> float:
    """The oracle: every course that the draws can take is as likely; the mean of the highest value of each."""
    courses = list(itertools.product(values, repeat=draws))
    return sum(map(max, courses)) / len(courses)


def _without_replacement(values: Values, draws: int) -> float:
    courses = list(itertools.combinations(values, min(draws, len(values))))
    return sum(map(max, courses)) / len(courses)


def _case(values: Sequence[float], draws: int) -> Case:
    return Case(f"expected_best({list(values)}, {draws})", (tuple(values), draws), size=len(values) ** draws)


def _is_number(function: ExpectedBest, values: Values, draws: int) -> Finding | None:
    got = function(list(values), draws)
    if isinstance(got, (int, float)):
        return None
    cause = "`expected_best` returns nothing: `return` the number." if got is None else "A single number is asked for."
    return Finding(described(got), "a number", cause)


def _agrees(function: ExpectedBest, values: Values, draws: int) -> Finding | None:
    got, expected = function(list(values), draws), by_enumeration(values, draws)
    if close([got], [expected]):
        return None
    distinct = tuple(set(values))
    if close([got], [max(values)]):
        cause = "That is the best of all values. With few draws one may miss it."
    elif close([got], [sum(values) / len(values)]):
        cause = "That is the mean of one draw. The best of several is better."
    elif close([got], [by_enumeration(tuple(-value for value in values), draws) * -1]):
        cause = "That is the lowest of the draws. Higher is better."
    elif close([got], [_without_replacement(values, draws)]):
        cause = "Nothing is drawn twice here. Random search may draw the same architecture again."
    elif len(distinct) < len(values) and close([got], [by_enumeration(distinct, draws)]):
        cause = "Equal values count once here. Two architectures with equal values are two that can be drawn."
    elif close([got], [min(values) + (max(values) - min(values)) * (1 - (1 - 1 / len(values)) ** draws)]):
        cause = "Either the best or the worst is too simple: there are values in between."
    else:
        cause = (
            "All draws are among the k lowest of N with probability (k / N) ** draws. And the k-th is the best of them?"
        )
    return Finding(f"{got:.6g}", f"{expected:.6g}", cause)


def _more_is_better(function: ExpectedBest, values: Values, draws: int) -> Finding | None:
    here, more = function(list(values), draws), function(list(values), draws + 1)
    if here <= more + 1e-9 and more <= max(values) + 1e-9:
        return None
    cause = "One more draw cannot lower the best on average, nor can the best be above the highest value."
    return Finding(f"{here:.6g}, with one draw more {more:.6g}", "no less, and at most the highest value", cause)


def _order_does_not_matter(function: ExpectedBest, values: Values, draws: int) -> Finding | None:
    here, turned = function(list(values), draws), function(list(reversed(values)), draws)
    if close([here], [turned]):
        return None
    return Finding(
        f"{here:.6g}, and turned round {turned:.6g}", "the same number", "Values come in any order: sort them."
    )


def _random_cases(rng: random.Random) -> list[Case]:
    return [_case([rng.randint(0, 9) / 10 for _ in range(rng.randint(1, 5))], rng.randint(1, 4)) for _ in range(30)]


check_expected_best = Check(
    task="12.2",
    function="expected_best",
    stages=(
        Stage("shape", "one number", (_case((0.2, 0.8), 2),), _is_number),
        Stage("by hand", "one draw: the mean", (_case((0.2, 0.8), 1),), _agrees),
        Stage("by hand", "two draws of 0, 0 and 1: five of nine courses see the 1", (_case((0, 0, 1), 2),), _agrees),
        Stage("by hand", "two draws of three values", (_case((0.1, 0.4, 0.7), 2),), _agrees),
        Stage("property", "the order of the values does not matter", _random_cases, _order_does_not_matter),
        Stage("property", "a draw more is no worse", _random_cases, _more_is_better),
        Stage("oracle", "the same as going through every course of the draws", _random_cases, _agrees),
    ),
    hints=(
        "Sort the N values, the lowest first. All draws are among the k lowest with probability (k / N) ** draws.",
        "So the best of the draws is the k-th with probability (k / N) ** draws - ((k - 1) / N) ** draws.",
        "With N = len(values): "
        "`sum(x * ((k / N) ** draws - ((k - 1) / N) ** draws) for k, x in enumerate(sorted(values), 1))`.",
    ),
)
