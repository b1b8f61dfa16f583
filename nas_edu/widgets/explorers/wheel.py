"""Fitness-proportional sampling as a wheel to spin: how often does each individual become a parent?

P(i is the parent) = fitness_i / sum over j of fitness_j,    drawn with replacement
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nas_edu.draw.marks import Bars, Panel, Wheel
from nas_edu.widgets.controls import Button, Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")


@dataclass(frozen=True)
class Spins:
    """The fitness of each, where the pointer stopped at each spin (0 to 1), and the seed of the next ones."""

    fitness: tuple[float, ...]
    stops: tuple[float, ...] = ()
    subtracted: float = 0.0

    @property
    def weights(self) -> list[float]:
        return [max(value - self.subtracted, 0.0) for value in self.fitness]

    def chosen(self, stop: float) -> int:
        """The individual in whose sector the pointer stopped."""
        total, reached = sum(self.weights), 0.0
        for i, weight in enumerate(self.weights):
            reached += weight / total
            if stop < reached:
                return i
        return max(i for i, weight in enumerate(self.weights) if weight > 0)


def explore_wheel(fitness: Sequence[float] = (0.95, 0.91, 0.86, 0.62, 0.30)) -> Explorer[Spins]:
    """Spin the wheel of a population with these accuracies. A slider subtracts a constant from all of them: with
    accuracies that lie close together, the wheel selects hardly at all.

    Raises ValueError for more individuals than colours, fewer than two, or a fitness that is not positive.
    """
    if not 2 <= len(fitness) <= len(COLOURS) or min(fitness) <= 0:
        raise ValueError(f"the wheel has 2 to {len(COLOURS)} individuals of positive fitness; got {tuple(fitness)}")
    return present(Explorer(Spins(tuple(fitness)), [_wheel, _counts], _controls, title="Who becomes a parent?"))


def _names(state: Spins) -> list[str]:
    return [f"{'ABCDEFGH'[i]}" for i in range(len(state.fitness))]


def _wheel(state: Spins) -> Panel:
    pointer = state.stops[-1] if state.stops else None
    chosen = state.chosen(pointer) if pointer is not None else None
    wheel = Wheel(_names(state), state.weights, COLOURS[: len(state.fitness)], pointer, chosen)
    news = "not spun yet" if chosen is None else f"spin {len(state.stops)}: {_names(state)[chosen]} becomes a parent"
    return Panel("The wheel", [wheel], subtitle=news)


def _counts(state: Spins) -> Panel:
    """How often each was drawn, beside how often it should be."""
    total = sum(state.weights)
    drawn = [state.chosen(stop) for stop in state.stops]
    names = [
        f"{name} (expected {len(drawn) * weight / total:.1f})"
        for name, weight in zip(_names(state), state.weights, strict=True)
    ]
    values = [drawn.count(i) for i in range(len(names))]
    bars = Bars(names, values, COLOURS[: len(names)])
    fitness = f"fitness {' '.join(f'{value:.2f}' for value in state.fitness)}"  # short enough for eight of them
    return Panel(f"Drawn in {len(drawn)} spins", [bars], subtitle=fitness)


def _controls(state: Spins) -> list[Control]:
    most = round(min(sorted(state.fitness)[-2:]) - 0.01, 2)  # so that two at least keep a sector
    return [
        Button("Spin", lambda now: _spin(now, 1), main=True),
        Button("Spin 100 times", lambda now: _spin(now, 100)),
        Slider("subtract", 0, most, state.subtracted, _subtract, step=0.01, label="Subtract from all"),
    ]


def _spin(state: Spins, times: int) -> Spins:
    rng = random.Random(len(state.stops))
    return replace(state, stops=state.stops + tuple(rng.random() for _ in range(times)))


def _subtract(state: Spins, value: float) -> Spins:
    return replace(state, subtracted=float(value), stops=())
