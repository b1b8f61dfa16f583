"""The mixture as a cell: on each edge its strongest operation, as wide as its softmax(alpha)."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Graph, GraphEdge, Panel
from nas_edu.search_spaces.tiny_cell import EDGES, NODES
from nas_edu.widgets.views.mixture import mixing, operations, subtitle

TITLE = "What argmax would give now"


def mixed_cell(history: History) -> Panel:
    """The number beside an operation is its softmax(alpha)."""
    steps = history.steps
    nodes = [f"x{node}" for node in range(NODES)]
    if not steps:
        return Panel(TITLE, [Graph(nodes, [])], subtitle=subtitle(steps, ""))
    p, names = mixing(steps[-1]), operations(steps)
    edges = [
        GraphEdge(i, j, names[int(p[e].argmax())], strength=round(float(p[e].max()), 2))
        for e, (i, j) in enumerate(EDGES)
    ]
    return Panel(TITLE, [Graph(nodes, edges)], subtitle=subtitle(steps, "width: softmax(alpha)"))
