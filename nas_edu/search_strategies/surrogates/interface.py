"""What every surrogate and every kernel can do."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class Surrogate(Protocol):
    """A belief about the scores of architectures: a mean and a standard deviation for each."""

    def fit(self, architectures: Sequence[Any], scores: np.ndarray, rng: random.Random) -> None:
        """Learn from n architectures and their scores (n,), and forget what was learned before."""

    def predict(self, architectures: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
        """Mean (m,) and standard deviation (m,) of the belief about each of m architectures."""


class Kernel(Protocol):
    """How alike architectures are: 1 for equal ones, less for others.

    Split in two, so that what is slow is done once: `distances` compares architectures, `gram` turns that into a kernel
    for given hyperparameters, of which the Gaussian process tries many. `start` and `bounds` are for those.
    """

    @property
    def start(self) -> tuple[float, ...]: ...

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]: ...

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """What is needed to compare each of n with each of m architectures: (n, m), or (n, m, something)."""

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """The kernel (n, m) with the hyperparameters `theta`, all of them positive."""
