"""A time limit for code that may never end, such as a `while` loop that a student has just written."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TimeLimitError(Exception):
    """The code inside `time_limit` did not end in time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimitError` inside the block when it has run for `seconds`.

    Works on every platform, and in the main thread only (elsewhere there is no limit): a timer does what Ctrl-C does,
    and the KeyboardInterrupt becomes a `TimeLimitError`. A real Ctrl-C passes through. The lock makes sure that the
    timer never interrupts what comes after the block.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    lock, running, fired = threading.Lock(), True, False

    def interrupt() -> None:
        nonlocal fired
        with lock:
            if running:
                fired = True
                _thread.interrupt_main()

    # A process that a script started in the background ignores Ctrl-C, and with it the timer.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield
        finally:
            timer.cancel()
            with lock:
                running = False
            signal.signal(signal.SIGINT, signal.SIG_DFL if handler is None else handler)
    except KeyboardInterrupt:
        if not fired:
            raise
        raise TimeLimitError(f"not finished after {seconds:g} seconds") from None
