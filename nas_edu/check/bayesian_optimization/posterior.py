"""Task 05.2: `posterior(gram, k, y, noise)`: what a Gaussian process believes about one new architecture."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from nas_edu.check.base import Case, Check, Finding, Stage, described

Posterior = Callable[[np.ndarray, np.ndarray, np.ndarray, float], Any]
TOLERANCE = 1e-6
Pair = tuple[float, float]


def posterior_one_by_one(gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float) -> Pair:
    """The oracle, without any matrix solved: the joint normal is conditioned on one score after the other.

    Each time, of all that is left: covariance -= column * row / variance of what was seen, mean likewise.
    """
    n = len(y)
    covariance = np.block([[gram + noise * np.eye(n), k[:, None]], [k[None], np.ones((1, 1))]])
    mean = np.zeros(n + 1)
    for seen in range(n):
        gain = covariance[:, seen] / covariance[seen, seen]
        mean = mean + gain * (y[seen] - mean[seen])
        covariance = covariance - np.outer(gain, covariance[seen])
    return float(mean[n]), float(covariance[n, n])


def _case(gram: Any, k: Any, y: Any, noise: float) -> Case:
    arrays = tuple(np.array(one, dtype=float) for one in (gram, k, y))
    written = ", ".join(f"np.array({one.round(3).tolist()})" for one in arrays)
    return Case(f"posterior({written}, {noise})", (*arrays, noise), size=len(arrays[2]))


def _call(function: Posterior, gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float) -> Any:
    return function(gram.copy(), k.copy(), y.copy(), noise)


def _returns_a_pair(
    function: Posterior, gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float
) -> Finding | None:
    got = _call(function, gram, k, y, noise)
    if isinstance(got, tuple) and len(got) == 2 and all(np.ndim(one) == 0 for one in got):
        return None
    if got is None:
        cause = "`posterior` returns nothing: `return` mean and variance."
    elif not isinstance(got, tuple) and np.ndim(got) == 0:
        cause = "Two numbers are asked for: `return mean, variance`."
    elif not isinstance(got, tuple) and np.shape(got) == (2,):
        cause = "Return a tuple: `return mean, variance`."
    else:
        cause = "Mean and variance are single numbers: a vector times a matrix times a vector."
    return Finding(described(got), "two numbers, mean and variance", cause)


def _agrees(function: Posterior, gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float) -> Finding | None:
    got, expected = _call(function, gram, k, y, noise), posterior_one_by_one(gram, k, y, noise)
    if _close(got, expected):
        return None
    return Finding(_written(got), _written(expected), _cause(got, expected, gram, k, y, noise))


def _cause(got: Pair, expected: Pair, gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float) -> str:
    if _close(got, posterior_one_by_one(gram, k, y, 0.0)):
        return "The noise is missing: it is added to the diagonal of K."
    if _close((got[0],), (expected[0],)):
        if abs(got[1] - max(0.0, expected[1]) ** 0.5) < TOLERANCE:
            return "That is the standard deviation. The variance is asked for: no square root."
        if abs(got[1] - (1 - expected[1])) < TOLERANCE:
            return "That is by how much the variance shrinks. What is left of it is 1 minus that."
        return "The mean is right. The variance is 1 - k K_y^-1 k: k stands on both sides."
    if _close((got[0],), (float(k @ y),)):
        return "K_y^-1 is missing: trainings that are alike tell the same twice, and must share the weight."
    if _close((got[0],), (float(k @ np.linalg.solve(gram + noise, y)),)):
        return "The noise was added to every entry of K. It belongs on the diagonal: `noise * np.eye(len(y))`."
    return "With K_y = gram + noise * np.eye(n): the mean is k K_y^-1 y, the variance 1 - k K_y^-1 k."


def _does_not_ask_for_scores(
    function: Posterior, gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float
) -> Finding | None:
    before, after = _call(function, gram, k, y, noise), _call(function, gram, k, -3 * y, noise)
    if abs(before[1] - after[1]) < TOLERANCE and abs(after[0] + 3 * before[0]) < TOLERANCE:
        return None
    cause = "The mean is linear in y, and the variance does not contain y: it depends on where one looked only."
    return Finding(
        f"{_written(before)}, and with all scores times -3 {_written(after)}", "mean times -3, same variance", cause
    )


def _close(one: Any, other: Any) -> bool:
    return all(abs(a - b) < TOLERANCE for a, b in zip(one, other, strict=True))


def _written(pair: Any) -> str:
    return f"mean {float(pair[0]):.4f}, variance {float(pair[1]):.4f}"


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(20):
        n = rng.randint(1, 5)
        places = [rng.uniform(0, 3) for _ in range(n + 1)]
        kernel = np.exp(-(np.subtract.outer(places, places) ** 2))
        y = [round(rng.gauss(0, 1), 2) for _ in range(n)]
        cases.append(_case(kernel[:n, :n], kernel[n, :n], y, rng.choice((0.05, 0.1, 0.5))))
    return cases


check_posterior = Check(
    task="05.2",
    function="posterior",
    stages=(
        Stage("shape", "two numbers", (_case([[1, 0.5], [0.5, 1]], [0.8, 0.4], [1.0, -1.0], 0.1),), _returns_a_pair),
        Stage(
            "by hand",
            "one training: mean 0.8 / 1.25 * 2 = 1.28, variance 1 - 0.8^2 / 1.25 = 0.488",
            (_case([[1.0]], [0.8], [2.0], 0.25),),
            _agrees,
        ),
        Stage("property", "scores move the mean and not the variance", _random_cases, _does_not_ask_for_scores),
        Stage("oracle", "the same as learning from one score after the other", _random_cases, _agrees),
    ),
    hints=(
        "First K_y: the noise belongs to each training for itself, so it is added to the diagonal only.",
        "`np.linalg.solve(K_y, y)` is K_y^-1 y. You need it once with y and once with k; `@` multiplies.",
        "`mean = k @ np.linalg.solve(K_y, y)` and `variance = 1 - k @ np.linalg.solve(K_y, k)`.",
    ),
)
