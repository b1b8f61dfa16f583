"""A search space in the words of real HPO tools: ConfigSpace, which SMAC3 and its relatives take, and Optuna.

    configuration_space = to_config_space(space, seed=0)
    architecture = from_configuration(space, configuration_space.sample_configuration())

All is declared before the search begins ("define and run"): each hyperparameter, and each condition under which it is
active. An inactive hyperparameter is absent from a configuration. A sampled configuration gives each *choice* an equal
chance, which need not give each *architecture* one: `Chain.sample` draws in the same way, other spaces may not.

Source: Lindauer et al., "BOAH: A Tool Suite for Multi-Fidelity Bayesian Optimization & Analysis of Hyperparameters",
2019, section on ConfigSpace.

    architecture = suggest(trial, space)

For Optuna the space is what the code asks for while a trial runs ("define by run"). Nothing is declared beforehand, so
a condition is just an `if`: what does not exist is not asked for.

Source: Akiba et al., "Optuna: A Next-generation Hyperparameter Optimization Framework", KDD 2019, section 2.1.

Both tools are optional, in the extra `hpo`; they are imported when they are used.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nas_edu.core.search_space import A, SearchSpace, Value

if TYPE_CHECKING:
    from ConfigSpace import ConfigurationSpace
    from optuna.trial import BaseTrial


def import_tool(module: str) -> Any:
    """The module. Raises ModuleNotFoundError that names the extra where it, or something that it needs, is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        message = f"{module} cannot be imported ({error}); it comes with the extra `hpo`: pip install -e '.[hpo]'"
        raise ModuleNotFoundError(message, name=error.name) from error


def to_config_space(space: SearchSpace[A], *, seed: int | None = None) -> ConfigurationSpace:
    """All hyperparameters of `space`, with their conditions. Raises ModuleNotFoundError without ConfigSpace."""
    cs = import_tool("ConfigSpace")
    listed = space.hyperparameters
    declared = {h.name: cs.CategoricalHyperparameter(h.name, h.choices) for h in listed}
    conditions = [
        cs.InCondition(declared[h.name], declared[h.condition[0]], h.condition[1]) for h in listed if h.condition
    ]
    configuration_space: ConfigurationSpace = cs.ConfigurationSpace(name=repr(space), seed=seed)
    configuration_space.add(*declared.values(), *conditions)
    return configuration_space


def from_configuration(space: SearchSpace[A], configuration: Mapping[str, Any]) -> A:
    """The architecture of a configuration. Raises ValueError where it is none of this space."""
    given = dict(configuration)
    # ConfigSpace hands out numpy's numbers and strings: back to our own, which are equal to them.
    own = {h.name: {choice: choice for choice in h.choices} for h in space.hyperparameters}
    return space.from_config({name: own.get(name, {}).get(value, value) for name, value in given.items()})


def suggest(trial: BaseTrial, space: SearchSpace[A]) -> A:
    """Ask `trial` for the value of each hyperparameter that exists, and return the architecture."""
    values: dict[str, Value] = {}
    for h in space.hyperparameters:
        if h.exists(values):
            values[h.name] = trial.suggest_categorical(h.name, h.choices)
    return space.from_config(values)
