"""Exhaustive search: evaluate every architecture once, in the order of the space. The answer that all others aim at.

    incumbent = argmax over a in A of score(a)

Only for finite spaces that can be iterated. The generator ends with the space, whatever budget is left.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import Architecture


def exhaustive(
    space: Iterable[Architecture], evaluate: Evaluate, *, rng: random.Random | None = None
) -> Iterator[Trial]:
    """Yield one trial for each architecture of `space`, then end. `rng` is not used.

    Raises TypeError where a space has no iteration.
    """
    for architecture in space:
        yield run_trial(evaluate, architecture)
