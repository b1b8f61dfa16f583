"""Pure zero-cost search: score many architectures without training, then train the best ones only.

    pool  = N random architectures
    order = pool, by proxy, the best first
    train order[0], order[1], ...

With a budget of one evaluation it is Mellor's search: all that is trained is what comes out. With more, proxies are a
filter before training. That final training remains; no proxy saves it.

Sources: Mellor et al., "Neural Architecture Search without Training", ICML 2021, algorithm 1; the combination of
several proxies by ranks: Chen et al., "TE-NAS", ICLR 2021.

The details that matter: repeated draws count once; what the proxies cost is charged to the first training.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.proxy_ranking import Combine, WithProxyCost, best_first, rank_sum


def zero_cost_search(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    proxies: Sequence[Evaluate],
    pool_size: int = 500,
    combine: Combine = rank_sum,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield one trial for each architecture of the pool, the most promising first, then end.

    Raises ValueError without a proxy, or where `pool_size` is less than 1.
    """
    if pool_size < 1:
        raise ValueError(f"pool_size must be at least 1, got {pool_size}")
    charged = WithProxyCost(evaluate)
    pool = [space.sample(rng) for _ in range(pool_size)]
    for architecture in best_first(pool, proxies, charged, combine):
        yield run_trial(charged, architecture)
