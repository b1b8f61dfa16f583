"""l2_norm: sum over layers of ||w||_2 (Abdelfattah et al. 2021). Sees no data, labels or gradients; no mode."""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def l2_norm(probe: Probe) -> float:
    return float(sum(module.weight.detach().norm() for module in probe.weighted.values()))
