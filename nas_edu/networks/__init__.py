"""From an architecture to a torch network, and what it costs."""

from nas_edu.networks.build import build, count_macs, count_parameters, seed_from, skeleton
from nas_edu.networks.grammar import TermNetwork
from nas_edu.networks.hierarchical import HierarchicalNetwork
from nas_edu.networks.layers import ChainNetwork, MacroNetwork
from nas_edu.networks.operations import operation
from nas_edu.networks.stacked_cells import StackedCellNetwork
from nas_edu.networks.tiny_cell import TinyCellNetwork

__all__ = [
    "ChainNetwork",
    "HierarchicalNetwork",
    "MacroNetwork",
    "StackedCellNetwork",
    "TermNetwork",
    "TinyCellNetwork",
    "build",
    "count_macs",
    "count_parameters",
    "operation",
    "seed_from",
    "skeleton",
]
