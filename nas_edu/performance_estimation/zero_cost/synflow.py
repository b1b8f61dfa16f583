"""synflow: sum |w| dR/d|w|, where R is the summed output for an all-ones input (Tanaka et al. 2020, equation 6).

All parameters are replaced by their absolute values and normalization is bypassed. In float64: the product over many
layers leaves the range of float32. Sees no data and no labels; gradients of R; eval mode.
"""

import math

import torch
import torch.nn.functional as F

from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Intercept, Probe, gradients_or_zeros

NORMALIZATIONS = (F.batch_norm, F.group_norm, F.layer_norm, F.instance_norm)


def synflow(probe: Probe) -> float:
    parameters = probe.parameters(lambda w: w.double().abs())
    ones = torch.ones_like(probe.inputs[:1], dtype=torch.float64)
    bypass = Intercept(NORMALIZATIONS, lambda _, args, kwargs: args[0] if args else kwargs["input"])
    with probe.borrowed(training=False), bypass:
        flow = probe.forward(parameters, ones).sum()
    weights = [parameters[f"{name}.weight" if name else "weight"] for name in probe.weighted]
    gradients = gradients_or_zeros(flow, weights)
    total = float(sum((w.detach() * g).abs().sum() for w, g in zip(weights, gradients, strict=True)))
    if total == 0:
        raise DegenerateError("dead network: nothing flows from the inputs to the outputs")
    return total


def log_synflow(probe: Probe) -> float:
    """The natural logarithm: the same order, but a scale that can be drawn."""
    return math.log(synflow(probe))
