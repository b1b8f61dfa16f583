"""An evolution as a growing tree: who begat whom, how many generations down, who is alive.

`population` shows fitness over birth; here height is the generation, so that a line that goes on stands out.
"""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Panel, Scatter
from nas_edu.widgets.views.scores import BAD, GOOD, NEW, score_text


def family_tree(history: History) -> Panel:
    """Generation over birth; random individuals are generation 0. The line to the best one so far is thick."""
    trials = history.trials
    generation: dict[int, int] = {}
    for trial in trials:
        known = [generation[id(parent)] for parent in trial.parents if id(parent) in generation]
        generation[id(trial)] = 1 + max(known) if known else 0
    place = {id(trial): (birth, generation[id(trial)]) for birth, trial in enumerate(trials, 1)}
    gone = {id(trial.replaces) for trial in trials if trial.replaces is not None}
    branches = [
        [place[id(parent)], place[id(trial)]] for trial in trials for parent in trial.parents if id(parent) in place
    ]
    line = []
    if trials and not history.incumbents[-1].failed:
        line = [history.incumbents[-1]]
        while line[-1].parents and id(line[-1].parents[0]) in place:
            line.append(line[-1].parents[0])
    marks: list[Lines | Scatter] = [
        Lines(branches, "muted", 1),
        Scatter([place[id(t)] for t in trials if id(t) in gone], "muted", 8, "cross", label="died"),
        Scatter([place[id(t)] for t in trials if id(t) not in gone and not t.failed], GOOD, 9, label="alive"),
        Scatter(
            [place[id(t)] for t in trials if t.failed], BAD, 9, "cross", label="failed" if _any_failed(history) else ""
        ),
        Lines([[place[id(trial)] for trial in line]], NEW, 3.5, label="line of the best"),
        Scatter([place[id(trial)] for trial in line[:1]], NEW, 12),
    ]
    news = f"best {score_text(line[0])}, generation {generation[id(line[0])]}" if line else "nobody born yet"
    axes = Axis("birth", low=0, whole_numbers=True), Axis("generation", low=0, whole_numbers=True)
    return Panel("Family tree", marks, *axes, news)


def _any_failed(history: History) -> bool:
    return any(trial.failed for trial in history.trials)
