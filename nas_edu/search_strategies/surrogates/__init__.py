"""Surrogates: models that learn from trained architectures what to expect of others, one a file.

    model = RandomForest(space)
    model.fit(architectures, scores, rng)               scores (n,)
    mean, deviation = model.predict(candidates)         both (m,), in the units of the scores

The kernels of the Gaussian process say which architectures are near each other: `kernel(space)` makes one.
"""

from nas_edu.search_strategies.surrogates.gaussian_process import GaussianProcess
from nas_edu.search_strategies.surrogates.interface import Kernel, Surrogate
from nas_edu.search_strategies.surrogates.kernels import (
    ArcKernel,
    EncodingKernel,
    HammingKernel,
    WeisfeilerLehmanKernel,
)
from nas_edu.search_strategies.surrogates.network_ensemble import NetworkEnsemble
from nas_edu.search_strategies.surrogates.otmann import OTMANNKernel, otmann_distance
from nas_edu.search_strategies.surrogates.random_forest import RandomForest

__all__ = [
    "ArcKernel",
    "EncodingKernel",
    "GaussianProcess",
    "HammingKernel",
    "Kernel",
    "NetworkEnsemble",
    "OTMANNKernel",
    "RandomForest",
    "Surrogate",
    "WeisfeilerLehmanKernel",
    "otmann_distance",
]
