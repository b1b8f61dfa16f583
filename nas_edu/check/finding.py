"""What a check tries and what it finds: `Case` is one input, `Finding` says what was wrong with the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One input to try a student's function on.

    text       the call as one would type it, so that a student can paste it and look: "mutate(cell, Random(3))"
    arguments  whatever the stage's `judge` needs to make that call
    size       small cases are tried first, so the first that fails is the smallest that fails
    """

    text: str
    arguments: tuple[Any, ...] = ()
    size: float = 0


@dataclass(frozen=True)
class Finding:
    """What was wrong: what came out, what should have, and the likely cause in words that help.

    `input` is the failing call; where it is empty the case's own text is shown.
    """

    got: str
    expected: str
    cause: str
    input: str = ""
    unfinished: bool = field(default=False, kw_only=True)


def described(value: Any) -> str:
    """A result in words: what it looks like, shortened, and its type."""
    text = repr(value)
    if len(text) > 160:
        text = f"{text[:120]} ... {text[-30:]}"
    return f"{text}, a {type(value).__name__}"


class CheckError(AssertionError):
    """A check said no. `str(error)` is the whole answer; a notebook shows the answer above and only one line here."""

    def __init__(self, answer: str, headline: str) -> None:
        super().__init__(answer)
        self.headline = headline

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this instead of a traceback through code that is not the student's."""
        return [f"CheckError: {self.headline} (the answer is above)"]
