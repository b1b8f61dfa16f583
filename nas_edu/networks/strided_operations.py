"""The operations of DARTS and NASNet cells, for signals (1-D) and images (2-D), with stride 1 or 2.

Shapes: (samples, channels, *positions) -> (samples, channels, *ceil(positions / stride)).

    skip_connect    the input itself; with stride 2 a `FactorizedReduce`
    nor_conv_k      ReLU, convolution, batch normalization
    sep_conv_k      twice: ReLU, depthwise k convolution, 1x1 convolution, batch normalization; the first is strided
    dil_conv_k      the same once, with dilation 2, so that k = 3 spans 5 positions
    conv_kx1_1xk    ReLU, 1xk convolution, kx1 convolution, batch normalization; in 1-D there is only one direction, and
                    so one k-tap convolution
    max_pool_k, avg_pool_k    plain pooling; an average does not count what is outside

Source: Liu et al. 2019, section 3.1.1, and the authors' code (github.com/quark0/darts, cnn/operations.py); Zoph et al.
2018, section 3. (While it searches, DARTS also normalizes what its poolings deliver; in a finished cell it does not.)
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.networks.operations import UNSET_CONV

BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}
_POOL = {("max", 1): nn.MaxPool1d, ("max", 2): nn.MaxPool2d, ("avg", 1): nn.AvgPool1d, ("avg", 2): nn.AvgPool2d}


def relu_conv_bn(inputs: int, outputs: int, kernel_size: int, dimensions: int, stride: int = 1) -> nn.Sequential:
    """ReLU, convolution without bias, batch normalization."""
    conv = _convolution(dimensions, inputs, outputs, kernel_size, stride=stride, padding=kernel_size // 2)
    return nn.Sequential(nn.ReLU(), conv, BATCH_NORM[dimensions](outputs))


class FactorizedReduce(nn.Module):
    """Halve the positions without losing every second one: two strided 1x1 convolutions, one of them shifted by one.

    Half the output channels come from each; an odd number of positions is padded with a zero. Raises ValueError for an
    odd number of output channels.
    """

    def __init__(self, inputs: int, outputs: int, dimensions: int) -> None:
        super().__init__()
        if outputs % 2:
            raise ValueError(f"a factorized reduction makes an even number of channels, not {outputs}")
        self.even = _convolution(dimensions, inputs, outputs // 2, 1, stride=2)
        self.odd = _convolution(dimensions, inputs, outputs // 2, 1, stride=2)
        self.norm = BATCH_NORM[dimensions](outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(x)
        x = F.pad(x, [side for size in reversed(x.shape[2:]) for side in (0, size % 2)])
        shifted = x[:, :, 1:] if x.dim() == 3 else x[:, :, 1:, 1:]
        return self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))


def _skip(channels: int, dimensions: int, stride: int) -> nn.Module:
    return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, dimensions)


def _pool(kind: str, size: int, dimensions: int, stride: int) -> nn.Module:
    extra = {"count_include_pad": False} if kind == "avg" else {}
    return _POOL[kind, dimensions](size, stride=stride, padding=size // 2, **extra)


def _depthwise(channels: int, size: int, dimensions: int, stride: int, dilation: int) -> list[nn.Module]:
    padding = dilation * (size // 2)
    per_channel = _convolution(
        dimensions, channels, channels, size, stride=stride, padding=padding, dilation=dilation, groups=channels
    )
    mix = _convolution(dimensions, channels, channels, 1)
    return [nn.ReLU(), per_channel, mix, BATCH_NORM[dimensions](channels)]


def _row_then_column(channels: int, size: int, dimensions: int, stride: int) -> nn.Module:
    if dimensions == 1:
        return relu_conv_bn(channels, channels, size, dimensions, stride)
    half = size // 2
    row = _convolution(2, channels, channels, (1, size), stride=(1, stride), padding=(0, half))
    column = _convolution(2, channels, channels, (size, 1), stride=(stride, 1), padding=(half, 0))
    return nn.Sequential(nn.ReLU(), row, column, nn.BatchNorm2d(channels))


def _convolution(dimensions: int, inputs: int, outputs: int, kernel_size: Any, **options: Any) -> nn.Module:
    """Without bias, as a normalization follows. Its weights are not set yet: `initialize` does it, from a seed."""
    return UNSET_CONV[dimensions](inputs, outputs, kernel_size, bias=False, **options)


_FAMILIES = {
    "skip_connect": lambda c, k, d, s: _skip(c, d, s),
    "nor_conv": lambda c, k, d, s: relu_conv_bn(c, c, k, d, s),
    "sep_conv": lambda c, k, d, s: nn.Sequential(*_depthwise(c, k, d, s, 1), *_depthwise(c, k, d, 1, 1)),
    "dil_conv": lambda c, k, d, s: nn.Sequential(*_depthwise(c, k, d, s, 2)),
    "conv": lambda c, k, d, s: _row_then_column(c, k, d, s),
    "max_pool": lambda c, k, d, s: _pool("max", k, d, s),
    "avg_pool": lambda c, k, d, s: _pool("avg", k, d, s),
}
OPERATIONS = (
    "skip_connect",
    *(f"{family}_{k}x{k}" for family in ("sep_conv", "dil_conv", "max_pool", "avg_pool") for k in (3, 5, 7)),
    *(f"nor_conv_{k}x{k}" for k in (1, 3)),
    *(f"conv_{k}x1_1x{k}" for k in (3, 7)),
)


def strided_operation(name: str, channels: int, dimensions: int, stride: int) -> nn.Module:
    """The module for the operation `name`. Raises ValueError for an unknown name."""
    if name not in OPERATIONS:
        close = get_close_matches(str(name), OPERATIONS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"unknown operation {name!r}; allowed: {', '.join(OPERATIONS)}{hint}")
    [(family, size)] = re.findall(r"^([a-z_]+?)(?:_(\d).*)?$", name)
    return _FAMILIES[family](channels, int(size or 1), dimensions, stride)
