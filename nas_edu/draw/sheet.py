"""The still picture of a dashboard: its panels side by side on a light sheet, as SVG and as PNG."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from nas_edu.draw.picture import HEIGHT, THEME_COLOURS, TITLE, WIDTH, Element, Picture, colour, shorten
from nas_edu.draw.style import FONT_FAMILY, LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path
    from matplotlib.transforms import Transform

COLUMNS, HEADING_HEIGHT = 2, 34
_COLOURS = {colour(name): getattr(LIGHT, name) for name in THEME_COLOURS}


@dataclass(frozen=True)
class Sheet:
    """Pictures at their places (x, y), and the whole sheet in words."""

    width: int
    height: int
    label: str
    places: list[tuple[int, int, Picture]]


def sheet(pictures: list[Picture], heading: str) -> Sheet:
    """Two pictures a row under one heading; where there are none, the heading alone."""
    columns = max(1, min(COLUMNS, len(pictures)))
    width, rows = columns * WIDTH, -(-len(pictures) // columns)
    label = ". ".join([heading, *(picture.label for picture in pictures)])
    top = Picture("")
    top.write("heading", 10, 24, shorten(heading, width - 20, TITLE), font_size=TITLE)
    places = [
        (i % columns * WIDTH, HEADING_HEIGHT + i // columns * HEIGHT, picture) for i, picture in enumerate(pictures)
    ]
    return Sheet(width, HEADING_HEIGHT + rows * HEIGHT, label, [(0, 0, top), *places])


def to_svg(sheet: Sheet) -> str:
    """One self-contained SVG element."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width}" height="{sheet.height}" '
        f'viewBox="0 0 {sheet.width} {sheet.height}" role="img" aria-label={quoteattr(sheet.label)} '
        f"font-family={quoteattr(FONT_FAMILY)}>",
        f'<rect width="{sheet.width}" height="{sheet.height}" fill="{LIGHT.background}"/>',
    ]
    for x, y, picture in sheet.places:
        parts.append(f'<g transform="translate({x} {y})">')
        parts += [_tag(element) for element in picture.elements.values() if element.key is None]
        parts.append("</g>")
    return "".join([*parts, "</svg>"])


def _tag(element: Element) -> str:
    attributes = "".join(
        f" {name}={quoteattr(_COLOURS.get(value, value))}" for name, value in element.attributes.items()
    )
    return f"<{element.tag}{attributes}>{escape(element.text)}</{element.tag}>"


# The PNG is painted by matplotlib: it is installed anyway and needs no system library. It knows the few elements that
# `layout` makes: text, rect, circle, and paths of the commands below.
_PIXELS_PER_INCH = 72  # so that a pixel of the picture is a point of matplotlib
_SCALE = 2  # sharp on a projector
_NARROWER = 0.92  # DejaVu Sans runs wider than the browser's fonts
_COMMAND = re.compile(r"([MLHCZmlhc])([^MLHCZmlhc]*)")
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def to_png(sheet: Sheet) -> bytes:
    """The same sheet at twice its size."""
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    figure = Figure((sheet.width / _PIXELS_PER_INCH, sheet.height / _PIXELS_PER_INCH), facecolor=LIGHT.background)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
    axes.set_axis_off()
    order = 0
    for x, y, picture in sheet.places:
        place = Affine2D().translate(x, y) + axes.transData
        for element in picture.elements.values():
            if element.key is not None:
                continue
            order += 1  # the later element covers the earlier one
            _paint(axes, element, place, order)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=_SCALE * _PIXELS_PER_INCH)
    return out.getvalue()


def _paint(axes: Axes, element: Element, place: Transform, order: int) -> None:
    from matplotlib import patches

    given = {name: _COLOURS.get(value, value) for name, value in element.attributes.items()}
    if element.tag == "text":
        _paint_text(axes, element.text, given, place, order)
        return
    if element.tag == "rect":
        x, y, width, height = (float(given[name]) for name in ("x", "y", "width", "height"))
        patch: patches.Patch = patches.Rectangle((x, y), width, height)
    elif element.tag == "circle":
        patch = patches.Circle((float(given["cx"]), float(given["cy"])), float(given["r"]))
    elif given["d"]:
        patch = patches.PathPatch(_path(given["d"]))
    else:
        return
    dashes = [float(length) for length in given.get("stroke-dasharray", "none").split() if length != "none"]
    line_width = float(given.get("stroke-width", 1)) if "stroke" in given else 0
    patch.set(
        facecolor=given.get("fill", "none"),
        edgecolor=given.get("stroke", "none"),
        linewidth=line_width,
        # matplotlib scales dashes with the line's width, SVG does not
        linestyle=(0, [length / line_width for length in dashes]) if dashes else "solid",
        capstyle=given.get("stroke-linecap", "butt"),
        joinstyle=given.get("stroke-linejoin", "miter"),
        alpha=float(given.get("opacity", 1)),
        snap=False,  # or dots would shrink to nothing
        zorder=order,
        transform=place,
    )
    axes.add_patch(patch)


def _paint_text(axes: Axes, text: str, given: dict[str, str], place: Transform, order: int) -> None:
    axes.text(
        float(given["x"]),
        float(given["y"]),
        text,
        color=given["fill"],
        fontsize=float(given["font-size"]) * _NARROWER,
        fontweight=given.get("font-weight", "normal"),
        horizontalalignment=_ANCHORS[given.get("text-anchor", "start")],
        verticalalignment="baseline",
        rotation=90 if "transform" in given else 0,
        rotation_mode="anchor",
        parse_math=False,
        transform=place,
        zorder=order,
    )


def _path(data: str) -> Path:
    """SVG path data as a matplotlib path."""
    from matplotlib.path import Path

    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    x = y = 0.0
    for command, arguments in _COMMAND.findall(data):
        numbers = [float(text) for text in arguments.split()]
        if command == "Z":
            vertices.append(vertices[0])
            codes.append(Path.CLOSEPOLY)
            continue
        if command in "Hh":
            # a length of zero is a dot, which matplotlib would not paint
            numbers = [numbers[0] or 0.01, 0.0] if command == "h" else [numbers[0], y]
        origin = (x, y) if command.islower() else (0.0, 0.0)
        points = [(origin[0] + a, origin[1] + b) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
        x, y = points[-1]
        vertices += points
        codes += [{"m": Path.MOVETO, "c": Path.CURVE4}.get(command.lower(), Path.LINETO)] * len(points)
    path = Path(vertices, codes)
    path.should_simplify = False  # it would drop the dots
    return path
