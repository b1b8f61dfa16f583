"""What is known of a cell: its network's size, and what a table says of its trainings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from nas_edu.search_spaces import Cell, TinyCell

if TYPE_CHECKING:
    from nas_edu.nas_bench.table import Table


@dataclass(frozen=True, eq=False)
class CellFacts:
    """Answers from a table, which may lack any cell, and of networks for `task`."""

    table: Table | None
    task: str

    def sizes(self, cell: Cell) -> tuple[float, float]:
        """Parameters and MACs: the table's, or counted in the network. NaN where the table is of another task."""
        if self.table is not None:
            index = TinyCell().index(cell)
            parameters, macs = (float(self.table.column(name)[index]) for name in ("parameters", "macs"))
            if not (math.isnan(parameters) or math.isnan(macs)):
                return parameters, macs
            if self.table.task != self.task:
                return math.nan, math.nan
        return network_sizes(cell, self.task)

    def accuracy(self, cell: Cell) -> float:
        """Mean validation accuracy over the seeds. NaN where the cell was not trained, or its training failed."""
        return math.nan if self.refusal(cell) else self._table.query(cell).validation_accuracy

    def refusal(self, cell: Cell) -> str:
        """Why the table has no accuracy of this cell; "" where it has one."""
        try:
            self._table.query(cell)
        except LookupError:
            return "not trained yet"
        except ArithmeticError as error:
            return f"training failed: {error}"
        return ""

    def curve(self, cell: Cell) -> list[tuple[float, float]]:
        """(epoch, validation accuracy) of the table's seed; empty where there is none."""
        if self.refusal(cell):
            return []
        seed = self._table.seed
        return [(epoch, self._table.query(cell, seed, epoch).validation_accuracy) for epoch in self._table.epochs]

    def tries(self, tried: Sequence[Cell], target: float) -> tuple[int, int | None, float]:
        """How many of the cells have an accuracy, which one of these (from 1) first beat `target`, and the best."""
        known = [value for value in map(self.accuracy, tried) if not math.isnan(value)]
        won = next((place for place, value in enumerate(known, 1) if value > target), None)
        return len(known), won, max(known, default=math.nan)

    def same_function(self, cell: Cell) -> int:
        """How many cells share this one's row."""
        rows = self._table.row_of_cell
        return int((rows == rows[TinyCell().index(cell)]).sum())

    @cached_property
    def trained(self) -> int:
        """Functions with at least one training."""
        return int(self._table.trained.any(axis=0).sum())

    @property
    def _table(self) -> Table:
        assert self.table is not None
        return self.table


@lru_cache(maxsize=4096)
def network_sizes(cell: Cell, task: str) -> tuple[int, int]:
    """Parameters and MACs of the cell's network for a task."""
    from nas_edu.data import load
    from nas_edu.networks import build, count_macs, count_parameters

    data = load(task)
    network = build(cell, data)
    return count_parameters(network), count_macs(network, data.input_shape)
