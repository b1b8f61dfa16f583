"""Where the nodes, edges and labels of a graph go: dot decides, through the first rung of a ladder that holds.

    1. Graphviz's own `dot`, where the system has one,
    2. `graphviz-pure`, the same program as a Python package, which needs no system install,
    3. a plain layout of our own: all nodes in a row, arcs for edges that jump over nodes.

Only positions are asked for. Every rung is drawn by the same code, so the pictures differ in their curves alone.
Positions are pixels, y grows downwards.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sysconfig
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Point = tuple[float, float]


@dataclass(frozen=True)
class EdgePath:
    """A chain of cubic Bezier curves (1 + 3n points), where its arrow's tip is, and the middle of its label."""

    points: tuple[Point, ...]
    tip: Point
    label: Point


@dataclass(frozen=True)
class Layout:
    """Centres of the nodes by name, and one path an edge, in the order of `graph.edges`."""

    width: float
    height: float
    nodes: dict[Hashable, Point]
    edges: list[EdgePath]


def lay_out(
    graph: nx.MultiDiGraph, *, node_radius: float, arrow_length: float, label_size: tuple[float, float]
) -> Layout:
    """Lay a graph without cycles out from left to right.

    `label_size` (width, height in pixels) is kept free beside every edge, whatever its label: so two cells with the
    same edges get the same picture, and a mutation shows as the one edge that changed. Raises ValueError for a cycle.
    """
    import networkx as nx

    if not nx.is_directed_acyclic_graph(graph):
        cycle = " -> ".join(str(edge[0]) for edge in nx.find_cycle(graph))
        raise ValueError(f"a cell's graph must have no cycle, but this one has {cycle} -> ...")
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    edges = tuple((numbers[i], numbers[j]) for i, j in graph.edges())
    # Edges of a longest path are told to be short and straight: the spine of the picture.
    path = [numbers[node] for node in nx.dag_longest_path(graph, weight=None)]
    spine = frozenset(itertools.pairwise(path))
    source = _dot_source(len(numbers), edges, spine, node_radius, arrow_length, label_size)
    for program in dot_programs():
        found = _ask_dot(program, source)
        if found is not None:
            break
    else:
        columns = {numbers[node]: column for column, node in enumerate(nx.topological_sort(graph))}
        found = _plain_layout(columns, edges, node_radius, arrow_length, label_size)
    return Layout(
        found.width, found.height, {node: found.nodes[number] for node, number in numbers.items()}, found.edges
    )


def dot_programs() -> list[str]:
    """The layout programs of this machine, best first: `dot`, then `graphviz-pure`."""
    beside_python = sysconfig.get_path("scripts")
    candidates = (
        shutil.which("dot"),
        shutil.which("graphviz-pure", path=beside_python),
        shutil.which("graphviz-pure"),
    )
    return [program for program in candidates if program is not None]


def _dot_source(
    nodes: int,
    edges: tuple[tuple[int, int], ...],
    spine: frozenset[tuple[int, int]],
    node_radius: float,
    arrow_length: float,
    label_size: tuple[float, float],
) -> str:
    import graphviz

    width, height = label_size
    label = (
        f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0" fixedsize="true" width="{width:g}" '
        f'height="{height:g}"><tr><td></td></tr></table>>'
    )
    inches = node_radius / 36  # 72 pixels an inch
    dot = graphviz.Digraph(
        graph_attr={"rankdir": "LR", "nodesep": "0.25", "ranksep": "0.25"},
        node_attr={"shape": "circle", "fixedsize": "true", "width": f"{inches:g}", "label": ""},
        edge_attr={"arrowsize": f"{arrow_length / 10:g}", "label": label},
    )
    for node in range(nodes):
        dot.node(str(node))
    for k, (i, j) in enumerate(edges):
        dot.edge(str(i), str(j), id=str(k), weight="8" if (i, j) in spine else "1")
    return dot.source


@lru_cache(maxsize=64)
def _ask_dot(program: str, source: str) -> Layout | None:
    """Run dot; None where it does not work, for instance where its plugins were never configured."""
    try:
        answer = subprocess.run(
            [program, "-Tjson0"], input=source, capture_output=True, text=True, timeout=30, check=True
        ).stdout
        graph = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    _, _, width, height = (float(number) for number in graph["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")
        return float(x), height - float(y)

    nodes: dict[Hashable, Point] = {int(node["name"]): point(node["pos"]) for node in graph.get("objects", ())}
    edges: dict[int, EdgePath] = {}
    for edge in graph.get("edges", ()):
        tip, *points = edge["pos"].removeprefix("e,").split()
        curve = tuple(point(text) for text in points)
        edges[int(edge["id"])] = EdgePath(curve, point(tip), point(edge["lp"]))
    return Layout(width, height, nodes, [edges[k] for k in sorted(edges)])


def _plain_layout(
    columns: dict[int, int],
    edges: tuple[tuple[int, int], ...],
    node_radius: float,
    arrow_length: float,
    label_size: tuple[float, float],
) -> Layout:
    """All nodes in a row; an edge that jumps over nodes is an arc, the higher the further it jumps."""
    width, height = label_size
    step = 2 * node_radius + width + 12 + arrow_length
    centres: dict[Hashable, Point] = {node: (column * step, 0.0) for node, column in columns.items()}
    paths = []
    for k, (i, j) in enumerate(edges):
        (x0, _), (x1, _) = centres[i], centres[j]
        jump = columns[j] - columns[i] - 1 + edges[:k].count((i, j))  # parallel edges bow out further each
        side = 1 if columns[i] % 2 == 0 else -1
        bow = side * jump * (node_radius + height + 10)
        first = (x0 + (x1 - x0) / 4, bow * 4 / 3)  # 4/3: so the curve itself bows out by `bow`
        second = (x1 - (x1 - x0) / 4, bow * 4 / 3)
        start = _toward((x0, 0.0), first, node_radius)
        end = _toward((x1, 0.0), second, node_radius + arrow_length)
        tip = _toward((x1, 0.0), second, node_radius)
        label = ((x0 + x1) / 2, bow + (side if jump else -1) * (height / 2 + 6))
        paths.append(EdgePath((start, first, second, end), tip, label))
    return _moved_into_view(centres, paths, node_radius, label_size)


def _toward(origin: Point, target: Point, distance: float) -> Point:
    dx, dy = target[0] - origin[0], target[1] - origin[1]
    length = (dx * dx + dy * dy) ** 0.5
    return origin[0] + dx * distance / length, origin[1] + dy * distance / length


def _moved_into_view(
    centres: dict[Hashable, Point], paths: list[EdgePath], node_radius: float, label_size: tuple[float, float]
) -> Layout:
    boxes = [(x, y, node_radius, node_radius) for x, y in centres.values()]
    boxes += [(*path.label, label_size[0] / 2, label_size[1] / 2) for path in paths]
    left, top = min(x - w for x, _, w, _ in boxes), min(y - h for _, y, _, h in boxes)
    right, bottom = max(x + w for x, _, w, _ in boxes), max(y + h for _, y, _, h in boxes)

    def moved(point: Point) -> Point:
        return point[0] - left, point[1] - top

    return Layout(
        right - left,
        bottom - top,
        {node: moved(centre) for node, centre in centres.items()},
        [EdgePath(tuple(map(moved, path.points)), moved(path.tip), moved(path.label)) for path in paths],
    )
