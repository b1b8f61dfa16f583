"""grad_norm: sum over layers of ||dL/dw||_2, not the norm of all together (Abdelfattah et al. 2021, section 3.2).

Sees data, labels and gradients; train mode, as in the authors' code.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def grad_norm(probe: Probe) -> float:
    return float(sum(layer.gradient.norm() for layer in probe.layers))
