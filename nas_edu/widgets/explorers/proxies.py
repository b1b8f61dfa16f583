"""Zero-cost proxies to be asked, in three explorers: one proxy against accuracy, all against each other, and combined.

    explore_proxies(NASBenchEdu.load("mnist1d"), {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")})
    explore_proxy_matrix(NASBenchEdu.load("mnist1d"))
    explore_proxy_combination(NASBenchEdu.load("mnist1d"))

The axes show the *ranks* of proxies, not their values: values differ by powers of ten, and Kendall's tau knows the
order only. Accuracy is that of the table's own task; a proxy may have been computed on another one. A combination is a
sum of ranks, score(a) = sum over proxies of w_p rank_p(a): half of the functions, drawn at random, are there to choose
the weights, by hand or by least squares ("Learn"), and tau over the *other* half tells what the choice is worth.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.core.names import did_you_mean
from nas_edu.draw.graphs import architecture_graph, describe, graph_mark
from nas_edu.draw.marks import Axis, Bars, HeatMap, Panel, Scatter, Shape, TextTable
from nas_edu.nas_bench.statistics import kendall, quick_interval
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies.proxy_ranking import Learned, learn
from nas_edu.widgets.controls import Button, Control, Select, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

if TYPE_CHECKING:
    from nas_edu.nas_bench import NASBenchEdu, Proxies


# --- what all of them look up -----------------------------------------------------------------------------------------


SUBSETS = ("all", "best tenth", "smaller half", "larger half")
SHOWN = 200  # dots: more of them cover each other, and take long to draw
FEW = 0.1  # a proxy that lacks more than this part of the functions is left out


class ProxyFacts:
    """Distinct functions that the table has trained; F of them.

    cells       (F,) the first cell of each          accuracy, size  (F,) validation accuracy, number of parameters
    names       of the proxies, for each task        column(task, name)  (F,) with -inf where flagged, NaN where unknown
    """

    def __init__(self, table: NASBenchEdu, others: Mapping[str, Proxies]) -> None:
        first = table.functions
        known = first[~np.isnan(table.column("validation_accuracy")[first])]
        if len(known) < 10:
            raise ValueError(f"{table!r} has trained {len(known)} functions; to compare proxies takes 10 or more")
        if table.proxies is None and not others:
            raise ValueError(f"{table!r} has no proxies beside it")
        self.task, self._places = table.task, known
        self.accuracy, self.size = table.column("validation_accuracy")[known], table.column("parameters")[known]
        given = ({} if table.proxies is None else {table.task: table.proxies}) | dict(others)
        self._columns = {
            task: {name: proxies.column(name)[known] for name in proxies.names} for task, proxies in given.items()
        }
        self.tasks = tuple(self._columns)
        self._order = random.Random(0).sample(range(len(known)), len(known))
        self.agreement = lru_cache(maxsize=256)(self._agreement)

    def names(self, task: str) -> tuple[str, ...]:
        """The proxies that nearly all functions have."""
        return tuple(name for name, one in self._columns[task].items() if np.isnan(one).mean() <= FEW)

    def column(self, task: str, name: str) -> np.ndarray:
        column: np.ndarray = self._columns[task][name]
        return column

    def cell(self, row: int) -> Cell:
        return TinyCell()[int(self._places[row])]

    def rows(self, subset: str) -> np.ndarray:
        """Which functions belong to a subset: their rows, rising."""
        middle = np.median(self.size)
        chosen = {
            "all": np.ones(len(self.accuracy), dtype=bool),
            "best tenth": self.accuracy >= np.quantile(self.accuracy, 0.9),
            "smaller half": self.size <= middle,
            "larger half": self.size > middle,
        }[subset]
        return np.flatnonzero(chosen)

    def shown(self, subset: str) -> np.ndarray:
        """Rows that are drawn: up to `SHOWN` of the subset, always the same."""
        inside = set(self.rows(subset).tolist())
        return np.array([row for row in self._order if row in inside][:SHOWN])

    def _agreement(self, task: str, name: str, subset: str) -> tuple[float, float, float, int]:
        """Kendall's tau with accuracy in the subset, the ends of its quick 95 % interval, how many functions."""
        rows = self.rows(subset)
        values = self.column(task, name)[rows]
        rows, values = rows[~np.isnan(values)], values[~np.isnan(values)]
        tau = kendall(values, self.accuracy[rows])
        low, high = quick_interval(tau, len(rows))
        return tau, float(low), float(high), len(rows)


def percentiles(values: np.ndarray) -> np.ndarray:
    """Ranks from 0 to 100; equal ones share their middle; NaN stays NaN."""
    from scipy.stats import rankdata

    ranks = rankdata(values, nan_policy="omit")
    share: np.ndarray = 100 * (ranks - 1) / max((~np.isnan(values)).sum() - 1, 1)
    return share


# --- one proxy against accuracy ---------------------------------------------------------------------------------------


COLOURS = ("nothing", "parameters", "3x3 convolutions")
_STYLES: tuple[tuple[str, Shape], ...] = (("#E69F00", "cross"), ("#009E73", "ring"), ("#0072B2", "dot"))


@dataclass(frozen=True)
class Asked:
    """What is shown, and the row of the function that was clicked."""

    proxy: str
    task: str
    row: int
    subset: str = SUBSETS[0]
    colour: str = COLOURS[0]


def explore_proxies(
    table: NASBenchEdu, others: Mapping[str, Proxies] | None = None, *, proxy: str = "nwot"
) -> Explorer[Asked]:
    """Explore the proxies beside `table`, and `others` by task.

    Raises ValueError for an unknown proxy, or where less than 10 functions are trained.
    """
    facts = ProxyFacts(table, others or {})
    task = facts.tasks[0]
    if proxy not in facts.names(task):
        known = facts.names(task)
        raise ValueError(f"there is no proxy {proxy!r}{did_you_mean(proxy, known)}; there are {', '.join(known)}")
    views = ProxyViews(facts)
    first = Asked(proxy, task, int(facts.accuracy.argmax()))
    return present(
        Explorer(
            first,
            [views.scatter, views.cell, views.figures],
            views.controls,
            title="Proxy against accuracy",
            on_click=lambda state, key: replace(state, row=int(key.removeprefix("function "))),
            status=views.told,
        )
    )


@dataclass(frozen=True, eq=False)
class ProxyViews:
    facts: ProxyFacts

    def controls(self, state: Asked) -> Sequence[Control]:
        def to_task(now: Asked, task: str) -> Asked:
            names = self.facts.names(task)
            return replace(now, task=task, proxy=now.proxy if now.proxy in names else names[0])

        return [
            Select("proxy", self.facts.names(state.task), state.proxy, lambda now, name: replace(now, proxy=name)),
            Select("task", self.facts.tasks, state.task, to_task, "computed on"),
            Select("subset", SUBSETS, state.subset, lambda now, name: replace(now, subset=name), "cells"),
            Select("colour", COLOURS, state.colour, lambda now, name: replace(now, colour=name), "colour by"),
        ]

    def scatter(self, state: Asked) -> Panel:
        """A dot a function, the clicked one framed."""
        shown = self.facts.shown(state.subset)
        x = percentiles(self.facts.column(state.task, state.proxy))
        known = shown[~np.isnan(x[shown])]
        marks = []
        for label, (colour, shape), rows in self._groups(state, known):
            points = [(float(x[row]), float(self.facts.accuracy[row])) for row in rows]
            marks.append(Scatter(points, colour, 7, shape, label, [f"function {row}" for row in rows]))
        if not math.isnan(x[state.row]):
            marks.append(Scatter([(float(x[state.row]), float(self.facts.accuracy[state.row]))], "ink", 18, "ring"))
        low = 0.0 if state.subset != "best tenth" else None
        axes = Axis(f"rank by {state.proxy}, per cent", low=0, high=100), Axis("validation accuracy", low=low, high=1)
        return Panel("Click a dot", marks, *axes, f"{len(known)} functions drawn at random")

    def _groups(self, state: Asked, rows: np.ndarray) -> list[tuple[str, tuple[str, Shape], list[int]]]:
        """Thirds by colour: the label, the style, the rows."""
        if state.colour == "nothing":
            return [("", _STYLES[-1], rows.tolist())]
        if state.colour == "parameters":
            value, (one, two) = self.facts.size[rows], np.quantile(self.facts.size, [1 / 3, 2 / 3])
            labels = [f"to {one:,.0f}", f"to {two:,.0f}", "more"]
        else:
            live = [self.facts.cell(row).live_edges.values() for row in rows]
            value, (one, two) = np.array([list(edges).count("nor_conv_3x3") for edges in live]), (0, 1)
            labels = ["no 3x3", "one", "more"]
        thirds = [value <= one, (value > one) & (value <= two), value > two]
        return [(label, style, rows[t].tolist()) for label, style, t in zip(labels, _STYLES, thirds, strict=True)]

    def cell(self, state: Asked) -> Panel:
        graph = architecture_graph(self.facts.cell(state.row))
        subtitle = f"accuracy {self.facts.accuracy[state.row]:.1%}"
        return Panel("Its cell", [graph_mark(graph)], subtitle=subtitle, alt=f"Cell. {subtitle}. {describe(graph)}")

    def figures(self, state: Asked) -> Panel:
        """The value of the proxy on each task, its rank, and that of accuracy."""
        facts, row = self.facts, state.row
        rank = percentiles(facts.column(state.task, state.proxy))[row]
        rows = [("Parameters", f"{facts.size[row]:,.0f}")]
        rows += [("Rank by accuracy", f"{percentiles(facts.accuracy)[row]:.0f} %")]
        rows += [("Rank by proxy", "unknown" if math.isnan(rank) else f"{rank:.0f} %")]
        rows += [(f"{state.proxy} on", "")]
        for task in facts.tasks:
            value = facts.column(task, state.proxy)[row] if state.proxy in facts.names(task) else math.nan
            text = "not computed" if math.isnan(value) else "no value" if math.isinf(value) else f"{value:.6g}"
            rows.append((task, text))
        return Panel("Its figures", [TextTable(rows)], alt=", ".join(f"{name}: {value}" for name, value in rows))

    def told(self, state: Asked) -> str:
        tau, low, high, count = self.facts.agreement(state.task, state.proxy, state.subset)
        where = "" if state.task == self.facts.task else f" on {state.task}"
        return f"{state.proxy}{where}: tau {tau:.2f} ({low:.2f} to {high:.2f}), {count:,} functions."


# --- all proxies against each other -----------------------------------------------------------------------------------


ACCURACY = "accuracy"
BLUE = "#0072B2"


@dataclass(frozen=True)
class Pair:
    """Two columns, by name, and the task on which the proxies were computed."""

    task: str
    one: str = ACCURACY
    other: str = "nwot"


def explore_proxy_matrix(table: NASBenchEdu, others: Mapping[str, Proxies] | None = None) -> Explorer[Pair]:
    """Explore the pairs of proxies beside `table`, and of `others` by task. Raises as `explore_proxies` does."""
    views = MatrixViews(ProxyFacts(table, others or {}))
    return present(
        Explorer(
            Pair(views.facts.tasks[0]),
            [views.matrix, views.pair, views.by_task],
            views.controls,
            title="Proxies against each other",
            on_click=_chosen_pair,
            status=views.told,
        )
    )


def _chosen_pair(state: Pair, key: str) -> Pair:
    one, other = key.removeprefix("pair ").split(" ")
    return replace(state, one=one, other=other)


class MatrixViews:
    def __init__(self, facts: ProxyFacts) -> None:
        self.facts = facts
        self.taus = lru_cache(maxsize=None)(self._taus)

    def names(self, task: str) -> list[str]:
        return [ACCURACY, *(name for name in self.facts.names(task) if name != "log_synflow")]

    def column(self, task: str, name: str) -> np.ndarray:
        return self.facts.accuracy if name == ACCURACY else self.facts.column(task, name)

    def _taus(self, task: str) -> np.ndarray:
        """(names, names)."""
        names = self.names(task)
        matrix = np.eye(len(names))
        for i, one in enumerate(names):
            for j in range(i):
                matrix[i, j] = matrix[j, i] = self.tau(task, one, names[j])
        return matrix

    def tau(self, task: str, one: str, other: str) -> float:
        x, y = self.column(task, one), self.column(task, other)
        known = ~np.isnan(x + y)
        return kendall(x[known], y[known])

    def controls(self, state: Pair) -> Sequence[Control]:
        def to_task(now: Pair, task: str) -> Pair:
            names = self.names(task)
            return Pair(task, *(name if name in names else names[0] for name in (now.one, now.other)))

        return [Select("task", self.facts.tasks, state.task, to_task, "computed on")]

    def matrix(self, state: Pair) -> Panel:
        names = self.names(state.task)
        rows, columns = [f"{name} {n}" for n, name in enumerate(names, 1)], [str(n + 1) for n in range(len(names))]
        keys = [[f"pair {one} {other}" for other in names] for one in names]
        marked = [(names.index(state.one), names.index(state.other))]
        grid = HeatMap(rows, columns, self.taus(state.task).tolist(), -1.0, 1.0, keys, marked)
        alt = f"Kendall's tau of {len(names)} columns on {state.task}; marked: {self.told(state)}"
        return Panel("Tau: light -1, dark 1", [grid], subtitle="Click a field.", alt=alt)

    def pair(self, state: Pair) -> Panel:
        """The two columns of the field, as ranks."""
        x, y = (percentiles(self.column(state.task, name)) for name in (state.one, state.other))
        rows = [row for row in self.facts.shown("all") if not np.isnan(x[row] + y[row])]
        points = [(float(x[row]), float(y[row])) for row in rows]
        axes = Axis(f"rank by {state.one}", low=0, high=100), Axis(f"rank by {state.other}", low=0, high=100)
        return Panel("The pair", [Scatter(points, BLUE, 5)], *axes, f"{len(points)} functions, ranks in per cent")

    def by_task(self, state: Pair) -> Panel:
        """The pair on every task that has both."""
        tasks = [task for task in self.facts.tasks if {state.one, state.other} <= set(self.names(task))]
        rows = [(task, f"{self.tau(task, state.one, state.other):.2f}") for task in tasks]
        return Panel("Kendall's tau on each task", [TextTable(rows)], subtitle=f"{state.one} and {state.other}")

    def told(self, state: Pair) -> str:
        tau = self.tau(state.task, state.one, state.other)
        return f"{state.one} and {state.other}, computed on {state.task}: Kendall's tau {tau:.2f}."


# --- proxies combined -------------------------------------------------------------------------------------------------


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
            Slider(name, -1.0, 1.0, weight, partial(_set_weight, place), step=0.05)
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


def _set_weight(place: int, state: Mixed, value: float) -> Mixed:
    return replace(state, weights=(*state.weights[:place], float(value), *state.weights[place + 1 :]))
