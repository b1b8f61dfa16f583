"""The mixture as a cell: on each edge its strongest operation, as wide as its softmax(alpha)."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Graph, GraphEdge, Panel
from nas_edu.widgets.views.mixture import edges_of, kind_of, mixing, operations, subtitle, titled

TITLE = "What argmax would give now"


def mixed_cell(history: History, kind: str | None = None) -> Panel:
    """The number beside an operation is its softmax(alpha). Of a DARTS cell, the two edges that each node keeps."""
    steps, title = history.steps, titled(kind, TITLE)
    if not steps:
        return Panel(title, [Graph([], [])], subtitle=subtitle(steps, ""))
    step = steps[-1]
    p, names = mixing(step, kind), operations(step)
    edges = edges_of(len(p))
    kept = getattr(step.architecture, kind_of(step, kind), None)  # of a genotype: pairs (operation, state)
    if kept is None:
        chosen = [(e, int(p[e].argmax())) for e in range(len(edges))]
    else:
        first = edges[0][1]  # the first node; each has two of the pairs
        chosen = [(edges.index((i, first + n // 2)), names.index(name)) for n, (name, i) in enumerate(kept)]
    drawn = [GraphEdge(*edges[e], names[o], strength=round(float(p[e, o]), 2)) for e, o in chosen]
    nodes = [f"x{node}" for node in range(edges[-1][1] + 1)]
    graph = Graph(nodes, drawn, in_rows=kept is not None)
    return Panel(title, [graph], subtitle=subtitle(steps, "width: softmax(alpha)"))
