"""From an architecture's graph to marks: nodes, edges, their labels, a legend, and the same in words."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nas_edu.draw.layout import EdgePath, Point, lay_out
from nas_edu.draw.shapes import Circle, Curve, Mark, Polygon, Text, moved, segment, text_width
from nas_edu.draw.style import FONT_SIZE, OPERATION_STYLES, operation_style

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[Hashable, Hashable]
HIGHLIGHT = "#F0E442"  # Okabe & Ito's yellow, which no operation uses
DEAD_OPACITY = 0.35
JOINING = ({"concatenate"}, {"matmul"})  # what these deliver to one node is not added up
_LEGEND_LINE = 48  # pixels of each sample
_LEGEND_ROW = 26


@dataclass(frozen=True)
class Scale:
    """How large a graph is drawn, in pixels, and whether edges and ends are labelled with words.

    `label_width` is kept free for labels even where they are short: so graphs with the same edges look the same.
    """

    node_radius: float
    arrow_length: float
    font_size: float
    words: bool
    label_width: float = 110


FULL = Scale(node_radius=21, arrow_length=13, font_size=FONT_SIZE, words=True)
SMALL = Scale(node_radius=15, arrow_length=10, font_size=13, words=False)


@dataclass(frozen=True)
class Block:
    """A rectangle of marks that is put somewhere in a picture."""

    width: float
    height: float
    marks: tuple[Mark, ...]

    def at(self, x: float, y: float) -> list[Mark]:
        return [moved(mark, x, y) for mark in self.marks]


def graph_block(graph: nx.MultiDiGraph, scale: Scale, highlight: Collection[Edge]) -> Block:
    """Nodes are circles, edges are lines in their operation's style; dead edges are faded and lie below live ones."""
    label_size = (24.0, 10.0)
    if scale.words:
        widths = [text_width(_label(data), scale.font_size) for *_, data in graph.edges(data=True)]
        label_size = (max([scale.label_width, *widths]), 32.0)
    longest = max(text_width(node_name(node), scale.font_size) for node in graph.nodes)
    scale = replace(scale, node_radius=max(scale.node_radius, longest / 2 + 6))
    layout = lay_out(graph, node_radius=scale.node_radius, arrow_length=scale.arrow_length, label_size=label_size)
    below: list[Mark] = []
    edges: list[tuple[bool, list[Mark]]] = []
    for (source, target, data), path in zip(graph.edges(data=True), layout.edges, strict=True):
        if (source, target) in highlight:
            width = operation_style(data["operation"]).width + 12
            below.append(Curve((*path.points[:-1], path.tip), HIGHLIGHT, width, opacity=0.5))
        edges.append((data["live"], _edge_marks(data, path, scale)))
    edges.sort(key=lambda edge: edge[0])
    drawn = [mark for _, edge in edges for mark in edge]
    marks = below + sorted(drawn, key=lambda mark: isinstance(mark, Text))  # labels above all lines
    used = {node for i, j, live in graph.edges(data="live") if live for node in (i, j)}
    margin = text_width("output", scale.font_size - 1) + 8 if scale.words else 0
    for node, centre in layout.nodes.items():
        role = node_role(graph, node)
        marks += _node_marks(node, centre, role, node in used or role != "", scale)
    return Block(layout.width + 2 * margin, layout.height, tuple(moved(mark, margin, 0) for mark in marks))


def _label(data: Mapping[str, Any]) -> str:
    """What the edge says in `label`, or else the name of its operation."""
    return data.get("label") or operation_style(data["operation"]).label


def _edge_marks(data: Mapping[str, Any], path: EdgePath, scale: Scale) -> list[Mark]:
    operation, live = data["operation"], data["live"]
    style = operation_style(operation)
    if operation == "none":  # nothing flows, so no arrow
        marks: list[Mark] = [Curve((*path.points[:-1], path.tip), style.colour, style.width, style.dashes)]
    else:
        opacity = 1.0 if live else DEAD_OPACITY
        line = Curve(path.points, style.colour, style.width, style.dashes, opacity)
        marks = [line, Polygon(_arrow_head(path, style.width), style.colour, opacity)]
    if scale.words:
        marks.append(Text(path.label, _label(data), scale.font_size, "ink" if live else "muted", halo=True))
    return marks


def _arrow_head(path: EdgePath, width: float) -> tuple[Point, Point, Point]:
    (x, y), (tip_x, tip_y) = path.points[-1], path.tip
    dx, dy = tip_x - x, tip_y - y
    half = (3.5 + width) / math.hypot(dx, dy)  # a wider line has a wider head
    return (x - half * dy, y + half * dx), (tip_x, tip_y), (x + half * dy, y - half * dx)


def _node_marks(node: Hashable, centre: Point, role: str, used: bool, scale: Scale) -> list[Mark]:
    x, y = centre
    colour = "ink" if used else "muted"
    marks: list[Mark] = [
        Circle(centre, scale.node_radius - 1, colour, 1.8 if used else 1.2, () if used else (3, 3)),
        Text(centre, node_name(node), scale.font_size + 1, colour, bold=used),
    ]
    if scale.words and role:
        beside = scale.node_radius + 6
        if role == "input":
            marks.append(Text((x - beside, y), role, scale.font_size - 1, "muted", "end"))
        else:
            marks.append(Text((x + beside, y), role, scale.font_size - 1, "muted", "start"))
    return marks


def node_name(node: Hashable) -> str:
    """Node 2 is the tensor x2; a node that has a name of its own keeps it."""
    return f"x{node}" if isinstance(node, int) else str(node)


def node_role(graph: nx.MultiDiGraph, node: Hashable) -> str:
    """The role "input" where no edge comes in, "output" where none goes out, else ""."""
    if graph.in_degree(node) == 0:
        return "input"
    return "output" if graph.out_degree(node) == 0 else ""


def legend_block(graphs: Iterable[nx.MultiDiGraph], width: float) -> Block:
    """One sample line and the full name for each operation that occurs, in rows of at most `width` pixels."""
    edges = [(operation, live) for graph in graphs for *_, operation, live in _edges(graph)]
    present = {operation for operation, _ in edges}
    order = [name for name in OPERATION_STYLES if name in present] + sorted(present - OPERATION_STYLES.keys())
    entries = [(operation, operation, 1.0) for operation in order]
    dead = next((operation for operation, live in edges if not live and operation != "none"), None)
    if dead is not None:
        entries.append((dead, "faded: dead, does not matter", DEAD_OPACITY))
    marks: list[Mark] = []
    x, y, widest = 0.0, _LEGEND_ROW / 2, 0.0
    for operation, text, opacity in entries:
        style = operation_style(operation)
        entry_width = _LEGEND_LINE + 8 + text_width(text, FONT_SIZE - 1)
        if x > 0 and x + entry_width > width:
            x, y = 0.0, y + _LEGEND_ROW
        sample = segment((x, y), (x + _LEGEND_LINE, y))
        marks.append(Curve(sample, style.colour, style.width, style.dashes, opacity))
        marks.append(Text((x + _LEGEND_LINE + 8, y), text, FONT_SIZE - 1, anchor="start"))
        widest = max(widest, x + entry_width)
        x += entry_width + 16
    return Block(widest, y + _LEGEND_ROW / 2 if entries else 0, tuple(marks))


def describe(graph: nx.MultiDiGraph) -> str:
    """The graph in words: `x1 = nor_conv_3x3(x0); x2 = ...`, `none` left out, dead edges named at the end.

    Where tensors are joined otherwise than by addition it says so: `x3 = concatenate(x1, x2)`.
    """
    equations = []
    for node in graph.nodes:
        incoming = [(i, operation) for i, j, operation, _ in _edges(graph) if j == node]
        if incoming:
            terms = [f"{operation}({node_name(i)})" for i, operation in incoming if operation != "none"]
            if {operation for _, operation in incoming} in JOINING:
                terms = [f"{incoming[0][1]}({', '.join(map(node_name, graph.predecessors(node)))})"]
            equations.append(f"{node_name(node)} = {' + '.join(terms) or '0'}")
    dead = [
        f"{operation} from {node_name(i)} to {node_name(j)}"
        for i, j, operation, live in _edges(graph)
        if not live and operation != "none"
    ]
    return "; ".join(equations) + (f". Dead: {', '.join(dead)}" if dead else "")


def _edges(graph: nx.MultiDiGraph) -> list[tuple[Hashable, Hashable, str, bool]]:
    return [(i, j, data["operation"], data["live"]) for i, j, data in graph.edges(data=True)]
