"""The words of a drawing: a few marks as plain data, without a pixel in them.

A view returns a `Panel`. Its marks are either `Lines` and `Scatter` on two axes, or one `Bars`, `HeatMap`, `Graph`,
`TextTable`, `Diagram`, `Stages`, `Wheel` or `Prose`, which bring their own. Everything is numbers, strings and
sequences of them, so `dataclasses.asdict(panel)` is JSON. `lay_out` turns a panel into SVG elements; the live view and
the still picture show these same elements.

What has a `key` (one of `keys`: one for each point, bar, ...) can be clicked in an explorer, which hears the key, such
as "edge 0-1"; an empty key cannot. In a search's dashboard, nobody listens.

A colour is a role of the theme ("ink", "muted", "grid") or fixed, as "#0072B2". Dashes are lengths on, off, ... in
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Shape = Literal["dot", "ring", "cross"]


@dataclass(frozen=True)
class Axis:
    """What is measured. It reaches over all the data and over `low` and `high`, to the next tick."""

    title: str
    low: float | None = None
    high: float | None = None
    whole_numbers: bool = False


@dataclass(frozen=True)
class Lines:
    """Polylines of one style, each a sequence of points (x, y). `label` is its entry in the legend."""

    paths: Sequence[Sequence[Point]]
    colour: str = "ink"
    width: float = 2.5
    dashes: Sequence[float] = ()
    label: str = ""


@dataclass(frozen=True)
class Scatter:
    """Points (x, y) of one style; `size` is the diameter in pixels. A point at y = -inf lies on the lower edge."""

    points: Sequence[Point]
    colour: str = "ink"
    size: float = 7
    shape: Shape = "dot"
    label: str = ""
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Bars:
    """One horizontal bar a name, from 0 to its value, with the value written behind it."""

    names: Sequence[str]
    values: Sequence[float]
    colours: Sequence[str]
    high: float | None = None  # a bar of this length fills the panel; None: the longest does
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class HeatMap:
    """A value for each (row, column), in steps of colour from `low` (light) to `high` (dark); NaN is left empty.

    Where there is room, it is written with `digits` decimals. `keys` go row by row. The cell (row, column) in `marked`
    has a frame around it.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    values: Sequence[Sequence[float]]
    low: float = 0.0
    high: float = 1.0
    keys: Sequence[Sequence[str]] = ()
    marked: Sequence[tuple[int, int]] = ()
    digits: int = 2


@dataclass(frozen=True)
class GraphEdge:
    """An operation between two nodes. `faded`: it cannot matter; `marked`: look here.

    `strength`, from 0 to 1, sets the width of the line and is written beside the operation. `label` is what the edge
    says, by default the operation's short name.
    """

    source: int
    target: int
    operation: str
    faded: bool = False
    marked: bool = False
    key: str = ""
    strength: float | None = None
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """An architecture: tensors, and operations that lead from one to another, without a cycle.

    `in_rows`: a row a node, with the two edges that lead into it from left and right. So the labels of a DARTS cell and
    the strengths of its edges have room.
    """

    nodes: Sequence[str]
    edges: Sequence[GraphEdge]
    keys: Sequence[str] = ()  # of the nodes
    in_rows: bool = False


@dataclass(frozen=True)
class Wheel:
    """A wheel of fortune: sectors as wide as their weights, and a pointer at `pointer` (0 to 1, clockwise from above).

    `chosen` is the place of the sector that stands out.
    """

    names: Sequence[str]
    weights: Sequence[float]
    colours: Sequence[str]
    pointer: float | None = None
    chosen: int | None = None


@dataclass(frozen=True)
class TextTable:
    """Figures: rows of a name and a value, as text."""

    rows: Sequence[tuple[str, str]]
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Box:
    """A box with lines of text; place and size are fractions of the panel. A `frame` is dashed, and holds others."""

    text: str
    x: float
    y: float
    width: float
    height: float
    marked: bool = False
    frame: bool = False
    key: str = ""


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their places in `Diagram`, shifted to its left by `aside` pixels."""

    source: int
    target: int
    label: str = ""
    aside: float = 0


@dataclass(frozen=True)
class Diagram:
    """A diagram: boxes joined by straight arrows."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow] = ()


@dataclass(frozen=True)
class Prose:
    """Running text, wrapped, and below it a link that opens a page of its own."""

    paragraphs: Sequence[str]
    link: str = ""


@dataclass(frozen=True)
class StageBox:
    """A box in a `Stages`. `says` is its name in words, `faded`: nothing reads what it computes."""

    text: str
    colour: str = "ink"
    says: str = ""
    marked: bool = False
    faded: bool = False
    key: str = ""


@dataclass(frozen=True)
class Stages:
    """A network as layers in the order of computation, in rows such as stages: a label, and the layers behind it."""

    rows: Sequence[tuple[str, Sequence[StageBox]]]


Mark = Lines | Scatter | Bars | HeatMap | Graph | Wheel | TextTable | Diagram | Stages | Prose


@dataclass(frozen=True)
class Panel:
    """One drawing. `subtitle` carries the news of the moment; `alt` says in words what the picture shows."""

    title: str
    marks: Sequence[Mark]
    x: Axis | None = None
    y: Axis | None = None
    subtitle: str = ""
    alt: str = ""

    def __post_init__(self) -> None:
        for mark in self.marks:
            if not isinstance(mark, Mark):
                raise TypeError(f"panel {self.title!r}: {mark!r} is not a mark; allowed: Lines, Scatter, Bars, ...")
            _refuse_other_number_of_keys(self.title, mark)
        on_axes = [isinstance(mark, Lines | Scatter) for mark in self.marks]
        if all(on_axes):
            if self.x is None or self.y is None:
                raise ValueError(f"panel {self.title!r}: lines and points need both axes, x=Axis(...) and y=Axis(...)")
        elif len(self.marks) != 1:
            raise ValueError(
                f"panel {self.title!r}: only Lines and Scatter share a panel; other marks need a panel of their own"
            )


def _refuse_other_number_of_keys(title: str, mark: Mark) -> None:
    match mark:
        case Scatter(points=things, keys=keys) | Bars(names=things, keys=keys) | TextTable(rows=things, keys=keys):
            expected, got = len(things), len(keys)
        case Graph(nodes=things, keys=keys):
            expected, got = len(things), len(keys)
        case HeatMap(rows=rows, columns=columns, keys=grid):
            expected, got = len(rows) * len(columns), sum(len(row) for row in grid)
        case _:
            return
    if got not in (0, expected):
        kind = type(mark).__name__
        raise ValueError(f"panel {title!r}: {kind} has {expected} things and {got} keys; give one for each, or none")
