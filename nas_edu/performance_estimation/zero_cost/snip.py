"""snip: sum |w dL/dw|, how much the loss changes when single weights are removed (Lee et al. 2019, equation 4).

Higher is meant to be better. Sees data, labels and gradients. Train mode, as the authors' code: eval mode gives values
of another magnitude. As a score of whole networks there is no normalization, after Abdelfattah et al. 2021; Lee et al.
divide by the sum, because they compare weights of one network.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def snip(probe: Probe) -> float:
    return float(sum((layer.weight * layer.gradient).abs().sum() for layer in probe.layers))
