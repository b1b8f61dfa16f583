"""PC-DARTS: DARTS on a part of the channels, which saves memory, with weights for whole edges, which calm it.

An edge mixes operations on 1/K of its channels only; the others pass by, and then the channels are shuffled, so that
each gets its turn:

    f_(i,j)(x) = shuffle(concat(sum over o of softmax(alpha_(i,j))_o * o(S x), (1 - S) x))               (eq. 2)

Which channels are in S is fixed (the first ones); the gradient in alpha is noisier for it. Edge normalization shares a
node's input among its incoming edges, by parameters beta that no sampled channel touches:

    x_j = sum over i < j of softmax over i (beta_(i,j)) * f_(i,j)(x_i)                                   (eq. 3)

In the beginning weights are poor and would favour operations without any, so alpha and beta wait: 15 of 50 epochs.

Source: Xu et al., "PC-DARTS", ICLR 2020, section 3, and the authors' code; K = 4. Here eq. 3 needs no second sum: the
mixing weights of the multigraph are softmax(beta) * softmax(alpha), and so is what the argmax is taken of.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import torch
from torch import nn

from nas_edu.core import Step, Task
from nas_edu.networks import operation
from nas_edu.one_shot.darts import darts
from nas_edu.one_shot.supernet import MixedOperation, TinyCellSupernet
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS, Cell

WARM_UP = 0.3  # of the search, 15 of 50 epochs


class PartialMixedOperation(MixedOperation):
    """All operations of one edge on the first 1/K of the channels; the rest pass by."""

    def __init__(self, operations: Mapping[str, nn.Module], part: int) -> None:
        super().__init__(operations)
        self.part = part  # K

    def forward(self, x: torch.Tensor, weights: torch.Tensor, chosen: Sequence[int] | None = None) -> torch.Tensor:
        """`weights` = beta * softmax(alpha), of sum beta: what passes by is weighted by beta too."""
        taken = x.shape[1] // self.part
        mixed = super().forward(x[:, :taken], weights, chosen)
        joined = torch.cat([mixed, weights.sum() * x[:, taken:]], dim=1)
        return shuffle_channels(joined, self.part)


def shuffle_channels(x: torch.Tensor, groups: int) -> torch.Tensor:
    """Channel c of group g, at g * (C / groups) + c, goes to c * groups + g: the groups are interleaved."""
    samples, channels, *positions = x.shape
    return x.reshape(samples, groups, channels // groups, *positions).transpose(1, 2).reshape(x.shape)


class PartialChannelSupernet(TinyCellSupernet):
    """A TinyCell supernet whose edges mix 1/K of the channels, with edge weights `alpha["edge"]`, beta (6, 1).

    Its weights belong to operations of C/K channels, so it runs no single architecture, and no stand-alone network can
    take them over: both raise TypeError.
    """

    def __init__(self, task: Task, *, part: int = 4, operations: Sequence[str] = OPERATIONS, seed: int = 0) -> None:
        if part not in (1, 2, 4, 8):
            raise ValueError(f"part={part}: 1/K of 8, 16 and 32 channels is a whole number for K = 1, 2, 4, 8")
        self.part = part
        super().__init__(task, operations=operations, seed=seed)
        self.alpha["edge"] = nn.Parameter(torch.zeros(len(EDGES), 1))

    def mixing(self) -> dict[str, torch.Tensor]:
        """softmax(beta) over the edges into one node, times softmax(alpha) over the operations of an edge."""
        beta = self.alpha["edge"][:, 0]
        share = torch.empty_like(beta)
        for node in {j for _, j in EDGES}:
            into = [e for e, (_, j) in enumerate(EDGES) if j == node]
            share[into] = beta[into].softmax(dim=0)
        return {"cell": share[:, None] * self.alpha["cell"].softmax(dim=1)}

    def _check_contained(self, architecture: Cell) -> NoReturn:
        raise TypeError("a PC-DARTS supernet has weights for a part of the channels: train the cell from the start")

    def _mixed_operation(self, channels: int, dimensions: int) -> MixedOperation:
        few = channels // self.part
        return PartialMixedOperation({name: operation(name, few, dimensions) for name in self.names}, self.part)


def pc_darts(
    supernet: PartialChannelSupernet, task: Task, *, steps: int, rng: random.Random, **settings: Any
) -> Iterator[Step]:
    """First-order DARTS on a `PartialChannelSupernet`, alpha and beta at rest for the first 30 % of the steps.

    Raises TypeError for another supernet.
    """
    if not isinstance(supernet, PartialChannelSupernet):
        raise TypeError(f"pc_darts takes a PartialChannelSupernet, got {type(supernet).__name__}")
    return darts(supernet, task, steps=steps, warm_up=WARM_UP, rng=rng, **settings)
