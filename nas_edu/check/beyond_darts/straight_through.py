"""Task 09.1: `straight_through(alpha, uniform, tau, slopes)`: a Gumbel-softmax sample, and the gradient through it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import TOLERANCE, Numbers, close, rounded, softmax

StraightThrough = Callable[[list[float], list[float], float, list[float]], Any]


def by_differences(alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers) -> tuple[list[float], list[float]]:
    """The oracle: the sample, and central differences of the soft sample's loss, one alpha after the other."""

    def soft(place: int, change: float) -> list[float]:
        moved = [a + change * (o == place) for o, a in enumerate(alpha)]
        return softmax([(a + _gumbel(u)) / tau for a, u in zip(moved, uniform, strict=True)])

    def loss(place: int, change: float) -> float:
        return sum(p * slope for p, slope in zip(soft(place, change), slopes, strict=True))

    step = 1e-5
    gradient = [(loss(o, step) - loss(o, -step)) / (2 * step) for o in range(len(alpha))]
    return _one_hot(soft(0, 0.0)), gradient


def _case(alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers) -> Case:
    text = f"straight_through({list(alpha)}, {list(uniform)}, {tau}, {list(slopes)})"
    return Case(text, (tuple(alpha), tuple(uniform), tau, tuple(slopes)), size=len(alpha))


def _call(function: StraightThrough, alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers) -> Any:
    return function(list(alpha), list(uniform), tau, list(slopes))


def _returns_two_lists(
    function: StraightThrough, alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers
) -> Finding | None:
    got = _call(function, alpha, uniform, tau, slopes)
    expected = f"(h, gradient), each a list of {len(alpha)} numbers"
    if got is None:
        return Finding("None", expected, "`straight_through` returns nothing: `return h, gradient`.")
    if not isinstance(got, tuple) or len(got) != 2:
        return Finding(described(got), expected, "Two things are asked for: the sample, and the gradient through it.")
    for part in got:
        if not (isinstance(part, list) and len(part) == len(alpha) and all(isinstance(x, (int, float)) for x in part)):
            return Finding(described(part), expected, "Both are lists of numbers, one for each operation.")
    return None


def _agrees(function: StraightThrough, alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers) -> Finding | None:
    h, gradient = _call(function, alpha, uniform, tau, slopes)
    right_h, right_gradient = by_differences(alpha, uniform, tau, slopes)
    if not close(h, right_h):
        return Finding(f"h = {rounded(h)}", f"h = {right_h}", _cause_of_sample(h, alpha, uniform, tau))
    if not close(gradient, right_gradient):
        cause = _cause_of_gradient(gradient, right_gradient, right_h, alpha, tau, slopes)
        return Finding(f"gradient = {rounded(gradient)}", f"gradient = {rounded(right_gradient)}", cause)
    return None


def _cause_of_sample(h: Numbers, alpha: Numbers, uniform: Numbers, tau: float) -> str:
    right = softmax([(a + _gumbel(u)) / tau for a, u in zip(alpha, uniform, strict=True)])
    if close(h, right):
        return "That is the soft sample. In value h is one-hot: 1 for its largest entry, 0 for all others."
    if close(h, _one_hot([a - _gumbel(u) for a, u in zip(alpha, uniform, strict=True)])):
        return "The noise has the wrong sign: g = -log(-log(u)), with both minus signs, is added."
    if close(h, _one_hot(alpha)):
        return "The largest alpha is taken, so nothing is random: add the Gumbel noise before the argmax."
    return "h is 1 where alpha + g is largest, with g = -log(-log(u)), and 0 elsewhere."


def _cause_of_gradient(got: Numbers, expected: Numbers, h: Numbers, alpha: Numbers, tau: float, slopes: Numbers) -> str:
    if not close(expected, [0.0] * len(expected)) and close(got, [tau * x for x in expected]):
        return "The factor 1/tau is missing: the logits are divided by tau, and so is their derivative."
    if close(got, _through(h, slopes, tau)):
        return "The gradient goes through the hard h. Straight-through takes that of the soft sample p~ instead."
    if close(got, _through(softmax(alpha), slopes, tau)) or close(got, _through(softmax(alpha), slopes, 1.0)):
        return "The gradient is taken at softmax(alpha): the noise and tau belong to the soft sample, too."
    return "With p~ = softmax((alpha + g) / tau): gradient_o = p~_o * (slope_o - sum of p~ * slopes) / tau."


def _gradient_sums_to_zero(
    function: StraightThrough, alpha: Numbers, uniform: Numbers, tau: float, slopes: Numbers
) -> Finding | None:
    _, gradient = _call(function, alpha, uniform, tau, slopes)
    if abs(sum(gradient)) < TOLERANCE * max(1.0, *map(abs, gradient)):
        return None
    cause = (
        "The same added to every alpha changes no sample, so the gradient sums to 0. Through a softmax, "
        "each slope counts less the mean slope, sum of p~ * slopes."
    )
    return Finding(f"{rounded(gradient)}, with sum {sum(gradient):.4f}", "a gradient with sum 0", cause)


def _gumbel(u: float) -> float:
    return -math.log(-math.log(u))


def _one_hot(values: Numbers) -> list[float]:
    chosen = list(values).index(max(values))
    return [float(o == chosen) for o in range(len(values))]


def _through(p: Numbers, slopes: Numbers, tau: float) -> list[float]:
    mean = sum(a * b for a, b in zip(p, slopes, strict=True))
    return [a * (b - mean) / tau for a, b in zip(p, slopes, strict=True)]


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        size = rng.randint(2, 6)
        alpha, slopes = ([round(rng.gauss(0, 1), 2) for _ in range(size)] for _ in range(2))
        uniform = [round(rng.uniform(0.01, 0.99), 3) for _ in range(size)]
        cases.append(_case(alpha, uniform, rng.choice((0.5, 2.0, 10.0)), slopes))
    return cases


check_straight_through = Check(
    task="09.1",
    function="straight_through",
    stages=(
        Stage(
            "shape",
            "a sample and a gradient, one number for each operation",
            (_case((1.0, 0.0, -1.0), (0.3, 0.9, 0.5), 2.0, (0.1, 0.4, 0.2)),),
            _returns_two_lists,
        ),
        Stage(
            "by hand",
            "three operations: the noise of 0.9 is 2.25, and turns the order of alpha around",
            (_case((1.0, 0.0, 0.5), (0.3, 0.9, 0.05), 2.0, (1.0, 0.0, 0.0)),),
            _agrees,
        ),
        Stage("property", "the gradient sums to zero", _random_cases, _gradient_sums_to_zero),
        Stage("oracle", "the same as by small differences of alpha", _random_cases, _agrees),
    ),
    hints=(
        "First the noise of each operation, g = -log(-log(u)), then the soft sample p~ = softmax((alpha + g) / tau). "
        "Both results follow from p~.",
        "h is 1 at the largest entry of p~. The gradient is that of a softmax: p~_o times (its slope minus the mean "
        "slope, which is weighted by p~), divided by tau.",
        "`mean = sum(p * s for p, s in zip(soft, slopes))`; `[p * (s - mean) / tau for p, s in zip(soft, slopes)]`.",
    ),
)
