"""A stack of cells, measured: the network is built, and what each part delivers and costs is read from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from nas_edu.search_spaces import Cell
from nas_edu.search_spaces.darts_cell import Genotype
from nas_edu.search_spaces.nasnet_cell import NASNetGenotype, unused_states

if TYPE_CHECKING:
    from torch import nn

    from nas_edu.networks.stacked_cells import Plan

ALIKE = 3  # the first two cells of a stage read an older one or the stem; from the third on, cells are alike
Stackable = Cell | Genotype | NASNetGenotype


@dataclass(frozen=True)
class Part:
    """One box of the network, and its name there. `size` is what it delivers: (channels, *positions).

    `stage` counts from 0 and changes with each reduction. A cell whose output nothing reads is not `live`: it is not
    built, so it delivers and costs nothing.
    """

    name: str
    kind: str  # "stem", "normal", "reduction" or "head"
    stage: int
    size: tuple[int, ...] = ()
    parameters: int = 0
    macs: int = 0
    live: bool = True


def size_text(size: tuple[int, ...]) -> str:
    return " × ".join(map(str, size)) or "nothing"


@lru_cache(maxsize=512)
def measured(cell: Stackable, task: str, normal_cells: int, reductions: int, channels: int) -> tuple[Part, ...]:
    """The parts of the stack in the order of computation; their costs add up to those of the whole network."""
    from nas_edu.data import load
    from nas_edu.networks import count_parameters
    from nas_edu.networks.build import macs_by_layer

    if normal_cells > ALIKE and _reads_both(cell):
        return tuple(_longer(measured(cell, task, ALIKE, reductions, channels), normal_cells))
    data = load(task)
    network, parts = _stack(cell, data.input_shape, data.classes, normal_cells, reductions, channels)
    modules = dict(network.named_modules())
    sizes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> None:
        modules[name].register_forward_hook(
            lambda module, inputs, output: sizes.update({name: tuple(output.shape[1:])})
        )

    live = [part.name for part in parts if part.name in modules]
    for name in live:
        note(name)
    macs = macs_by_layer(network, data.input_shape)

    def of(name: str) -> int:
        return sum(count for layer, count in macs.items() if layer == name or layer.startswith(f"{name}."))

    return tuple(
        Part(part.name, part.kind, part.stage, sizes[part.name], count_parameters(modules[part.name]), of(part.name))
        if part.name in live
        else Part(part.name, part.kind, part.stage, live=False)
        for part in parts
    )


def _longer(parts: tuple[Part, ...], normal_cells: int) -> Iterator[Part]:
    """The parts of a stack with more normal cells a stage than the ALIKE that `parts` has."""
    number = normal = 0
    for part in parts:
        normal = normal + 1 if part.kind == "normal" else 0
        for _ in range(1 + normal_cells - ALIKE if normal == ALIKE else 1):
            if part.kind in ("normal", "reduction"):
                yield replace(part, name=f"cells.{number}")
                number += 1
            else:
                yield part


def _reads_both(cell: Stackable) -> bool:
    """Whether each cell of the stack reads the two before it, so that all of them matter."""
    return not isinstance(cell, Cell) and all(plan.inputs == [0, 1] for plan in plans(cell))


def plans(cell: Genotype | NASNetGenotype) -> tuple[Plan, Plan]:
    """The normal and the reduction cell."""
    from nas_edu.networks.stacked_cells import Plan, plans_of

    if isinstance(cell, Genotype):
        return plans_of(cell)
    return Plan(cell.normal, unused_states(cell.normal)), Plan(cell.reduce, unused_states(cell.reduce))


def most_reductions(task: str, limit: int) -> int:
    """A stage needs a position at least: halving 8 leaves one after three times."""
    from nas_edu.data import load

    return min(limit, int(math.log2(min(load(task).input_shape[1:]))))


def _stack(
    cell: Stackable, input_shape: tuple[int, ...], classes: int, normal_cells: int, reductions: int, channels: int
) -> tuple[nn.Module, list[Part]]:
    """The network, its weights not set, and its parts, not measured yet."""
    from nas_edu.networks import StackedCellNetwork, TinyCellNetwork
    from nas_edu.networks.stacked_cells import kinds_of_cells

    stages = range(reductions + 1)
    if isinstance(cell, Cell):
        widths = tuple(channels * 2**stage for stage in stages)
        network: nn.Module = TinyCellNetwork(cell, input_shape, classes, widths, normal_cells)
        parts = []
        for stage in stages:  # the first `widen` is the stem, each further one follows a halving
            parts.append(Part(f"widen.{stage}", "stem" if stage == 0 else "reduction", stage))
            first = stage * normal_cells
            parts += [Part(f"cells.{k}", "normal", stage) for k in range(first, first + normal_cells)]
        return network, [*parts, Part("head", "head", reductions)]
    network = StackedCellNetwork(*plans(cell), input_shape, classes, channels, normal_cells, reductions)
    parts, stage = [Part("stem", "stem", 0)], 0
    for k, is_reduction in enumerate(kinds_of_cells(normal_cells, reductions)):
        stage += is_reduction
        parts.append(Part(f"cells.{k}", "reduction" if is_reduction else "normal", stage))
    return network, [*parts, Part("head", "head", reductions)]
