"""synflow: sum |w| dR/d|w|, where R is the summed output for an all-ones input (Tanaka et al. 2020, equation 6).

All parameters are replaced by their absolute values and normalization is bypassed. Higher is meant to be better. Sees
no data (its shape only), no labels; gradients of R. Eval mode. In float64, because the product over many layers leaves
the range of float32. Tanaka et al. keep normalization, in eval mode; the code of Abdelfattah et al. 2021, which is
followed, leaves it out. As Tanaka's, and unlike some codes, convolution and linear weights only are summed.
"""

import math

import torch
import torch.nn.functional as F

from nas_edu.performance_estimation.zero_cost.probe import Intercept, Probe, gradients_or_zeros
from nas_edu.performance_estimation.zero_cost.value import DegenerateError

NORMALIZATIONS = (F.batch_norm, F.group_norm, F.layer_norm, F.instance_norm)


def synflow(probe: Probe) -> float:
    parameters = probe.parameters(lambda _, w: w.double().abs())
    ones = torch.ones_like(probe.inputs[:1], dtype=torch.float64)
    bypass = Intercept(NORMALIZATIONS, lambda _, args, kwargs: args[0] if args else kwargs["input"])
    with probe.borrowed(training=False), bypass:
        flow = probe.forward(parameters, ones).sum()
    weights = probe.weights(parameters)
    gradients = gradients_or_zeros(flow, weights)
    total = float(sum((w.detach() * g).abs().sum() for w, g in zip(weights, gradients, strict=True)))
    if total == 0:
        raise DegenerateError("dead network: nothing flows from the inputs to the outputs")
    return total


def log_synflow(probe: Probe) -> float:
    """The natural logarithm: the same order, but a scale that can be drawn."""
    return math.log(synflow(probe))
