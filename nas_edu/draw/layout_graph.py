"""An architecture graph as an arc diagram: tensors on one line, operations as arcs above and below it.

Positions depend on nothing but the graph, so nothing jumps when one operation changes, and no layout program runs
between two frames. Colours and dashes are those of `draw.cell`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

from nas_edu.draw.graph_marks import DEAD_OPACITY, HIGHLIGHT
from nas_edu.draw.marks import Graph, GraphEdge, Point
from nas_edu.draw.picture import HEIGHT, TEXT, WIDTH, Element, Picture, colour, number
from nas_edu.draw.style import OperationStyle, operation_style

RADIUS, ARROW, BAND = 16, 12, 13  # pixels: of a node, of an arrow head's length, of a marked edge's underlay
WIDEST = 8  # pixels that an edge of strength 1 is wider than one of strength 0: more would touch its label
TOP, BOTTOM, MARGIN = 60, HEIGHT - 12, RADIUS + 2  # as wide as it goes: "3x3 avg pool" must fit between two nodes


def lay_out_graph(graph: Graph, picture: Picture) -> None:
    if graph.in_rows:
        return _lay_out_rows(graph, picture)
    gap = (WIDTH - 2 * MARGIN) / max(len(graph.nodes) - 1, 1)
    heights = _heights(graph)
    above, below = max([*heights.values(), 0]), -min([*heights.values(), 0])
    unit = min((BOTTOM - TOP - 2 * (TEXT + BAND)) / max(above + below, 1), 80)
    middle = (TOP + BOTTOM + (above - below) * unit) / 2
    places = [(MARGIN + i * gap, middle) for i in range(len(graph.nodes))]
    for edge in graph.edges:
        height = heights[edge.source, edge.target] * unit
        picture.elements |= _edge(edge, places[edge.source], places[edge.target], height)
    for i, (place, name) in enumerate(zip(places, graph.nodes, strict=True)):
        picture.elements |= _node(i, place, name)
    _add_hits(graph, places, [heights[edge.source, edge.target] * unit for edge in graph.edges], unit, picture)


def _lay_out_rows(graph: Graph, picture: Picture) -> None:
    """Each node that something leads into in the middle of a row, its first edge on the left, its second on the right.

    Raises ValueError where a node has more than two.
    """
    into = {
        j: [edge for edge in graph.edges if edge.target == j] for j in sorted({edge.target for edge in graph.edges})
    }
    height = min((BOTTOM - TOP) / max(len(into), 1), 72)
    for row, (j, edges) in enumerate(into.items()):
        if len(edges) > 2:
            raise ValueError(f"a row has room for two edges, but {len(edges)} lead to {graph.nodes[j]}")
        y = TOP + (row + 0.5) * height
        for x, edge in zip((MARGIN + 8, WIDTH - MARGIN - 8), edges, strict=False):
            picture.elements |= _edge(edge, (x, y), (WIDTH / 2, y), 0)
            picture.elements |= _node(f"{row} {x}", (x, y), graph.nodes[edge.source])
        picture.elements |= _node(f"{row}", (WIDTH / 2, y), graph.nodes[j])


def _add_hits(graph: Graph, places: list[Point], heights: list[float], unit: float, picture: Picture) -> None:
    """What can be clicked: bands along the edges, wide enough for their labels, and on top of them the nodes."""
    width = min(36.0, 0.6 * unit)
    for edge, height in zip(graph.edges, heights, strict=True):
        if edge.key:
            style = operation_style(edge.operation)
            path, _, _ = _arc(places[edge.source], places[edge.target], height, style)
            says = f"{style.label} from {graph.nodes[edge.source]} to {graph.nodes[edge.target]}"
            picture.hit(edge.key, says, "path", d=path, stroke_width=width)
    for (x, y), name, key in zip(places, graph.nodes, graph.keys, strict=False):
        if key:
            picture.hit(key, name, "circle", cx=x, cy=y, r=RADIUS + 4)


def _heights(graph: Graph) -> dict[tuple[int, int], int]:
    """How high each edge's arc rises (negative: sinks), in units: longer arcs pass around shorter ones.

    Edges of one length go above and below in turn, so that neighbours do not cross.
    """
    pairs = sorted({(edge.source, edge.target) for edge in graph.edges})
    heights = {}
    for length in sorted({target - source for source, target in pairs}):
        same = [pair for pair in pairs if pair[1] - pair[0] == length]
        for i, pair in enumerate(same):
            heights[pair] = (length - 1) * (1 if i % 2 == 0 else -1)
    return heights


@lru_cache(maxsize=256)  # the same few nodes and edges come again and again
def _node(index: int | str, place: Point, name: str) -> dict[str, Element]:
    node, (x, y) = Picture(""), place
    fill, ink = colour("background"), colour("ink")
    node.add(f"node {index}", "circle", cx=x, cy=y, r=RADIUS, fill=fill, stroke=ink, stroke_width=2)
    node.write(f"node name {index}", x, y + 5, name, text_anchor="middle", font_weight="bold")
    return node.elements


@lru_cache(maxsize=1024)
def _edge(edge: GraphEdge, source: Point, target: Point, height: float) -> dict[str, Element]:
    picture = Picture("")
    style, key = operation_style(edge.operation), f"{edge.source}-{edge.target}"
    if edge.strength is not None:
        style = replace(style, width=1 + WIDEST * edge.strength)
    path, head, vertex = _arc(source, target, height, style)
    look: dict[str, Any] = {"stroke": style.colour, "stroke_width": style.width, "stroke_dasharray": style.svg_dashes}
    empty = edge.operation == "none"  # nothing flows: faint by itself, and without an arrow
    opacity = DEAD_OPACITY if edge.faded and not empty else 1
    band = path if edge.marked else ""
    picture.add(f"band {key}", "path", d=band, fill="none", stroke=HIGHLIGHT, stroke_width=BAND)
    picture.add(f"edge {key}", "path", d=path, fill="none", opacity=opacity, **look)
    picture.add(f"head {key}", "path", d="" if empty else head, fill=style.colour, opacity=opacity)
    above, below = vertex - BAND / 2 - 2, vertex + BAND / 2 + TEXT
    ink = colour("muted" if edge.faded else "ink")
    weight = "bold" if edge.marked else "normal"
    middle = (source[0] + target[0]) / 2
    y, other = (above, below) if height >= 0 else (below, above)
    picture.write(f"label {key}", middle, y, style.label, text_anchor="middle", fill=ink, font_weight=weight)
    if edge.strength is not None:  # on the other side of the line
        picture.write(f"strength {key}", middle, other, f"{edge.strength:.2f}", text_anchor="middle", fill=ink)
    return picture.elements


def _arc(source: Point, target: Point, height: float, style: OperationStyle) -> tuple[str, str, float]:
    """The line from border to border, the arrow head, and the y of the vertex.

    A symmetric cubic leaves the nodes at an angle of `lean`. Its vertex lies 3/4 of the control points' height above
    its ends, which gives the length `reach` of the handles.
    """
    (x1, y), (x2, _) = source, target
    lean = math.atan2(abs(height), (x2 - x1) / 4)
    up = -1 if height >= 0 else 1  # in SVG, y points down
    cos, sin = math.cos(lean), up * math.sin(lean)
    start, tip = (x1 + RADIUS * cos, y + RADIUS * sin), (x2 - RADIUS * cos, y + RADIUS * sin)
    end = (tip[0] - ARROW * cos, tip[1] + ARROW * sin)
    reach = (abs(height) - RADIUS * abs(sin)) * 4 / 3 / abs(sin) if height else abs(tip[0] - start[0]) / 3
    handles = (start[0] + reach * cos, start[1] + reach * sin), (tip[0] - reach * cos, tip[1] + reach * sin)
    half = 4 + style.width
    across = half * sin, half * cos
    wings = (end[0] + across[0], end[1] + across[1]), (end[0] - across[0], end[1] - across[1])
    line = f"M{_pair(start)}C{_pair(handles[0])} {_pair(handles[1])} {_pair(end)}"
    return line, f"M{_pair(tip)}L{_pair(wings[0])}L{_pair(wings[1])}Z", y - height


def _pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
