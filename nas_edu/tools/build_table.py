"""Build NAS-Bench-Edu: train every distinct function of TinyCell once a seed, and write down all of it.

    python -m nas_edu.tools.build_table --task mnist1d --seeds 0 --workers 2 --out DIR

Each finished training is one line in DIR/<task>-seed<n>.jsonl (see `journal`), so the builder may be stopped or killed
at any moment, and goes on where it was when it is started again. At the end, or with --pack at any time, everything
becomes one file DIR/<task>.npz (see `pack`). A training depends on (canonical cell, task, seed) alone, so neither the
number of workers nor their order changes a result. Cells are trained in a fixed random order, so that an unfinished
table is a fair sample of the space.

Which cells are worth another seed (`--sample`)? Noise between seeds differs with accuracy. So the functions are ranked
by the accuracy of one seed, cut into strata of equal size, and from each the same number is drawn (stratified
sampling). The best are added, because which cell is *the* best is decided among them: by validation accuracy, which a
search sees, and by test accuracy, which makes the optimum. A lucky seed is higher than a mean over several, so whoever
might be the optimum needs them all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from nas_edu.core.experiment import processor
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu, Table
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.tools.journal import Journal
from nas_edu.tools.pack import pack, unpack
from nas_edu.tools.same_digits import add_in_the_same_order

STRATA = 20


def build_table(
    task: str,
    seed: int,
    out: Path,
    executor: Executor,
    *,
    cells: Iterable[Cell] | None = None,
    in_flight: int = 4,
) -> Path:
    """Train `cells` (all distinct functions by default) in `executor` and append them to the journal that is returned.

    What the journal already holds is not trained again. `executor` is anything of that interface: a process pool, or
    Dask's `Client.get_executor()`; `in_flight` trainings are handed to it at a time.
    """
    out.mkdir(parents=True, exist_ok=True)
    space = TinyCell()
    journal = Journal(out / f"{task}-seed{seed}.jsonl")
    done = {record["cell"] for record in journal.records}
    wanted = {space.index(space.canonical(cell)) for cell in (space.distinct() if cells is None else cells)}
    jobs = {index: (train_cell, task, seed, index) for index in in_order(wanted) if index not in done}
    fill(journal, jobs, executor, in_flight=in_flight, total=len(wanted), label=f"{task}, seed {seed}")
    return journal.path


def in_order(cells: Iterable[int]) -> list[int]:
    """These cells in the fixed random order in which a table is built."""
    ordered = sorted(cells)
    random.Random(0).shuffle(ordered)
    return ordered


def fill(
    journal: Journal, jobs: dict[int, tuple[Any, ...]], executor: Executor, *, in_flight: int, total: int, label: str
) -> None:
    """Run the jobs (a function and its arguments for each cell) and append each record as soon as it is there."""
    waiting = list(reversed(jobs.values()))
    running: set[Future[dict[str, Any]]] = set()
    # The mean rate so far: trainings take 1 to 5 seconds, so that by the latest few the time left would jump fourfold.
    with tqdm(total=total, initial=total - len(waiting), desc=label, unit="cell", smoothing=0) as bar:
        while waiting or running:
            while waiting and len(running) < in_flight:
                running.add(executor.submit(*waiting.pop()))
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                journal.append(future.result())
                bar.update()


def train_cell(task: str, seed: int, index: int) -> dict[str, Any]:
    """One training, as a plain record: the learning curve, the test result and the network's size."""
    from nas_edu.networks import build, count_macs, count_parameters
    from nas_edu.performance_estimation.training import DivergenceError

    space, train = TinyCell(), _trainer(task, seed)
    cell = space[index]
    network = build(cell, train.task)
    record: dict[str, Any] = {
        "cell": index,
        "platform": platform_name(),
        "parameters": count_parameters(network),
        "macs": count_macs(network, train.task.input_shape),
    }
    try:
        evaluation = train(cell)
    except DivergenceError as error:  # a result; any other error is a fault of the machine or the code, and stops us
        return record | {"failure": str(error)}
    loss, accuracy = train.test(evaluation)
    curve = evaluation.curve
    return record | {
        "train_loss": [_short(point.train_loss) for point in curve],
        "validation_loss": [_short(point.validation_loss) for point in curve],
        "validation_accuracy": [_short(point.validation_accuracy) for point in curve],
        "seconds": [round(point.seconds, 3) for point in curve],
        "test_loss": _short(loss),
        "test_accuracy": _short(accuracy),
    }


def platform_name() -> str:
    """Where the same training gives the same digits: elsewhere, sums are rounded in another order."""
    import torch

    return f"{processor()}, {torch.backends.cpu.get_cpu_capability()}, torch {torch.__version__}"


def stratified_cells(table: Table, *, drawn: int = 1000, best: int = 300) -> list[Cell]:
    """A cell of each of `drawn` functions, as many from each of 20 strata of validation accuracy, and of the `best`
    functions by validation accuracy and by test accuracy.

    Accuracies are those of the seed which `table` replays, so seeds that are added later do not change the choice.
    Raises ValueError where `drawn` is no multiple of 20, or the table has too few.
    """
    if drawn % STRATA:
        raise ValueError(f"drawn must be a multiple of the {STRATA} strata, got {drawn}")
    space = TinyCell()
    functions = table.functions
    accuracy = table.column("validation_accuracy", seed=table.seed)[functions]
    trained = functions[~np.isnan(accuracy)]
    if len(trained) < max(drawn, best):
        raise ValueError(f"{table!r} has {len(trained)} trained functions; {max(drawn, best)} are asked for")
    ranked = trained[np.argsort(-accuracy[~np.isnan(accuracy)], kind="stable")].tolist()
    test = {place: table.test_accuracy(space[place], table.seed) for place in ranked}
    rng = random.Random(0)
    chosen = {*ranked[:best], *sorted(ranked, key=test.__getitem__, reverse=True)[:best]}
    for stratum in np.array_split(ranked, STRATA):
        chosen.update(rng.sample(stratum.tolist(), drawn // STRATA))
    return [space[place] for place in sorted(chosen)]


def process_pool(workers: int) -> ProcessPoolExecutor:
    """A pool whose workers end when this process does, even if it is killed: left alone, they would wait for ever."""
    return ProcessPoolExecutor(workers, initializer=_end_with_parent)


def _end_with_parent() -> None:
    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None  # this runs in a worker, which some process has started
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@cache
def _trainer(task: str, seed: int) -> Any:
    """The estimator of this process. CPU seconds, because a busy machine stretches those of the clock on the wall."""
    from nas_edu.performance_estimation import Train

    return Train(load(task), seed=seed, device="cpu", clock=time.process_time)


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m nas_edu.tools.build_table", description=__doc__.split("\n")[0])
    parser.add_argument("--task", required=True, choices=["mnist1d", "mnist1d-shuffled", "digits"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes; default: one for each core")
    parser.add_argument("--out", type=Path, required=True, help="the folder for journals and the packed table")
    parser.add_argument(
        "--sample",
        type=Path,
        help="a packed table: train 1,000 of its functions, drawn by strata, and the 300 best by validation or test",
    )
    parser.add_argument("--resume", type=Path, help="a packed table: what it holds is not trained again")
    parser.add_argument("--pack", action="store_true", help="train nothing, pack what is there")
    options = parser.parse_args(arguments)
    if options.resume is not None:
        if options.resume.stem != options.task:
            parser.error(f"--resume {options.resume} is not a table of {options.task}")
        unpack(options.resume, options.out)
    cells = None if options.sample is None else stratified_cells(NASBenchEdu.read(options.sample))
    if not options.pack:
        with process_pool(options.workers) as executor:
            for seed in options.seeds:
                build_table(options.task, seed, options.out, executor, cells=cells, in_flight=2 * options.workers)
    print(f"packed into {pack(options.task, options.out)}")


if __name__ == "__main__":
    add_in_the_same_order()
    main()
