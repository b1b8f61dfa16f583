"""From journals to one compact file a task: columns of numbers, never objects, the same bytes for the same records.

With S seeds, F distinct functions and P points a learning curve, DIR/<task>.npz holds

    seeds (S,)    cells (F,) the index of each function's canonical cell    epochs (P,)
    row_of_cell (15625,) where each cell of the space finds its function among these
    train_loss, validation_loss, validation_accuracy, seconds (S, F, P)    test_loss, test_accuracy (S, F)
    parameters, macs (F,)
    failed (K, 2) place of the seed and row of each training that failed, failure (K,) why
    platforms (M,) where trainings ran, platform (S, F) the place of each training's among these, or -1
    protocol      how the networks were trained, as JSON

What was not trained, or failed, is NaN. Only `seconds`, being measured, differs when a table is built again. `unpack`
turns the file into journals again, so that a build can go on from it elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.nas_bench.table import CURVES
from nas_edu.performance_estimation import TrainingRecipe
from nas_edu.search_spaces import TinyCell
from nas_edu.tools import journal

FINALS = ("test_loss", "test_accuracy")
SIZES = ("parameters", "macs")


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
    columns: dict[str, Any] = {
        name: np.full((len(seeds), len(cells), points), np.nan, dtype=np.float32) for name in CURVES
    }
    columns |= {name: np.full((len(seeds), len(cells)), np.nan, dtype=np.float32) for name in FINALS}
    columns |= {name: np.full(len(cells), np.nan) for name in SIZES}
    columns["platform"] = np.full((len(seeds), len(cells)), -1, dtype=np.int8)
    platforms = sorted({record["platform"] for kept in records.values() for record in kept})
    failures: dict[tuple[int, int], str] = {}
    for place, seed in enumerate(seeds):
        for record in records[seed]:
            row = rows[record["cell"]]
            columns["platform"][place, row] = platforms.index(record["platform"])
            for name in SIZES:
                columns[name][row] = record[name]
            if "failure" in record:
                failures[place, row] = record["failure"]
                continue
            for name in (*CURVES, *FINALS):
                columns[name][place, row] = record[name]
    path = folder / f"{task}.npz"
    np.savez_compressed(
        path,
        seeds=np.array(seeds),
        cells=cells,
        epochs=np.arange(1, points + 1) / TrainingRecipe().points_per_epoch,
        row_of_cell=np.array([rows[space.index(cell.canonical)] for cell in space], dtype=np.int16),
        failed=np.array(sorted(failures), dtype=np.int32).reshape(-1, 2),
        failure=np.array([failures[key] for key in sorted(failures)], dtype=str),
        platforms=np.array(platforms, dtype=str),
        protocol=np.array(json.dumps(asdict(TrainingRecipe()))),
        **columns,
    )
    return path


def unpack(packed: Path, folder: Path) -> list[Path]:
    """Add the records of `packed` to the journals in `folder`, those that are there already excepted.

    Raises ValueError where the file was trained by another recipe: such results must not be mixed.
    """
    task = packed.stem
    with np.load(packed, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if json.loads(str(arrays["protocol"])) != asdict(TrainingRecipe()):
        raise ValueError(f"{packed} was trained by another recipe, {arrays['protocol']}, than {TrainingRecipe()}")
    failures = {tuple(key): reason for key, reason in zip(arrays["failed"].tolist(), arrays["failure"], strict=True)}
    folder.mkdir(parents=True, exist_ok=True)
    books = []
    for place, seed in enumerate(arrays["seeds"].tolist()):
        book = journal.Journal(folder / f"{task}-seed{seed}.jsonl")
        done = {record["cell"] for record in book.records}
        for row, cell in enumerate(arrays["cells"].tolist()):
            trained = not np.isnan(arrays["test_loss"][place, row])
            if cell in done or not (trained or (place, row) in failures):
                continue
            where = str(arrays["platforms"][arrays["platform"][place, row]])
            record = {"cell": cell, "platform": where, **{name: int(arrays[name][row]) for name in SIZES}}
            if trained:
                record |= {name: _decimals(arrays[name][place, row]) for name in (*CURVES, *FINALS)}
            else:
                record["failure"] = str(failures[place, row])
            book.append(record)
        books.append(book.path)
    return books


def _decimals(values: np.ndarray) -> Any:
    """The numbers of the record: a journal has at most six digits, which a float32 keeps."""
    return np.vectorize(lambda value: float(f"{value:.6g}"))(values).tolist()
