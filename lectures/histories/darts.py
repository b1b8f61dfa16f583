"""The experiments of lecture 8, made once and stored beside this file.

    python lectures/histories/darts.py     # makes what is not there yet

kinks.json.gz                the architecture gradient by the published finite difference, and others, against the exact
digits-RATE-SEED.json.gz     three tries on `digits`, three seeds each, that fixed the learning rate of alpha
mnist1d-SETTING-SEED.json.gz searches on MNIST-1D: the argmax cell, CPU seconds, alpha and losses on the way, and what
                             the shared weights say about the cells of sample.json.gz
random-SEED.json.gz          random search with real trainings, for as many CPU seconds as DARTS takes
judged-TASK.json.gz          validation accuracy of each returned cell trained alone by the protocol of the table (seed
                             0): read from the table where it is there, else trained here
history.json.gz              the search of seed 0, every fifth step, for the replay

About three quarters of an hour on one free core, of which the kinks take nearly a half. What is done is kept, so the
command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.core import History, Step
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import OPERATIONS

FOLDER = Path(__file__).parent / "08_darts"
SEEDS, DIGITS_SEEDS = range(5), range(3)
STEPS, BATCH_SIZE, WEIGHT_RATE = 500, 32, 0.025
TRIES = (0.003, 0.01, 0.03)  # learning rates of alpha, on digits
WITHOUT_NONE = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
SAMPLE = 40  # cells whose accuracy with shared weights is compared with that of a training
EVERY = 10  # steps between two stored alphas


def settings() -> dict[str, dict[str, Any]]:
    """What is searched on MNIST-1D: the fixed setting, the same in second order, the same with `none` taken away."""
    fixed = {"alpha_learning_rate": chosen_rate()}
    return {
        "first order": fixed,
        "without none": fixed | {"operations": WITHOUT_NONE},
        "second order": fixed | {"order": 2},
    }


def chosen_rate() -> float:
    """The learning rate of alpha whose cells were best on digits, in the mean; of equals, the smallest."""
    known = judged("digits")
    return max(TRIES, key=lambda rate: sum(known[cell] for cell in tried(rate)))


def tried(rate: float) -> list[str]:
    """The cells that the searches on digits returned, seed by seed."""
    return [_read(path(f"digits-{rate}", seed))["cell"] for seed in DIGITS_SEEDS]


def darts_search(task_name: str, seed: int, operations: Sequence[str] = OPERATIONS, **changed: Any) -> dict:
    """One search, with CPU seconds of the search alone."""
    from nas_edu.one_shot import FastTinyCellSupernet, darts

    task = load(task_name)
    began = time.process_time()
    supernet = FastTinyCellSupernet(task, operations=operations, seed=seed)
    searching = darts(
        supernet,
        task,
        steps=STEPS,
        batch_size=BATCH_SIZE,
        weight_learning_rate=WEIGHT_RATE,
        rng=random.Random(seed),
        **changed,
    )
    steps = list(searching)
    seconds = round(time.process_time() - began, 2)
    found = {
        "cell": str(steps[-1].architecture),
        "seconds": seconds,
        "alphas": [np.round(step.alpha["cell"], 4).tolist() for step in steps[EVERY - 1 :: EVERY]],
        "cells": [str(step.architecture) for step in steps[EVERY - 1 :: EVERY]],
        "supernet": _one_shot_accuracy(supernet, task.validation, None),
    }
    if task_name == "mnist1d" and "order" not in changed and operations == OPERATIONS:
        cells = map(TinyCell().parse, sample())
        found["one_shot"] = [_one_shot_accuracy(supernet, task.validation, cell) for cell in cells]
        if seed == 0:
            History(map(_rounded, steps[4::5])).save(FOLDER / "history.json.gz")
    return found


def _rounded(step: Step) -> Step:
    """A step with fewer digits, to be stored."""
    info = {
        "operations": step.info["operations"],
        "entropy": {k: np.round(v, 4).tolist() for k, v in step.info["entropy"].items()},
    }
    losses = {name: round(value, 4) for name, value in step.losses.items()}
    return replace(
        step, losses=losses, alpha={k: np.round(v.astype(float), 4) for k, v in step.alpha.items()}, info=info
    )


def _one_shot_accuracy(supernet: Any, split: Any, cell: Cell | None) -> float:
    """Validation accuracy with the shared weights: of one cell, or of the whole mixture."""
    import torch

    inputs, targets = torch.from_numpy(split.inputs), torch.from_numpy(split.targets)
    with torch.no_grad():
        hits = [
            (supernet(x, architecture=cell).argmax(1) == y).float()
            for x, y in zip(inputs.split(250), targets.split(250), strict=True)
        ]
    return round(torch.cat(hits).mean().item(), 4)


def random_search(seed: int, seconds: float) -> dict[str, Any]:
    """Cells drawn at random and trained as the table trains, until the time is over; the last training may end."""
    from nas_edu.performance_estimation import Train

    evaluate, rng = Train(load("mnist1d"), clock=time.process_time), random.Random(seed)
    found: dict[str, Any] = {"cells": [], "accuracies": [], "seconds": []}
    while sum(found["seconds"]) < seconds:
        cell = TinyCell().sample(rng)
        began = time.process_time()
        accuracy = evaluate(cell).validation_accuracy
        found["seconds"].append(round(time.process_time() - began, 2))
        found["cells"].append(str(cell))
        found["accuracies"].append(round(accuracy, 5))
    return found


@cache
def table() -> NASBenchEdu:
    return NASBenchEdu.load("mnist1d")


def sample() -> dict[str, float]:
    """Cells drawn at random from those of the table, with their accuracy there; drawn once and stored."""
    file = FOLDER / "sample.json.gz"
    if not file.exists():
        accuracy, cells = table().column("validation_accuracy", seed=0), list(TinyCell())
        known = np.flatnonzero(~np.isnan(accuracy)).tolist()
        drawn = random.Random(0).sample(known, SAMPLE)
        _write(file, {str(cells[n]): round(float(accuracy[n]), 5) for n in drawn})
    return _read(file)


def percentile(accuracy: float) -> float:
    """Per cent of the table's cells that are worse (seed 0); equal ones count one half."""
    known = table().column("validation_accuracy", seed=0)
    known = known[~np.isnan(known)]
    return 100 * float((known < accuracy - 1e-4).mean() + (abs(known - accuracy) <= 1e-4).mean() / 2)


def judge(task: str, text: str) -> float:
    """Validation accuracy of a cell trained alone; remembered."""
    from nas_edu.performance_estimation import Train

    known, cell = judged(task), TinyCell().parse(text)
    if text not in known:
        try:
            if task != "mnist1d":
                raise LookupError
            value = table().query(cell, seed=0).validation_accuracy
        except LookupError:
            value = Train(load(task))(cell).validation_accuracy
        known[text] = round(value, 5)
        _write(FOLDER / f"judged-{task}.json.gz", known)
    return known[text]


def judged(task: str) -> dict[str, float]:
    file = FOLDER / f"judged-{task}.json.gz"
    return _read(file) if file.exists() else {}


def stored(setting: str) -> list[dict[str, Any]]:
    """The searches on MNIST-1D in one setting, seed by seed."""
    files = (path(f"mnist1d-{setting}", seed) for seed in SEEDS)
    return [_read(file) for file in files if file.exists()]


def stored_random() -> list[dict[str, Any]]:
    return [_read(path("random", seed)) for seed in SEEDS if path("random", seed).exists()]


def stored_kinks() -> list[dict[str, Any]]:
    return _read(FOLDER / "kinks.json.gz")


def stored_history() -> History:
    return History.load(FOLDER / "history.json.gz", TinyCell())


def path(kind: str, seed: int) -> Path:
    return FOLDER / f"{kind.replace(' ', '_')}-{seed}.json.gz"


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


def _write(file: Path, found: Any) -> None:
    file.write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


def _missing() -> Iterator[str]:
    """Make what is not there yet, and tell what was made."""
    from histories.darts_kinks import kinks

    if not (FOLDER / "kinks.json.gz").exists():
        _write(FOLDER / "kinks.json.gz", list(kinks()))
        yield "kinks"
    for rate in TRIES:
        for seed in DIGITS_SEEDS:
            file = path(f"digits-{rate}", seed)
            if not file.exists():
                _write(file, darts_search("digits", seed, alpha_learning_rate=rate))
            judge("digits", _read(file)["cell"])
            yield f"digits, alpha learning rate {rate}, seed {seed}"
    for name, setting in settings().items():
        for seed in SEEDS:
            file = path(f"mnist1d-{name}", seed)
            if not file.exists():
                _write(file, darts_search("mnist1d", seed, **setting))
            judge("mnist1d", _read(file)["cell"])
            yield f"{name}, seed {seed}"
        if name == "first order":
            seconds = statistics.median(found["seconds"] for found in stored("first order"))
            for seed in SEEDS:
                if not path("random", seed).exists():
                    _write(path("random", seed), random_search(seed, seconds))
                yield f"random search, seed {seed}"


if __name__ == "__main__":
    import sys

    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sys.path.insert(0, str(Path(__file__).parents[1]))
    FOLDER.mkdir(exist_ok=True)
    for done in _missing():
        print(f"{done}: done", flush=True)
