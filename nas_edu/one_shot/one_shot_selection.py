"""From a trained one-shot model to one architecture: sample, rank with the shared weights, retrain the best.

    1.  sample M architectures uniformly, and rank them by their validation error with the shared weights
    1b. retrain the K best of them from scratch for a few epochs
    2.  retrain the best one from scratch for longer, and return it

Source: Li & Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, section 3.2;
Bender et al., ICML 2018, section 3.

The details that matter: 1b compares trainings with trainings; without it (K = 1) the shared weights decide alone. An
architecture that was drawn before, or that computes the same function, is drawn again, as its score would be the same.
"""

# A lecture shows the loop below, so its empty lists come without hints.
# mypy: disable-error-code="var-annotated"

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from nas_edu.core import Evaluate, Trial, run_trial, score


def one_shot_selection(
    space: Any,
    shared: Evaluate,
    train: Evaluate,
    *,
    samples: int,
    keep: int = 1,
    epochs: float | None = None,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield `samples` trials by `shared`, then `keep` trials by `train` for `epochs` (none where keep is 1), then the
    result: a whole training of the best. A retrained trial names the one it came from (`trial.parents`).

    Raises ValueError unless 1 <= keep <= samples <= the number of functions of the space.
    """
    functions = len(space.distinct())
    if not 1 <= keep <= samples <= functions:
        raise ValueError(f"keep={keep}, samples={samples}: needs 1 <= keep <= samples <= {functions} functions")
    ranked, seen = [], set()
    while len(ranked) < samples:
        architecture = space.sample(rng)
        if space.canonical(architecture) not in seen:
            seen.add(space.canonical(architecture))
            trial = run_trial(shared, architecture)
            ranked.append(trial)
            yield trial
    ranked.sort(key=score, reverse=True)

    best = ranked[0]
    if keep > 1:
        retrained = []
        for trial in ranked[:keep]:
            retrained.append(run_trial(train, trial.architecture, parents=[trial], epochs=epochs))
            yield retrained[-1]
        best = max(retrained, key=score)
    yield run_trial(train, best.architecture, parents=[best])
