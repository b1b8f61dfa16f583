"""What every check of an exercise owes a learner. A test file gives its answers, as a class:

class TestChecks(CheckContract):
    right = [(check_mutate, mutate_by_neighbours), ...]
    wrong = [(check_mutate, MUTATE), ...]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from wrong_answers import WrongAnswers

from nas_edu.check import CheckError


class CheckContract:
    """`right`: each check with ways to write the right answer; `wrong`: its typical wrong answers."""

    right: ClassVar[list[tuple[Any, Callable[..., Any]]]]
    wrong: ClassVar[list[tuple[Any, WrongAnswers]]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "function" in metafunc.fixturenames:
            metafunc.parametrize(("check", "function"), self.right)
        elif "answer" in metafunc.fixturenames:
            pairs = [(check, answer) for check, answers in self.wrong for answer in answers]
            metafunc.parametrize(("check", "answer"), pairs, ids=lambda value: getattr(value, "task", str(value)))
        elif "answers" in metafunc.fixturenames:
            metafunc.parametrize(("check", "answers"), self.wrong)
        elif "check" in metafunc.fixturenames:
            metafunc.parametrize("check", [check for check, _ in self.wrong])

    def test_right_answers_pass_however_they_are_written(self, check, function, capsys):
        assert check(function) is None
        output = capsys.readouterr()
        assert "is right" in output.out
        assert output.err == ""  # nbgrader gives no points to a check that writes to stderr

    def test_each_wrong_answer_gets_its_message(self, check, answer, capsys):
        with pytest.raises(CheckError) as caught:
            check(answer.function)
        text = str(caught.value)
        assert answer.message in text
        assert "you called:" in text
        assert "expected:" in text
        assert f'hint("{check.task}")' in text
        output = capsys.readouterr()
        assert text in output.out  # the answer is displayed too
        assert output.err == ""

    def test_each_task_has_at_least_three_wrong_answers(self, check, answers):
        assert len({answer.message for answer in answers}) >= 3

    def test_an_untouched_function_is_not_written_yet(self, check):
        def untouched(*arguments, **named):
            raise NotImplementedError

        with pytest.raises(CheckError, match="not written yet"):
            check(untouched)
