"""NAS-Bench-Edu: every TinyCell trained, and scored by all proxies, on each task. It ships with this package.

    table = NASBenchEdu.load("mnist1d")         table.evaluate(cell)         table.column("nwot")
    proxies = Proxies.load("digits")            proxies.estimator("nwot")    proxies.column("nwot")

A proxy costs little, so `Proxies` know every cell, also where the trainings are not complete yet. The datasheet beside
this file says how all of it was made; `tools.build_table` and `tools.build_proxies` make it, and `tools.pack` says what
is in the files.

P proxies, S seeds, F functions (rows), N = 15,625 cells.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nas_edu.core import Evaluation
from nas_edu.core.names import did_you_mean
from nas_edu.nas_bench.table import CURVES, Table
from nas_edu.search_spaces import Cell, TinyCell

if TYPE_CHECKING:
    import pandas as pd

TABLES = Path(__file__).parent / "tables"
PROXY_TABLES = TABLES / "proxies"


class NASBenchEdu(Table):
    """The trainings of one task, read from its packed file.

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
            known = sorted(one.stem for one in TABLES.glob("*.npz"))
            hint = did_you_mean(task, known)
            raise ValueError(f"there is no table for the task {task!r}; there are: {', '.join(known)}{hint}")
        return cls.read(path, seed=seed)

    @classmethod
    def read(cls, path: Path, *, seed: int | None = None) -> NASBenchEdu:
        """A table that `python -m nas_edu.tools.build_table` made, with the proxies in `proxies/` beside it, if any.

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


class Proxies:
    """What `build_proxies` packed. NaN marks what was not computed; -inf what has no value: `reason` tells why.

    names (P,)    cells (F,) the index of each function's canonical cell    row_of_cell (N,)
    values, seconds (P, F)
    """

    def __init__(self, task: str, arrays: dict[str, np.ndarray]) -> None:
        self.task, self.names = task, tuple(arrays["proxies"].tolist())
        self.cells, self.row_of_cell = arrays["cells"], arrays["row_of_cell"]
        self.values, self.seconds = arrays["values"].astype(float), arrays["seconds"].astype(float)
        self._reasons, self._reason = arrays["reasons"].tolist(), arrays["reason"]

    @classmethod
    def load(cls, task: str) -> Proxies:
        """The proxies that are part of the package. Raises ValueError, with the known tasks, for an unknown one."""
        path = PROXY_TABLES / f"{task}.npz"
        if not path.exists():
            known = sorted(one.stem for one in PROXY_TABLES.glob("*.npz"))
            hint = did_you_mean(task, known)
            raise ValueError(f"there are no proxies for the task {task!r}; there are: {', '.join(known)}{hint}")
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Proxies:
        """A file that `build_proxies` made. Nothing is unpickled."""
        with np.load(path, allow_pickle=False) as packed:
            return cls(path.stem, {name: packed[name] for name in packed.files})

    @cached_property
    def functions(self) -> np.ndarray:
        """One cell of each function, as its place in the space: the first one. (F,)"""
        return np.unique(self.row_of_cell, return_index=True)[1]

    def column(self, name: str) -> np.ndarray:
        """One proxy of all 15,625 cells in the order of the space, or its CPU seconds: "nwot", "nwot_seconds". (N,)

        Raises ValueError for an unknown name.
        """
        columns = self.columns()
        if name not in columns:
            hint = did_you_mean(name, columns)
            raise ValueError(f"there is no column {name!r}; there are {', '.join(columns)}{hint}")
        return np.asarray(columns[name][self.row_of_cell])

    def columns(self) -> dict[str, np.ndarray]:
        """Every proxy and every `<proxy>_seconds`, by function: (F,) each."""
        values = dict(zip(self.names, self.values, strict=True))
        return values | {f"{name}_seconds": one for name, one in zip(self.names, self.seconds, strict=True)}

    def frame(self) -> pd.DataFrame:
        """All 15,625 cells, one row each; cells that share `function` are one and the same network."""
        import pandas as pd

        columns = {name: values[self.row_of_cell] for name, values in self.columns().items()}
        return pd.DataFrame({"cell": [str(cell) for cell in TinyCell()], "function": self.row_of_cell, **columns})

    def reason(self, cell: Cell, name: str) -> str | None:
        """Why this proxy has no value for the cell; None where it has one. Raises ValueError for an unknown proxy."""
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            raise ValueError(f"there is no proxy {name!r}; there are {', '.join(self.names)}{hint}")
        place = self._reason[self.names.index(name), self.row_of_cell[TinyCell().index(cell)]]
        return None if place < 0 else self._reasons[place]

    def estimator(self, name: str) -> ProxyLookup:
        """An `evaluate` that looks the proxy up. Raises ValueError for an unknown proxy."""
        return ProxyLookup(self, name)

    def __repr__(self) -> str:
        counts = (~np.isnan(self.values)).sum(1)
        known = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,} to {counts.max():,}"
        return f"Proxies({self.task}, {len(self.names)} proxies of {known} of {len(self.cells):,} functions)"


class ProxyLookup:
    """A proxy as an estimator: what `ZeroCost` says, looked up; the cost is the CPU seconds that it took then."""

    def __init__(self, proxies: Proxies, name: str) -> None:
        if name not in proxies.names:
            hint = did_you_mean(name, proxies.names)
            raise ValueError(f"there is no proxy {name!r}; there are {', '.join(proxies.names)}{hint}")
        self.proxies, self.name = proxies, name
        columns = proxies.columns()
        self._values, self._seconds = columns[name].tolist(), columns[f"{name}_seconds"].tolist()
        self._rows = dict(zip(TinyCell(), proxies.row_of_cell.tolist(), strict=True))

    def __call__(
        self, architecture: Cell, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        """Raises ArithmeticError, with the reason, where the proxy has no value, LookupError where it is not known."""
        if epochs is not None or resume is not None:
            raise ValueError(f"{self.name} trains nothing: leave out epochs and resume")
        row = self._rows[architecture]
        value = self._values[row]
        if math.isnan(value):
            raise LookupError(f"{self.name} of {architecture} was not computed on {self.proxies.task} yet")
        if math.isinf(value):
            raise ArithmeticError(f"{self.name} has no value: {self.proxies.reason(architecture, self.name)}")
        return Evaluation(score=value, cost=self._seconds[row], info={"proxy": self.name})
