"""A check: stages of rising depth that a student's function goes through, and one helpful answer.

    check_mutate = Check(task="03.1", function="mutate", stages=(shape, by_hand, property_, oracle), hints=(...))
    check_mutate(mutate)          # in a notebook: shows the answer; raises CheckError where something is wrong
    check_mutate.examine(mutate)  # the same as plain data

The stages come in one order: the *shape* of the result; a small case *by hand*, whose answer anyone can see; a
*property* that must hold for every input; a comparison on random inputs with an independent *oracle* (another way to
get the right answer, usually slow and obvious). The first finding ends the check, so a student reads about a missing
`return` before reading about statistics.

Checks are also nbgrader's graded cells: they return None, write nothing to stderr and raise an AssertionError.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nas_edu.check.answer import Answer, next_hint, register_hints, show
from nas_edu.check.time_limit import TimeLimitError, time_limit

Kind = Literal["shape", "by hand", "property", "oracle"]
KIND_WORDS: dict[Kind, str] = {
    "shape": "shape",
    "by hand": "small case by hand",
    "property": "property",
    "oracle": "random cases against an independent solution",
}
KINDS = tuple(KIND_WORDS)


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


@dataclass(frozen=True)
class Stage:
    """One thing that must hold.

    title  what is tested, as a statement: "the child differs from its parent in exactly one edge"
    cases  the inputs, or a function that draws them: `cases(rng)`
    judge  `judge(function, *case.arguments)` calls the student's function and returns a Finding, or None if all is well
    """

    kind: Kind
    title: str
    cases: tuple[Case, ...] | Callable[[random.Random], Iterable[Case]]
    judge: Callable[..., Finding | None]

    def in_order(self) -> list[Case]:
        """The cases, small ones first, the same in every run."""
        cases = self.cases(random.Random(self.title)) if callable(self.cases) else self.cases
        return sorted(cases, key=lambda case: case.size)


@dataclass(frozen=True)
class Report:
    """What a check saw: the stages passed with their number of cases, and the finding that ended it, if any."""

    check: Check
    passed: tuple[tuple[Stage, int], ...]
    failed: Stage | None = None
    finding: Finding | None = None
    seconds: float = field(default=0.0, compare=False)

    def answer(self) -> Answer:
        """The report in words."""
        check, finding = self.check, self.finding
        passed = tuple(
            (stage.title, f"{KIND_WORDS[stage.kind]}, {count} case{'s' * (count != 1)}") for stage, count in self.passed
        )
        if finding is None or self.failed is None:
            return Answer(check.task, check.function, "right", passed)
        tested, hint = (self.failed.title, KIND_WORDS[self.failed.kind]), next_hint(check.task)
        if finding.unfinished:
            return Answer(check.task, check.function, "not written yet", passed, cause=finding.cause, next_hint=hint)
        fields = (("you called", finding.input), ("got", finding.got), ("expected", finding.expected))
        return Answer(check.task, check.function, "not yet right", passed, tested, fields, finding.cause, hint)


@dataclass(frozen=True)
class Check:
    """All that is asked of one function. Calling it with the student's function shows the answer.

    `explain` may turn an exception from the student's code into a likely cause; it returns None where it has no idea.
    Raises ValueError unless there are stages of all four kinds, in order, and at least two hints.
    """

    task: str
    function: str
    stages: tuple[Stage, ...]
    hints: tuple[str, ...]
    explain: Callable[[Exception], str | None] = lambda error: None
    seconds: float = 10.0

    def __post_init__(self) -> None:
        kinds = [stage.kind for stage in self.stages]
        if sorted(set(kinds), key=KINDS.index) != list(KINDS) or kinds != sorted(kinds, key=KINDS.index):
            raise ValueError(f"check {self.task}: the stages must be of the kinds {KINDS}, in this order; got {kinds}")
        if len(self.hints) < 2:
            raise ValueError(f"check {self.task}: at least two hints of rising strength, got {len(self.hints)}")
        register_hints(self.task, self.hints)

    def __call__(self, function: Callable[..., Any]) -> None:
        report = self.examine(function)
        answer = report.answer()
        show(answer)
        if report.finding is not None:
            raise CheckError(answer.text(), answer.headline)

    def examine(self, function: Callable[..., Any]) -> Report:
        """Try `function` stage by stage until one finds something."""
        started = time.perf_counter()
        passed: list[tuple[Stage, int]] = []
        for stage in self.stages:
            cases = stage.in_order()
            for case in cases:
                finding = self._try(stage, case, function, started)
                if finding is not None:
                    return Report(self, tuple(passed), stage, finding, time.perf_counter() - started)
            passed.append((stage, len(cases)))
        return Report(self, tuple(passed), seconds=time.perf_counter() - started)

    def _try(self, stage: Stage, case: Case, function: Callable[..., Any], started: float) -> Finding | None:
        try:
            if not callable(function):
                raise TypeError(f"{self.function} should be a function, but it is {function!r}")
            with time_limit(max(0.1, started + self.seconds - time.perf_counter())):
                finding = stage.judge(function, *case.arguments)
        except NotImplementedError:
            cause = f"`{self.function}` still raises NotImplementedError: replace that line by your code"
            finding = Finding("NotImplementedError", "your code", cause, unfinished=True)
        except TimeLimitError as error:
            cause = "A loop never ends, or a generator never yields. Which condition should end it?"
            finding = Finding(str(error), "an answer at once", cause)
        except Exception as error:
            finding = self._raised(error, function)
        if finding is not None and not finding.input:
            finding = replace(finding, input=case.text)
        return finding

    def _raised(self, error: Exception, function: Callable[..., Any]) -> Finding:
        file = getattr(getattr(function, "__code__", None), "co_filename", None)
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        got, cause = f"{type(error).__name__}: {error}", self.explain(error)
        if own:
            got += f"\nin line {own[-1].lineno} of the cell: {own[-1].line}"
            cause = cause or "Your code raised this error; the line is the place to look at first."
        return Finding(got, "no error", cause or "What your code returned could not be used: is it of the right kind?")
