"""ASHA: successive halving that never waits. Whoever is free promotes what can be promoted, or begins something new.

    get_job:    for k = top rung - 1, ..., 0:
                    candidates = the best floor(|rung k| / eta) of rung k that were not promoted yet
                    if there are any: promote the best of them to rung k + 1
                otherwise: a new random architecture to rung 0

A bracket of successive halving stands still until the last of a rung is done. ASHA decides with what is there; so some
are promoted that would not have been (the paper: about sqrt(n) of them), and no worker is ever idle.

Source: Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht & Talwalkar, "A System for Massively Parallel Hyperparameter
Tuning", MLSys 2020, Algorithm 2.

Simplified: workers are simulated on the clock of `evaluation.cost`, in one process, so that the same seed gives the
same search; trials are yielded in the order in which they end. The details that matter: survivors are resumed; failed
trials count in their rung and are never promoted; of equals, the one that ended first is promoted.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from typing import Any

from nas_edu.core import Evaluate, Trial, run_trial, score
from nas_edu.core.search_space import A, SearchSpace
from nas_edu.search_strategies.successive_halving import rungs


def asynchronous_halving(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    min_epochs: float = 10 / 9,
    max_epochs: float = 10,
    eta: float = 3,
    workers: int = 1,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield trials as `workers` simulated workers end them. Raises ValueError for no workers, and as `rungs` does."""
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, got {workers}")
    epochs = [one for _, one in rungs(10**9, min_epochs, max_epochs, eta)]
    ended: list[list[Trial]] = [[] for _ in epochs]  # for each rung, in the order in which they ended
    promoted: set[int] = set()

    def job() -> tuple[int, Trial]:
        for rung in reversed(range(len(epochs) - 1)):
            best = sorted(ended[rung], key=score, reverse=True)[: int(len(ended[rung]) / eta)]
            for trial in best:
                if not trial.failed and id(trial) not in promoted:
                    promoted.add(id(trial))
                    more: dict[str, Any] = {"epochs": epochs[rung + 1], "resume": trial.evaluation}
                    return rung + 1, run_trial(evaluate, trial.architecture, parents=[trial], **more)
        return 0, run_trial(evaluate, space.sample(rng), epochs=epochs[0])

    now, number = 0.0, itertools.count()
    running: list[tuple[float, int, int, Trial]] = []  # when it ends, which job it is, its rung
    while True:
        while len(running) < workers:
            rung, trial = job()
            cost = 0.0 if trial.evaluation is None else trial.evaluation.cost
            heapq.heappush(running, (now + cost, next(number), rung, trial))
        now, _, rung, trial = heapq.heappop(running)
        ended[rung].append(trial)
        yield trial
