"""Assisted evolution: regularized evolution whose first population is the best of a larger pool, by proxy.

    pool       = N random architectures, N > P
    population = the P of them that the proxy puts highest
    go on as regularized evolution

The proxy is not asked again: it gives the start, and trainings decide from there.

Source: Mellor et al., "Neural Architecture Search without Training", ICML 2021, section 5.2 (AREA); Abdelfattah et al.,
"Zero-Cost Proxies for Lightweight NAS", ICLR 2021, section 4.2 (warmup).

The details that matter: repeated draws count once, so a pool of a small space may be smaller than N; where it is
smaller than P, random draws fill up. What the proxies cost is charged to the first training.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from nas_edu.core import Evaluate, SearchSpace, Trial
from nas_edu.core.search_space import A
from nas_edu.search_spaces.subspace import SpaceAround
from nas_edu.search_strategies.proxy_ranking import Combine, WithProxyCost, best_first, rank_sum
from nas_edu.search_strategies.regularized_evolution import regularized_evolution


def area(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    proxies: Sequence[Evaluate],
    pool_size: int = 200,
    combine: Combine = rank_sum,
    population_size: int = 20,
    sample_size: int = 10,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the trials of regularized evolution, begun with the best of the pool.

    Raises ValueError without a proxy, or where `pool_size` is less than `population_size`; also as evolution does.
    """
    if pool_size < population_size:
        raise ValueError(f"pool_size = {pool_size} must be at least population_size = {population_size}")
    charged = WithProxyCost(evaluate)
    pool = best_first([space.sample(rng) for _ in range(pool_size)], proxies, charged, combine)
    start = _StartsWith(space, pool)
    yield from regularized_evolution(start, charged, population_size=population_size, sample_size=sample_size, rng=rng)


class _StartsWith(SpaceAround[A]):
    """A space whose first samples are given; everything else is the space's own."""

    def __init__(self, space: SearchSpace[A], first: Sequence[A]) -> None:
        super().__init__(space)
        self.first = iter(first)

    def sample(self, rng: random.Random) -> A:
        given = next(self.first, None)
        return self.space.sample(rng) if given is None else given
