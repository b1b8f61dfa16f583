"""NSGA-II: evolution for several objectives. Whoever is dominated by few and stands alone survives and has children.

    1. sort into fronts: front 1 is dominated by nobody, front 2 only by members of front 1, and so on
    2. within a front, the crowding distance of i is the sum over objectives k of
       (value of the next larger - value of the next smaller neighbour) / (largest - smallest value);
       the outermost have infinity
    3. i is better than j if its front is lower, or in the same front its distance is larger

Of parents and children together the P best are the next generation; a parent wins a tournament of two.

Source: Deb, Pratap, Agarwal, Meyarivan, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE
Transactions on Evolutionary Computation 2002, sections III.A to III.C. Simplified: children come from mutation alone,
as not every space has a crossover. Constraints are left to the estimator (`WithResources`).

The details that matter: objectives as in `pareto`; ties in a tournament go to the one drawn first, ties in survival to
a parent rather than a child; front and distance in a tournament are those of the last sorting, of parents and children
together.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.pareto import Points, domination, point


def nsga2(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    objectives: Sequence[str] = ("score", "parameters"),
    population_size: int = 20,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the random first generation, then generations of as many children; each child names its parent.

    Raises ValueError for a population_size below 2, no objectives, or an evaluation that lacks one of them.
    """
    if population_size < 2 or not objectives:
        raise ValueError(f"nsga2 needs 2 individuals and 1 objective; got {population_size} and {len(objectives)}")
    population: list[Trial] = []
    for _ in range(population_size):
        trial = run_trial(evaluate, space.sample(rng))
        population.append(trial)
        yield trial
    while True:
        rank = crowded_comparison(population, objectives)
        population = sorted(population, key=rank.__getitem__)[:population_size]
        for _ in range(population_size):
            parent = min(rng.sample(population[:population_size], 2), key=rank.__getitem__)
            child = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent])
            population.append(child)
            yield child


def crowded_comparison(trials: Sequence[Trial], objectives: Sequence[str]) -> dict[Trial, tuple[int, float]]:
    """For each trial (front, minus crowding distance): the smaller, the better."""
    points = np.array([point(trial, objectives) for trial in trials])
    rank = {}
    for number, front in enumerate(non_dominated_sorting(points)):
        for place, distance in zip(front, crowding_distance(points[front]), strict=True):
            rank[trials[place]] = (number, -distance)
    return rank


def non_dominated_sorting(points: Points) -> list[list[int]]:
    """The places of the points (n, objectives), front by front, best first; within a front in their order."""
    dominates = domination(points)
    dominators = dominates.sum(axis=0)  # (n,): how many of those that are left dominate each
    left = np.ones(len(dominators), dtype=bool)
    fronts = []
    while left.any():
        front = np.flatnonzero(left & (dominators == 0))
        fronts.append(front.tolist())
        left[front] = False
        dominators -= dominates[front].sum(axis=0)
    return fronts


def crowding_distance(front: Points) -> list[float]:
    """How lonely each point of a front (n, objectives) is: (n,)."""
    distances = [0.0] * len(front)
    for values in np.asarray(front, dtype=float).T.tolist():
        order = sorted(range(len(front)), key=values.__getitem__)
        distances[order[0]] = distances[order[-1]] = math.inf
        span = values[order[-1]] - values[order[0]]
        if span > 0:  # not where all are equal, or all failed
            for before, here, after in zip(order, order[1:], order[2:], strict=False):
                distances[here] += (values[after] - values[before]) / span
    return distances
