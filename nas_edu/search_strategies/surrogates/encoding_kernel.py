"""Kernels on a vector that describes the architecture: near are those whose vectors differ in few places.

    Hamming    k(a, b) = exp(-h(a, b) / l)               h: the share of the hyperparameters that differ
    encoding   k(a, b) = exp(-|e(a) - e(b)|^2 / l)       e: "one_hot", "adjacency" or "path", over sqrt(its length)

Both are positive semi-definite for every l > 0. The second is the squared-exponential kernel. The first is a product,
over the hyperparameters, of a kernel that is 1 for equal values and c = exp(-1 / (l H)) for others; the matrix of such
a factor, (1 - c) I + c J, has no negative eigenvalue, and products of such kernels have none either. For a space
without conditions the two are one: where a value differs, two bits of the one-hot vector do.

Sources: Hutter, Hoos & Leyton-Brown, LION 2011 (the Hamming distance, for categories); White et al., "A Study on
Encodings for Neural Architecture Search", NeurIPS 2020.

The details that matter: a hyperparameter that does not exist (in a conditional space) counts as one more value here;
the Arc kernel does better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class HammingKernel:
    """Compares the values of all hyperparameters of `space`, one by one."""

    start = (0.5,)
    bounds = ((0.02, 20.0),)

    def __init__(self, space: Any) -> None:
        self.space = space
        self._places = {h.name: {value: place for place, value in enumerate(h.choices)} for h in space.hyperparameters}
        self._codes: dict[Any, list[int]] = {}

    def codes(self, architectures: Sequence[Any]) -> np.ndarray:
        """The place of each value among its choices, -1 where the hyperparameter does not exist: (n, H)."""
        for one in architectures:
            if one not in self._codes:
                values = self.space.to_config(one)
                self._codes[one] = [self._places[n][values[n]] if n in values else -1 for n in self._places]
        return np.array([self._codes[one] for one in architectures], dtype=int)

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """The share of the hyperparameters that differ: (n, m)."""
        return (self.codes(one)[:, None] != self.codes(other)[None]).mean(axis=-1)

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return np.exp(-distances / theta[0])


class EncodingKernel:
    """Compares the vectors `space.encode(architecture, encoding)`."""

    start = (0.1,)
    bounds = ((0.002, 10.0),)

    def __init__(self, space: Any, encoding: str = "path") -> None:
        self.space, self.encoding = space, encoding
        self._vectors: dict[Any, np.ndarray] = {}

    def vectors(self, architectures: Sequence[Any]) -> np.ndarray:
        for one in architectures:
            if one not in self._vectors:
                self._vectors[one] = self.space.encode(one, self.encoding).astype(float)
        return np.stack([self._vectors[one] for one in architectures])

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """The mean over the vector's places of the squared difference: (n, m)."""
        from scipy.spatial.distance import cdist

        x, y = self.vectors(one), self.vectors(other)
        return cdist(x, y, "sqeuclidean") / x.shape[1]

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return np.exp(-distances / theta[0])
