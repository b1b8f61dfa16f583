"""What a network costs: its parameters, and its multiply-accumulate operations for one sample.

A convolution with kernel size K (K^2 in 2-D) from C_in to C_out channels on P positions takes

    C_in * C_out * K^d / groups       parameters (its bias C_out more)
    C_in * C_out * K^d / groups * P   MACs

a linear layer C_in * C_out of both. As usual, additions, poolings and normalizations are not counted as MACs.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from nas_edu.networks.operations import AnyModule


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
