"""Gaussian process: before any training all scores are jointly normal; what was measured narrows the belief down.

    prior      y ~ N(0, K_y),    K_y = sigma_f^2 K + sigma_n^2 I     y standardised scores (n,), K_ij = k(a_i, a_j)
    posterior  m(a) = k_a^T K_y^-1 y                                 k_a = sigma_f^2 (k(a, a_i))_i           eq. 2.25
               v(a) = sigma_f^2 - k_a^T K_y^-1 k_a                   deviation s(a) = sqrt(v(a))             eq. 2.26
    evidence   log p(y) = -1/2 y^T K_y^-1 y - 1/2 log det K_y - n/2 log 2 pi                                 eq. 2.30

The kernel k says which architectures are alike; the hyperparameters (signal sigma_f^2, noise sigma_n^2, those of k) are
those with the highest evidence.

Source: Rasmussen & Williams, "Gaussian Processes for Machine Learning", 2006, Algorithm 2.1.

The details that matter: nothing is inverted. With the Cholesky factor L of K_y, K_y^-1 y takes two triangular systems,
and log det K_y = 2 sum log L_ii. The evidence is maximised by scipy's L-BFGS-B, over logarithms, from where the last
fit ended. Predictions are of the score without noise, in its own units. Kernels that are not positive semi-definite
(OTMANN) can make K_y fail; then the diagonal is raised, tenfold each time, until there is a factor.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nas_edu.core.search_space import SearchSpace
from nas_edu.search_strategies.surrogates.interface import Kernel
from nas_edu.search_strategies.surrogates.kernels import HammingKernel

SIGNAL, NOISE = (1.0, (0.05, 20.0)), (0.05, (1e-4, 1.0))  # start and bounds, of standardised scores

STOP = {"maxiter": 20, "ftol": 1e-4}


class GaussianProcess:
    """`kernel(space)` makes the kernel. After `fit`, `theta` holds (signal, noise, *those of the kernel)."""

    def __init__(self, space: SearchSpace[Any], kernel: Callable[[Any], Kernel] = HammingKernel) -> None:
        self.kernel = kernel(space)
        self.theta = np.array([SIGNAL[0], NOISE[0], *self.kernel.start])
        self._bounds = [SIGNAL[1], NOISE[1], *self.kernel.bounds]

    def fit(self, architectures: Sequence[Any], scores: np.ndarray, rng: random.Random) -> None:
        """Choose the hyperparameters by their evidence, then factorise K_y. `rng` is not used."""
        from scipy.linalg import cho_solve
        from scipy.optimize import minimize

        self.architectures = list(architectures)
        self._mean, self._scale = scores.mean(), scores.std() or 1.0
        y = (scores - self._mean) / self._scale
        distances = self.kernel.distances(self.architectures, self.architectures)

        def loss(logarithms: np.ndarray) -> float:
            return -log_evidence(self._covariance(distances, np.exp(logarithms)), y)

        found = minimize(loss, np.log(self.theta), method="L-BFGS-B", bounds=np.log(self._bounds), options=STOP)
        self.theta = np.exp(found.x)
        self._factor = factorised(self._covariance(distances, self.theta))
        self._weights = cho_solve((self._factor, True), y)  # K_y^-1 y

    def predict(self, architectures: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
        from scipy.linalg import solve_triangular

        signal, _, *rest = self.theta
        distances = self.kernel.distances(self.architectures, architectures)
        cross = signal * self.kernel.gram(distances, np.array(rest))  # (n, m), its columns are the k_a
        v = solve_triangular(self._factor, cross, lower=True)  # so that v^T v = k_a^T K_y^-1 k_a
        variance = np.maximum(0.0, signal - (v**2).sum(axis=0))
        return self._mean + self._scale * (cross.T @ self._weights), self._scale * np.sqrt(variance)

    def _covariance(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        signal, noise, *rest = theta
        return signal * self.kernel.gram(distances, np.array(rest)) + noise * np.eye(len(distances))


def log_evidence(covariance: np.ndarray, y: np.ndarray) -> float:
    """The logarithm of N(y; 0, covariance)."""
    from scipy.linalg import solve_triangular

    factor = factorised(covariance)
    half = solve_triangular(factor, y, lower=True)
    return float(-0.5 * half @ half - np.log(np.diag(factor)).sum() - 0.5 * len(y) * math.log(2 * math.pi))


def factorised(covariance: np.ndarray) -> np.ndarray:
    """The lower Cholesky factor; where there is none, of the matrix with a raised diagonal."""
    raised = 0.0
    while True:
        try:
            return np.linalg.cholesky(covariance + raised * np.eye(len(covariance)))
        except np.linalg.LinAlgError:
            raised = max(1e-8, 10 * raised)
