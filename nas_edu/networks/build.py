"""`build(architecture, task)`: the network of an architecture, its weights depending on a seed alone; what it costs.

An architecture of a type of one's own: register a function from it to the network, whose weights `build` then draws.

    @skeleton.register
    def _(architecture: Mine, input_shape: tuple[int, ...], classes: int) -> nn.Module: ...

What a network costs are its parameters, and its multiply-accumulate operations (MACs) for one sample. A convolution
with kernel size K (K^2 in 2-D) from C_in to C_out channels on P positions takes

    C_in * C_out * K^d / groups       parameters (its bias C_out more)
    C_in * C_out * K^d / groups * P   MACs

a linear layer C_in * C_out of both. As usual, additions, poolings and normalizations are not counted as MACs.
"""

from __future__ import annotations

import hashlib
import math
from functools import singledispatch
from typing import Any

import torch
from torch import nn

from nas_edu.core import Task
from nas_edu.networks.operations import AnyModule, initialize
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


def count_parameters(network: nn.Module) -> int:
    """The number of trainable numbers, batch normalization's scales and shifts included."""
    return sum(parameter.numel() for parameter in network.parameters())


def count_macs(network: nn.Module, input_shape: tuple[int, ...]) -> int:
    """MACs of the convolutions and linear layers for one sample of `input_shape` (channels, *positions)."""
    return sum(macs_by_layer(network, input_shape).values())


def macs_by_layer(network: nn.Module, input_shape: tuple[int, ...]) -> dict[str, int]:
    """The same for each layer, by its name in the network; a layer that is applied twice counts twice."""
    layers = {
        module: name
        for name, module in network.named_modules()
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear))
    }
    macs = dict.fromkeys(layers.values(), 0)

    def add(module: AnyModule, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        positions = math.prod(output.shape[2:]) if not isinstance(module, nn.Linear) else 1
        macs[layers[module]] += module.weight.numel() * positions

    hooks = [layer.register_forward_hook(add) for layer in layers]
    was_training = network.training
    try:
        network.eval()
        parameter = next(network.parameters())
        with torch.no_grad():
            network(torch.zeros(1, *input_shape, dtype=parameter.dtype, device=parameter.device))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return macs
