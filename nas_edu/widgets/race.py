"""A race: several strategies take turns on one budget, live, each with its own history.

race = Race({"random search": lambda: random_search(...), "regularized evolution": lambda: ...})
live(race, Budget(evaluations=300), views=[race.incumbents, race.standings])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nas_edu.core import Event, History, Trial
from nas_edu.draw.marks import Axis, Bars, Lines, Panel, Point
from nas_edu.draw.style import line_styles


class Race:
    """Called, it gives one stream of events in which each strategy has one trial in turn; one that ends drops out.

    Its views sort the trials of a history back by strategy. Raises ValueError for fewer than two strategies.
    """

    def __init__(self, strategies: Mapping[str, Callable[[], Iterator[Event]]]) -> None:
        if len(strategies) < 2:
            raise ValueError(f"a race has two strategies or more, got {', '.join(strategies) or 'none'}")
        self.strategies = dict(strategies)
        self._of: dict[Trial, str] = {}  # whose trial it is

    def __call__(self) -> Iterator[Event]:
        return self.race()

    def race(self) -> Iterator[Event]:
        """The strategies' trials in turn."""
        running = {name: iter(start()) for name, start in self.strategies.items()}
        while running:
            for name, events in list(running.items()):
                trial = next((event for event in events if isinstance(event, Trial)), None)
                if trial is None:
                    del running[name]
                else:
                    self._of[trial] = name
                    yield trial

    def best_scores(self, history: History) -> dict[str, list[float]]:
        """For each strategy the best score after each of its trials."""
        best: dict[str, list[float]] = {name: [] for name in self.strategies}
        for trial in history.trials:
            scores = best[self._of[trial]]
            scores.append(max(trial.score, scores[-1]) if scores else trial.score)
        return best

    def incumbents(self, history: History) -> Panel:
        """The best score of each strategy over its own trials."""
        best = self.best_scores(history)
        marks = []
        for name, style in line_styles(list(best)).items():
            path: list[Point] = [(n, value) for n, value in enumerate(best[name], 1) if value > float("-inf")]
            marks.append(Lines([_stairs(path)], style.colour, 3, style.dashes, label=name.replace("_", " ")))
        axes = Axis("trials of each", low=0, whole_numbers=True), Axis("best score so far")
        return Panel("The race", marks, *axes, self._leader(best))

    def standings(self, history: History) -> Panel:
        """Who leads: the best score of each strategy now, the best one first."""
        best = self.best_scores(history)
        styles = line_styles(list(best))
        now = {name: values[-1] for name, values in best.items() if values and values[-1] > float("-inf")}
        names = sorted(now, key=now.__getitem__, reverse=True)
        bars = Bars(
            [name.replace("_", " ") for name in names], [now[n] for n in names], [styles[n].colour for n in names]
        )
        return Panel("Standings", [bars], subtitle=self._leader(best))

    def _leader(self, best: Mapping[str, list[float]]) -> str:
        now = {name: values[-1] for name, values in best.items() if values}
        if not now:
            return "at the start"
        leader = max(now, key=now.__getitem__)
        return f"{leader.replace('_', ' ')} leads with {now[leader]:.4g}"


def _stairs(path: list[Point]) -> list[Point]:
    """A step function: each value holds until the next trial."""
    stairs = path[:1]
    for x, y in path[1:]:
        if y != stairs[-1][1]:
            stairs.append((x, stairs[-1][1]))
            stairs.append((x, y))
    return stairs if not path else [*stairs, (path[-1][0], stairs[-1][1])]
