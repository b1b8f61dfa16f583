"""plain: sum w dL/dw, snip without the absolute value (Abdelfattah et al. 2021, code).

Higher is meant to be better. Sees data, labels and gradients. Train mode, as the authors' code. A layer before batch
normalization has w . dL/dw = 0 up to rounding and epsilon, since its scale does not matter: there little but the last
layer is counted.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def plain(probe: Probe) -> float:
    return float(sum((layer.weight * layer.gradient).sum() for layer in probe.layers))
