"""The comparisons of lecture 5, made once and stored beside this file.

    cd lectures
    python -m histories.bayesian_optimization                 # makes what is not there yet
    python -m histories.bayesian_optimization table ablation  # or only some parts

table      Bayesian optimization in three forms, Optuna's TPE, and what they must beat, on NAS-Bench-Edu (MNIST-1D)
ablation   a Gaussian process with three encodings and three ways to maximise expected improvement, on the same table;
           for this kernel `adjacency` is `one_hot` again, and so are its searches
nb201      five of them on NAS-Bench-201 (CIFAR-10); NAS_EDU_NB201 names the file, as `NASBench201.from_csv` reads it

Each search has 60 evaluations. Stored is, seed by seed, the incumbent's score and its regret after each of them (in
test accuracy; on NAS-Bench-201 in validation accuracy), and the CPU seconds that the search took besides its
(simulated) trainings.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.nas_bench import NASBench201, NASBenchEdu
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import (
    Comparison,
    bayesian_optimization,
    local_search,
    optuna_search,
    random_search,
    regularized_evolution,
    reinforce,
    tpe,
)
from nas_edu.search_strategies.acquisition_functions import thompson_sampling
from nas_edu.search_strategies.acquisition_maximizers import climb, mutations_of_the_best, random_pool
from nas_edu.search_strategies.surrogates import (
    EncodingKernel,
    GaussianProcess,
    NetworkEnsemble,
)

FOLDER = Path(__file__).parent / "05_bayesian_optimization"
EVALUATIONS = 60
SEEDS = {"table": 20, "ablation": 20, "nb201": 20}

STRATEGIES: dict[str, Callable[..., Any]] = {
    "random search": random_search,
    "evolution": regularized_evolution,
    "local search": local_search,
    "REINFORCE": reinforce,
    "GP, Hamming": bayesian_optimization,
    "TPE": tpe,
    "Optuna": optuna_search,
    "BANANAS": partial(
        bayesian_optimization,
        surrogate=NetworkEnsemble,
        acquisition=thompson_sampling,
        maximizer=mutations_of_the_best,
    ),
}
ENCODINGS = ("one_hot", "adjacency", "path")
MAXIMIZERS = {"random pool": random_pool, "mutations": mutations_of_the_best, "climb": climb}
ABLATION = {
    f"{encoding}, {name}": partial(
        bayesian_optimization,
        surrogate=partial(GaussianProcess, kernel=partial(EncodingKernel, encoding=encoding)),
        maximizer=maximizer,
    )
    for encoding in ENCODINGS
    for name, maximizer in MAXIMIZERS.items()
}
ON_NB201 = ("random search", "evolution", "local search", "GP, Hamming", "TPE")


def path(part: str, name: str) -> Path:
    return FOLDER / f"{part}-{name.replace(', ', '-').replace(' ', '_')}.npz"


def make(part: str, name: str, strategy: Callable[..., Any], evaluate: Any, judge: Callable[[History], Any]) -> None:
    """Adds the seeds that are missing: score and regret (seeds, evaluations), overhead (seeds,)."""
    rows: dict[str, list[Any]] = {"score": [], "regret": [], "overhead": []}
    if path(part, name).exists():
        rows = {key: list(values) for key, values in stored(part, name).items()}
    wanted = SEEDS[part]
    if len(rows["score"]) >= wanted:
        return
    for seed in range(len(rows["score"]), wanted):
        started = time.process_time()
        history = search(strategy(TinyCell(), evaluate, rng=random.Random(seed)), Budget(evaluations=EVALUATIONS))
        rows["overhead"].append(time.process_time() - started)
        rows["score"].append([trial.score for trial in history.incumbents])
        rows["regret"].append(judge(history))
    np.savez_compressed(path(part, name), **{key: np.asarray(v, dtype=np.float32) for key, v in rows.items()})
    print(f"{part}, {name}: mean regret {np.mean(rows['regret'], axis=0)[-1]:.4f}", flush=True)


def stored(part: str, name: str) -> dict[str, np.ndarray]:
    with np.load(path(part, name), allow_pickle=False) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}


def comparison(part: str, names: list[str]) -> Comparison:
    """The stored searches. A trial stands for the best so far: its number takes the architecture's place."""
    found = {name: stored(part, name) for name in names}
    seeds = min(len(rows["score"]) for rows in found.values())

    def history(rows: dict[str, np.ndarray], seed: int) -> History:
        def look_up(n: int) -> Evaluation:
            return Evaluation(rows["score"][seed, n], objectives={"regret": rows["regret"][seed, n]})

        return History(run_trial(look_up, n) for n in range(EVALUATIONS))

    return Comparison(
        {name: [history(rows, seed) for seed in range(seeds)] for name, rows in found.items()}, tuple(range(seeds))
    )


def regret(history: History) -> list[float]:
    """The judge of stored searches."""
    return [trial.evaluation.objectives["regret"] for trial in history.trials]


def on_table(part: str, strategies: dict[str, Callable[..., Any]]) -> None:
    table = NASBenchEdu.load("mnist1d")
    for name, strategy in strategies.items():
        make(part, name, strategy, table.evaluate, table.regret)


def on_nb201() -> None:
    from nas_edu.search_strategies.comparison import regret as below

    if "NAS_EDU_NB201" not in os.environ:
        print("nb201 left out: NAS_EDU_NB201 names no file")
        return
    table = NASBench201.from_csv(os.environ["NAS_EDU_NB201"], "cifar10")
    best = float(table.column("validation_accuracy").max())
    for name in ON_NB201:
        make("nb201", name, STRATEGIES[name], table.evaluate, partial(below, best=best))


PARTS: dict[str, Callable[[], None]] = {
    "table": lambda: on_table("table", STRATEGIES),
    "ablation": lambda: on_table("ablation", ABLATION),
    "nb201": on_nb201,
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or PARTS:
        PARTS[wanted]()
