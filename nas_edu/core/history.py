"""All events of one search, in order, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_edu.core import history_format
from nas_edu.core.events import Event, Step, Trial
from nas_edu.core.search_space import SearchSpace

if TYPE_CHECKING:
    import pandas as pd


class History:
    """All events of one search in order, as plain data: iterate it, index it, tabulate it, save it.

    Two histories are equal when the same architectures came in the same order with the same results and the same
    family relations; measured times do not count.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: list[Event] = []
        self._incumbents: list[Trial] = []
        self._trials: list[Trial] = []
        self.used: dict[str, float] = {"evaluations": 0, "epochs": 0, "steps": 0, "cost": 0.0}
        for event in events:
            self.append(event)

    def append(self, event: Event) -> None:
        if not isinstance(event, Event):
            raise TypeError(f"a history holds Trial and Step events, got {type(event).__name__}: {event!r}")
        self._events.append(event)
        if isinstance(event, Step):
            self.used["steps"] += 1
            return
        self._trials.append(event)
        self.used["evaluations"] += 1
        if event.evaluation is not None:
            self.used["epochs"] += event.evaluation.epochs
            self.used["cost"] += event.evaluation.cost
        best = self._incumbents[-1] if self._incumbents else event
        self._incumbents.append(event if event.score > best.score else best)  # a tie keeps the earlier one

    @property
    def trials(self) -> list[Trial]:
        return list(self._trials)

    @property
    def steps(self) -> list[Step]:
        return [event for event in self._events if isinstance(event, Step)]

    @property
    def incumbents(self) -> list[Trial]:
        """For each trial the best one so far, itself included (the first of equals)."""
        return list(self._incumbents)

    @property
    def best(self) -> Trial:
        """The trial with the highest score. Raises ValueError, with a reason, where no trial succeeded."""
        if not self._trials:
            raise ValueError("this history has no trials yet, so there is no best one")
        if self._incumbents[-1].failed:
            first = self._trials[0]
            raise ValueError(f"all {len(self._trials)} trials failed; the first because of {first.failure}")
        return self._incumbents[-1]

    def frame(self) -> pd.DataFrame:
        """One row an event: architecture, score, accuracy, loss, cost, parents (as row numbers), failure, losses."""
        return history_format.to_frame(self)

    def save(self, path: str | Path) -> Path:
        """Write as JSON (gzipped where the name ends in .gz). Architectures are stored as their strings."""
        return history_format.save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, space: SearchSpace[Any]) -> History:
        """Read what `save` wrote; `space.parse` turns the strings back into architectures. Nothing is unpickled."""
        return cls(history_format.load(Path(path), space))

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __getitem__(self, index: int) -> Event:
        return self._events[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and history_format.comparable(self) == history_format.comparable(other)

    def __reduce__(self) -> tuple[Callable[..., History], tuple[Any, ...]]:
        # Parents go as row numbers: a pedigree is too deep to copy link by link.
        return _unpickled, (history_format.links(self),)

    def __repr__(self) -> str:
        best = f", best score {self._incumbents[-1].score:.4f}" if self._incumbents else ""
        return f"History({len(self._trials)} trials, {len(self) - len(self._trials)} steps{best})"


def _unpickled(plain: list[tuple[Event, tuple[int, ...], int | None]]) -> History:
    return History(history_format.linked(plain))
