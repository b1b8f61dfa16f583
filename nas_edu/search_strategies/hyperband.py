"""Hyperband: nobody knows how early a rank can be trusted, so try several ways to halve, from hasty to patient.

    s_max = floor(log_eta(R / r_min)),    B = (s_max + 1) R
    for s = s_max, ..., 0:    n = ceil(B / R * eta^s / (s + 1)),    r = R eta^-s,    halve n, beginning with r epochs

Bracket s_max looks at many architectures after the shortest training; bracket 0 is random search with full training.
Each bracket may use about the same number of epochs, B; so Hyperband is at worst s_max + 1 times slower than the best
bracket would be alone, whichever that is.

Source: Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter
Optimization", JMLR 18 (2018), Algorithm 1. The paper contradicts itself: for R = 81 and eta = 3 Algorithm 1, which is
followed here, begins the brackets with 81, 34, 15, 8 and 5 architectures, table 1 with 81, 27, 9, 6 and 5.

The details that matter: the paper's unit of resource is r_min = 1; here it is `min_epochs`. When the last bracket is
done, it begins anew. As in successive halving, survivors are resumed, which the paper's count of epochs leaves out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from concurrent.futures import Executor

from nas_edu.core import Evaluate, Trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.successive_halving import Rung, bracket, rungs


def brackets(min_epochs: float, max_epochs: float, eta: float) -> list[list[Rung]]:
    """The rungs of each bracket, the hasty one first. Raises as `rungs` does."""
    s_max = len(rungs(10**9, min_epochs, max_epochs, eta)) - 1
    counts = [math.ceil((s_max + 1) / (s + 1) * eta**s - 1e-9) for s in range(s_max, -1, -1)]
    return [
        rungs(count, max_epochs * eta**-s, max_epochs, eta)
        for s, count in zip(range(s_max, -1, -1), counts, strict=True)
    ]


def hyperband(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    min_epochs: float = 10 / 9,
    max_epochs: float = 10,
    eta: float = 3,
    executor: Executor | None = None,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the trials of all brackets, again and again."""
    ladders = brackets(min_epochs, max_epochs, eta)
    while True:
        for ladder in ladders:
            yield from bracket([space.sample(rng) for _ in range(ladder[0][0])], evaluate, ladder, executor=executor)
