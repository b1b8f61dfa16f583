"""A search with its views: what `live` and `replay` return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from nas_edu.core import Budget, Event, History
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import Picture
from nas_edu.widgets.runner import Runner, State
from nas_edu.widgets.screen import ErrorReport, View, lay_out_all, look
from nas_edu.widgets.shown import Shown
from nas_edu.widgets.views.search import score_text

REPLAY_SPEED = 10.0  # events a second


BUTTONS: dict[State, list[str]] = {
    "ready": ["run", "step"],
    "running": ["pause", "stop", "reset"],
    "paused": ["run", "step", "stop", "reset"],
    "finished": ["reset"],
    "stopped": ["reset"],
    "failed": ["reset"],
}


class Dashboard(Shown):
    """Its methods do what the buttons do; `history` holds all that happened, at any time.

    start()  makes a fresh stream of events, or raises; `recorded` is the whole history where this is a replay.
    """

    kind = "search"

    def __init__(
        self,
        start: Callable[[], Iterator[Event]],
        budget: Budget | None,
        views: Sequence[View],
        title: str,
        recorded: History | None = None,
    ) -> None:
        super().__init__(title)
        self.views = views
        self._start, self._budget, self._recorded = start, budget, recorded
        self._speed = REPLAY_SPEED if recorded is not None else None
        if recorded is None:
            self._runner = self._new_runner(start(), History())
        else:
            self._runner = self._new_runner(iter(()), recorded, "finished")

    @property
    def history(self) -> History:
        return self._runner.history

    @property
    def state(self) -> str:
        """One of ready, running, paused, finished, stopped, failed."""
        return self._runner.state

    def run(self) -> None:
        if self._recorded is not None and self._runner.over:
            self.seek(0)
        self._runner.run()

    def pause(self) -> None:
        self._runner.pause()

    def step(self) -> None:
        self._runner.step()

    def stop(self) -> None:
        self._runner.stop()

    def set_speed(self, events_per_second: float | None) -> None:
        self._speed = events_per_second
        self._runner.set_speed(events_per_second)

    def reset(self) -> None:
        """Stop, and make everything ready for a new run."""
        if self._recorded is not None:
            self.seek(0)
            return
        try:
            events = self._start()
        except Exception as error:
            self._error = ErrorReport.of(error)
            self._changed()
            return
        self._replace_runner(events, History())

    def seek(self, position: int) -> None:
        """In a replay: go to where the first `position` events have happened."""
        events = list(self._recorded or ())
        state: State = "ready" if position < len(events) else "finished"
        self._replace_runner(iter(events[position:]), History(events[:position]), state)

    def wait(self, timeout: float | None = None) -> History:
        """Wait until the search no longer runs, and return its history. Raises what the search raised.

        Raises TimeoutError after `timeout` seconds. An interrupted kernel pauses the search.
        """
        try:
            if not self._runner.wait(timeout):
                raise TimeoutError(f"the search still runs after {timeout} s")
        except KeyboardInterrupt:
            self._runner.pause()
            raise
        if self._runner.error is not None:
            raise self._runner.error
        return self.history

    def refresh(self) -> None:
        """Look again, because something that the views read has changed."""
        self._changed()

    def run_here(self) -> None:
        """Run to the end and look once, as where nobody watches. Raises what the search or a view raises."""
        self.set_speed(None)
        if self._recorded is None:
            self.run()
            try:
                self.wait()
            finally:
                self.stop()
        for view in self.views:
            lay_out(view(self.history))

    def close(self) -> None:
        """Stop for good, because the notebook's cell was run again."""
        self._runner.stop()

    def _new_runner(self, events: Iterator[Event], history: History, state: State = "ready") -> Runner:
        runner = Runner(events, self._budget, history, self._changed, state)
        runner.set_speed(self._speed)
        return runner

    def _replace_runner(self, events: Iterator[Event], history: History, state: State = "ready") -> None:
        self._runner.stop()
        self._runner = self._new_runner(events, history, state)
        self._changed()

    def _is_idle(self) -> bool:
        return self._runner.state != "running"

    def _heading(self) -> str:
        return f"{self.title}: {progress_text(self.history, None)}".removeprefix(": ")

    def _heard(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "speed", "value": value}:
                self.set_speed(value or None)
            case {"type": "seek", "value": position}:
                self.seek(position)
            case {"type": "run" | "pause" | "step" | "stop" | "reset" as command}:
                self._error = None
                getattr(self, command)()

    def _look(self) -> tuple[dict[str, Any], list[Picture | ErrorReport]]:
        """The status and the views of this moment."""
        runner = self._runner
        with runner.lock:
            panels = look(self.views, runner.history)
            problem = self._error if runner.error is None else ErrorReport.of(runner.error, "search: ")
            status = {
                "state": state_text(runner),
                "progress": progress_text(runner.history, runner.left()),
                "buttons": BUTTONS[runner.state] if self._recorded is None or not runner.over else ["run", "reset"],
                "problem": None if problem is None else asdict(problem),
                "speed": self._speed or 0,
                "position": len(runner.history),
                "total": None if self._recorded is None else len(self._recorded),
            }
        return status, lay_out_all(self.views, panels)


def state_text(runner: Runner) -> str:
    if runner.state == "paused" and runner.asking:
        return "pausing after this evaluation"
    return runner.state


def progress_text(history: History, left: float | None) -> str:
    """Such as "34 trials, best 0.9312, 66 % of the budget left"."""
    trials, steps = len(history.trials), history.steps
    parts = [f"{trials} trial{'s' * (trials != 1)}"] if trials or not steps else []
    if steps:
        first, last = steps[0].index + 1, steps[-1].index + 1
        thinned = last - first >= len(steps)  # a recording may leave some out
        counted = f"records of steps {first} to {last}" if thinned else f"step{'s' * (len(steps) != 1)}"
        parts.append(f"{len(steps)} {counted}")
    if trials:
        failed = sum(trial.failed for trial in history.trials)
        parts.append(f"best {score_text(history.incumbents[-1])}" if failed < trials else "all failed")
        if 0 < failed < trials:
            parts.append(f"{failed} failed")
    if left is not None:
        parts.append(f"{left:.0%} of the budget left")
    return ", ".join(parts)
