"""A picture as SVG: plain text, sharp at any size, with a title and a description for screen readers.

JupyterLab shows an SVG output as an image, which cannot see the page's theme, so a picture brings its own light sheet
and is legible on any page. Where the SVG stands in the page itself, JupyterLab's colours take over if it has them.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from nas_edu.draw.layout import Point
from nas_edu.draw.shapes import HALO, Circle, Curve, Mark, Picture, Polygon, Text
from nas_edu.draw.style import FONT_FAMILY, LIGHT

_THEME = {"ink": LIGHT.ink, "muted": LIGHT.muted, "background": LIGHT.background}
_VARIABLES = {
    "ink": "--jp-content-font-color1",
    "muted": "--jp-content-font-color2",
    "background": "--jp-layout-color0",
}


def to_svg(picture: Picture) -> str:
    """The whole picture as one `<svg>` element."""
    width, height = f"{picture.width:g}", f"{picture.height:g}"
    label = quoteattr(f"{picture.title}. {picture.description}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="img" aria-label={label} font-family="{FONT_FAMILY}" style="max-width: 100%; height: auto">',
            f"<title>{escape(picture.title)}</title>",
            f"<desc>{escape(picture.description)}</desc>",
            f'<rect width="{width}" height="{height}" rx="8" {_paint(fill="background")}/>',
            *(_element(mark) for mark in picture.marks),
            "</svg>",
        ]
    )


def _paint(**colours: str) -> str:
    """`fill` and `stroke` as attributes, for renderers without CSS variables, and as a style, which wins elsewhere."""
    attributes = [f'{name}="{_THEME.get(colour, colour)}"' for name, colour in colours.items()]
    styles = [
        f"{name}: var({_VARIABLES[colour]}, {_THEME[colour]})" for name, colour in colours.items() if colour in _THEME
    ]
    return " ".join(attributes) + (f' style="{"; ".join(styles)}"' if styles else "")


def _element(mark: Mark) -> str:
    match mark:
        case Curve():
            start, *rest = map(_pair, mark.points)
            return (
                f'<path d="M{start} C{" ".join(rest)}" {_paint(fill="none", stroke=mark.colour)}'
                f"{_stroke(mark.width, mark.dashes)}{_opacity(mark.opacity)}/>"
            )
        case Polygon():
            points = " ".join(map(_pair, mark.points))
            return f'<polygon points="{points}" {_paint(fill=mark.colour)}{_opacity(mark.opacity)}/>'
        case Circle():
            x, y = mark.centre
            return (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{mark.radius:g}" '
                f"{_paint(fill='background', stroke=mark.colour)}{_stroke(mark.width, mark.dashes)}/>"
            )
        case Text():
            x, y = mark.position
            weight = ' font-weight="bold"' if mark.bold else ""
            return (
                f'<text x="{x:.1f}" y="{y + 0.35 * mark.size:.1f}" font-size="{mark.size:g}" '
                f'text-anchor="{mark.anchor}"{weight} {_text_paint(mark)}>{escape(mark.text)}</text>'
            )


def _text_paint(mark: Text) -> str:
    if not mark.halo:
        return _paint(fill=mark.colour)
    paint = _paint(fill=mark.colour, stroke="background")
    return f'stroke-width="{HALO:g}" stroke-linejoin="round" paint-order="stroke" {paint}'


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _stroke(width: float, dashes: tuple[float, ...]) -> str:
    pattern = f' stroke-dasharray="{" ".join(f"{length:g}" for length in dashes)}"' if dashes else ""
    return f' stroke-width="{width:g}"{pattern}'


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{opacity:g}"'
