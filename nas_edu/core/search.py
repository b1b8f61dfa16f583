"""Run a strategy within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from numbers import Real

from nas_edu.core.events import Event
from nas_edu.core.history import History


@dataclass(frozen=True)
class Budget:
    """How much a search may use; it stops after the event that reaches any of the given limits.

    evaluations  trials, failed ones included        epochs  epochs of training, summed over trials
    steps        steps of a one-shot method          cost    seconds as the evaluations report them (may be simulated)
    seconds      wall-clock seconds since the search began

    A failed trial uses neither epochs nor cost. So where these are the only limits, a search whose trials all fail does
    not stop: give `evaluations` too.

    Raises ValueError where no limit is given or one is not positive.
    """

    evaluations: int | None = None
    epochs: float | None = None
    steps: int | None = None
    seconds: float | None = None
    cost: float | None = None

    def __post_init__(self) -> None:
        limits = {f.name: getattr(self, f.name) for f in fields(self)}
        if all(limit is None for limit in limits.values()):
            raise ValueError(f"a budget needs at least one limit of {', '.join(limits)}: Budget(evaluations=100)")
        for name, limit in limits.items():
            # The stub of numbers.Real lacks the comparison that every real number has.
            if limit is not None and not (isinstance(limit, Real) and limit > 0):  # type: ignore[operator]
                raise ValueError(f"Budget({name}={limit!r}): a limit must be a positive number")

    def left(self, history: History, seconds: float) -> float:
        """The smallest fraction of any limit that is left: 1 where nothing was used, 0 or less where one is reached."""
        used = {**history.used, "seconds": seconds}
        limits: dict[str, float] = {f.name: getattr(self, f.name) for f in fields(self)}
        return min(1 - used[name] / limit for name, limit in limits.items() if limit is not None)


def search(
    strategy: Iterable[Event], budget: Budget, *, on_event: Callable[[Event, History], None] | None = None
) -> History:
    """Run `strategy` until `budget` is reached or it ends by itself; `on_event` sees each event as it happens."""
    history, started = History(), time.perf_counter()
    for event in strategy:
        history.append(event)
        if on_event is not None:
            on_event(event, history)
        if budget.left(history, time.perf_counter() - started) <= 0:
            break
    return history
