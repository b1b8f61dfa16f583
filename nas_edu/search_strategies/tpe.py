"""TPE: which choices are more frequent among the good trials than among the rest?

    good = the best ceil(gamma n) of n trials,   bad = all others
    l(x) = density of the good ones,             g(x) = density of the bad ones
    next = argmax of l(x) / g(x) over candidates drawn from l

No model of the score is fitted, only two densities; still it is Bayesian optimization, for the ratio orders candidates
as expected improvement does, if scores are split at a quantile (section 4.1 of the paper).

With categorical choices a density is a product, over the hyperparameters, of frequencies that are smoothed by a prior
of one observation, spread evenly over the C choices:

    l(x_i = c) = (count of c among the good ones + 1 / C) / (number of good ones + 1)

The tree: a hyperparameter with a condition is counted among the trials that have it, and drawn where it exists.

Source: Bergstra, Bardenet, Bengio & Kegl, "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011, section 4;
gamma = 0.1 and 25 trials at most, as in Optuna. Simplified: counts are smoothed once (Optuna smooths each trial by
itself, so its densities are flatter, and it mixes products over the hyperparameters, where we multiply frequencies);
all trials have the same weight, however old.

The details that matter: 24 candidates, as in Optuna. What was tried already is no candidate; where all were, a random
architecture has to do. Failed trials are among the bad ones. In a part of a space (`Subspace`), draws that lie outside
are no candidates.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, Config, Hyperparameter, SearchSpace, Value
from nas_edu.search_spaces.subspace import NotAllowedError
from nas_edu.search_strategies.bayesian_optimization import untried

CANDIDATES, GAMMA, GOOD_AT_MOST = 24, 0.1, 25


def tpe(space: SearchSpace[A], evaluate: Evaluate, *, initial: int = 10, rng: random.Random) -> Iterator[Trial]:
    """Yield `initial` random trials, then one after another where l / g is highest.

    `space` has `hyperparameters`, `from_config` and `to_config`. Raises ValueError where `initial` is below 2.
    """
    if initial < 2:
        raise ValueError(f"TPE needs initial = 2 trials or more, got {initial}")
    trials: list[Trial] = []
    tried: set[Any] = set()
    while True:
        architecture = None
        if len(trials) >= initial:
            ranked = [space.to_config(trial.architecture) for trial in sorted(trials, key=score, reverse=True)]
            successes = sum(not trial.failed for trial in trials)
            split = min(math.ceil(GAMMA * len(ranked)), GOOD_AT_MOST, successes)
            good, bad = ranked[:split], ranked[split:]
            ratio = {}
            for _ in range(CANDIDATES):
                x = drawn_from(good, space.hyperparameters, rng)
                of_good, of_bad = (log_density(x, group, space.hyperparameters) for group in (good, bad))
                with suppress(NotAllowedError):
                    ratio[space.from_config(x)] = of_good - of_bad
            new = [one for one in ratio if one not in tried]
            architecture = max(new, key=ratio.__getitem__, default=None)
        if architecture is None:
            architecture = untried(space, tried, rng)
        if architecture is None:
            return
        trials.append(run_trial(evaluate, architecture))
        tried.add(architecture)
        yield trials[-1]


def frequencies(group: Sequence[Config], hyperparameter: Hyperparameter) -> list[float]:
    """The smoothed frequency of each choice among those of the group that have the hyperparameter; they sum to 1."""
    values = [one[hyperparameter.name] for one in group if hyperparameter.name in one]
    prior = 1 / len(hyperparameter.choices)
    return [(values.count(choice) + prior) / (len(values) + 1) for choice in hyperparameter.choices]


def drawn_from(
    group: Sequence[Config], hyperparameters: Sequence[Hyperparameter], rng: random.Random
) -> dict[str, Value]:
    """One draw from the group's density: parents before children, so that conditions can be asked."""
    values: dict[str, Value] = {}
    for h in hyperparameters:
        if h.exists(values):
            values[h.name] = rng.choices(h.choices, weights=frequencies(group, h))[0]
    return values


def log_density(values: Config, group: Sequence[Config], hyperparameters: Sequence[Hyperparameter]) -> float:
    """The logarithm of the product of the frequencies of all values that exist."""
    there = [h for h in hyperparameters if h.name in values]
    return sum(math.log(frequencies(group, h)[h.choices.index(values[h.name])]) for h in there)
