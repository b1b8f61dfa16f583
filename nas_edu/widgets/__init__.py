"""Live views of a search, `live` and `replay`; explorers to click in; and what views and explorers are made of.

A view is a function from the history so far, or from an explorer's state, to a `Panel` of a few marks. Widgets hold no
algorithm: they ask a search for its next event, or do not.
"""

from nas_edu.widgets.controls import Button, Control, Select, Slider, TextField
from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers import explore_cell, explore_grammar, explore_hierarchy, stack_cells
from nas_edu.widgets.live_search import live, replay
from nas_edu.widgets.marks import (
    Arrow,
    Axis,
    Bars,
    Block,
    Blocks,
    Edge,
    Graph,
    HeatMap,
    Lines,
    Panel,
    Prose,
    Scatter,
    StageBox,
    Stages,
    Table,
)
from nas_edu.widgets.present import present
from nas_edu.widgets.views import (
    alpha_curves,
    alpha_heat_map,
    argmax_verdict,
    current_cell,
    incumbent_curve,
    learning_curve,
    losses,
    mixed_cell,
    population,
)

__all__ = [
    "Arrow",
    "Axis",
    "Bars",
    "Block",
    "Blocks",
    "Button",
    "Control",
    "Dashboard",
    "Edge",
    "Explorer",
    "Graph",
    "HeatMap",
    "Lines",
    "Panel",
    "Prose",
    "Scatter",
    "Select",
    "Slider",
    "StageBox",
    "Stages",
    "Table",
    "TextField",
    "alpha_curves",
    "alpha_heat_map",
    "argmax_verdict",
    "current_cell",
    "explore_cell",
    "explore_grammar",
    "explore_hierarchy",
    "incumbent_curve",
    "learning_curve",
    "live",
    "losses",
    "mixed_cell",
    "population",
    "present",
    "replay",
    "stack_cells",
]
