"""Names beside the points of a scatter plot, each where it covers neither another name nor a point.

A name that has to stand apart from its point is joined to it by a thin line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_edu.draw.style import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Where a name may stand, seen from its point, best first: (right, up) in points, horizontal and vertical alignment.
_PLACES = [
    (10, 0, "left", "center"),
    (-10, 0, "right", "center"),
    (0, 10, "center", "bottom"),
    (0, -10, "center", "top"),
    (8, 8, "left", "bottom"),
    (8, -8, "left", "top"),
    (-8, 8, "right", "bottom"),
    (-8, -8, "right", "top"),
    (14, 24, "left", "bottom"),
    (14, -24, "left", "top"),
    (-14, 24, "right", "bottom"),
    (-14, -24, "right", "top"),
]
_CLOSE = 10  # points up or down that need no line


def label_points(axes: Axes, points: Sequence[tuple[float, float, str]], size: float = 14) -> None:
    """Write each name beside its point (x, y, name), at the first place that is free; where none is, at the first."""
    from matplotlib.transforms import Bbox

    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # now the axes have their place
    radius = 7 * figure.dpi / 72
    pixels = [axes.transData.transform((x, y)) for x, y, _ in points]
    taken = [Bbox.from_extents(px - radius, py - radius, px + radius, py + radius) for px, py in pixels]
    frame = axes.get_window_extent()
    for x, y, name in points:
        text = axes.annotate(name, (x, y), (0, 0), textcoords="offset points", fontsize=size, zorder=4)
        free = None
        for right, up, horizontal, vertical in [*_PLACES, _PLACES[0]]:
            text.set(position=(right, up), horizontalalignment=horizontal, verticalalignment=vertical)
            box = text.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in taken):
                free = box
                break
        taken.append(free or text.get_window_extent())
        if abs(up) > _CLOSE:
            end = ((0.5 if horizontal == "center" else 1.0 * (right < 0)), (0.0 if up > 0 else 1.0))
            line = {"arrowstyle": "-", "color": LIGHT.muted, "linewidth": 1, "shrinkA": 0, "shrinkB": 4}
            axes.annotate("", (x, y), end, textcoords=text, arrowprops=line)
