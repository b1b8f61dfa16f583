"""Lines and points on two axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from nas_edu.draw.axes import Ticks, ticks_for
from nas_edu.draw.marks import Axis, Lines, Scatter
from nas_edu.draw.paths import line_path, point_path
from nas_edu.draw.picture import HEIGHT, WIDTH, Element, Picture, colour, text_width

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
