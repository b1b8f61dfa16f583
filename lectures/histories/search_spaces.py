"""The trainings that lecture 2 looks at, made once and stored beside this file.

    cd lectures
    python -m histories.search_spaces                 # makes what is not there yet, in this order:
    python -m histories.search_spaces transfer        # or only what begins like this

transfer   48 cells of TinyCell on three tasks: 40 drawn at random, and the 8 best that the table of MNIST-1D knew then.
           On MNIST-1D the table answers; on the other tasks they are trained, 10 epochs.
samples    architectures drawn at random from each space, trained on MNIST-1D for two epochs: 25, or 5 where a network
           takes ten times as long as one of TinyCell.
stages     a search with a cell of its own for each stage: the strategies, sizes and seeds of lecture 3, which searches
           for one cell everywhere (histories/evolution.py), so that the two can be compared; 30 trainings each.

An evaluation notes the test accuracy of what it trained, for the report; no search looks at it. All of it takes about
15 minutes on one free core.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from histories import evolution

from nas_edu.core import Budget, Evaluate, Evaluation, History, run_trial, search
from nas_edu.search_spaces import Chain, DARTSCell, Hierarchical, Macro, NASNetCell, TinyCell
from nas_edu.search_spaces.ready_grammars import FUNCTIONS, STAGED_CELLS
from nas_edu.search_spaces.stage_cells import StageCells
from nas_edu.search_strategies import random_search, regularized_evolution

FOLDER = Path(__file__).parent / "02_search_spaces"
SAMPLES = {
    "Chain": (Chain(), 25),
    "Macro": (Macro(), 25),
    "TinyCell": (TinyCell(), 25),
    "Hierarchical": (Hierarchical(), 25),
    "Grammar of functions": (FUNCTIONS, 25),
    "Grammar of staged cells": (STAGED_CELLS, 25),
    "NASNetCell": (NASNetCell(), 5),
    "DARTSCell": (DARTSCell(), 5),
}
RANDOM_CELLS, BEST_CELLS = 40, 8
TRAINED_ON = ("mnist1d-shuffled", "digits")
STRATEGIES = {"random_search": (random_search, {}), "regularized_evolution": (regularized_evolution, evolution.SIZES)}
SEEDS = range(4)
BUDGET = Budget(evaluations=30)


class Tested:
    """An estimator that notes the test accuracy beside the score, and forgets the trained network."""

    def __init__(self, task: str, *, epochs: int, seed: int = 0) -> None:
        from nas_edu.data import load
        from nas_edu.performance_estimation import Train, TrainingRecipe

        self.train = Train(load(task), seed=seed, recipe=TrainingRecipe(epochs=epochs))

    def __call__(
        self, architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        from nas_edu.networks import count_macs, count_parameters

        result = self.train(architecture)
        network = result.checkpoint.network
        figures = {
            "test_accuracy": self.train.test(result)[1],
            "parameters": count_parameters(network),
            "macs": count_macs(network, self.train.task.input_shape),
        }
        return replace(result, objectives=figures, checkpoint=None)


def path(name: str) -> Path:
    return FOLDER / f"{name.replace(' ', '_')}.json.gz"


def stored(name: str, space: Any) -> History:
    """A history that this script made; what there is: the files in FOLDER."""
    return History.load(path(name), space)


def on_task(task: str, split: str = "test") -> list[float]:
    """The accuracy of each of the 48 cells; `split` is "test" or "validation"."""
    trials = stored(f"transfer-{task}", TinyCell()).trials
    return [trial.evaluation.objectives["test_accuracy"] if split == "test" else trial.score for trial in trials]


def sampled() -> dict[str, History]:
    """The random architectures of each space, by its name; those that are stored."""
    names = [name for name in SAMPLES if path(f"samples-{name}").exists()]
    return {name: stored(f"samples-{name}", SAMPLES[name][0]) for name in names}


def staged() -> dict[str, list[History]]:
    """The searches with a cell for each stage, by strategy, seeds from 0 on; those that are stored."""
    return {
        name: [
            stored(f"stages-{name}-{seed}", StageCells()) for seed in SEEDS if path(f"stages-{name}-{seed}").exists()
        ]
        for name in STRATEGIES
    }


def evaluated(cells: Iterable[Any], evaluate: Evaluate) -> History:
    return History(run_trial(evaluate, cell) for cell in cells)


def transfer() -> Iterator[tuple[str, Any]]:
    """The 40 random cells first, then the 8 best; the same ones in the same order on every task."""
    yield "transfer-mnist1d", looked_up
    for task in TRAINED_ON:
        yield f"transfer-{task}", lambda task=task: evaluated(_cells(), Tested(task, epochs=10))


def _cells() -> list[Any]:
    return [trial.architecture for trial in stored("transfer-mnist1d", TinyCell()).trials]


def looked_up() -> History:
    """Cells of different functions, from those that the table had when this was made: a fair sample of the space."""
    from nas_edu.nas_bench import NASBenchEdu

    table = NASBenchEdu.load("mnist1d")
    trained = set(table.row_of_cell[table.trained[0][table.row_of_cell]].tolist())
    rng = random.Random(0)
    drawn = (TinyCell().sample(rng) for _ in itertools.count())
    known = (cell for cell in drawn if table.row_of_cell[TinyCell().index(cell)] in trained)
    chosen: list[Any] = []
    while len(chosen) < RANDOM_CELLS:
        cell = next(known).canonical
        if cell not in chosen:
            chosen.append(cell)
    functions = [cell for cell in TinyCell().distinct() if table.row_of_cell[TinyCell().index(cell)] in trained]
    best = sorted(functions, key=lambda cell: -table.query(cell).validation_accuracy)[:BEST_CELLS]

    def look_up(cell: Any, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        figures = {"test_accuracy": table.test_accuracy(cell), "of": len(functions)}
        return replace(table.evaluate(cell), objectives=figures)

    return evaluated([*chosen, *best], look_up)


def samples() -> Iterator[tuple[str, Any]]:
    for name, (space, count) in SAMPLES.items():
        yield (
            f"samples-{name}",
            lambda space=space, count=count: search(
                random_search(space, Tested("mnist1d", epochs=evolution.EPOCHS), rng=random.Random(0)),
                Budget(evaluations=count),
            ),
        )


def stages() -> Iterator[tuple[str, Any]]:
    evaluate = evolution.Remembered(Tested("mnist1d", epochs=evolution.EPOCHS))
    for seed in SEEDS:
        for name, (strategy, sizes) in STRATEGIES.items():
            yield (
                f"stages-{name}-{seed}",
                lambda seed=seed, strategy=strategy, sizes=sizes: search(
                    strategy(StageCells(), evaluate, rng=random.Random(seed), **sizes), BUDGET
                ),
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[""], help="make only what begins like this")
    wanted = tuple(parser.parse_args().names)
    FOLDER.mkdir(exist_ok=True)
    for name, make in itertools.chain(transfer(), samples(), stages()):
        if name.startswith(wanted) and not path(name).exists():
            history = make()
            history.save(path(name))
            print(f"{name}: {len(history)} trainings, {history.used['cost']:.0f} s", flush=True)
