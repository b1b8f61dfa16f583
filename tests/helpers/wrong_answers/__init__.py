"""Typical wrong answers to the exercises, each with the message that it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WrongAnswer:
    """`message` is a part of the likely cause, or of what came out, that no other mistake would get."""

    function: Callable[..., Any]
    message: str

    def __str__(self) -> str:
        return self.function.__name__


class WrongAnswers(list[WrongAnswer]):
    """Those of one task: `@answers.gets("the message")` above each."""

    def gets(self, message: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            self.append(WrongAnswer(function, message))
            return function

        return keep
