"""Cells and other architecture graphs as drawings: alone, or a gallery of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from nas_edu.draw.drawing import Drawing
from nas_edu.draw.graph_marks import FULL, SMALL, Block, Edge, describe, graph_block, legend_block
from nas_edu.draw.shapes import Mark, Picture, Text, text_width
from nas_edu.draw.style import FONT_SIZE
from nas_edu.search_spaces.hierarchy import Hierarchy
from nas_edu.search_spaces.layer_graph import LayerGraph
from nas_edu.search_spaces.tiny_cell import Cell, TinyCell

if TYPE_CHECKING:
    import networkx as nx

_PADDING = 14
_GAP = 22


@singledispatch
def architecture_graph(architecture: Any) -> nx.MultiDiGraph:
    """The graph of an architecture, by its type. Raises TypeError for a type that no space has registered."""
    known = ", ".join(kind.__name__ for kind in architecture_graph.registry if kind is not object)
    raise TypeError(
        f"cannot draw a {type(architecture).__name__}: {architecture!r}; draw.cell takes {known}, "
        "and draw.graph any networkx multigraph whose edges carry `operation` and `live`"
    )


@architecture_graph.register(Cell)
def _(cell: Cell) -> nx.MultiDiGraph:
    return TinyCell().to_graph(cell)


@architecture_graph.register(LayerGraph)
@architecture_graph.register(Hierarchy)
def _(architecture: LayerGraph | Hierarchy) -> nx.MultiDiGraph:
    return architecture.to_graph()


def cell(cell: Any, *, highlight: Collection[Edge] = (), title: str | None = None, legend: bool = True) -> Drawing:
    """Draw one cell; edges (i, j) in `highlight` get a yellow band. Raises TypeError for what is no cell."""
    return graph(architecture_graph(cell), highlight=highlight, title=title, legend=legend)


def graph(
    graph: nx.MultiDiGraph, *, highlight: Collection[Edge] = (), title: str | None = None, legend: bool = True
) -> Drawing:
    """Draw a multigraph without cycles: nodes are tensors, edges carry `operation` (a name) and `live` (a bool).

    Raises ValueError for a cycle, an edge without these, or a highlighted edge that the graph has not.
    """
    _refuse_incomplete(graph)
    for edge in highlight:
        if edge not in list(graph.edges()):
            raise ValueError(f"cannot highlight {edge}: the graph has the edges {sorted(graph.edges())}")
    block = graph_block(graph, FULL, highlight)
    return sheet(
        [[block]], title, legend_block([graph], block.width) if legend else None, _name(graph), describe(graph)
    )


def cells(
    cells: Iterable[Any],
    *,
    captions: Sequence[str] | None = None,
    columns: int = 3,
    title: str | None = None,
    legend: bool = True,
) -> Drawing:
    """Draw several cells side by side, smaller and with one legend for all, each above its caption.

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
    blocks = [graph_block(graph, SMALL, ()) for graph in graphs]
    if captions is not None:
        blocks = [_with_caption(block, caption) for block, caption in zip(blocks, captions, strict=True)]
    rows = [blocks[start : start + columns] for start in range(0, len(blocks), columns)]
    width = max(sum(block.width for block in row) + _GAP * (len(row) - 1) for row in rows)
    words = [
        f"{caption}: {describe(graph)}" for caption, graph in zip(captions or map(_name, graphs), graphs, strict=True)
    ]
    key = legend_block(graphs, max(width, 480)) if legend else None
    return sheet(rows, title, key, f"{len(graphs)} cells", ". ".join(words))


def sheet(rows: list[list[Block]], title: str | None, legend: Block | None, name: str, description: str) -> Drawing:
    """Title, rows of blocks, legend, from top to bottom."""
    marks: list[Mark] = []
    widths = [sum(block.width for block in row) + _GAP * (len(row) - 1) for row in rows]
    y = float(_PADDING)
    if title is not None:
        widths.append(text_width(title, FONT_SIZE + 2))
        marks.append(Text((_PADDING, y + 10), title, FONT_SIZE + 2, anchor="start", bold=True))
        y += 34
    for row in rows:
        x = float(_PADDING)
        for block in row:
            marks += block.at(x, y)
            x += block.width + _GAP
        y += max(block.height for block in row) + _GAP
    y -= _GAP
    if legend is not None and legend.marks:
        marks += legend.at(_PADDING, y + 12)
        widths.append(legend.width)
        y += 12 + legend.height
    width, height = max(widths) + 2 * _PADDING, y + _PADDING
    return Drawing(Picture(round(width), round(height), tuple(marks), title or name, description))


def _with_caption(block: Block, caption: str) -> Block:
    width = max(block.width, text_width(caption, FONT_SIZE))
    centred = block.at((width - block.width) / 2, 0)
    text = Text((width / 2, block.height + 16), caption, FONT_SIZE)
    return Block(width, block.height + 28, (*centred, text))


def _name(graph: nx.MultiDiGraph) -> str:
    return graph.graph.get("name") or "architecture graph"


def _refuse_incomplete(graph: nx.MultiDiGraph) -> None:
    if not graph:
        raise ValueError("the graph has no nodes, so there is nothing to draw")
    for i, j, data in graph.edges(data=True):
        missing = [key for key in ("operation", "live") if key not in data]
        if missing:
            raise ValueError(f"edge {i} -> {j} lacks {' and '.join(missing)}; it carries {sorted(data) or 'nothing'}")
