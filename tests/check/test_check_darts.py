"""The checks of exercise set 08: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import pytest
import torch
from check_contract import CheckContract
from wrong_answers import mixed_operation, second_order

from nas_edu.check.darts import Problem, check_mixed_operation, check_second_order
from nas_edu.check.darts import mixed_operation as mixture_task
from nas_edu.check.darts import second_order as second_order_task


def mixed_by_autograd(outputs, alpha, slopes):
    at = torch.tensor(alpha, dtype=torch.float64, requires_grad=True)
    mixture = at.softmax(0) @ torch.tensor(outputs, dtype=torch.float64)
    (mixture @ torch.tensor(slopes, dtype=torch.float64)).backward()
    return mixture.tolist(), at.grad.tolist()


def second_order_with_a_large_radius(train, validation, alpha, w, xi):
    first, v = validation(alpha, [a - xi * b for a, b in zip(w, train(alpha, w)[1], strict=True)])
    plus, minus = (train(alpha, [a + s * b for a, b in zip(w, v, strict=True)])[0] for s in (1, -1))
    return [f - xi * (p - m) / 2 for f, p, m in zip(first, plus, minus, strict=True)]


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_mixed_operation, mixed_operation.right),
        (check_mixed_operation, mixed_by_autograd),
        (check_second_order, second_order.right),
        (check_second_order, second_order_with_a_large_radius),
    ]
    wrong: ClassVar = [
        (check_mixed_operation, mixed_operation.MIXED_OPERATION),
        (check_second_order, second_order.SECOND_ORDER),
    ]


def test_the_oracle_of_the_mixture_agrees_with_autograd():
    arguments = [[0.5, -1.0], [2.0, 0.3], [0.0, 0.0]], [0.4, -0.3, 1.1], [0.5, -1.0]
    mixture, gradient = mixed_by_autograd(*arguments)
    found, by_alpha = mixture_task.by_differences(*arguments)
    assert found == pytest.approx(mixture)
    assert by_alpha == pytest.approx(gradient, abs=1e-8)


def test_the_oracle_of_second_order_agrees_with_differentiation_through_the_step():
    problem = Problem(pull=((0.7, -1.0), (0.2, 0.4)), push=((0.5, 0.1), (-0.3, 0.8)), goal=(1.0, -0.5))
    pull, push, goal = (torch.tensor(part, dtype=torch.float64) for part in problem)
    alpha = torch.tensor([0.3, -0.6], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([0.9, -1.2], dtype=torch.float64, requires_grad=True)
    train = (w**2 / 2 - w * torch.sin(pull @ alpha)).sum()
    by_alpha, by_w = torch.autograd.grad(train, [alpha, w], create_graph=True)
    assert problem.train([0.3, -0.6], [0.9, -1.2]) == (
        pytest.approx(by_alpha.tolist()),
        pytest.approx(by_w.tolist()),
    )
    unrolled = w - 0.4 * by_w
    validation = ((unrolled - goal) ** 2 / 2 + unrolled * (push @ alpha)).sum()
    expected = torch.autograd.grad(validation, alpha)[0].tolist()
    assert second_order_task.by_differences(problem, (0.3, -0.6), (0.9, -1.2), 0.4) == pytest.approx(expected, abs=1e-8)
