"""Task 10.2: `kendall_tau(proxy, accuracy)`: pairs ordered alike minus pairs ordered unlike, over all pairs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nas_edu.check.base import Case, Check, Finding, Stage, described

Numbers = tuple[float, ...]
Tau = Callable[[list[float], list[float]], Any]
_TOLERANCE = 1e-9


def tau_by_signs(proxy: Numbers, accuracy: Numbers) -> float:
    """The oracle: the mean product of signs over the ordered pairs (i, j), i != j; each pair is there twice."""
    p, a = (np.sign(np.subtract.outer(np.array(one), np.array(one))) for one in (proxy, accuracy))
    count = len(proxy)
    return float((p * a).sum() / (count * (count - 1)))


def _case(proxy: Sequence[float], accuracy: Sequence[float]) -> Case:
    text = f"kendall_tau({list(proxy)}, {list(accuracy)})"
    return Case(text, (tuple(proxy), tuple(accuracy)), size=len(proxy))


def _call(tau: Tau, proxy: Numbers, accuracy: Numbers) -> Any:
    return tau(list(proxy), list(accuracy))


def _is_number(tau: Tau, proxy: Numbers, accuracy: Numbers) -> Finding | None:
    got = _call(tau, proxy, accuracy)
    if isinstance(got, (int, float)) and not isinstance(got, bool):
        return None
    cause = "`kendall_tau` returns nothing: `return` the number." if got is None else "One number is asked for."
    return Finding(described(got), "a number from -1 to 1", cause)


def _agrees(tau: Tau, proxy: Numbers, accuracy: Numbers) -> Finding | None:
    got, expected = _call(tau, proxy, accuracy), tau_by_signs(proxy, accuracy)
    if abs(got - expected) < _TOLERANCE:
        return None
    return Finding(f"{got:.4f}", f"{expected:.4f}", _cause(got, expected, proxy, accuracy))


def _cause(got: float, expected: float, proxy: Numbers, accuracy: Numbers) -> str:
    count = len(proxy)
    pairs = count * (count - 1) / 2
    tied = sum(
        proxy[i] == proxy[j] or accuracy[i] == accuracy[j] for i in range(count) for j in range(i)
    )  # which count 0
    alike = (expected * pairs + pairs - tied) / 2
    candidates = {
        -expected: "The sign: pairs ordered alike count +1, pairs ordered the other way -1.",
        expected * pairs: "The sum is not divided yet: by the number of pairs, N (N - 1) / 2.",
        expected / 2: "Divided by N (N - 1), but each pair was counted once: there are N (N - 1) / 2 pairs.",
        2 * expected: "Each pair was counted twice, (i, j) and (j, i), and divided by N (N - 1) / 2.",
        alike / pairs: "That is the part of pairs that are ordered alike. Take off the part ordered the other way.",
        (alike - (pairs - alike)) / pairs: "A tie is ordered neither way: it counts 0, not -1.",
        expected * (count - 1) / count: "Pairs of an architecture with itself are counted, too: N * N in all.",
    }
    for value, cause in candidates.items():
        if abs(got - value) < _TOLERANCE:
            return cause
    return (
        "For each pair i < j: +1 if proxy and accuracy order the two alike, -1 if unlike, 0 for a tie; then the mean."
    )


def _order_only(tau: Tau, proxy: Numbers, accuracy: Numbers) -> Finding | None:
    got = _call(tau, proxy, accuracy)
    cubed = _call(tau, tuple(x**3 for x in proxy), accuracy)
    if abs(got - cubed) < _TOLERANCE:
        return None
    cause = (
        "The proxy was raised to the third power, which changes no order, so tau must stay. Compare, do not multiply."
    )
    return Finding(f"{got:.4f}, then {cubed:.4f}", "the same number", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    sizes = [rng.randint(2, 7) for _ in range(40)]
    return [_case([rng.randint(1, 9) for _ in range(n)], [rng.randint(1, 9) / 10 for _ in range(n)]) for n in sizes]


check_kendall_tau = Check(
    task="10.2",
    function="kendall_tau",
    stages=(
        Stage("shape", "one number", (_case((1, 2, 3), (0.1, 0.2, 0.3)),), _is_number),
        Stage(
            "by hand",
            "four architectures: first all alike, then two of them swapped",
            (_case((1, 2, 3, 4), (0.2, 0.3, 0.5, 0.7)), _case((1, 3, 2, 4), (0.2, 0.3, 0.5, 0.7))),
            _agrees,
        ),
        Stage("by hand", "a tie", (_case((1, 1, 2), (0.1, 0.2, 0.3)),), _agrees),
        Stage("property", "only the order counts", _random_cases, _order_only),
        Stage("oracle", "the same as from the signs of all differences", _random_cases, _agrees),
    ),
    hints=(
        "Two loops give all pairs i < j. For each, how does the proxy order them, and how accuracy?",
        "(proxy[i] - proxy[j]) * (accuracy[i] - accuracy[j]) is positive if the orders agree, negative if not, 0 for "
        "a tie. Only its sign counts.",
        "`total += (product > 0) - (product < 0)` for each pair; at the end divide by the number of pairs.",
    ),
)
