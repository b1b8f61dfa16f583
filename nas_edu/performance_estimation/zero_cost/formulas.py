"""The proxies that are a line or a few: each is a formula of a `Probe`. The longer ones have their files: nwot, zen.

    w, g     a weight of a convolution or linear layer, and g = dL/dw, L the mean cross-entropy of the batch
    a        the output of such a layer
    rows     d(sum of logits)/dx, a row for each sample x

Higher is meant to be better, for each of them. Biases and the weights of normalizations are left out of all sums over
weights. "Mode" is that of the network when it meets the batch: eval mode gives values of another magnitude.

Sources: Abdelfattah et al., "Zero-Cost Proxies for Lightweight NAS", ICLR 2021, which made scores of whole networks out
of pruning criteria, and whose code is followed where a docstring says no other; Lee et al. 2019 (snip); Wang et al.
2020 (grasp); Tanaka et al. 2020 (synflow); Turner et al. 2020 (fisher); Mellor et al. 2020 (jacob_cov); Lopes et al.
2021 (epe_nas).
"""

import math
from typing import Any

import torch
import torch.nn.functional as F

from nas_edu.networks import count_macs, count_parameters
from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Intercept, Probe, gradients_or_zeros

# Of the network alone


def params(probe: Probe) -> float:
    """The number of trainable numbers.

    Sees no data, no labels, no gradients. No mode.
    """
    return float(count_parameters(probe.network))


def macs(probe: Probe) -> float:
    """Multiply-accumulates of the convolutions and linear layers for one sample; many codes call it "flops".

    Sees the shape of the data only, no labels, no gradients. Eval mode.
    """
    with probe.borrowed(training=False):
        return float(count_macs(probe.network, tuple(probe.inputs.shape[1:])))


def l2_norm(probe: Probe) -> float:
    """Sum over layers of ||w||_2, convolution and linear weights only (Abdelfattah et al. 2021, code).

    With He's initialization, ||w||_2 is close to sqrt(2 * outputs) of a layer: so it counts channels.
    Sees no data, no labels, no gradients. No mode.
    """
    return float(sum(module.weight.detach().norm() for module in probe.weighted.values()))


def synflow(probe: Probe) -> float:
    """Sum |w| dR/d|w|, where R is the summed output for an all-ones input (Tanaka et al. 2020, equation 6).

    All parameters are replaced by their absolute values and normalization is bypassed. In float64, because the product
    over many layers leaves the range of float32. Tanaka et al. keep normalization, in eval mode; the code of
    Abdelfattah et al. leaves it out. Sees no data (its shape only), no labels; gradients of R. Eval mode.
    """
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


NORMALIZATIONS = (F.batch_norm, F.group_norm, F.layer_norm, F.instance_norm)


def log_synflow(probe: Probe) -> float:
    """The logarithm of synflow: the same order, but a scale that can be drawn.

    Sees no data (its shape only), no labels; gradients of R. Eval mode.
    """
    return math.log(synflow(probe))


# Of one backward pass of the loss


def grad_norm(probe: Probe) -> float:
    """Sum over layers of ||dL/dw||_2 (Abdelfattah et al. 2021, section 3.1).

    Sees data, labels and gradients. Train mode, as the authors' code.
    """
    return float(sum(layer.gradient.norm() for layer in probe.layers))


def snip(probe: Probe) -> float:
    """Sum |w dL/dw|, how much the loss changes when single weights are removed (Lee et al. 2019, equation 4).

    Without a normalization: Lee et al. divide by the sum, because they compare weights of one network.
    Sees data, labels and gradients. Train mode, as the authors' code.
    """
    return float(sum((layer.weight * layer.gradient).abs().sum() for layer in probe.layers))


def plain(probe: Probe) -> float:
    """Sum w dL/dw, snip without the absolute value (Abdelfattah et al. 2021, code).

    A layer before batch normalization has w . dL/dw = 0 up to rounding and epsilon, since its scale does not matter:
    there little but the last layer is counted. Sees data, labels and gradients. Train mode, as the authors' code.
    """
    return float(sum((layer.weight * layer.gradient).sum() for layer in probe.layers))


def fisher(probe: Probe) -> float:
    """1/2 mean over samples of (sum over positions of a dL/da)^2 for each channel (Turner et al. 2020, section 3).

    A channel is counted once for each of its weights, as in the code of Abdelfattah et al.; Turner et al. count it
    once. Sees data, labels and gradients. Train mode, as the authors' code.
    """
    return float(sum(layer.saliency.square().mean(0).sum() / 2 * layer.weight[0].numel() for layer in probe.layers))


def grasp(probe: Probe) -> float:
    """-sum w (H g), half the rise of ||g||^2 as weights are removed, to first order (Wang et al. 2020, section 4).

    For w -> w + d the squared gradient norm becomes ||g||^2 + 2 d^T H g, and d = -w removes the weights. H, the
    derivative of g, is never formed: H g is the derivative of (g as a constant) . dL/dw. Wang et al. rank the weights
    of one network and keep the lowest -w (H g); of networks, Abdelfattah et al. take the highest sum. Sees data, labels
    and gradients. Train mode, as the authors' code.
    """
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


# Of the gradients by the inputs


def jacob_cov(probe: Probe) -> float:
    """-sum over eigenvalues v of log(v + k) + 1 / (v + k), k = 1e-5 (Mellor et al. 2020, first version).

    v are the eigenvalues of the correlation matrix of the rows. The authors' code, whose mode this is, takes a general
    eigenvalue solver; the matrix is symmetric. Sees data and gradients by the inputs, no labels. Train mode.
    """
    if len(probe.inputs) == 1:
        raise DegenerateError("one sample has nothing to be correlated with")
    correlations = torch.corrcoef(probe.input_gradients)
    v = torch.linalg.eigvalsh(correlations).clamp_min(0) + K  # rounding can give -1e-16
    return -float((v.log() + 1 / v).sum())


K = 1e-5  # of jacob_cov and of epe_nas


def epe_nas(probe: Probe) -> float:
    """Sum over classes of |sum over pairs of samples of log(|correlation| + k)|, k = 1e-5 (Lopes et al. 2021).

    The rows are correlated as in jacob_cov, but within each class: samples of one class may be told apart, too. With
    more than 100 classes the sums E_c are compared: sum over c and d of |E_c - E_d|, over classes. The classes that
    count are those in the batch. Sees data, labels and gradients by the inputs. Train mode, as the authors' code.
    """
    classes, sizes = torch.unique(probe.targets, return_counts=True)
    if len(classes) == 1:
        raise DegenerateError("all samples are of one class: nothing to compare it with")
    if sizes.max() == 1:
        raise DegenerateError("no class has two samples to correlate")
    rows = probe.input_gradients
    by_class = [torch.corrcoef(rows[probe.targets == c]) for c in classes]
    sums = torch.stack([(correlations.abs() + K).log().sum() for correlations in by_class])
    if len(classes) <= MANY_CLASSES:
        return float(sums.abs().sum())
    return float((sums[:, None] - sums).abs().sum() / len(classes))


MANY_CLASSES = 100
