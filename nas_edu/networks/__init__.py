"""From an architecture to a torch network, and what it costs."""

from nas_edu.networks.build import build, seed_from
from nas_edu.networks.chain import ChainNetwork
from nas_edu.networks.cost import count_macs, count_parameters
from nas_edu.networks.grammar import TermNetwork
from nas_edu.networks.hierarchical import HierarchicalNetwork
from nas_edu.networks.macro import MacroNetwork
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
]
