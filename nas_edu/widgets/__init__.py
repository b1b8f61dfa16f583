"""Live views of a search: `live` and `replay`, and what a view of one's own is made of.

A view is a function from the history so far to a `Panel` of a few marks. Widgets hold no algorithm: they ask a search
for its next event, or do not.
"""

from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.live_search import live, replay
from nas_edu.widgets.marks import Axis, Bars, Edge, Graph, HeatMap, Lines, Panel, Scatter, Table
from nas_edu.widgets.views import current_cell, incumbent_curve, learning_curve, population

__all__ = [
    "Axis",
    "Bars",
    "Dashboard",
    "Edge",
    "Graph",
    "HeatMap",
    "Lines",
    "Panel",
    "Scatter",
    "Table",
    "current_cell",
    "incumbent_curve",
    "learning_curve",
    "live",
    "population",
    "replay",
]
