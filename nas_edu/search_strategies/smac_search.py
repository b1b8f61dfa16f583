"""SMAC3 searches our spaces: the real tool, behind the interface of our own strategies.

Bayesian optimization with a random forest, which takes categorical and conditional hyperparameters as they are. The
forest learns the cost of a configuration x; next comes the x from which the largest improvement is expected:

    argmax over x of   EI(x) = E[ max(0, c_best - c(x)) ],    c(x) as the trees of the forest predict it

It is sought by local search, from the best configurations so far and from random ones; every fifth x or so is random.

Sources: Hutter, Hoos, Leyton-Brown, "Sequential Model-Based Optimization for General Algorithm Configuration", LION
2011; Lindauer et al., "SMAC3", JMLR 2022. Needs the extra `hpo`.

The details that matter: SMAC3 minimizes, so cost = -score; it rescales costs itself. Settings are those of its
`HyperparameterOptimizationFacade`: the forest learns anew after eight trials, and no architecture is tried twice.
Four things differ.

- The initial design has 10 configurations; SMAC3 would make its size depend on the budget, which no strategy knows.
- The trees have no limit of leaves instead of 2^20: scikit-learn reserves memory for so many, each time. And they grow
  in one thread. This alone makes SMAC3 three times as fast.
- EI is looked up for 1,000 random configurations instead of 10,000 before the local search begins.
- The starting points of the local search get an order. SMAC3 takes them from a set of strings, which Python orders
  differently in every process, so that equal seeds would give different searches.
"""

from __future__ import annotations

import logging
import math
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_spaces.export import from_configuration, import_tool, to_config_space

if TYPE_CHECKING:
    from smac import HyperparameterOptimizationFacade, Scenario

INITIAL_SIZE = 10
CHALLENGERS = 1000


def smac_search(
    space: SearchSpace[A], evaluate: Evaluate, *, retrain_after: int = 8, rng: random.Random
) -> Iterator[Trial]:
    """Yield one trial after another, each proposed by SMAC3 and told to it.

    The forest learns anew after every `retrain_after` trials. With 1 a search needs fewer trials, but for each of them
    eight times the time: worth it where an evaluation takes seconds.

    A failed trial is told as crashed, with the highest cost so far, as the forest cannot learn from an infinite one; so
    failures before the first success are told after it.

    Ends when SMAC3 finds nothing new, which a small space comes to. Its files go to a temporary folder that is removed
    with the generator. Raises ModuleNotFoundError without SMAC3.
    """
    smac = import_tool("smac")
    runhistory = import_tool("smac.runhistory")
    exhausted = import_tool("smac.main.exceptions").ConfigurationSpaceExhaustedException
    with TemporaryDirectory(prefix="smac3-") as folder:
        scenario = smac.Scenario(
            to_config_space(space), deterministic=True, seed=rng.getrandbits(32), output_directory=Path(folder)
        )
        optimizer = _optimizer(smac.HyperparameterOptimizationFacade, scenario, retrain_after)
        worst, crashed = -math.inf, []
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # SMAC3 logs the mean of no times
                    asked = optimizer.ask()
            except exhausted:
                return
            trial = run_trial(evaluate, from_configuration(space, asked.config))
            if trial.failed:
                crashed.append(asked)
            else:
                worst = max(worst, -trial.score)
                optimizer.tell(asked, runhistory.TrialValue(cost=-trial.score), save=False)
            while crashed and worst > -math.inf:
                value = runhistory.TrialValue(cost=worst, status=runhistory.StatusType.CRASHED)
                optimizer.tell(crashed.pop(), value, save=False)
            yield trial


def _optimizer(
    facade: type[HyperparameterOptimizationFacade], scenario: Scenario, retrain_after: int
) -> HyperparameterOptimizationFacade:
    """The facade with its own parts, but for the four differences."""
    forest = import_tool("smac.model.random_forest").RandomForest(
        scenario.configspace,
        seed=scenario.seed,
        log_y=True,
        n_trees=10,
        ratio_features=1.0,
        min_samples_split=2,
        min_samples_leaf=1,
        max_leaf_nodes=None,
        n_jobs=1,
    )
    maximizer = facade.get_acquisition_maximizer(scenario, challengers=CHALLENGERS)
    _order_starting_points(maximizer._local_search)
    # Without a handler Python prints warnings on stderr, such as that a random configuration had to do.
    logging.getLogger("smac").addHandler(logging.NullHandler())
    return facade(
        scenario,
        model=forest,
        acquisition_maximizer=maximizer,
        initial_design=facade.get_initial_design(scenario, n_configs=INITIAL_SIZE),
        config_selector=facade.get_config_selector(scenario, retrain_after=retrain_after),
        logging_level=False,
    )


def _order_starting_points(local_search: Any) -> None:
    unordered = local_search._get_init_points_from_previous_configs
    local_search._get_init_points_from_previous_configs = lambda *where: sorted(unordered(*where), key=str)
