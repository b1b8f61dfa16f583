"""l2_norm: sum over layers of ||w||_2, convolution and linear weights only (Abdelfattah et al. 2021, code).

Higher is meant to be better. Sees no data, no labels, no gradients. No mode. With He's initialization, ||w||_2 is close
to sqrt(2 * outputs) of a layer: so it counts channels.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def l2_norm(probe: Probe) -> float:
    return float(sum(module.weight.detach().norm() for module in probe.weighted.values()))
