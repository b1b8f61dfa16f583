"""Random forest: many trees, each grown on a resample of the trials; where they disagree, little is known.

    m(a)   = mean over trees t of f_t(a)
    s^2(a) = variance over trees t of f_t(a)

A tree splits on one choice at a time, so that categorical and conditional choices are no difficulty: this is what SMAC
predicts with.

Sources: Breiman, "Random Forests", Machine Learning 2001; Hutter, Hoos & Leyton-Brown, "Sequential Model-Based
Optimization for General Algorithm Configuration", LION 2011, section 4.1. Simplified: SMAC today also adds the variance
within the leaves (Hutter, Xu, Hoos & Leyton-Brown, "Algorithm Runtime Prediction", Artificial Intelligence 2014); our
trees are grown until their leaves are pure, where that is zero.

The details that matter: half of the features may be split on at each node, so that the trees differ.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

TREES = 100


class RandomForest:
    """A forest on `space.encode(architecture, encoding)`."""

    def __init__(self, space: Any, encoding: str = "one_hot") -> None:
        self.space, self.encoding = space, encoding

    def fit(self, architectures: Sequence[Any], scores: np.ndarray, rng: random.Random) -> None:
        self._forest = grown_forest(self._vectors(architectures), scores, rng)

    def predict(self, architectures: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
        vectors = self._vectors(architectures)
        each = np.stack([tree.predict(vectors, check_input=False) for tree in self._forest.estimators_])
        return each.mean(axis=0), each.std(axis=0)

    def _vectors(self, architectures: Sequence[Any]) -> np.ndarray:
        return np.stack([self.space.encode(one, self.encoding) for one in architectures]).astype(np.float32)


def grown_forest(vectors: np.ndarray, scores: Sequence[float] | np.ndarray, rng: random.Random) -> Any:
    """scikit-learn's forest, fitted to vectors (n, d) and scores (n,)."""
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(TREES, max_features=0.5, random_state=rng.getrandbits(32)).fit(vectors, scores)
