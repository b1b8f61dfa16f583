"""The supernet of DARTSCell: every operation on every of the 14 edges of a normal and a reduction cell.

    node j = sum over i < j of o_(i,j)(x_i), j = 2..5;   output = concat of the nodes;   alpha: (14, 8) for each kind

All normal cells share alpha["normal"], all reduction cells alpha["reduce"]; the weights are each cell's own. `argmax`
discretizes as the paper does: `none` is left out, every node keeps the two edges whose strongest operation is
strongest, and each of them this operation.

Sources: Liu, Simonyan & Yang, "DARTS", ICLR 2019, sections 2.1, 2.2 and 2.4; the stack is `networks.stacked_cells`.
Simplified: poolings are not followed by batch normalization, so that a path is exactly the stand-alone network. The
paper's search has 16 channels and two normal cells before each reduction: `DARTSCellSupernet(task, channels=16,
normal_cells=2)`, for a GPU; the default, 8 and 1, is for a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.core import Task
from nas_edu.networks import seed_from
from nas_edu.networks.operations import (
    BATCH_NORM,
    AnyModule,
    FactorizedReduce,
    ReLUConvBN,
    convolution,
    initialize,
    strided_operation,
)
from nas_edu.networks.stacked_cells import CHANNELS, NORMAL_CELLS, StackedCellNetwork, kinds_of_cells, plans_of
from nas_edu.one_shot.supernet import Chosen, MixedOperation, Supernet, prepare_batch_norms
from nas_edu.search_spaces.cell_pairs import INPUTS, pairs
from nas_edu.search_spaces.darts_cell import CELLS, KEPT_OPERATIONS, NONE, OPERATIONS, DARTSCell, Genotype

SPACE = DARTSCell()
OUTPUTS = range(INPUTS, INPUTS + SPACE.nodes)


class StridedZero(nn.Module):
    """`none`: zeros of the shape that the edge delivers."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x[:, :, *[slice(None, None, self.stride)] * (x.dim() - 2)])


class MixedCell(nn.Module):
    """One cell of the supernet: both inputs brought to `channels`, then a mixed operation on every edge."""

    edges: AnyModule  # an nn.ModuleList of MixedOperation

    def __init__(self, widths: tuple[int, int], channels: int, dimensions: int, **where: bool) -> None:
        super().__init__()
        older = FactorizedReduce(widths[0], channels, dimensions) if where["after_reduction"] else None
        self.prepare = nn.ModuleList([older or ReLUConvBN(widths[0], channels, 1, dimensions)])
        self.prepare.append(ReLUConvBN(widths[1], channels, 1, dimensions))
        self.edges = nn.ModuleList()
        for i, _ in SPACE.edges:
            stride = 2 if where["reduction"] and i < INPUTS else 1
            modules: dict[str, nn.Module] = {NONE: StridedZero(stride)}
            modules |= {name: strided_operation(name, channels, dimensions, stride) for name in OPERATIONS[1:]}
            self.edges.append(MixedOperation(modules))

    def forward(
        self, inputs: list[torch.Tensor], weights: torch.Tensor, chosen: Sequence[Sequence[int] | None]
    ) -> torch.Tensor:
        """The mixture; `weights` (14, 8)."""
        states = [prepare(x) for prepare, x in zip(self.prepare, inputs, strict=True)]
        for j in OUTPUTS:
            into = [(e, i) for e, (i, node) in enumerate(SPACE.edges) if node == j]
            states.append(sum(self.edges[e](states[i], weights[e], chosen[e]) for e, i in into))
        return torch.cat([states[j] for j in OUTPUTS], dim=1)

    def path(self, inputs: list[torch.Tensor], cell: tuple[tuple[str, int], ...]) -> torch.Tensor:
        """The two edges of each node that a genotype's cell names, added in its order."""
        states = [prepare(x) for prepare, x in zip(self.prepare, inputs, strict=True)]
        for j, ((first, a), (second, b)) in enumerate(pairs(list(cell)), start=INPUTS):
            on = {i: self.edges[SPACE.edges.index((i, j))] for i in (a, b)}
            states.append(on[a][first](states[a]) + on[b][second](states[b]))
        return torch.cat([states[j] for j in OUTPUTS], dim=1)


class DARTSCellSupernet(Supernet):
    """All DARTSCell networks for `task` in one. Weights and alpha, from N(0, 0.001^2), are drawn from (task, seed).

    Raises ValueError for an unknown `statistics`; see `nas_edu.one_shot.supernet` for what it means.
    """

    edges = SPACE.edges
    inputs_of_a_node = 2
    candidates = KEPT_OPERATIONS
    cells: AnyModule  # an nn.ModuleList of MixedCell

    def __init__(
        self,
        task: Task,
        *,
        channels: int = CHANNELS,
        normal_cells: int = NORMAL_CELLS,
        statistics: str = "batch",
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.names = OPERATIONS
        self._size = (task.input_shape, task.classes, channels, normal_cells)
        self.statistics = statistics
        self.stem = nn.Sequential(
            convolution(task.input_shape[0], channels, 3, task.dimensions, bias=False),
            BATCH_NORM[task.dimensions](channels),
        )
        self.kinds, self.cells = kinds_of_cells(normal_cells), nn.ModuleList()
        widths = [channels, channels]  # of the last but one and the last output
        for k, reduction in enumerate(self.kinds):
            channels *= 2 if reduction else 1
            where = {"reduction": reduction, "after_reduction": k > 0 and self.kinds[k - 1]}
            self.cells.append(MixedCell((widths[0], widths[1]), channels, task.dimensions, **where))
            widths = [widths[1], channels * SPACE.nodes]
        self.head = skip_init(nn.Linear, widths[1], task.classes)
        generator = torch.Generator().manual_seed(seed_from("DARTS supernet", self._size, task.name, seed))
        initialize(self, generator)
        prepare_batch_norms(self, statistics)
        shape = len(SPACE.edges), len(OPERATIONS)
        self.alpha = nn.ParameterDict(
            {kind: nn.Parameter(1e-3 * torch.randn(shape, generator=generator)) for kind in CELLS}
        )

    def forward(
        self,
        x: torch.Tensor,
        architecture: Genotype | None = None,
        mixing: Mapping[str, torch.Tensor] | None = None,
        chosen: Chosen | None = None,
    ) -> torch.Tensor:
        """Logits (samples, classes) of the mixture, or of one architecture, as in `TinyCellSupernet.forward`."""
        if architecture is not None and mixing is not None:
            raise ValueError("give an architecture (one path) or mixing weights (a mixture), not both")
        if architecture is not None:
            _check_contained(architecture)
        else:
            weights = self.mixing() if mixing is None else mixing
        older = x = self.stem(x)
        for reduction, cell in zip(self.kinds, self.cells, strict=True):
            kind = CELLS[reduction]
            if architecture is None:
                run = [None] * len(SPACE.edges) if chosen is None else chosen[kind]
                older, x = x, cell([older, x], weights[kind], run)
            else:
                older, x = x, cell.path([older, x], getattr(architecture, kind))
        logits: torch.Tensor = self.head(x.flatten(2).mean(-1))
        return logits

    def argmax(self, mixing: Mapping[str, torch.Tensor] | None = None) -> Genotype:
        """The paper's discretization: for each node the two strongest edges, `none` left out."""
        weights = self.mixing() if mixing is None else mixing
        return Genotype(*(strongest_edges(weights[kind].detach()) for kind in CELLS))

    def stand_alone(self, architecture: Genotype) -> StackedCellNetwork:
        _check_contained(architecture)
        input_shape, classes, channels, normal_cells = self._size
        network = StackedCellNetwork(*plans_of(architecture), input_shape, classes, channels, normal_cells)
        network.to(self.head.weight)
        _copy(self.stem, network.stem)
        _copy(self.head, network.head)
        for k, own in network.cells.items():
            shared = self.cells[int(k)]
            for state, module in own.prepare.items():
                _copy(shared.prepare[int(state)], module)
            cell = getattr(architecture, CELLS[self.kinds[int(k)]])
            for place, (name, i) in enumerate(cell):
                edge = SPACE.edges.index((i, INPUTS + place // 2))
                _copy(shared.edges[edge][name], own.operations[place])
        prepare_batch_norms(network, self.statistics, affine=True)
        return network.train(self.training)


def strongest_edges(mixing: torch.Tensor) -> tuple[tuple[str, int], ...]:
    """The edges (operation, state) of a cell from its mixing weights (14, 8): two a node, the smaller state first."""
    real = mixing.clone()
    real[:, OPERATIONS.index(NONE)] = -1.0
    best, which = real.max(dim=1)
    kept = []
    for j in OUTPUTS:
        into = [e for e, (_, node) in enumerate(SPACE.edges) if node == j]
        two = sorted(into, key=lambda e: best[e].item(), reverse=True)[:2]
        kept += [(OPERATIONS[which[e]], SPACE.edges[e][0]) for e in sorted(two)]
    return tuple(kept)


def _copy(shared: nn.Module, own: nn.Module) -> None:
    """All weights and statistics that both have; scale and shift are not in the supernet."""
    own.load_state_dict({**own.state_dict(), **shared.state_dict()})


def _check_contained(architecture: Genotype) -> None:
    if architecture not in SPACE:
        raise TypeError(f"this supernet runs a Genotype of {SPACE.nodes} nodes a cell, got {architecture!r}")
