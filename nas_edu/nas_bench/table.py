"""A table of trainings that somebody has done: instead of training a cell, look it up. All answers are known.

    table = NASBenchEdu.load("mnist1d")              or NASBench201.from_csv(path)
    search(random_search(space, table.evaluate, rng=rng), Budget(evaluations=100))

`evaluate` replays one training of one stated seed, and charges what it took then. Everything else answers with the
mean over the seeds that trained the cell. Nothing that a search sees carries test accuracy: `test_accuracy`, `optimum`
and `regret`, which are for the report afterwards, are the only ones that know it.

S seeds, F functions (rows), P points of a learning curve, N = 15,625 cells.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np

from nas_edu.core import CurvePoint, Evaluation, History
from nas_edu.core.names import did_you_mean
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

if TYPE_CHECKING:
    import pandas as pd

CURVES = ("train_loss", "validation_loss", "validation_accuracy", "seconds")
REGRET = "regret: mean test accuracy of the best cell, minus that of the incumbent by validation accuracy"


class Result(NamedTuple):
    """One training (or the mean over seeds) at one epoch. Accuracy is a fraction, losses are mean nats, NaN unknown."""

    epoch: float
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


class Table:
    """What every cell of TinyCell achieves on `task`.

    seeds        (S,)        epochs (P,) at which the curves were measured
    curves       "train_loss", "validation_loss", "validation_accuracy", "seconds" (since the start): (S, F, P) each
    test         (S, F)      final test accuracy
    row_of_cell  (N,)        the row of each cell, in the order of the space: cells of one function share a row
    sizes        what is known without training, "parameters", "macs" and perhaps zero-cost proxies: (F,) each
    resumable    False where each fidelity is a training of its own, with its own schedule
    failures     (place of the seed, row) -> why that training failed

    NaN marks what is not there. Raises ValueError where `seed`, the one that `evaluate` replays, is none of `seeds`.
    """

    def __init__(
        self,
        task: str,
        *,
        seeds: np.ndarray,
        epochs: np.ndarray,
        curves: Mapping[str, np.ndarray],
        test: np.ndarray,
        row_of_cell: np.ndarray,
        sizes: Mapping[str, np.ndarray],
        seed: int | None = None,
        resumable: bool = True,
        failures: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        self.task, self.seeds, self.epochs = task, tuple(int(s) for s in seeds), tuple(float(e) for e in epochs)
        self.seed = self.seeds[0] if seed is None else seed
        self.row_of_cell, self.resumable, self._failures = row_of_cell, resumable, dict(failures or {})
        self._curves, self._test, self._sizes = curves, test, sizes
        self._place = self._place_of(self.seed)
        cells = itertools.product(OPERATIONS, repeat=len(EDGES))
        self._row: dict[tuple[str, ...], int] = dict(zip(cells, row_of_cell.tolist(), strict=True))
        self._layers = [[curves[name][place] for name in CURVES] for place in range(len(self.seeds))]
        self._mean_layers = [_mean_over_seeds(curves[name]) for name in CURVES]

    def query(self, architecture: Cell, seed: int | None = None, epoch: float | None = None) -> Result:
        """The result of one seed, or the mean over the seeds; at `epoch`, or at the end.

        Raises ValueError for a seed or epoch that the table does not have, LookupError for a cell that was not trained.
        """
        row = self._row_of(architecture)
        point = -1 if epoch is None else self._point_of(epoch)
        layers = self._mean_layers if seed is None else self._layers[self._place_of(seed)]
        result = Result(self.epochs[point], *[layer.item(row, point) for layer in layers])
        if result.validation_accuracy != result.validation_accuracy:  # NaN, the fast way
            self._refuse(architecture, row, seed)
        return result

    def evaluate(
        self, architecture: Cell, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        """An estimator: replays the training of `self.seed` up to the last measured point not after `epochs`.

        The cost is simulated: the seconds of the training then. `resume=` continues an earlier evaluation of the same
        architecture and is charged for the added epochs only. Raises as `query` does; also ValueError where `epochs`
        lies before the first point, or where `resume=` does not belong to this cell and table.
        """
        row = self._row_of(architecture)
        point = self._last_point_until(epochs)
        done_epochs, done_seconds = (0.0, 0.0) if resume is None else self._done(architecture, row, point, resume)
        curve = self._curve(row)
        if curve is None:
            self._refuse(architecture, row, self.seed)
        end = curve[point]
        return Evaluation(
            score=end.validation_accuracy,
            validation_accuracy=end.validation_accuracy,
            validation_loss=None if math.isnan(end.validation_loss) else end.validation_loss,
            cost=0.0 if math.isnan(end.seconds) else end.seconds - done_seconds,
            epochs=end.epoch - done_epochs,
            curve=curve[: point + 1] if self.resumable else (end,),
            checkpoint=(self.task, self.seed, row, point),
        )

    def test_accuracy(self, architecture: Cell, seed: int | None = None) -> float:
        """Of one seed, or the mean over the seeds; for the report after a search. NaN where it was not measured.

        Raises ValueError for a seed that the table does not have.
        """
        test = self._mean_test if seed is None else self._test[self._place_of(seed)]
        return float(test[self._row_of(architecture)])

    @cached_property
    def optimum(self) -> Cell:
        """The cell with the highest mean test accuracy; of equals, the first one of the space.

        One lucky seed beats a mean over several: all cells that could be the best need as many (`stratified_cells`).
        """
        by_cell = self._mean_test[self.row_of_cell]
        if np.isnan(by_cell).all():
            raise LookupError(f"the table for {self.task} holds no test accuracy, so it knows no optimum")
        return TinyCell()[int(np.nanargmax(by_cell))]

    def rank(self, architecture: Cell) -> int:
        """1 for the best, by mean validation accuracy at the end, among the distinct functions that were trained."""
        own = self.query(architecture).validation_accuracy
        return 1 + int((self._final > own).sum())

    def percentile(self, architecture: Cell) -> float:
        """Per cent of all trained cells that are worse, by mean validation accuracy; equal ones count one half.

        Over cells, not functions: so it says how a cell compares with one drawn at random.
        """
        own = self.query(architecture).validation_accuracy
        known = self.column("validation_accuracy")
        known = known[~np.isnan(known)]
        return 100 * float((known < own).mean() + (known == own).mean() / 2)

    def regret(self, history: History) -> np.ndarray:
        """After each trial: mean test accuracy of the best cell minus that of the incumbent by validation accuracy.

        (trials,), never negative. NaN as long as no trial succeeded, or where a test accuracy is unknown.
        """
        best = self.test_accuracy(self.optimum)
        return np.array(
            [math.nan if one.failed else best - self.test_accuracy(one.architecture) for one in history.incumbents]
        )

    def column(self, name: str, seed: int | None = None, epoch: float | None = None) -> np.ndarray:
        """One figure of all 15,625 cells in the order of the space: of a curve, a size, or a proxy. (N,)

        Raises ValueError for a name, seed or epoch that the table does not have.
        """
        if name in self._sizes:
            return np.asarray(self._sizes[name][self.row_of_cell])
        if name not in CURVES:
            known = (*CURVES, *self._sizes)
            raise ValueError(f"there is no column {name!r}; there are {', '.join(known)}{did_you_mean(name, known)}")
        layers = self._mean_layers if seed is None else self._layers[self._place_of(seed)]
        point = -1 if epoch is None else self._point_of(epoch)
        return np.asarray(layers[CURVES.index(name)][self.row_of_cell, point])

    def frame(self, seed: int | None = None, epoch: float | None = None) -> pd.DataFrame:
        """All 15,625 cells, one row each; cells that share `function` are one and the same training."""
        import pandas as pd

        names = (*CURVES, *self._sizes)
        columns = {name: self.column(name, seed, epoch) for name in names}
        return pd.DataFrame({"cell": [str(cell) for cell in TinyCell()], "function": self.row_of_cell, **columns})

    @cached_property
    def functions(self) -> np.ndarray:
        """One cell of each function, as its place in the space: the first one. (F,)

        For statistics over functions: cells that compute the same were trained once, and would count several times.
        """
        return np.unique(self.row_of_cell, return_index=True)[1]

    @property
    def trained(self) -> np.ndarray:
        """(S, F): which trainings are there."""
        return np.asarray(~np.isnan(self._curves["validation_accuracy"][..., -1]))

    def __repr__(self) -> str:
        counts = ", ".join(f"seed {seed}: {int(n):,}" for seed, n in zip(self.seeds, self.trained.sum(1), strict=True))
        return f"{type(self).__name__}({self.task}, of {self._test.shape[1]:,} functions {counts})"

    @cached_property
    def _mean_test(self) -> np.ndarray:
        return _mean_over_seeds(self._test)

    @cached_property
    def _final(self) -> np.ndarray:
        return self._mean_layers[CURVES.index("validation_accuracy")][:, -1]

    def _curve(self, row: int) -> tuple[CurvePoint, ...] | None:
        """The learning curve of `self.seed`, made once. None where that training is not there."""
        kept: dict[int, tuple[CurvePoint, ...] | None] = self.__dict__.setdefault("_kept", {})
        if row not in kept:
            rows = zip(self.epochs, *(layer[row].tolist() for layer in self._layers[self._place]), strict=True)
            curve = tuple(CurvePoint(*values) for values in rows)
            kept[row] = None if math.isnan(curve[-1].validation_accuracy) else curve
        return kept[row]

    def _done(self, architecture: Cell, row: int, point: int, resume: Evaluation) -> tuple[float, float]:
        """Epochs and seconds that are paid already."""
        if not self.resumable:
            raise ValueError(
                f"{type(self).__name__} has nothing to resume: each of its fidelities has its own schedule"
            )
        if resume.checkpoint is None:
            raise ValueError("there is nothing to resume: this evaluation has no checkpoint (was it loaded?)")
        if resume.checkpoint[:3] != (self.task, self.seed, row):
            raise ValueError(f"resume= belongs to another training, {resume.checkpoint[:3]}, not to {architecture}")
        if resume.checkpoint[3] > point:
            raise ValueError(f"resume= is at epoch {resume.curve[-1].epoch:g} already, behind {self.epochs[point]:g}")
        return resume.curve[-1].epoch, resume.curve[-1].seconds

    def _row_of(self, architecture: Cell) -> int:
        try:
            return self._row[architecture.operations]
        except AttributeError:
            hint = "; TinyCell().parse(text) makes a cell of a string" if isinstance(architecture, str) else ""
            raise TypeError(f"this table knows cells of TinyCell, not {architecture!r}{hint}") from None

    def _last_point_until(self, epochs: float | None) -> int:
        if epochs is None:
            return len(self.epochs) - 1
        if not self.resumable:
            return self._point_of(epochs)
        if not self.epochs[0] <= epochs <= self.epochs[-1]:
            raise ValueError(f"epochs={epochs}: this table has {self.epochs[0]:g} to {self.epochs[-1]:g}")
        return max(point for point, epoch in enumerate(self.epochs) if epoch <= epochs)

    def _point_of(self, epoch: float) -> int:
        try:
            return self.epochs.index(epoch)
        except ValueError:
            known = ", ".join(f"{one:g}" for one in self.epochs)
            raise ValueError(f"epoch {epoch} was not measured; there are {known}") from None

    def _place_of(self, seed: int) -> int:
        if seed not in self.seeds:
            raise ValueError(
                f"the table for {self.task} has no seed {seed}; there are {', '.join(map(str, self.seeds))}"
            )
        return self.seeds.index(seed)

    def _refuse(self, architecture: Cell, row: int, seed: int | None) -> NoReturn:
        which = "" if seed is None else f" with seed {seed}"
        places = range(len(self.seeds)) if seed is None else [self._place_of(seed)]
        for place in places:
            if (place, row) in self._failures:
                raise ArithmeticError(f"the training of {architecture}{which} failed: {self._failures[place, row]}")
        raise LookupError(f"{architecture} was not trained{which} on {self.task} yet")


def _mean_over_seeds(values: np.ndarray) -> np.ndarray:
    """(S, ...) -> (...): over the seeds that are there; NaN where there is none."""
    if len(values) == 1:
        return np.asarray(values[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no values is NaN: just what is wanted
        return np.asarray(np.nanmean(values, axis=0))
