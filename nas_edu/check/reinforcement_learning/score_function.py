"""Task 04.1: `score_function(probabilities, choice)` is the gradient of log softmax(theta)[choice] by theta."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import TOLERANCE, close, rounded, softmax

ScoreFunction = Callable[[list[float], int], Any]


def slope_by_differences(logits: Sequence[float], choice: int, step: float = 1e-5) -> list[float]:
    """The oracle: central differences of log softmax(logits)[choice], one logit after the other."""

    def log_probability(place: int, change: float) -> float:
        moved = [logit + change * (place == at) for at, logit in enumerate(logits)]
        return math.log(softmax(moved)[choice])

    return [(log_probability(c, step) - log_probability(c, -step)) / (2 * step) for c in range(len(logits))]


def _case(probabilities: Sequence[float], choice: int) -> Case:
    text = f"score_function({[round(p, 6) for p in probabilities]}, {choice})"
    return Case(text, (tuple(probabilities), choice), size=len(probabilities))


def _returns_numbers(score_function: ScoreFunction, probabilities: Sequence[float], choice: int) -> Finding | None:
    got = score_function(list(probabilities), choice)
    if isinstance(got, list) and len(got) == len(probabilities) and all(isinstance(x, (int, float)) for x in got):
        return None
    if got is None:
        cause = "`score_function` returns nothing: `return` the list."
    elif isinstance(got, (int, float)):
        cause = "That is one number. The log-probability of one choice depends on all logits: one derivative for each."
    else:
        cause = "A list of numbers is asked for, one for each logit."
    return Finding(described(got), f"a list of {len(probabilities)} numbers", cause)


def _agrees(score_function: ScoreFunction, probabilities: Sequence[float], choice: int) -> Finding | None:
    got = score_function(list(probabilities), choice)
    expected = slope_by_differences([math.log(p) for p in probabilities], choice)
    if close(got, expected):
        return None
    return Finding(rounded(got), rounded(expected), _cause(got, expected, probabilities, choice))


def _cause(got: Sequence[float], expected: Sequence[float], probabilities: Sequence[float], choice: int) -> str:
    indicator = [float(c == choice) for c in range(len(probabilities))]
    if close(got, [-x for x in expected]):
        return "The signs are reversed: the chosen one gets 1 - p, the others -p."
    if close(got, indicator):
        return "The other logits count as well: they are in the denominator of the softmax. Subtract the probabilities."
    if close(got, [probabilities[choice] * x for x in expected]):
        return "That is the gradient of the probability, not of its logarithm: leave the factor p(choice) out."
    if close(got, [i / p for i, p in zip(indicator, probabilities, strict=True)]):
        return "That is the derivative of log p by the probability. It is asked for by the logits."
    return "For each logit c: 1 if c is the choice, else 0; minus the probability of c."


def _sums_to_zero(score_function: ScoreFunction, probabilities: Sequence[float], choice: int) -> Finding | None:
    got = score_function(list(probabilities), choice)
    if abs(sum(got)) < TOLERANCE:
        return None
    cause = "Adding the same to all logits changes no probability, so the derivatives sum to 0."
    return Finding(f"{rounded(got)}, with sum {sum(got):.4f}", "numbers with sum 0", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    sizes = [rng.randint(2, 6) for _ in range(30)]
    return [_case(softmax([rng.gauss(0, 1.5) for _ in range(size)]), rng.randrange(size)) for size in sizes]


check_score_function = Check(
    task="04.1",
    function="score_function",
    stages=(
        Stage("shape", "one derivative for each logit", (_case((0.5, 0.3, 0.2), 1),), _returns_numbers),
        Stage("by hand", "three to one: the slopes by the two logits", (_case((0.75, 0.25), 0),), _agrees),
        Stage("property", "the derivatives sum to zero", _random_cases, _sums_to_zero),
        Stage("oracle", "the same as by small differences of the logits", _random_cases, _agrees),
    ),
    hints=(
        "log softmax(theta)[a] = theta[a] - log(sum of exp(theta[c]) over c). Derive both terms by theta[c].",
        "The first term gives 1 for the choice and 0 for the others; the second gives exp(theta[c]) / sum, and that is "
        "the probability of c.",
        "`return [(c == choice) - p for c, p in enumerate(probabilities)]`.",
    ),
)
