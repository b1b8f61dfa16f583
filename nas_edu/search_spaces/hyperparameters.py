"""A search space as a list of categorical hyperparameters, some of which exist only if another has certain values.

This is NAS seen as hyperparameter optimization (HPO): a choice of architecture is a choice of values.

    name in choices               always there
    name in choices               if parent has a value in `allowed`     (and so exists itself)

Every space of this package lists its hyperparameters in these words, and turns values into architectures and back. The
words belong to no HPO tool: `config_space` and `optuna_space` translate them.

Sources: Elsken, Metzen, Hutter, "Neural Architecture Search: A Survey", JMLR 2019, section 2 (conditional layers);
Bergstra, Yamins, Cox, "Making a Science of Model Search", ICML 2013 (the tree of conditions). Simplified: all is
categorical. A tool is not told that a kernel of 3 lies between 1 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

Value = Any
"""A string, a whole number or a truth value: which of them, the hyperparameter's choices say."""
Config = Mapping[str, Value]


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


class HyperparameterSpace(Protocol):
    """What HPO tools need to know of a search space."""

    @property
    def hyperparameters(self) -> Sequence[Hyperparameter]:
        """All of them, parents before children."""

    def from_config(self, values: Config) -> Any:
        """The architecture that these values describe. Raises ValueError that says what was wrong (`check_config`)."""

    def to_config(self, architecture: Any) -> dict[str, Value]:
        """The values of all hyperparameters that exist in this architecture, and of no other."""


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
            close = get_close_matches(str(name), names, n=1)
            raise ValueError(
                f"no hyperparameter is named {name!r}" + (f"; did you mean {close[0]!r}?" if close else "")
            )


def _listed(choices: Sequence[Value]) -> str:
    return " or ".join(map(repr, choices))
