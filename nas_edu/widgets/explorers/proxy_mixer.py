"""Combine proxies with sliders, and watch Kendall's tau: a weighted sum of ranks, and what weights learned would do.

    explore_proxy_combination(NASBenchEdu.load("mnist1d"))

    score(a) = sum over proxies of w_p rank_p(a)

Half of the functions, drawn at random, are there to choose the weights; tau over the *other* half tells what the choice
is worth. "Learn" fits the weights to the first half by least squares.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.draw.marks import Axis, Bars, Panel, Scatter
from nas_edu.nas_bench.statistics import kendall, quick_interval
from nas_edu.search_strategies.proxy_combinations import Learned, learn
from nas_edu.widgets.controls import Button, Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers.proxy_facts import SHOWN, ProxyFacts, percentiles
from nas_edu.widgets.present import present

if TYPE_CHECKING:
    from nas_edu.nas_bench import NASBenchEdu

NAMES = ("params", "nwot", "synflow", "jacob_cov", "snip", "l2_norm")
BLUE, VERMILION = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class Mixed:
    """A weight for each proxy, from -1 (less is better) to 1."""

    weights: tuple[float, ...]


def explore_proxy_combination(table: NASBenchEdu, names: Sequence[str] = NAMES) -> Explorer[Mixed]:
    """Sliders for the weights of the proxies `names`. Raises ValueError for one that the table does not have."""
    views = MixerViews(ProxyFacts(table, {}), names)
    return present(
        Explorer(
            Mixed((0.0, 1.0, *[0.0] * (len(names) - 2))),
            [views.scatter, views.taus],
            views.controls,
            title="Combine proxies",
            status=views.told,
        )
    )


class MixerViews:
    """`proxies` (P, F) of the functions that have all of them; `fit` marks the half to choose by."""

    def __init__(self, facts: ProxyFacts, names: Sequence[str]) -> None:
        task = facts.tasks[0]
        if missing := [name for name in names if name not in facts.names(task)]:
            raise ValueError(f"there is no proxy {missing[0]!r}; there are {', '.join(facts.names(task))}")
        proxies = np.stack([facts.column(task, name) for name in names])
        known = ~np.isnan(proxies).any(axis=0)
        self.names, self.task = tuple(names), facts.task
        self.proxies, self.accuracy = proxies[:, known], facts.accuracy[known]
        count = len(self.accuracy)
        self.fit = np.zeros(count, dtype=bool)
        self.fit[random.Random(0).sample(range(count), count // 2)] = True
        self.alone = [self._tau(row)[0] for row in self.proxies]

    def score(self, weights: Sequence[float]) -> np.ndarray:
        """(F,)"""
        return Learned(self.names, np.asarray(weights, dtype=float))(self.proxies)

    def _tau(self, values: np.ndarray) -> tuple[float, float, float]:
        """On the half that chose nothing, with the quick interval."""
        tau = kendall(values[~self.fit], self.accuracy[~self.fit])
        low, high = quick_interval(tau, (~self.fit).sum())
        return tau, float(low), float(high)

    def learned(self, state: Mixed) -> Mixed:
        weights = learn(self.names, self.proxies[:, self.fit], self.accuracy[self.fit]).weights
        return Mixed(tuple(round(float(w), 2) for w in weights / np.abs(weights).max()))

    def controls(self, state: Mixed) -> Sequence[Control]:
        sliders = [
            Slider(name, -1.0, 1.0, weight, partial(_set, place), step=0.05)
            for place, (name, weight) in enumerate(zip(self.names, state.weights, strict=True))
        ]
        everyone = Button("All equal", lambda now: Mixed((1.0,) * len(self.names)))
        return [*sliders, everyone, Button("Learn", self.learned)]

    def scatter(self, state: Mixed) -> Panel:
        rank = percentiles(self.score(state.weights))
        rows = np.flatnonzero(~self.fit)[:SHOWN]
        points = [(float(rank[row]), float(self.accuracy[row])) for row in rows]
        axes = Axis("rank by the combination, per cent", low=0, high=100), Axis("validation accuracy", low=0, high=1)
        return Panel("Combination against accuracy", [Scatter(points, BLUE, 6)], *axes, f"{len(rows)} functions")

    def taus(self, state: Mixed) -> Panel:
        """Each proxy alone, turned round where that helps, and the combination."""
        values = [abs(tau) for tau in self.alone] + [max(0.0, np.nan_to_num(self._tau(self.score(state.weights))[0]))]
        names = [name if tau >= 0 else f"minus {name}" for name, tau in zip(self.names, self.alone, strict=True)]
        bars = Bars([*names, "combination"], values, [BLUE] * len(names) + [VERMILION], high=1.0)
        return Panel("Kendall's tau", [bars], subtitle="on the half that chose no weight")

    def told(self, state: Mixed) -> str:
        if not any(state.weights):
            return "All weights are zero: no order, no tau."
        tau, low, high = self._tau(self.score(state.weights))
        best = max(abs(one) for one in self.alone)
        return f"Tau of the combination {tau:.2f} ({low:.2f} to {high:.2f}); the best proxy alone: {best:.2f}."


def _set(place: int, state: Mixed, value: float) -> Mixed:
    return replace(state, weights=(*state.weights[:place], float(value), *state.weights[place + 1 :]))
