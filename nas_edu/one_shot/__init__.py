"""One model that contains every architecture: its weights are trained once and shared by all of them."""

from nas_edu.one_shot.architecture_gradient import ArchitectureGradient, architecture_gradient
from nas_edu.one_shot.darts import darts
from nas_edu.one_shot.supernet import MixedOperation, Supernet, TinyCellSupernet

__all__ = [
    "ArchitectureGradient",
    "MixedOperation",
    "Supernet",
    "TinyCellSupernet",
    "architecture_gradient",
    "darts",
]
