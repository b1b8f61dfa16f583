"""Zero-cost scores against accuracies, while a search scores one network after the other: the scatter, and tau.

The search knows no accuracy; a table does. So these views are made for a table:

    views = [proxy_scatter(table), proxy_tau(table)]
    live(lambda: random_search(space, ZeroCost("nwot", task), rng=rng), budget, views)

An architecture that the table does not know, or for which the proxy has no value, is counted and left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.core import History, Trial
from nas_edu.draw.marks import Axis, Lines, Panel, Point, Scatter
from nas_edu.widgets.views.search import GOOD, NEW

if TYPE_CHECKING:
    from nas_edu.nas_bench.table import Table

MOST = 1000  # networks that tau is drawn for: by then it hardly moves


def proxy_scatter(table: Table) -> Callable[[History], Panel]:
    """A view: accuracy over the proxy's score, a dot a network."""
    pairs = _Pairs(table)

    def view(history: History) -> Panel:
        points, missing = pairs.of(history)
        marks = [
            Scatter(points, GOOD, 6, label="a network"),
            Scatter(points[-1:], NEW, 14, "ring", label="newest"),
        ]
        news = f"{len(points)} networks, untrained" + f"; {missing} left out" * bool(missing)
        axes = Axis(f"{_proxy_name(history)}, untrained"), Axis("accuracy, trained", low=0, high=1)
        return Panel("Proxy against accuracy", marks, *axes, news)

    return view


def proxy_tau(table: Table) -> Callable[[History], Panel]:
    """A view: Kendall's tau of all pairs so far, with its 95 % interval, over the number of networks."""
    from nas_edu.nas_bench.statistics import RunningKendall, quick_interval

    pairs, running = _Pairs(table), RunningKendall()

    def view(history: History) -> Panel:
        nonlocal running
        points = pairs.of(history)[0][:MOST]
        if pairs.restarted or len(points) < len(running.taus):
            running = RunningKendall()
        running.extend(points[len(running.taus) :])
        counts, taus = np.arange(1, len(points) + 1), np.array(running.taus)
        low, high = quick_interval(taus, counts)

        def path(values: np.ndarray) -> list[Point]:
            known = np.isfinite(values) & (counts >= 10)
            return list(zip(counts[known].tolist(), values[known].tolist(), strict=True))

        marks = [
            Lines([path(low), path(high)], GOOD, 1.5, (6, 4), label="95 % interval"),
            Lines([path(taus)], GOOD, 3.5, label="tau"),
        ]
        news = "from 10 networks on"
        if len(points) >= 10 and math.isfinite(taus[-1]):
            news = f"tau {taus[-1]:.2f} ({low[-1]:.2f} to {high[-1]:.2f}) of {len(points)} networks"
        return Panel(
            "Kendall's tau", marks, Axis("network", low=0, whole_numbers=True), Axis("tau", low=-1, high=1), news
        )

    return view


class _Pairs:
    """(score, accuracy) of each architecture of a history that grows, and how many have not both."""

    def __init__(self, table: Table) -> None:
        from nas_edu.search_spaces import TinyCell

        self._accuracy = dict(zip(TinyCell(), table.column("validation_accuracy").tolist(), strict=True))
        self._seen: list[Trial] = []
        self._points: list[Point] = []
        self.restarted = False

    def of(self, history: History) -> tuple[list[Point], int]:
        """Looks at the new trials only, unless this is another history; then `restarted` is true."""
        trials = history.trials
        self.restarted = bool(self._seen) and (len(trials) < len(self._seen) or trials[0] is not self._seen[0])
        if self.restarted:
            self._points = []
        fresh = trials if self.restarted else trials[len(self._seen) :]
        found = [(trial.score, self._accuracy.get(trial.architecture, math.nan)) for trial in fresh]
        self._points += [pair for pair in found if all(map(math.isfinite, pair))]
        self._seen = trials
        return list(self._points), len(trials) - len(self._points)


def _proxy_name(history: History) -> str:
    judged = [trial.evaluation for trial in history.trials if trial.evaluation is not None][:1]
    return judged[0].info.get("proxy", "score") if judged else "score"
