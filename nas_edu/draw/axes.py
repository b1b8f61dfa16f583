"""From data to pixels: round tick values, their labels, and the linear map in between."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from nas_edu.draw.marks import Axis

LARGEST, SMALLEST = 1e100, 1e-100  # beyond these, differences and their inverses would overflow


@dataclass(frozen=True)
class Ticks:
    """Ticks in ascending order; the first and the last are the ends of the axis, at pixels `start` and `stop`."""

    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    start: float
    stop: float

    @property
    def linear(self) -> tuple[float, float]:
        """The map from values to pixels: a and b in a + b * value."""
        b = (self.stop - self.start) / (self.ticks[-1] - self.ticks[0])
        return self.start - b * self.ticks[0], b


def ticks_for(axis: Axis, values: Iterable[float], start: float, stop: float, count: int = 5) -> Ticks:
    """About `count` round ticks that cover the finite `values` and the axis's own limits."""
    limits = [limit for limit in (axis.low, axis.high) if limit is not None]
    covered = list(filter(math.isfinite, chain(values, limits))) or [0.0, 1.0]
    low, high = (max(-LARGEST, min(end, LARGEST)) for end in (min(covered), max(covered)))
    if high - low <= max(1e-9 * max(abs(low), abs(high)), SMALLEST):  # one value only: show it in the middle
        margin = abs(low) / 10 if abs(low) > SMALLEST else 1.0
        low, high = low - margin, high + margin
    step = round_step((high - low) / count)
    if axis.whole_numbers:
        step = max(step, 1.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    ticks = tuple(step * i for i in range(first, last + 1))
    return Ticks(ticks, tuple(_label(tick, step) for tick in ticks), start, stop)


def round_step(size: float) -> float:
    """The smallest of ..., 0.1, 0.2, 0.5, 1, 2, 5, 10, ... that is not below `size`."""
    exponent = math.floor(math.log10(size))
    for factor in (1, 2, 5):
        step = factor * 10.0**exponent
        if step >= size * (1 - 1e-9):
            return step
    return 10.0 ** (exponent + 1)


def _label(tick: float, step: float) -> str:
    if step >= 1e5 or step < 1e-4:
        return f"{tick:.3g}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{tick:.{decimals}f}"
