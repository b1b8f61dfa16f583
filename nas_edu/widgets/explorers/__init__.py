"""Explorers, one a file: each is a pure state, views of it, and what clicks and controls make of it."""

from nas_edu.widgets.explorers.cell import explore_cell
from nas_edu.widgets.explorers.grammar import explore_grammar
from nas_edu.widgets.explorers.hierarchy import explore_hierarchy
from nas_edu.widgets.explorers.stacker import stack_cells

__all__ = ["explore_cell", "explore_grammar", "explore_hierarchy", "stack_cells"]
