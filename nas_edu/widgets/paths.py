"""SVG path data for many points at once: one path a mark, however many points it has.

A thousand points are formatted by one operation, since a frame must not cost more than a few milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

from nas_edu.widgets.axes import Scale
from nas_edu.widgets.marks import Lines, Point, Scatter


def line_path(mark: Lines, x: Scale, y: Scale) -> tuple[str, dict[str, Any]]:
    """The path data of all polylines, and their style. Points that are not finite are left out."""
    parts = []
    for path in mark.paths:
        points = _pixels([point for point in path if math.isfinite(point[1])], x, y)
        if points:
            parts.append(("M%.1f %.1f" + "L%.1f %.1f" * (len(points) - 1)) % tuple(chain.from_iterable(points)))
    style: dict[str, Any] = {"stroke_width": mark.width, "stroke_linejoin": "round"}
    if mark.dashes:
        style["stroke_dasharray"] = " ".join(f"{length:g}" for length in mark.dashes)
    return "".join(parts), style


def point_path(mark: Scatter, x: Scale, y: Scale) -> tuple[str, dict[str, Any]]:
    """The path data of all points, and their style. Points at y = -inf lie on the lower edge."""
    floor = y.ticks[0]
    points = _pixels([(px, py if math.isfinite(py) else floor) for px, py in mark.points], x, y)
    size, half = mark.size, mark.size / 2
    if mark.shape == "dot":  # a line of no length with round ends: 13 bytes, and as cheap to paint
        shape, style = "h0", {"stroke_width": size, "stroke_linecap": "round"}
    elif mark.shape == "cross":
        shape = f"m{-half:g} {-half:g}l{size:g} {size:g}m{-size:g} 0l{size:g} {-size:g}"
        style = {"stroke_width": 2.5}
    else:
        shape, style = f"m{-half:g} 0" + _circle(half), {"stroke_width": 3}
    return ("M%.1f %.1f" + shape) * len(points) % tuple(chain.from_iterable(points)), style


def _pixels(points: Sequence[Point], x: Scale, y: Scale) -> list[Point]:
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
