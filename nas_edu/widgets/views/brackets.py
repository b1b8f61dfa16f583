"""Successive halving as it runs: the curves of the bracket that is running, who goes on, and who was stopped."""

from __future__ import annotations

from collections.abc import Sequence

from nas_edu.core import CurvePoint, History, Trial
from nas_edu.draw.marks import Axis, Lines, Panel, Scatter
from nas_edu.widgets.views.search import GOOD, NEW, score_text


def bracket_view(history: History) -> Panel:
    """Validation accuracy over epochs; the dashed lines are the rungs so far. For strategies that work in brackets."""
    trials = current_bracket(history.trials)
    resumed = {id(parent) for trial in trials for parent in trial.parents}
    ends = [trial for trial in trials if not trial.failed and id(trial) not in resumed and _curve(trial)]
    if not ends:
        axes = Axis("epoch", low=0, high=10), Axis("validation accuracy", low=0, high=1)
        return Panel("Bracket", [Lines([], "muted")], *axes, "nothing trained yet")
    newest = ends[-1]
    rung = _reached(newest)
    paths = {id(trial): [(p.epoch, p.validation_accuracy) for p in _curve(trial)] for trial in ends}
    stopped = [trial for trial in ends if _reached(trial) < rung]
    alive = [trial for trial in ends if _reached(trial) >= rung and trial is not newest]
    rungs = sorted({_reached(trial) for trial in trials if not trial.failed})
    marks: list[Lines | Scatter] = [
        Lines([[(epoch, 0.0), (epoch, 1.0)] for epoch in rungs], "muted", 1, (4, 4), label="rung"),
        Lines([paths[id(trial)] for trial in stopped], "muted", 1, label="stopped, or waiting"),
        Lines([paths[id(trial)] for trial in alive], GOOD, 2, label="on this rung"),
        Lines([paths[id(newest)]], NEW, 3.5, label="newest"),
        Scatter([paths[id(trial)][-1] for trial in ends], "ink", 5),
    ]
    counts = " > ".join(str(sum(_reached(t) == epoch for t in trials if not t.failed)) for epoch in rungs)
    news = f"trained per rung: {counts}; newest {score_text(newest)}"
    axes = Axis("epoch", low=0, whole_numbers=True), Axis("validation accuracy", low=0, high=1)
    return Panel("Bracket", marks, *axes, news)


def current_bracket(trials: list[Trial]) -> list[Trial]:
    """The trials since the last one that began anew after somebody was resumed."""
    start = len(trials)
    while start and trials[start - 1].parents:
        start -= 1
    while start and not trials[start - 1].parents:
        start -= 1
    return trials[start:]


def _reached(trial: Trial) -> float:
    return _curve(trial)[-1].epoch


def _curve(trial: Trial) -> Sequence[CurvePoint]:
    return () if trial.evaluation is None else trial.evaluation.curve
