"""Who lives, who died, who begat whom: an evolution as dots over the order of birth.

`Trial.parents` and `Trial.replaces` tell it all, so any strategy that sets them can be watched: an individual lives
from its birth until another trial takes its place. Its age is the distance from the right edge.
"""

from __future__ import annotations

from collections.abc import Iterable

from nas_edu.core import History, Trial
from nas_edu.draw.marks import Axis, Lines, Panel, Point, Scatter
from nas_edu.widgets.views.scores import BAD, GOOD, NEW, score_name, score_text


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
