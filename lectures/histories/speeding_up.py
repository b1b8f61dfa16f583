"""The experiments of lecture 6, made once and stored beside this file.

    cd lectures
    python -m histories.speeding_up               # makes what is not there yet, in this order:
    python -m histories.speeding_up searches      # or only one part

searches     random search, evolution, halving, Hyperband, ASHA and early termination on NAS-Bench-Edu (MNIST-1D), each
             until it has used COST simulated seconds
morphisms    a small chain is trained, made larger, and trained on; against the larger one trained from scratch at equal
             total cost, counted in multiply-accumulates and rounded to whole epochs, and against inherited layers.
             About a minute a seed
growth       hill climbing by morphisms, trained for real
portfolio    leave one data set of NAS-Bench-201 out: what a portfolio from the two others is worth on it. Its table is
             no part of this package: NAS_EDU_NB201 names a file of the form that `NASBench201.from_csv` reads
"""

from __future__ import annotations

import json
import os
import random
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.core import Budget, History, search
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.nas_bench.nas_bench_201 import DATASETS, NASBench201
from nas_edu.performance_estimation.early_termination import EarlyTermination
from nas_edu.performance_estimation.learning_curves import CurveModel
from nas_edu.search_spaces import Chain, TinyCell
from nas_edu.search_strategies import (
    asynchronous_halving,
    hyperband,
    random_search,
    regularized_evolution,
    successive_halving,
)
from nas_edu.search_strategies.fidelity import regret_of_longest
from nas_edu.search_strategies.portfolio import greedy_portfolio

FOLDER = Path(__file__).parent / "06_speeding_up"
COST, POINTS = 400.0, 80
SEEDS = {"searches": 30, "morphisms": 8, "growth": 3, "portfolio": 200}
PATIENT = {"min_epochs": 5, "eta": 2, "count": 8}  # rungs at 5 and 10 epochs


def with_model(strategy: Any, space: Any, evaluate: Any, *, rng: random.Random) -> Any:
    """A strategy whose trainings are stopped by a model of the curves that it has seen."""
    model = CurveModel(partial(space.encode, encoding="one_hot"))
    return strategy(space, EarlyTermination(evaluate, model), rng=rng)


STRATEGIES = {
    "random search": random_search,
    "evolution": regularized_evolution,
    "halving from 1 epoch": successive_halving,
    "halving from 3 epochs": partial(successive_halving, count=9, min_epochs=10 / 3),
    "halving from 5 epochs": partial(successive_halving, **PATIENT),
    "Hyperband": hyperband,
    "ASHA": asynchronous_halving,
    "random, curve model": partial(with_model, random_search),
    "evolution, curve model": partial(with_model, regularized_evolution),
}


def path(name: str) -> Path:
    return FOLDER / f"{name.replace(', ', '-').replace(' ', '_')}.npz"


def grid() -> np.ndarray:
    """The simulated seconds at which the regret is kept."""
    return np.linspace(0, COST, POINTS + 1)[1:]


def regret_over_cost(history: History, judge: Any) -> np.ndarray:
    """(POINTS,): the judge's number when so much is spent; NaN before there is one."""
    spent = np.cumsum([0.0 if t.evaluation is None else t.evaluation.cost for t in history.trials])
    values = np.array([np.nan, *judge(history)])
    return values[np.searchsorted(spent, grid(), side="right")]


def searches_part() -> None:
    table, space = NASBenchEdu.load("mnist1d"), TinyCell()
    judge = partial(regret_of_longest, table=table)
    for name, strategy in STRATEGIES.items():
        if path(name).exists():
            continue
        rows, epochs, counts = [], [], []
        for seed in range(SEEDS["searches"]):
            history = search(strategy(space, table.evaluate, rng=random.Random(seed)), Budget(cost=COST))
            rows.append(regret_over_cost(history, judge))
            epochs.append(history.used["epochs"])
            counts.append(
                sum(
                    not trial.parents or trial.parents[0].architecture != trial.architecture for trial in history.trials
                )
            )
        np.savez_compressed(path(name), regret=np.float32(rows), epochs=np.float32(epochs), looked_at=np.int32(counts))
        print(f"{name}: {np.nanmean(rows, axis=0)[[19, 39, 79]]}, looked at {np.mean(counts):.0f}", flush=True)


def stored(name: str) -> dict[str, np.ndarray]:
    with np.load(path(name), allow_pickle=False) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}


def read(name: str) -> list[dict[str, Any]]:
    file = FOLDER / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else []


def write(name: str, results: list[dict[str, Any]]) -> None:
    (FOLDER / f"{name}.json").write_text(json.dumps(results) + "\n")


def morphisms_part() -> None:
    """Four ways to the larger chain. Cost: epochs times multiply-accumulates, in epochs of the larger chain."""
    import torch

    from nas_edu.data import load
    from nas_edu.networks import build, count_macs
    from nas_edu.networks.morphisms import deepen, widen
    from nas_edu.performance_estimation import Train, TrainingRecipe

    task, results = load("mnist1d"), read("morphisms")
    inputs = torch.from_numpy(task.train.inputs[:500])
    small = Chain().parse("conv5-8 > maxpool > conv5-16 > maxpool > conv3-16")
    again = TrainingRecipe(epochs=4, learning_rate=0.05, warm_up=0.0)

    def macs(chain: Any) -> float:
        return count_macs(build(chain, task), task.input_shape)

    for seed in range(len(results), SEEDS["morphisms"]):
        rng = random.Random(seed)
        parent = Train(task, seed=seed, recipe=TrainingRecipe(epochs=6))(small)
        network = parent.checkpoint.network
        chain, larger = widen(small, network, 2, 32, noise=0.01, rng=rng)
        chain, larger = widen(chain, larger, 4, 32, noise=0.01, rng=rng)
        chain, larger = deepen(chain, larger, 4, inputs)
        paid = 6 * macs(small) / macs(chain)  # what the parent cost, in epochs of the larger chain

        def trained(
            recipe: TrainingRecipe, inherit: Any = None, chain: Any = chain, seed: int = seed
        ) -> dict[str, Any]:
            train = Train(task, seed=seed, recipe=recipe)
            evaluation = train(chain, inherit=inherit)
            curve = [[point.epoch, point.validation_accuracy] for point in evaluation.curve]
            return {"test": train.test(evaluation)[1], "curve": curve}

        entry = {
            "chain": str(chain),
            "parent": {"test": Train(task, seed=seed).test(parent)[1], "epochs paid": paid},
            "morphism": trained(again, larger),
            "inherited layers": trained(again, parent),
            "scratch, equal cost": trained(TrainingRecipe(epochs=round(paid + 4))),
            "scratch, 4 epochs": trained(TrainingRecipe(epochs=4)),
        }
        results.append(entry)
        write("morphisms", results)
        print(seed, {name: one["test"] for name, one in entry.items() if name != "chain"}, flush=True)


def growth_part() -> None:
    import torch

    from nas_edu.data import load
    from nas_edu.performance_estimation import Train, TrainingRecipe
    from nas_edu.search_strategies.morphism_search import morphism_search

    task = load("mnist1d")
    train = Train(task, recipe=TrainingRecipe(epochs=2, learning_rate=0.05, warm_up=0.0))
    start = Chain().parse("conv5-8 > maxpool > conv3-8")
    for seed in range(SEEDS["growth"]):
        file = FOLDER / f"growth-{seed}.json.gz"
        if not file.exists():
            inputs = torch.from_numpy(task.train.inputs[:500])
            growing = morphism_search(start, train, inputs=inputs, children=3, rng=random.Random(seed))
            history = search(growing, Budget(evaluations=25))
            history.save(file)
            print(seed, history, flush=True)


def portfolio_part() -> None:
    """For each data set left out: regret in validation accuracy after k trainings, of the portfolio and of luck."""
    tables = {name: NASBench201.from_csv(os.environ["NAS_EDU_NB201"], name) for name in DATASETS}
    accuracy = {name: table.column("validation_accuracy") for name, table in tables.items()}
    sizes, results = (1, 2, 3, 5, 10, 20), []
    for left in DATASETS:
        others = np.stack([accuracy[name] / accuracy[name].max() for name in DATASETS if name != left])
        members = greedy_portfolio(others, max(sizes))

        def regret(order: list[int], left: str = left) -> list[float]:
            return [float(accuracy[left].max() - accuracy[left][order[:k]].max()) for k in sizes]

        cells = range(len(TinyCell()))
        drawn = [random.Random(seed).choices(cells, k=max(sizes)) for seed in range(SEEDS["portfolio"])]
        results.append(
            {"left out": left, "sizes": sizes, "portfolio": regret(members), "random": list(map(regret, drawn))}
        )
    write("portfolio", results)


PARTS = {"searches": searches_part, "portfolio": portfolio_part, "morphisms": morphisms_part, "growth": growth_part}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or PARTS:
        if wanted == "portfolio" and "NAS_EDU_NB201" not in os.environ:
            print("portfolio left out: NAS_EDU_NB201 names no file")
            continue
        PARTS[wanted]()
