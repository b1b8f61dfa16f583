"""Build the proxies of NAS-Bench-Edu: score every distinct function of TinyCell on a task, untrained, and time it.

    python -m nas_edu.tools.build_proxies --task mnist1d --workers 2 --out DIR

Each finished cell is one line in DIR/<task>-proxies.jsonl, so the builder may be stopped or killed at any moment, and
goes on where it was; asked for further proxies, it computes these only. At the end, or with --pack at any time,
everything becomes DIR/proxies/<task>.npz (see `proxies`). Networks have the initial weights that the trainings of seed
0 begin with, and see the first 64 training samples.

One forward and backward pass serves several proxies; each is charged for the pass as if it had come alone.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.data import load
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.tools import journal
from nas_edu.tools.build_table import fill, in_order, platform_name, process_pool
from nas_edu.tools.journal import Journal
from nas_edu.tools.same_digits import add_in_the_same_order

SEED, BATCH_SIZE = 0, 64
PASSES = {
    "layers": ("grad_norm", "snip", "plain", "grasp", "fisher"),
    "input_gradients": ("jacob_cov", "epe_nas"),
}


def build_proxies(
    task: str,
    out: Path,
    executor: Executor,
    *,
    proxies: Iterable[str] | None = None,
    cells: Iterable[Cell] | None = None,
    in_flight: int = 4,
) -> Path:
    """Score `cells` (all distinct functions by default) by `proxies` (all by default); returns the journal.

    What the journal already holds is not computed again. Raises ValueError for an unknown proxy.
    """
    from nas_edu.performance_estimation.zero_cost.estimator import PROXIES, check_name

    names = list(PROXIES) if proxies is None else list(proxies)
    for name in names:
        check_name(name)
    out.mkdir(parents=True, exist_ok=True)
    space = TinyCell()
    book = Journal(out / f"{task}-proxies.jsonl")
    done: dict[int, set[str]] = {}
    for record in book.records:
        done.setdefault(record["cell"], set()).update(record["values"])
    wanted = {space.index(space.canonical(cell)) for cell in (space.distinct() if cells is None else cells)}
    missing = {index: tuple(name for name in names if name not in done.get(index, ())) for index in in_order(wanted)}
    jobs = {index: (score_cell, task, index, left) for index, left in missing.items() if left}
    fill(book, jobs, executor, in_flight=in_flight, total=len(wanted), label=f"{task}, proxies")
    return book.path


def score_cell(task: str, index: int, names: tuple[str, ...]) -> dict[str, Any]:
    """The proxies of one cell as a plain record: values, CPU seconds, and the reason where there is no value."""
    from nas_edu.networks import build
    from nas_edu.performance_estimation.zero_cost.estimator import value
    from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Flagged, Probe

    data, inputs, targets = _batch(task)
    probe = Probe(build(TinyCell()[index], data, seed=SEED), inputs, targets)
    passes: dict[str, float] = {}
    for shared, users in PASSES.items():
        if set(users) & set(names):
            started = time.process_time()
            try:
                getattr(probe, shared)
            except DegenerateError:  # nothing is kept then: each proxy meets the error, and takes the time, itself
                continue
            passes |= dict.fromkeys(users, time.process_time() - started)
    values: dict[str, float | None] = {}
    reasons, seconds = {}, {}
    for name in names:
        started = time.process_time()
        found = value(name, probe)
        seconds[name] = round(time.process_time() - started + passes.get(name, 0), 4)
        values[name] = float(f"{found:.9g}") if math.isfinite(found) else None
        if isinstance(found, Flagged):
            reasons[name] = found.reason
    return {"cell": index, "platform": platform_name(), "values": values, "seconds": seconds, "reasons": reasons}


@cache
def _batch(task: str) -> tuple[Any, Any, Any]:
    import torch

    torch.set_num_threads(1)
    data = load(task)
    return data, torch.as_tensor(data.train.inputs[:BATCH_SIZE]), torch.as_tensor(data.train.targets[:BATCH_SIZE])


def pack(task: str, folder: Path) -> Path:
    """DIR/proxies/<task>.npz from the journal of `task` in `folder`. Raises FileNotFoundError where there is none.

    With P proxies and F distinct functions it holds proxies (P,), cells (F,), row_of_cell (15625,), values and seconds
    (P, F), reasons (R,) and reason (P, F), the place of a value's reason among these or -1. A value is NaN
    where it was not computed, and -inf where there is none, for that reason.
    """
    path = folder / f"{task}-proxies.jsonl"
    if not path.exists():
        raise FileNotFoundError(f"there is no journal {path.name} in {folder}: build the proxies first")
    records = journal.read(path)
    space = TinyCell()
    cells = sorted(space.index(cell) for cell in space.distinct())
    rows = {cell: row for row, cell in enumerate(cells)}
    names = list(dict.fromkeys(name for record in records for name in record["values"]))
    reasons = sorted({reason for record in records for reason in record["reasons"].values()})
    values = np.full((len(names), len(cells)), np.nan)  # in float64: jacob_cov differs from the seventh digit on
    seconds = np.full((len(names), len(cells)), np.nan, dtype=np.float32)
    reason = np.full((len(names), len(cells)), -1, dtype=np.int16)
    for record in records:
        row = rows[record["cell"]]
        for name, found in record["values"].items():
            place = names.index(name)
            values[place, row] = -np.inf if found is None else found
            seconds[place, row] = record["seconds"][name]
            if found is None:
                reason[place, row] = reasons.index(record["reasons"][name])
    packed = folder / "proxies" / f"{task}.npz"
    packed.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        packed,
        proxies=np.array(names, dtype=str),
        cells=np.array(cells, dtype=np.int32),
        row_of_cell=np.array([rows[space.index(cell.canonical)] for cell in space], dtype=np.int16),
        values=values,
        seconds=seconds,
        reasons=np.array(reasons, dtype=str),
        reason=reason,
    )
    return packed


def main(arguments: list[str] | None = None) -> None:
    from nas_edu.performance_estimation.zero_cost import PROXIES

    parser = argparse.ArgumentParser(prog="python -m nas_edu.tools.build_proxies", description=__doc__.split("\n")[0])
    parser.add_argument("--task", required=True, choices=["mnist1d", "mnist1d-shuffled", "digits"])
    parser.add_argument("--proxies", nargs="+", choices=list(PROXIES), metavar="NAME", help="default: all")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes; default: one for each core")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the journal and the packed file")
    parser.add_argument("--pack", action="store_true", help="compute nothing, pack what is there")
    options = parser.parse_args(arguments)
    if not options.pack:
        with process_pool(options.workers) as executor:
            build_proxies(options.task, options.out, executor, proxies=options.proxies, in_flight=2 * options.workers)
    print(f"packed into {pack(options.task, options.out)}")


if __name__ == "__main__":
    add_in_the_same_order()
    main()
