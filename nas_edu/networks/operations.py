"""The operations on the edges of cells, for signals (1-D) and images (2-D), and how all weights begin.

Of TinyCell (`operation`), which keep (samples, channels, *positions) as it is:

    none            zeros
    skip_connect    the input itself
    nor_conv_k      ReLU, convolution, batch normalization
    avg_pool_3x3    the mean of a value and its neighbours; what is outside does not count

Of DARTS and NASNet cells (`strided_operation`), with stride 1 or 2: (samples, channels, *ceil(positions / stride)).

    skip_connect    the input itself; with stride 2 a `FactorizedReduce`
    nor_conv_k      as above
    sep_conv_k      twice: ReLU, depthwise k convolution, 1x1 convolution, batch normalization; the first is strided
    dil_conv_k      the same once, with dilation 2, so that k = 3 spans 5 positions
    conv_kx1_1xk    ReLU, 1xk convolution, kx1 convolution, batch normalization; in 1-D there is only one direction, and
                    so one k-tap convolution
    max_pool_k, avg_pool_k    plain pooling; an average does not count what is outside

Sources: NAS-Bench-201, section 2.1; Liu et al. 2019, section 3.1.1, and the authors' code (github.com/quark0/darts,
cnn/operations.py); Zoph et al. 2018, section 3. (While it searches, DARTS also normalizes what its poolings deliver; in
a finished cell it does not.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.core.names import did_you_mean

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


# By the number of dimensions
_CONV: dict[int, type[nn.Conv1d | nn.Conv2d]] = {1: _Conv1d, 2: _Conv2d}
BATCH_NORM: dict[int, type[nn.BatchNorm1d | nn.BatchNorm2d]] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}
MAX_POOL: dict[int, type[nn.MaxPool1d | nn.MaxPool2d]] = {1: nn.MaxPool1d, 2: nn.MaxPool2d}
AVG_POOL: dict[int, type[nn.AvgPool1d | nn.AvgPool2d]] = {1: nn.AvgPool1d, 2: nn.AvgPool2d}


def convolution(
    inputs: int, outputs: int, kernel_size: int, dimensions: int, *, bias: bool = True, **options: Any
) -> nn.Module:
    """A convolution that keeps the size, unless `options` (stride, groups, ...) say other.

    Its weights are not set yet: `initialize` does it, from a seed.
    """
    return _CONV[dimensions](inputs, outputs, kernel_size, bias=bias, **{"padding": kernel_size // 2, **options})


def linear(inputs: int, outputs: int) -> nn.Linear:
    """The last layer of a network. Its weights are not set yet, either."""
    layer: nn.Linear = skip_init(nn.Linear, inputs, outputs)  # type: ignore[no-untyped-call]  # torch's own
    return layer


class ReLUConvBN(nn.Sequential):
    """ReLU, convolution without bias, batch normalization."""

    def __init__(self, inputs: int, outputs: int, kernel_size: int, dimensions: int, stride: int = 1) -> None:
        conv = convolution(inputs, outputs, kernel_size, dimensions, bias=False, stride=stride)
        super().__init__(nn.ReLU(), conv, BATCH_NORM[dimensions](outputs))


class Zero(nn.Module):
    """The operation `none`: delivers zeros."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x)


OPERATIONS: dict[str, Callable[[int, int], nn.Module]] = {  # from channels and dimensions
    "none": lambda c, d: Zero(),
    "skip_connect": lambda c, d: nn.Identity(),
    "nor_conv_1x1": lambda c, d: ReLUConvBN(c, c, 1, d),
    "nor_conv_3x3": lambda c, d: ReLUConvBN(c, c, 3, d),
    "avg_pool_3x3": lambda c, d: AVG_POOL[d](3, stride=1, padding=1, count_include_pad=False),
}


def operation(name: str, channels: int, dimensions: int) -> nn.Module:
    """The module for TinyCell's operation `name` on 1 or 2 dimensions. Raises ValueError for an unknown name."""
    _check(name, OPERATIONS)
    return OPERATIONS[name](channels, dimensions)


class FactorizedReduce(nn.Module):
    """Halve the positions without losing every second one: two strided 1x1 convolutions, one of them shifted by one.

    Half the output channels come from each; an odd number of positions is padded with a zero. Raises ValueError for an
    odd number of output channels.
    """

    def __init__(self, inputs: int, outputs: int, dimensions: int) -> None:
        super().__init__()
        if outputs % 2:
            raise ValueError(f"a factorized reduction makes an even number of channels, not {outputs}")
        self.even = convolution(inputs, outputs // 2, 1, dimensions, bias=False, stride=2)
        self.odd = convolution(inputs, outputs // 2, 1, dimensions, bias=False, stride=2)
        self.norm = BATCH_NORM[dimensions](outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(x)
        x = F.pad(x, [side for size in reversed(x.shape[2:]) for side in (0, size % 2)])
        shifted = x[:, :, 1:] if x.dim() == 3 else x[:, :, 1:, 1:]
        normalized: torch.Tensor = self.norm(torch.cat([self.even(x), self.odd(shifted)], dim=1))
        return normalized


def _skip(channels: int, dimensions: int, stride: int) -> nn.Module:
    return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, dimensions)


def _depthwise(channels: int, size: int, dimensions: int, stride: int, dilation: int) -> list[nn.Module]:
    options = {"stride": stride, "padding": dilation * (size // 2), "dilation": dilation, "groups": channels}
    per_channel = convolution(channels, channels, size, dimensions, bias=False, **options)
    mix = convolution(channels, channels, 1, dimensions, bias=False)
    return [nn.ReLU(), per_channel, mix, BATCH_NORM[dimensions](channels)]


def _row_then_column(channels: int, size: int, dimensions: int, stride: int) -> nn.Module:
    if dimensions == 1:
        return ReLUConvBN(channels, channels, size, dimensions, stride)
    half = size // 2
    row = _Conv2d(channels, channels, (1, size), stride=(1, stride), padding=(0, half), bias=False)
    column = _Conv2d(channels, channels, (size, 1), stride=(stride, 1), padding=(half, 0), bias=False)
    return nn.Sequential(nn.ReLU(), row, column, nn.BatchNorm2d(channels))


_FAMILIES: dict[str, Callable[[int, int, int, int], nn.Module]] = {  # from channels, kernel size, dimensions and stride
    "skip_connect": lambda c, k, d, s: _skip(c, d, s),
    "nor_conv": lambda c, k, d, s: ReLUConvBN(c, c, k, d, s),
    "sep_conv": lambda c, k, d, s: nn.Sequential(*_depthwise(c, k, d, s, 1), *_depthwise(c, k, d, 1, 1)),
    "dil_conv": lambda c, k, d, s: nn.Sequential(*_depthwise(c, k, d, s, 2)),
    "conv": lambda c, k, d, s: _row_then_column(c, k, d, s),
    "max_pool": lambda c, k, d, s: MAX_POOL[d](k, stride=s, padding=k // 2),
    "avg_pool": lambda c, k, d, s: AVG_POOL[d](k, stride=s, padding=k // 2, count_include_pad=False),
}
STRIDED_OPERATIONS = (
    "skip_connect",
    *(f"{family}_{k}x{k}" for family in ("sep_conv", "dil_conv", "max_pool", "avg_pool") for k in (3, 5, 7)),
    *(f"nor_conv_{k}x{k}" for k in (1, 3)),
    *(f"conv_{k}x1_1x{k}" for k in (3, 7)),
)


def strided_operation(name: str, channels: int, dimensions: int, stride: int) -> nn.Module:
    """The module for the operation `name` of DARTS or NASNet cells. Raises ValueError for an unknown name."""
    _check(name, STRIDED_OPERATIONS)
    [(family, size)] = re.findall(r"^([a-z_]+?)(?:_(\d).*)?$", name)
    return _FAMILIES[family](channels, int(size or 1), dimensions, stride)


def _check(name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise ValueError(f"unknown operation {name!r}; allowed: {', '.join(allowed)}{did_you_mean(name, allowed)}")


def downsample(x: torch.Tensor) -> torch.Tensor:
    """Halve the length, or height and width, by averaging: (N, C, *P) -> (N, C, *floor(P / 2))."""
    return F.avg_pool1d(x, 2) if x.dim() == 3 else F.avg_pool2d(x, 2)


def initialize(network: nn.Module, generator: torch.Generator) -> None:
    """Set all weights from `generator`: He et al. (2015) for weights, zeros for biases, identity for normalization."""
    for module in network.modules():
        if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
