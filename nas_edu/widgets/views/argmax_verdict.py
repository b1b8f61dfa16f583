"""What the cell of argmax is really worth, at each moment of a one-shot search: the search itself never sees it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Mark, Panel, Scatter
from nas_edu.search_spaces import Cell
from nas_edu.widgets.views.mixture import subtitle, thinned
from nas_edu.widgets.views.search import GOOD, NEW

TITLE = "The argmax cell, trained alone"


def argmax_verdict(table: Any) -> Callable[[History], Panel]:
    """A view that looks the argmax cells up in `table`; cells that it does not hold leave a gap."""

    def accuracy(cell: Cell) -> float | None:
        try:
            value: float = table.query(cell).validation_accuracy
            return value
        except (LookupError, ArithmeticError, TypeError):  # TypeError: no cell of the table's space
            return None

    def view(history: History) -> Panel:
        steps = history.steps
        shown = [(step, accuracy(step.architecture)) for step in thinned(steps)]
        runs = [
            [(step.index + 1, value) for step, value in run if value is not None]
            for is_known, run in groupby(shown, key=lambda pair: pair[1] is not None)
            if is_known
        ]
        known = [point for run in runs for point in run]
        unknown = [(step.index + 1, 0.0) for step, value in shown if value is None]
        marks: list[Mark] = [
            Lines(runs, GOOD, 3, label="accuracy in the table"),
            Scatter(known, GOOD, 5),  # a line of one point would not be seen
            Scatter(known[-1:] if shown and shown[-1][1] is not None else [], NEW, 11, label="now"),
            Scatter(unknown, "muted", 6, "cross", label="not in the table" if unknown else ""),
        ]
        news = ""
        if steps:
            cell, value = steps[-1].architecture, shown[-1][1]
            news = "not trained yet in the table" if value is None else f"{value:.1%}, {_place(table.percentile(cell))}"
        axes = Axis("step", low=0, whole_numbers=True), Axis("validation accuracy", low=0, high=1)
        return Panel(TITLE, marks, *axes, subtitle(steps, news))

    return view


def _place(percentile: float) -> str:
    return f"better than {percentile:.0f}% of all cells"
