"""The network of a chain: its layers, the average over positions, a linear layer. There is no other skeleton.

    convK-C     K-tap convolution to C channels (K x K for images), batch normalization, ReLU; keeps the positions
    maxpool     the larger of two neighbours (of 2 x 2): (N, C, P) -> (N, C, ceil(P / 2))
    avgpool     their mean

At an odd border a window is cut to what exists, so that a pooling of one position is the identity, and any number of
poolings fits any input. Source of the layer's form: VGG (Simonyan & Zisserman 2015), with batch normalization.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import AnyModule, convolution
from nas_edu.search_spaces.chain import Layer, LayerChain

_BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}
_POOL = {
    ("maxpool", 1): nn.MaxPool1d,
    ("maxpool", 2): nn.MaxPool2d,
    ("avgpool", 1): nn.AvgPool1d,
    ("avgpool", 2): nn.AvgPool2d,
}


class ChainNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes)."""

    layers: AnyModule  # an nn.Sequential of what `layer_module` makes

    def __init__(self, chain: LayerChain, input_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        channels, dimensions = input_shape[0], len(input_shape) - 1
        self.layers = nn.Sequential()
        for layer in chain.layers:
            self.layers.append(layer_module(layer, channels, dimensions))
            channels = layer.channels or channels  # a pooling keeps them
        self.head = skip_init(nn.Linear, channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(x).flatten(2).mean(-1))


def layer_module(layer: Layer, channels: int, dimensions: int) -> AnyModule:
    """The module of one layer whose input has `channels`."""
    if layer.kind == "conv":
        assert layer.channels is not None
        assert layer.kernel is not None
        conv = convolution(channels, layer.channels, layer.kernel, dimensions, bias=False)
        return nn.Sequential(conv, _BATCH_NORM[dimensions](layer.channels), nn.ReLU())
    return _POOL[layer.kind, dimensions](2, ceil_mode=True)


@skeleton.register
def _(architecture: LayerChain, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return ChainNetwork(architecture, input_shape, classes)
