"""Hints, revealed one after another: `hint("03.1")`."""

from __future__ import annotations

from difflib import get_close_matches

from nas_edu.check.answer import show_hint

_hints: dict[str, tuple[str, ...]] = {}
_revealed: dict[str, int] = {}


def register(task: str, hints: tuple[str, ...]) -> None:
    """Make a task's hints known; a check does so when it is made."""
    _hints[task] = hints
    _revealed[task] = 0


def next_hint(task: str) -> tuple[int, int, str] | None:
    """(number, how many there are, text) of the first hint not revealed yet; None where all are."""
    number, hints = _revealed[task], _hints[task]
    return (number + 1, len(hints), hints[number]) if number < len(hints) else None


def hint(task: str) -> None:
    """Show one hint more for a task, such as "03.1": the ones seen so far and the next, each stronger than the last."""
    if task not in _hints:
        close = get_close_matches(str(task), _hints, n=1, cutoff=0.3)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"there are no hints for {task!r}; there are for {', '.join(sorted(_hints)) or 'none'}{meant}")
    _revealed[task] = min(_revealed[task] + 1, len(_hints[task]))
    show_hint(task, _hints[task][: _revealed[task]], len(_hints[task]))
