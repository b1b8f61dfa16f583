"""The proxies of every TinyCell on one task, with the seconds that they took: a part of NAS-Bench-Edu.

    Proxies.load("digits").column("nwot")         or, beside the trainings, NASBenchEdu.load("mnist1d").column("nwot")

A proxy costs little, so these columns know every cell, also where the trainings are not complete yet. They were made by
`python -m nas_edu.nas_bench.build_proxies`, which says how, and what the file holds.

P proxies, F functions (rows), N = 15,625 cells.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.core import Evaluation
from nas_edu.search_spaces import Cell, TinyCell

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "tables" / "proxies"


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
        path = FOLDER / f"{task}.npz"
        if not path.exists():
            known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.npz")))
            raise ValueError(f"there are no proxies for the task {task!r}; there are: {known}")
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Proxies:
        """A file that `build_proxies` made. Nothing is unpickled."""
        with np.load(path, allow_pickle=False) as packed:
            return cls(path.stem, {name: packed[name] for name in packed.files})

    def column(self, name: str) -> np.ndarray:
        """One proxy of all 15,625 cells in the order of the space, or its CPU seconds: "nwot", "nwot_seconds". (N,)

        Raises ValueError for an unknown name.
        """
        columns = self.columns()
        if name not in columns:
            raise ValueError(f"there is no column {name!r}; there are {', '.join(columns)}")
        return columns[name][self.row_of_cell]

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
            raise ValueError(f"there is no proxy {name!r}; there are {', '.join(self.names)}")
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
            raise ValueError(f"there is no proxy {name!r}; there are {', '.join(proxies.names)}")
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
