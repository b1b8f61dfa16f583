"""The gradient of the validation loss in alpha, with the weights one training step further (DARTS, section 2.3).

    w' = w - xi * d,    d = momentum * buffer + grad_w L_train(w, alpha) + weight_decay * w         the unrolled step
    gradient = grad_alpha L_val(w', alpha) - xi * grad^2_(alpha,w) L_train(w, alpha) v,
    v = grad_w' L_val(w', alpha)                                                                     (eq. 7)

xi = 0 is the first-order approximation: w' = w, and the second term is gone. The matrix in it is large, but only its
product with v is needed. "finite_difference" is the published way, two gradients at shifted weights (eq. 8):

    w+ = w + eps v,  w- = w - eps v,  eps = radius / |v|:    (grad_alpha L_train(w+) - grad_alpha L_train(w-)) / (2 eps)

"exact" differentiates (grad_w L_train . v) in alpha once more. Batch normalization's running averages, weights, alpha
and their .grad are left as they were.

Source: Liu, Simonyan & Yang, "DARTS", ICLR 2019, eq. 6-8, and the authors' code (github.com/quark0/darts,
cnn/architect.py), whose unrolled step has momentum and weight decay too, but not the cutting of long gradients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch.func import functional_call

from nas_edu.one_shot.supernet import Supernet

Batch = tuple[torch.Tensor, torch.Tensor]
Tensors = Mapping[str, torch.Tensor]
PRODUCTS = ("finite_difference", "exact")


class ArchitectureGradient(NamedTuple):
    """The gradient for each entry of `supernet.alpha`, shape (edges, operations), and L_val(w', alpha)."""

    alpha: Tensors
    validation_loss: float


def architecture_gradient(
    supernet: Supernet,
    train_batch: Batch,
    validation_batch: Batch,
    *,
    xi: float,
    optimizer: torch.optim.SGD,
    product: str = "finite_difference",
    radius: float = 0.01,
) -> ArchitectureGradient:
    """The gradient of L_val(w', alpha) in alpha; `optimizer` is the one that trains the weights.

    Raises ValueError for a negative xi, a radius that is not positive, an unknown product, or an optimizer whose step
    is not the one above.
    """
    _check(xi, product, radius)
    weights = supernet.weights()
    if xi == 0:
        return ArchitectureGradient(*_gradient_in_alpha(supernet, weights, validation_batch))

    unrolled = _unrolled_step(supernet, weights, train_batch, xi, optimizer)
    by_alpha, v, loss = _gradients(supernet, unrolled, validation_batch)
    if product == "exact":
        second = _exact_product(supernet, weights, train_batch, v)
    else:
        second = _finite_difference(supernet, weights, train_batch, v, radius)
    return ArchitectureGradient({kind: by_alpha[kind] - xi * second[kind] for kind in by_alpha}, loss)


def _unrolled_step(
    supernet: Supernet, weights: Tensors, batch: Batch, xi: float, optimizer: torch.optim.SGD
) -> Tensors:
    """The step w' = w - xi (momentum * buffer + gradient + weight_decay * w)."""
    settings = _settings(weights, optimizer)
    _, gradient, _ = _gradients(supernet, weights, batch)
    unrolled = {}
    for name, w in weights.items():
        direction = gradient[name] + settings[name]["weight_decay"] * w.detach()
        buffer = optimizer.state[w].get("momentum_buffer") if w in optimizer.state else None
        if buffer is not None:
            direction = direction + settings[name]["momentum"] * buffer
        unrolled[name] = (w.detach() - xi * direction).requires_grad_()
    return unrolled


def _finite_difference(supernet: Supernet, weights: Tensors, batch: Batch, v: Tensors, radius: float) -> Tensors:
    """grad^2_(alpha,w) L_train(w, alpha) v from two gradients in alpha, at weights shifted along v."""
    norm = torch.cat([part.flatten() for part in v.values()]).norm().item()
    if norm == 0:
        return {kind: torch.zeros_like(alpha) for kind, alpha in supernet.alpha.items()}
    eps = radius / norm
    shifted = ({name: (w + sign * eps * v[name]).detach() for name, w in weights.items()} for sign in (1, -1))
    plus, minus = (_gradient_in_alpha(supernet, at, batch)[0] for at in shifted)
    return {kind: (plus[kind] - minus[kind]) / (2 * eps) for kind in plus}


def _exact_product(supernet: Supernet, weights: Tensors, batch: Batch, v: Tensors) -> Tensors:
    """grad^2_(alpha,w) L_train(w, alpha) v as the gradient in alpha of (grad_w L_train . v)."""
    loss = _loss(supernet, weights, batch)
    gradient = torch.autograd.grad(loss, list(weights.values()), create_graph=True, materialize_grads=True)
    # A tensor; the hint of `sum` allows for the number 0, if there is nothing to add.
    along_v: Any = sum((g * v[name]).sum() for name, g in zip(weights, gradient, strict=True))
    second = torch.autograd.grad(along_v, list(supernet.alpha.values()), materialize_grads=True)
    return dict(zip(supernet.alpha, second, strict=True))


def _gradient_in_alpha(supernet: Supernet, weights: Tensors, batch: Batch) -> tuple[Tensors, float]:
    """The gradient of the loss in alpha alone, which spares a third of the backward pass, and the loss."""
    loss = _loss(supernet, weights, batch)
    found = torch.autograd.grad(loss, list(supernet.alpha.values()), materialize_grads=True)
    return dict(zip(supernet.alpha, found, strict=True)), loss.item()


def _gradients(supernet: Supernet, weights: Tensors, batch: Batch) -> tuple[Tensors, Tensors, float]:
    """The gradients of the loss at `weights`, in alpha and in the weights, and the loss."""
    loss = _loss(supernet, weights, batch)
    alphas = dict(supernet.alpha.items())
    found = torch.autograd.grad(loss, [*alphas.values(), *weights.values()], materialize_grads=True)
    return dict(zip(alphas, found, strict=False)), dict(zip(weights, found[len(alphas) :], strict=True)), loss.item()


def _loss(supernet: Supernet, weights: Tensors, batch: Batch) -> torch.Tensor:
    inputs, targets = batch
    buffers = {name: buffer.clone() for name, buffer in supernet.named_buffers()}  # running averages stay as they are
    return F.cross_entropy(functional_call(supernet, {**weights, **buffers}, (inputs,)), targets)


def _settings(weights: Tensors, optimizer: torch.optim.SGD) -> dict[str, dict]:
    """The optimizer's settings for each weight."""
    if not isinstance(optimizer, torch.optim.SGD):
        raise ValueError(f"the unrolled step is a step of torch.optim.SGD, not of {type(optimizer).__name__}")
    group_of = {parameter: group for group in optimizer.param_groups for parameter in group["params"]}
    for group in optimizer.param_groups:
        for setting in ("nesterov", "dampening", "maximize"):
            if group[setting]:
                raise ValueError(
                    f"the unrolled step knows no {setting}, but the optimizer has {setting}={group[setting]}"
                )
    missing = [name for name, w in weights.items() if w not in group_of]
    if missing:
        raise ValueError(f"the optimizer does not train these weights of the supernet: {', '.join(missing)}")
    return {name: group_of[w] for name, w in weights.items()}


def _check(xi: float, product: str, radius: float) -> None:
    if not xi >= 0:
        raise ValueError(f"xi={xi}: the length of the unrolled step is 0 (first order) or more")
    if not radius > 0:
        raise ValueError(f"radius={radius}: the finite difference needs a positive one; the authors use 0.01")
    if product not in PRODUCTS:
        raise ValueError(f"product={product!r}: allowed are {', '.join(PRODUCTS)}")
