"""The comparisons of lecture 11, made once and stored beside this file.

    cd lectures
    python -m histories.zero_cost_search                  # makes what is not there yet, in this order:
    python -m histories.zero_cost_search table            # or only one part

table    every way to augment a search and its plain version, on NAS-Bench-Edu (MNIST-1D): 60
         trainings a seed, looked up with what they cost then, proxies included
darts    DARTS, then argmax alpha or perturbation, against zero-cost perturbation of an untrained supernet; what comes
         out is trained as the table's cells were. About a minute and a half of CPU time a seed
nb201    plain and augmented on NAS-Bench-201 (CIFAR-10), by evaluations, for that table holds no seconds. Bring two
         files, for they are no part of this package: NAS_EDU_NB201 names the accuracies, as `NASBench201.from_csv`
         reads them, NAS_EDU_NB201_PROXIES a table with the columns net_str, nwot and params

What is stored does not say which cell of NAS-Bench-201 was looked at. Each part is stored seed by seed.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from histories.search_spaces import RANDOM_CELLS, on_task
from histories.search_spaces import stored as stored_cells

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.nas_bench import NASBench201, NASBenchEdu, Proxies
from nas_edu.search_spaces import Cell, Subspace, TinyCell
from nas_edu.search_strategies import (
    Comparison,
    Learned,
    area,
    forest_search,
    learn,
    prefilter,
    random_search,
    rank_sum,
    rank_vote,
    regularized_evolution,
    zero_cost_search,
)

FOLDER = Path(__file__).parent / "11_zero_cost_search"
EVALUATIONS = {"table": 60, "nb201": 100}
SEEDS = {"table": 30, "nb201": 100, "darts": 2}
POOL = 500
THREE = ("nwot", "synflow", "jacob_cov")
FIVE = ("params", "nwot", "synflow", "jacob_cov", "snip")
DARTS_STEPS = 300


def learned_elsewhere() -> Learned:
    """Weights of FIVE from another task: 40 random cells on the shuffled signals, their accuracy and their proxies."""
    sample = [trial.architecture for trial in stored_cells("transfer-mnist1d", TinyCell()).trials[:RANDOM_CELLS]]
    places = [TinyCell().index(cell) for cell in sample]
    proxies = Proxies.load("mnist1d-shuffled")
    values = np.stack([proxies.column(name)[places] for name in FIVE])
    return learn(FIVE, values, np.array(on_task("mnist1d-shuffled")[:RANDOM_CELLS]))


def strategies(proxy: Callable[[str], Any]) -> dict[str, Callable[..., Any]]:
    """All that is compared on the table; `proxy(name)` is an estimator. The plain ones come first."""
    nwot, params = [proxy("nwot")], [proxy("params")]
    three, five = [proxy(name) for name in THREE], [proxy(name) for name in FIVE]
    pure = partial(zero_cost_search, pool_size=POOL)
    return {
        "random search": random_search,
        "evolution": regularized_evolution,
        "forest": forest_search,
        "pre-filtered random": partial(prefilter, random_search, proxies=nwot),
        "pre-filtered evolution": partial(prefilter, regularized_evolution, proxies=nwot),
        "assisted evolution": partial(area, proxies=nwot),
        "assisted, params": partial(area, proxies=params),
        "zero-cost, nwot": partial(pure, proxies=nwot),
        "zero-cost, params": partial(pure, proxies=params),
        "zero-cost, rank sum": partial(pure, proxies=three, combine=rank_sum),
        "zero-cost, rank vote": partial(pure, proxies=three, combine=rank_vote),
        "zero-cost, learned": partial(pure, proxies=five, combine=learned_elsewhere()),
        "forest with proxies": partial(forest_search, proxies=five),
    }


def path(part: str, name: str) -> Path:
    return FOLDER / f"{part}-{name.replace(', ', '-').replace(' ', '_')}.npz"


def make(part: str, name: str, strategy: Any, space: Any, evaluate: Any, judge: Callable[[History], Any]) -> None:
    """Arrays (seeds, evaluations): the incumbent's validation accuracy, its regret, the cost of each step."""
    rows: dict[str, list[Any]] = {"validation": [], "regret": [], "cost": []}
    if path(part, name).exists():
        rows = {key: list(values) for key, values in stored(part, name).items()}
    for seed in range(len(rows["cost"]), SEEDS[part]):
        budget = Budget(evaluations=EVALUATIONS[part])
        history = search(strategy(space, evaluate, rng=random.Random(seed)), budget)
        rows["validation"].append([trial.score for trial in history.incumbents])
        rows["regret"].append(judge(history))
        rows["cost"].append([trial.evaluation.cost for trial in history.trials])
    np.savez_compressed(path(part, name), **{key: np.asarray(v, dtype=np.float32) for key, v in rows.items()})


def stored(part: str, name: str) -> dict[str, np.ndarray]:
    with np.load(path(part, name), allow_pickle=False) as arrays:
        return {key: arrays[key].astype(float) for key in arrays.files}


def comparison(part: str, names: list[str]) -> Comparison:
    """The stored searches as a `Comparison`. A trial stands for the best so far: `run_trial` makes it, as it does in a
    search, and the number of the evaluation takes the architecture's place."""
    found = {name: stored(part, name) for name in names}
    seeds = min(len(rows["cost"]) for rows in found.values())

    def history(rows: Mapping[str, np.ndarray], seed: int) -> History:
        def look_up(n: int) -> Evaluation:
            return Evaluation(
                score=rows["validation"][seed, n],
                cost=rows["cost"][seed, n],
                objectives={"regret": rows["regret"][seed, n]},
            )

        return History(run_trial(look_up, n) for n in range(rows["cost"].shape[1]))

    return Comparison(
        {name: [history(rows, s) for s in range(seeds)] for name, rows in found.items()}, tuple(range(seeds))
    )


def regret(history: History) -> list[float]:
    """The judge of stored searches."""
    return [trial.evaluation.objectives["regret"] for trial in history.trials]


def table_part() -> None:
    table = NASBenchEdu.load("mnist1d")
    for name, strategy in strategies(table.proxies.estimator).items():
        make("table", name, strategy, TinyCell(), table.evaluate, table.regret)
        print(f"{name}: done", flush=True)


def darts_results() -> list[dict[str, Any]]:
    """One entry a seed: for each selection the cell, its test accuracy, and the seconds of the search."""
    file = FOLDER / "darts.json"
    return json.loads(file.read_text()) if file.exists() else []


def darts_part() -> None:
    from nas_edu.data import load
    from nas_edu.one_shot import TinyCellSupernet, darts, perturbation_selection, zero_cost_perturbation
    from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet
    from nas_edu.performance_estimation import Train

    task, results = load("mnist1d"), darts_results()
    train = Train(task)

    def last(steps: Any) -> Cell:
        for step in steps:
            cell = step.architecture
        return cell

    for seed in range(len(results), SEEDS["darts"]):
        rng, started = random.Random(seed), time.process_time()
        supernet = FastTinyCellSupernet(task, seed=seed)
        found = {
            "DARTS, argmax": (last(darts(supernet, task, steps=DARTS_STEPS, rng=rng)), time.process_time() - started)
        }
        cell = last(perturbation_selection(supernet, task, tuning_steps=20, rng=rng))
        found["DARTS, perturbation"] = cell, time.process_time() - started
        for proxy in ("nwot", "params", "synflow"):
            started = time.process_time()
            untrained = TinyCellSupernet(task, seed=seed)
            cell = last(zero_cost_perturbation(untrained, task, proxy=proxy, rng=random.Random(seed)))
            found[f"zero-cost perturbation, {proxy}"] = cell, time.process_time() - started
        entry = {}
        for name, (cell, seconds) in found.items():
            entry[name] = {"cell": str(cell), "test": train.test(train(cell))[1], "seconds": seconds}
        results.append(entry)
        (FOLDER / "darts.json").write_text(json.dumps(results, indent=1) + "\n")
        print(f"seed {seed}: {entry}", flush=True)


def nb201_part() -> None:
    import pandas as pd

    from nas_edu.search_strategies.comparison import regret as below

    table = NASBench201.from_csv(os.environ["NAS_EDU_NB201"], "cifar10")
    frame = pd.read_csv(os.environ["NAS_EDU_NB201_PROXIES"])
    space = TinyCell()
    cells = [space.parse(text) for text in frame["net_str"]]
    best = max(table.query(cell).validation_accuracy for cell in cells)

    def proxy(name: str) -> Callable[..., Evaluation]:
        values = dict(zip(cells, frame[name].tolist(), strict=True))
        return lambda cell, *, epochs=None, resume=None: Evaluation(score=values[cell], info={"proxy": name})

    nwot, params = [proxy("nwot")], [proxy("params")]
    compared = {
        "random search": random_search,
        "evolution": regularized_evolution,
        "assisted evolution": partial(area, proxies=nwot),
        "pre-filtered evolution": partial(prefilter, regularized_evolution, proxies=nwot),
        "zero-cost, nwot": partial(zero_cost_search, pool_size=POOL, proxies=nwot),
        "zero-cost, params": partial(zero_cost_search, pool_size=POOL, proxies=params),
    }
    for name, strategy in compared.items():
        make("nb201", name, strategy, Subspace(space, cells), table.evaluate, partial(below, best=best))
        print(f"{name}: done", flush=True)


PARTS = {"table": table_part, "nb201": nb201_part, "darts": darts_part}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or PARTS:
        if wanted == "nb201" and not {"NAS_EDU_NB201", "NAS_EDU_NB201_PROXIES"} <= set(os.environ):
            print("nb201 left out: NAS_EDU_NB201 and NAS_EDU_NB201_PROXIES name no files")
            continue
        PARTS[wanted]()
