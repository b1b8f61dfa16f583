"""When may the next frame be painted? Often enough to look alive, seldom enough not to slow the search."""

from __future__ import annotations

import time
from collections.abc import Callable

FRAMES_PER_SECOND = 10
SHARE = 0.05  # of the time may go into frames, however slow a view is
IN_FLIGHT = 6  # frames that may be on their way; the browser answers every fifth one (frames.js)
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
