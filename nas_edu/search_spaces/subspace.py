"""Spaces made of another space: `SpaceAround` proposes differently, `Subspace` proposes only what is allowed.

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
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nas_edu.core.search_space import A, Config, Hyperparameter, SearchSpace, Value

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

TRIES = 50  # mutations of one architecture, before the walk goes on from the last of them


class SpaceAround(SearchSpace[A]):
    """`space` with another way to propose: what a subclass does not define is the inner space's own."""

    def __init__(self, space: SearchSpace[A]) -> None:
        self.space = space

    @property
    def hyperparameters(self) -> Sequence[Hyperparameter]:
        return self.space.hyperparameters

    def from_config(self, values: Config) -> A:
        return self.space.from_config(values)

    def to_config(self, architecture: A) -> dict[str, Value]:
        return self.space.to_config(architecture)

    def parse(self, text: str) -> A:
        return self.space.parse(text)

    def sample(self, rng: random.Random) -> A:
        return self.space.sample(rng)

    def neighbors(self, architecture: A) -> list[A]:
        return self.space.neighbors(architecture)

    def mutate(self, architecture: A, rng: random.Random) -> A:
        return self.space.mutate(architecture, rng)

    def encode(self, architecture: A, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        return self.space.encode(architecture, encoding)

    def check(self, architecture: object) -> None:
        self.space.check(architecture)

    def to_graph(self, architecture: A, *which: Any) -> nx.MultiDiGraph:
        return self.space.to_graph(architecture, *which)

    def canonical(self, architecture: A) -> A:
        return self.space.canonical(architecture)

    @property
    def size(self) -> int:
        return self.space.size

    def __getattr__(self, name: str) -> Any:  # what the inner space has beyond the contract
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.space, name)

    def __repr__(self) -> str:
        return f"{type(self).__name__.lstrip('_')}({self.space!r})"


class NotAllowedError(ValueError):
    """These values describe an architecture of the space, but not of its part."""


class Subspace(SpaceAround[A]):
    """`space`, restricted to the architectures in `allowed`. Raises ValueError where none is."""

    def __init__(self, space: SearchSpace[A], allowed: Collection[A]) -> None:
        if not allowed:
            raise ValueError("no architecture is allowed: an empty part of a space cannot be searched")
        super().__init__(space)
        self.allowed = frozenset(allowed)

    def sample(self, rng: random.Random) -> A:
        while (drawn := self.space.sample(rng)) not in self.allowed:
            pass
        return drawn

    def mutate(self, architecture: A, rng: random.Random) -> A:
        """Another one that is allowed. Raises ValueError where there is no other."""
        if self.allowed == {architecture}:
            raise ValueError(f"only {architecture} is allowed, so there is nothing that it could be mutated to")
        walker = architecture
        while True:
            for _ in range(TRIES):
                child = self.space.mutate(walker, rng)
                if child in self.allowed and child != architecture:
                    return child
            walker = child

    def neighbors(self, architecture: A) -> list[A]:
        """Those that are allowed: perhaps none."""
        return [one for one in self.space.neighbors(architecture) if one in self.allowed]

    def from_config(self, values: Config) -> A:
        """As the space does. Raises NotAllowedError, a ValueError, for what is not allowed."""
        architecture = self.space.from_config(values)
        if architecture not in self.allowed:
            raise NotAllowedError(
                f"{architecture} is outside this part of the space; a strategy that writes hyperparameters cannot "
                "search a part: take one that samples or mutates, or the whole space"
            )
        return architecture

    def distinct(self) -> list[A]:
        """Of those allowed the first of each distinct function, in the order of the space."""
        first: dict[A, A] = {}
        for one in self:
            first.setdefault(self.space.canonical(one), one)
        return list(first.values())

    @property
    def size(self) -> int:
        """The number of architectures that are allowed."""
        return len(self.allowed)

    def __len__(self) -> int:
        return len(self.allowed)

    def __contains__(self, architecture: object) -> bool:
        return architecture in self.allowed

    def __iter__(self) -> Iterator[A]:
        return (one for one in iter(self.space) if one in self.allowed)  # type: ignore[call-overload]
