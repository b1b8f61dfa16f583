"""The thread that turns changes into frames."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

from nas_edu.widgets.pacing import Pacer

QUIET = 0.3  # seconds without a change before the still picture is made, which takes about as long


class Painter:
    """Calls `paint` soon after a change, as often as the pacer allows, and once more after the last one.

    paint() -> int    makes and sends one frame and returns its number
    is_idle() -> bool no further change is to be expected now
    rest()            is called when all is painted and idle; then the thread ends, until the next change
    """

    def __init__(
        self, paint: Callable[[], int], is_idle: Callable[[], bool], rest: Callable[[], None], pacer: Pacer
    ) -> None:
        self._paint, self._is_idle, self._rest, self._pacer = paint, is_idle, rest, pacer
        self._news = threading.Condition()
        self._changed = False
        self._thread: threading.Thread | None = None

    def changed(self) -> None:
        with self._news:
            if self._changed:
                return  # the thread knows: waking it again would only disturb the search
            self._changed = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="nas_edu painter", daemon=True)
                self._thread.start()
            self._news.notify_all()

    def painted(self, frame: int) -> None:
        """The browser has painted this frame."""
        with self._news:
            self._pacer.painted(frame)
            self._news.notify_all()

    def _work(self) -> None:
        gc.freeze()  # a frame makes much garbage: without this, a quarter of its time goes into looking at all of torch
        try:
            while self._wait_for_turn():
                started = time.thread_time()
                frame = self._paint()
                with self._news:
                    self._pacer.sent(frame, time.thread_time() - started)
        finally:
            gc.unfreeze()

    def _wait_for_turn(self) -> bool:
        """Wait for a change and for the pacer; False when the thread may end."""
        rested = False
        while True:
            with self._news:
                if self._changed:
                    seconds = self._pacer.seconds_to_wait()
                    if seconds == 0:
                        self._changed = False
                        return True
                    self._news.wait(seconds)
                    continue
                if not self._is_idle():
                    self._news.wait()
                    continue
                if rested:
                    self._thread = None
                    return False
                if self._news.wait(QUIET):
                    continue
            self._rest()
            rested = True
