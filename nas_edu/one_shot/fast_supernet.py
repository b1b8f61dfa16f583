"""The same TinyCell supernet, its mixture computed with fewer and larger operations. Read `supernet.py` first.

What a profile of the plain mixture shows: 6 edges of 5 operations in 3 stages, each with its own ReLU, convolution,
normalization, product and sum, on tensors of some 10,000 numbers; and average pooling by a general kernel takes as long
as a convolution. Here, what reads one node runs together: its ReLU, its shifted copies and its pooling once instead of
once an edge, and one product for all of its edges (`networks.fast.mixture`). `none` is left out: it adds zero.

Outputs and gradients, second ones as well, are those of the plain mixture up to rounding (tested). A single path, a
choice of operations, and the statistics "running", are left to the plain code.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F

from nas_edu.networks.fast.mixture import average_of_neighbours, weighted_convolutions
from nas_edu.networks.operations import AnyModule, downsample
from nas_edu.one_shot.supernet import Chosen, TinyCellSupernet
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, Cell


class FastTinyCellSupernet(TinyCellSupernet):
    """A `TinyCellSupernet` with the statistics of the batch whose mixture is faster; all else is inherited."""

    def forward(
        self,
        x: torch.Tensor,
        architecture: Cell | None = None,
        mixing: Mapping[str, torch.Tensor] | None = None,
        chosen: Chosen | None = None,
    ) -> torch.Tensor:
        """Logits (samples, classes), as those of the plain supernet."""
        if architecture is not None or chosen is not None or self.statistics != "batch":
            return super().forward(x, architecture, mixing, chosen)
        weights = (self.mixing() if mixing is None else mixing)["cell"]
        x = x.transpose(0, 1)  # (C, N, positions)
        for stage, (widen, cell) in enumerate(zip(self.widen, self.cells, strict=True)):
            x = x if stage == 0 else downsample(x)
            flat = torch.addmm(widen.bias[:, None], widen.weight.flatten(1), x.flatten(1))
            x = self._mixture(cell, weights, flat.view(-1, *x.shape[1:]))
        logits: torch.Tensor = self.head(x.flatten(2).mean(-1).t())
        return logits

    def _mixture(self, cell: AnyModule, weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """x_j = sum over i < j of the mixture on edge (i, j): all that reads node i is computed when it is complete."""
        nodes = {0: x}
        for i in range(NODES - 1):
            leaving = [e for e, (start, _) in enumerate(EDGES) if start == i]
            delivered = self._copied(weights[leaving], nodes[i])
            positive = F.relu(nodes[i])
            for name in ("nor_conv_1x1", "nor_conv_3x3"):
                if name in self.names:
                    kernels = [cell[e][name][1].weight for e in leaving]
                    mixing = weights[leaving, self.names.index(name)]
                    delivered = delivered + weighted_convolutions(kernels, mixing, positive)
            for e, part in zip(leaving, delivered, strict=True):
                j = EDGES[e][1]
                nodes[j] = nodes[j] + part if j in nodes else part
        return nodes[NODES - 1]

    def _copied(self, weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """The weighted skip connections and poolings of edges that read x: (edges, C, N, positions)."""
        total = torch.zeros((), dtype=x.dtype, device=x.device)
        for name, part in (("skip_connect", lambda: x), ("avg_pool_3x3", lambda: average_of_neighbours(x))):
            if name in self.names:
                column: torch.Tensor = weights[:, self.names.index(name)].view(-1, *[1] * x.dim())
                total = total + column * part()  # type: ignore[no-untyped-call]
        return total.expand(len(weights), *x.shape)
