"""One model that contains every architecture: its weights are trained once and shared by all of them."""

from nas_edu.one_shot.architecture_gradient import ArchitectureGradient, architecture_gradient
from nas_edu.one_shot.darts import darts
from nas_edu.one_shot.darts_cell_supernet import DARTSCellSupernet
from nas_edu.one_shot.enas import enas
from nas_edu.one_shot.fabric import Fabric, FabricSpace
from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet
from nas_edu.one_shot.gdas import gdas
from nas_edu.one_shot.hessian import dominant_eigenvalue, stop_at
from nas_edu.one_shot.memory import activation_memory
from nas_edu.one_shot.one_shot_selection import one_shot_selection
from nas_edu.one_shot.pc_darts import PartialChannelSupernet, pc_darts
from nas_edu.one_shot.perturbation_selection import perturbation_selection
from nas_edu.one_shot.proxyless_nas import proxyless_nas
from nas_edu.one_shot.random_search_ws import random_search_ws
from nas_edu.one_shot.shared_weights import SharedWeights, probed, rank_with_shared_weights
from nas_edu.one_shot.supernet import MixedOperation, Supernet, TinyCellSupernet
from nas_edu.one_shot.train_one_shot_model import train_one_shot_model
from nas_edu.one_shot.zero_cost_perturbation import best_candidate, zero_cost_perturbation

__all__ = [
    "ArchitectureGradient",
    "DARTSCellSupernet",
    "Fabric",
    "FabricSpace",
    "FastTinyCellSupernet",
    "MixedOperation",
    "PartialChannelSupernet",
    "SharedWeights",
    "Supernet",
    "TinyCellSupernet",
    "activation_memory",
    "architecture_gradient",
    "best_candidate",
    "darts",
    "dominant_eigenvalue",
    "enas",
    "gdas",
    "one_shot_selection",
    "pc_darts",
    "perturbation_selection",
    "probed",
    "proxyless_nas",
    "random_search_ws",
    "rank_with_shared_weights",
    "stop_at",
    "train_one_shot_model",
    "zero_cost_perturbation",
]
