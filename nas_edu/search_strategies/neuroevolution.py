"""Neuroevolution as in the 1990s: the fitter an individual, the more children it has. Generations replace each other.

    P(i is the parent) = fitness_i / sum over j of fitness_j,    N parents drawn with replacement
    next generation    = the E best as they are (elitism) and N - E mutated children

Mutations add, change or remove a layer. Optionally a child inherits its parent's weights, and then evolution trains:
"evolves architectures and often also their weights".

Sources: Holland, "Adaptation in Natural and Artificial Systems", 1975 (fitness-proportional selection); Miller, Todd,
Hegde, "Designing Neural Networks using Genetic Algorithms", ICGA 1989; Angeline, Saunders, Pollack, IEEE Transactions
on Neural Networks 1994 (structure and weights, mutations only); Yao, Proceedings of the IEEE 1999 (a survey).

The details that matter: fitness is the score, so scores must not be negative, and accuracies that lie close together
select hardly at all; a failed trial has fitness 0; where all have 0, each is as likely. Of equals, the earlier one is
in the elite. With inherited weights a score depends on the ancestors, not on the architecture alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_spaces import Chain, LayerChain


def mutate_layers(space: Chain, chain: LayerChain, rng: random.Random) -> LayerChain:
    """Add, change or remove one layer. Which of these (if the space allows it), where, and by what: all uniformly."""
    layers = list(chain.layers)
    mutations = ["change"] + ["add"] * (len(layers) < space.max_layers) + ["remove"] * (len(layers) > 1)
    mutation = rng.choice(mutations)
    if mutation == "add":
        layers.insert(rng.randrange(len(layers) + 1), rng.choice(space.layers))
    elif mutation == "remove":
        del layers[rng.randrange(len(layers))]
    else:
        place = rng.randrange(len(layers))
        layers[place] = rng.choice([layer for layer in space.layers if layer != layers[place]])
    return LayerChain(tuple(layers))


def neuroevolution(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    population_size: int = 10,
    elite_size: int = 0,
    inherit: bool = False,
    mutate: Callable[[Any, Any, random.Random], Any] = mutate_layers,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the random first generation, then one child after another, generation by generation.

    With `inherit`, `evaluate` is called with `inherit=` the parent's evaluation, as `Train` takes it. `mutate(space,
    architecture, rng)` belongs to `Chain`; for another space give `type(space).mutate`. A child names its parent and
    the one of the last generation whose place it takes. Raises ValueError unless 0 <= elite_size < population_size,
    and for a negative score.
    """
    if not 0 <= elite_size < population_size:
        raise ValueError(f"elite_size must lie in 0 to population_size - 1 = {population_size - 1}, got {elite_size}")
    population: list[Trial] = []
    while len(population) < population_size:
        trial = run_trial(evaluate, space.sample(rng))
        population.append(trial)
        yield trial
    while True:
        ranked = sorted(population, key=score, reverse=True)
        elite, dying = ranked[:elite_size], ranked[elite_size:]
        parents = rng.choices(population, weights=fitness(population), k=len(dying))  # with replacement
        population = elite
        for parent, dead in zip(parents, dying, strict=True):
            child = mutate(space, parent.architecture, rng)
            weights = {"inherit": parent.evaluation} if inherit else {}
            trial = run_trial(evaluate, child, parents=[parent], replaces=dead, **weights)
            population.append(trial)
            yield trial


def fitness(population: Sequence[Trial]) -> list[float]:
    """Proportional to the chance to be a parent: the score, 0 where the trial failed, and 1 for all if all have 0."""
    scores = [0.0 if trial.failed else trial.score for trial in population]
    if min(scores) < 0:
        raise ValueError(
            f"fitness-proportional sampling needs scores of 0 or more, got {min(scores)}: choose another score, such "
            "as accuracy instead of minus a loss"
        )
    return scores if math.fsum(scores) > 0 else [1.0] * len(scores)
