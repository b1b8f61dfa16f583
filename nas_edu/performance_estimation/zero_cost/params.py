"""params: the number of trainable numbers.

Higher is meant to be better. Sees no data, no labels, no gradients. No mode.
"""

from nas_edu.networks import count_parameters
from nas_edu.performance_estimation.zero_cost.probe import Probe


def params(probe: Probe) -> float:
    return float(count_parameters(probe.network))
