"""A drawing: pictures on one sheet, which a notebook shows by itself; written as SVG, PNG or PDF.

There is one writer for each: stills of live views, cells and galleries all go through them. The SVG brings its own
light sheet and is legible on any page: JupyterLab shows it as an image, which cannot see the page's theme. Where it
stands in the page itself, JupyterLab's colours take over if it has them. The PNG is painted by matplotlib, which is
installed anyway and needs no system library; it knows the few elements of which pictures consist: text, rect, circle,
and paths.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape, quoteattr

from nas_edu.draw.picture import HEIGHT, THEME_COLOURS, TITLE, WIDTH, Element, Picture, clean, colour, number, shorten
from nas_edu.draw.style import FONT_FAMILY, LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path as Outline
    from matplotlib.transforms import Transform

COLUMNS, HEADING_HEIGHT = 2, 34
_THEME = {colour(name): getattr(LIGHT, name) for name in THEME_COLOURS}
_JUPYTER = {
    colour("ink"): "--jp-content-font-color1",
    colour("muted"): "--jp-content-font-color2",
    colour("grid"): "--jp-border-color2",
    colour("background"): "--jp-layout-color0",
}


@dataclass(frozen=True)
class Drawing:
    """Pictures at their places (x, y) on a sheet of `width` x `height` pixels, and the whole in words.

        drawing = draw.cell(cell)
        drawing.save("cell.pdf")        # .svg, .png or .pdf

    A notebook keeps three versions: SVG, sharp at any size; PNG, for a notebook that is not trusted yet, where
    JupyterLab shows no SVG; and a sentence, for a terminal and for those who cannot see it.
    """

    width: int
    height: int
    title: str
    description: str
    places: tuple[tuple[float, float, Picture], ...]

    @property
    def label(self) -> str:
        """All of it in words."""
        return ". ".join(filter(None, (self.title, self.description)))

    @property
    def svg(self) -> str:
        """The drawing as one SVG element."""
        return _to_svg(self)

    @property
    def png(self) -> bytes:
        """The drawing as a PNG file, at twice its size for sharp projectors."""
        return few_colours(_paint(self, "png"))

    def save(self, path: str | Path) -> Path:
        """Write the drawing to `path`; its ending says how. Raises ValueError for an ending other than these three."""
        path = Path(path)
        match path.suffix.lower():
            case ".svg":
                path.write_text(self.svg, encoding="utf-8")
            case ".png":
                path.write_bytes(self.png)
            case ".pdf":
                path.write_bytes(_paint(self, "pdf"))
            case other:
                raise ValueError(
                    f"a drawing is saved as .svg, .png or .pdf; {path.name!r} ends in {other or 'nothing'!r}"
                )
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        data = {
            "image/svg+xml": self.svg,
            "image/png": b64encode(self.png).decode("ascii"),
            "text/plain": repr(self),
        }
        return data, {"image/png": {"width": self.width, "height": self.height}}

    def __repr__(self) -> str:
        return ": ".join(filter(None, (self.title, self.description)))


def sheet(pictures: list[Picture], heading: str) -> Drawing:
    """Two panels a row under one heading; where there are none, the heading alone."""
    columns = max(1, min(COLUMNS, len(pictures)))
    width, rows = columns * WIDTH, -(-len(pictures) // columns)
    top = Picture("")
    top.write("heading", 10, 24, shorten(heading, width - 20, TITLE), font_size=TITLE)
    places = [
        (i % columns * WIDTH, HEADING_HEIGHT + i // columns * HEIGHT, picture) for i, picture in enumerate(pictures)
    ]
    told = ". ".join(picture.label for picture in pictures)
    title = clean(heading).removesuffix(".")
    return Drawing(width, HEADING_HEIGHT + rows * HEIGHT, title, told, ((0, 0, top), *places))


def few_colours(png: bytes) -> bytes:
    """The same PNG with a palette of 256 colours: a quarter of the bytes in a saved notebook, no visible difference."""
    from PIL import Image

    image, out = Image.open(BytesIO(png)).convert("RGB"), BytesIO()
    image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    return out.getvalue()


# --- SVG --------------------------------------------------------------------------------------------------------------


def _to_svg(drawing: Drawing) -> str:
    width, height = drawing.width, drawing.height
    title, told = clean(drawing.title), clean(drawing.description)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label={quoteattr(clean(drawing.label))} font-family={quoteattr(FONT_FAMILY)} '
        'style="max-width: 100%; height: auto">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(told)}</desc>",
        f'<rect width="{width}" height="{height}" rx="8"{_attributes({"fill": colour("background")})}/>',
    ]
    for x, y, picture in drawing.places:
        parts.append(f'<g transform="translate({number(x)} {number(y)})">')
        parts += [_tag(element) for element in picture.elements.values() if element.key is None]
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"])


def _tag(element: Element) -> str:
    return f"<{element.tag}{_attributes(element.attributes)}>{escape(element.text)}</{element.tag}>"


def _attributes(attributes: dict[str, str]) -> str:
    """Theme colours as attributes, for renderers without CSS variables, and as a style, which wins elsewhere."""
    given = "".join(f" {name}={quoteattr(_THEME.get(value, value))}" for name, value in attributes.items())
    styles = [f"{n}: var({_JUPYTER[v]}, {_THEME[v]})" for n, v in attributes.items() if v in _THEME]
    return given + (f' style="{"; ".join(styles)}"' if styles else "")


# --- PNG and PDF ------------------------------------------------------------------------------------------------------

_PIXELS_PER_INCH = 72  # so that a pixel of the picture is a point of matplotlib
_SCALE = 2  # sharp on a projector
_NARROWER = 0.92  # DejaVu Sans runs wider than the browser's fonts
_COMMAND = re.compile(r"([MLHCZmlhc])([^MLHCZmlhc]*)")
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def _paint(drawing: Drawing, file_format: Literal["png", "pdf"]) -> bytes:
    """The bytes of a PNG of twice the drawing's size, or of a one-page PDF."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    with matplotlib.rc_context({"lines.scale_dashes": False, "pdf.fonttype": 42, "font.family": "DejaVu Sans"}):
        size = drawing.width / _PIXELS_PER_INCH, drawing.height / _PIXELS_PER_INCH
        figure = Figure(size, facecolor=LIGHT.background)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, drawing.width), ylim=(drawing.height, 0))
        axes.set_axis_off()
        order = 0
        for x, y, picture in drawing.places:
            place = Affine2D().translate(x, y) + axes.transData
            for element in picture.elements.values():
                if element.key is None:
                    order += 1  # the later element covers the earlier one
                    _paint_element(axes, element, place, order)
        out = BytesIO()
        # No date: the same picture gives the same bytes.
        metadata = {"Title": drawing.title, "CreationDate": None} if file_format == "pdf" else {}
        figure.savefig(out, format=file_format, dpi=_SCALE * _PIXELS_PER_INCH, metadata=metadata)
    return out.getvalue()


def _paint_element(axes: Axes, element: Element, place: Transform, order: int) -> None:
    from matplotlib import patches

    given = {name: _THEME.get(value, value) for name, value in element.attributes.items()}
    if element.tag == "text":
        _paint_text(axes, element.text, given, place, order)
        return
    if element.tag == "rect":
        x, y, width, height = (float(given[name]) for name in ("x", "y", "width", "height"))
        patch: patches.Patch = patches.Rectangle((x, y), width, height)
    elif element.tag == "circle":
        patch = patches.Circle((float(given["cx"]), float(given["cy"])), float(given["r"]))
    elif given["d"]:
        patch = patches.PathPatch(_outline(given["d"]))
    else:
        return
    dashes = [float(length) for length in given.get("stroke-dasharray", "none").split() if length != "none"]
    patch.set(
        facecolor=given.get("fill", "none"),
        edgecolor=given.get("stroke", "none"),
        linewidth=float(given.get("stroke-width", 1)) if "stroke" in given else 0,
        linestyle=(0, dashes) if dashes else "solid",
        capstyle=given.get("stroke-linecap", "butt"),
        joinstyle=given.get("stroke-linejoin", "miter"),
        alpha=float(given.get("opacity", 1)),
        snap=False,  # or dots would shrink to nothing
        zorder=order,
        transform=place,
    )
    axes.add_patch(patch)


def _paint_text(axes: Axes, text: str, given: dict[str, str], place: Transform, order: int) -> None:
    from matplotlib.patheffects import withStroke

    written = axes.text(
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
    if "stroke" in given:  # a rim, so that it can be read on a line
        written.set_path_effects([withStroke(linewidth=float(given["stroke-width"]), foreground=given["stroke"])])


def _outline(data: str) -> Outline:
    """SVG path data as a matplotlib path."""
    from matplotlib.path import Path as MatplotlibPath

    vertices: list[tuple[float, float]] = []
    codes: list[Any] = []
    x = y = 0.0
    for command, arguments in _COMMAND.findall(data):
        numbers = [float(text) for text in arguments.split()]
        if command == "Z":
            vertices.append(vertices[0])
            codes.append(MatplotlibPath.CLOSEPOLY)
            continue
        if command in "Hh":
            # a length of zero is a dot, which matplotlib would not paint
            numbers = [numbers[0] or 0.01, 0.0] if command == "h" else [numbers[0], y]
        origin = (x, y) if command.islower() else (0.0, 0.0)
        points = [(origin[0] + a, origin[1] + b) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
        x, y = points[-1]
        vertices += points
        code = {"m": MatplotlibPath.MOVETO, "c": MatplotlibPath.CURVE4}.get(command.lower(), MatplotlibPath.LINETO)
        codes += [code] * len(points)
    path = MatplotlibPath(vertices, codes)
    path.should_simplify = False  # it would drop the dots
    return path
