"""The network around a TinyCell: a weak skeleton, so that everything must come from the cell.

    stem 1x1 conv -> cell -> halve, 1x1 conv -> cell -> halve, 1x1 conv -> cell -> average over positions -> linear
           (8 channels)              (16)                      (32)

Nothing outside the cells looks at neighbouring positions except the halving, and nothing outside them is nonlinear.
With a stronger skeleton nearly every cell does well, and there is nothing to search for.

After NAS-Bench-201, section 2.1; there the stem is a 3x3 convolution, a stage has five cells, and the reduction is a
residual block.
"""

from __future__ import annotations

from itertools import islice

import torch
from torch import nn

from nas_edu.networks.operations import AnyModule, convolution, downsample, linear, operation
from nas_edu.search_spaces.stage_cells import CellPerStage
from nas_edu.search_spaces.tiny_cell import NODES, Cell

CHANNELS = (8, 16, 32)


class CellModule(nn.Module):
    """One cell: x_j = sum over i < j of o_(i,j)(x_i). Only live edges have modules; the others cannot matter."""

    def __init__(self, cell: Cell, channels: int, dimensions: int) -> None:
        super().__init__()
        self.edges = list(cell.live_edges)
        names = cell.live_edges.values()
        self.operations = nn.ModuleList(operation(name, channels, dimensions) for name in names)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nodes: dict[int, torch.Tensor] = {0: x}
        for (i, j), apply in zip(self.edges, self.operations, strict=True):  # sorted by j: node i is complete
            delivered = apply(nodes[i])
            nodes[j] = nodes[j] + delivered if j in nodes else delivered
        return nodes.get(NODES - 1, torch.zeros_like(x))


class TinyCellNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes).

    The same cell in every stage, or, given a `CellPerStage`, each stage its own. `channels` are those of the stages, of
    `cells_per_stage` cells each; `self.cells` holds all of them in order.
    """

    widen: AnyModule  # an nn.ModuleList of convolutions
    cells: AnyModule  # an nn.ModuleList of CellModule

    def __init__(
        self,
        cell: Cell | CellPerStage,
        input_shape: tuple[int, ...],
        classes: int,
        channels: tuple[int, ...] = CHANNELS,
        cells_per_stage: int = 1,
    ) -> None:
        super().__init__()
        dimensions = len(input_shape) - 1
        widths = (input_shape[0], *channels)
        pairs = zip(widths, channels, strict=False)
        self.widen = nn.ModuleList(convolution(a, b, 1, dimensions) for a, b in pairs)  # the first one is the stem
        cells = cell.cells if isinstance(cell, CellPerStage) else (cell,) * len(channels)
        stages = [pair for pair in zip(cells, channels, strict=True) for _ in range(cells_per_stage)]
        self.cells = nn.ModuleList(CellModule(*pair, dimensions) for pair in stages)
        self.head = linear(channels[-1], classes)

    @property
    def cells_per_stage(self) -> int:
        return len(self.cells) // len(self.widen)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        cells = iter(self.cells)
        for stage, widen in enumerate(self.widen):
            x = widen(x if stage == 0 else downsample(x))
            for cell in islice(cells, self.cells_per_stage):
                x = cell(x)
        logits: torch.Tensor = self.head(x.flatten(2).mean(-1))
        return logits
