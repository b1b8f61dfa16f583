"""jacob_cov: -sum over eigenvalues v of log(v + k) + 1 / (v + k), k = 1e-5 (Mellor et al. 2020, first version).

v are the eigenvalues of the correlation matrix of the samples' rows d(sum of logits)/dx. Higher is meant to be better.
Sees data and gradients by the inputs, no labels. Train mode, as the authors' code. That takes a general eigenvalue
solver; the matrix is symmetric.
"""

import torch

from nas_edu.performance_estimation.zero_cost.probe import Probe
from nas_edu.performance_estimation.zero_cost.value import DegenerateError

K = 1e-5


def jacob_cov(probe: Probe) -> float:
    if len(probe.inputs) == 1:
        raise DegenerateError("one sample has nothing to be correlated with")
    correlations = torch.corrcoef(probe.input_gradients)
    v = torch.linalg.eigvalsh(correlations).clamp_min(0) + K  # rounding can give -1e-16
    return -float((v.log() + 1 / v).sum())
