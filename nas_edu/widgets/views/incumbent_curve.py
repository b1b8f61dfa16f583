"""What the search has found so far: each trial's score, and the best one as a step line (the incumbent)."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Panel, Point, Scatter
from nas_edu.widgets.views.scores import BAD, GOOD, score_name, score_text


def incumbent_curve(history: History) -> Panel:
    """Scores over trial numbers, from 1. Failed trials are crosses on the lower edge."""
    trials, incumbents = history.trials, history.incumbents
    good = [(n, trial.score) for n, trial in enumerate(trials, 1) if trial.failure is None]
    failed = [(n, trial.score) for n, trial in enumerate(trials, 1) if trial.failure is not None]
    steps: list[Point] = []
    best, found = None, 0
    for n, incumbent in enumerate(incumbents, 1):
        if incumbent is best or incumbent.failed:
            continue
        best, found = incumbent, n
        if steps:
            steps.append((n, steps[-1][1]))
        steps.append((n, best.score))
    if steps:
        steps.append((len(trials), steps[-1][1]))
    marks: list[Lines | Scatter] = [
        Scatter(good, "muted", 6, label="a trial"),
        Lines([steps], GOOD, 3.5, label="best so far"),
        Scatter(failed, BAD, 9, "cross", label="failed" if failed else ""),
    ]
    news = f"all {len(trials)} trials failed" if trials else "no trial yet"
    if best is not None:
        news = f"best {score_text(best)}, found in trial {found}"
    return Panel("Best so far", marks, Axis("trial", low=0, whole_numbers=True), Axis(score_name(history)), news)
