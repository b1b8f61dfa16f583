"""A part of a search space: only architectures that are allowed are proposed.

    trained = Subspace(TinyCell(), cells_of_an_unfinished_table)

sample     draw from the space until an allowed one comes
mutate     mutate until an allowed one comes; where none does, go on mutating from what came: such a mutation changes
           more than one place

The distribution is that of the space, given that it is allowed. Everything else is the space's own.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

TRIES = 50  # mutations of one architecture, before the walk goes on from the last of them


class Subspace:
    """`space`, restricted to the architectures in `allowed`. Raises ValueError where none is."""

    def __init__(self, space: Any, allowed: Collection[Any]) -> None:
        if not allowed:
            raise ValueError("no architecture is allowed: an empty part of a space cannot be searched")
        self._space, self._allowed = space, frozenset(allowed)

    def sample(self, rng: random.Random) -> Any:
        while (drawn := self._space.sample(rng)) not in self._allowed:
            pass
        return drawn

    def mutate(self, architecture: Any, rng: random.Random) -> Any:
        while True:
            for _ in range(TRIES):
                child = self._space.mutate(architecture, rng)
                if child in self._allowed and child != architecture:
                    return child
            architecture = child

    def neighbors(self, architecture: Any) -> list[Any]:
        """Those that are allowed: perhaps none."""
        return [one for one in self._space.neighbors(architecture) if one in self._allowed]

    def __len__(self) -> int:
        return len(self._allowed)

    def __contains__(self, architecture: object) -> bool:
        return architecture in self._allowed

    def __iter__(self) -> Any:
        return (one for one in self._space if one in self._allowed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._space, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return Subspace, (self._space, self._allowed)
