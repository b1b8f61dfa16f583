"""What a search itself costs for each trial, with an evaluation that costs nothing.

    python benchmarks/evolution_overhead.py

Beside regularized evolution, in the same run, its peers: the same algorithm over individuals that carry their torch
network along and copy it for each child, as research libraries do that keep the search space as a torch graph; Optuna
(TPE) and SMAC3, as delivered and learning after each trial. These two learn from all trials so far, so that the later
ones cost more: theirs is the mean over the first 100.
"""

from __future__ import annotations

import copy
import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from nas_edu.core import Evaluate, Evaluation, Task
from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import optuna_search, regularized_evolution, smac_search

RUNS = 5


class CopiesTheNetwork:
    """TinyCell with individuals (cell, network): a child gets a copy of its parent's network before it is changed."""

    def __init__(self, task: Task) -> None:
        self.space, self.task = TinyCell(), task

    def sample(self, rng: random.Random) -> tuple[Any, Any]:
        cell = self.space.sample(rng)
        return cell, build(cell, self.task)

    def mutate(self, individual: tuple[Any, Any], rng: random.Random) -> tuple[Any, Any]:
        cell, network = individual
        return self.space.mutate(cell, rng), copy.deepcopy(network)


def microseconds_per_trial(trials: Iterator[Any], count: int) -> float:
    started = time.perf_counter()
    for _ in islice(trials, count):
        pass
    return (time.perf_counter() - started) / count * 1e6


def main() -> None:
    answers = [Evaluation(score=convolutions / 6) for convolutions in range(7)]
    answer = lambda architecture: answers[3]  # noqa: E731
    # A model that has nothing to learn is no measure of what it takes to learn.
    graded = lambda cell: answers[cell.operations.count("nor_conv_3x3")]  # noqa: E731
    cells, copies = TinyCell(), CopiesTheNetwork(load("digits"))
    searches: dict[str, tuple[Callable[..., Iterator[Any]], Any, Evaluate, int]] = {
        "nas_edu": (regularized_evolution, cells, answer, 20_000),
        "copying a torch network a child": (regularized_evolution, copies, answer, 200),
        "Optuna, TPE": (optuna_search, cells, graded, 100),
        "SMAC3": (smac_search, cells, graded, 100),
        "SMAC3, learning after each trial": (partial(smac_search, retrain_after=1), cells, graded, 100),
    }
    values: dict[str, list[float]] = {name: [] for name in searches}
    for strategy in (optuna_search, smac_search):
        next(strategy(cells, graded, rng=random.Random(0)))  # imports the tool
    for seed in range(RUNS):
        for name, (strategy, space, evaluate, count) in searches.items():
            values[name].append(microseconds_per_trial(strategy(space, evaluate, rng=random.Random(seed)), count))
    for name, found in values.items():
        median, low, high = statistics.median(found), min(found), max(found)
        print(f"{name:32s} {median:9.1f} microseconds a trial, {low:.1f} to {high:.1f} in {RUNS} runs")


if __name__ == "__main__":
    main()
