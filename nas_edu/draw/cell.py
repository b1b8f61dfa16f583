"""Architectures as drawings: one, a gallery of them, or one from the literature with its motifs."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nas_edu.draw.drawing import Drawing
from nas_edu.draw.graph_layout import GraphSize, fitting, grid, place
from nas_edu.draw.graphs import (
    Structure,
    add_graph,
    add_legend,
    architecture_graph,
    arrow_length,
    describe,
    graph_mark,
    legend_entries,
    legend_size,
)
from nas_edu.draw.marks import Graph
from nas_edu.draw.picture import Picture, colour, text_width
from nas_edu.draw.style import FONT_SIZE, operation_style

if TYPE_CHECKING:
    import networkx as nx

FULL, SMALL = (GraphSize(21, FONT_SIZE, True), GraphSize(16, 14, False)), (GraphSize(15, 13, False),)
WIDEST = {True: 1000, False: 290}  # pixels of a picture with and without words; what is wider is folded
_PADDING, _GAP = 14, 22
_DETAILS = {"channels": "{}", "stride": "/{}", "groups": "{} groups", "times": "{} times"}  # /2: as in the ResNet paper
_WIDER = 1.1  # a matplotlib PNG has wider letters than a browser


def cell(
    cell: Any,
    *,
    highlight: Collection[tuple[Hashable, Hashable]] = (),
    title: str | None = None,
    legend: bool = True,
) -> Drawing:
    """Draw one architecture of any space by its `to_graph()`; edges (i, j) in `highlight` get a yellow band.

    Raises TypeError for what has no `to_graph()`.
    """
    return graph(architecture_graph(cell), highlight=highlight, title=title, legend=legend)


def graph(
    graph: nx.MultiDiGraph,
    *,
    highlight: Collection[tuple[Hashable, Hashable]] = (),
    title: str | None = None,
    legend: bool = True,
) -> Drawing:
    """Draw a multigraph without cycles: nodes are tensors, edges carry `operation` (a name) and `live` (a bool).

    Raises ValueError for a cycle, an edge without these, or a highlighted edge that the graph has not.
    """
    mark = graph_mark(graph, marked=highlight)
    for edge in highlight:
        if edge not in list(graph.edges()):
            raise ValueError(f"cannot highlight {edge}: the graph has the edges {sorted(graph.edges())}")
    return _sheet([[_picture(mark, FULL)]], title, [mark] if legend else [], _name(graph), describe(graph))


def cells(
    cells: Iterable[Any],
    *,
    captions: Sequence[str] | None = None,
    columns: int = 3,
    title: str | None = None,
    legend: bool = True,
) -> Drawing:
    """Draw several architectures side by side, smaller and with one legend for all, each above its caption.

    Three columns are as wide as a notebook.

    Raises ValueError where there is no cell, not one caption for each, or no column.
    """
    graphs = [architecture_graph(cell) for cell in cells]
    if not graphs:
        raise ValueError("draw.cells needs at least one cell, got none")
    if columns < 1:
        raise ValueError(f"columns must be 1 or more, got {columns}")
    if captions is not None and len(captions) != len(graphs):
        raise ValueError(f"{len(graphs)} cells need {len(graphs)} captions, got {len(captions)}")
    marks = [graph_mark(graph) for graph in graphs]
    below = [""] * len(marks) if captions is None else captions
    pictures = [_picture(mark, SMALL, caption=caption) for mark, caption in zip(marks, below, strict=True)]
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    names = captions or map(_name, graphs)
    told = ". ".join(f"{name}: {describe(graph)}" for name, graph in zip(names, graphs, strict=True))
    return _sheet(rows, title, marks if legend else [], f"{len(graphs)} cells", told)


def known(name: str, *, legend: bool = True) -> Drawing:
    """Draw the architecture of that name, such as "resnext_block", with the paper that it is from.

    The whole one comes first, then its motifs, each as a picture of its own. Raises ValueError for an unknown name,
    with a list of those that are known.
    """
    from nas_edu.bibliography import load
    from nas_edu.search_spaces.known_architectures import known as known_architecture

    architecture = known_architecture(name)
    marks = [graph_mark(_labelled(graph, architecture.graphs)) for graph in architecture.graphs.values()]
    pictures = [_picture(mark, FULL, label_width=60) for mark in marks]
    rows = [[one] for one in pictures]
    if len(pictures) > 1:
        rows = [
            [one]
            for motif, picture in zip(architecture.graphs, pictures, strict=True)
            for one in (_line(motif), picture)
        ]
    source = f"{load()[architecture.reference].label}, {architecture.place}"
    rows.append([_line(source, fill=colour("muted"), font_weight="normal")])
    words = [f"{motif}: {describe(graph)}" for motif, graph in architecture.graphs.items()]
    told = ". ".join([*words, source])
    return _sheet(rows, architecture.title, marks if legend else [], architecture.title, told)


def _picture(mark: Graph, sizes: Sequence[GraphSize], label_width: float = 95, caption: str = "") -> Picture:
    """A graph at its natural size, above its caption; `label_width` is kept free even where labels are shorter."""
    structure = Structure.of(mark, label_width)
    places = grid(structure.nodes, structure.edges)
    longest = max(text_width(name, sizes[0].font_size) for name in mark.nodes)
    margin = text_width("output", FONT_SIZE) + 8 if sizes[0].words else 0.0
    sizes = [replace(size, radius=max(size.radius, longest / 2 + 4)) for size in sizes]
    label_width = structure.label_width * _WIDER
    size, layers = next(fitting(places, sizes, WIDEST[sizes[0].words], math.inf, label_width, margin))
    half, lane = size.half(label_width * size.font_size / 14), size.lane * 1.2
    arrow = arrow_length(size.radius)
    placed = place(places, layers, half=half, lane=lane, radius=size.radius, arrow=arrow, margin=margin)
    width = max(placed.width, text_width(caption, FONT_SIZE) * _WIDER)
    picture = Picture("", width=width, height=placed.height + 28 * bool(caption))
    at = ((width - placed.width) / 2, 0.0)
    add_graph(mark, placed, size, picture, at, roles=margin > 0)
    if caption:
        picture.write("caption", width / 2, placed.height + 21, caption, font_size=FONT_SIZE, text_anchor="middle")
    return picture


def _sheet(rows: list[list[Picture]], title: str | None, marks: list[Graph], name: str, told: str) -> Drawing:
    """Title, rows of pictures, and the legend of `marks`, from top to bottom."""
    frame = Picture("")
    places: list[tuple[float, float, Picture]] = [(0, 0, frame)]
    widths = [sum(picture.width for picture in row) + _GAP * (len(row) - 1) for row in rows]
    y = float(_PADDING)
    if title is not None:
        widths.append(text_width(title, FONT_SIZE + 2) * _WIDER)
        frame.write("title", _PADDING, y + 15, title, font_size=FONT_SIZE + 2, font_weight="bold")
        y += 34
    for row in rows:
        x = float(_PADDING)
        for picture in row:
            places.append((x, y, picture))
            x += picture.width + _GAP
        y += max(picture.height for picture in row) + _GAP
    y -= _GAP
    if marks:
        entries, room = legend_entries(marks, in_full=True), max(*widths, 560)
        wide, high = legend_size(entries, room)
        add_legend(entries, frame, (_PADDING, y + 12), room)
        widths.append(wide * _WIDER)
        y += 12 + high
    return Drawing(round(max(widths)) + 2 * _PADDING, round(y) + _PADDING, title or name, told, tuple(places))


def _line(text: str, **look: str) -> Picture:
    """A heading, or a note."""
    picture = Picture("", width=text_width(text, FONT_SIZE) * _WIDER, height=14)
    style: dict[str, str | float] = {"font_size": FONT_SIZE, "font_weight": "bold", **look}
    picture.write("line", 0, 12, text, **style)
    return picture


def _name(graph: nx.MultiDiGraph) -> str:
    return graph.graph.get("name") or "architecture graph"


def _labelled(graph: nx.MultiDiGraph, motifs: Collection[str]) -> nx.MultiDiGraph:
    """A copy for the drawing: labels say all that is known of an operation, and all motifs are lines of one style."""
    copy = graph.copy()
    for *_, data in copy.edges(data=True):
        inner = data["operation"] in motifs
        label = data["operation"] if inner else operation_style(data["operation"]).label
        data["label"] = ", ".join([label, *_details(data)])
        if inner:
            data["operation"] = "motif"
    return copy


def _details(data: Mapping[str, Any]) -> list[str]:
    return [words.format(data[fact]) for fact, words in _DETAILS.items() if fact in data]
