"""Acquisition functions: what is it worth to train an architecture, given what a surrogate believes about its score?

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
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

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
