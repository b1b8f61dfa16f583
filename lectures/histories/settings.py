"""What P and S do to evolution, what local search does, and whom aging helps in a NAS space; for lecture 3, stored.

    NAS_EDU_NB201=nb201_accuracies.csv.gz python lectures/histories/settings.py     # two minutes on one free core

Everything searches the cells of NAS-Bench-201 (CIFAR-10), a lookup for each evaluation. The table is not part of this
package: bring a file of the form that `NASBench201.from_csv` reads. Stored are numbers over time, not which cells were
looked at. `aging.csv.gz` is the measurement of `aging.py`, with these cells in the place of its bit strings.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import Comparison, local_search, random_search, regularized_evolution

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "03_settings"
SIZES = ((20, 10), (50, 3), (20, 1), (20, 20))
SETTINGS = {f"evolution, P={p}, S={s}": {"population_size": p, "sample_size": s} for p, s in SIZES}
CLIMBS = {f"local search, {improvement}": {"improvement": improvement} for improvement in ("first", "best")}
STRATEGIES = (
    {"random search": random_search}
    | {name: partial(regularized_evolution, **sizes) for name, sizes in SETTINGS.items()}
    | {name: partial(local_search, **which) for name, which in CLIMBS.items()}
)
SIGMAS = (0.0, 0.002, 0.005, 0.01, 0.02)
FILE = FOLDER / "searches.npz"
AGING = FOLDER / "aging.csv.gz"


def comparison(names: Sequence[str] = tuple(STRATEGIES)) -> Comparison:
    """The stored searches as a `Comparison`. A trial stands for the best so far: `run_trial` makes it, as it does in a
    search, and the number of the evaluation takes the architecture's place."""
    with np.load(FILE, allow_pickle=False) as arrays:
        best = {name: arrays[name].astype(float) for name in names}

    def history(values: np.ndarray) -> History:
        return History(run_trial(lambda number: Evaluation(score=values[number]), n) for n in range(len(values)))

    seeds = tuple(range(len(best[names[0]])))
    return Comparison({name: list(map(history, found)) for name, found in best.items()}, seeds)


def aging() -> pd.DataFrame:
    """What `aging.measure` gave in this space."""
    import pandas as pd

    return pd.read_csv(AGING)


if __name__ == "__main__":
    from aging import measure

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default=os.environ.get("NAS_EDU_NB201"), help="default: the variable NAS_EDU_NB201")
    parser.add_argument("--seeds", type=int, default=200)
    options = parser.parse_args()
    if options.table is None:
        parser.error("no NAS-Bench-201 table: set NAS_EDU_NB201, or give --table")
    FOLDER.mkdir(exist_ok=True)
    table, space = NASBench201.from_csv(options.table), TinyCell()
    found = {}
    for name, strategy in STRATEGIES.items():
        runs = [
            search(strategy(space, table.evaluate, rng=random.Random(seed)), Budget(evaluations=200))
            for seed in range(options.seeds)
        ]
        found[name] = np.array([[trial.score for trial in run.incumbents] for run in runs], dtype=np.float32)
        print(name, found[name][:, [24, 99, 199]].mean(axis=0), flush=True)
    np.savez_compressed(FILE, **found)
    sizes = {"sigmas": SIGMAS, "evaluations": (100, 200, 500)}
    frame = measure(space, table.evaluate, seeds=range(options.seeds), **sizes)
    frame.to_csv(AGING, index=False, compression={"method": "gzip", "mtime": 0}, lineterminator="\n")
