"""The checks of exercise set 01: right answers pass, and each typical wrong one gets the message meant for it."""

import math
from itertools import accumulate
from typing import ClassVar

from check_contract import CheckContract
from wrong_answers.best_after import BEST_AFTER
from wrong_answers.within_budget import WITHIN_BUDGET

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


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_best_after, best_after_in_a_dictionary),
        (check_best_after, best_after_in_a_loop),
        (check_within_budget, incumbents_in_a_loop),
        (check_within_budget, incumbents_by_accumulate),
    ]
    wrong: ClassVar = [(check_best_after, BEST_AFTER), (check_within_budget, WITHIN_BUDGET)]


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
