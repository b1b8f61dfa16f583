"""The same TinyCell supernet, its mixture computed with fewer and larger operations. Read `supernet.py` first.

What a profile of the plain mixture shows: 6 edges of 5 operations in 3 stages, each with its own ReLU, convolution,
normalization, product and sum, on tensors of some 10,000 numbers; and average pooling by a general kernel takes as long
as a convolution. Here:

    layout         channels first, (C, N, positions): a convolution of size 1 is one matrix product, one of size 3 the
                   same product on the shifted copies of its input
    one node       what reads it runs together: its ReLU, its shifted copies and its pooling once instead of once an
                   edge, and one product for all of its edges, their kernels one below the other
    mixing         the mixing weights take the place of batch normalization's scale, which a supernet does not have: so
                   there is no product with them, and the derivatives in alpha come with its backward pass
    `none`         is left out: it adds zero

Outputs and gradients, second ones as well, are those of the plain mixture up to rounding (tested). A single path, and
the statistics "running", are left to the plain code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from nas_edu.networks.operations import AnyModule, downsample
from nas_edu.one_shot.supernet import TinyCellSupernet
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, Cell


class FastTinyCellSupernet(TinyCellSupernet):
    """A `TinyCellSupernet` with the statistics of the batch whose mixture is faster; all else is inherited."""

    def forward(
        self,
        x: torch.Tensor,
        architecture: Cell | None = None,
        mixing: Mapping[str, torch.Tensor] | None = None,
        chosen: Mapping[str, Sequence[Sequence[int]]] | None = None,
    ) -> torch.Tensor:
        if architecture is not None or chosen is not None or self.statistics != "batch":
            return super().forward(x, architecture, mixing, chosen)
        weights = (self.mixing() if mixing is None else mixing)["cell"]
        x = x.transpose(0, 1)  # (C, N, positions)
        for stage, (widen, cell) in enumerate(zip(self.widen, self.cells, strict=True)):
            x = x if stage == 0 else downsample(x)
            flat = torch.addmm(widen.bias[:, None], widen.weight.flatten(1), x.flatten(1))
            x = self._mixture(cell, weights, flat.view(-1, *x.shape[1:]))
        return self.head(x.flatten(2).mean(-1).t())

    def _mixture(self, cell: AnyModule, weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """x_j = sum over i < j of the mixture on edge (i, j): all that reads node i is computed when it is complete."""
        nodes = {0: x}
        for i in range(NODES - 1):
            leaving = [e for e, (start, _) in enumerate(EDGES) if start == i]
            delivered = self._copied(weights[leaving], nodes[i])
            for convolved in self._convolved(cell, weights, leaving, nodes[i]):
                delivered = delivered + convolved
            for e, part in zip(leaving, delivered, strict=True):
                j = EDGES[e][1]
                nodes[j] = nodes[j] + part if j in nodes else part
        return nodes[NODES - 1]

    def _convolved(
        self, cell: AnyModule, weights: torch.Tensor, edges: list[int], x: torch.Tensor
    ) -> Iterator[torch.Tensor]:
        """For each kind of convolution, the weighted ones of all `edges` that read x: (edges, C, N, positions)."""
        positive = F.relu(x)
        for name, columns in (
            ("nor_conv_1x1", lambda: positive),
            ("nor_conv_3x3", lambda: torch.cat(_shifted(positive))),
        ):
            if name in self.names:
                kernels = torch.cat([_as_matrix(cell[e][name][1].weight) for e in edges])  # (edges * C, taps * C)
                y = kernels @ columns().flatten(1)
                scale = weights[edges, self.names.index(name)].repeat_interleave(len(x))
                y = F.batch_norm(y[None], None, None, weight=scale, bias=torch.zeros_like(scale), training=True)
                yield y.view(len(edges), *x.shape)

    def _copied(self, weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """The weighted skip connections and poolings of edges that read x: (edges, C, N, positions)."""
        total = torch.zeros((), dtype=x.dtype, device=x.device)
        for name, part in (("skip_connect", lambda: x), ("avg_pool_3x3", lambda: _average_of_neighbours(x))):
            if name in self.names:
                total = total + weights[:, self.names.index(name)].view(-1, *[1] * x.dim()) * part()
        return total.expand(len(weights), *x.shape)


def _shifted(x: torch.Tensor) -> list[torch.Tensor]:
    """The copies of x shifted by -1, 0 and 1 along each position, zeros outside: 3 for signals, 9 for images."""
    padded = F.pad(x, [1, 1] * (x.dim() - 2))
    windows = [[slice(start, start + size) for start in range(3)] for size in x.shape[2:]]
    return [padded[:, :, *window] for window in itertools.product(*windows)]


def _average_of_neighbours(x: torch.Tensor) -> torch.Tensor:
    """Pooling of size 3 and stride 1 that does not count what is outside."""
    ones = x.new_ones(1, 1, *x.shape[2:])
    total: Any = sum(_shifted(x))  # a tensor; the hint of `sum` allows for the number 0, if there is nothing to add
    return total / sum(_shifted(ones))


def _as_matrix(kernel: torch.Tensor) -> torch.Tensor:
    """(D, C, *taps) -> (D, taps * C), the taps outermost, as in `_shifted`."""
    return kernel.flatten(2).transpose(1, 2).flatten(1)
