"""Optuna searches our spaces: the real tool, behind the interface of our own strategies.

Its default sampler is TPE, a tree-structured Parzen estimator. It splits the trials so far into the best ones and the
rest, estimates the density of each group, and proposes the values x for which the ratio is highest:

    argmax over candidates x of   l(x) / g(x),    l from the best trials, g from all others

Sources: Bergstra, Bardenet, Bengio, Kegl, "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011, section 4 (TPE);
Akiba et al., "Optuna", KDD 2019. Needs the extra `hpo`.

The details that matter: the first ten trials are random; the best trials are ceil(0.1 n), 25 at most; densities of all
hyperparameters that every trial had are joint, of the others (those with conditions) one by one. TPE may propose again
what it knows, and often does in a small space.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nas_edu.core import Evaluate, Trial, run_trial
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_spaces.export import import_tool, suggest

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def optuna_search(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    sampler: Callable[..., BaseSampler] | None = None,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield one trial after another, each proposed by Optuna and told to it; a failed one is told as failed.

    `sampler` is called as `sampler(seed=...)`; by default it is `optuna.samplers.TPESampler`. The study is in memory
    only. Raises ModuleNotFoundError without Optuna.
    """
    optuna = import_tool("optuna")
    sampler = sampler or optuna.samplers.TPESampler
    with _quiet(optuna):
        study = optuna.create_study(direction="maximize", sampler=sampler(seed=rng.getrandbits(32)))
    while True:
        asked = study.ask()
        trial = run_trial(evaluate, suggest(asked, space))
        if trial.failed:
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(asked, trial.score)
        yield trial


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Optuna announces each new study on stderr; everything else that it logs comes from `Study.optimize`."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)
