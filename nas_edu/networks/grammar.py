"""The network of a term: a module for each operator and each primitive, nested as the text is, in a weak skeleton.

    stem 1x1 conv (8 channels) -> the term -> average over positions -> linear

An operator is a small graph (`Term.edges`): x_j = sum over its edges i -> j of argument(x_i). Parts that `zero` cuts
off have no module. `down` is what stands between the stages of a `TinyCellNetwork`: halve by averaging, then a 1x1 conv
to twice the channels; so `Stages(Cell(...))` is exactly the network of that TinyCell. `linear` is a 1x1 conv with batch
normalization and no ReLU; the other primitives are the operations of the cell spaces.

Shapes: all keep (samples, channels, *positions), but for `down`: (N, C, P) -> (N, 2C, floor(P / 2)).
Source: Schrodi et al., NeurIPS 2023; the skeleton: `tiny_cell`.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import BATCH_NORM, convolution, downsample, operation, strided_operation
from nas_edu.networks.tiny_cell import CHANNELS
from nas_edu.search_spaces.grammar_term import PRIMITIVES, Term, check_symbol, halvings, times


class TermNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes).

    Raises ValueError for a name that is neither a primitive nor an operator, for tensors of different shapes that would
    be added, and for an input that cannot be halved so often.
    """

    def __init__(self, term: Term, input_shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        channels, *positions = input_shape
        halved = halvings(term)
        if min(positions) < 2**halved:
            raise ValueError(
                f"{term} halves the positions {times(halved)}; an input of {positions} is too small for it"
            )
        self.stem = convolution(channels, CHANNELS[0], 1, len(positions))
        self.body = term_module(term, CHANNELS[0], len(positions))
        self.head = skip_init(nn.Linear, CHANNELS[0] * 2**halved, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(self.stem(x)).flatten(2).mean(-1))


class Operator(nn.Module):
    """A topological operator on its arguments, those that are live: x_j = sum over i -> j of argument(x_i)."""

    def __init__(self, term: Term, channels: int, dimensions: int) -> None:
        super().__init__()
        self.term = term
        widths = {0: channels}
        self.places: list[tuple[int, int]] = []
        self.arguments = nn.ModuleList()
        for i, j, argument in term.live_edges:
            self.places.append((i, j))
            self.arguments.append(term_module(argument, widths[i], dimensions))
            widths[j] = widths[i] * 2 ** halvings(argument)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nodes = {0: x}
        for (i, j), argument in zip(self.places, self.arguments, strict=True):  # in an order that completes i first
            delivered = argument(nodes[i])
            nodes[j] = nodes[j] + delivered if j in nodes else delivered
        return nodes[max(nodes)]

    def extra_repr(self) -> str:
        """For `print(network)`: the operator and where its arguments lie."""
        return f"{self.term.name}, edges {', '.join(f'{i}-{j}' for i, j in self.places)}"


class Down(nn.Module):
    """Halve the positions by averaging, double the channels by a 1x1 convolution."""

    def __init__(self, channels: int, dimensions: int) -> None:
        super().__init__()
        self.widen = convolution(channels, 2 * channels, 1, dimensions)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.widen(downsample(x))


def term_module(term: Term, channels: int, dimensions: int) -> nn.Module:
    """The module of a term whose input has `channels`. Raises ValueError for an unknown name."""
    if term.is_dead:
        return operation("none", channels, dimensions)
    if term.arguments:
        return Operator(term, channels, dimensions)
    check_symbol(term)
    if term.name == "down":
        return Down(channels, dimensions)
    if term.name == "linear":
        conv = convolution(channels, channels, 1, dimensions, bias=False)
        return nn.Sequential(conv, BATCH_NORM[dimensions](channels))
    if term.name == "max_pool":
        return strided_operation(PRIMITIVES[term.name], channels, dimensions, stride=1)
    return operation(PRIMITIVES[term.name], channels, dimensions)


@skeleton.register
def _(architecture: Term, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return TermNetwork(architecture, input_shape, classes)
