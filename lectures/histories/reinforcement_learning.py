"""The comparison of lecture 4, made once and stored beside this file: how good each search was at each moment.

    NAS_EDU_NB201=nb201_accuracies.csv.gz python lectures/histories/reinforcement_learning.py     # what is missing

Each strategy searches the cells of NAS-Bench-201 (CIFAR-10), 500 evaluations a seed, a lookup each. The table is not
part of this package: bring a file of the form that `NASBench201.from_csv` reads. What is stored does not say which cell
was looked at. A search takes 0.1 to 0.7 seconds without a controller, and about 2.5 (table) or 5 (LSTM) with one. What
is done is stored seed by seed, so the command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import os
import random
from functools import partial
from pathlib import Path

import numpy as np

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies import Comparison, local_search, random_search, regularized_evolution, reinforce
from nas_edu.search_strategies.comparison import Strategy

FOLDER = Path(__file__).parent / "04_reinforcement_learning"
EVALUATIONS = 500
BLOCK = 50  # evaluations over which the mean score of what was tried is taken
RACERS = ("random search", "regularized evolution", "local search", "RL, table", "RL, LSTM")
COLUMNS = ("validation", "different", "tried")


def strategies() -> dict[str, Strategy]:
    """All that is compared, each with its defaults; a table learns with the rate that `reinforce` names for it."""
    from nas_edu.search_strategies.controller import TabularController

    table = partial(reinforce, controller=TabularController, learning_rate=0.03)
    made = (random_search, regularized_evolution, local_search, table, reinforce)
    return dict(zip(RACERS, made, strict=True))


def path(name: str) -> Path:
    return FOLDER / f"{name.replace(', ', '-').replace(' ', '_')}.npz"


def make(name: str, strategy: Strategy, table: NASBench201, seeds: int) -> None:
    """Arrays (seeds, evaluations): validation accuracy of the best so far, how many different cells were looked at; and
    (seeds, blocks): the mean accuracy of what was tried."""
    rows = {key: list(values) for key, values in stored(name).items()} if path(name).exists() else {}
    rows = rows or {key: [] for key in COLUMNS}
    for seed in range(len(rows["validation"]), seeds):
        history = search(strategy(TinyCell(), table.evaluate, rng=random.Random(seed)), Budget(evaluations=EVALUATIONS))
        rows["validation"].append([trial.score for trial in history.incumbents])
        seen: set[Cell] = set()
        rows["different"].append([seen.add(trial.architecture) or len(seen) for trial in history.trials])
        rows["tried"].append(np.reshape([trial.score for trial in history.trials], (-1, BLOCK)).mean(axis=1))
        np.savez_compressed(path(name), **{key: np.asarray(values, dtype=np.float32) for key, values in rows.items()})


def stored(name: str) -> dict[str, np.ndarray]:
    """The arrays that `make` saved."""
    with np.load(path(name), allow_pickle=False) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}


def comparison() -> Comparison:
    """The stored searches as a `Comparison`, of the seeds that all strategies have. A trial stands for the best so far:
    `run_trial` makes it, as it does in a search, and the number of the evaluation takes the architecture's place."""
    best = {name: stored(name)["validation"] for name in RACERS}
    seeds = min(map(len, best.values()))

    def history(values: np.ndarray) -> History:
        return History(run_trial(lambda number: Evaluation(score=values[number]), n) for n in range(len(values)))

    return Comparison({name: list(map(history, found[:seeds])) for name, found in best.items()}, tuple(range(seeds)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default=os.environ.get("NAS_EDU_NB201"), help="default: the variable NAS_EDU_NB201")
    parser.add_argument("--seeds", type=int, default=100)
    options = parser.parse_args()
    if options.table is None:
        parser.error("no NAS-Bench-201 table: set NAS_EDU_NB201, or give --table")
    FOLDER.mkdir(exist_ok=True)
    cifar10 = NASBench201.from_csv(options.table)
    for strategy_name, made in strategies().items():
        make(strategy_name, made, cifar10, options.seeds)
        print(f"{strategy_name}: done", flush=True)
