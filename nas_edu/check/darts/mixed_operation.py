"""Task 08.1: `mixed_operation(outputs, alpha, slopes)`: what a mixed edge delivers, and its gradient."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import TOLERANCE, Numbers, close, dot, rounded, softmax

Signals = Sequence[Numbers]
MixedOperation = Callable[[list[list[float]], list[float], list[float]], Any]


def by_differences(outputs: Signals, alpha: Numbers, slopes: Numbers) -> tuple[list[float], list[float]]:
    """The oracle: the mixture, and central differences of the loss, one alpha after the other."""

    def loss(place: int, change: float) -> float:
        mixture = _mixture(outputs, softmax([a + change * (o == place) for o, a in enumerate(alpha)]))
        return sum(value * slope for value, slope in zip(mixture, slopes, strict=True))

    step = 1e-5
    gradient = [(loss(o, step) - loss(o, -step)) / (2 * step) for o in range(len(alpha))]
    return _mixture(outputs, softmax(alpha)), gradient


def _case(outputs: Signals, alpha: Numbers, slopes: Numbers) -> Case:
    text = f"mixed_operation({[list(signal) for signal in outputs]}, {list(alpha)}, {list(slopes)})"
    arguments = (tuple(map(tuple, outputs)), tuple(alpha), tuple(slopes))
    return Case(text, arguments, size=len(alpha) * len(slopes))


def _call(function: MixedOperation, outputs: Signals, alpha: Numbers, slopes: Numbers) -> Any:
    return function([list(signal) for signal in outputs], list(alpha), list(slopes))


def _returns_two_lists(function: MixedOperation, outputs: Signals, alpha: Numbers, slopes: Numbers) -> Finding | None:
    got = _call(function, outputs, alpha, slopes)
    expected = f"(mixture, gradient): a list of {len(slopes)} numbers and one of {len(alpha)}"
    if got is None:
        return Finding("None", expected, "`mixed_operation` returns nothing: `return mixture, gradient`.")
    if not isinstance(got, tuple) or len(got) != 2:
        return Finding(described(got), expected, "Two things are asked for: the mixture, and the gradient in alpha.")
    for part, length, what in ((got[0], len(slopes), "position"), (got[1], len(alpha), "operation")):
        if not (isinstance(part, list) and len(part) == length and all(isinstance(x, (int, float)) for x in part)):
            cause = f"There is one number for each {what} in that list: {length} of them."
            return Finding(described(part), expected, cause)
    return None


def _agrees(function: MixedOperation, outputs: Signals, alpha: Numbers, slopes: Numbers) -> Finding | None:
    mixture, gradient = _call(function, outputs, alpha, slopes)
    right_mixture, right_gradient = by_differences(outputs, alpha, slopes)
    if not close(mixture, right_mixture):
        cause = _cause_of_mixture(mixture, outputs, alpha)
        return Finding(f"mixture = {rounded(mixture)}", f"mixture = {rounded(right_mixture)}", cause)
    if not close(gradient, right_gradient):
        cause = _cause_of_gradient(gradient, right_gradient, outputs, alpha, slopes)
        return Finding(f"gradient = {rounded(gradient)}", f"gradient = {rounded(right_gradient)}", cause)
    return None


def _cause_of_mixture(got: Numbers, outputs: Signals, alpha: Numbers) -> str:
    powers = [math.exp(a) for a in alpha]
    if close(got, _mixture(outputs, alpha)):
        return "The outputs are weighted by alpha itself. The weights are softmax(alpha): positive, with sum 1."
    if close(got, _mixture(outputs, powers)):
        return "The weights exp(alpha) are not divided by their sum, so the mixture is too loud."
    if close(got, _mixture(outputs, [1 / len(alpha)] * len(alpha))):
        return "All operations count the same: alpha is not used."
    if close(got, list(outputs[list(alpha).index(max(alpha))])):
        return "That is the output of the strongest operation alone. During the search all of them are mixed."
    return "The mixture is, at each position, the sum of p_o times output_o, with p = softmax(alpha)."


def _cause_of_gradient(got: Numbers, expected: Numbers, outputs: Signals, alpha: Numbers, slopes: Numbers) -> str:
    p = softmax(alpha)
    mixture = _mixture(outputs, p)
    by_p = [dot(signal, slopes) for signal in outputs]
    differences = [dot([v - m for v, m in zip(signal, mixture, strict=True)], slopes) for signal in outputs]
    if close(got, by_p):
        return "That is the derivative in the *weight* p_o. The softmax lies between p and alpha."
    if close(got, [a * b for a, b in zip(p, by_p, strict=True)]):
        return "p_o times the derivative in p_o is half of it: raising one alpha lowers all other weights."
    if close(got, differences):
        return "The factor p_o is missing: an operation with hardly any weight has hardly any gradient."
    if close(got, [-x for x in expected]):
        return "The sign is wrong: this is the gradient, not the step downhill."
    return "gradient_o = p_o times the sum over positions of slope * (output_o - mixture)."


def _gradient_sums_to_zero(
    function: MixedOperation, outputs: Signals, alpha: Numbers, slopes: Numbers
) -> Finding | None:
    _, gradient = _call(function, outputs, alpha, slopes)
    if abs(sum(gradient)) < TOLERANCE * max(1.0, *map(abs, gradient)):
        return None
    cause = (
        "The same added to every alpha changes no weight, so the gradient sums to 0. Each output counts "
        "by how much it differs from the *mixture*: slope * (output_o - mixture)."
    )
    return Finding(f"{rounded(gradient)}, with sum {sum(gradient):.4f}", "a gradient with sum 0", cause)


def _mixture(outputs: Signals, weights: Numbers) -> list[float]:
    return [dot(weights, values) for values in zip(*outputs, strict=True)]


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        operations, positions = rng.randint(2, 5), rng.randint(1, 4)
        outputs = [[round(rng.uniform(-2, 2), 1) for _ in range(positions)] for _ in range(operations)]
        alpha = [round(rng.gauss(0, 1), 1) for _ in range(operations)]
        cases.append(_case(outputs, alpha, [round(rng.uniform(-1, 1), 1) for _ in range(positions)]))
    return cases


check_mixed_operation = Check(
    task="08.1",
    function="mixed_operation",
    stages=(
        Stage(
            "shape",
            "a signal, and one number for each operation",
            (_case(((0.0, 0.0), (1.0, 2.0), (3.0, 1.0)), (0.0, 1.0, -1.0), (1.0, 0.5)),),
            _returns_two_lists,
        ),
        Stage(
            "by hand",
            "weights 1/4, 3/4: the mixture of 1 and 5 is 4",
            (_case(((1.0,), (5.0,)), (0.0, math.log(3)), (1.0,)),),
            _agrees,
        ),
        Stage("property", "the gradient sums to zero", _random_cases, _gradient_sums_to_zero),
        Stage("oracle", "the same as by small differences of alpha", _random_cases, _agrees),
    ),
    hints=(
        "First p = softmax(alpha), then the mixture, position by position. The gradient needs both of them.",
        "`for values in zip(*outputs)` gives the outputs of all operations at one position.",
        "gradient_o = p_o times the sum over positions t of slopes[t] * (outputs[o][t] - mixture[t]).",
    ),
)
