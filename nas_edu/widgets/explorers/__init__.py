"""Explorers, one a file: each is a pure state, views of it, and what clicks and controls make of it."""

from nas_edu.widgets.explorers.budget import explore_budget
from nas_edu.widgets.explorers.cell import explore_cell
from nas_edu.widgets.explorers.components import explore_components
from nas_edu.widgets.explorers.grammar import explore_grammar
from nas_edu.widgets.explorers.hierarchy import explore_hierarchy
from nas_edu.widgets.explorers.mixed_operation import explore_mixed_operation
from nas_edu.widgets.explorers.nwot_codes import explore_nwot
from nas_edu.widgets.explorers.proxies import explore_proxies, explore_proxy_combination, explore_proxy_matrix
from nas_edu.widgets.explorers.stacker import stack_cells
from nas_edu.widgets.explorers.timeline import explore_timeline
from nas_edu.widgets.explorers.toy_bilevel import explore_toy_bilevel
from nas_edu.widgets.explorers.wheel import explore_wheel

__all__ = [
    "explore_budget",
    "explore_cell",
    "explore_components",
    "explore_grammar",
    "explore_hierarchy",
    "explore_mixed_operation",
    "explore_nwot",
    "explore_proxies",
    "explore_proxy_combination",
    "explore_proxy_matrix",
    "explore_timeline",
    "explore_toy_bilevel",
    "explore_wheel",
    "stack_cells",
]
