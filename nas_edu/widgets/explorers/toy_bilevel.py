"""The bilevel problem with one weight and one alpha: where the three gradients lead, and how xi changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nas_edu.draw.marks import Axis, Lines, Panel, Scatter, TextTable
from nas_edu.one_shot.toy_bilevel import GRADIENTS, START, toy_bilevel
from nas_edu.widgets.controls import Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

STYLES = {
    "first order": ("#D55E00", (8, 4)),
    "second order": ("#0072B2", ()),
    "exact": ("#009E73", (14, 4, 3, 4)),
}


@dataclass(frozen=True)
class Toy:
    """The length xi of the unrolled step, the learning rate of both, and how many steps are taken."""

    xi: float = 0.1
    rate: float = 0.1
    steps: int = 60


def explore_toy_bilevel() -> Explorer[Toy]:
    """Sliders for xi, the learning rates and the number of steps; three paths in the plane of (a, w)."""
    return present(Explorer(Toy(), [_plane, _objective, _ends], _controls, title="One weight, one alpha", status=_told))


def _paths(state: Toy) -> dict[str, list[tuple[float, float]]]:
    """For each gradient the points (a, w)."""
    rates: dict[str, Any] = {"alpha_learning_rate": state.rate, "weight_learning_rate": state.rate}
    return {
        kind: [START, *((s.info["a"], s.info["w"]) for s in toy_bilevel(kind, steps=state.steps, xi=state.xi, **rates))]
        for kind in GRADIENTS
    }


def _plane(state: Toy) -> Panel:
    marks: list[Lines | Scatter] = [Lines([[(-0.5, -0.5), (2.5, 2.5)]], "muted", 1.5, (3, 4), label="w = w*(a)")]
    for kind, path in _paths(state).items():
        colour, dashes = STYLES[kind]
        marks += [Lines([path], colour, 3, dashes, label=kind), Scatter(path[-1:], colour, 11)]
    marks += [Scatter([(1, 1)], "ink", 15, "ring", label="solution")]
    return Panel("From (2, -2) on", marks, Axis("a", low=-0.5, high=2.5), Axis("w", low=-2, high=2.5))


def _objective(state: Toy) -> Panel:
    marks = []
    for kind, path in _paths(state).items():
        colour, dashes = STYLES[kind]
        marks.append(Lines([[(n, (a - 1) ** 2) for n, (a, _) in enumerate(path)]], colour, 3, dashes, label=kind))
    axes = Axis("step", low=0, whole_numbers=True), Axis("L_val(w*(a), a)", low=0)
    return Panel("What is to be minimised", marks, *axes, "(a - 1)^2: 0 at the solution")


def _ends(state: Toy) -> Panel:
    rows = [(kind, f"a = {path[-1][0]:.3f}, w = {path[-1][1]:.3f}") for kind, path in _paths(state).items()]
    return Panel("Where they are", [TextTable(rows)], subtitle=f"after {state.steps} steps")


def _told(state: Toy) -> str:
    return f"second order rests at a = 2 / (1 + 2 xi) = {2 / (1 + 2 * state.xi):.3f}"


def _controls(state: Toy) -> list[Control]:
    return [
        Slider("xi", 0, 0.5, state.xi, lambda now, value: replace(now, xi=float(value)), step=0.02),
        Slider("rate", 0.02, 0.4, state.rate, lambda now, value: replace(now, rate=float(value)), step=0.02),
        Slider("steps", 1, 200, state.steps, lambda now, value: replace(now, steps=int(value))),
    ]
