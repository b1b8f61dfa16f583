"""The stacker: one cell is no network yet. Sliders say how many follow each other, and how often positions halve.

    stack_cells(DARTS_V2, task="digits")

The network is built each time, and its feature maps, parameters and MACs are those of the real thing. Where positions
halve, channels double: with C channels and P positions, a 1x1 convolution has C^2 parameters and C^2 P MACs. So each
reduction makes a cell's parameters four times as many; its MACs double for signals and stay for images.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from nas_edu.core.names import did_you_mean
from nas_edu.draw.marks import Bars, Panel, StageBox, Stages, TextTable
from nas_edu.search_spaces import Cell
from nas_edu.search_spaces.darts_cell import Genotype
from nas_edu.search_spaces.nasnet_cell import NASNetGenotype, unused_states
from nas_edu.widgets.controls import Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present
from nas_edu.widgets.views.search import GOOD, NEW

if TYPE_CHECKING:
    from torch import nn

    from nas_edu.networks.stacked_cells import Plan


# --- a stack of cells, measured ---------------------------------------------------------------------------------------


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


# --- the explorer -----------------------------------------------------------------------------------------------------


MOST_CELLS, MOST_REDUCTIONS = 5, 3
CHANNELS = range(4, 33, 4)
_LOOKS = {"stem": ("stem", "muted"), "normal": ("N", GOOD), "reduction": ("R", NEW), "head": ("head", "muted")}


@dataclass(frozen=True)
class StackState:
    """N normal cells a stage, reductions, C channels in the first stage, and the name of the part that was clicked."""

    cell: Stackable
    task: str
    reductions: int
    normal_cells: int = 1
    channels: int = 8
    part: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        return measured(self.cell, self.task, self.normal_cells, self.reductions, self.channels)


def stack_cells(cell: Stackable, task: str = "mnist1d") -> Explorer[StackState]:
    """Stack a cell into a network for `task`, with sliders; returns the explorer: `explorer.set("cells", 3)`.

    cell    a Cell of TinyCell, or a genotype of DARTSCell or NASNetCell, which brings a reduction cell of its own;
            between stages of a TinyCell, a reduction is an average pooling and a 1x1 convolution

    Raises TypeError for any other cell, ValueError for an unknown task.
    """
    from nas_edu.data import TASKS

    if not isinstance(cell, Stackable):
        raise TypeError(f"stack_cells takes a Cell, a Genotype or a NASNetGenotype, got {type(cell).__name__} {cell!r}")
    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}{did_you_mean(task, list(TASKS))}; allowed: {', '.join(TASKS)}")
    start = StackState(cell, task, most_reductions(task, 2))
    views = [_network, _figures, _parameters, _macs]
    return present(
        Explorer(start, views, _controls, title="Stacker: cells into a network", on_click=_on_click, status=_text)
    )


def _controls(state: StackState) -> list[Control]:
    most = most_reductions(state.task, MOST_REDUCTIONS)
    return [
        Slider(
            "cells", 1, MOST_CELLS, state.normal_cells, lambda s, n: replace(s, normal_cells=n), label="N cells a stage"
        ),
        Slider("reductions", 0, most, state.reductions, lambda s, n: replace(s, reductions=n), label="Reductions"),
        Slider(
            "channels",
            CHANNELS[0],
            CHANNELS[-1],
            state.channels,
            lambda s, n: replace(s, channels=n),
            step=CHANNELS.step,
            label="Channels",
        ),
    ]


def _on_click(state: StackState, key: str) -> StackState:
    return replace(state, part=key.removeprefix("part "))


def _text(state: StackState) -> str:
    cells = sum(part.kind in ("normal", "reduction") for part in state.parts)
    return f"{cells} cells, {_total(state, 'parameters'):,} parameters, {_total(state, 'macs'):,} MACs a sample"


def _network(state: StackState) -> Panel:
    """A row a stage, with the size of the feature maps that leave it."""
    rows, words = [], []
    for stage, parts in _stages(state).items():
        layers = []
        for part in parts:
            text, colour = _LOOKS[part.kind]
            says = f"{part.kind} {part.name}: {size_text(part.size)}"
            layers.append(StageBox(text, colour, says, part.name == state.part, not part.live, f"part {part.name}"))
        size = size_text(_leaves(parts))
        rows.append((size, layers))
        words.append(f"stage {stage + 1}: {', '.join(part.kind for part in parts)}, {size}")
    head = state.parts[-1]
    last = StageBox("head", "muted", f"head: {size_text(head.size)} scores", head.name == state.part, key="part head")
    rows.append((f"{size_text(head.size)} scores", [last]))
    subtitle = "N normal, R reduction; channels × positions"
    return Panel("Network", [Stages(rows)], subtitle=subtitle, alt=f"Network. {'; '.join(words)}; head")


def _figures(state: StackState) -> Panel:
    """The whole network, and the part that was clicked."""
    first, last = state.parts[0], state.parts[-2]
    rows = [
        ("Parameters", f"{_total(state, 'parameters'):,}"),
        ("MACs a sample", f"{_total(state, 'macs'):,}"),
        ("After the stem", size_text(first.size)),
        ("Before the head", size_text(last.size)),
    ]
    chosen = next((part for part in state.parts if part.name == state.part), None)
    if chosen is None:
        return Panel("Figures", [TextTable(rows)], subtitle="click a box to see its own")
    kind = "normal cell" if chosen.kind == "normal" else chosen.kind
    name = f"The {kind} in stage {chosen.stage + 1}"
    rows += [
        ("This box delivers", size_text(chosen.size) if chosen.live else "what nothing reads"),
        ("Its parameters", f"{chosen.parameters:,}"),
        ("Its MACs", f"{chosen.macs:,}"),
    ]
    return Panel("Figures", [TextTable(rows)], subtitle=name)


def _parameters(state: StackState) -> Panel:
    return _bars(state, "parameters", "Parameters by stage")


def _macs(state: StackState) -> Panel:
    return _bars(state, "macs", "MACs by stage")


def _bars(state: StackState, figure: str, title: str) -> Panel:
    """Where the network spends."""
    stages = _stages(state)
    names = [f"{stage + 1}: {size_text(_leaves(parts))}" for stage, parts in stages.items()]
    counts = [sum(getattr(part, figure) for part in parts) for parts in stages.values()]
    names, counts = [*names, "head"], [*counts, getattr(state.parts[-1], figure)]
    unit, word = (10**6, "millions") if max(counts) >= 10**6 else (10**3, "thousands")
    bars = Bars(names, [count / unit for count in counts], [GOOD] * len(names))
    return Panel(title, [bars], subtitle=f"in {word}")


def _stages(state: StackState) -> dict[int, list[Part]]:
    """All parts but the head, by stage."""
    stages: dict[int, list[Part]] = {}
    for part in state.parts[:-1]:
        stages.setdefault(part.stage, []).append(part)
    return stages


def _leaves(parts: list[Part]) -> tuple[int, ...]:
    """The size of what leaves a stage."""
    return next((part.size for part in reversed(parts) if part.live), ())


def _total(state: StackState, figure: str) -> int:
    return sum(getattr(part, figure) for part in state.parts)
