"""What the explorers of zero-cost proxies look up: one row a trained function, ranks of proxies, tau of a subset."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.nas_bench.statistics import kendall, quick_interval
from nas_edu.search_spaces import Cell, TinyCell

if TYPE_CHECKING:
    from nas_edu.nas_bench import NASBenchEdu, Proxies

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
        return self._columns[task][name]

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
    return 100 * (ranks - 1) / max((~np.isnan(values)).sum() - 1, 1)
