"""How checks compare: lists of numbers, counts with probabilities, and whether a function draws from its `rng` only."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from nas_edu.check.base import Finding

Outcome = TypeVar("Outcome", bound=Hashable)
Numbers = Sequence[float]
TOLERANCE = 1e-6  # between a right answer and an oracle that takes small differences


def softmax(logits: Numbers) -> list[float]:
    """exp(logit) over the sum of them all; the highest logit is subtracted first, so that nothing overflows."""
    powers = [math.exp(logit - max(logits)) for logit in logits]
    return [power / sum(powers) for power in powers]


def dot(one: Numbers, other: Numbers) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def close(one: Numbers, other: Numbers) -> bool:
    """Whether all entries agree. Raises ValueError for lists of different length."""
    return all(abs(a - b) < TOLERANCE for a, b in zip(one, other, strict=True))


def rounded(values: Numbers) -> str:
    """The list as a student should see it; 0.0 is added because -0.0 would puzzle."""
    return str([round(float(value), 4) + 0.0 for value in values])


def chance(counts: Mapping[Outcome, int], probabilities: Mapping[Outcome, float]) -> float:
    """How likely counts as far off as these are, if each outcome really has the probability given.

    Pearson's chi-squared test: sum over outcomes of (count - n p)^2 / (n p), with (outcomes - 1) degrees of freedom.
    Needs n p of about 5 or more. An outcome that came up although its probability is zero or missing: 0.
    """
    from scipy.special import gammaincc

    if any(count and not probabilities.get(outcome) for outcome, count in counts.items()):
        return 0.0
    total = sum(counts.values())
    expected = {outcome: total * p for outcome, p in probabilities.items() if p > 0}
    if len(expected) < 2:
        return 1.0
    statistic = sum((counts.get(outcome, 0) - n) ** 2 / n for outcome, n in expected.items())
    return float(gammaincc((len(expected) - 1) / 2, statistic / 2))


def draws_from_rng_only(draw: Callable[[random.Random], Hashable], seeds: int = 30) -> Finding | None:
    """Call `draw(random.Random(seed))` twice a seed, with the global generators set differently in between.

    The same seed must give the same result, some seeds different ones, and the global generators must not move.
    Whatever the function does to the global generators is undone afterwards.
    """
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        first = [draw(random.Random(seed)) for seed in range(seeds)]
        touched = [
            name
            for name, moved in (
                ("random", random.getstate() != state),
                ("numpy.random", _differ(np.random.get_state(), numpy_state)),
            )
            if moved
        ]
        random.seed(4711)
        np.random.seed(4711)
        second = [draw(random.Random(seed)) for seed in range(seeds)]
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
    if touched:
        cause = (
            f"It draws from the global generator of the module `{touched[0]}`, which nobody here seeded. "
            "Draw from `rng` only: the same seed, the same search."
        )
        return Finding(f"the state of `{touched[0]}` was changed", "only `rng` is drawn from", cause)
    for seed, (a, b) in enumerate(zip(first, second, strict=True)):
        if a != b:
            cause = "The result depends on something besides its arguments: draw from `rng` and from nothing else."
            return Finding(f"{a}\nand then, with the same seed {seed}, {b}", "the same result for the same seed", cause)
    if len(set(first)) == 1:
        cause = "`rng` is not used, or a generator made inside with a fixed seed takes its place."
        return Finding(f"{first[0]}\nfor each of {seeds} seeds", "different results for different seeds", cause)
    return None


def _differ(before: Any, after: Any) -> bool:
    """Two states of numpy's global generator: the numbers in store, and how many of these are used up."""
    return not np.array_equal(before[1], after[1]) or before[2:] != after[2:]
