"""Does a function take its randomness from the generator that it was given, and from nowhere else?"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from nas_edu.check.finding import Finding


def draws_from_rng_only(draw: Callable[[random.Random], Hashable], seeds: int = 30) -> Finding | None:
    """Call `draw(random.Random(seed))` twice a seed, with the global generators set differently in between.

    The same seed must give the same result, some seeds different ones, and the global generators must not move.
    Whatever the function does to the global generators is undone afterwards.
    """
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        first = [draw(random.Random(seed)) for seed in range(seeds)]
        touched = [
            name
            for name, moved in (
                ("random", random.getstate() != state),
                ("numpy.random", _differ(np.random.get_state(), numpy_state)),
            )
            if moved
        ]
        random.seed(4711)
        np.random.seed(4711)
        second = [draw(random.Random(seed)) for seed in range(seeds)]
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
    if touched:
        cause = (
            f"It draws from the global generator of the module `{touched[0]}`, which nobody here seeded. "
            "Draw from `rng` only: the same seed, the same search."
        )
        return Finding(f"the state of `{touched[0]}` was changed", "only `rng` is drawn from", cause)
    for seed, (a, b) in enumerate(zip(first, second, strict=True)):
        if a != b:
            cause = "The result depends on something besides its arguments: draw from `rng` and from nothing else."
            return Finding(f"{a}\nand then, with the same seed {seed}, {b}", "the same result for the same seed", cause)
    if len(set(first)) == 1:
        cause = "`rng` is not used, or a generator made inside with a fixed seed takes its place."
        return Finding(f"{first[0]}\nfor each of {seeds} seeds", "different results for different seeds", cause)
    return None


def _differ(before: Any, after: Any) -> bool:
    """Two states of numpy's global generator: the numbers in store, and how many of these are used up."""
    return not np.array_equal(before[1], after[1]) or before[2:] != after[2:]
