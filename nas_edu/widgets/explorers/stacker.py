"""The stacker: one cell is no network yet. Sliders say how many follow each other, and how often positions halve.

    stack_cells(DARTS_V2, task="digits")

The network is built each time, and its feature maps, parameters and MACs are those of the real thing. Where positions
halve, channels double: with C channels and P positions, a 1x1 convolution has C^2 parameters and C^2 P MACs. So each
reduction makes a cell's parameters four times as many; its MACs double for signals and stay for images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nas_edu.draw.marks import Bars, Panel, StageBox, Stages, TextTable
from nas_edu.widgets.controls import Control, Slider, did_you_mean
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers.stack_facts import Part, Stackable, measured, most_reductions, size_text
from nas_edu.widgets.present import present
from nas_edu.widgets.views.scores import GOOD, NEW

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
