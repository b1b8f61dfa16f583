"""Run, Pause, Step and Stop: all of them say when to ask a search for its next event."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

from nas_edu.core import Budget, Event, History

State = Literal["ready", "running", "paused", "finished", "stopped", "failed"]


class SearchStopped(BaseException):
    """Raised inside a search that is stopped in the middle of an evaluation, as Ctrl-C would.

    Not an `Exception`: `run_trial` would take that for a failed evaluation and go on.
    """


class Runner:
    """One run of a search in a thread of its own, from the first event to the last.

    A run is used once; for another one, make another runner. `on_change` is called, in any thread, after whatever
    changes `state` or `history`, and must be quick. Reading `history` while the search runs needs `lock`.
    """

    def __init__(
        self,
        events: Iterator[Event],
        budget: Budget | None,
        history: History,
        on_change: Callable[[], None],
        state: State = "ready",
    ) -> None:
        self.history = history
        self.state = state
        self.error: BaseException | None = None
        self.events_per_second: float | None = None
        self.lock = threading.Condition(threading.RLock())
        self._events = events
        self._budget = budget
        self._on_change = on_change
        self._permits = 0.0  # events that may still be asked for: 0 paused, 1 a step, infinity running
        self._token: list[bool] = []  # holds True while an event is being asked for and may be interrupted
        self._asked_at = -float("inf")
        self._seconds = 0.0  # spent in the search, pauses left out
        self._thread: threading.Thread | None = None

    @property
    def over(self) -> bool:
        return self.state in ("finished", "stopped", "failed")

    def left(self) -> float | None:
        """The fraction of the budget that is left, or None without a budget."""
        return None if self._budget is None else max(0.0, self._budget.left(self.history, self._seconds))

    def run(self) -> None:
        self._permit(float("inf"), "running")

    def step(self) -> None:
        """Ask for one event, then pause."""
        self._permit(1, "running")

    def pause(self) -> None:
        """Ask for no further event; the evaluation under way is finished first."""
        with self.lock:
            if self.state == "running":
                self._permits = 0
                self._change("paused")

    def stop(self) -> None:
        """End the run for good, an evaluation under way included."""
        with self.lock:
            if self.over:
                return
            self._change("stopped")
            if self._take_token() and self._thread is not None and self._thread.ident is not None:
                thread, error = ctypes.c_ulong(self._thread.ident), ctypes.py_object(SearchStopped)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, error)

    def set_speed(self, events_per_second: float | None) -> None:
        """At most so many events a second; None: as fast as possible."""
        with self.lock:
            self.events_per_second = events_per_second
            self.lock.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the search no longer runs; False where the time was up first."""
        with self.lock:
            return self.lock.wait_for(lambda: self.state != "running", timeout)

    @property
    def asking(self) -> bool:
        """Whether an evaluation is under way."""
        return bool(self._token)

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _permit(self, permits: float, state: State) -> None:
        with self.lock:
            if self.over:
                return
            self._permits = permits
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="nas_edu search", daemon=True)
                self._thread.start()
            self._change(state)

    def _change(self, state: State) -> None:
        self.state = state
        self.lock.notify_all()
        self._on_change()

    def _work(self) -> None:
        try:
            while self._wait_for_permit():
                self._ask()
        except SearchStopped:
            pass  # `stop` has said so already
        except StopIteration:
            self._end("finished")
        except BaseException as error:  # whatever it is, it belongs to the person who looks at the widget
            self.error = error
            self._end("failed")

    def _end(self, state: State) -> None:
        with self.lock:
            if not self.over:
                self._change(state)

    def _wait_for_permit(self) -> bool:
        with self.lock:
            while not self.over:
                pause = 0.0
                if self.events_per_second is not None:
                    pause = self._asked_at + 1 / self.events_per_second - time.monotonic()
                if self._permits >= 1 and pause <= 0:
                    return True
                self.lock.wait(pause if self._permits >= 1 else None)
            return False

    def _ask(self) -> None:
        """Ask for one event and record it."""
        self._asked_at = time.monotonic()
        try:
            event = self._next_event()
        except SearchStopped:
            return
        with self.lock:
            if self.over:
                return
            self._seconds += time.monotonic() - self._asked_at
            self.history.append(event)
            self._permits -= 1
            if self.left() == 0:
                self._change("finished")
            elif self._permits < 1:
                self._change("paused")
            else:
                self._on_change()

    def _next_event(self) -> Any:
        """The next event (None where the run is over); raises what the search raises, or SearchStopped.

        `stop` may interrupt only while the token lies here, and whoever takes it decides: the exception arrives before
        this function returns or never. No lock guards that: an exception right after acquiring one would keep it.
        """
        event, error = None, None
        self._token.append(True)
        try:
            if not self.over:
                event = next(self._events)
        except SearchStopped:
            raise
        except BaseException as caught:
            error = caught
        if not self._take_token():
            for _ in range(100):
                time.sleep(0.01)  # the exception is on its way
            raise SearchStopped  # it came, but the search swallowed it, or Python did in a destructor
        if error is not None:
            raise error
        return event

    def _take_token(self) -> bool:
        try:
            return self._token.pop()  # atomic
        except IndexError:
            return False
