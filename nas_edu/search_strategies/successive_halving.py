"""Successive halving: train many architectures a little, keep the best third, train these three times as long, ...

    S_0 = n random architectures
    for i = 0, ..., s:    train each of S_i for r_i = r * eta^i epochs;    S_(i+1) = the best floor(n_i / eta) of S_i

Every rung costs about the same: fewer architectures, for longer. What is bought is a look at n architectures for the
price of a few; what is risked is that the early ranks lie.

Sources: Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016;
in this form: Li et al., "Hyperband", JMLR 2018, Algorithm 1, lines 4 to 9 (there `run_then_return_val_loss`, `top_k`).

The details that matter: nothing is trained twice, a survivor is resumed and pays for the added epochs only; so with
resuming a bracket costs less than the paper counts. A trial's parent is the same architecture one rung below. A failed
trial is never promoted. Of equals, the one drawn earlier survives. One bracket is over quickly, so brackets follow one
another for as long as somebody asks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace

Rung = tuple[int, float]  # how many architectures, and for how many epochs in all


def rungs(count: int, min_epochs: float, max_epochs: float, eta: float) -> list[Rung]:
    """(n_i, r_i) of a bracket of `count` architectures: from `min_epochs` up to `max_epochs`, or until none is left.

    Raises ValueError unless count >= 1, eta > 1 and 0 < min_epochs <= max_epochs.
    """
    if count < 1 or eta <= 1 or not 0 < min_epochs <= max_epochs:
        raise ValueError(
            "a bracket needs count >= 1, eta > 1 and 0 < min_epochs <= max_epochs; "
            f"got count {count}, eta {eta}, epochs {min_epochs} to {max_epochs}"
        )
    listed: list[Rung] = []
    while count >= 1 and min_epochs <= max_epochs * (1 + 1e-9):  # 10 / 27 * 27 may be a little more than 10
        listed.append((count, min(min_epochs, max_epochs)))
        count, min_epochs = int(count / eta), min_epochs * eta
    return listed


def bracket(
    architectures: Sequence[Any], evaluate: Evaluate, ladder: Sequence[Rung], *, executor: Executor | None = None
) -> Iterator[Trial]:
    """Yield the trials of one bracket, rung by rung. Those of a rung are independent: an `executor` may share them."""
    run = map if executor is None else executor.map
    survivors: list[Trial | None] = [None] * len(architectures)
    for place, (_, epochs) in enumerate(ladder):
        trials = []
        runs = run(partial(_continued, evaluate, epochs), architectures, survivors)
        for trial, before in zip(runs, survivors, strict=True):
            trials.append(replace(trial, parents=() if before is None else (before,)))
            yield trials[-1]
        if place + 1 < len(ladder):
            ranked = sorted((trial for trial in trials if not trial.failed), key=score, reverse=True)
            survivors = list(ranked[: ladder[place + 1][0]])
            architectures = [trial.architecture for trial in ranked[: ladder[place + 1][0]]]


def _continued(evaluate: Evaluate, epochs: float, architecture: Any, trial: Trial | None) -> Trial:
    """Train `architecture` up to `epochs`, from where `trial` left it. The parent comes later: a process has a copy."""
    if trial is None:
        return run_trial(evaluate, architecture, epochs=epochs)
    return run_trial(evaluate, architecture, epochs=epochs, resume=trial.evaluation)


def successive_halving(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    count: int = 27,
    min_epochs: float = 10 / 9,
    max_epochs: float = 10,
    eta: float = 3,
    executor: Executor | None = None,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield the trials of one bracket of `count` random architectures after another. Raises as `rungs` does."""
    ladder = rungs(count, min_epochs, max_epochs, eta)
    while True:
        yield from bracket([space.sample(rng) for _ in range(count)], evaluate, ladder, executor=executor)
