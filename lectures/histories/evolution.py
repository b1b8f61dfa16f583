"""The searches that lecture 3 compares, made once and stored beside this file.

    python lectures/histories/evolution.py --seeds 10     # makes what is not there yet

Two strategies search TinyCell on MNIST-1D, with 50 evaluations for each seed. Each evaluation is a real training: two
epochs with a complete learning rate schedule of their own. A score depends on the cell's function alone, never on when
it is asked for, so a function that was trained before is not trained again: nothing changes but the time. Ten seeds
are some 800 trainings: about 10 minutes on one free core.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from nas_edu.core import Budget, Evaluate, Evaluation, History, Trial, search
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution

FOLDER = Path(__file__).parent / "03_evolution"
NAMES = ("random search", "regularized evolution")
BUDGET = Budget(evaluations=50)
EPOCHS = 2
SIZES = {"population_size": 10, "sample_size": 4}


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


def strategy(name: str, evaluate: Evaluate, seed: int) -> Iterator[Trial]:
    """Both draw from the same seed, so the evolution's first population is what random search tries first."""
    space, rng = TinyCell(), random.Random(seed)
    if name == "random search":
        return random_search(space, evaluate, rng=rng)
    return regularized_evolution(space, evaluate, **SIZES, rng=rng)


def path(name: str, seed: int) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}-{seed}.json.gz"


def stored() -> dict[str, list[History]]:
    """All stored searches, by strategy; the same seeds for each."""
    seeds = sorted(
        int(file.name.split("-")[1].split(".")[0]) for file in FOLDER.glob("regularized_evolution-*.json.gz")
    )
    return {name: [History.load(path(name, seed), TinyCell()) for seed in seeds] for name in NAMES}


@cache
def estimator() -> Remembered:
    from nas_edu.data import load
    from nas_edu.performance_estimation import Train, TrainingRecipe

    return Remembered(Train(load("mnist1d"), recipe=TrainingRecipe(epochs=EPOCHS)))


def make(seed: int) -> int:
    """The searches of one seed, saved."""
    for name in NAMES:
        search(strategy(name, estimator(), seed), BUDGET).save(path(name, seed))
    return seed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    missing = [seed for seed in range(options.seeds) if not path(NAMES[-1], seed).exists()]
    with ProcessPoolExecutor(options.workers) as pool:
        for seed in pool.map(make, missing):
            print(f"seed {seed}: done", flush=True)
