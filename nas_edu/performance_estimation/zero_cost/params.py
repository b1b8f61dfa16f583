"""params: the number of trainable numbers. Sees no data, labels or gradients; no mode."""

from nas_edu.networks import count_parameters
from nas_edu.performance_estimation.zero_cost.probe import Probe


def params(probe: Probe) -> float:
    return float(count_parameters(probe.network))
