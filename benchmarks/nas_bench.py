"""Loading the table of mnist1d and asking it, beside what a user would write first.

    python benchmarks/nas_bench.py

The peers hold the same trainings: a pandas frame indexed by the cell's string, and a pickled dictionary of objects, the
form in which the public tables come. Medians of several runs, in one process, on the same 1,000 cells. Loading ours
includes the index over all 15,625 cells.
"""

from __future__ import annotations

import pickle
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import Cell, TinyCell

RUNS = 9


@dataclass
class Training:
    """An object a training, as the public tables keep them."""

    cell: str
    curve: list[dict[str, float]]


def seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def median(call: Callable[[], Any], scale: float) -> str:
    times = [seconds(call) * scale for _ in range(RUNS)]
    return f"{statistics.median(times):9.2f}   ({min(times):.2f} to {max(times):.2f})"


def main() -> None:
    table = NASBenchEdu.load("mnist1d")
    space = TinyCell()
    names = ("train_loss", "validation_loss", "validation_accuracy", "seconds")
    grids = {name: np.stack([table.column(name, seed=0, epoch=e) for e in table.epochs], 1) for name in names}
    trained = [space[int(place)] for place in np.flatnonzero(~np.isnan(grids["train_loss"][:, -1]))]
    rows = [(str(cell), epoch) for cell in space for epoch in table.epochs]
    frame = pd.DataFrame(
        {name: grid.ravel() for name, grid in grids.items()},
        index=pd.MultiIndex.from_tuples(rows, names=["cell", "epoch"]),
    )
    objects = {}
    for place, cell in enumerate(space):
        curve = [{name: float(grids[name][place, point]) for name in names} for point in range(len(table.epochs))]
        objects[str(cell)] = Training(str(cell), curve)
    cells: list[Cell] = random.Random(0).sample(trained, min(1000, len(trained)))

    with tempfile.TemporaryDirectory() as folder:
        csv, framed, pickled = Path(folder) / "t.csv.gz", Path(folder) / "t.pkl", Path(folder) / "o.pkl"
        frame.to_csv(csv)
        frame.to_pickle(framed)
        pickled.write_bytes(pickle.dumps(objects))
        print(f"{table}\n\nloading, milliseconds")
        print(f"  NASBenchEdu.load          {median(lambda: NASBenchEdu.load('mnist1d'), 1e3)}")
        print(f"  pandas, pickled frame     {median(lambda: pd.read_pickle(framed), 1e3)}")
        print(f"  pandas, read_csv          {median(lambda: pd.read_csv(csv, index_col=[0, 1]), 1e3)}")
        print(f"  pickle of objects         {median(lambda: pickle.loads(pickled.read_bytes()), 1e3)}")

    print("\none question (final result of a cell), microseconds")
    scale = 1e6 / len(cells)
    last = table.epochs[-1]
    table = NASBenchEdu.load("mnist1d")  # afresh: no curve was asked for yet
    first = seconds(lambda: [table.evaluate(cell) for cell in cells]) * scale
    print(f"  table.query               {median(lambda: [table.query(cell) for cell in cells], scale)}")
    print(f"  table.evaluate            {median(lambda: [table.evaluate(cell) for cell in cells], scale)}")
    print(f"  ... the first time        {first:9.2f}   (makes the curve, with all its points)")
    print(f"  pandas, frame.loc         {median(lambda: [frame.loc[str(cell), last] for cell in cells], scale)}")
    print(f"  dictionary of objects     {median(lambda: [objects[str(cell)].curve[-1] for cell in cells], scale)}")


if __name__ == "__main__":
    main()
