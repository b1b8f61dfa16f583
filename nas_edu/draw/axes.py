"""Lines and points on two axes: round tick values, the linear map from data to pixels, and one path a mark.

A thousand points are formatted by one operation, since a frame must not cost more than a few milliseconds. And where
a mark has only grown since the last frame, only its new points are formatted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from nas_edu.draw.marks import Axis, Lines, Point, Scatter
from nas_edu.draw.picture import HEIGHT, WIDTH, Element, Picture, colour, text_width

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


def line_path(mark: Lines, x: Ticks, y: Ticks) -> tuple[str, dict[str, Any]]:
    """The path data of all polylines, and their style. Points that are not finite are left out."""
    parts = []
    for number, path in enumerate(mark.paths):
        points = [point for point in path if math.isfinite(point[1])]
        if points:
            drawn = _drawn(mark.colour, mark.width, f"line {number}", x, y)
            before, data = drawn[0]
            *fixed, last = points  # the last point of a thinned line is another one in the next frame
            if fixed[: len(before)] == before:
                data += _vertices(fixed[len(before) :], x, y)
            else:
                data = _vertices(fixed, x, y)
            drawn[0] = fixed, data
            parts.append("M" + (data + _vertices([last], x, y))[1:])
    style: dict[str, Any] = {"stroke_width": mark.width, "stroke_linejoin": "round"}
    if mark.dashes:
        style["stroke_dasharray"] = " ".join(f"{length:g}" for length in mark.dashes)
    return "".join(parts), style


def point_path(mark: Scatter, x: Ticks, y: Ticks) -> tuple[str, dict[str, Any]]:
    """The path data of all points, and their style. Points at y = -inf lie on the lower edge."""
    size, half = mark.size, mark.size / 2
    if mark.shape == "dot":  # a line of no length with round ends: 13 bytes, and as cheap to paint
        shape, style = "h0", {"stroke_width": size, "stroke_linecap": "round"}
    elif mark.shape == "cross":
        shape = f"m{-half:g} {-half:g}l{size:g} {size:g}m{-size:g} 0l{size:g} {-size:g}"
        style = {"stroke_width": 2.5}
    else:
        shape, style = f"m{-half:g} 0" + _circle(half), {"stroke_width": 3}
    drawn = _drawn(mark.colour, mark.size, shape, x, y)
    points = list(mark.points)  # a copy: the view may let its list grow
    before, data = drawn[0]
    if points[: len(before)] == before:
        data += _shapes(shape, points[len(before) :], x, y)
    else:
        data = _shapes(shape, points, x, y)
    drawn[0] = points, data
    return data, style


@lru_cache(maxsize=256)
def _drawn(colour: str, size: float, shape: str, x: Ticks, y: Ticks) -> list[tuple[list[Point], str]]:
    """Where the last points of this look, and their path data, are kept: one pair, replaced at once."""
    return [([], "")]


def _vertices(points: Sequence[Point], x: Ticks, y: Ticks) -> str:
    return "L%.1f %.1f" * len(points) % tuple(chain.from_iterable(_pixels(points, x, y)))


def _shapes(shape: str, points: Sequence[Point], x: Ticks, y: Ticks) -> str:
    floor = y.ticks[0]
    pixels = _pixels([(px, py if math.isfinite(py) else floor) for px, py in points], x, y)
    return ("M%.1f %.1f" + shape) * len(pixels) % tuple(chain.from_iterable(pixels))


def _pixels(points: Sequence[Point], x: Ticks, y: Ticks) -> list[Point]:
    (ax, bx), (ay, by) = x.linear, y.linear
    return [(ax + bx * px, ay + by * py) for px, py in points]


def _circle(radius: float) -> str:
    """Four cubics from the leftmost point around to it."""
    r, k = radius, 0.5523 * radius  # with handles of this length, cubics come closest to a circle
    quarters = (
        (0, k, r - k, r, r, r),
        (k, 0, r, k - r, r, -r),
        (0, -k, k - r, -r, -r, -r),
        (-k, 0, -r, r - k, -r, r),
    )
    return "".join("c" + " ".join(f"{length:.1f}" for length in quarter) for quarter in quarters)


LEGEND_TOP = 62
LEAST_HIT = 9  # pixels: the radius in which a click meets a point, however small it is drawn
LOWER_EDGE, RIGHT_EDGE = HEIGHT - 48, WIDTH - 26


def lay_out_plot(marks: Sequence[Lines | Scatter], x_axis: Axis, y_axis: Axis, picture: Picture) -> None:
    entries = [mark for mark in marks if mark.label]
    top = LEGEND_TOP + 22 * _legend(entries, picture) if entries else LEGEND_TOP
    paths = [path for mark in marks for path in (mark.paths if isinstance(mark, Lines) else [mark.points])]
    y = ticks_for(y_axis, [point[1] for path in paths for point in path], LOWER_EDGE, top)
    left = 36 + max(text_width(label) for label in y.labels)
    x = ticks_for(x_axis, [point[0] for path in paths for point in path], left, RIGHT_EDGE)
    picture.elements |= _axes(x, y, x_axis.title, y_axis.title)
    for i, mark in enumerate(marks):
        _add(f"mark {i}", mark, x, y, picture)
    for mark in marks:
        if isinstance(mark, Scatter) and mark.keys:
            _add_hits(mark, x, y, picture)


def _add_hits(mark: Scatter, x: Ticks, y: Ticks, picture: Picture) -> None:
    (ax, bx), (ay, by) = x.linear, y.linear
    for (px, py), key in zip(mark.points, mark.keys, strict=True):
        if key:
            height = ay + by * (py if math.isfinite(py) else y.ticks[0])
            picture.hit(key, key, "circle", cx=ax + bx * px, cy=height, r=max(mark.size / 2 + 3, LEAST_HIT))


def _add(key: str, mark: Lines | Scatter, x: Ticks, y: Ticks, picture: Picture) -> None:
    data, style = line_path(mark, x, y) if isinstance(mark, Lines) else point_path(mark, x, y)
    picture.add(key, "path", d=data, fill="none", stroke=colour(mark.colour), **style)


@lru_cache(maxsize=64)  # axes stay the same for many frames
def _axes(x: Ticks, y: Ticks, x_title: str, y_title: str) -> dict[str, Element]:
    axes = Picture("")
    (ax, bx), (ay, by) = x.linear, y.linear
    grid = "".join(f"M{x.start:.1f} {ay + by * tick:.1f}H{x.stop:.1f}" for tick in y.ticks)
    axes.add("grid", "path", d=grid, stroke=colour("grid"), stroke_width=1)
    for i, (tick, label) in enumerate(zip(y.ticks, y.labels, strict=True)):
        axes.write(f"y tick {i}", x.start - 8, ay + by * tick + 5, label, text_anchor="end")
    for i, (tick, label) in enumerate(zip(x.ticks, x.labels, strict=True)):
        axes.write(f"x tick {i}", ax + bx * tick, y.start + 20, label, text_anchor="middle")
    muted: dict[str, Any] = {"fill": colour("muted"), "text_anchor": "middle"}
    axes.write("x title", (x.start + x.stop) / 2, y.start + 40, x_title, **muted)
    middle = (y.start + y.stop) / 2
    axes.write("y title", 18, middle, y_title, transform=f"rotate(-90 18 {middle:.1f})", **muted)
    return axes.elements


def _legend(entries: Sequence[Lines | Scatter], picture: Picture) -> int:
    """A sample and a name for each mark with a label, in as many rows as they need."""
    x, row = 10.0, 0
    for i, mark in enumerate(entries):
        length = 26 if isinstance(mark, Lines) else 16
        width = length + 6 + text_width(mark.label)
        if x + width > WIDTH and x > 10:
            x, row = 10.0, row + 1
        y = LEGEND_TOP + 22 * row
        box = Ticks((0, 1), ("", ""), x, x + length), Ticks((0, 1), ("", ""), y - 5, y - 6)
        if isinstance(mark, Lines):
            sample: Lines | Scatter = Lines([[(0, 0), (1, 0)]], mark.colour, mark.width, mark.dashes)
        else:
            sample = Scatter([(0.5, 0)], mark.colour, mark.size, mark.shape)
        _add(f"sample {i}", sample, *box, picture)
        picture.write(f"entry {i}", x + length + 6, y, mark.label)
        x += width + 10
    return row + 1
