"""Small sums that several checks need, where an answer is a list of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
