"""Random search: draw architectures independently and keep the best. The baseline that every method must beat.

    a_t ~ Uniform(A),    incumbent = argmax over t of score(a_t)

Source: Li & Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019. Drawn with
replacement, so a small space repeats itself: after n draws from N cells N(1 - (1 - 1/N)^n) different ones are expected.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace


def random_search(space: SearchSpace[A], evaluate: Evaluate, *, rng: random.Random) -> Iterator[Trial]:
    """Yield one trial after another, each an independent uniform draw from `space`."""
    while True:
        yield run_trial(evaluate, space.sample(rng))
