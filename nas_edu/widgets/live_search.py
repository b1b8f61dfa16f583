"""`live` and `replay`: a search that can be watched, in a notebook with buttons and elsewhere without.

    live(lambda: regularized_evolution(space, evaluate, rng=random.Random(0)),
         Budget(evaluations=100), views=[incumbent_curve, population, current_cell])

In a notebook this shows a dashboard that waits for Run, and the cell is done at once: the search runs in a thread.
Outside a notebook, or where the environment variable NAS_EDU_HEADLESS=1 is set, the same call runs the search to its
budget before it returns; a notebook then gets the still picture of the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from nas_edu.core import Budget, Event, History
from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.present import present
from nas_edu.widgets.screen import View
from nas_edu.widgets.views import current_cell, incumbent_curve, population

DEFAULT_VIEWS = (incumbent_curve, population, current_cell)


def live(
    strategy: Callable[[], Iterable[Event]] | Iterator[Event],
    budget: Budget,
    views: Sequence[View] = DEFAULT_VIEWS,
    *,
    title: str | None = None,
) -> Dashboard:
    """Watch a search. Returns the dashboard: `.history` holds what happened so far, `.wait()` waits for the end.

    strategy  a function without arguments that makes a fresh generator of events, so that Reset can start anew; a
              generator itself will do, but can run only once
    views     functions from the history so far to a `Panel`, called again and again while the search runs
    title     stands above the dashboard; by default the strategy's name

    Raises TypeError for what is none of these, and whatever making the generator raises. Without a browser it also
    raises what the search or a view raises.
    """
    if not isinstance(budget, Budget):
        raise TypeError(f"live needs a budget such as Budget(evaluations=100), got {budget!r}")
    if isinstance(strategy, Iterator):
        start, name = _once(strategy), getattr(strategy, "__name__", "")
    elif callable(strategy):
        first = _events(strategy)
        unused = [first]
        start, name = (lambda: unused.pop() if unused else _events(strategy)), getattr(first, "__name__", "")
    else:
        raise TypeError(f"live needs a function that makes a generator: live(lambda: ..., budget), got {strategy!r}")
    if title is None:
        title = name.replace("_", " ").strip("<>").capitalize()
    return present(Dashboard(start, budget, _checked(views), title))


def replay(history: History, views: Sequence[View] = DEFAULT_VIEWS, *, title: str = "Replay") -> Dashboard:
    """Watch a recorded search again: the same views and buttons, and a slider over its events. Needs no algorithm."""
    if not isinstance(history, History):
        raise TypeError(f"replay needs a History, such as History.load(path, space), got {type(history).__name__}")
    return present(Dashboard(lambda: iter(history), None, _checked(views), title, recorded=history))


def _once(events: Iterator[Event]) -> Callable[[], Iterator[Event]]:
    unused = [events]

    def start() -> Iterator[Event]:
        if not unused:
            raise RuntimeError(
                "this search was given as a generator, which runs only once, so Reset cannot start it again; "
                "give a function that makes a new one: live(lambda: regularized_evolution(...), budget)"
            )
        return unused.pop()

    return start


def _events(strategy: Callable[[], Iterable[Event]]) -> Iterator[Event]:
    made = strategy()
    if not isinstance(made, Iterable):
        raise TypeError(f"the strategy must make a generator of events; it made {type(made).__name__}: {made!r}")
    return iter(made)


def _checked(views: Sequence[View]) -> list[View]:
    views = list(views)
    wrong = [view for view in views if not callable(view)]
    if wrong or not views:
        raise TypeError(f"views must be functions from a History to a Panel, got {wrong or 'none'}")
    return views
