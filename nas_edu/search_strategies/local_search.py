"""Local search: climb from neighbour to better neighbour, and start anew at a random place where none is better.

    first improvement: move to the first neighbour, in random order, with score(neighbour) > score(current)
    best improvement:  look at all neighbours, move to the best of them if it is better than the current one

Source: White, Nolen & Savani, "Exploring the Loss Landscape in Neural Architecture Search", UAI 2021.

The details that matter: a tie is no improvement, so a climb ends on a plateau. Nothing is evaluated twice within a
climb: what was looked at before scored no more than the place where the climb stands now. A restart forgets all this.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace


def local_search(
    space: SearchSpace[A], evaluate: Evaluate, *, improvement: str = "first", rng: random.Random
) -> Iterator[Trial]:
    """Yield every start and every neighbour looked at; a neighbour names where the climb stood (`trial.parents`).

    Raises ValueError unless `improvement` is "first" or "best".
    """
    if improvement not in ("first", "best"):
        raise ValueError(f"improvement must be 'first' or 'best', got {improvement!r}")
    while True:
        current = run_trial(evaluate, space.sample(rng))
        yield current
        seen = {current.architecture}
        best = None
        while best is not current:  # a local optimum: no neighbour was better
            current = best or current
            best = current
            neighbors = [neighbor for neighbor in space.neighbors(current.architecture) if neighbor not in seen]
            rng.shuffle(neighbors)
            for neighbor in neighbors:
                seen.add(neighbor)
                trial = run_trial(evaluate, neighbor, parents=[current])
                yield trial
                if score(trial) > score(best):
                    best = trial
                    if improvement == "first":
                        break
