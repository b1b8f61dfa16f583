"""The few marks that drawings consist of: curves, polygons, circles and texts, placed in pixels, y downwards.

A drawing is composed once, as a `Picture`, and rendered twice: `svg.py` writes it as SVG, `raster.py` has matplotlib
paint it as PNG or PDF. A colour is a hex code or the name of a theme's colour ("ink", "muted", "background").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from nas_edu.draw.layout import Point

HALO = 5.0  # pixels, half of which lie outside the letters


@dataclass(frozen=True)
class Curve:
    """A chain of cubic Bezier curves, 1 + 3n points."""

    points: tuple[Point, ...]
    colour: str
    width: float
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0


@dataclass(frozen=True)
class Polygon:
    """A filled polygon, such as an arrow's head."""

    points: tuple[Point, ...]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Circle:
    """A circle, filled with the background so that it covers what passes behind it."""

    centre: Point
    radius: float
    colour: str
    width: float
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Text:
    """One line of text; `position` is the middle of its height, at its start, middle or end.

    With a halo it stands on a rim of background, so that it can be read on a line.
    """

    position: Point
    text: str
    size: float
    colour: str = "ink"
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False
    halo: bool = False


Mark = Curve | Polygon | Circle | Text


@dataclass(frozen=True)
class Picture:
    """Marks on a sheet of `width` x `height` pixels, with a name and a description for those who cannot see it."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str
    description: str


def segment(start: Point, end: Point) -> tuple[Point, ...]:
    """A straight line as a cubic Bezier curve."""
    return start, start, end, end


def text_width(text: str, size: float) -> float:
    """A generous estimate in pixels: 0.6 of the size a character, as wide as DejaVu Sans."""
    return 0.6 * size * len(text)


def moved(mark: Mark, dx: float, dy: float) -> Mark:
    """The same mark elsewhere."""
    match mark:
        case Curve() | Polygon():
            return replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
        case Circle():
            return replace(mark, centre=(mark.centre[0] + dx, mark.centre[1] + dy))
        case Text():
            return replace(mark, position=(mark.position[0] + dx, mark.position[1] + dy))
