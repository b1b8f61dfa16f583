"""Where is the acquisition function highest? Three ways to look for the next architecture to train.

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

import random
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from nas_edu.core import Trial, score

Phi = Callable[[Sequence[Any]], np.ndarray]
Maximizer = Callable[[Any, Phi, Sequence[Trial], Collection[Any], random.Random], Any | None]

CANDIDATES = 100
PARENTS = 5


def random_pool(space: Any, phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random) -> Any | None:
    """The best by `phi` of 100 random architectures."""
    return _best([space.sample(rng) for _ in range(CANDIDATES)], phi, tried)


def mutations_of_the_best(
    space: Any, phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random
) -> Any | None:
    """The best by `phi` of 100 mutations, 20 of each of the five best trials."""
    parents = sorted(known, key=score, reverse=True)[:PARENTS]
    drawn = [space.mutate(parents[n % len(parents)].architecture, rng) for n in range(CANDIDATES)]
    return _best(drawn, phi, tried)


def climb(space: Any, phi: Phi, known: Sequence[Trial], tried: Collection[Any], rng: random.Random) -> Any | None:
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
