"""Regularized evolution: tournaments choose the parents, and age, not weakness, chooses who dies.

    parent = argmax score over S individuals drawn from a population of P
    child  = mutate(parent), takes the place of the oldest individual

Everybody dies after P births, however good. To last, an architecture must be found good again and again through its
descendants, so a lucky evaluation cannot hold a place for ever. With `dies="worst"` the weakest dies instead: the
classical steady-state evolution, which the paper calls non-aging.

Source: Real et al., "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019, Algorithm 1.

The details that matter: S individuals are drawn without replacement (the paper's pseudocode allows repeats; its
variant without them is what the NAS-Bench codes use). Ties: `max` keeps the first of equals, here the one drawn first,
so that a tie is decided by chance; `min` does so too, and as the population is kept in order of birth, of equally bad
ones the oldest dies. Whoever dies does so before the child is evaluated, so even a bad child lives until the next
birth. The child may equal its parent in function, and is evaluated all the same. Defaults: P = 20 and S = 10, the
NAS-Bench-201 paper's S; the paper used P = 100, S = 25 for 20,000 evaluations.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace


def regularized_evolution(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    population_size: int = 20,
    sample_size: int = 10,
    dies: str = "oldest",
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the random initial population, then one child after another.

    Each child names its parent (`trial.parents`) and whose place it takes (`trial.replaces`). Raises ValueError unless
    1 <= sample_size <= population_size and `dies` is "oldest" or "worst".
    """
    if not 1 <= sample_size <= population_size:
        raise ValueError(f"sample_size must lie in 1 to population_size = {population_size}, got {sample_size}")
    if dies not in ("oldest", "worst"):
        raise ValueError(f"dies must be 'oldest' or 'worst', got {dies!r}")
    population: deque[Trial] = deque()
    while len(population) < population_size:
        trial = run_trial(evaluate, space.sample(rng))
        population.append(trial)
        yield trial
    while True:
        parent = max(rng.sample(population, sample_size), key=score)
        child = space.mutate(parent.architecture, rng)
        dead = population[0] if dies == "oldest" else min(population, key=score)
        population.remove(dead)
        trial = run_trial(evaluate, child, parents=[parent], replaces=dead)
        population.append(trial)
        yield trial
