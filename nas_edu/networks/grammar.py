"""The network of a term: a module for each operation and each layer, nested as the text is, in a weak skeleton.

    stem 1x1 conv (8 channels) -> the term -> average over positions -> linear

An operation is a small graph (`search_spaces.vocabulary`): x_j = sum over its links to j of what they deliver. Parts
that `zero` cuts off have no module. `MODULES` says what computes a layer; a vocabulary with other layers adds its own:

    MODULES["mm"] = lambda channels, dimensions: MatrixProduct()     # reads as many tensors as the layer does

`down` is what stands between the stages of a `TinyCellNetwork`: halve by averaging, then a 1x1 conv to twice the
channels; so `Stages(Cell(...))` is exactly the network of that TinyCell. `linear` is a 1x1 conv with batch
normalization and no ReLU; the other layers are the operations of the cell spaces.

Shapes: all keep (samples, channels, *positions), but for `down`: (N, C, P) -> (N, 2C, floor(P / 2)).
Source: Schrodi et al., NeurIPS 2023; the skeleton: `tiny_cell`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from nas_edu.core.names import did_you_mean
from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import BATCH_NORM, OPERATIONS, convolution, downsample, linear, strided_operation
from nas_edu.networks.tiny_cell import CHANNELS
from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.vocabulary import NOTHING, Layer, Term


class Down(nn.Module):
    """Halve the positions by averaging, double the channels by a 1x1 convolution."""

    def __init__(self, channels: int, dimensions: int) -> None:
        super().__init__()
        self.widen = convolution(channels, 2 * channels, 1, dimensions)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wider: torch.Tensor = self.widen(downsample(x))
        return wider


def _linear(channels: int, dimensions: int) -> nn.Module:
    conv = convolution(channels, channels, 1, dimensions, bias=False)
    return nn.Sequential(conv, BATCH_NORM[dimensions](channels))


MODULES: dict[str, Callable[[int, int], nn.Module]] = {
    **OPERATIONS,
    "max_pool_3x3": lambda channels, dimensions: strided_operation("max_pool_3x3", channels, dimensions, stride=1),
    "linear": _linear,
    "down": Down,
}
"""Layer -> function of (channels that it reads, dimensions of the positions) that makes the module."""


class TermNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes).

    Raises ValueError for an unknown name, an ill-typed term, and an input that cannot be halved so often.
    """

    def __init__(self, term: Term, input_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        channels, *positions = input_shape
        halved = term.type().halved
        if min(positions) < 2**halved:
            raise ValueError(f"{term} halves the positions {halved} times; an input of {positions} is too small for it")
        self.stem = convolution(channels, CHANNELS[0], 1, len(positions))
        self.body = term_module(term, CHANNELS[0], len(positions))
        self.head = linear(CHANNELS[0] * 2**halved, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.body(self.stem(x)).flatten(2).mean(-1))
        return logits


class OperationModule(nn.Module):
    """The graph of an operation, its links that are live: x_j = sum over the links to j."""

    def __init__(self, term: Term, channels: int, dimensions: int) -> None:
        super().__init__()
        self.term = term
        halved = {0: 0}
        self.places: list[tuple[tuple[int, ...], int]] = []
        self.arguments = nn.ModuleList()
        for sources, target, carries in term.live_links:
            self.places.append((sources, target))
            self.arguments.append(term_module(carries, channels * 2 ** halved[sources[0]], dimensions))
            gives = carries.gives if isinstance(carries, Layer) else carries.type()
            halved[target] = halved[sources[0]] + gives.halved

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nodes = {0: x}
        for (sources, target), argument in zip(self.places, self.arguments, strict=True):  # sources first
            delivered = argument(*(nodes[source] for source in sources))
            nodes[target] = nodes[target] + delivered if target in nodes else delivered
        return nodes[max(nodes)]

    def extra_repr(self) -> str:
        """For `print(network)`: the operation and where its arguments lie."""
        places = (f"{' '.join(map(str, sources))}-{target}" for sources, target in self.places)
        return f"{self.term.name}, edges {', '.join(places)}"


def term_module(carries: Term | Layer, channels: int, dimensions: int) -> nn.Module:
    """The module of a term, or of a layer, whose input has `channels`. Raises ValueError for an unknown name."""
    if isinstance(carries, Term):
        if carries.is_dead:
            return term_module(Layer(NOTHING), channels, dimensions)
        if carries.arguments:
            return OperationModule(carries, channels, dimensions)
        [(_, _, layer)] = carries.links
        return term_module(layer, channels, dimensions)
    if carries.name not in MODULES:
        raise ValueError(
            f"no module is known for the layer {carries.name!r}; add it to MODULES, where there are "
            f"{', '.join(MODULES)}{did_you_mean(carries.name, MODULES)}"
        )
    return MODULES[carries.name](channels, dimensions)


@skeleton.register
def _(architecture: Derivation, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return TermNetwork(architecture.word, input_shape, classes)
