"""The experiments of lecture 7, made once and stored beside this file.

    python lectures/histories/one_shot.py     # makes what is not there yet

digits-RATE-SEED.json.gz   two tries on `digits`, two seeds each, that fixed the learning rate of the shared weights
METHOD-SEED.json.gz        MNIST-1D: what the shared weights say about the cells of `sample()` and of a random
                           selection, after a training by METHOD, with CPU seconds, and those of one real training
                           on the same machine: so files of several machines can be compared, in real trainings

Nothing here looks at a table: what the cells are worth alone is looked up in the lecture. Some ten minutes on one core.
What is done is kept, so the command goes on where it was stopped. Each file tells its number of steps: where that is
another one than below, the file is made anew.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nas_edu.data import load
from nas_edu.search_spaces import Cell, TinyCell

FOLDER = Path(__file__).parent / "07_one_shot"
SEEDS, DIGITS_SEEDS = range(3), range(2)
TRIES = (0.025, 0.1)  # learning rates of the shared weights, on digits
CELLS, SELECTED = 40, 50  # cells that are ranked; cells that a selection looks at
STEPS, DIGITS_STEPS, BATCH_SIZE = 600, 500, 64
PLAIN_STEPS = 200  # of three times as many operations and more
PATH_DROPOUT = 0.05  # at the end of the training; not tuned
CHECKPOINTS = (50, 200, STEPS)  # sampled paths after which the cells are ranked
METHODS = ("random search with weight sharing", "ENAS", "plain", "plain with path dropout")


def sample(count: int = CELLS, seed: int = 0) -> list[Cell]:
    """Cells of different functions, drawn uniformly from all functions that are not dead."""
    living = [cell for cell in TinyCell().distinct() if cell.live_edges]
    return random.Random(seed).sample(living, count)


def chosen_rate() -> float:
    """The rate with which cells, drawn uniformly, are best on digits with the shared weights."""
    return max(TRIES, key=lambda rate: sum(_read(path(f"digits-{rate}", seed))["mean"] for seed in DIGITS_SEEDS))


def steps_of(method: str) -> int:
    return PLAIN_STEPS if method.startswith("plain") else STEPS


def train(method: str, supernet: Any, task: Any, rate: float, rng: random.Random, steps: int) -> Iterator:
    from nas_edu.one_shot import enas, random_search_ws, train_one_shot_model

    common = {"steps": steps, "batch_size": BATCH_SIZE, "learning_rate": rate, "rng": rng}
    if method == "ENAS":
        return enas(supernet, TinyCell(), task, **common)
    if method.startswith("plain"):
        dropout = PATH_DROPOUT if method.endswith("path dropout") else 0.0
        return train_one_shot_model(supernet, task, path_dropout=dropout, **common)
    return random_search_ws(supernet, TinyCell(), task, **common)


def experiment(method: str, seed: int) -> dict[str, Any]:
    """One training on MNIST-1D. CPU seconds are those of the training alone, and of the judging alone."""
    from nas_edu.one_shot import FastTinyCellSupernet, SharedWeights, TinyCellSupernet

    task, rate = load("mnist1d"), chosen_rate()
    plain = method.startswith("plain")
    supernet = (FastTinyCellSupernet if plain else TinyCellSupernet)(
        task, statistics="batch" if plain else "running", seed=seed
    )
    judge = SharedWeights(supernet, task, clock=time.process_time)
    found: dict[str, Any] = {"steps": steps_of(method), "ranked": {}, "seconds": 0.0}
    began, count, last = time.process_time(), 0, None
    for step in train(method, supernet, task, rate, random.Random(seed), steps_of(method)):
        last = step
        if step.info.get("phase") == "theta":
            continue
        count += 1
        if method == METHODS[0] and count in CHECKPOINTS[:-1]:
            found["seconds"] += time.process_time() - began
            found["ranked"][str(count)] = scores(judge, sample())
            began = time.process_time()
    found["seconds"] = round(found["seconds"] + time.process_time() - began, 2)
    found["ranked"]["end"] = scores(judge, sample())
    if not plain:
        found["left"] = scores(SharedWeights(supernet, task, recompute=False), sample())
        began = time.process_time()
        found["selected"] = scores(judge, sample(SELECTED, 100 + seed))
        found["judging seconds"] = round(time.process_time() - began, 2)
    else:
        found["whole"] = _accuracy_of_all(supernet, task)
    if method == "ENAS":
        found["most probable"], found["entropy"] = str(last.architecture), round(last.losses["entropy"], 3)
    found["training seconds"] = round(training_seconds(), 2)
    return found


def scores(judge: Any, cells: list[Cell]) -> list[float]:
    return [round(judge(cell).score, 4) for cell in cells]


def digits(rate: float, seed: int) -> dict[str, float]:
    from nas_edu.one_shot import SharedWeights, TinyCellSupernet

    task = load("digits")
    supernet = TinyCellSupernet(task, statistics="running", seed=seed)
    for _ in train(METHODS[0], supernet, task, rate, random.Random(seed), DIGITS_STEPS):
        pass
    values = scores(SharedWeights(supernet, task), sample(30, 1))
    return {"steps": DIGITS_STEPS, "mean": round(sum(values) / len(values), 4)}


@functools.cache
def training_seconds() -> float:
    """CPU seconds of one real training, in the same conditions: the median of three cells."""
    from nas_edu.performance_estimation import Train

    evaluate = Train(load("mnist1d"), device="cpu", clock=time.process_time)
    return sorted(evaluate(cell).cost for cell in sample(3, 2))[1]


def _accuracy_of_all(supernet: Any, task: Any) -> float:
    import torch

    inputs, targets = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
    with torch.no_grad():
        everything = {"cell": torch.ones_like(supernet.alpha["cell"])}
        hits = [supernet(x, mixing=everything).argmax(1) for x in inputs.split(500)]
    return round((torch.cat(hits) == targets).double().mean().item(), 4)


def stored(method: str) -> list[dict[str, Any]]:
    """The trainings on MNIST-1D by one method, seed by seed.

    Raises ValueError where one was made with another number of steps than this file says.
    """
    found = [_read(path(method, seed)) for seed in SEEDS if path(method, seed).exists()]
    for seed, training in enumerate(found):
        if training["steps"] != steps_of(method):
            raise ValueError(
                f"{path(method, seed).name} was made with {training['steps']} steps, and this file says "
                f"{steps_of(method)}: make it anew by python lectures/histories/one_shot.py"
            )
    return found


def stored_digits(rate: float) -> list[float]:
    return [_read(path(f"digits-{rate}", seed))["mean"] for seed in DIGITS_SEEDS]


def path(kind: str, seed: int) -> Path:
    return FOLDER / f"{kind.replace(' ', '_')}-{seed}.json.gz"


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


def _write(file: Path, found: Any) -> None:
    file.write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


def _to_make(file: Path, steps: int) -> bool:
    return not file.exists() or _read(file).get("steps") != steps


def _missing(seeds: Iterable[int]) -> Iterator[str]:
    """Make what is not there yet, or has another number of steps, and tell what was made."""
    for rate in TRIES:
        for seed in DIGITS_SEEDS:
            if _to_make(path(f"digits-{rate}", seed), DIGITS_STEPS):
                _write(path(f"digits-{rate}", seed), digits(rate, seed))
            yield f"digits, learning rate {rate}, seed {seed}"
    for seed in seeds:
        for method in METHODS:
            if _to_make(path(method, seed), steps_of(method)):
                _write(path(method, seed), experiment(method, seed))
            yield f"{method}, seed {seed}"


if __name__ == "__main__":
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, help="only this one on MNIST-1D: so several can run side by side")
    chosen = parser.parse_args().seed
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for done in _missing(SEEDS if chosen is None else [chosen]):
        print(f"{done}: done", flush=True)
