"""Live views of a search, `live` and `replay`; explorers to click in; and what views and explorers are made of.

A view is a function from the history so far, or from an explorer's state, to a `Panel` of a few marks. Widgets hold no
algorithm: they ask a search for its next event, or do not.
"""

from nas_edu.widgets.alpha_theatre import alpha_theatre
from nas_edu.widgets.controls import Button, Control, Select, Slider, TextField
from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers import (
    explore_budget,
    explore_cell,
    explore_components,
    explore_grammar,
    explore_hierarchy,
    explore_mixed_operation,
    explore_timeline,
    explore_toy_bilevel,
    explore_wheel,
    stack_cells,
)
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
    Wheel,
)
from nas_edu.widgets.present import present
from nas_edu.widgets.race import Race
from nas_edu.widgets.views import (
    alpha_curves,
    alpha_heat_map,
    argmax_verdict,
    current_cell,
    family_tree,
    incumbent_curve,
    learning_curve,
    losses,
    mixed_cell,
    pareto_view,
    perturbation,
    policy,
    population,
    reward,
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
    "Race",
    "Scatter",
    "Select",
    "Slider",
    "StageBox",
    "Stages",
    "Table",
    "TextField",
    "Wheel",
    "alpha_curves",
    "alpha_heat_map",
    "alpha_theatre",
    "argmax_verdict",
    "current_cell",
    "explore_budget",
    "explore_cell",
    "explore_components",
    "explore_grammar",
    "explore_hierarchy",
    "explore_mixed_operation",
    "explore_timeline",
    "explore_toy_bilevel",
    "explore_wheel",
    "family_tree",
    "incumbent_curve",
    "learning_curve",
    "live",
    "losses",
    "mixed_cell",
    "pareto_view",
    "perturbation",
    "policy",
    "population",
    "present",
    "replay",
    "reward",
    "stack_cells",
]
