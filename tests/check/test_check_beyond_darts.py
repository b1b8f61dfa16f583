"""The checks of exercise set 09: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import pytest
import torch
from check_contract import CheckContract
from wrong_answers import most_missed, straight_through

from nas_edu.check.beyond_darts import check_most_missed, check_straight_through
from nas_edu.check.beyond_darts.most_missed import accuracy_of, by_sorting
from nas_edu.check.beyond_darts.straight_through import by_differences


def most_missed_in_place(validate, weights, edge):
    row, without = weights[edge], {}
    for o, weight in enumerate(row):
        row[o] = 0.0
        without[o] = validate(weights)
        row[o] = weight
    return min(without, key=without.__getitem__)


def by_autograd(alpha, uniform, tau, slopes):
    at = torch.tensor(alpha, dtype=torch.float64, requires_grad=True)
    gumbel = -torch.log(-torch.log(torch.tensor(uniform, dtype=torch.float64)))
    soft = ((at.log_softmax(0) + gumbel) / tau).softmax(0)
    (soft @ torch.tensor(slopes, dtype=torch.float64)).backward()
    return torch.nn.functional.one_hot(soft.argmax(), len(alpha)).tolist(), at.grad.tolist()


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_straight_through, straight_through.right),
        (check_straight_through, by_autograd),
        (check_most_missed, most_missed.right),
        (check_most_missed, most_missed_in_place),
    ]
    wrong: ClassVar = [
        (check_straight_through, straight_through.STRAIGHT_THROUGH),
        (check_most_missed, most_missed.MOST_MISSED),
    ]


def test_the_oracle_agrees_with_autograd():
    alpha, uniform, tau, slopes = [0.4, -0.3, 1.1], [0.2, 0.7, 0.5], 0.8, [0.5, -1.0, 0.3]
    expected, gradient = by_autograd(alpha, uniform, tau, slopes)
    h, found = by_differences(alpha, uniform, tau, slopes)
    assert h == expected
    assert found == pytest.approx(gradient, abs=1e-8)


def test_the_most_missed_operation_by_hand():
    worth = ((0.3, 0.9, 0.1),)  # weighted: 0.15, 0.27, 0.02
    assert by_sorting(accuracy_of(worth), [[0.5, 0.3, 0.2]], 0) == 1
