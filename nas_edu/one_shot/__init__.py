"""One model that contains every architecture: its weights are trained once and shared by all of them."""

from nas_edu.one_shot.darts import ArchitectureGradient, architecture_gradient, darts
from nas_edu.one_shot.darts_cell_supernet import DARTSCellSupernet
from nas_edu.one_shot.enas import enas
from nas_edu.one_shot.fabric import Fabric, FabricSpace
from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet
from nas_edu.one_shot.gdas import gdas
from nas_edu.one_shot.hessian import dominant_eigenvalue, stop_at
from nas_edu.one_shot.memory import activation_memory
from nas_edu.one_shot.one_shot_model import one_shot_selection, train_one_shot_model
from nas_edu.one_shot.pc_darts import PartialChannelSupernet, pc_darts
from nas_edu.one_shot.perturbation import perturbation_selection, zero_cost_perturbation
from nas_edu.one_shot.proxyless_nas import proxyless_nas
from nas_edu.one_shot.random_search_ws import SharedWeights, probed, random_search_ws, rank_with_shared_weights
from nas_edu.one_shot.supernet import MixedOperation, OneShotModel, Supernet, TinyCellSupernet

__all__ = [
    "ArchitectureGradient",
    "DARTSCellSupernet",
    "Fabric",
    "FabricSpace",
    "FastTinyCellSupernet",
    "MixedOperation",
    "OneShotModel",
    "PartialChannelSupernet",
    "SharedWeights",
    "Supernet",
    "TinyCellSupernet",
    "activation_memory",
    "architecture_gradient",
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
