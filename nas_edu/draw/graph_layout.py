"""Where the nodes and edges of a graph go: the same places live and drawn, for four nodes and for forty.

Data flow from left to right. A node's column is the longest way to it from an input; between two columns of nodes lies
a column for edges alone, so that each edge has a place for its label. The longest path is the spine, a straight line.
Whatever else there is, branches first, then edges, short ones first, takes the free row nearest to its ends: so arcs
nest. What is too long for one line is folded like a river: the next line runs back below, turned by half a turn, so
that an edge that passes on the outside stays there.

    columns  0   1   2   3   4   5   6          rows, in which -1 lies above the spine
    -2               0-3                        0-3 found row -1 taken by 0-2 on its way
    -1           0-2                            so this is what every TinyCell looks like
     0      x0 --- x1 --- x2 --- x3             the spine
     1                   1-3

Nothing but the edges and the sizes decide, so no picture jumps when an operation changes. Positions are pixels, y grows
downwards. Simplified: crossings are not counted; a general layout program does that in tens of milliseconds, and this
one must do between two frames.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nas_edu.draw.marks import Point

Pair = tuple[int, int]
TURN = 26.0  # pixels at the end of a line, where edges turn back


@dataclass(frozen=True)
class EdgePath:
    """A chain of cubic Bezier curves (1 + 3n points), where its arrow's tip is, the place of its label on the line,
    and whether the label stands above the line there, or else below."""

    points: tuple[Point, ...]
    tip: Point
    label: Point
    above: bool


@dataclass(frozen=True)
class Placed:
    """Centres of the nodes, for each the way that data flow there (1: to the right), and one path an edge."""

    width: float
    height: float
    nodes: tuple[Point, ...]
    ways: tuple[int, ...]
    edges: tuple[EdgePath, ...]


@dataclass(frozen=True)
class Grid:
    """The columns and rows of a graph. An edge lies in `edge_rows[k]` between its ends' columns."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    edge_rows: tuple[int, ...]
    edges: tuple[Pair, ...]

    @property
    def layers(self) -> int:
        return max(self.columns, default=0) // 2 + 1

    def crossing(self, layers: int) -> int:
        """How many edges turn together at the end of a line of so many layers, at most."""
        ends = range(2 * layers, max(self.columns, default=0) + 1, 2 * layers)
        spans = [(self.columns[i], self.columns[j]) for i, j in self.edges]
        return max((sum(first < end <= last for first, last in spans) for end in ends), default=0)

    def lines(self, layers: int) -> list[tuple[int, int]]:
        """The lowest and the highest row in each line of so many layers."""
        found: dict[int, list[int]] = defaultdict(lambda: [0])
        for column, row in zip(self.columns, self.rows, strict=True):
            found[column // (2 * layers)].append(row)
        for (i, j), row in zip(self.edges, self.edge_rows, strict=True):
            for line in range((self.columns[i] + 1) // (2 * layers), (self.columns[j] - 1) // (2 * layers) + 1):
                found[line].append(row)
        return [(min(found[line]), max(found[line])) for line in range(max(found, default=0) + 1)]


@lru_cache(maxsize=512)
def grid(nodes: int, edges: tuple[Pair, ...]) -> Grid:
    """Columns and rows of a graph without cycles; its nodes are numbered in any order."""
    after, before = _neighbours(edges)
    order = _sorted(nodes, after, before)
    columns = [0] * nodes
    for node in order:
        columns[node] = max((columns[one] + 2 for one in before[node]), default=0)
    taken: dict[int, set[int]] = defaultdict(set)
    rows: dict[int, int] = {}
    beside: dict[int, list[int]] = defaultdict(list)  # the nodes of each column
    for node in order:
        beside[columns[node]].append(node)
    joined: dict[Pair, int] = {}  # edges that lie in the row of a branch

    def free(first: int, last: int, wanted: float, ends: Sequence[int] = ()) -> int:
        """The row nearest to `wanted` that is free in these columns; of two as near, the upper one. It is taken now.

        A row costs more where the way to it from the nodes `ends` leads through other nodes.
        """
        best, least = 0, math.inf
        for row in _rows_near(wanted):
            if abs(row - wanted) >= least:
                break
            if any(row in taken[column] for column in range(first, last + 1)):
                continue
            through = sum(
                min(row, rows[end]) < rows[node] < max(row, rows[end]) for end in ends for node in beside[columns[end]]
            )
            if abs(row - wanted) + 3 * through < least:
                best, least = row, abs(row - wanted) + 3 * through
        for column in range(first, last + 1):
            taken[column].add(best)
        return best

    while len(rows) < nodes:  # the spine, and then branch by branch, the longest first
        path = _longest_path([node for node in order if node not in rows], after)
        start = max((one for one in before[path[0]] if one in rows), key=lambda one: (columns[one], -one), default=None)
        end = min((one for one in after[path[-1]] if one in rows), key=lambda one: (columns[one], one), default=None)
        ends = [one for one in (start, end) if one is not None]
        first = columns[path[0]] if start is None else columns[start] + 1
        last = columns[path[-1]] if end is None else columns[end] - 1
        row = free(first, last, sum(rows[one] for one in ends) / max(len(ends), 1))
        rows |= dict.fromkeys(path, row)
        way = [*([] if start is None else [start]), *path, *([] if end is None else [end])]
        joined |= dict.fromkeys(pairwise(way), row)
    edge_rows = [0] * len(edges)
    for k in sorted(range(len(edges)), key=lambda k: (columns[edges[k][1]] - columns[edges[k][0]], edges[k], k)):
        i, j = edges[k]
        found = joined.pop((i, j), None)  # of parallel edges, the first
        if found is None:
            found = free(columns[i] + 1, columns[j] - 1, (rows[i] + rows[j]) / 2, (i, j))
        edge_rows[k] = found
    return Grid(tuple(columns), tuple(rows[node] for node in range(nodes)), tuple(edge_rows), edges)


def _rows_near(wanted: float) -> Iterator[int]:
    """All rows, the nearest first, the upper one of two as near."""
    above, below = math.floor(wanted), math.floor(wanted) + 1
    while True:
        if wanted - above <= below - wanted:
            yield above
            above -= 1
        else:
            yield below
            below += 1


def _neighbours(edges: Iterable[Pair]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    after: dict[int, list[int]] = defaultdict(list)
    before: dict[int, list[int]] = defaultdict(list)
    for i, j in edges:
        after[i].append(j)
        before[j].append(i)
    return after, before


def _sorted(nodes: int, after: dict[int, list[int]], before: dict[int, list[int]]) -> list[int]:
    """The nodes in topological order."""
    waiting = {node: len(before[node]) for node in range(nodes)}
    order = [node for node in range(nodes) if not waiting[node]]
    for node in order:
        for one in after[node]:
            waiting[one] -= 1
            if not waiting[one]:
                order.append(one)
    return order


def _longest_path(order: Sequence[int], after: dict[int, list[int]]) -> list[int]:
    """The longest path through these nodes, given in topological order."""
    inside = set(order)
    length: dict[int, int] = {}
    following: dict[int, int | None] = {}
    for node in reversed(order):
        ahead = [one for one in after[node] if one in inside]
        following[node] = max(ahead, key=lambda one: (length[one], -one), default=None)
        length[node] = 1 + max((length[one] for one in ahead), default=0)
    path = [max(order, key=lambda node: (length[node], -node))]
    while (one := following[path[-1]]) is not None:
        path.append(one)
    return path


def place(
    graph: Grid, layers: int, *, half: float, lane: float, radius: float, arrow: float, margin: float = 0.0
) -> Placed:
    """The grid in pixels: `layers` columns of nodes a line, `half` a layer's width, `lane` from row to row.

    `margin` is kept free on the left and on the right; `radius` is that of a node, `arrow` the length of an arrow head.
    """
    lines, folded = graph.lines(layers), layers < graph.layers
    side = margin + radius + TURN * folded
    span = 2 * layers - 1 if folded else 2 * (graph.layers - 1)
    width = 2 * side + span * half
    tops = [sum(high - low + 1 for low, high in lines[:number]) * lane for number in range(len(lines))]

    def at(column: int, row: int) -> tuple[float, float, int]:
        """x, y and the number of the line; in every second line, all is turned by half a turn."""
        line, local = divmod(column, 2 * layers)
        low, high = lines[line]
        x = side + local * half
        if line % 2:
            return width - x, tops[line] + (high - row + 0.5) * lane, line
        return x, tops[line] + (row - low + 0.5) * lane, line

    centres = [at(column, row) for column, row in zip(graph.columns, graph.rows, strict=True)]
    paths = []
    for (i, j), row in zip(graph.edges, graph.edge_rows, strict=True):
        inner = range(graph.columns[i] + 1, graph.columns[j])
        ends = {inner[0], inner[-1]} | {c for c in inner if c % (2 * layers) in (0, 2 * layers - 1)}
        stops = [centres[i], *(at(column, row) for column in sorted(ends)), centres[j]]
        middle = at(inner[len(inner) // 2], row)
        points, tip = _curve(stops, radius, arrow)
        upper = row <= 0 if middle[2] % 2 == 0 else row >= 0
        paths.append(EdgePath(points, tip, middle[:2], upper))
    height = sum(high - low + 1 for low, high in lines) * lane
    ways = tuple(-1 if line % 2 else 1 for *_, line in centres)
    return Placed(width, height, tuple((x, y) for x, y, _ in centres), ways, tuple(paths))


def _curve(stops: Sequence[tuple[float, float, int]], radius: float, arrow: float) -> tuple[tuple[Point, ...], Point]:
    """A smooth line through the stops, from the border of the first to an arrow before the border of the last.

    Between two stops it never leaves the height between them: its slope at a stop is the harmonic mean of the slopes on
    both sides, and zero where these differ in sign (Fritsch & Carlson 1980).
    """
    steep = []
    for (x, y, line), (u, v, other) in pairwise(stops):
        steep.append((v - y) / abs(u - x) if line == other else 0.0)
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(steep)]
    slopes = [1.5 * steep[0] - inner[0] / 2, *inner, 1.5 * steep[-1] - inner[-1] / 2]
    points: list[Point] = [stops[0][:2]]
    for k, ((x, y, line), (u, v, other)) in enumerate(pairwise(stops)):
        way = -1 if line % 2 else 1
        if line == other:
            reach = abs(u - x) / 3
            points += [(x + way * reach, y + slopes[k] * reach), (u - way * reach, v - slopes[k + 1] * reach)]
        else:
            bulge = way * min(4 / 3 * TURN, 0.55 * abs(v - y))
            points += [(x + bulge, y), (u + bulge, v)]
        points.append((u, v))
    tip = _toward(points[-1], points[-2], radius)
    points[:2] = _clipped(points[0], points[1], radius)
    points[-2:] = reversed(_clipped(points[-1], points[-2], radius + arrow))
    return tuple(points), tip


def _clipped(end: Point, handle: Point, distance: float) -> tuple[Point, Point]:
    """The end of a curve moved along its handle, and the handle, as much shorter as the curve then is."""
    length = math.hypot(handle[0] - end[0], handle[1] - end[1])
    reach = min(distance + 0.6 * max(length - distance / 3, 0.3 * length), max(length, distance + 3))
    return _toward(end, handle, distance), _toward(end, handle, reach)


def _toward(origin: Point, target: Point, distance: float) -> Point:
    dx, dy = target[0] - origin[0], target[1] - origin[1]
    length = math.hypot(dx, dy) or 1.0
    return origin[0] + dx * distance / length, origin[1] + dy * distance / length


@dataclass(frozen=True)
class GraphSize:
    """How large a graph is drawn, in pixels. Without `words`, edges carry no label, and a legend tells operations."""

    radius: float
    font_size: float
    words: bool

    def half(self, label_width: float) -> float:
        """The least width of half a layer: a label fits between two nodes, or else an arrow."""
        return self.radius + (label_width / 2 if self.words else 11.0)

    @property
    def lane(self) -> float:
        """The least height of a row: a node, or a line with its label."""
        return max(2 * self.radius + 4, self.font_size + 18 if self.words else 13.0)


def fitting(
    graph: Grid, sizes: Sequence[GraphSize], width: float, height: float, label_width: float, margin: float = 0.0
) -> Iterator[tuple[GraphSize, int]]:
    """The sizes in which the graph fits into so many pixels, each with the layers of a line; at the end, the last size
    with the lines in which it has to shrink least.

    A graph is folded only where a single edge turns: several could not be followed. `label_width` is that of the
    longest label at 14 pixels, `margin` is kept free on the left and on the right.
    """

    def needed(size: GraphSize, layers: int) -> tuple[float, float]:
        half = size.half(label_width * size.font_size / 14)
        rows = sum(high - low + 1 for low, high in graph.lines(layers))
        if layers == graph.layers:
            return 2 * (size.radius + margin) + 2 * (layers - 1) * half, rows * size.lane
        return 2 * (size.radius + margin + TURN) + (2 * layers - 1) * half, rows * size.lane

    options = [layers for layers in range(graph.layers, 0, -1) if graph.crossing(layers) <= 1]
    for size in sizes:
        for layers in options:
            wide, high = needed(size, layers)
            if 0.94 * wide <= width and high <= height:
                lines = -(-graph.layers // layers)
                even = -(-graph.layers // lines)  # lines of nearly the same length
                yield size, even if even in options else layers
                break

    def shrinking(layers: int) -> float:
        wide, high = needed(sizes[-1], layers)
        return max(wide / width, high / height) * math.sqrt(max(graph.crossing(layers), 1))

    yield sizes[-1], min(range(graph.layers, 0, -1), key=lambda layers: (shrinking(layers), -layers))
