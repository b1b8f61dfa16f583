"""The mixture as a cell: on each edge its strongest operation, as wide as its softmax(alpha)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nas_edu.core import History
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, OPERATIONS
from nas_edu.widgets.marks import Edge, Graph, Panel
from nas_edu.widgets.views.mixture import mixing, subtitle

TITLE = "What argmax would give now"


def mixed_cell(operations: Sequence[str] = OPERATIONS) -> Callable[[History], Panel]:
    """A view for a search over these operations."""
    names = [f"x{node}" for node in range(NODES)]

    def view(history: History) -> Panel:
        steps = history.steps
        if not steps:
            return Panel(TITLE, [Graph(names, [])], subtitle="no step yet")
        p = mixing(steps[-1])
        edges = [
            Edge(i, j, operations[int(p[e].argmax())], strength=round(float(p[e].max()), 2))
            for e, (i, j) in enumerate(EDGES)
        ]
        return Panel(TITLE, [Graph(names, edges)], subtitle=subtitle(steps, "width: softmax(alpha)"))

    return view
