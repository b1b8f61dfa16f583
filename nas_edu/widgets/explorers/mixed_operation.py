"""The mixed operation to touch: five sliders for alpha, and the signal that the edge delivers.

    o(x) = sum over o of softmax(alpha)_o * o(x)

The operations are those of a supernet before its first step, the input is a real mini-batch; one channel of one of its
samples is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from nas_edu.core import Task
from nas_edu.draw.marks import Axis, Bars, Lines, Panel
from nas_edu.draw.style import operation_style
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from nas_edu.widgets.controls import Button, Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

BATCH = 64
CHANNELS_SHOWN = 8


@dataclass(frozen=True)
class Mixture:
    """alpha of one edge, and which channel is drawn."""

    alpha: tuple[float, ...] = (0.0,) * len(OPERATIONS)
    channel: int = 0


def explore_mixed_operation(task: Task, seed: int = 0) -> Explorer[Mixture]:
    """Sliders for alpha on edge 0-1 of a supernet for `task`, a task of signals. Raises ValueError for images."""
    if task.dimensions != 1:
        raise ValueError(f"the mixture is drawn for signals, such as mnist1d; {task.name} has images")
    views = MixtureViews(task, seed)
    return present(
        Explorer(Mixture(), [views.weights, views.delivered], _controls, title="o(x) = sum of softmax(alpha)_o o(x)")
    )


class MixtureViews:
    """`outputs` (operations, channels, positions): what each operation makes of the first sample; `inputs` likewise."""

    def __init__(self, task: Task, seed: int) -> None:
        import torch

        from nas_edu.one_shot import TinyCellSupernet

        supernet = TinyCellSupernet(task, seed=seed)
        with torch.no_grad():
            x = supernet.widen[0](torch.from_numpy(task.train.inputs[:BATCH]))
            edge = supernet.cells[0][0]
            self.outputs = np.stack([edge[name](x)[0].numpy() for name in OPERATIONS])
        self.inputs = x[0].numpy()

    def weights(self, state: Mixture) -> Panel:
        styles = [operation_style(name) for name in OPERATIONS]
        bars = Bars([s.label for s in styles], softmax(state.alpha), [s.colour for s in styles], high=1.0)
        return Panel("softmax(alpha)", [bars], subtitle="always positive, always one in sum")

    def delivered(self, state: Mixture) -> Panel:
        """What each operation delivers, thin; their mixture, thick."""
        each = [list(enumerate(output[state.channel].tolist())) for output in self.outputs]
        mixed = np.tensordot(softmax(state.alpha), self.outputs, axes=1)[state.channel]
        styles = [operation_style(name) for name in OPERATIONS]
        marks = [Lines([path], s.colour, 1.5, s.dashes) for path, s in zip(each, styles, strict=True)]
        marks.append(Lines([list(enumerate(mixed.tolist()))], "ink", 4, label="the mixture"))
        low, high = (float(f(self.outputs[:, state.channel])) for f in (np.min, np.max))
        axes = Axis("position", low=0, whole_numbers=True), Axis("signal", low=low, high=high)
        return Panel("What the edge delivers", marks, *axes, f"channel {state.channel} of one signal")


def softmax(alpha: Sequence[float]) -> list[float]:
    powers = np.exp(np.asarray(alpha) - max(alpha))
    shares: list[float] = (powers / powers.sum()).tolist()
    return shares


def _controls(state: Mixture) -> list[Control]:
    sliders = [
        Slider(name, -4, 4, state.alpha[o], partial(_set, o), step=0.1, label=operation_style(name).label)
        for o, name in enumerate(OPERATIONS)
    ]
    channel = Slider(
        "channel", 0, CHANNELS_SHOWN - 1, state.channel, lambda now, value: replace(now, channel=int(value))
    )
    return [*sliders, channel, Button("All equal", lambda now: replace(now, alpha=Mixture().alpha))]


def _set(o: int, state: Mixture, value: float) -> Mixture:
    return replace(state, alpha=(*state.alpha[:o], float(value), *state.alpha[o + 1 :]))
