"""A portfolio: a few architectures that were chosen on other data sets, to be tried first on a new one, in order.

    utility(S) = mean over data sets d of max over a in S of accuracy(a, d)
    S_0 = {},    S_k = S_(k-1) + argmax over a of utility(S_(k-1) + a)

For each data set at least one member should be good: so the second member is not the second best, but the one that
helps where the first does not. The utility is monotone and submodular (what an architecture adds can only shrink as S
grows), so greedy reaches at least 1 - 1/e = 63 % of the best that any portfolio of this size reaches.

Sources: Zimmer, Lindauer & Hutter, "Auto-PyTorch Tabular", TPAMI 2021, section on portfolios; the bound: Nemhauser,
Wolsey & Fisher, Mathematical Programming 1978.

The details that matter: where no architecture adds anything the one with the highest mean goes next. Accuracies are
compared as they are; give ranks or normalized values where data sets differ in range. `portfolio_search` charges what
the new data set's trainings cost; what the others cost was paid once.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace


def utility(accuracy: np.ndarray, members: Sequence[int]) -> float:
    """Mean over data sets of the best member's accuracy; 0 for nobody. `accuracy` is (data sets, architectures)."""
    return float(accuracy[:, list(members)].max(axis=1).mean()) if len(members) else 0.0


def greedy_portfolio(accuracy: np.ndarray, size: int) -> list[int]:
    """The columns of `accuracy` (data sets, architectures) in the order in which greedy takes them.

    Raises ValueError for numbers that are negative or missing, and for a size beyond the number of architectures.
    """
    accuracy = np.asarray(accuracy, dtype=float)
    if accuracy.ndim != 2 or not (accuracy >= 0).all():
        raise ValueError("accuracies must be a matrix (data sets, architectures) of numbers of 0 or more")
    if not 1 <= size <= accuracy.shape[1]:
        raise ValueError(f"size must lie in 1 to {accuracy.shape[1]}, the number of architectures; got {size}")
    chosen: list[int] = []
    covered, mean = np.zeros(len(accuracy)), accuracy.mean(axis=0)
    for _ in range(size):
        gain = np.maximum(accuracy, covered[:, None]).mean(axis=0) - covered.mean()
        free = [place for place in range(accuracy.shape[1]) if place not in chosen]
        best = max(free, key=lambda place: (round(gain[place], 12), mean[place]))  # rounding: no gain is no gain
        chosen.append(best)
        covered = np.maximum(covered, accuracy[:, best])
    return chosen


def best_portfolio(accuracy: np.ndarray, size: int) -> tuple[int, ...]:
    """The oracle, for tiny matrices: tries all portfolios of this size."""
    return max(itertools.combinations(range(accuracy.shape[1]), size), key=lambda members: utility(accuracy, members))


def portfolio_search(
    space: SearchSpace[A], evaluate: Evaluate, *, portfolio: Sequence[Any], rng: random.Random
) -> Iterator[Trial]:
    """Yield the members in order, then random search: as a start for a new data set."""
    for architecture in portfolio:
        yield run_trial(evaluate, architecture)
    while True:
        yield run_trial(evaluate, space.sample(rng))
