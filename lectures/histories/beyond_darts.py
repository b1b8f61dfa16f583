"""The experiments of lecture 9, made once and stored beside this file.

    python lectures/histories/beyond_darts.py     # makes what is not there yet

collapse-SETTING-SEED.json.gz   DARTS where it goes wrong, and with stronger L2 on w; alpha, the argmax cell and the
                                dominant eigenvalue at each check; in the first setting also perturbation-based
                                selection from the supernet that DARTS left behind
race-METHOD-SEED.json.gz        one search of each method on all of MNIST-1D: the cell that it returns, CPU seconds
judged.json.gz                  validation accuracy of each returned cell, trained alone on all of MNIST-1D with the
                                protocol of the table: read from the table, or trained here (10 epochs, seed 0)

All of it takes about a quarter of an hour on one free core. What is done is kept, so the command goes on where it was
stopped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.core import Split, Step, Task
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell

FOLDER = Path(__file__).parent / "09_beyond_darts"
SEEDS = {"collapse": range(5), "race": range(3)}
BATCH_SIZE = 32

# The setting in which DARTS collapses, and the same with one thing changed.
SAMPLES, WRONG = 200, 0.75  # training samples, and the part of them that get a random class
SEARCHED = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
BRITTLE = {"steps": 500, "alpha_learning_rate": 0.03, "weight_learning_rate": 0.5}
DECAY = {"no L2": 0.0, "strong L2": 0.05}
EVERY = 10  # steps between two checks of the eigenvalue

# The race: more steps where one takes less time. Rates are those with which the alpha theatre opens.
STEPS = {"DARTS": 300, "PC-DARTS": 300, "GDAS": 600, "ProxylessNAS": 400}
RATES = {"alpha_learning_rate": 0.01, "weight_learning_rate": 0.025}
TUNING = 20  # steps after each decision of perturbation-based selection


def brittle_task() -> Task:
    """MNIST-1D with few training samples, most of them labelled by chance; validation is as it always was."""
    task, draw = load("mnist1d"), np.random.default_rng(0)
    targets = task.train.targets[:SAMPLES]
    wrong = draw.random(SAMPLES) < WRONG
    noisy = np.where(wrong, draw.integers(0, task.classes, SAMPLES), targets)
    return replace(task, train=Split(task.train.inputs[:SAMPLES], noisy))


def collapse(setting: str, seed: int) -> dict[str, Any]:
    """One search with its checks."""
    from nas_edu.one_shot import FastTinyCellSupernet, darts, dominant_eigenvalue

    task = brittle_task()
    supernet = FastTinyCellSupernet(task, operations=SEARCHED, seed=seed)
    watched = _batch(task.validation, 64)
    searching = darts(
        supernet, task, batch_size=BATCH_SIZE, weight_decay=DECAY[setting], **BRITTLE, rng=random.Random(seed)
    )
    found: dict[str, Any] = {"steps": [], "eigenvalues": [], "alphas": [], "cells": [], "losses": []}
    recent: list[Step] = []
    for step in searching:
        recent.append(step)
        if len(recent) == EVERY:
            found["steps"].append(step.index + 1)
            found["eigenvalues"].append(float(f"{dominant_eigenvalue(supernet, watched):.4g}"))
            found["alphas"].append(np.round(step.alpha["cell"], 4).tolist())
            found["cells"].append(str(step.architecture))
            found["losses"].append({k: round(np.mean([s.losses[k] for s in recent]), 4) for k in step.losses})
            recent = []
    if setting == "no L2":
        found["perturbation"] = _perturbed(supernet, task, seed)
    return found


def race(method: str, seed: int) -> dict[str, Any]:
    """What one method returns, in how many CPU seconds; DARTS also with perturbation-based selection afterwards."""
    task = load("mnist1d")
    began = time.process_time()
    supernet, steps = searching(method, task, STEPS[method], random.Random(seed), seed)
    *_, last = steps
    found = {"cell": str(last.architecture), "seconds": round(time.process_time() - began, 2)}
    if method == "DARTS":
        began = time.process_time()
        found["perturbation"] = _perturbed(supernet, task, seed)
        found["perturbation"]["seconds"] = round(found["seconds"] + time.process_time() - began, 2)
    return found


def searching(method: str, task: Task, steps: int, rng: random.Random, seed: int) -> tuple[Any, Iterator[Step]]:
    """The supernet of `method` and its search; each with its defaults but for the two rates."""
    from nas_edu.one_shot import (
        FastTinyCellSupernet,
        PartialChannelSupernet,
        TinyCellSupernet,
        darts,
        gdas,
        pc_darts,
        proxyless_nas,
    )

    kind, search = {
        "DARTS": (FastTinyCellSupernet, darts),
        "PC-DARTS": (PartialChannelSupernet, pc_darts),
        "GDAS": (TinyCellSupernet, gdas),
        "ProxylessNAS": (TinyCellSupernet, proxyless_nas),
    }[method]
    supernet = kind(task, seed=seed)
    return supernet, search(supernet, task, steps=steps, batch_size=BATCH_SIZE, **RATES, rng=rng)


def _perturbed(supernet: Any, task: Task, seed: int) -> dict[str, Any]:
    """Algorithm 1 on a supernet that has been trained: what was missed how much, and the cell that comes of it."""
    from nas_edu.one_shot import perturbation_selection

    steps = list(
        perturbation_selection(supernet, task, tuning_steps=TUNING, batch_size=BATCH_SIZE, rng=random.Random(seed))
    )
    without = [{"edge": s.info["edge"], "without": s.info["accuracy_without"], "kept": s.info["kept"]} for s in steps]
    return {"cell": str(steps[-1].architecture), "edges": without, "accuracy": steps[-1].info["accuracy"]}


def _batch(split: Split, size: int) -> Any:
    import torch

    return torch.from_numpy(split.inputs[:size]), torch.from_numpy(split.targets[:size])


def path(kind: str, name: str, seed: int) -> Path:
    return FOLDER / f"{kind}-{name.replace(' ', '_')}-{seed}.json.gz"


def stored(kind: str, name: str) -> list[dict[str, Any]]:
    """What `collapse` or `race` found, seed by seed."""
    return [_read(path(kind, name, seed)) for seed in SEEDS[kind] if path(kind, name, seed).exists()]


def judged() -> dict[str, float]:
    """Validation accuracy of each returned cell, trained alone."""
    return _read(FOLDER / "judged.json.gz")


def returned() -> Iterator[str]:
    """Every cell that some search of this file returned, with and without early stopping."""
    for name in DECAY:
        for found in stored("collapse", name):
            yield found["cells"][-1]
            if "perturbation" in found:
                yield from [stopped(found), found["perturbation"]["cell"]]
    for method in STEPS:
        for found in stored("race", method):
            yield found["cell"]
            if "perturbation" in found:
                yield found["perturbation"]["cell"]


def stopped(found: dict[str, Any]) -> str:
    """The cell that early stopping returns: that of the check which the rule names, or the last one."""
    from nas_edu.one_shot import stop_at

    stop = stop_at(found["eigenvalues"])
    return found["cells"][-1 if stop is None else stop]


@cache
def _table() -> NASBenchEdu:
    return NASBenchEdu.load("mnist1d")


def judge(known: dict[str, float], text: str) -> float:
    """By the table where it has the cell (seed 0), else by a training of the same kind."""
    from nas_edu.performance_estimation import Train

    cell = TinyCell().parse(text)
    if text in known:
        return known[text]
    try:
        return round(_table().query(cell, seed=0).validation_accuracy, 5)
    except LookupError:
        same = [value for other, value in known.items() if TinyCell().parse(other).canonical == cell.canonical]
        return same[0] if same else round(Train(load("mnist1d"))(cell).validation_accuracy, 5)


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


def _write(file: Path, found: Any) -> None:
    file.write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for make, names in ((collapse, DECAY), (race, STEPS)):
        for number in SEEDS[make.__name__]:
            for one in names:
                file = path(make.__name__, one, number)
                if not file.exists():
                    _write(file, make(one, number))
                    print(f"{file.name}: done", flush=True)
    verdicts = judged() if (FOLDER / "judged.json.gz").exists() else {}
    for cell_text in dict.fromkeys(returned()):
        verdicts[cell_text] = judge(verdicts, cell_text)
        _write(FOLDER / "judged.json.gz", verdicts)
