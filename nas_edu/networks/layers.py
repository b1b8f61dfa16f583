"""The networks of a chain and of a graph of layers: the layers, the average over positions, a linear layer.

    convK-C     K-tap convolution to C channels (K x K for images), batch normalization, ReLU; keeps the positions
    maxpool     the larger of two neighbours (of 2 x 2): (N, C, P) -> (N, C, ceil(P / 2))
    avgpool     their mean

At an odd border a window is cut to what exists, so that a pooling of one position is the identity, and any number of
poolings fits any input. In a graph each layer works on the concatenation of what it reads:

    x_0 = the input;    x_k = layer_k(concat(x_j for j that layer k reads)),    concat(x_0) if it reads none
    logits = linear(average over positions of concat(x_k for k that no layer reads))

Where tensors of different sizes meet, the smaller are padded with zeros at their end; the paper leaves open where.

Sources: VGG (Simonyan & Zisserman 2015), with batch normalization, for the form of a layer; Zoph & Le, ICLR 2017,
section 3.3, for the graph.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import AVG_POOL, BATCH_NORM, MAX_POOL, AnyModule, convolution, linear
from nas_edu.search_spaces.chain import Layer, LayerChain
from nas_edu.search_spaces.macro import LayerGraph

_POOL: dict[str, dict[int, AnyModule]] = {"maxpool": MAX_POOL, "avgpool": AVG_POOL}


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
        self.head = linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.layers(x).flatten(2).mean(-1))
        return logits


def layer_module(layer: Layer, channels: int, dimensions: int) -> AnyModule:
    """The module of one layer whose input has `channels`."""
    if layer.kind == "conv":
        assert layer.channels is not None
        assert layer.kernel is not None
        conv = convolution(channels, layer.channels, layer.kernel, dimensions, bias=False)
        return nn.Sequential(conv, BATCH_NORM[dimensions](layer.channels), nn.ReLU())
    return _POOL[layer.kind][dimensions](2, ceil_mode=True)


@skeleton.register
def _(architecture: LayerChain, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return ChainNetwork(architecture, input_shape, classes)


class MacroNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes)."""

    def __init__(self, graph: LayerGraph, input_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.sources = [read or (0,) for read in graph.sources]
        self.unread = graph.unread
        widths = [input_shape[0]]  # the channels of each x_k
        self.layers = nn.ModuleList()
        for layer, sources in zip(graph.layers, self.sources, strict=True):
            channels = sum(widths[j] for j in sources)
            self.layers.append(layer_module(layer, channels, len(input_shape) - 1))
            widths.append(layer.channels or channels)  # a pooling keeps them
        self.head = linear(sum(widths[k] for k in self.unread), classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tensors = [x]
        for layer, sources in zip(self.layers, self.sources, strict=True):
            tensors.append(layer(concatenate([tensors[j] for j in sources])))
        logits: torch.Tensor = self.head(concatenate([tensors[k] for k in self.unread]).flatten(2).mean(-1))
        return logits


def concatenate(tensors: list[torch.Tensor]) -> torch.Tensor:
    """By channels; positions that a smaller tensor lacks are zeros: (N, C_i, *P_i) -> (N, sum C_i, *max P_i)."""
    sizes = [max(sizes) for sizes in zip(*(tensor.shape[2:] for tensor in tensors), strict=True)]
    padded = []
    for tensor in tensors:
        missing = [size - own for size, own in zip(sizes, tensor.shape[2:], strict=True)]
        padded.append(F.pad(tensor, [side for m in reversed(missing) for side in (0, m)]))
    return torch.cat(padded, dim=1)


@skeleton.register
def _(architecture: LayerGraph, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return MacroNetwork(architecture, input_shape, classes)
