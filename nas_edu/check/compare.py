"""Compare what came out with what should have: arrays element by element, counts with probabilities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

Outcome = TypeVar("Outcome", bound=Hashable)


def array_difference(got: Any, expected: Any, *, atol: float = 1e-6, rtol: float = 1e-5) -> str | None:
    """In words, the first difference between two arrays or tensors; None if there is none.

    Type, shape and dtype come before values: `numpy.allclose` broadcasts, so it calls (4,) and (4, 1) equal. Values
    agree where |got - expected| <= atol + rtol |expected|; NaN agrees with NaN only.
    """
    import numpy as np

    if type(got) is not type(expected):
        return f"a {type(got).__name__}, not a {type(expected).__name__}"
    if tuple(got.shape) != tuple(expected.shape):
        return f"shape {tuple(got.shape)}, not {tuple(expected.shape)}"
    if got.dtype != expected.dtype:
        return f"dtype {got.dtype}, not {expected.dtype}"
    got, expected = (np.asarray(x.detach().cpu() if hasattr(x, "detach") else x) for x in (got, expected))
    wrong = ~np.isclose(got, expected, atol=atol, rtol=rtol, equal_nan=True)
    if not wrong.any():
        return None
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"[{', '.join(map(str, where))}]" if where else ""
    return f"{wrong.sum()} of {wrong.size} values differ; the first: {place} is {got[where]}, not {expected[where]}"


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
