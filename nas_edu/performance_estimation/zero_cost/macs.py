"""macs: multiply-accumulates of one sample. Sees only the shape of the data; eval mode."""

from nas_edu.networks import count_macs
from nas_edu.performance_estimation.zero_cost.probe import Probe


def macs(probe: Probe) -> float:
    with probe.borrowed(training=False):
        return float(count_macs(probe.network, tuple(probe.inputs.shape[1:])))
