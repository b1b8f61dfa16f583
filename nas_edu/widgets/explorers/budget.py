"""Brute force under a budget: which cell is the best after t epochs of training, and what the wrong t costs.

    explore_budget(NASBenchEdu.load("mnist1d"))

    a(t) = argmin over a in A of L_val(w_t(a), a),    w_t(a) = the weights after t epochs

A is all that the table has trained, each function once. The price of a(t) is the time that all these trainings took up
to epoch t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas_edu.draw.graphs import architecture_graph, describe, graph_mark
from nas_edu.draw.marks import Axis, Lines, Panel, TextTable
from nas_edu.nas_bench import Table
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.widgets.controls import Control, Slider
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present


@dataclass(frozen=True)
class Budget:
    """The epochs that each training may take: a place in the table's `epochs`."""

    place: int


def explore_budget(table: Table, epochs: float = 1) -> Explorer[Budget]:
    """Show the slider, at first at `epochs`. Raises ValueError for epochs at which the table has not measured."""
    if epochs not in table.epochs:
        raise ValueError(
            f"the table was measured at the epochs {', '.join(f'{e:g}' for e in table.epochs)}; got {epochs}"
        )
    views = BudgetViews(table)
    explorer = Explorer(
        Budget(table.epochs.index(epochs)),
        [views.cell, views.curves, views.figures],
        views.controls,
        title="The best cell after t epochs",
        status=views.told,
    )
    return present(explorer)


class BudgetViews:
    """Each method is a view: from the budget to a panel, by the trainings of a table with the seed that it replays.

    functions  (F,) one place in the space for each function that was trained to its end
    at_end     (F,) its validation accuracy then
    chosen     (P,) place in the space of a(t), for each of the P epochs measured
    """

    def __init__(self, table: Table) -> None:
        self.table, self.epochs = table, table.epochs
        first = table.functions
        self.functions = first[~np.isnan(table.column("validation_accuracy", table.seed)[first])]
        self.at_end = table.column("validation_accuracy", table.seed)[self.functions]
        losses = [table.column("validation_loss", table.seed, epoch)[self.functions] for epoch in self.epochs]
        self.chosen = [int(self.functions[np.nanargmin(loss)]) for loss in losses]

    def architecture(self, state: Budget) -> Cell:
        return TinyCell()[self.chosen[state.place]]

    def hours(self, state: Budget) -> float:
        """What all trainings took, up to this epoch."""
        seconds = self.table.column("seconds", self.table.seed, self.epochs[state.place])[self.functions]
        return float(np.nansum(seconds)) / 3600

    def controls(self, state: Budget) -> Sequence[Control]:
        last = len(self.epochs) - 1
        shows = _epochs(self.epochs[state.place])
        return [Slider("t", 0, last, state.place, lambda _, place: Budget(int(place)), label="budget t", shows=shows)]

    def told(self, state: Budget) -> str:
        t = self.epochs[state.place]
        return f"{len(self.functions):,} functions, each trained for {_epochs(t)}: {self.hours(state):.2f} CPU hours."

    def cell(self, state: Budget) -> Panel:
        graph = architecture_graph(self.architecture(state))
        return Panel(
            "The cell chosen at t", [graph_mark(graph)], subtitle="lowest L_val at epoch t", alt=describe(graph)
        )

    def curves(self, state: Budget) -> Panel:
        """Validation loss of the cell chosen now, and of the one that a complete training would choose."""
        now, end = (self._losses(TinyCell()[place]) for place in (self.chosen[state.place], self.chosen[-1]))
        t, highest = self.epochs[state.place], max(y for _, y in now + end)
        marks = [
            Lines([[(t, 0), (t, highest)]], "muted", 1.5, (6, 4), label="t"),
            Lines([end], "#D55E00", 3, (12, 4), label="best at the end"),
            Lines([now], "#0072B2", 3.5, label="chosen at t"),
        ]
        axes = Axis("epoch", low=0, whole_numbers=True), Axis("validation loss (nats)", low=0)
        return Panel("How the two learned", marks, *axes, "the same cell" if now == end else "two cells")

    def figures(self, state: Budget) -> Panel:
        chosen, best = self.architecture(state), TinyCell()[self.chosen[-1]]
        t = self.epochs[state.place]
        then, later, most = (
            self.table.query(chosen, self.table.seed, t),
            self.table.query(chosen, self.table.seed),
            self.table.query(best, self.table.seed),
        )
        rank = 1 + int((self.at_end > later.validation_accuracy).sum())
        rows = [
            ("L_val at t", f"{then.validation_loss:.3f}"),
            ("Accuracy at t", f"{then.validation_accuracy:.1%}"),
            ("Accuracy at the end", f"{later.validation_accuracy:.1%}"),
            ("Its rank at the end", f"{rank:,} of {len(self.functions):,}"),
            ("Best at the end", f"{most.validation_accuracy:.1%}"),
            ("CPU hours for all", f"{self.hours(state):.2f}"),
        ]
        alt = "Figures: " + ", ".join(f"{name}: {value}" for name, value in rows)
        return Panel("What it costs and brings", [TextTable(rows)], subtitle=f"t = {_epochs(t)}", alt=alt)

    def _losses(self, cell: Cell) -> list[tuple[float, float]]:
        return [(epoch, self.table.query(cell, self.table.seed, epoch).validation_loss) for epoch in self.epochs]


def _epochs(t: float) -> str:
    return f"{t:g} epoch{'s' * (t != 1)}"
