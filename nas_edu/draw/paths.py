"""SVG path data for many points at once: one path a mark, however many points it has.

A thousand points are formatted by one operation, since a frame must not cost more than a few milliseconds. And where
a mark has only grown since the last frame, only its new points are formatted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from nas_edu.draw.axes import Ticks
from nas_edu.draw.marks import Lines, Point, Scatter


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
