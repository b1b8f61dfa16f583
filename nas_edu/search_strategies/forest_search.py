"""A random forest predicts accuracy, from the architecture and from its proxies; what it finds best is trained next.

    x(a) = (encoding of a, proxy_1(a), ..., proxy_P(a))
    f    = random forest, fitted to (x(a), accuracy of a) for all a trained so far
    a_t  = argmax of f(x(a)) over candidates: random ones, and mutations of the best so far

Without proxies the forest knows only the encoding: the comparison shows what proxies add as information. Unlike a
filter, the forest learns how much a proxy is worth on this task, and in which direction.

Source: White, Zela, Ru, Liu & Hutter, "How Powerful are Performance Predictors in Neural Architecture Search?", NeurIPS
2021, section 4 (OMNI). Simplified: a forest in place of NGBoost, no learning curves among the features, and the best
prediction is taken, without any bonus for uncertainty (Bayesian optimization has one).

The details that matter: the forest is fitted anew after every `refit` trainings, the candidates are ranked then; none
is trained twice. Where luck finds only what was trained, a random architecture has to do; when nothing is left, the
search ends. A proxy without a value is a missing feature. Proxies are charged to the next training.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.bayesian_optimization import untried
from nas_edu.search_strategies.proxy_ranking import WithProxyCost
from nas_edu.search_strategies.surrogates.random_forest import grown_forest

PARENTS = 5  # mutations come from the best five


def forest_search(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    proxies: Sequence[Evaluate] = (),
    initial: int = 20,
    candidates: int = 100,
    refit: int = 5,
    encoding: str = "one_hot",
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield `initial` random trials, then the candidates with the highest predictions.

    Raises ValueError where `initial` is less than 2, or `candidates` less than `refit`.
    """
    if initial < 2:
        raise ValueError(f"a forest needs initial = 2 trials or more, got {initial}")
    if not 1 <= refit <= candidates:
        raise ValueError(f"refit must lie in 1 to candidates = {candidates}, got {refit}")
    charged = WithProxyCost(evaluate)
    features: dict[Any, np.ndarray] = {}

    def x(architecture: Any) -> np.ndarray:
        if architecture not in features:
            asked = charged.ask(proxies, architecture)
            asked[~np.isfinite(asked)] = np.nan
            features[architecture] = np.concatenate([space.encode(architecture, encoding), asked])
        return features[architecture]

    trials: list[Trial] = []
    while True:
        known = [trial for trial in trials if not trial.failed]
        tried = {trial.architecture for trial in trials}
        new: list[Any] = []
        if len(trials) >= initial and len(known) >= 2:
            forest = grown_forest(
                np.stack([x(trial.architecture) for trial in known]), [trial.score for trial in known], rng
            )
            best = sorted(known, key=score, reverse=True)[:PARENTS]
            drawn = [space.sample(rng) for _ in range(candidates // 2)]
            drawn += [space.mutate(rng.choice(best).architecture, rng) for _ in range(candidates - len(drawn))]
            new = [one for one in dict.fromkeys(drawn) if one not in tried]
        if new:
            order = np.argsort(-forest.predict(np.stack([x(one) for one in new])), kind="stable")
            proposed = [new[place] for place in order[:refit]]
        else:
            proposed = [untried(space, tried, rng)]
        for architecture in proposed:
            if architecture is None:
                return
            trials.append(run_trial(charged, architecture))
            yield trials[-1]
