"""The figure that every plot returns: a matplotlib Figure in the house style that a notebook shows by itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from nas_edu.draw.drawing import few_colours
from nas_edu.draw.style import FONT_SIZE, MATPLOTLIB

SHARPNESS = 2  # pixels of the PNG for each pixel on the page
_LABEL_STEP = 1.3 * FONT_SIZE  # points between the lines of two labels


class Plot(Figure):
    """A matplotlib Figure with a description. pyplot does not know it, so no notebook shows it twice.

    `plot.axes[0]` is there to be changed, `plot.savefig("trace.pdf")` writes it to a file.
    """

    def __init__(self, alt: str, **settings: Any) -> None:
        with house_style():
            super().__init__(**settings)
        self.alt = alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        out = BytesIO()
        self.savefig(out, format="png", dpi=SHARPNESS * self.dpi)
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        data = {"image/png": b64encode(few_colours(out.getvalue())).decode("ascii"), "text/plain": repr(self)}
        return data, {"image/png": {"width": width, "height": height}}

    def __repr__(self) -> str:
        return self.alt


def house_style() -> Any:
    """The context in which every plot is made, so that nothing global changes."""
    return matplotlib.rc_context(MATPLOTLIB)


def logarithmic(axes: Axes) -> None:
    """A logarithmic vertical axis with few ticks, at 1, 2 and 5 times powers of ten; 0 lies below its end."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log", nonpositive="clip")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Write each text right of its point (x, y), in the place of a legend; texts that would overlap are pushed apart.

    `ends` holds (x, y, text, colour of the line); a thin line leads from a point to a text that had to move away.
    """
    if not ends:
        return
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # now the axes have their place
    points = 72 / figure.dpi  # points in a pixel
    ends = sorted(ends, key=lambda end: axes.transData.transform(end[:2])[1])  # by height, also on an inverted axis
    own = [axes.transData.transform((x, y))[1] * points for x, y, *_ in ends]
    box = axes.get_window_extent()
    heights = _apart(own, _LABEL_STEP, box.y0 * points, box.y1 * points)
    for (x, y, text, colour), own_y, height in zip(ends, own, heights, strict=True):
        axes.annotate(
            text,
            (x, y),
            xytext=(1.03, height - own_y),
            textcoords=("axes fraction", "offset points"),
            verticalalignment="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 1,
                "shrinkA": 2,
                "shrinkB": 0,
                "relpos": (0, 0.5),  # from the middle of its left edge: from its centre it would cross other texts
            },
        )


def _apart(heights: Sequence[float], step: float, bottom: float, top: float) -> list[float]:
    """Heights in rising order, moved as little as possible (least squares) so that neighbours are `step` apart.

    With p_i = q_i + i * step the condition p_i + step <= p_(i+1) reads q_i <= q_(i+1): isotonic regression.
    """
    offsets = step * np.arange(len(heights))
    rising = isotonic_regression(np.asarray(heights) - offsets).x
    return list(np.clip(rising, bottom, max(bottom, top - step * (len(heights) - 1))) + offsets)
