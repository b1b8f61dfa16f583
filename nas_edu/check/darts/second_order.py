"""Task 08.2: `second_order(train, validation, alpha, w, xi)`: the architecture gradient of DARTS, one step ahead."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import Numbers, close, dot, rounded

Gradients = Callable[[list[float], list[float]], tuple[list[float], list[float]]]
SecondOrder = Callable[[Gradients, Gradients, list[float], list[float], float], Any]


class Problem(NamedTuple):
    """Two losses of numbers alpha and w, with one row of `pull` and of `push` for each w:

    L_train = sum over i of w_i^2 / 2 - w_i sin(pull_i . alpha)
    L_val   = sum over i of (w_i - goal_i)^2 / 2 + w_i (push_i . alpha)
    """

    pull: tuple[tuple[float, ...], ...]
    push: tuple[tuple[float, ...], ...]
    goal: tuple[float, ...]

    def train(self, alpha: Numbers, w: Numbers) -> tuple[list[float], list[float]]:
        """The gradients of L_train: in alpha, and in w."""
        angles = [dot(row, alpha) for row in self.pull]
        by_alpha = [
            -sum(w[i] * math.cos(angles[i]) * row[k] for i, row in enumerate(self.pull)) for k in range(len(alpha))
        ]
        return by_alpha, [w[i] - math.sin(angles[i]) for i in range(len(w))]

    def validation(self, alpha: Numbers, w: Numbers) -> tuple[list[float], list[float]]:
        """The gradients of L_val: in alpha, and in w."""
        by_alpha = [sum(w[i] * row[k] for i, row in enumerate(self.push)) for k in range(len(alpha))]
        return by_alpha, [w[i] - self.goal[i] + dot(row, alpha) for i, row in enumerate(self.push)]

    def validation_loss(self, alpha: Numbers, w: Numbers) -> float:
        return sum((w[i] - self.goal[i]) ** 2 / 2 + w[i] * dot(row, alpha) for i, row in enumerate(self.push))


def by_differences(problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> list[float]:
    """The oracle: central differences of L_val(w - xi grad_w L_train(alpha, w)), one alpha after the other."""

    def loss(place: int, change: float) -> float:
        moved = [a + change * (k == place) for k, a in enumerate(alpha)]
        return problem.validation_loss(moved, _step(w, problem.train(moved, w)[1], -xi))

    step = 1e-5
    return [(loss(k, step) - loss(k, -step)) / (2 * step) for k in range(len(alpha))]


def _case(problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> Case:
    return Case(_typed(problem, alpha, w, xi), (problem, tuple(alpha), tuple(w), xi), size=len(alpha) * len(w))


def _typed(problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> str:
    """As one would type it, after `from nas_edu.check.darts import Problem`."""
    return f"p = {problem}\nsecond_order(p.train, p.validation, {list(alpha)}, {list(w)}, {xi})"


def _call(function: SecondOrder, problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> Any:
    return function(problem.train, problem.validation, list(alpha), list(w), xi)


def _returns_a_gradient(
    function: SecondOrder, problem: Problem, alpha: Numbers, w: Numbers, xi: float
) -> Finding | None:
    got = _call(function, problem, alpha, w, xi)
    expected = f"a list of {len(alpha)} numbers"
    if got is None:
        return Finding("None", expected, "`second_order` returns nothing: `return` the gradient in alpha.")
    if isinstance(got, list) and len(got) == len(alpha) and all(isinstance(x, (int, float)) for x in got):
        return None
    return Finding(described(got), expected, "The gradient in alpha has one number for each alpha.")


def _agrees(function: SecondOrder, problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> Finding | None:
    got, expected = _call(function, problem, alpha, w, xi), by_differences(problem, alpha, w, xi)
    if close(got, expected):
        return None
    return Finding(rounded(got), rounded(expected), _cause(got, expected, problem, alpha, w, xi))


def _cause(got: Numbers, expected: Numbers, problem: Problem, alpha: Numbers, w: Numbers, xi: float) -> str:
    unrolled = _step(w, problem.train(alpha, w)[1], -xi)
    first, v = problem.validation(alpha, unrolled)

    def with_product(v: Numbers, factor: float) -> list[float]:
        return _step(first, _product(problem, alpha, w, v), -factor)

    if close(got, problem.validation(alpha, w)[0]):
        return "That is first order: w is not moved, and the second term is missing."
    if close(got, first):
        return "The second term is missing: - xi times the product of the matrix with v."
    if close(got, with_product(problem.validation(alpha, w)[1], xi)):
        return "v is the validation gradient at w. It is taken one step further, at w'."
    if close(got, with_product(problem.train(alpha, w)[1], xi)):
        return "v is the gradient of the *validation* loss in w', not of the training loss."
    if close(got, with_product(v, -xi)):
        return "The second term has the wrong sign: w' contains - xi grad_w L_train, so it is subtracted."
    if close(got, with_product(v, 1.0)):
        return "The factor xi of the second term is missing."
    if close(got, with_product(v, 2 * xi)):
        return "The two points are 2 eps apart, so the difference is divided by 2 eps, not by eps."
    if close(got, _step(expected, _step(problem.validation(alpha, w)[0], first, -1.0), 1.0)):
        return "The first term is taken at w. All validation gradients are taken at w' = w - xi grad_w L_train."
    return (
        "Three steps: w' = w - xi grad_w L_train; both validation gradients at w'; then (gradient of L_train in alpha "
        "at w + eps v, less that at w - eps v) / (2 eps), times xi, subtracted."
    )


def _product(problem: Problem, alpha: Numbers, w: Numbers, v: Numbers) -> list[float]:
    """The matrix of second derivatives (alpha, w) of L_train times v: exact, since its gradient is linear in w."""
    plus, minus = (problem.train(alpha, _step(w, v, sign))[0] for sign in (1.0, -1.0))
    return [(a - b) / 2 for a, b in zip(plus, minus, strict=True)]


def _first_order_at_zero(
    function: SecondOrder, problem: Problem, alpha: Numbers, w: Numbers, xi: float
) -> Finding | None:
    """With xi = 0 it is first order; and the caller's lists stay what they were."""
    given_alpha, given_w = list(alpha), list(w)
    got = function(problem.train, problem.validation, given_alpha, given_w, 0.0)
    if given_alpha != list(alpha) or given_w != list(w):
        cause = "The caller's lists have been changed, and the search goes on with them: make new lists."
        return Finding(f"afterwards w = {rounded(given_w)}", f"w = {list(w)}", cause)
    expected = problem.validation(alpha, w)[0]
    if close(got, expected):
        return None
    cause = "With xi = 0 the weights stay where they are and the second term is 0: what is left is first order."
    return Finding(rounded(got), rounded(expected), cause, _typed(problem, alpha, w, 0.0))


def _explain(error: Exception) -> str | None:
    if isinstance(error, ZeroDivisionError):
        return (
            "The validation gradient in w' is 0 there, so eps = 0.01 / |v| has no value. Then the second term is 0, "
            "too: return the first one."
        )
    return None


def _step(start: Numbers, direction: Numbers, size: float) -> list[float]:
    return [a + size * d for a, d in zip(start, direction, strict=True)]


def _random_cases(rng: random.Random) -> list[Case]:
    def numbers(count: int) -> tuple[float, ...]:
        return tuple(round(rng.uniform(-1.5, 1.5), 1) for _ in range(count))

    cases = []
    for _ in range(30):
        alphas, weights = rng.randint(1, 3), rng.randint(1, 4)
        pull, push = (tuple(numbers(alphas) for _ in range(weights)) for _ in range(2))
        problem = Problem(pull, push, numbers(weights))
        cases.append(_case(problem, numbers(alphas), numbers(weights), rng.choice((0.1, 0.3, 0.7))))
    return cases


_ONE = Problem(((1.0,),), ((0.5,),), (2.0,))
_AT_ITS_GOAL = Problem(((1.0,),), ((0.0,),), (1.2,))  # w = 2, xi = 0.4: w' = 1.2, where the validation loss is lowest

check_second_order = Check(
    task="08.2",
    function="second_order",
    stages=(
        Stage("shape", "one number for each alpha", (_case(_ONE, (0.0,), (1.0,), 0.4),), _returns_a_gradient),
        Stage(
            "by hand",
            "one alpha, one w: w' = 0.6, and the product is 1.4",
            (_case(_ONE, (0.0,), (1.0,), 0.4), _case(_AT_ITS_GOAL, (0.0,), (2.0,), 0.4)),
            _agrees,
        ),
        Stage("property", "with xi = 0 it is first order", _random_cases, _first_order_at_zero),
        Stage("oracle", "the same as by small differences of alpha, one step ahead", _random_cases, _agrees),
    ),
    hints=(
        "Begin with w' = w - xi times the training gradient in w. Both validation gradients are taken there.",
        "v is the validation gradient in w'. With eps = 0.01 / |v|, ask `train` for its gradient in alpha at w + eps v "
        "and at w - eps v. Where |v| is 0, the second term is 0.",
        "`product = [(p - m) / (2 * eps) for p, m in zip(plus, minus)]`, and the result is first - xi * product.",
    ),
    explain=_explain,
)
