"""An evolution as dots over the order of birth: who lives and who died, and which generation each belongs to.

`Trial.parents` and `Trial.replaces` tell it all, so any strategy that sets them can be watched: an individual lives
from its birth until another trial takes its place. Its age is the distance from the right edge.
"""

from __future__ import annotations

from collections.abc import Iterable

from nas_edu.core import History, Trial
from nas_edu.draw.marks import Axis, Lines, Panel, Point, Scatter
from nas_edu.widgets.views.search import BAD, GOOD, NEW, score_name, score_text


def population(history: History) -> Panel:
    """Score over birth. Small dots are dead. A thin line leads from a living child to its parent.

    The newest individual, its parent and whom it replaced stand out.
    """
    births: dict[Trial, Point] = {trial: (n, trial.score) for n, trial in enumerate(history.trials, 1)}
    failed = {trial: point for trial, point in births.items() if trial.failure is not None}
    places = {trial: point for trial, point in births.items() if trial not in failed} if failed else births
    dead = {trial.replaces for trial in births}

    def known(family: Iterable[Trial]) -> list[Point]:
        return [places[trial] for trial in family if trial in places]

    alive = [trial for trial in births if trial not in dead]
    lines = [[parent, child] for trial in alive for child in known([trial]) for parent in known(trial.parents)]
    newest = history.trials[-1:]
    parents = known(newest[0].parents) if newest else []
    died = known([newest[0].replaces]) if newest and newest[0].replaces is not None else []
    marks: list[Lines | Scatter] = [
        Scatter(list(places.values()), "muted", 4),
        Lines(lines, "muted", 1),
        Scatter(known(alive), GOOD, 9, label="alive"),
        Scatter(list(failed.values()), BAD, 9, "cross", label="failed" if failed else ""),
        Scatter(died, "ink", 11, "cross", label="died"),
        Lines([[parent, child] for parent in parents for child in known(newest)], NEW, 3),
        Scatter(parents, NEW, 14, "ring", label="parent"),
        Scatter(known(newest), NEW, 14, label="newest"),
    ]
    return Panel(
        "Population",
        marks,
        Axis("birth", low=0, whole_numbers=True),
        Axis(score_name(history)),
        _news(history, len(alive), births),
    )


def _news(history: History, alive: int, births: dict[Trial, Point]) -> str:
    if not history.trials:
        return "nobody born yet"
    newest = history.trials[-1]
    numbers = [str(births[parent][0]) for parent in newest.parents if parent in births]
    origin = f"child of {', '.join(numbers)}" if numbers else "drawn at random"
    return f"{alive} alive; newest: {len(births)}, {origin}, {score_text(newest)}"


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
