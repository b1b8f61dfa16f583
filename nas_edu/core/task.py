"""A data set with fixed splits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Split:
    """Inputs (samples, channels, length) or (samples, channels, height, width) as float32, and targets as int64."""

    inputs: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Task:
    """A data set with fixed splits. A search sees `train` and `validation`; only the final report sees `test`."""

    name: str
    train: Split
    validation: Split
    test: Split
    classes: int

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one sample: (channels, length) or (channels, height, width)."""
        return self.train.inputs.shape[1:]

    @property
    def dimensions(self) -> int:
        """1 for signals, 2 for images."""
        return len(self.input_shape) - 1
