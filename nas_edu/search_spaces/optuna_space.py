"""A search space for Optuna: the space is what the code asks for while a trial runs ("define by run").

    architecture = suggest(trial, space)

Nothing is declared beforehand, so a condition is just an `if`: what does not exist is not asked for.

Source: Akiba et al., "Optuna: A Next-generation Hyperparameter Optimization Framework", KDD 2019, section 2.1. Needs
the extra `hpo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nas_edu.core.search_space import A, SearchSpace, Value

if TYPE_CHECKING:
    from optuna.trial import BaseTrial


def suggest(trial: BaseTrial, space: SearchSpace[A]) -> A:
    """Ask `trial` for the value of each hyperparameter that exists, and return the architecture."""
    values: dict[str, Value] = {}
    for h in space.hyperparameters:
        if h.exists(values):
            values[h.name] = trial.suggest_categorical(h.name, h.choices)
    return space.from_config(values)
