"""The network of a graph of layers: each layer on the concatenation of what it reads, then the classifier.

    x_0 = the input;    x_k = layer_k(concat(x_j for j that layer k reads)),    concat(x_0) if it reads none
    logits = linear(average over positions of concat(x_k for k that no layer reads))

A layer is what it is in a chain: convolution, batch normalization, ReLU, or a pooling that halves the positions. Where
tensors of different sizes meet, the smaller are padded with zeros at their end; the paper leaves open where.

Source: Zoph & Le, ICLR 2017, section 3.3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.networks.build import skeleton
from nas_edu.networks.chain import layer_module
from nas_edu.search_spaces.layer_graph import LayerGraph


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
        self.head = skip_init(nn.Linear, sum(widths[k] for k in self.unread), classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tensors = [x]
        for layer, sources in zip(self.layers, self.sources, strict=True):
            tensors.append(layer(concatenate([tensors[j] for j in sources])))
        return self.head(concatenate([tensors[k] for k in self.unread]).flatten(2).mean(-1))


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
