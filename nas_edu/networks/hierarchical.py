"""The network of a hierarchy of motifs: its top motif is the cell of a weak skeleton, and nothing else sees neighbours.

    1x1 conv, BN -> motif -> halve, 1x1 conv, BN -> motif -> halve, 1x1 conv, BN -> motif -> BN, average -> linear
        (8 channels)                 (16)                        (32)

A convolution is followed by batch normalization (BN) and ReLU, as in the paper:

    nor_conv_1x1           C -> C channels
    depthwise_conv_3x3     each channel by itself
    sep_conv_3x3           the same, then 1x1 (once; `sep_conv_3x3` of DARTS is this twice)
    max_pool_3x3, avg_pool_3x3, skip_connect      keep positions and channels, like all others

Skips that run beside each other multiply a tensor by the number of ways through them, which is why each stage begins
with a normalization of what the last one delivered.

Source: Liu et al., ICLR 2018, section 2.2. There, merged tensors are concatenated; here they are added. Channels 8, 16,
32 and halving by averages are those of TinyCell's skeleton.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import AVG_POOL, BATCH_NORM, MAX_POOL, convolution, downsample, linear
from nas_edu.networks.tiny_cell import CHANNELS
from nas_edu.search_spaces.hierarchical import PRIMITIVES, Hierarchy, Motifs, live_edges, node_count


class MotifModule(nn.Module):
    """One use of a motif, with weights of its own: x_i = sum over live edges (j, i) of o_(j,i)(x_j). Keeps the shape.

    A dead motif delivers zeros.
    """

    def __init__(self, name: str, motifs: Motifs, channels: int, dimensions: int) -> None:
        super().__init__()
        live = live_edges(name, motifs)
        self.edges, self.output = list(live), node_count(motifs[name]) - 1
        self.operations = nn.ModuleList(
            primitive(operation, channels, dimensions)
            if operation in PRIMITIVES
            else MotifModule(operation, motifs, channels, dimensions)
            for operation in live.values()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nodes = {0: x}
        for (j, i), operation in zip(self.edges, self.operations, strict=True):  # edges are sorted by their end
            delivered = operation(nodes[j])
            nodes[i] = nodes[i] + delivered if i in nodes else delivered
        return nodes.get(self.output, torch.zeros_like(x))


def primitive(name: str, channels: int, dimensions: int) -> nn.Module:
    """The module of a level-1 operation."""

    def normalized(*convolutions: nn.Module) -> nn.Sequential:
        return nn.Sequential(*convolutions, BATCH_NORM[dimensions](channels), nn.ReLU())

    def depthwise() -> nn.Module:
        return convolution(channels, channels, 3, dimensions, bias=False, groups=channels)

    def pointwise() -> nn.Module:
        return convolution(channels, channels, 1, dimensions, bias=False)

    make: dict[str, Callable[[], nn.Module]] = {
        "skip_connect": nn.Identity,
        "nor_conv_1x1": lambda: normalized(pointwise()),
        "depthwise_conv_3x3": lambda: normalized(depthwise()),
        "sep_conv_3x3": lambda: normalized(depthwise(), pointwise()),
        "max_pool_3x3": lambda: MAX_POOL[dimensions](3, stride=1, padding=1),
        "avg_pool_3x3": lambda: AVG_POOL[dimensions](3, stride=1, padding=1, count_include_pad=False),
    }
    return make[name]()


class HierarchicalNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes)."""

    def __init__(self, hierarchy: Hierarchy, input_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        dimensions, motifs = len(input_shape) - 1, hierarchy.motifs
        self.widen, self.motifs = nn.ModuleList(), nn.ModuleList()
        for before, channels in zip((input_shape[0], *CHANNELS), CHANNELS, strict=False):
            conv = convolution(before, channels, 1, dimensions, bias=False)
            self.widen.append(nn.Sequential(conv, BATCH_NORM[dimensions](channels)))
            self.motifs.append(MotifModule(hierarchy.top, motifs, channels, dimensions))
        self.norm = BATCH_NORM[dimensions](CHANNELS[-1])
        self.head = linear(CHANNELS[-1], classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for stage, (widen, motif) in enumerate(zip(self.widen, self.motifs, strict=True)):
            x = motif(widen(x if stage == 0 else downsample(x)))
        logits: torch.Tensor = self.head(self.norm(x).flatten(2).mean(-1))
        return logits


@skeleton.register
def _(architecture: Hierarchy, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return HierarchicalNetwork(architecture, input_shape, classes)
