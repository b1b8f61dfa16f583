"""Views of any black-box search: the best so far, the architecture evaluated last, learning curves, a Pareto front.

Each is a pure function from the history so far to a panel of a few marks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nas_edu.core import History, Trial
from nas_edu.draw.graphs import architecture_graph, describe, graph_mark
from nas_edu.draw.marks import Axis, Graph, Lines, Mark, Panel, Point, Scatter
from nas_edu.search_strategies.pareto import pareto_front

if TYPE_CHECKING:
    import networkx as nx

GOOD, NEW, BAD = "#0072B2", "#D55E00", "#D55E00"  # Okabe & Ito's blue and vermilion


def score_name(history: History) -> str:
    """ "validation accuracy" where that is what the search maximises, else "score"."""
    judged = [trial.evaluation for trial in history.trials if trial.evaluation is not None][:1]
    is_accuracy = bool(judged) and judged[0].validation_accuracy == judged[0].score
    return "validation accuracy" if is_accuracy else "score"


def score_text(trial: Trial) -> str:
    return "failed" if trial.failed else f"{trial.score:.4g}"


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


EARLIER = 10  # curves kept in the background


def learning_curve(history: History) -> Panel:
    """Needs evaluations that carry a `curve`, such as a training's."""
    curves = [
        [(point.epoch, point.validation_accuracy) for point in trial.evaluation.curve]
        for trial in history.trials[-EARLIER - 1 :]
        if trial.evaluation is not None and trial.evaluation.curve
    ]
    marks = [
        Lines(curves[:-1], "muted", 1, label=f"the {EARLIER} before"),
        Lines(curves[-1:], NEW, 3.5, label="newest"),
    ]
    news = f"{curves[-1][-1][1]:.1%} after {curves[-1][-1][0]:g} epochs" if curves else "no learning curve yet"
    axes = Axis("epoch", low=0, whole_numbers=True), Axis("validation accuracy", low=0, high=1)
    return Panel("Learning curve", marks, *axes, news)


LAST = "Cell evaluated last"


def current_cell(history: History) -> Panel:
    """Operations look as in `draw.cell`; faded ones cannot matter; those that a mutation changed are underlaid."""
    if not history.trials:
        return Panel(LAST, [Graph([], [])], subtitle="no trial yet")
    trial = history.trials[-1]
    graph = architecture_graph(trial.architecture)
    changed = _changed(trial, graph)
    news = f"trial {len(history.trials)}: {score_text(trial)}"
    if trial.failed:
        news += f", {trial.failure}"
    elif changed:
        news += f"; its parent: {score_text(trial.parents[0])}"
    return Panel(LAST, [graph_mark(graph, marked=changed)], subtitle=news, alt=f"{LAST}. {news}. {describe(graph)}")


def _changed(trial: Trial, graph: nx.MultiDiGraph) -> set[tuple[Any, Any]]:
    """The edges of its `graph` on which a child with one parent differs from it."""
    if len(trial.parents) != 1:
        return set()
    parent = architecture_graph(trial.parents[0].architecture)
    before = {(i, j): operation for i, j, operation in parent.edges(data="operation")}
    return {(i, j) for i, j, operation in graph.edges(data="operation") if before.get((i, j)) != operation}


def pareto_view(objective: str = "parameters") -> Callable[[History], Panel]:
    """A view of the score, to be high, over `evaluation.objectives[objective]`, to be low."""

    def view(history: History) -> Panel:
        trials = [trial for trial in history.trials if trial.evaluation is not None]

        def cost(trial: Trial) -> float:
            assert trial.evaluation is not None
            return trial.evaluation.objectives[objective]

        largest = max(map(cost, trials), default=0)
        unit, name = (1000, f"thousand {objective}") if largest >= 10_000 else (1, objective)  # labels need room

        def point(trial: Trial) -> Point:
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
