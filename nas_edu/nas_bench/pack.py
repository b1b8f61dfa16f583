"""From journals to one compact file a task: columns of numbers, never objects, the same bytes for the same records.

With S seeds, F distinct functions and P points a learning curve, DIR/<task>.npz holds

    seeds (S,)    cells (F,) the index of each function's canonical cell    epochs (P,)
    train_loss, validation_loss, validation_accuracy, seconds (S, F, P)    test_loss, test_accuracy (S, F)
    parameters, macs (F,)

What was not trained, or failed, is NaN. Only `seconds`, being measured, differs when a table is built again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nas_edu.nas_bench import journal
from nas_edu.performance_estimation import Protocol
from nas_edu.search_spaces import TinyCell

CURVES = ("train_loss", "validation_loss", "validation_accuracy", "seconds")
FINALS = ("test_loss", "test_accuracy")


def pack(task: str, folder: Path) -> Path:
    """Pack all journals of `task` in `folder`. Raises FileNotFoundError where there is none."""
    journals = sorted(folder.glob(f"{task}-seed*.jsonl"))
    if not journals:
        raise FileNotFoundError(f"there is no journal {task}-seed*.jsonl in {folder}: build the table first")
    space = TinyCell()
    cells = np.array(sorted(space.index(cell) for cell in space.distinct()), dtype=np.int32)
    rows = {int(cell): row for row, cell in enumerate(cells)}
    seeds = sorted(int(path.stem.rpartition("seed")[2]) for path in journals)
    records = {seed: journal.read(folder / f"{task}-seed{seed}.jsonl") for seed in seeds}
    points = max((len(record.get("train_loss", ())) for kept in records.values() for record in kept), default=0)
    columns = {name: np.full((len(seeds), len(cells), points), np.nan, dtype=np.float32) for name in CURVES}
    columns |= {name: np.full((len(seeds), len(cells)), np.nan, dtype=np.float32) for name in FINALS}
    columns |= {name: np.zeros(len(cells), dtype=np.int32) for name in ("parameters", "macs")}
    for place, seed in enumerate(seeds):
        for record in records[seed]:
            row = rows[record["cell"]]
            columns["parameters"][row], columns["macs"][row] = record["parameters"], record["macs"]
            if "failure" not in record:
                for name in (*CURVES, *FINALS):
                    columns[name][place, row] = record[name]
    epochs = np.arange(1, points + 1) / Protocol().points_per_epoch
    path = folder / f"{task}.npz"
    np.savez_compressed(path, seeds=np.array(seeds), cells=cells, epochs=epochs, **columns)
    return path
