"""All proxies against each other: Kendall's tau of each pair, on each task; click a field to see the pair.

    explore_proxy_matrix(NASBenchEdu.load("mnist1d"), {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")})

Over the functions that the table has trained; accuracy, on the table's task, is the first row and column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.draw.marks import Axis, HeatMap, Panel, Scatter, TextTable
from nas_edu.nas_bench.statistics import kendall
from nas_edu.widgets.controls import Control, Select
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers.proxy_facts import ProxyFacts, percentiles
from nas_edu.widgets.present import present

if TYPE_CHECKING:
    from nas_edu.nas_bench import NASBenchEdu, Proxies

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
            on_click=_chosen,
            status=views.told,
        )
    )


def _chosen(state: Pair, key: str) -> Pair:
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
