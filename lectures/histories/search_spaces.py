"""The trainings that lecture 2 looks at, made once and stored beside this file.

    cd lectures
    python -m histories.search_spaces                 # makes what is not there yet, in this order:
    python -m histories.search_spaces transfer        # or only what begins like this

transfer   48 cells of TinyCell on three tasks: 40 drawn at random, and the 8 best that the table of MNIST-1D knew then.
           On MNIST-1D the table answers; on the other tasks they are trained, 10 epochs, digits with two seeds.
samples    architectures drawn at random from each space, trained on MNIST-1D for two epochs: 25, or 10 where a
           network takes ten times as long as one of TinyCell.
stages     a search with a cell of its own for each stage; same strategies, budget and seeds as lecture 3 has for one
           cell everywhere (histories/evolution.py), so that the two can be compared.
climbs     from the best of lecture 3's evolution: 40 more trainings for a better cell everywhere, and 40 for a better
           cell in one stage.

An evaluation notes the test accuracy of what it trained, for the report; no search looks at it. All of it takes about
45 minutes on one free core.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from histories import evolution

from nas_edu.core import Budget, Evaluate, Evaluation, History, Trial, run_trial, score, search
from nas_edu.search_spaces import Chain, DARTSCell, Hierarchical, Macro, NASNetCell, TinyCell
from nas_edu.search_spaces.ready_grammars import FUNCTIONS, STAGED_CELLS
from nas_edu.search_spaces.stage_cells import CellPerStage, StageCells
from nas_edu.search_strategies import random_search, regularized_evolution

FOLDER = Path(__file__).parent / "02_search_spaces"
SAMPLES = {
    "Chain": (Chain(), 25),
    "Macro": (Macro(), 25),
    "TinyCell": (TinyCell(), 25),
    "Hierarchical": (Hierarchical(), 25),
    "Grammar of functions": (FUNCTIONS, 25),
    "Grammar of staged cells": (STAGED_CELLS, 25),
    "NASNetCell": (NASNetCell(), 10),
    "DARTSCell": (DARTSCell(), 10),
}
RANDOM_CELLS, BEST_CELLS = 40, 8
TRANSFERS = {"mnist1d": 0, "mnist1d-shuffled": 1, "digits": 2}  # trainings of each cell; none where the table answers
STRATEGIES = {"random_search": (random_search, {}), "regularized_evolution": (regularized_evolution, evolution.SIZES)}
SEEDS = range(5)
CLIMB = 40


class Tested:
    """An estimator that notes the test accuracy beside the score, and forgets the trained network."""

    def __init__(self, task: str, *, epochs: int, seed: int = 0) -> None:
        from nas_edu.data import load
        from nas_edu.performance_estimation import Protocol, Train

        self.train = Train(load(task), seed=seed, protocol=Protocol(epochs=epochs))

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
    """The accuracy of each of the 48 cells, the mean over all trainings that are stored."""
    files = sorted(FOLDER.glob(f"transfer-{task}-[0-9].json.gz")) or [path(f"transfer-{task}")]
    trainings = [History.load(file, TinyCell()).trials for file in files]
    return [fmean(_accuracy(trial, split) for trial in trials) for trials in zip(*trainings, strict=True)]


def _accuracy(trial: Trial, split: str) -> float:
    return trial.evaluation.objectives["test_accuracy"] if split == "test" else trial.score


def sampled() -> dict[str, History]:
    """The random architectures of each space, by its name; those that are stored."""
    names = [name for name in SAMPLES if path(f"samples-{name}").exists()]
    return {name: stored(f"samples-{name}", SAMPLES[name][0]) for name in names}


def staged() -> dict[str, list[History]]:
    """The searches with a cell for each stage, by strategy: the seeds that are stored for both."""
    found = [seed for seed in SEEDS if all(path(f"stages-{name}-{seed}").exists() for name in STRATEGIES)]
    return {name: [stored(f"stages-{name}-{seed}", StageCells()) for seed in found] for name in STRATEGIES}


def evaluated(cells: Iterable[Any], evaluate: Evaluate) -> History:
    return History(run_trial(evaluate, cell) for cell in cells)


def transfer() -> Iterator[tuple[str, Any]]:
    """The 40 random cells first, then the 8 best; the same ones in the same order on every task."""
    yield "transfer-mnist1d", looked_up
    for task, trainings in TRANSFERS.items():
        for seed in range(trainings):
            yield (
                f"transfer-{task}-{seed}",
                lambda task=task, seed=seed: evaluated(
                    [trial.architecture for trial in stored("transfer-mnist1d", TinyCell()).trials],
                    Tested(task, epochs=10, seed=seed),
                ),
            )


def looked_up() -> History:
    """Cells of different functions, from those that the table had when this was made: a fair sample of the space."""
    from nas_edu.nas_bench import NASBenchEdu

    table = NASBenchEdu.load("mnist1d")
    trained = set(table.row_of_cell[table.trained[0][table.row_of_cell]].tolist())
    rng = random.Random(0)
    drawn = (TinyCell().sample(rng) for _ in iter(int, 1))
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
                    strategy(StageCells(), evaluate, rng=random.Random(seed), **sizes), evolution.BUDGET
                ),
            )


def climbs() -> Iterator[tuple[str, Any]]:
    evaluate = evolution.Remembered(Tested("mnist1d", epochs=evolution.EPOCHS))
    best = [history.best.architecture for history in evolution.stored()["regularized evolution"]]
    for seed, cell in zip(SEEDS, best, strict=False):
        starts = {"everywhere": (TinyCell(), cell), "per_stage": (StageCells(), CellPerStage((cell,) * 3))}
        for name, (space, start) in starts.items():
            yield (
                f"climbs-{name}-{seed}",
                lambda space=space, start=start, seed=seed: search(
                    climb(space, evaluate, start, random.Random(seed)), Budget(evaluations=CLIMB)
                ),
            )


def climb(space: Any, evaluate: Evaluate, start: Any, rng: random.Random) -> Iterator[Trial]:
    """Mutate the best one so far, and move on where the child is at least as good."""
    current = run_trial(evaluate, start)
    yield current
    while True:
        child = run_trial(evaluate, space.mutate(current.architecture, rng), parents=[current])
        yield child
        current = max(child, current, key=score)  # a tie moves on


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[""], help="make only what begins like this")
    wanted = tuple(parser.parse_args().names)
    FOLDER.mkdir(exist_ok=True)
    for name, make in itertools.chain(transfer(), samples(), stages(), climbs()):
        if name.startswith(wanted) and not path(name).exists():
            history = make()
            history.save(path(name))
            print(f"{name}: {len(history)} trainings, {history.used['cost']:.0f} s", flush=True)
