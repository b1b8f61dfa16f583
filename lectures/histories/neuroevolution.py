"""Neuroevolution as in the 1990s, beside random search, for lecture 3; made once and stored beside this file.

    python lectures/histories/neuroevolution.py --seeds 8     # makes what is not there yet

Chains of up to six layers on MNIST-1D, 40 evaluations for each search. Each is a real training of two epochs. Without
inherited weights the score depends on the chain alone, so that no chain is trained twice; with them it depends on the
ancestors, and each child is trained. Eight seeds are some 900 trainings: about 10 minutes on one free core.
"""

from __future__ import annotations

import argparse
import random
import sys
from functools import cache, partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the notebooks run in lectures/, where `histories` is found

from histories.evolution import EPOCHS, Remembered

from nas_edu.core import Budget, Evaluate, History, search
from nas_edu.search_spaces import Chain
from nas_edu.search_strategies import neuroevolution, random_search
from nas_edu.search_strategies.comparison import Strategy

FOLDER = Path(__file__).parent / "03_neuroevolution"
SPACE = Chain(max_layers=6, kernels=(3, 5), channels=(4, 8, 16))
BUDGET = Budget(evaluations=40)
SIZE = 8
STRATEGIES: dict[str, Strategy] = {
    "random search": random_search,
    "neuroevolution": partial(neuroevolution, population_size=SIZE),
    "with elitism": partial(neuroevolution, population_size=SIZE, elite_size=2),
    "with elitism and inherited weights": partial(neuroevolution, population_size=SIZE, elite_size=2, inherit=True),
}


def path(name: str, seed: int) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}-{seed}.json.gz"


def stored() -> dict[str, list[History]]:
    """All stored searches, by strategy; the seeds that all of them have."""
    seeds = [seed for seed in range(100) if all(path(name, seed).exists() for name in STRATEGIES)]
    return {name: [History.load(path(name, seed), SPACE) for seed in seeds] for name in STRATEGIES}


@cache
def train() -> Evaluate:
    from nas_edu.data import load
    from nas_edu.performance_estimation import Train, TrainingRecipe

    return Train(load("mnist1d"), recipe=TrainingRecipe(epochs=EPOCHS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    remembered = Remembered(train())
    for seed in range(options.seeds):
        for name, strategy in STRATEGIES.items():
            if not path(name, seed).exists():
                evaluate = train() if "weights" in name else remembered
                search(strategy(SPACE, evaluate, rng=random.Random(seed)), BUDGET).save(path(name, seed))
        print(f"seed {seed}: done", flush=True)
