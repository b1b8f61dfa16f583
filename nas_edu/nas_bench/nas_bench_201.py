"""NAS-Bench-201 (Dong & Yang, ICLR 2020) behind the interface of our own table: any lecture reruns on it by one line.

    table = NASBench201.from_csv(path, "cifar10")

The tables themselves are not part of this package: bring a file, or the authors' own object. Its cells were trained one
by one, so cells that compute the same function have trainings of their own here, and are not merged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nas_edu.core.names import did_you_mean
from nas_edu.nas_bench.table import CURVES, Table
from nas_edu.search_spaces import TinyCell

DATASETS = ("cifar10", "cifar100", "ImageNet16-120")
FIDELITIES = (12, 200)  # epochs; two trainings, each with a cosine schedule of its own


class NASBench201(Table):
    """Epochs 12 and 200 are separate trainings, so nothing can be resumed; other epochs are refused."""

    @classmethod
    def from_csv(cls, path: str | Path, dataset: str = "cifar10") -> NASBench201:
        """From a table with the columns `cellstr`, `val12_<dataset>`, `val200_<dataset>`, and perhaps `test200_`.

        Percentages become fractions. What the file does not say stays NaN: losses, seconds (so `cost` is 0), sizes.
        The test accuracy is that of 200 epochs; a file without it has test accuracy NaN, and then no optimum or regret.

        Raises ValueError for an unknown dataset, a missing column, a cell that is malformed, missing or there twice,
        and for accuracies outside 0 to 100.
        """
        import pandas as pd

        frame = pd.read_csv(path)
        _check_dataset(dataset)
        wanted = ["cellstr", *(f"val{epochs}_{dataset}" for epochs in FIDELITIES)]
        if missing := [name for name in wanted if name not in frame.columns]:
            raise ValueError(f"{path} has no column {', '.join(missing)}; it has {', '.join(frame.columns)}")
        place = _places(frame["cellstr"], path)

        def fractions(name: str) -> np.ndarray:
            values = np.full(len(place), np.nan)
            if name in frame.columns:
                percent = frame[name].to_numpy(dtype=float)
                if not np.all(np.isnan(percent) | ((percent >= 0) & (percent <= 100))):
                    raise ValueError(f"{path}: accuracies in {name} must be percentages from 0 to 100")
                values[place] = percent / 100
            return values

        accuracy = np.stack([fractions(f"val{epochs}_{dataset}") for epochs in FIDELITIES], axis=-1)
        return cls._of(dataset, accuracy=accuracy, test=fractions(f"test200_{dataset}"))

    @classmethod
    def from_nats_bench(cls, api: Any, dataset: str = "cifar10") -> NASBench201:
        """The mean over the seeds of the authors' object, which is made by their package `nats_bench`:

            NASBench201.from_nats_bench(nats_bench.create(None, "tss", fast_mode=True, verbose=False))

        After their convention, CIFAR-10's validation results come from the networks trained on the smaller part
        ("cifar10-valid"), its test results from those trained on all of it. Takes minutes: all 15,625 cells are read.
        """
        _check_dataset(dataset)
        searched = "cifar10-valid" if dataset == "cifar10" else dataset
        space = TinyCell()
        curves = {name: np.full((len(space), len(FIDELITIES)), np.nan) for name in CURVES}
        test = np.full(len(space), np.nan)
        sizes = {name: np.full(len(space), np.nan) for name in ("parameters", "macs")}
        for row, cell in enumerate(space):
            index = api.query_index_by_arch(str(cell))
            for column, epochs in enumerate(FIDELITIES):
                found = api.get_more_info(index, searched, hp=str(epochs), is_random=False)
                curves["train_loss"][row, column] = found["train-loss"]
                curves["validation_loss"][row, column] = found["valid-loss"]
                curves["validation_accuracy"][row, column] = found["valid-accuracy"] / 100
                seconds = (found["train-all-time"], found["valid-per-time"])
                curves["seconds"][row, column] = np.nan if None in seconds else sum(seconds)
            last = str(FIDELITIES[-1])
            test[row] = api.get_more_info(index, dataset, hp=last, is_random=False)["test-accuracy"] / 100
            cost = api.get_cost_info(index, searched, hp=last)
            sizes["parameters"][row], sizes["macs"][row] = 1e6 * cost["params"], 1e6 * cost["flops"]
        return cls._of(dataset, accuracy=curves["validation_accuracy"], test=test, curves=curves, sizes=sizes)

    @classmethod
    def _of(
        cls,
        dataset: str,
        *,
        accuracy: np.ndarray,
        test: np.ndarray,
        curves: dict[str, np.ndarray] | None = None,
        sizes: dict[str, np.ndarray] | None = None,
    ) -> NASBench201:
        unknown = np.full_like(accuracy, np.nan)
        curves = curves or dict.fromkeys(CURVES, unknown) | {"validation_accuracy": accuracy}
        return cls(
            dataset,
            seeds=np.array([0]),
            epochs=np.array(FIDELITIES),
            curves={name: values[None] for name, values in curves.items()},
            test=test[None],
            row_of_cell=np.arange(len(accuracy)),
            sizes=sizes or {name: np.full(len(accuracy), np.nan) for name in ("parameters", "macs")},
            resumable=False,
        )


def _check_dataset(dataset: str) -> None:
    if dataset not in DATASETS:
        hint = did_you_mean(dataset, DATASETS)
        raise ValueError(f"unknown dataset {dataset!r}; NAS-Bench-201 has {', '.join(DATASETS)}{hint}")


def _places(strings: Any, path: str | Path) -> np.ndarray:
    """The place in the space of each line's cell; every cell must be there once."""
    space = TinyCell()
    places = []
    for line, text in enumerate(strings, start=2):  # line 1 is the header
        try:
            places.append(space.index(space.parse(text)))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}, line {line}: {error}") from None
    counts = np.bincount(places, minlength=len(space))
    if wrong := np.flatnonzero(counts != 1)[:1].tolist():
        how_often = "is missing" if counts[wrong[0]] == 0 else f"is there {counts[wrong[0]]} times"
        raise ValueError(f"{path}: the cell {space[wrong[0]]} {how_often}; each of {len(space):,} must be there once")
    return np.array(places)
