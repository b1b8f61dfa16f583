"""The thread that turns changes into frames, and how long it waits: frames must look alive and not slow the search."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

FRAMES_PER_SECOND = 10
SHARE = 0.05  # of the time may go into frames, however slow a view is
IN_FLIGHT = 6  # frames that may be on their way; the browser answers every fifth one (live_view.js)
PATIENCE = 1.0  # seconds to wait for a browser that does not answer: its page is closed, or the kernel is busy


class Pacer:
    """Tells how long to wait before the next frame.

    A Jupyter server that gets more than 1,000 messages a second drops all of them, and a browser that gets more than it
    can paint falls behind. So: at most 10 frames a second, at most 5 % of the time for making them (another `share`
    where nothing else computes meanwhile), and never more than a few that the browser has not painted yet, unless it
    stays silent for a second. It does not answer each frame: an answer costs as much as a frame, for JupyterLab shows
    by two paintings of its own that the kernel was busy and is idle again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, share: float = SHARE) -> None:
        self._clock, self._share = clock, share
        self._sent_at = -PATIENCE
        self._sent = self._painted = 0
        self._costs = (0.0, 0.0)  # of the last two frames

    def seconds_to_wait(self) -> float:
        usual = min(self._costs)  # a single slow frame, which perhaps imported something, says nothing of the next
        gap = max(1 / FRAMES_PER_SECOND, usual / self._share)
        if self._sent - self._painted >= IN_FLIGHT:
            gap = max(gap, PATIENCE)
        return max(0.0, self._sent_at + gap - self._clock())

    def sent(self, frame: int, cost: float) -> None:
        """A frame went out; making it took `cost` seconds of computing."""
        self._sent_at, self._sent, self._costs = self._clock(), frame, (self._costs[1], cost)

    def painted(self, frame: int) -> None:
        """The browser has painted this frame, and all before it."""
        self._painted = max(self._painted, frame)


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
