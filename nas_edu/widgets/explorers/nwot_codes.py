"""nwot to look into: the activation codes of a mini-batch, the kernel that they make, and its determinant.

    explore_nwot(load("mnist1d"), {"a good cell": good, "a bad cell": bad})

The first network is small enough to see all of it: two inputs, a few ReLUs, and in the plane of the inputs the line on
which each ReLU switches. Samples in one region between the lines have the same code. The other networks are those of
cells, on the first samples of the task. Click a field of the kernel: on so many ReLUs two samples agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nas_edu.core import Task
from nas_edu.draw.graphs import architecture_graph, describe, graph_mark
from nas_edu.draw.marks import Axis, HeatMap, Lines, Mark, Panel, Scatter
from nas_edu.search_spaces import Cell
from nas_edu.widgets.controls import Button, Control, Select, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

SMALL = "two inputs"
SAMPLES = 8
MOST_RELUS = 12  # of the small network
SHOWN = 16  # ReLUs of a cell whose codes are drawn
REACH = 3.0  # of the plane
BLUE, VERMILION = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class Looked:
    """Which network, how many ReLUs the small one has, which weights it drew, and two samples."""

    network: str = SMALL
    relus: int = 6
    draw: int = 0
    pair: tuple[int, int] = (0, 1)


def explore_nwot(task: Task, cells: Mapping[str, Cell]) -> Explorer[Looked]:
    """Explore the small network and those of `cells`, by name, untrained.

    Raises ValueError for a cell that is named as the small one, or that has no ReLU.
    """
    if SMALL in cells:
        raise ValueError(f"{SMALL!r} is the small network; give the cell another name")
    views = NwotViews(task, cells)
    for name in cells:
        views.codes_of(Looked(name))  # torch loads now, and a cell without a ReLU is refused
    return present(
        Explorer(
            Looked(),
            [views.network, views.codes, views.kernel],
            views.controls,
            title="nwot, seen",
            on_click=_clicked,
            status=views.told,
        )
    )


def _clicked(state: Looked, key: str) -> Looked:
    i, j = key.removeprefix("pair ").split("-")
    return replace(state, pair=(int(i), int(j)))


class NwotViews:
    def __init__(self, task: Task, cells: Mapping[str, Cell]) -> None:
        self.task, self.cells = task, dict(cells)
        self.active = lru_cache(maxsize=64)(self._active)

    def small(self, state: Looked) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights (ReLUs, 2), biases (ReLUs,), samples (S, 2). A ReLU more changes nothing about the earlier ones."""
        rng = np.random.default_rng(state.draw)
        samples = rng.uniform(-0.8 * REACH, 0.8 * REACH, (SAMPLES, 2))
        weights, biases = rng.normal(size=(MOST_RELUS, 2)), rng.normal(size=MOST_RELUS)
        return weights[: state.relus], biases[: state.relus], samples

    def _active(self, state: Looked) -> np.ndarray:
        """Codes (S, ReLUs) of bool."""
        if state.network == SMALL:
            weights, biases, samples = self.small(state)
            codes: np.ndarray = samples @ weights.T + biases > 0
            return codes
        import torch

        from nas_edu.networks import build
        from nas_edu.performance_estimation.zero_cost.nwot import relu_codes
        from nas_edu.performance_estimation.zero_cost.probe import Probe

        inputs = torch.as_tensor(self.task.train.inputs[:SAMPLES])
        return relu_codes(Probe(build(self.cells[state.network], self.task), inputs, inputs)).numpy()

    def codes_of(self, state: Looked) -> np.ndarray:
        return self.active(replace(state, pair=(0, 1)))

    def kernel_of(self, state: Looked) -> np.ndarray:
        """K (S, S): on how many ReLUs two samples agree."""
        import torch

        from nas_edu.performance_estimation.zero_cost import agreement

        return agreement(torch.as_tensor(self.codes_of(state))).numpy()

    def controls(self, state: Looked) -> Sequence[Control]:
        small = state.network == SMALL
        return [
            Select("network", (SMALL, *self.cells), state.network, lambda now, name: replace(now, network=name)),
            Slider(
                "ReLUs", 1, MOST_RELUS, state.relus, lambda now, value: replace(now, relus=int(value)), enabled=small
            ),
            Button("Other weights", lambda now: replace(now, draw=now.draw + 1), enabled=small),
        ]

    def network(self, state: Looked) -> Panel:
        """The plane of the inputs, or the cell."""
        if state.network != SMALL:
            graph = architecture_graph(self.cells[state.network])
            return Panel(state.network, [graph_mark(graph)], alt=f"Cell. {describe(graph)}")
        weights, biases, samples = self.small(state)
        lines = [path for w, b in zip(weights, biases, strict=True) if (path := _switching_line(w, b))]
        points = [(float(x), float(y)) for x, y in samples]
        marks: list[Mark] = [
            Lines(lines, "muted", 1.5, label="a ReLU switches"),
            Scatter(points, BLUE, 9, label="a sample"),
            Scatter([points[place] for place in state.pair], VERMILION, 17, "ring", label="the pair"),
        ]
        axes = Axis("first input", low=-REACH, high=REACH), Axis("second input", low=-REACH, high=REACH)
        regions = len(np.unique(self.codes_of(state), axis=0))
        return Panel("The plane of the inputs", marks, *axes, f"{regions} different codes of {SAMPLES} samples")

    def codes(self, state: Looked) -> Panel:
        codes = self.codes_of(state)
        step = max(1, codes.shape[1] // SHOWN)
        chosen = codes[:, ::step][:, : max(SHOWN, MOST_RELUS)]
        rows = [f"sample {n}" for n in range(len(codes))]
        columns = [str(n) if step == 1 else "" for n in range(chosen.shape[1])]
        marked = [(s, r) for s in state.pair for r in np.flatnonzero(chosen[state.pair[0]] != chosen[state.pair[1]])]
        grid = HeatMap(
            rows, columns, chosen.astype(float).tolist(), marked=[(int(s), int(r)) for s, r in marked], digits=0
        )
        some = "" if step == 1 else f"{chosen.shape[1]} of {codes.shape[1]:,} ReLUs; "
        return Panel("Codes: dark is on", [grid], subtitle=f"{some}framed: the pair differs")

    def kernel(self, state: Looked) -> Panel:
        kernel = self.kernel_of(state)
        names = [str(n) for n in range(len(kernel))]
        keys = [[f"pair {i}-{j}" for j in range(len(kernel))] for i in range(len(kernel))]
        low = float(kernel.min())
        grid = HeatMap(
            names, names, kernel.tolist(), min(low, kernel[0, 0] - 1), float(kernel[0, 0]), keys, [state.pair], 0
        )
        return Panel("Kernel K: click a pair", [grid], subtitle=_determinant(kernel))

    def told(self, state: Looked) -> str:
        kernel, (i, j) = self.kernel_of(state), state.pair
        total = int(kernel[0, 0])
        return f"Samples {i} and {j} agree on {int(kernel[i, j]):,} of {total:,} ReLUs. {_determinant(kernel)}."


def _determinant(kernel: np.ndarray) -> str:
    if np.linalg.matrix_rank(kernel, hermitian=True) < len(kernel):
        return "K is singular: nwot has no value"
    return f"log |det K| = {np.linalg.slogdet(kernel)[1]:.2f}"


def _switching_line(weight: np.ndarray, bias: float) -> list[tuple[float, float]]:
    """The part within the plane shown of the line w x + b = 0: two points, or none."""
    along = np.array([-weight[1], weight[0]]) / np.linalg.norm(weight)
    foot = -bias * weight / (weight @ weight)
    inside = [foot + t * along for t in np.linspace(-3 * REACH, 3 * REACH, 601)]
    inside = [point for point in inside if np.abs(point).max() <= REACH]
    return [(float(x), float(y)) for x, y in (inside[0], inside[-1])] if len(inside) > 1 else []
