"""`build(architecture, task)`: the network of an architecture, with weights that depend on nothing but a seed."""

from __future__ import annotations

import hashlib
from functools import singledispatch
from typing import Any

import torch
from torch import nn

from nas_edu.core import Task
from nas_edu.networks.operations import initialize
from nas_edu.networks.tiny_cell import TinyCellNetwork
from nas_edu.search_spaces.stage_cells import CellPerStage
from nas_edu.search_spaces.tiny_cell import Cell


def build(architecture: Any, task: Task, *, seed: int = 0) -> nn.Module:
    """The network of `architecture` for `task`, on the CPU, its weights drawn from (architecture, task, seed).

    Raises TypeError where no network is known for this type of architecture.
    """
    network = skeleton(architecture, task.input_shape, task.classes)
    generator = torch.Generator().manual_seed(seed_from(str(architecture), task.name, seed, "weights"))
    initialize(network, generator)
    return network


def seed_from(*parts: object) -> int:
    """A number below 2^63 that depends on `parts` only: never on the process, the platform or what ran before."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") >> 1


@singledispatch
def skeleton(architecture: Any, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """The network without its weights; one registered function for each type of architecture."""
    known = ", ".join(kind.__name__ for kind in skeleton.registry if kind is not object)
    raise TypeError(f"there is no network for {type(architecture).__name__} {architecture!r}; known are: {known}")


@skeleton.register(Cell)
@skeleton.register(CellPerStage)
def _(architecture: Cell | CellPerStage, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return TinyCellNetwork(architecture, input_shape, classes)
