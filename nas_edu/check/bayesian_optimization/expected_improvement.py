"""Task 05.1: `expected_improvement(mean, deviation, best)` of a normal belief, for scores that are maximised."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described

ExpectedImprovement = Callable[[float, float, float], Any]
TOLERANCE = 1e-5
_STEPS = 4000


def improvement_by_summing(mean: float, deviation: float, best: float) -> float:
    """The oracle: the integral of max(0, f - best) over the belief, by the midpoint rule; no formula for it."""
    if deviation == 0:
        return max(0.0, mean - best)
    low, high = max(best, mean - 9 * deviation), mean + 9 * deviation
    if high <= low:
        return 0.0
    belief, step = NormalDist(mean, deviation), (high - low) / _STEPS
    middles = (low + (n + 0.5) * step for n in range(_STEPS))
    return sum((f - best) * belief.pdf(f) * step for f in middles)


def _case(mean: float, deviation: float, best: float) -> Case:
    return Case(f"expected_improvement({mean}, {deviation}, {best})", (mean, deviation, best), size=abs(mean - best))


def _returns_a_number(function: ExpectedImprovement, mean: float, deviation: float, best: float) -> Finding | None:
    got = function(mean, deviation, best)
    if isinstance(got, (int, float)) and not isinstance(got, bool):
        return None
    cause = (
        "`expected_improvement` returns nothing: `return` the number." if got is None else "One number is asked for."
    )
    return Finding(described(got), "a number", cause)


def _agrees(function: ExpectedImprovement, mean: float, deviation: float, best: float) -> Finding | None:
    got, expected = function(mean, deviation, best), improvement_by_summing(mean, deviation, best)
    if abs(got - expected) < TOLERANCE:
        return None
    return Finding(f"{got:.6f}", f"{expected:.6f}", _cause(got, mean, deviation, best))


def _cause(got: float, mean: float, deviation: float, best: float) -> str:
    if deviation > 0:
        z, normal = (mean - best) / deviation, NormalDist()
        gain = (mean - best) * normal.cdf(z)
        causes = {
            "That is expected improvement of something that is minimised. Here a high score is good: mean - best.": (
                (best - mean) * normal.cdf(-z) + deviation * normal.pdf(z)
            ),
            "That is the probability of improvement: it does not ask by how much.": normal.cdf(z),
            "The density phi(z) is there, but its factor `deviation` is missing.": gain + normal.pdf(z),
            "Only the first term is there. What may be won by being unsure, deviation * phi(z), is missing.": gain,
            "z is not divided by the deviation: phi and Phi belong to the *standard* normal distribution.": (
                (mean - best) * normal.cdf(mean - best) + deviation * normal.pdf(mean - best)
            ),
            "That is the improvement of the mean. A mean below the record can still improve on it, by luck.": (
                max(0.0, mean - best)
            ),
        }
        for cause, value in causes.items():
            if abs(got - value) < TOLERANCE:
                return cause
    return "With z = (mean - best) / deviation: (mean - best) * Phi(z) + deviation * phi(z)."


def _certain(function: ExpectedImprovement, mean: float, deviation: float, best: float) -> Finding | None:
    cause = "With deviation 0 nothing is random: the improvement is mean - best where that is positive, else 0."
    try:
        got = function(mean, deviation, best)
    except ZeroDivisionError:
        return Finding("ZeroDivisionError", f"{max(0.0, mean - best):g}", f"{cause} Do not divide by it.")
    if abs(got - max(0.0, mean - best)) < TOLERANCE:
        return None
    return Finding(f"{got:.6f}", f"{max(0.0, mean - best):g}", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    return [
        _case(round(rng.uniform(0, 1), 2), round(rng.uniform(0.02, 0.5), 2), round(rng.uniform(0, 1), 2))
        for _ in range(20)
    ]


check_expected_improvement = Check(
    task="05.1",
    function="expected_improvement",
    stages=(
        Stage("shape", "it is one number", (_case(0.7, 0.1, 0.8),), _returns_a_number),
        Stage(
            "by hand",
            f"at the record itself z = 0, and EI = deviation / sqrt(2 pi) = 0.2 * {1 / math.sqrt(2 * math.pi):.4f}",
            (_case(0.8, 0.2, 0.8),),
            _agrees,
        ),
        Stage(
            "property",
            "without uncertainty it is what it is",
            (_case(0.9, 0.0, 0.8), _case(0.5, 0.0, 0.8)),
            _certain,
        ),
        Stage("oracle", "the same as adding up all improvements, weighted by the belief", _random_cases, _agrees),
    ),
    hints=(
        "z = (mean - best) / deviation says how many deviations the mean lies above the record. First care for the "
        "case that the deviation is 0.",
        "`NormalDist().cdf(z)` is Phi(z), `NormalDist().pdf(z)` is phi(z).",
        "`(mean - best) * normal.cdf(z) + deviation * normal.pdf(z)`; and `max(0.0, mean - best)` if deviation is 0.",
    ),
)
