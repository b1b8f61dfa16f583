"""A strategy that sees each score with noise, as a search must where the same cell, trained twice, scores differently.

    score_t = score(a_t) + sigma * e_t,    e_t ~ Normal(0, 1), drawn anew for each evaluation

It is a strategy around another one, so it goes wherever a strategy goes: `partial(noisy, strategy=..., sigma=0.01)`. A
table answers every question with the same number, so only noise that is added can show what luck does to a search.
What the score would have been without noise is kept in `evaluation.info["noiseless"]`, which the search never reads;
`noiseless` reads it for the report afterwards.

Source: in the manner of the simulation in the appendix of Real et al., "Regularized Evolution for Image Classifier
Architecture Search", AAAI 2019.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from nas_edu.core import Evaluate, Evaluation, Event, History
from nas_edu.core.search_space import A, SearchSpace


def noisy(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    strategy: Callable[..., Iterator[Event]],
    sigma: float,
    rng: random.Random,
) -> Iterator[Event]:
    """The events of `strategy`, whose evaluations come with noise. Raises ValueError for a negative `sigma`."""
    if not sigma >= 0:
        raise ValueError(f"sigma is a standard deviation, so 0 or more; got {sigma}")
    noise = random.Random(rng.getrandbits(32))  # its own, so that the strategy's draws do not depend on sigma

    def evaluate_with_noise(architecture: Any, **fidelity: Any) -> Evaluation:
        true = evaluate(architecture, **fidelity)
        score = true.score + sigma * noise.gauss(0, 1)
        return replace(true, score=score, info={**true.info, "noiseless": true.score})

    yield from strategy(space, evaluate_with_noise, rng=rng)


def noiseless(history: History) -> list[float]:
    """After each trial what the incumbent (the best by its noisy score) is worth without noise: a metric."""
    return [
        trial.score if trial.evaluation is None else trial.evaluation.info["noiseless"] for trial in history.incumbents
    ]
