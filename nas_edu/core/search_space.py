"""What a search space and an architecture are: the contract that strategies, networks, pictures and HPO tools rely on.

A space is a list of categorical hyperparameters, some of which exist only where another has certain values, and the
architectures that their values describe. This is NAS seen as hyperparameter optimization (HPO):

    name in choices               always there
    name in choices               if parent has a value in `allowed`     (and so exists itself)

To write one, subclass `SearchSpace` and give it

    hyperparameters               parents before children
    from_config(values)           values of the hyperparameters -> architecture
    to_config(architecture)       and back
    parse(text)                   the inverse of `str(architecture)`

The rest follows from these, and a space overrides what does not fit it. An architecture is any immutable, hashable
object with a short string and a graph; subclass `Architecture` to inherit its `canonical`.

Sources: Elsken, Metzen, Hutter, "Neural Architecture Search: A Survey", JMLR 2019, section 2 (conditional layers);
Bergstra, Yamins, Cox, "Making a Science of Model Search", ICML 2013 (the tree of conditions). Simplified: all is
categorical. Nobody is told that a kernel of 3 lies between 1 and 5.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from nas_edu.core.names import did_you_mean

if TYPE_CHECKING:
    from typing import Self

    import networkx as nx
    import numpy as np
    import numpy.typing as npt

Value = Any
"""A string, a whole number or a truth value: which of them, the hyperparameter's choices say."""
Config = Mapping[str, Value]
"""The values of all hyperparameters that exist, by name."""


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One choice. With a condition (parent, allowed) it exists only where the parent has one of the allowed values."""

    name: str
    choices: tuple[Value, ...]
    condition: tuple[str, tuple[Value, ...]] | None = None

    def exists(self, values: Config) -> bool:
        """Whether it exists, given the values of those listed before it."""
        if self.condition is None:
            return True
        parent, allowed = self.condition
        return parent in values and values[parent] in allowed


class Architecture(Protocol):
    """One architecture: immutable, hashable, equal where its string is equal; the string fits on one line."""

    __slots__ = ()

    def to_graph(self) -> nx.MultiDiGraph:
        """Nodes are tensors. Each edge has `operation`, its name, and `live`: False where it cannot matter."""
        ...

    @property
    def canonical(self) -> Self:
        """One architecture for all that are the same network; itself, where no two are."""
        return self


A = TypeVar("A", bound=Architecture)


class SearchSpace(Protocol[A]):
    """A set of architectures of type A. What a space can leave out has its default here."""

    @property
    def hyperparameters(self) -> Sequence[Hyperparameter]:
        """All of them, parents before children."""
        ...

    def from_config(self, values: Config) -> A:
        """The architecture that these values describe. Raises ValueError that says what was wrong (`check_config`)."""
        ...

    def to_config(self, architecture: A) -> dict[str, Value]:
        """The values of all hyperparameters that exist in this architecture, and of no other."""
        ...

    def parse(self, text: str) -> A:
        """The inverse of `str(architecture)`. Raises ValueError that says what was wrong, TypeError for no string."""
        ...

    def sample(self, rng: random.Random) -> A:
        """One architecture at random; by default each hyperparameter that exists is drawn uniformly."""
        return self.from_config(self._drawn({}, rng))

    def _drawn(self, wanted: Config, rng: random.Random) -> dict[str, Value]:
        """Values as in `wanted`; whatever exists beside them is drawn."""
        values: dict[str, Value] = {}
        for h in self.hyperparameters:
            if h.exists(values):
                values[h.name] = wanted[h.name] if h.name in wanted else rng.choice(h.choices)
        return values

    def mutate(self, architecture: A, rng: random.Random) -> A:
        """Another architecture, near to this one. By default one hyperparameter, drawn uniformly, takes another value;
        those that come to exist by that are drawn. Raises ValueError where there is only one architecture.
        """
        own = self.to_config(architecture)
        changeable = [h for h in self.hyperparameters if h.name in own and len(h.choices) > 1]
        if not changeable:
            raise ValueError(f"{self!r} has one architecture only, so there is nothing that it could be mutated to")
        chosen = rng.choice(changeable)
        other = rng.choice([choice for choice in chosen.choices if choice != own[chosen.name]])
        return self.from_config(self._drawn({**own, chosen.name: other}, rng))

    def neighbors(self, architecture: A) -> list[A]:
        """All architectures with one hyperparameter changed; those that come to exist by that take every value."""
        own = self.to_config(architecture)
        changed = [
            {**own, h.name: choice}
            for h in self.hyperparameters
            if h.name in own
            for choice in h.choices
            if choice != own[h.name]
        ]
        return [self.from_config(values) for wanted in changed for values in self.configurations(wanted)]

    def configurations(self, wanted: Config | None = None) -> list[dict[str, Value]]:
        """All configurations; those only that agree with `wanted`, where it says something."""
        wanted = wanted or {}
        found: list[dict[str, Value]] = [{}]
        for h in self.hyperparameters:
            choices = (wanted[h.name],) if h.name in wanted else h.choices
            without = [values for values in found if not h.exists(values)]
            found = without + [{**values, h.name: c} for values in found if h.exists(values) for c in choices]
        return found

    def encode(self, architecture: A, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """A vector of fixed length, float32. By default there is one encoding:

        one_hot     every hyperparameter one-hot, in the order of `hyperparameters`; all zeros where it does not exist

        Raises ValueError for an encoding that the space does not have.
        """
        import numpy as np

        values = self.to_config(architecture)
        if encoding != "one_hot":
            raise ValueError(f"{type(self).__name__} has the encoding 'one_hot', not {encoding!r}")
        bits = [values.get(h.name) == choice for h in self.hyperparameters for choice in h.choices]
        return np.array(bits, dtype=np.float32)

    def check(self, architecture: object) -> None:
        """Raise TypeError or ValueError, with the reason, where `architecture` is none of this space."""
        try:
            values = self.to_config(architecture)  # type: ignore[arg-type]  # whether it is an A is the question
        except (AttributeError, KeyError) as error:
            raise TypeError(f"{architecture!r} is no architecture of {self!r}: {error}") from error
        check_config(self.hyperparameters, values)

    def __contains__(self, architecture: object) -> bool:
        try:
            self.check(architecture)
        except (TypeError, ValueError):
            return False
        return True

    def to_graph(self, architecture: A) -> nx.MultiDiGraph:
        """The architecture's own graph. Raises TypeError or ValueError where it is none of this space."""
        self.check(architecture)
        return architecture.to_graph()

    def canonical(self, architecture: A) -> A:
        """The architecture's own canonical form."""
        return architecture.canonical

    @property
    def size(self) -> int:
        """The number of configurations, exactly: so of architectures, where `from_config` is one to one."""
        return _configurations(self.hyperparameters, None, None)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size:,} architectures)"


def check_config(hyperparameters: Sequence[Hyperparameter], values: Config) -> None:
    """Raise ValueError unless `values` has one of the choices for each hyperparameter that exists, and nothing else."""
    for h in hyperparameters:
        if not h.exists(values):
            if h.name in values:
                parent, allowed = h.condition or ("", ())
                raise ValueError(
                    f"{h.name} exists only where {parent} is {_listed(allowed)}; {parent} is {values.get(parent)!r}"
                )
        elif h.name not in values:
            raise ValueError(f"{h.name} has no value; it is {_listed(h.choices)}")
        elif values[h.name] not in h.choices:
            raise ValueError(f"{h.name} is {values[h.name]!r}; allowed: {_listed(h.choices)}")
    names = [h.name for h in hyperparameters]
    for name in values:
        if name not in names:
            raise ValueError(f"no hyperparameter is named {name!r}{did_you_mean(name, names)}")


def _listed(choices: Sequence[Value]) -> str:
    return " or ".join(map(repr, choices))


def _configurations(hyperparameters: Sequence[Hyperparameter], parent: str | None, value: Value) -> int:
    """How many configurations there are of what exists because `parent` has `value`, or without any condition."""
    children = [
        h
        for h in hyperparameters
        if (h.condition is None if parent is None else h.condition is not None and _allows(h.condition, parent, value))
    ]
    return math.prod(
        sum(_configurations(hyperparameters, child.name, choice) for choice in child.choices) for child in children
    )


def _allows(condition: tuple[str, tuple[Value, ...]], parent: str, value: Value) -> bool:
    return condition[0] == parent and value in condition[1]
