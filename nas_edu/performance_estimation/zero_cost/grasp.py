"""grasp: -sum w (H g), half the rise of ||g||^2 as weights are removed, to first order (Wang et al. 2020, section 4).

For w -> w + d the squared gradient norm becomes ||g||^2 + 2 d^T H g, and d = -w removes the weights.
g = dL/dw and H its derivative, both over convolution and linear weights only. Higher is meant to be better. Sees data,
labels and gradients. Train mode, as the code of Abdelfattah et al. 2021, which is followed. Wang et al. rank the
weights of one network and keep the lowest -w (H g); of networks, Abdelfattah et al. take the highest sum. H is never
formed: H g is the derivative of (g as a constant) . dL/dw.
"""

from typing import Any

from nas_edu.performance_estimation.zero_cost.probe import Probe, gradients_or_zeros


def grasp(probe: Probe) -> float:
    total = 0.0
    constant = [layer.gradient for layer in probe.layers]
    for inputs, targets in probe.pieces:
        parameters = probe.parameters()
        weights = probe.weights(parameters)
        with probe.borrowed(training=probe.training):
            loss = probe.loss(parameters, inputs, targets)
            gradients = gradients_or_zeros(loss, weights, create_graph=True)
            # A tensor; the hint of `sum` allows for the number 0, if there is nothing to add.
            product: Any = sum((c * g).sum() for c, g in zip(constant, gradients, strict=True))
        hessian_gradient = gradients_or_zeros(product, weights)
        total -= sum((w.detach() * h).sum().item() for w, h in zip(weights, hessian_gradient, strict=True))
    return total
