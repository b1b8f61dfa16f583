"""Lines and points on two axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nas_edu.widgets.axes import Scale, scale
from nas_edu.widgets.marks import Axis, Lines, Point, Scatter
from nas_edu.widgets.picture import HEIGHT, WIDTH, Picture, colour, text_width

LEGEND_TOP = 62
LOWER_EDGE, RIGHT_EDGE = HEIGHT - 48, WIDTH - 26


def lay_out_plot(marks: Sequence[Lines | Scatter], x_axis: Axis, y_axis: Axis, picture: Picture) -> None:
    entries = [mark for mark in marks if mark.label]
    top = LEGEND_TOP + 22 * _legend(entries, picture) if entries else LEGEND_TOP
    points = [point for mark in marks for path in _paths(mark) for point in path]
    y = scale(y_axis, (p[1] for p in points), LOWER_EDGE, top)
    left = 36 + max(text_width(label) for label in y.labels)
    x = scale(x_axis, (p[0] for p in points), left, RIGHT_EDGE)
    _axes(x, y, picture)
    _titles(x_axis.title, y_axis.title, x, y, picture)
    for i, mark in enumerate(marks):
        if isinstance(mark, Lines):
            data = "".join(_polyline(path, x, y) for path in mark.paths)
            style = _line_style(mark)
        else:
            data, style = _dots(mark, x, y)
        picture.add(f"mark {i}", "path", d=data, fill="none", stroke=colour(mark.colour), **style)


def _paths(mark: Lines | Scatter) -> Sequence[Sequence[Point]]:
    return mark.paths if isinstance(mark, Lines) else [mark.points]


def _axes(x: Scale, y: Scale, picture: Picture) -> None:
    (ax, bx), (ay, by) = x.linear, y.linear
    grid = "".join(f"M{x.start:.1f} {ay + by * tick:.1f}H{x.stop:.1f}" for tick in y.ticks)
    picture.add("grid", "path", d=grid, stroke=colour("grid"), stroke_width=1)
    for i, (tick, label) in enumerate(zip(y.ticks, y.labels, strict=True)):
        picture.write(f"y tick {i}", x.start - 8, ay + by * tick + 5, label, text_anchor="end")
    for i, (tick, label) in enumerate(zip(x.ticks, x.labels, strict=True)):
        picture.write(f"x tick {i}", ax + bx * tick, y.start + 20, label, text_anchor="middle")


def _titles(x_title: str, y_title: str, x: Scale, y: Scale, picture: Picture) -> None:
    muted: dict[str, Any] = {"fill": colour("muted"), "text_anchor": "middle"}
    picture.write("x title", (x.start + x.stop) / 2, y.start + 40, x_title, **muted)
    middle = (y.start + y.stop) / 2
    picture.write("y title", 18, middle, y_title, transform=f"rotate(-90 18 {middle:.1f})", **muted)


def _legend(entries: Sequence[Lines | Scatter], picture: Picture) -> int:
    """A sample and a name for each mark with a label, in as many rows as they need."""
    x, row = 10.0, 0
    for i, mark in enumerate(entries):
        sample = 26 if isinstance(mark, Lines) else 16
        width = sample + 6 + text_width(mark.label)
        if x + width > WIDTH and x > 10:
            x, row = 10.0, row + 1
        y = LEGEND_TOP + 22 * row
        if isinstance(mark, Lines):
            data, style = f"M{x:.1f} {y - 5}h{sample}", _line_style(mark)
        else:
            at = Scale((0, 1), ("", ""), x + sample / 2, x + sample), Scale((0, 1), ("", ""), y - 5, y)
            data, style = _dots(Scatter([(0, 0)], size=mark.size, shape=mark.shape), *at)
        picture.add(f"sample {i}", "path", d=data, fill="none", stroke=colour(mark.colour), **style)
        picture.write(f"entry {i}", x + sample + 6, y, mark.label)
        x += width + 10
    return row + 1


def _line_style(mark: Lines) -> dict[str, Any]:
    dashes = {"stroke_dasharray": " ".join(f"{length:g}" for length in mark.dashes)} if mark.dashes else {}
    return {"stroke_width": mark.width, "stroke_linejoin": "round", **dashes}


def _polyline(path: Sequence[Point], x: Scale, y: Scale) -> str:
    (ax, bx), (ay, by) = x.linear, y.linear
    points = [f"{ax + bx * px:.1f} {ay + by * py:.1f}" for px, py in path if math.isfinite(py)]
    return "M" + "L".join(points) if points else ""


def _dots(mark: Scatter, x: Scale, y: Scale) -> tuple[str, dict[str, Any]]:
    """One path for all points. A dot is a line of no length with round ends: 13 bytes, and as cheap to paint."""
    (ax, bx), (ay, by) = x.linear, y.linear
    places = [(ax + bx * px, ay + by * py if math.isfinite(py) else y.start) for px, py in mark.points]
    size, half = mark.size, mark.size / 2
    if mark.shape == "dot":
        dots = "".join([f"M{px:.1f} {py:.1f}h0" for px, py in places])
        return dots, {"stroke_width": size, "stroke_linecap": "round"}
    if mark.shape == "cross":
        stroke = f"m{-half:g} {-half:g}l{size:g} {size:g}m{-size:g} 0l{size:g} {-size:g}"
        return "".join([f"M{px:.1f} {py:.1f}{stroke}" for px, py in places]), {"stroke_width": 2.5}
    k = 0.5523 * half  # handles of the cubics that come closest to a circle
    ring = "".join(
        f"c{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f} {dx:.1f} {dy:.1f}"
        for x1, y1, x2, y2, dx, dy in (
            (0, k, half - k, half, half, half),
            (k, 0, half, k - half, half, -half),
            (0, -k, k - half, -half, -half, -half),
            (-k, 0, -half, half - k, -half, half),
        )
    )
    return "".join([f"M{px - half:.1f} {py:.1f}{ring}" for px, py in places]), {"stroke_width": 3}
