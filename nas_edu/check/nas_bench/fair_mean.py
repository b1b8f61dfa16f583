"""Task 12.1: `fair_mean(samples, sizes)`: what the mean over all would be, from a sample drawn by strata."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import close

Samples = tuple[tuple[float, ...], ...]  # what was measured, stratum by stratum
Sizes = tuple[int, ...]
FairMean = Callable[[list[list[float]], list[int]], Any]


def by_copying(samples: Samples, sizes: Sizes) -> float:
    """The oracle: fill each stratum to its size with copies of what was measured there, and take the plain mean."""
    times = math.lcm(*(len(sample) for sample in samples))  # so that every value is copied equally often
    everyone = [
        value
        for sample, size in zip(samples, sizes, strict=True)
        for value in sample
        for _ in range(size * times // len(sample))
    ]
    return sum(everyone) / len(everyone)


def _case(samples: Sequence[Sequence[float]], sizes: Sequence[int]) -> Case:
    frozen = tuple(tuple(sample) for sample in samples)
    text = f"fair_mean({[list(sample) for sample in frozen]}, {list(sizes)})"
    return Case(text, (frozen, tuple(sizes)), size=sum(map(len, frozen)))


def _call(function: FairMean, samples: Samples, sizes: Sizes) -> Any:
    return function([list(sample) for sample in samples], list(sizes))


def _is_number(function: FairMean, samples: Samples, sizes: Sizes) -> Finding | None:
    got = _call(function, samples, sizes)
    if isinstance(got, (int, float)):
        return None
    if got is None:
        cause = "`fair_mean` returns nothing: `return` the number."
    elif isinstance(got, (list, tuple)) and len(got) == len(samples):
        cause = "That is one number for each stratum. One for all of them together is asked for."
    else:
        cause = "A single number is asked for."
    return Finding(described(got), "a number", cause)


def _agrees(function: FairMean, samples: Samples, sizes: Sizes) -> Finding | None:
    got, expected = _call(function, samples, sizes), by_copying(samples, sizes)
    if close([got], [expected]):
        return None
    means = [sum(sample) / len(sample) for sample in samples]
    pooled = [value for sample in samples for value in sample]
    if close([got], [sum(pooled) / len(pooled)]):
        cause = (
            "That is the mean of what was measured: a stratum of which more was measured counts more than it should."
        )
    elif close([got], [sum(means) / len(means)]):
        cause = "That is the mean of the strata's means: each counts the same here, however many it stands for."
    elif close([got], [expected * sum(sizes)]):
        cause = "Divide by the number of all, `sum(sizes)`."
    elif close([got], [expected * sum(sizes) / len(pooled)]):
        cause = "Divided by the number that was measured. The sum stands for all of them: divide by `sum(sizes)`."
    else:
        cause = "The mean of a stratum stands for each of its `size` members: add up size times mean, divide by all."
    return Finding(f"{got:.6g}", f"{expected:.6g}", cause)


def _measured_twice(function: FairMean, samples: Samples, sizes: Sizes) -> Finding | None:
    again = (samples[0] * 3, *samples[1:])
    once, thrice = _call(function, samples, sizes), _call(function, again, sizes)
    if close([once], [thrice]):
        return None
    cause = "In the first stratum each value was put in three times. That tells nothing new, so nothing may change."
    return Finding(f"{once:.6g}, then {thrice:.6g}", "the same number", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        samples = [[rng.randint(0, 20) / 2 for _ in range(rng.randint(1, 4))] for _ in range(rng.randint(1, 4))]
        cases.append(_case(samples, [len(sample) + rng.randint(0, 9) for sample in samples]))
    return cases


check_fair_mean = Check(
    task="12.1",
    function="fair_mean",
    stages=(
        Stage("shape", "one number", (_case(((1.0, 3.0), (5.0,)), (2, 6)),), _is_number),
        Stage("by hand", "one stratum: its mean", (_case(((1.0, 3.0),), (10,)),), _agrees),
        Stage(
            "by hand", "4 of which two were measured, 12 of which one was", (_case(((1, 3), (6,)), (4, 12)),), _agrees
        ),
        Stage("property", "measuring the same again changes nothing", _random_cases, _measured_twice),
        Stage("oracle", "the same as filling each stratum with copies", _random_cases, _agrees),
    ),
    hints=(
        "The mean of what was measured in a stratum is the best guess for each of its members, measured or not.",
        "So a stratum adds `size * mean` to the sum over all, and there are `sum(sizes)` in all.",
        "`sum(n * sum(sample) / len(sample) for sample, n in zip(samples, sizes)) / sum(sizes)`.",
    ),
)
