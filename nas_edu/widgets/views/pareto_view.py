"""A Pareto front as it grows: accuracy against what it costs."""

from __future__ import annotations

from collections.abc import Callable

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Mark, Panel, Point, Scatter
from nas_edu.search_strategies.pareto import pareto_front
from nas_edu.widgets.views.scores import GOOD, NEW, score_name, score_text


def pareto_view(objective: str = "parameters") -> Callable[[History], Panel]:
    """A view of the score, to be high, over `evaluation.objectives[objective]`, to be low."""

    def view(history: History) -> Panel:
        trials = [trial for trial in history.trials if trial.evaluation is not None]

        def cost(trial):
            return trial.evaluation.objectives[objective]

        largest = max(map(cost, trials), default=0)
        unit, name = (1000, f"thousand {objective}") if largest >= 10_000 else (1, objective)  # labels need room

        def point(trial):
            return cost(trial) / unit, trial.score

        front = sorted(pareto_front(trials, ("score", objective)), key=lambda trial: point(trial)[0])
        stairs: list[Point] = []
        for trial in front:
            x, y = point(trial)
            stairs += [(x, stairs[-1][1]), (x, y)] if stairs else [(x, y)]
        newest = trials[-1:]
        marks: list[Mark] = [
            Scatter([point(trial) for trial in trials], "muted", 6, label="a trial"),
            Lines([stairs], GOOD, 3, label="front"),
            Scatter([point(trial) for trial in front], GOOD, 10),
            Scatter([point(trial) for trial in newest], NEW, 12, "ring", label="newest"),
        ]
        best = max(front, key=lambda trial: trial.score, default=None)
        news = "no trial yet" if best is None else f"{len(front)} on the front, up to {score_text(best)}"
        axes = Axis(name.replace("_", " "), low=0), Axis(score_name(history))
        return Panel("Pareto front", marks, *axes, news)

    return view
