"""A search space as a ConfigSpace: the form in which SMAC3 and its relatives take a space.

    configuration_space = to_config_space(space, seed=0)
    architecture = from_configuration(space, configuration_space.sample_configuration())

All is declared before the search begins ("define and run"): each hyperparameter, and each condition under which it is
active. An inactive hyperparameter is absent from a configuration. A sampled configuration gives each *choice* an equal
chance, which need not give each *architecture* one: `Chain.sample` draws in the same way, other spaces may not.

Source: Lindauer et al., "BOAH: A Tool Suite for Multi-Fidelity Bayesian Optimization & Analysis of Hyperparameters",
2019, section on ConfigSpace. Needs the extra `hpo`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_spaces.hpo_extra import import_tool

if TYPE_CHECKING:
    from ConfigSpace import ConfigurationSpace


def to_config_space(space: SearchSpace[A], *, seed: int | None = None) -> ConfigurationSpace:
    """All hyperparameters of `space`, with their conditions. Raises ModuleNotFoundError without ConfigSpace."""
    cs = import_tool("ConfigSpace")
    listed = space.hyperparameters
    declared = {h.name: cs.CategoricalHyperparameter(h.name, h.choices) for h in listed}
    conditions = [
        cs.InCondition(declared[h.name], declared[h.condition[0]], h.condition[1]) for h in listed if h.condition
    ]
    configuration_space = cs.ConfigurationSpace(name=repr(space), seed=seed)
    configuration_space.add(*declared.values(), *conditions)
    return configuration_space


def from_configuration(space: SearchSpace[A], configuration: Mapping[str, Any]) -> A:
    """The architecture of a configuration. Raises ValueError where it is none of this space."""
    given = dict(configuration)
    # ConfigSpace hands out numpy's numbers and strings: back to our own, which are equal to them.
    own = {h.name: {choice: choice for choice in h.choices} for h in space.hyperparameters}
    return space.from_config({name: own.get(name, {}).get(value, value) for name, value in given.items()})
