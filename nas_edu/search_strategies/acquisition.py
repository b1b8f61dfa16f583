"""Acquisition: what is it worth to train an architecture, given what a surrogate believes, and where is that highest?

The belief about each candidate a is a normal distribution with mean m(a) and standard deviation s(a); f* is the best
score so far, and z = (m - f*) / s. Phi and phi are the distribution function and the density of N(0, 1).

    expected improvement        EI(a)  = E[max(0, f(a) - f*)] = (m - f*) Phi(z) + s phi(z)     Jones et al. 1998
    probability of improvement  PI(a)  = P(f(a) > f*)         = Phi(z)                         Kushner 1964
    upper confidence bound      UCB(a) = m + beta s    (their sqrt(beta_t) is our beta)        Srinivas et al. 2010
    Thompson sampling           TS(a)  = one draw from N(m, s^2), for each a on its own        White et al. 2021

Shapes: `mean`, `deviation` and what is returned are (candidates,). The higher, the more worth it.

The details that matter: we maximise, so signs are those of a score; papers on losses have them the other way. Where
s = 0 nothing is left to learn: EI is max(0, m - f*) and PI is 0 or 1. Thompson sampling is *independent*: neighbours
get draws of their own, although the surrogate may know that they rise and fall together.

Three ways to look for the highest, with phi(a) for any of these:

    random_pool            argmax of phi over random architectures
    mutations_of_the_best  argmax of phi over mutations of the best ones so far       BANANAS: White et al. 2021
    climb                  local search in phi: from several starts, go to the best neighbour while it is better
                                                                                  SMAC: Hutter et al. 2011

phi costs no training, so many candidates can be asked. A whole space is too large for that in general; and candidates
near good ones are good candidates, whatever the model believes (Schneider et al., "Mutation Is All You Need", 2021).

Each takes `phi(architectures) -> values`, the successful trials, and which architectures were tried; each returns an
architecture that was not tried, or None where it found none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from nas_edu.core import Trial, score
from nas_edu.core.search_space import A, SearchSpace

Acquisition = Callable[[np.ndarray, np.ndarray, float, random.Random], np.ndarray]


def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float, rng: random.Random) -> np.ndarray:
    """By how much the candidate will beat `best`, on average; nothing where it does not. `rng` is not used."""
    from scipy.special import ndtr

    z = _standardised(mean, deviation, best)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return np.where(deviation > 0, (mean - best) * ndtr(z) + deviation * density, np.maximum(0, mean - best))


def probability_of_improvement(mean: np.ndarray, deviation: np.ndarray, best: float, rng: random.Random) -> np.ndarray:
    """How probably the candidate will beat `best`, by however little. `rng` is not used."""
    from scipy.special import ndtr

    z = _standardised(mean, deviation, best)
    return np.where(deviation > 0, ndtr(z), (mean > best).astype(float))


def upper_confidence_bound(
    mean: np.ndarray, deviation: np.ndarray, best: float, rng: random.Random, *, beta: float = 2.0
) -> np.ndarray:
    """An optimist's forecast: `beta` says how optimistic. `best` and `rng` are not used."""
    return mean + beta * deviation


def thompson_sampling(mean: np.ndarray, deviation: np.ndarray, best: float, rng: random.Random) -> np.ndarray:
    """One draw from the belief about each candidate, independently: the unsure sometimes win."""
    return np.array([rng.gauss(m, s) for m, s in zip(mean.tolist(), deviation.tolist(), strict=True)])


def _standardised(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """z, and 0 where there is no deviation to divide by."""
    return np.divide(mean - best, deviation, out=np.zeros_like(mean, dtype=float), where=deviation > 0)


Phi = Callable[[Sequence[Any]], np.ndarray]
Maximizer = Callable[[Any, Phi, Sequence[Trial], Collection[Any], random.Random], Any | None]

CANDIDATES = 100
PARENTS = 5


def random_pool(
    space: SearchSpace[A], phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random
) -> Any | None:
    """The best by `phi` of 100 random architectures."""
    return _best([space.sample(rng) for _ in range(CANDIDATES)], phi, tried)


def mutations_of_the_best(
    space: SearchSpace[A], phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random
) -> Any | None:
    """The best by `phi` of 100 mutations, 20 of each of the five best trials."""
    parents = sorted(known, key=score, reverse=True)[:PARENTS]
    drawn = [space.mutate(parents[n % len(parents)].architecture, rng) for n in range(CANDIDATES)]
    return _best(drawn, phi, tried)


def climb(
    space: SearchSpace[A], phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random
) -> Any | None:
    """The best by `phi` that is met on the climbs from the five best trials and the five best of a random pool.

    Of a large neighbourhood 100 neighbours are looked at, drawn anew at each step.
    """
    pool = [space.sample(rng) for _ in range(CANDIDATES)]
    order = np.argsort(-phi(pool), kind="stable")
    starts = [trial.architecture for trial in sorted(known, key=score, reverse=True)[:PARENTS]]
    starts += [pool[place] for place in order[:PARENTS]]
    met = dict.fromkeys(pool)
    for current in dict.fromkeys(starts):
        height = float(phi([current])[0])
        while True:
            neighbors = space.neighbors(current)
            if len(neighbors) > CANDIDATES:
                neighbors = rng.sample(neighbors, CANDIDATES)
            met.update(dict.fromkeys(neighbors))
            values = phi(neighbors)
            if not len(values) or values.max() <= height:
                break  # a tie is no improvement: otherwise the climb might go round in circles
            current, height = neighbors[int(values.argmax())], float(values.max())
    return _best(list(met), phi, tried)


def _best(candidates: Sequence[Any], phi: Phi, tried: Collection[Any]) -> Any | None:
    """The first of those with the highest value that was not tried."""
    new = [one for one in dict.fromkeys(candidates) if one not in tried]
    return new[int(phi(new).argmax())] if new else None
