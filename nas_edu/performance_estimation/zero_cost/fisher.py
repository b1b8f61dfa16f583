"""fisher: 1/2 mean over samples of (sum over positions of a dL/da)^2 for each channel (Turner et al. 2020, section 3).

Higher is meant to be better. Sees data, labels and gradients. Train mode, as the authors' code. a is the output of a
convolution or linear layer. A channel is counted once for each of its weights, as in the code of Abdelfattah et al.
2021; Turner et al. count it once.
"""

from nas_edu.performance_estimation.zero_cost.probe import Probe


def fisher(probe: Probe) -> float:
    return float(sum(layer.saliency.square().mean(0).sum() / 2 * layer.weight[0].numel() for layer in probe.layers))
