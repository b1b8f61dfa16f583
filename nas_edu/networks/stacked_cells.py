"""Networks of a normal and a reduction cell, for DARTSCell and NASNetCell: N normal cells, a reduction, and so on.

    stem 3x3 conv -> N normal -> reduction -> N normal -> reduction -> N normal -> average over positions -> linear
           (C)         (C)         (2C)         (2C)        (4C)         (4C)

Cell k reads the outputs of the cells k-2 and k-1 (of the stem where there are none). Each is brought to the channels of
the cell by ReLU, 1x1 convolution, batch normalization; where cell k-1 was a reduction, a factorized reduction also
halves the positions of the older one. In a reduction cell, operations on these two inputs have stride 2.

Simplified: N = 1 and C = 8 (the papers stack 6 cells or so and have 32 channels or more), the stem has C channels, no
auxiliary head, no drop path. Source: Zoph et al. 2018, figure 2; Liu et al. 2019, section 3.1, and the authors' code
(github.com/quark0/darts, cnn/model.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from nas_edu.networks.build import skeleton
from nas_edu.networks.operations import (
    BATCH_NORM,
    AnyModule,
    FactorizedReduce,
    ReLUConvBN,
    convolution,
    linear,
    strided_operation,
)
from nas_edu.search_spaces.cell_pairs import INPUTS, Node, pairs
from nas_edu.search_spaces.darts_cell import Genotype
from nas_edu.search_spaces.nasnet_cell import NASNetGenotype, unused_states

CHANNELS = 8
NORMAL_CELLS = 1
REDUCTIONS = 2


@dataclass(frozen=True)
class Plan:
    """What a cell computes: its nodes, each two edges (operation, state) and a combination, and what it returns."""

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]

    @property
    def inputs(self) -> list[int]:
        """Which of the states 0 and 1 it reads."""
        return sorted({state for *edges, _ in self.nodes for _, state in edges if state < INPUTS})


class StackedCell(nn.Module):
    """One cell: its inputs have `widths` channels, the last but one cell's output perhaps twice the positions."""

    def __init__(self, plan: Plan, widths: tuple[int, int], channels: int, dimensions: int, **where: bool) -> None:
        super().__init__()
        self.plan = plan
        self.prepare = nn.ModuleDict()
        for state in plan.inputs:
            halve = state == 0 and where["after_reduction"]
            self.prepare[str(state)] = (
                FactorizedReduce(widths[state], channels, dimensions)
                if halve
                else ReLUConvBN(widths[state], channels, 1, dimensions)
            )
        self.operations, self.merge = nn.ModuleList(), nn.ModuleDict()
        for node, (*edges, combine) in enumerate(plan.nodes, start=INPUTS):
            for operation, state in edges:
                stride = 2 if where["reduction"] and state < INPUTS else 1
                self.operations.append(strided_operation(operation, channels, dimensions, stride))
            if combine == "concatenate":
                self.merge[str(node)] = ReLUConvBN(2 * channels, channels, 1, dimensions)

    def forward(self, inputs: dict[int, torch.Tensor]) -> torch.Tensor:
        states = {int(state): prepare(inputs[int(state)]) for state, prepare in self.prepare.items()}
        for node, (first, second, combine) in enumerate(self.plan.nodes, start=INPUTS):
            place = 2 * (node - INPUTS)
            a = self.operations[place](states[first[1]])
            b = self.operations[place + 1](states[second[1]])
            states[node] = self.merge[str(node)](torch.cat([a, b], dim=1)) if combine == "concatenate" else a + b
        return torch.cat([states[state] for state in self.plan.outputs], dim=1)


class StackedCellNetwork(nn.Module):
    """Inputs (samples, channels, length) or (samples, channels, height, width); outputs logits (samples, classes).

    A cell that no later cell reads has no module: a NASNet cell may well ignore one of its inputs.
    """

    cells: AnyModule  # an nn.ModuleDict of StackedCell

    def __init__(
        self,
        normal: Plan,
        reduce: Plan,
        input_shape: tuple[int, ...],
        classes: int,
        channels: int = CHANNELS,
        normal_cells: int = NORMAL_CELLS,
        reductions: int = REDUCTIONS,
    ) -> None:
        super().__init__()
        dimensions = len(input_shape) - 1
        kinds = kinds_of_cells(normal_cells, reductions)
        plans = [reduce if reduction else normal for reduction in kinds]
        self.sources = _live_cells(plans)
        self.stem = nn.Sequential(
            convolution(input_shape[0], channels, 3, dimensions, bias=False), BATCH_NORM[dimensions](channels)
        )
        self.cells = nn.ModuleDict()
        widths = {-1: channels}  # of the output of each cell; -1 is the stem
        for k, (reduction, plan) in enumerate(zip(kinds, plans, strict=True)):
            channels *= 2 if reduction else 1
            widths[k] = channels * len(plan.outputs)
            if k in self.sources:
                before = widths[max(k - 2, -1)], widths[k - 1]
                where = {"reduction": reduction, "after_reduction": k > 0 and kinds[k - 1]}
                self.cells[str(k)] = StackedCell(plan, before, channels, dimensions, **where)
        self.head = linear(widths[len(plans) - 1], classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs = {-1: self.stem(x)}
        for k, cell in self.cells.items():
            outputs[int(k)] = x = cell({state: outputs[source] for state, source in self.sources[int(k)].items()})
        logits: torch.Tensor = self.head(x.flatten(2).mean(-1))
        return logits


def kinds_of_cells(normal_cells: int, reductions: int = REDUCTIONS) -> list[bool]:
    """The stack from first to last, True for a reduction."""
    return [False] * normal_cells + ([True] + [False] * normal_cells) * reductions


def plans_of(genotype: Genotype) -> tuple[Plan, Plan]:
    """The normal and the reduction cell of DARTS: nodes add, and the output concatenates all of them."""
    outputs = tuple(range(INPUTS, INPUTS + genotype.nodes))
    normal, reduce = (
        Plan(tuple((first, second, "add") for first, second in pairs(list(cell))), outputs)
        for cell in (genotype.normal, genotype.reduce)
    )
    return normal, reduce


def _live_cells(plans: list[Plan]) -> dict[int, dict[int, int]]:
    """For each cell that matters: which cell (-1: the stem) each of the states 0 and 1 that it reads comes from."""
    sources: dict[int, dict[int, int]] = {}
    needed = {len(plans) - 1}
    for k in reversed(range(len(plans))):
        if k in needed:
            sources[k] = {state: max(k - 2 + state, -1) for state in plans[k].inputs}
            needed.update(sources[k].values())
    return sources


@skeleton.register
def _(architecture: Genotype, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    return StackedCellNetwork(*plans_of(architecture), input_shape, classes)


@skeleton.register
def _(architecture: NASNetGenotype, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    normal, reduce = (Plan(cell, unused_states(cell)) for cell in (architecture.normal, architecture.reduce))
    return StackedCellNetwork(normal, reduce, input_shape, classes)
