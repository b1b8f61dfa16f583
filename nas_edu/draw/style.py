"""The one place for colours, dashes and names: an operation or a strategy looks the same in every picture.

Nothing is told by colour alone. An operation has a colour, a dash pattern and a width of its own: the pattern says
which family it belongs to, the width grows with its kernel. Colours: Okabe & Ito, "Color Universal Design", 2008,
which colour-blind readers can tell apart; each of them stands out from white and from near-black.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class OperationStyle:
    """How an operation is drawn: its short label, its line's colour, dash pattern and width.

    `dashes` are lengths on, off, on, off, ... in pixels; () is a solid line. `width` is in pixels.
    """

    label: str
    colour: str
    dashes: tuple[float, ...]
    width: float

    @property
    def svg_dashes(self) -> str:
        """For SVG's `stroke-dasharray`."""
        return " ".join(f"{length:g}" for length in self.dashes) or "none"

    @property
    def linestyle(self) -> str | tuple[float, tuple[float, ...]]:
        """For matplotlib's `linestyle`, where `lines.scale_dashes` is off (as in `MATPLOTLIB`)."""
        return (0, self.dashes) if self.dashes else "solid"


OPERATION_STYLES: dict[str, OperationStyle] = {
    "none": OperationStyle("none", "#9a9a9a", (1.5, 4.5), 1.5),
    "skip_connect": OperationStyle("skip", "#009E73", (8, 5), 2.5),
    "nor_conv_1x1": OperationStyle("1x1 conv", "#E69F00", (), 2.0),
    "nor_conv_3x3": OperationStyle("3x3 conv", "#0072B2", (), 4.5),
    "nor_conv_5x5": OperationStyle("5x5 conv", "#0072B2", (), 6.5),
    "nor_conv_7x7": OperationStyle("7x7 conv", "#0072B2", (), 8.5),
    "avg_pool_3x3": OperationStyle("3x3 avg pool", "#CC79A7", (10, 4, 2, 4), 2.5),
    "concatenate": OperationStyle("concat", "#808080", (), 1.0),
    "motif": OperationStyle("motif", "#7B6FD0", (), 3.5),
    "group_conv_3x3": OperationStyle("3x3 conv", "#0072B2", (6, 2), 4.5),
    "conv_3x1": OperationStyle("3x1 conv", "#0072B2", (14, 3, 3, 3, 3, 3), 2.5),
    "conv_7x1": OperationStyle("7x1 conv", "#0072B2", (14, 3, 3, 3, 3, 3), 4.5),
    "conv_3x1_1x3": OperationStyle("1x3, 3x1 conv", "#0072B2", (8, 3), 2.5),
    "conv_7x1_1x7": OperationStyle("1x7, 7x1 conv", "#0072B2", (8, 3), 4.5),
}
# Families that later spaces bring: colour and dash pattern; their width comes from the kernel.
_FAMILIES: dict[str, tuple[str, tuple[float, ...]]] = {
    "sep_conv": ("#D55E00", (16, 4)),
    "dil_conv": ("#56B4E9", (3, 6)),  # dots with holes between them, as the kernel has
    "max_pool": ("#A0522D", (10, 4, 2, 4, 2, 4)),
    "conv": ("#0072B2", (14, 3, 3, 3)),
    "depthwise_conv": ("#D55E00", (5, 3)),
    "nor_conv": ("#0072B2", ()),
    "linear": ("#E69F00", (18, 3)),
    "matmul": ("#56B4E9", (9, 3)),
    "softmax": ("#CC79A7", (3, 2)),
    "relu": ("#44AA99", (12, 4, 12, 4, 2, 4)),
    "layer_norm": ("#8C8C00", (5, 3, 2, 3)),
}
_SPARE_COLOURS = ("#44AA99", "#8C8C00", "#B15928", "#7B6FD0")
_SPARE_DASHES = ((20, 4, 4, 4), (12, 4, 12, 4, 2, 4), (5, 3, 2, 3), (24, 6))
_KERNEL = re.compile(r"(?P<family>.*?)_?(?P<height>\d+)x(?P<width>\d+)$")
_LAYER = re.compile(r"conv(?P<kernel>\d+)-\d+$")  # of a chain: conv3-16 looks like a 3x3 convolution
_POOLINGS = {"maxpool": "max_pool_2x2", "avgpool": "avg_pool_3x3"}
_MOTIF = re.compile(r"\d+\.(?P<number>\d+)$")  # of a hierarchy: 2.1


def operation_style(name: str) -> OperationStyle:
    """The style of any operation; one that is not listed gets a lasting style from its name: `sep_conv_5x5`."""
    if name in OPERATION_STYLES:
        return OPERATION_STYLES[name]
    if name in _POOLINGS:
        return replace(operation_style(_POOLINGS[name]), label=name)
    if match := _LAYER.match(name):
        return replace(operation_style(f"nor_conv_{match['kernel']}x{match['kernel']}"), label=name)
    if match := _MOTIF.match(name):
        number = int(match["number"]) - 1
        return OperationStyle(name, _SPARE_COLOURS[number % 4], _SPARE_DASHES[number % 4], 3.5)
    match = _KERNEL.match(name)
    family = match["family"] if match else name
    number = zlib.crc32(family.encode())  # unlike hash(), the same in every session
    spare = _SPARE_COLOURS[number % 4], _SPARE_DASHES[number // 4 % 4]
    colour, dashes = _FAMILIES.get(family, spare)
    words = family.replace("_", " ")
    if match is None:
        return OperationStyle(words, colour, dashes, 2.5)
    kernel = f"{match['height']}x{match['width']}"
    return OperationStyle(f"{kernel} {words}", colour, dashes, 1 + max(int(match["height"]), int(match["width"])) / 2)


@dataclass(frozen=True)
class LineStyle:
    """How a line in a plot is drawn: its line's colour and dash pattern (as in `OperationStyle`)."""

    colour: str
    dashes: tuple[float, ...]

    @property
    def linestyle(self) -> str | tuple[float, tuple[float, ...]]:
        return (0, self.dashes) if self.dashes else "solid"


LINE_STYLES: dict[str, LineStyle] = {
    "random search": LineStyle("#808080", (8, 4)),
    "regularized evolution": LineStyle("#0072B2", ()),
    "training": LineStyle("#D55E00", (8, 4)),
    "validation": LineStyle("#0072B2", ()),
}
_SPARE_LINES = (
    LineStyle("#D55E00", (14, 4)),
    LineStyle("#009E73", (10, 3, 2, 3)),
    LineStyle("#CC79A7", (4, 3)),
    LineStyle("#E69F00", ()),
    LineStyle("#56B4E9", (16, 4, 4, 4)),
    LineStyle("#8C8C00", (2, 3)),
    LineStyle("#7B6FD0", (10, 3, 2, 3, 2, 3)),
)


def line_styles(names: Iterable[str]) -> dict[str, LineStyle]:
    """A style for each line of one picture: a known name has a lasting one, any other gets the next that is free.

    `regularized_evolution` and `regularized evolution` are the same name.
    """
    styles, used = {}, 0
    for name in names:
        style = LINE_STYLES.get(name.replace("_", " ").lower())
        if style is None:
            style = _SPARE_LINES[used % len(_SPARE_LINES)]
            used += 1
        styles[name] = style
    return styles


@dataclass(frozen=True)
class Theme:
    """The colours of a page: text and axes, secondary text, grid lines, and what lies behind."""

    ink: str
    muted: str
    grid: str
    background: str


LIGHT = Theme(ink="#1a1a1a", muted="#595959", grid="#d9d9d9", background="#ffffff")
DARK = Theme(ink="#e8e8e8", muted="#a8a8a8", grid="#3c3c3c", background="#111111")

FONT_FAMILY = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
FONT_SIZE = 15  # pixels in drawings, points in plots: legible from the last row

# For `matplotlib.rc_context(style.MATPLOTLIB)`.
MATPLOTLIB: dict[Any, Any] = {
    "figure.figsize": (8.4, 4.8),  # as wide as a notebook beside its file list, so that nothing shrinks
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.12,  # inches around the axes, their labels included
    "figure.constrained_layout.h_pad": 0.1,
    "figure.facecolor": LIGHT.background,
    "font.size": FONT_SIZE,
    "axes.titlesize": 17,
    "axes.titlelocation": "left",
    "axes.labelsize": FONT_SIZE,
    "axes.facecolor": "none",
    "axes.edgecolor": LIGHT.muted,
    "axes.labelcolor": LIGHT.ink,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT.grid,
    "grid.linewidth": 0.8,
    "text.color": LIGHT.ink,
    "xtick.color": LIGHT.muted,
    "ytick.color": LIGHT.muted,
    "xtick.labelcolor": LIGHT.ink,
    "ytick.labelcolor": LIGHT.ink,
    "xtick.labelsize": 14,
    "ytick.labelsize": 14,
    "legend.fontsize": 14,
    "legend.frameon": False,
    "lines.linewidth": 2.5,
    "lines.scale_dashes": False,
}
