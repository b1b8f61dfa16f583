"""Explorers, one a file: each is a pure state, views of it, and what clicks and controls make of it."""

from nas_edu.widgets.explorers.cell import explore_cell

__all__ = ["explore_cell"]
