"""Pre-filter: of several candidates only the one that the proxy puts highest is trained, at every step of any strategy.

    sample(space)     ->  the best, by proxy, of k samples
    mutate(space, a)  ->  the best, by proxy, of k mutations of a

The strategy itself does not change: it sees a space that proposes better. So it works for random search and evolution
alike, and for whatever else draws or mutates:

    with_nwot = partial(prefilter, regularized_evolution, proxies=[ZeroCost("nwot", task)])
    compare({"evolution": regularized_evolution, "with nwot": with_nwot}, space, evaluate, budget, seeds=range(20))

Source: Abdelfattah et al., "Zero-Cost Proxies for Lightweight NAS", ICLR 2021, section 4.2 (move proposal).

The details that matter: a proxy is asked each time, and the next training is charged for it; equal candidates are asked
once. Where the proxy is wrong, it is wrong at every step: what it dislikes is seldom trained, and no training ever
corrects the filter.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nas_edu.core import Evaluate, Event, SearchSpace
from nas_edu.core.search_space import A
from nas_edu.search_spaces.subspace import SpaceAround
from nas_edu.search_strategies.proxy_ranking import Combine, WithProxyCost, best_first, rank_sum


def prefilter(
    strategy: Callable[..., Iterator[Event]],
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    proxies: Sequence[Evaluate],
    candidates: int = 5,
    combine: Combine = rank_sum,
    rng: random.Random,
    **settings: Any,
) -> Iterator[Event]:
    """Yield what `strategy` yields in the filtered space; `settings` are handed to it.

    Raises ValueError without a proxy, or where `candidates` is less than 1.
    """
    if candidates < 1:
        raise ValueError(f"candidates must be at least 1, got {candidates}")
    charged = WithProxyCost(evaluate)

    def choose(proposed: Iterator[A]) -> A:
        return best_first(proposed, proxies, charged, combine)[0]

    yield from strategy(_Filtered(space, candidates, choose), charged, rng=rng, **settings)


class _Filtered(SpaceAround[A]):
    """A space that proposes the best of several candidates; everything else is the space's own."""

    def __init__(self, space: SearchSpace[A], candidates: int, choose: Callable[[Iterator[A]], A]) -> None:
        super().__init__(space)
        self.candidates, self.choose = candidates, choose

    def sample(self, rng: random.Random) -> A:
        return self.choose(self.space.sample(rng) for _ in range(self.candidates))

    def mutate(self, architecture: A, rng: random.Random) -> A:
        return self.choose(self.space.mutate(architecture, rng) for _ in range(self.candidates))

    def __iter__(self) -> Iterator[A]:
        return iter(self.space)  # type: ignore[call-overload, no-any-return]

    def __len__(self) -> int:
        return len(self.space)  # type: ignore[arg-type]
