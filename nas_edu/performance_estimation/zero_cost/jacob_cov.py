"""jacob_cov: -sum over eigenvalues v of log(v + k) + 1 / (v + k), k = 1e-5 (Mellor et al. 2020, first version).

v are the eigenvalues of the correlation matrix of the samples' rows d(sum of logits)/dx. Sees data and gradients by
the inputs, no labels; train mode. Their code takes a general eigenvalue solver; the matrix is symmetric.
"""

import torch

from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Probe, gradients_or_zeros

K = 1e-5


def jacob_cov(probe: Probe) -> float:
    inputs = probe.inputs.clone().requires_grad_()
    with probe.borrowed(training=True):
        total = probe.forward(probe.parameters(), inputs).sum()
    (rows,) = gradients_or_zeros(total, [inputs])
    rows = rows.flatten(1).double()
    rows = rows - rows.mean(1, keepdim=True)
    lengths = rows.norm(dim=1, keepdim=True)
    if not lengths.all():
        raise DegenerateError("the gradient by the inputs is constant for a sample: no correlation")
    if not lengths.isfinite().all():
        raise DegenerateError("a gradient by the inputs is not a finite number")
    rows = rows / lengths
    v = torch.linalg.eigvalsh(rows @ rows.t()).clamp_min(0) + K  # rounding can give -1e-16
    return -float((v.log() + 1 / v).sum())
