"""NAS-Bench-Edu: the table of every TinyCell that ships with this package. How it was made: the datasheet beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.nas_bench.proxies import Proxies
from nas_edu.nas_bench.table import CURVES, Table

TABLES = Path(__file__).parent / "tables"


class NASBenchEdu(Table):
    """The trainings of one task, read from its packed file (`pack` says what is in it).

    proxies      zero-cost proxies of all cells (`Proxies`), or None: each is a column, and so are its "<proxy>_seconds"
    recipe       how the networks were trained: epochs, batch size, learning rate, ...
    platforms    (S, F) where each training ran; trained again there, it gives the same digits
    """

    path: Path
    proxies: Proxies | None
    recipe: Mapping[str, Any]
    platforms: np.ndarray

    @classmethod
    def load(cls, task: str, *, seed: int = 0) -> NASBenchEdu:
        """The table of `task` that is part of the package; `seed` is the one that `evaluate` replays.

        Raises ValueError for an unknown task, with those that are there, and for a seed that the table does not have.
        """
        path = TABLES / f"{task}.npz"
        if not path.exists():
            known = ", ".join(sorted(one.stem for one in TABLES.glob("*.npz")))
            raise ValueError(f"there is no table for the task {task!r}; there are: {known}")
        return cls.read(path, seed=seed)

    @classmethod
    def read(cls, path: Path, *, seed: int | None = None) -> NASBenchEdu:
        """A table that `python -m nas_edu.nas_bench.build` made, with the proxies in `proxies/` beside it, if any.

        Nothing is unpickled. Raises ValueError where the two files speak of different functions.
        """
        with np.load(path, allow_pickle=False) as packed:
            arrays = {name: packed[name] for name in packed.files}
        beside = path.parent / "proxies" / path.name
        proxies = Proxies.read(beside) if beside.exists() else None
        if proxies is not None and not np.array_equal(proxies.row_of_cell, arrays["row_of_cell"]):
            raise ValueError(f"{beside} and {path} do not agree on which cells are one function")
        failures = zip(arrays["failed"].tolist(), arrays["failure"].tolist(), strict=True)
        table = cls(
            path.stem,
            seeds=arrays["seeds"],
            epochs=arrays["epochs"],
            curves={name: arrays[name] for name in CURVES},
            test=arrays["test_accuracy"],
            row_of_cell=arrays["row_of_cell"],
            sizes={name: arrays[name] for name in ("parameters", "macs")}
            | ({} if proxies is None else proxies.columns()),
            seed=seed,
            failures={(place, row): reason for (place, row), reason in failures},
        )
        table.path, table.proxies = path, proxies
        table.recipe = json.loads(str(arrays["protocol"]))
        table.platforms = np.array(["", *arrays["platforms"]])[arrays["platform"] + 1]
        return table

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process reads the file itself, once: sending megabytes with each search would take longer than it.
        return _shared, (self.path, self.seed)


@cache
def _shared(path: Path, seed: int) -> NASBenchEdu:
    return NASBenchEdu.read(path, seed=seed)
