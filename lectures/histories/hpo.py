"""Searches of lecture 3 by HPO tools: Optuna and SMAC3 in the place of evolution, all else as in `evolution.py`.

    python lectures/histories/hpo.py --seeds 10     # makes what is not there yet

The same cells, task, budget and trainings, so that these histories can be laid beside the stored ones of random search
and evolution. What those trained is not trained again: a score depends on the cell's function alone. Ten seeds are
some 600 trainings and the tools' own time: about 12 minutes on one free core. Needs the extra `hpo`.
"""

from __future__ import annotations

import argparse
import random
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the notebooks run in lectures/, where `histories` is found

from histories.evolution import BUDGET, Remembered, estimator
from histories.evolution import stored as stored_evolution

from nas_edu.core import History, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import optuna_search, smac_search

FOLDER = Path(__file__).parent / "03_hpo"
STRATEGIES = {"Optuna (TPE)": optuna_search, "SMAC3": partial(smac_search, retrain_after=1)}
FILES = {"Optuna (TPE)": "optuna", "SMAC3": "smac"}


def path(name: str, seed: int) -> Path:
    return FOLDER / f"{FILES[name]}-{seed}.json.gz"


def stored() -> dict[str, list[History]]:
    """All stored searches, by strategy; the same seeds for each, those of the stored random searches."""
    seeds = range(len(stored_evolution()["random search"]))
    return {name: [History.load(path(name, seed), TinyCell()) for seed in seeds] for name in STRATEGIES}


def know(evaluate: Remembered, histories: dict[str, list[History]]) -> None:
    """Let the estimator remember what these searches trained."""
    for trial in (trial for runs in histories.values() for history in runs for trial in history.trials):
        evaluate.known.setdefault(trial.architecture.canonical, trial.evaluation)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    know(estimator(), stored_evolution())
    for seed in range(options.seeds):
        for name, strategy in STRATEGIES.items():
            if not path(name, seed).exists():
                search(strategy(TinyCell(), estimator(), rng=random.Random(seed)), BUDGET).save(path(name, seed))
        print(f"seed {seed}: done, {len(estimator().known)} functions trained", flush=True)
