"""The operations of a supernet's mixture, computed for all edges that read one tensor together.

Layout: channels first, (C, N, *positions), so that a convolution of size 1 is one matrix product, and one of size 3 the
same product on the shifted copies of its input. The kernels of all edges lie one below the other in one product. The
mixing weights take the place of batch normalization's scale, which a supernet does not have: so there is no product
with them, and the derivatives in alpha come with its backward pass. All of it is torch's own operations, so gradients
of any order are there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F


def weighted_convolutions(kernels: Sequence[torch.Tensor], weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """weights[e] * normalized(kernels[e] * x) for each edge e, by the batch's statistics: (edges, C, N, *positions).

    `kernels` (C, C, 1...) or (C, C, 3...), `weights` (edges,), x (C, N, *positions) after its ReLU.
    """
    taps = kernels[0][0, 0].numel()
    columns = x if taps == 1 else torch.cat(_shifted(x))  # (taps * C, N, *positions)
    y = torch.cat([_as_matrix(kernel) for kernel in kernels]) @ columns.flatten(1)
    scale = weights.repeat_interleave(len(x))
    y = F.batch_norm(y[None], None, None, weight=scale, bias=torch.zeros_like(scale), training=True)
    return y.view(len(kernels), *x.shape)


def average_of_neighbours(x: torch.Tensor) -> torch.Tensor:
    """Pooling of size 3 and stride 1 that does not count what is outside."""
    ones = x.new_ones(1, 1, *x.shape[2:])
    total: torch.Tensor = sum(_shifted(x))  # type: ignore[assignment]  # there is something to add
    return total / sum(_shifted(ones))


def _shifted(x: torch.Tensor) -> list[torch.Tensor]:
    """The copies of x shifted by -1, 0 and 1 along each position, zeros outside: 3 for signals, 9 for images."""
    padded = F.pad(x, [1, 1] * (x.dim() - 2))
    windows = [[slice(start, start + size) for start in range(3)] for size in x.shape[2:]]
    return [padded[:, :, *window] for window in itertools.product(*windows)]


def _as_matrix(kernel: torch.Tensor) -> torch.Tensor:
    """(D, C, *taps) -> (D, taps * C), the taps outermost, as in `_shifted`."""
    return kernel.flatten(2).transpose(1, 2).flatten(1)
