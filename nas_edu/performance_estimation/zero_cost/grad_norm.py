"""grad_norm: sum over layers of ||dL/dw||_2 (Abdelfattah et al. 2021, section 3.1).

Higher is meant to be better. Sees data, labels and gradients. Train mode, as the authors' code.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def grad_norm(probe: Probe) -> float:
    return float(sum(layer.gradient.norm() for layer in probe.layers))
