"""Any strategy searches any space with any estimator: all the pairs, with tiny budgets.

Strategies are found, not listed: whatever `nas_edu/search_strategies/NAME.py` defines a function NAME of a space and an
estimator is tried. What does not fit is said in `misfit`, and nowhere else. Every strategy meets every space, every
strategy every estimator, every space every estimator; with NAS_EDU_THOROUGH=1 in the environment all triples are run.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import os
import pkgutil
import random
from functools import cache, partial

import pytest
from test_every_space import SPACES
from tiny_task import tiny_task

from nas_edu import search_strategies
from nas_edu.core import Budget, Evaluation, History, search
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.performance_estimation import Train, TrainingRecipe, ZeroCost
from nas_edu.performance_estimation.resources import WithResources, parameters
from nas_edu.search_spaces import StoppingChain, TinyCell
from nas_edu.search_strategies.acquisition import random_pool

TASK = tiny_task()
SPACES = {**SPACES, "StoppingChain": StoppingChain()}


def length(architecture, *, epochs=None, resume=None):
    """A proxy of no merit: any architecture has a string."""
    return Evaluation(float(len(str(architecture))))


# Settings that make a strategy reach its later phases within a tiny budget, and those without a default.
SETTINGS = {
    "asynchronous_halving": {"min_epochs": 0.5, "max_epochs": 1, "eta": 2},
    "area": {"proxies": [length], "pool_size": 6, "population_size": 4, "sample_size": 2},
    "bayesian_optimization": {"initial": 4, "maximizer": random_pool},
    "forest_search": {"initial": 4, "candidates": 5, "refit": 2},
    "hyperband": {"min_epochs": 0.5, "max_epochs": 1, "eta": 2},
    "neuroevolution": {"population_size": 4, "elite_size": 1},
    "noisy": {"strategy": search_strategies.local_search, "sigma": 0.1},
    "nsga2": {"population_size": 4, "objectives": ("score",)},
    "prefilter": {"strategy": search_strategies.random_search, "proxies": [length], "candidates": 2},
    "regularized_evolution": {"population_size": 4, "sample_size": 2},
    "successive_halving": {"count": 4, "min_epochs": 0.5, "max_epochs": 1, "eta": 2},
    "tpe": {"initial": 4},
    "zero_cost_search": {"proxies": [length], "pool_size": 12},
}


def found():
    """Name -> function, of every strategy of the package."""
    strategies = {}
    for module in pkgutil.iter_modules(search_strategies.__path__):
        function = getattr(importlib.import_module(f"nas_edu.search_strategies.{module.name}"), module.name, None)
        if inspect.isfunction(function) and {"space", "evaluate"} <= set(inspect.signature(function).parameters):
            strategies[module.name] = function
    return strategies


STRATEGIES = found()


def misfit(name, space):
    """Why this strategy cannot search this space; None if it can."""
    if name == "exhaustive" and not hasattr(space, "__iter__"):
        return "the space cannot be listed"
    if name in ("optuna_search", "smac_search"):
        tool = name.removesuffix("_search")
        return None if importlib.util.find_spec(tool) else f"{tool} is not installed"
    return None


def needs_fidelities(name):
    return name in ("asynchronous_halving", "hyperband", "successive_halving")


def start(name, space, evaluate, seed=0):
    settings = dict(SETTINGS.get(name, {}))
    if name == "neuroevolution" and "chain" not in type(space).__name__.lower():
        settings["mutate"] = type(space).mutate
    if "rng" in inspect.signature(STRATEGIES[name]).parameters:
        settings["rng"] = random.Random(seed)
    return STRATEGIES[name](space=space, evaluate=evaluate, **settings)


def patchy(architecture, *, epochs=None, resume=None):
    """Between 0 and 1 by the string alone; one in eight fails. Nothing is trained, so every fidelity says the same."""
    return _patchy(architecture)


@cache
def _patchy(architecture):
    draw = random.Random(str(architecture))
    if draw.random() < 1 / 8:
        raise RuntimeError("no memory left")
    return Evaluation(draw.random(), cost=1.0)


# Twelve reach the later phases of most. Those that fit a model take long for each trial; they have tests of their own.
EVALUATIONS = {"smac_search": 3, "forest_search": 6, "bayesian_optimization": 6}
ESTIMATORS = {
    "training": lambda space: Train(TASK, recipe=TrainingRecipe(epochs=1, batch_size=100, points_per_epoch=2)),
    "zero-cost proxy": lambda space: ZeroCost("nwot", TASK, batch_size=8),
    "table": lambda space: NASBenchEdu.load("mnist1d").evaluate if isinstance(space, TinyCell) else None,
    "with a limit": lambda space: WithResources(
        patchy, {"parameters": partial(parameters, task=TASK)}, limits={"parameters": 1e5}
    ),
}


def skip_if(reason):
    if reason:
        pytest.skip(reason)


def test_the_strategies_are_found():
    assert {"random_search", "regularized_evolution", "local_search", "exhaustive", "reinforce"} <= set(STRATEGIES)
    assert set(SETTINGS) <= set(STRATEGIES)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_searches_every_space(name, space, tmp_path):
    skip_if(misfit(name, space))
    budget = Budget(evaluations=EVALUATIONS.get(name, 12))
    history = search(start(name, space, patchy), budget)
    trials = history.trials
    assert len(trials) == budget.evaluations or name == "zero_cost_search"  # which ends with its pool
    for trial in trials:
        assert trial.architecture in space
        assert trial.failed or name == "noisy" or trial.score == patchy(trial.architecture).score
        assert all(parent in trials for parent in trial.parents)
    assert any(not trial.failed for trial in trials)
    assert search(start(name, space, patchy), budget) == history
    assert History.load(history.save(tmp_path / "history.json"), space) == history


def triples():
    """(strategy, space, estimator): each pair with an estimator, the third one by turns; or all."""
    everything = list(itertools.product(STRATEGIES, SPACES, ESTIMATORS))
    if os.environ.get("NAS_EDU_THOROUGH") == "1":
        return everything
    strategies, spaces = itertools.cycle(STRATEGIES), itertools.cycle(SPACES)
    chosen = {(name, next(spaces), estimator) for estimator in ESTIMATORS for name in STRATEGIES}
    chosen |= {(next(strategies), space, estimator) for estimator in ESTIMATORS for space in SPACES}
    chosen |= {(name, "TinyCell", "table") for name in STRATEGIES}
    return [triple for triple in everything if triple in chosen]


@pytest.mark.parametrize(("name", "space", "estimator"), triples())
def test_every_strategy_and_every_space_take_every_estimator(name, space, estimator):
    space = SPACES[space]
    skip_if(misfit(name, space))
    evaluate = ESTIMATORS[estimator](space)
    skip_if(evaluate is None and "a table knows TinyCell")
    skip_if(
        estimator == "zero-cost proxy" and needs_fidelities(name) and "a proxy trains nothing, so nothing for longer"
    )
    trials = search(start(name, space, evaluate), Budget(evaluations=2)).trials
    assert len(trials) == 2
    for trial in trials:
        assert trial.architecture in space
        assert not trial.failed or trial.failure.split(":")[0] in EXPECTED_FAILURES[estimator], trial.failure


# What an estimator may say of an architecture: not a mistake of the pair.
EXPECTED_FAILURES = {
    "training": {"DivergenceError"},
    "zero-cost proxy": {"DegenerateError"},
    "table": {"LookupError", "ArithmeticError"},
    "with a limit": {"InfeasibleError", "RuntimeError"},
}
