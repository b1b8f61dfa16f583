"""What a proxy may answer besides a plain number: that it has no value, or the mean of several random draws."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


class DegenerateError(ValueError):
    """The proxy has no value for this network and batch; the message says why."""


class Flagged(float):
    """Minus infinity with a `reason`: ranked last, and never to be taken for a measurement."""

    reason: str

    def __new__(cls, reason: str) -> Flagged:
        flagged = super().__new__(cls, "-inf")
        flagged.reason = reason
        return flagged

    def __repr__(self) -> str:
        return f"Flagged({self.reason!r})"


class Drawn(float):
    """The mean of `draws`, values of a random proxy, with their standard deviation as `spread`."""

    draws: tuple[float, ...]

    def __new__(cls, draws: Sequence[float]) -> Drawn:
        drawn = super().__new__(cls, statistics.fmean(draws))
        drawn.draws = tuple(draws)
        return drawn

    def __getnewargs__(self) -> tuple[Sequence[float]]:  # type: ignore[override]  # copies are made from the draws
        return (self.draws,)

    @property
    def spread(self) -> float:
        """Standard deviation of one draw; NaN for a single one. The mean is sqrt(number of draws) times as exact."""
        return statistics.stdev(self.draws) if len(self.draws) > 1 else math.nan
