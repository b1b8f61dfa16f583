"""The operations on the edges of a cell, for signals (1-D) and images (2-D).

Shapes: all of them keep (samples, channels, length) or (samples, channels, height, width) as it is.
Source: NAS-Bench-201, section 2.1; a convolution is the sequence ReLU, convolution, batch normalization.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

AnyModule = Any
"""A module with parts or attributes of which torch's type hints say only: each is a tensor or some module."""


class _Conv1d(nn.Conv1d):
    """Leaves its weights unset, as torch's `skip_init` does, which takes ten times as long to make one."""

    def reset_parameters(self) -> None:
        """Nothing: `initialize` sets the weights, from a seed."""


class _Conv2d(nn.Conv2d):
    """The same for images."""

    def reset_parameters(self) -> None:
        """Nothing."""


UNSET_CONV = {1: _Conv1d, 2: _Conv2d}
_BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}
_AVG_POOL = {1: nn.AvgPool1d, 2: nn.AvgPool2d}


class ReLUConvBN(nn.Sequential):
    """ReLU, convolution without bias, batch normalization."""

    def __init__(self, channels: int, kernel_size: int, dimensions: int) -> None:
        super().__init__(
            nn.ReLU(),
            convolution(channels, channels, kernel_size, dimensions, bias=False),
            _BATCH_NORM[dimensions](channels),
        )


class Zero(nn.Module):
    """The operation `none`: delivers zeros."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x)


def convolution(inputs: int, outputs: int, kernel_size: int, dimensions: int, *, bias: bool = True) -> nn.Module:
    """A convolution that keeps the size. Its weights are not set yet: `initialize` does it, from a seed."""
    padding = kernel_size // 2
    return UNSET_CONV[dimensions](inputs, outputs, kernel_size, padding=padding, bias=bias)


OPERATIONS = {
    "none": lambda channels, dimensions: Zero(),
    "skip_connect": lambda channels, dimensions: nn.Identity(),
    "nor_conv_1x1": lambda channels, dimensions: ReLUConvBN(channels, 1, dimensions),
    "nor_conv_3x3": lambda channels, dimensions: ReLUConvBN(channels, 3, dimensions),
    "avg_pool_3x3": lambda channels, dimensions: _AVG_POOL[dimensions](3, stride=1, padding=1, count_include_pad=False),
}


def operation(name: str, channels: int, dimensions: int) -> nn.Module:
    """The module for the operation `name`. Raises ValueError for an unknown name."""
    if name not in OPERATIONS:
        close = get_close_matches(str(name), OPERATIONS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"unknown operation {name!r}; allowed: {', '.join(OPERATIONS)}{hint}")
    return OPERATIONS[name](channels, dimensions)


def downsample(x: torch.Tensor) -> torch.Tensor:
    """Halve the length, or height and width, by averaging."""
    pool = nn.functional.avg_pool1d if x.dim() == 3 else nn.functional.avg_pool2d
    return pool(x, 2)


def initialize(network: nn.Module, generator: torch.Generator) -> None:
    """Set all weights from `generator`: He et al. (2015) for weights, zeros for biases, identity for normalization."""
    for module in network.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
