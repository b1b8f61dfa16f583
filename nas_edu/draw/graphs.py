"""An architecture's graph as SVG elements: nodes are tensors, edges are operations; and the same in words.

A cell looks the same live and drawn: `graph_layout` places it, and what follows paints it. Dead edges are faded, dead
nodes dashed; an operation keeps its colour, dashes and width everywhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nas_edu.draw.graph_layout import TURN, EdgePath, GraphSize, Pair, Placed, fitting, grid, place
from nas_edu.draw.marks import Graph, GraphEdge, Point
from nas_edu.draw.picture import HEIGHT, WIDTH, Element, Picture, colour, number, text_width
from nas_edu.draw.style import OPERATION_STYLES, operation_style

if TYPE_CHECKING:
    import networkx as nx

HIGHLIGHT = "#F0E442"  # Okabe & Ito's yellow, which no operation uses
DEAD_OPACITY = 0.35
BAND, HALO = 13, 4  # pixels: of a marked edge's underlay, of the rim of background around a label
WIDEST = 8  # pixels that an edge of strength 1 is wider than one of strength 0: more would touch its label
LABEL_WIDTH = text_width("3x3 avg pool")  # kept free even where labels are shorter: so no cell jumps when one changes
TOP, BOTTOM, LEFT, RIGHT = 58, HEIGHT - 8, 2, WIDTH - 2  # of the part of a panel in which a graph lies
TALLEST = 80.0  # pixels from row to row, where there is room
LEGEND_ROW, SAMPLE = 22, 34  # pixels
SIZES = (  # of graphs in a panel, the best first
    GraphSize(16, 14, True),
    GraphSize(12, 12, True),
    GraphSize(16, 14, False),
    GraphSize(12, 12, False),
    GraphSize(9, 11, False),
)
_JOINING = ({"concatenate"}, {"matmul"})  # what these deliver to one node is not added up


# --- from an architecture to a Graph, and to words --------------------------------------------------------------------


def architecture_graph(architecture: Any) -> nx.MultiDiGraph:
    """The graph of any architecture: what its `to_graph()` says. Raises TypeError for what has no such method."""
    if not callable(getattr(architecture, "to_graph", None)):
        raise TypeError(
            f"cannot draw a {type(architecture).__name__}: {architecture!r}; what can be drawn is an architecture with "
            "a method to_graph(), and by draw.graph any networkx multigraph whose edges carry `operation` and `live`"
        )
    return architecture.to_graph()


def graph_mark(
    graph: nx.MultiDiGraph,
    *,
    marked: Collection[tuple[Hashable, Hashable]] = (),
    key: Callable[[Hashable, Hashable], str] = lambda i, j: "",
) -> Graph:
    """The mark of a multigraph whose edges carry `operation` (a name), `live` (a bool) and perhaps `label`.

    Edges (i, j) in `marked` are underlaid; `key(i, j)` makes one clickable. Raises ValueError for a graph without
    nodes, for a cycle, and for an edge that lacks something.
    """
    import networkx as nx

    if not graph:
        raise ValueError("the graph has no nodes, so there is nothing to draw")
    for i, j, data in graph.edges(data=True):
        missing = [name for name in ("operation", "live") if name not in data]
        if missing:
            raise ValueError(f"edge {i} -> {j} lacks {' and '.join(missing)}; it carries {sorted(data) or 'nothing'}")
    places = {node: place for place, node in enumerate(graph.nodes)}
    in_order = all(places[i] < places[j] for i, j in graph.edges())  # mostly so, and quicker to see in each frame
    if not in_order and not nx.is_directed_acyclic_graph(graph):
        cycle = " -> ".join(str(edge[0]) for edge in nx.find_cycle(graph))
        raise ValueError(f"an architecture's graph must have no cycle, but this one has {cycle} -> ...")
    edges = [
        GraphEdge(
            places[i],
            places[j],
            data["operation"],
            faded=not data["live"],
            marked=(i, j) in marked,
            key=key(i, j),
            label=data.get("label", ""),
        )
        for i, j, data in graph.edges(data=True)
    ]
    return Graph([node_name(node) for node in graph.nodes], edges)


def node_name(node: Hashable) -> str:
    """Node 2 is the tensor x2; a node that has a name of its own keeps it."""
    return f"x{node}" if isinstance(node, int) else str(node)


def describe(graph: nx.MultiDiGraph) -> str:
    """The graph in words: `x1 = nor_conv_3x3(x0); x2 = ...`, `none` left out, dead edges named at the end.

    Where tensors are joined otherwise than by addition it says so: `x3 = concatenate(x1, x2)`.
    """
    equations = []
    for node in graph.nodes:
        incoming = [(i, operation) for i, _, operation in graph.in_edges(node, data="operation")]
        if incoming:
            terms = [f"{operation}({node_name(i)})" for i, operation in incoming if operation != "none"]
            if {operation for _, operation in incoming} in _JOINING:
                terms = [f"{incoming[0][1]}({', '.join(map(node_name, graph.predecessors(node)))})"]
            equations.append(f"{node_name(node)} = {' + '.join(terms) or '0'}")
    dead = [
        f"{data['operation']} from {node_name(i)} to {node_name(j)}"
        for i, j, data in graph.edges(data=True)
        if not data["live"] and data["operation"] != "none"
    ]
    return "; ".join(equations) + (f". Dead: {', '.join(dead)}" if dead else "")


# --- from a Graph to elements -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Structure:
    """All of a graph that decides where it lies."""

    nodes: int
    edges: tuple[Pair, ...]
    label_width: float

    @classmethod
    def of(cls, graph: Graph, at_least: float = LABEL_WIDTH) -> Structure:
        width = max((text_width(edge_label(edge)) for edge in graph.edges), default=0.0)
        pairs = tuple((edge.source, edge.target) for edge in graph.edges)
        return cls(len(graph.nodes), pairs, max(width, at_least))


def edge_label(edge: GraphEdge) -> str:
    return edge.label or operation_style(edge.operation).label


def lay_out_graph(graph: Graph, picture: Picture) -> None:
    """The graph in a panel. Where labels do not fit, a legend below names the operations."""
    if not graph.nodes:
        return
    if graph.in_rows:
        _lay_out_rows(graph, picture)
        return
    entries = legend_entries([graph])
    size, placed, bottom = _in_panel(Structure.of(graph), entries)
    x, y = (LEFT + RIGHT - placed.width) / 2, (TOP + bottom - placed.height) / 2
    add_graph(graph, placed, size, picture, (x, y))
    if not size.words:
        add_legend(entries, picture, (LEFT + 8, bottom + 4), RIGHT - LEFT - 16)


def _lay_out_rows(graph: Graph, picture: Picture) -> None:
    """Each node that something leads into in the middle of a row, its first edge on the left, its second on the right.

    Raises ValueError where a node has more than two.
    """
    size, targets = SIZES[0], sorted({edge.target for edge in graph.edges})
    lane = min((BOTTOM - TOP) / max(len(targets), 1), 72.0)
    nodes: list[tuple[str, Point]] = []
    edges, paths = [], []
    for row, j in enumerate(targets):
        into = [edge for edge in graph.edges if edge.target == j]
        if len(into) > 2:
            raise ValueError(f"a row has room for two edges, but {len(into)} lead to {graph.nodes[j]}")
        middle, y = len(nodes), TOP + (row + 0.5) * lane
        nodes.append((graph.nodes[j], (WIDTH / 2, y)))
        for edge, x in zip(into, (28.0, WIDTH - 28.0), strict=False):
            way = 1 if x < WIDTH / 2 else -1
            start, tip = (x + way * size.radius, y), (WIDTH / 2 - way * size.radius, y)
            end = tip[0] - way * arrow_length(size.radius), y
            paths.append(EdgePath((start, start, end, end), tip, ((start[0] + end[0]) / 2, y), True))
            edges.append(replace(edge, source=len(nodes), target=middle))
            nodes.append((graph.nodes[edge.source], (x, y)))
    placed = Placed(WIDTH, HEIGHT, tuple(place for _, place in nodes), (1,) * len(nodes), tuple(paths))
    add_graph(Graph([name for name, _ in nodes], edges), placed, size, picture)


@lru_cache(maxsize=256)
def _in_panel(structure: Structure, entries: tuple[Entry, ...]) -> tuple[GraphSize, Placed, float]:
    """How large, where, and where the legend begins: at the lower edge where labels are written at the edges."""
    cells, width = grid(structure.nodes, structure.edges), float(RIGHT - LEFT)
    size, layers, bottom = *next(fitting(cells, SIZES, width, BOTTOM - TOP, structure.label_width)), float(BOTTOM)
    if not size.words:
        bottom -= legend_size(entries, width - 16)[1] + 4
        options = fitting(cells, SIZES, width, bottom - TOP, structure.label_width)
        size, layers = next(option for option in options if not option[0].words)
    rows = sum(high - low + 1 for low, high in cells.lines(layers))
    radius = min(size.radius, (bottom - TOP) / rows / 2 - 1)
    folded = layers < cells.layers
    room = width - 2 * radius - 2 * TURN * folded
    half = room / max(2 * layers - 1 if folded else 2 * layers - 2, 1)
    radius = min(radius, half)
    lane = min((bottom - TOP) / rows, TALLEST)
    size = replace(size, radius=radius)
    placed = place(cells, layers, half=half, lane=lane, radius=radius, arrow=arrow_length(radius))
    return size, placed, bottom


def arrow_length(radius: float) -> float:
    return 4 + radius / 2


def add_graph(
    graph: Graph, placed: Placed, size: GraphSize, picture: Picture, at: Point = (0, 0), *, roles: bool = False
) -> None:
    """The elements of a graph that was placed, moved to `at`. `roles` writes input and output beside their nodes.

    Labels lie above all lines, nodes above all, and on top what can be clicked.
    """
    x, y = at
    seen: Counter[Pair] = Counter()
    lines: dict[str, Element] = {}
    labels: dict[str, Element] = {}
    hits = []
    for edge, path in zip(graph.edges, placed.edges, strict=True):
        pair = edge.source, edge.target
        key = f"{edge.source}-{edge.target}" + f" {seen[pair]}" * (seen[pair] > 0)
        seen[pair] += 1
        line, label = _edge(edge, key, path, size, x, y)
        lines |= line  # always in this order: a changed order would send the whole picture again
        labels |= label
        if edge.key:
            hits.append((edge, path))
    picture.elements |= lines | labels
    into, out = {edge.target for edge in graph.edges}, {edge.source for edge in graph.edges}
    used = {node for edge in graph.edges if not edge.faded for node in (edge.source, edge.target)}
    name_size = min(size.font_size, (2 * size.radius - 4) / max(0.64 * max(len(name), 1) for name in graph.nodes))
    for i, ((u, v), name) in enumerate(zip(placed.nodes, graph.nodes, strict=True)):
        dead = i not in used and i in into and i in out
        picture.elements |= _node(i, (x + u, y + v), name, dead, size.radius, round(name_size, 1))
        if roles and not (i in into and i in out):
            first = i not in into and (i in out or i == 0)  # where nothing gets through, both ends stand alone
            way = placed.ways[i] * (-1 if first else 1)
            beside = {"text_anchor": "start" if way > 0 else "end", "fill": colour("muted")}
            role = "input" if first else "output"
            left = x + u + way * (size.radius + 6)
            picture.write(f"role {i}", left, y + v + 5, role, font_size=size.font_size - 1, **beside)
    for edge, path in hits:
        says = f"{edge_label(edge)} from {graph.nodes[edge.source]} to {graph.nodes[edge.target]}"
        picture.hit(edge.key, says, "path", d=_line(path.points, x, y), stroke_width=min(36.0, 0.6 * size.lane))
    for (u, v), name, key in zip(placed.nodes, graph.nodes, graph.keys, strict=False):
        if key:
            picture.hit(key, name, "circle", cx=x + u, cy=y + v, r=size.radius + 4)


@lru_cache(maxsize=256)  # the same few nodes and edges come again and again
def _node(index: int, at: Point, name: str, dead: bool, radius: float, font_size: float) -> dict[str, Element]:
    node, (x, y) = Picture(""), at
    fill, ink = colour("background"), colour("muted" if dead else "ink")
    look = {"stroke": ink, "stroke_width": 1.2 if dead else 2, "stroke_dasharray": "3 3" if dead else "none"}
    node.add(f"node {index}", "circle", cx=x, cy=y, r=radius - 1, fill=fill, **look)
    weight = "normal" if dead else "bold"
    middle: dict[str, str | float] = {
        "text_anchor": "middle",
        "font_weight": weight,
        "font_size": font_size,
        "fill": ink,
    }
    if font_size >= 7:  # or it could not be read
        node.write(f"node name {index}", x, y + 0.36 * font_size, name, **middle)
    return node.elements


@lru_cache(maxsize=1024)
def _edge(
    edge: GraphEdge, key: str, path: EdgePath, size: GraphSize, x: float, y: float
) -> tuple[dict[str, Element], dict[str, Element]]:
    """The line with its arrow, and the label."""
    picture, labels = Picture(""), Picture("")
    style = operation_style(edge.operation)
    if edge.strength is not None:
        style = replace(style, width=1 + WIDEST * edge.strength)
    elif not size.words and size.radius < 12:  # thinner among many
        style = replace(style, width=0.7 * style.width)
    look: dict[str, Any] = {"stroke": style.colour, "stroke_width": style.width, "stroke_dasharray": style.svg_dashes}
    empty = edge.operation == "none"  # nothing flows: faint by itself, and without an arrow
    opacity = DEAD_OPACITY if edge.faded and not empty else 1
    line = _line((*path.points[:-1], path.tip) if empty else path.points, x, y)
    picture.add(f"band {key}", "path", d=line if edge.marked else "", fill="none", stroke=HIGHLIGHT, stroke_width=BAND)
    picture.add(f"edge {key}", "path", d=line, fill="none", opacity=opacity, **look)
    head = "" if empty else _head(path, 3.5 + style.width * (0.6 if style.width > 5 else 1), x, y)
    picture.add(f"head {key}", "path", d=head, fill=style.colour, opacity=opacity)
    if size.words:
        u, v = path.label
        above, below = y + v - BAND / 2 - 2, y + v + BAND / 2 + 0.8 * size.font_size
        first, second = (above, below) if path.above else (below, above)
        words: dict[str, Any] = {
            "text_anchor": "middle",
            "font_size": size.font_size,
            "fill": colour("muted" if edge.faded else "ink"),
            "stroke": colour("background"),
            "stroke_width": HALO,
            "stroke_linejoin": "round",
            "paint_order": "stroke",
        }
        weight = "bold" if edge.marked else "normal"
        labels.write(f"label {key}", x + u, first, edge_label(edge), font_weight=weight, **words)
        if edge.strength is not None:  # on the other side of the line
            labels.write(f"strength {key}", x + u, second, f"{edge.strength:.2f}", **words)
    return picture.elements, labels.elements


def _line(points: Sequence[Point], x: float, y: float) -> str:
    """A chain of cubics as path data."""
    start, *rest = (f"{number(x + u)} {number(y + v)}" for u, v in points)
    return f"M{start}C{' '.join(rest)}"


def _head(path: EdgePath, half: float, x: float, y: float) -> str:
    """The arrow head, `half` pixels to each side of the line's end."""
    (u, v), (a, b) = path.points[-1], path.tip
    length = math.hypot(a - u, b - v) or 1.0
    across = -half * (b - v) / length, half * (a - u) / length
    corners = [(a, b), (u + across[0], v + across[1]), (u - across[0], v - across[1])]
    return "M" + "L".join(f"{number(x + p)} {number(y + q)}" for p, q in corners) + "Z"


# --- the legend -------------------------------------------------------------------------------------------------------

Entry = tuple[str, str, bool]  # an operation, what is written beside its sample line, and whether the line is faded


def legend_entries(graphs: Sequence[Graph], *, in_full: bool = False) -> tuple[Entry, ...]:
    """An entry for each operation that occurs, in the order of the styles, and one that explains what is faded.

    They say the short names of the operations, or, `in_full`, those that Python knows.
    """
    edges = [edge for graph in graphs for edge in graph.edges]
    present = {edge.operation for edge in edges}
    order = [name for name in OPERATION_STYLES if name in present] + sorted(present - OPERATION_STYLES.keys())
    entries = [(name, name if in_full else operation_style(name).label, False) for name in order]
    dead = next((edge.operation for edge in edges if edge.faded and edge.operation != "none"), None)
    if dead is not None:
        entries.append((dead, "faded: dead, does not matter" if in_full else "faded: dead", True))
    return tuple(entries)


def legend_size(entries: Sequence[Entry], width: float) -> tuple[float, float]:
    """Width and height of a legend in rows of at most `width` pixels."""
    places = _legend_places(entries, width)
    widest = max(
        (x + SAMPLE + 6 + text_width(text) for (_, text, _), (x, _) in zip(entries, places, strict=True)), default=0
    )
    return widest, (places[-1][1] + 1) * LEGEND_ROW if places else 0.0


def _legend_places(entries: Sequence[Entry], width: float) -> list[tuple[float, int]]:
    """X and row of each entry."""
    places, x, row = [], 0.0, 0
    for _, text, _ in entries:
        wide = SAMPLE + 6 + text_width(text)
        if x > 0 and x + wide > width:
            x, row = 0.0, row + 1
        places.append((x, row))
        x += wide + 14
    return places


def add_legend(entries: Sequence[Entry], picture: Picture, at: Point, width: float) -> None:
    """A sample line and a text for each entry, in rows of at most `width` pixels."""
    for k, ((name, text, faded), (x, row)) in enumerate(zip(entries, _legend_places(entries, width), strict=True)):
        style, left, y = operation_style(name), at[0] + x, at[1] + (row + 0.5) * LEGEND_ROW
        look: dict[str, Any] = {
            "stroke": style.colour,
            "stroke_width": style.width,
            "stroke_dasharray": style.svg_dashes,
        }
        line = f"M{number(left)} {number(y)}H{number(left + SAMPLE)}"
        picture.add(f"sample {k}", "path", d=line, fill="none", opacity=DEAD_OPACITY if faded else 1, **look)
        picture.write(f"legend {k}", left + SAMPLE + 6, y + 5, text)
