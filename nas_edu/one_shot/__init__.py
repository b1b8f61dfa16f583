"""One model that contains every architecture: its weights are trained once and shared by all of them."""

from nas_edu.one_shot.architecture_gradient import ArchitectureGradient, architecture_gradient
from nas_edu.one_shot.darts import darts
from nas_edu.one_shot.darts_cell_supernet import DARTSCellSupernet
from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet
from nas_edu.one_shot.gdas import gdas
from nas_edu.one_shot.hessian import dominant_eigenvalue, stop_at
from nas_edu.one_shot.memory import activation_memory
from nas_edu.one_shot.pc_darts import PartialChannelSupernet, pc_darts
from nas_edu.one_shot.perturbation_selection import perturbation_selection
from nas_edu.one_shot.proxyless_nas import proxyless_nas
from nas_edu.one_shot.supernet import MixedOperation, Supernet, TinyCellSupernet
from nas_edu.one_shot.zero_cost_perturbation import best_candidate, zero_cost_perturbation

__all__ = [
    "ArchitectureGradient",
    "DARTSCellSupernet",
    "FastTinyCellSupernet",
    "MixedOperation",
    "PartialChannelSupernet",
    "Supernet",
    "TinyCellSupernet",
    "activation_memory",
    "architecture_gradient",
    "best_candidate",
    "darts",
    "dominant_eigenvalue",
    "gdas",
    "pc_darts",
    "perturbation_selection",
    "proxyless_nas",
    "stop_at",
    "zero_cost_perturbation",
]
