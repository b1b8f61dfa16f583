"""A part of a search space: only architectures that are allowed are proposed.

    trained = Subspace(TinyCell(), cells_of_an_unfinished_table)

sample     draw from the space until an allowed one comes
mutate     mutate until an allowed one comes; where none does, go on mutating from what came: such a mutation changes
           more than one place

The distribution is that of the space, given that it is allowed. Everything else is the space's own.

Strategies that write hyperparameters one by one know nothing of what is allowed. `from_config` refuses the rest:
TPE passes over it, while `reinforce`, `enas`, `optuna_search` and `smac_search` cannot search a part of a space.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

from nas_edu.search_spaces.hyperparameters import Config

TRIES = 50  # mutations of one architecture, before the walk goes on from the last of them


class NotAllowedError(ValueError):
    """These values describe an architecture of the space, but not of its part."""


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
        """Another one that is allowed. Raises ValueError where there is no other."""
        if self._allowed == {architecture}:
            raise ValueError(f"only {architecture} is allowed, so there is nothing that it could be mutated to")
        walker = architecture
        while True:
            for _ in range(TRIES):
                child = self._space.mutate(walker, rng)
                if child in self._allowed and child != architecture:
                    return child
            walker = child

    def neighbors(self, architecture: Any) -> list[Any]:
        """Those that are allowed: perhaps none."""
        return [one for one in self._space.neighbors(architecture) if one in self._allowed]

    def from_config(self, values: Config) -> Any:
        """As the space does. Raises NotAllowedError, a ValueError, for what is not allowed."""
        architecture = self._space.from_config(values)
        if architecture not in self._allowed:
            raise NotAllowedError(
                f"{architecture} is outside this part of the space; a strategy that writes hyperparameters cannot "
                "search a part: take one that samples or mutates, or the whole space"
            )
        return architecture

    def distinct(self) -> list[Any]:
        """Of those allowed the first of each distinct function, in the order of the space."""
        first: dict[Any, Any] = {}
        for one in self:
            first.setdefault(self._space.canonical(one), one)
        return list(first.values())

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
