"""Bayesian optimization: learn from all trials what to expect of those not made yet, and train what promises most.

    a_t = argmax over a of phi(a),      phi(a) from the surrogate's belief N(m(a), s(a)^2), fitted to all trials so far

Three parts can be exchanged: the surrogate (what do we believe?), the acquisition function phi (what is that worth?)
and its maximizer (where do we look for the argmax?).

Source: White et al., "Neural Architecture Search: Insights from 1000 Papers", 2023, Algorithm 3.

The details that matter: nothing is evaluated twice. A failed trial teaches the surrogate nothing, but counts as tried.
Where a maximizer finds only what was tried, a random architecture has to do; when nothing is left, the search ends.
phi remembers its values until the next fit: so a Thompson sample is one function, which can be climbed.
"""

# A lecture shows the loop below, so its empty lists come without hints.
# mypy: disable-error-code="var-annotated"

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.acquisition import Acquisition, Maximizer, Phi, climb, expected_improvement
from nas_edu.search_strategies.surrogates import GaussianProcess, Surrogate

TRIES = 200  # draws in search of an architecture that was not tried


def bayesian_optimization(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    surrogate: Callable[[Any], Surrogate] = GaussianProcess,
    acquisition: Acquisition = expected_improvement,
    maximizer: Maximizer = climb,
    initial: int = 10,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield `initial` random trials, then one after another where the acquisition function is highest.

    `surrogate(space)` makes the model. Raises ValueError where `initial` is less than 2.
    """
    if initial < 2:
        raise ValueError(f"a surrogate needs initial = 2 trials or more, got {initial}")
    model, trials, tried = surrogate(space), [], set()
    while True:
        known = [trial for trial in trials if not trial.failed]
        architecture = None
        if len(trials) >= initial and len(known) >= 2:
            scores = np.array([trial.score for trial in known])
            model.fit([trial.architecture for trial in known], scores, rng)
            phi = _phi(model, acquisition, scores.max(), rng)
            architecture = maximizer(space, phi, known, tried, rng)
        if architecture is None:
            architecture = untried(space, tried, rng)
        if architecture is None:
            return
        trial = run_trial(evaluate, architecture)
        trials.append(trial)
        tried.add(architecture)
        yield trial


def _phi(model: Surrogate, acquisition: Acquisition, best: float, rng: random.Random) -> Phi:
    """phi(a) from the model's belief, each value computed once."""
    values: dict[Any, float] = {}

    def phi(architectures: Sequence[Any]) -> np.ndarray:
        new = [one for one in dict.fromkeys(architectures) if one not in values]
        if new:
            values.update(zip(new, acquisition(*model.predict(new), best, rng), strict=True))
        return np.array([values[one] for one in architectures])

    return phi


def untried(space: SearchSpace[A], tried: Collection[Any], rng: random.Random) -> Any | None:
    """A random architecture that was not tried; where luck finds none, the first in the order of the space, if any."""
    for _ in range(TRIES):
        if (drawn := space.sample(rng)) not in tried:
            return drawn
    try:
        everything = iter(cast(Iterable[A], space))
    except TypeError:  # a space that cannot be listed
        return None
    return next((one for one in everything if one not in tried), None)
