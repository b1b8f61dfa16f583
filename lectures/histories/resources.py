"""NSGA-II for lecture 3: accuracy against multiply-accumulate operations, made once and stored beside this file.

    python lectures/histories/resources.py --seeds 5     # makes what is not there yet

The same cells, task, budget and trainings as in `evolution.py` and `hpo.py`; what those trained is not trained again.
Five seeds are some 100 trainings: about three minutes on one free core.
"""

from __future__ import annotations

import argparse
import random
import sys
from functools import cache, partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the notebooks run in lectures/, where `histories` is found

from histories import hpo
from histories.evolution import BUDGET, estimator
from histories.evolution import stored as stored_evolution

from nas_edu.core import History, run_trial, search
from nas_edu.data import load
from nas_edu.performance_estimation import WithResources
from nas_edu.performance_estimation.resources import macs
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import nsga2

FOLDER = Path(__file__).parent / "03_resources"
OBJECTIVES = ("score", "MACs")
SIZE = 10
RESOURCES = {"MACs": cache(partial(macs, task=load("mnist1d")))}


def path(seed: int) -> Path:
    return FOLDER / f"nsga2-{seed}.json.gz"


def stored() -> list[History]:
    """All stored searches by NSGA-II, from seed 0 on."""
    return [History.load(path(seed), TinyCell()) for seed in range(100) if path(seed).exists()]


def with_macs(history: History) -> History:
    """A search that was made without looking at MACs, with these among its objectives."""
    return History(
        run_trial(WithResources(lambda cell, score=trial: score.evaluation, RESOURCES), trial.architecture)
        for trial in history.trials
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    hpo.know(estimator(), stored_evolution())
    hpo.know(estimator(), hpo.stored())
    evaluate = WithResources(estimator(), RESOURCES)
    for seed in range(options.seeds):
        if not path(seed).exists():
            strategy = nsga2(TinyCell(), evaluate, objectives=OBJECTIVES, population_size=SIZE, rng=random.Random(seed))
            search(strategy, BUDGET).save(path(seed))
        print(f"seed {seed}: done, {len(estimator().known)} functions trained", flush=True)
