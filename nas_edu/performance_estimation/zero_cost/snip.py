"""snip: sum |w dL/dw|, how much the loss changes when single weights are removed (Lee et al. 2019, equation 4).

As a score of whole networks without Lee's normalization, after Abdelfattah et al. 2021. Sees data, labels and
gradients; train mode, as in their code: eval mode gives values of another magnitude.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def snip(probe: Probe) -> float:
    return float(sum((layer.weight * layer.gradient).abs().sum() for layer in probe.layers))
