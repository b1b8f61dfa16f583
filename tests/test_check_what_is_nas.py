"""The checks of exercise set 01: right answers pass, and each typical wrong one gets the message meant for it."""

import math
from itertools import accumulate

import pytest
from wrong_answers.best_after import BEST_AFTER
from wrong_answers.within_budget import WITHIN_BUDGET

from nas_edu.check import CheckError
from nas_edu.check.what_is_nas import check_best_after, check_within_budget, make_curve, make_trial
from nas_edu.check.what_is_nas.best_after import best_by_sorting
from nas_edu.check.what_is_nas.within_budget import incumbents_by_prefixes


def best_after_in_a_dictionary(curves, t):
    losses = {}
    for name, curve in curves.items():
        points = [point for point in curve if point.epoch <= t]
        if points and not math.isnan(points[-1].validation_loss):
            losses[name] = points[-1].validation_loss
    return min(losses, key=losses.get, default=None)


def best_after_in_a_loop(curves, t):
    best, lowest = None, math.inf
    for name, curve in curves.items():
        loss = math.nan
        for point in curve:
            if point.epoch <= t:
                loss = point.validation_loss
        if loss < lowest:
            best, lowest = name, loss
    return best


def incumbents_in_a_loop(trials, budget):
    spent, best, result = 0.0, math.inf, []
    for trial in trials:
        if not trial.failed:
            spent += trial.evaluation.cost
            if spent > budget:
                return result
            best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


def incumbents_by_accumulate(trials, budget):
    costs = [0.0 if trial.failed else trial.evaluation.cost for trial in trials]
    losses = [math.inf if trial.failed else trial.evaluation.validation_loss for trial in trials]
    affordable = [loss for loss, total in zip(losses, accumulate(costs), strict=True) if total <= budget]
    return list(accumulate(affordable, min))


@pytest.mark.parametrize(
    ("check", "function"),
    [
        (check_best_after, best_after_in_a_dictionary),
        (check_best_after, best_after_in_a_loop),
        (check_within_budget, incumbents_in_a_loop),
        (check_within_budget, incumbents_by_accumulate),
    ],
)
def test_right_answers_pass_however_they_are_written(check, function, capsys):
    assert check(function) is None
    output = capsys.readouterr()
    assert "is right" in output.out
    assert output.err == ""  # nbgrader gives no points to a check that writes to stderr


WRONG = [
    *((check_best_after, answer) for answer in BEST_AFTER),
    *((check_within_budget, answer) for answer in WITHIN_BUDGET),
]


@pytest.mark.parametrize(("check", "answer"), WRONG, ids=lambda value: getattr(value, "task", str(value)))
def test_each_wrong_answer_gets_its_message(check, answer, capsys):
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


@pytest.mark.parametrize("check", [check_best_after, check_within_budget])
def test_each_task_has_at_least_three_wrong_answers(check):
    assert len({answer.message for c, answer in WRONG if c is check}) >= 3


@pytest.mark.parametrize("check", [check_best_after, check_within_budget])
def test_untouched_is_not_written_yet(check):
    def untouched(*arguments):
        raise NotImplementedError()

    with pytest.raises(CheckError, match="not written yet"):
        check(untouched)


def test_the_oracles_by_hand():
    losses = {"A": [0.5, 0.4], "B": [0.9, 0.3], "C": [None, 0.1]}
    assert [best_by_sorting(losses, t) for t in (0.5, 1, 1.9, 2, 9)] == [None, "A", "A", "C", "C"]
    made = [(0.5, 2), (None, 9), (0.7, 3), (0.2, 1)]
    assert incumbents_by_prefixes(made, 5) == [0.5, 0.5, 0.5]
    assert incumbents_by_prefixes(made, 6) == [0.5, 0.5, 0.5, 0.2]
    assert incumbents_by_prefixes(made[1:], 1) == [math.inf]


def test_what_exercises_are_made_of():
    curve = make_curve(0.9, None, epochs=(0.5, 1))
    assert [point.epoch for point in curve] == [0.5, 1]
    assert curve[0].validation_loss == 0.9
    assert math.isnan(curve[1].validation_loss)
    good, failed = make_trial(0.3, cost=2), make_trial(None)
    assert (good.evaluation.validation_loss, good.evaluation.cost) == (0.3, 2)
    assert failed.failed
    assert failed.evaluation is None
