"""The searches that lecture 3 compares, made once and stored beside this file.

    python lectures/histories/evolution.py --seeds 8

Three strategies search TinyCell on MNIST-1D, with 80 evaluations for each seed. Each evaluation is a real training: two
epochs with a complete learning rate schedule of their own. A score depends on the cell's function alone, never on when
it is asked for, so a function that was trained before is not trained again: nothing changes but the time. On one free
core this takes about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from nas_edu.core import Budget, Evaluate, Evaluation, History, Trial, run_trial, score, search
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution

FOLDER = Path(__file__).parent / "03_evolution"
BUDGET = Budget(evaluations=80)
EPOCHS = 2
SIZES = {"population_size": 16, "sample_size": 6}


class Remembered:
    """An estimator that answers at once for a function that it was asked about before."""

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self.known: dict[Cell, Evaluation] = {}

    def __call__(self, cell: Cell, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        function = cell.canonical
        if function not in self.known:
            self.known[function] = self.evaluate(function)
        return self.known[function]


def worst_dies(
    space: Any, evaluate: Evaluate, *, population_size: int = 20, sample_size: int = 10, rng: random.Random
) -> Iterator[Trial]:
    """Regularized evolution without its regularization: the child takes the place of the worst individual."""
    population: list[Trial] = []
    while len(population) < population_size:
        trial = run_trial(evaluate, space.sample(rng))
        population.append(trial)
        yield trial
    while True:
        parent = max(rng.sample(population, sample_size), key=score)
        child = space.mutate(parent.architecture, rng)
        worst = min(population, key=score)
        population.remove(worst)
        trial = run_trial(evaluate, child, parents=[parent], replaces=worst)
        population.append(trial)
        yield trial


def strategy(name: str, evaluate: Evaluate, seed: int) -> Iterator[Trial]:
    space, rng = TinyCell(), random.Random(seed)
    if name == "random search":
        return random_search(space, evaluate, rng=rng)
    make = {"regularized evolution": regularized_evolution, "the worst dies": worst_dies}[name]
    return make(space, evaluate, **SIZES, rng=rng)


NAMES = ("random search", "regularized evolution", "the worst dies")


def path(name: str, seed: int) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}-{seed}.json.gz"


def stored() -> dict[str, list[History]]:
    """All stored searches, by strategy; the same seeds for each."""
    seeds = sorted(int(file.name.split("-")[1].split(".")[0]) for file in FOLDER.glob("random_search-*.json.gz"))
    return {name: [History.load(path(name, seed), TinyCell()) for seed in seeds] for name in NAMES}


@cache
def estimator() -> Remembered:
    from nas_edu.data import load
    from nas_edu.performance_estimation import Protocol, Train

    return Remembered(Train(load("mnist1d"), protocol=Protocol(epochs=EPOCHS)))


def make(seed: int) -> int:
    """The searches of one seed, saved."""
    for name in NAMES:
        search(strategy(name, estimator(), seed), BUDGET).save(path(name, seed))
    return seed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with ProcessPoolExecutor(options.workers) as pool:
        for seed in pool.map(make, range(options.seeds)):
            print(f"seed {seed}: done", flush=True)
