"""The cell that was evaluated last, as a graph, with what sets it apart from its parent.

The last one, not the one in training: so the view is a function of the history alone, and a replay shows the same.
"""

from __future__ import annotations

from typing import Any

from nas_edu.core import History, Trial
from nas_edu.draw.graphs import architecture_graph, describe, node_name
from nas_edu.draw.marks import Graph, GraphEdge, Panel
from nas_edu.widgets.views.scores import score_text

TITLE = "Cell evaluated last"


def current_cell(history: History) -> Panel:
    """Operations look as in `draw.cell`; faded ones cannot matter; those that a mutation changed are underlaid."""
    if not history.trials:
        return Panel(TITLE, [Graph([], [])], subtitle="no trial yet")
    trial = history.trials[-1]
    graph = architecture_graph(trial.architecture)
    changed = _changed(trial)
    nodes = list(graph.nodes)
    edges = [
        GraphEdge(nodes.index(i), nodes.index(j), data["operation"], faded=not data["live"], marked=(i, j) in changed)
        for i, j, data in graph.edges(data=True)
    ]
    news = f"trial {len(history.trials)}: {score_text(trial)}"
    if trial.failed:
        news += f", {trial.failure}"
    elif changed:
        news += f"; its parent: {score_text(trial.parents[0])}"
    drawing = Graph([node_name(node) for node in nodes], edges)
    return Panel(TITLE, [drawing], subtitle=news, alt=f"{TITLE}. {news}. {describe(graph)}")


def _changed(trial: Trial) -> set[tuple[Any, Any]]:
    """The edges on which a child with one parent differs from it."""
    if len(trial.parents) != 1:
        return set()
    before, after = (
        {(i, j): operation for i, j, operation in architecture_graph(one.architecture).edges(data="operation")}
        for one in (trial.parents[0], trial)
    )
    return {edge for edge, operation in after.items() if before.get(edge) != operation}
