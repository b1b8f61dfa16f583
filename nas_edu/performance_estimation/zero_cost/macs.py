"""macs: multiply-accumulates of the convolutions and linear layers for one sample; many codes call it "flops".

Higher is meant to be better. Sees the shape of the data only, no labels, no gradients. Eval mode.
"""

from nas_edu.networks import count_macs
from nas_edu.performance_estimation.zero_cost.probe import Probe


def macs(probe: Probe) -> float:
    with probe.borrowed(training=False):
        return float(count_macs(probe.network, tuple(probe.inputs.shape[1:])))
