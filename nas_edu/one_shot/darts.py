"""DARTS: search by gradient descent. The choice on each edge becomes a mixture, and its weights alpha are trained.

    min over alpha of L_val(w*(alpha), alpha)    where    w*(alpha) = argmin over w of L_train(w, alpha)

Both levels take turns, one step each: alpha on a mini-batch of the validation split, w on one of the training split.

    while not converged:
        1. update alpha by descending grad_alpha L_val(w - xi grad_w L_train(w, alpha), alpha)
        2. update w     by descending grad_w L_train(w, alpha)
    derive the final architecture from alpha

The gradient of step 1, with the weights one training step further:

    w' = w - xi * d,    d = momentum * buffer + grad_w L_train(w, alpha) + weight_decay * w         the unrolled step
    gradient = grad_alpha L_val(w', alpha) - xi * grad^2_(alpha,w) L_train(w, alpha) v,
    v = grad_w' L_val(w', alpha)                                                                     (eq. 7)

xi = 0 is the first-order approximation: w' = w, and the second term is gone. The matrix in it is large, but only its
product with v is needed. "finite_difference" is the published way, two gradients at shifted weights (eq. 8):

    w+ = w + eps v,  w- = w - eps v,  eps = radius / |v|:    (grad_alpha L_train(w+) - grad_alpha L_train(w-)) / (2 eps)

"exact" differentiates (grad_w L_train . v) in alpha once more.

Source: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, Algorithm 1 and eq. 6-8, and the
authors' code (github.com/quark0/darts, cnn/architect.py), whose unrolled step has momentum and weight decay too, but
not the cutting of long gradients.

The details that matter, from the paper's appendix A.1.1: w is trained by SGD with momentum 0.9, weight decay 3e-4 and a
learning rate that falls along a cosine; alpha by Adam with betas (0.5, 0.999) and weight decay 1e-3. From the authors'
code: the cosine ends at 0.001 (paper: 0), gradients are cut at norm 5, and alpha starts near zero, not at it. Second
order takes xi = the learning rate of w. The paper halves CIFAR-10's training set for the two levels; here they are
`task.train` and `task.validation`. The paper searches for 50 epochs; here `steps` says how long, as the cosine must
know.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch.func import functional_call

from nas_edu.core import Step, Task
from nas_edu.core.names import did_you_mean
from nas_edu.one_shot.supernet import (
    Batch,
    Supernet,
    check_steps,
    cosine,
    mini_batches,
    optimizer_of_weights,
    report,
    update_weights,
)

Tensors = Mapping[str, torch.Tensor]
PRODUCTS = ("finite_difference", "exact")


def darts(
    supernet: Supernet,
    task: Task,
    *,
    steps: int,
    order: int = 1,
    product: str = "finite_difference",
    batch_size: int = 64,
    weight_learning_rate: float = 0.025,
    alpha_learning_rate: float = 3e-4,
    weight_decay: float = 3e-4,
    warm_up: float = 0.0,
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` and its alpha in place, on the device where it is; yield `steps` steps.

    A step has the losses "train" and "validation" before the two updates (the latter at the unrolled weights in second
    order), alpha and the argmax cell after them, and in `info` the entropy of each edge's softmax (nats) by kind of
    cell, and the learning rate of w. The order of the samples comes from `rng` alone. `weight_decay` is the L2
    regularization of w; for the first `warm_up` part of the steps only w is trained, as PC-DARTS does.

    Raises ValueError for an order other than 1 and 2, an unknown product, steps below one, a warm-up outside 0 to 1, or
    a batch larger than a split; DivergenceError where a loss is no longer a number.
    """
    _check(order, product, steps, warm_up)
    train = mini_batches(task.train, batch_size, rng, supernet)
    validation = mini_batches(task.validation, batch_size, rng, supernet)
    for_weights = optimizer_of_weights(supernet, weight_learning_rate, weight_decay)
    for_alpha = optimizer_of_alpha(supernet, alpha_learning_rate)
    supernet.train()

    for step in range(steps):
        train_batch, validation_batch = next(train), next(validation)
        learning_rate = for_weights.param_groups[0]["lr"] = cosine(weight_learning_rate, step / steps)

        # 1. update alpha by descending grad_alpha L_val(w - xi grad_w L_train(w, alpha), alpha)
        xi = learning_rate if order == 2 else 0.0
        gradient, validation_loss = architecture_gradient(
            supernet, train_batch, validation_batch, xi=xi, optimizer=for_weights, product=product
        )
        if step >= warm_up * steps:
            for kind, alpha in supernet.alpha.items():
                alpha.grad = gradient[kind]
            for_alpha.step()

        # 2. update w by descending grad_w L_train(w, alpha)
        train_loss = update_weights(supernet, for_weights, train_batch)

        losses = {"train": train_loss, "validation": validation_loss}
        yield report(supernet, step, losses, learning_rate=learning_rate)


def optimizer_of_alpha(supernet: Supernet, learning_rate: float) -> torch.optim.Adam:
    """Adam for alpha, as the paper has it."""
    return torch.optim.Adam(supernet.alpha.values(), learning_rate, betas=(0.5, 0.999), weight_decay=1e-3)


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

    Batch normalization's running averages, weights, alpha and their .grad are left as they were. A batch is a pair of
    inputs (samples, channels, *positions) and targets (samples,); `xi` is the length of the unrolled step, and `radius`
    that of the shift by which "finite_difference" approximates the product.

    Raises ValueError for a negative xi, a radius that is not positive, an unknown product, or an optimizer whose step
    is not the one above.
    """
    if not xi >= 0:
        raise ValueError(f"xi={xi}: the length of the unrolled step is 0 (first order) or more")
    if not radius > 0:
        raise ValueError(f"radius={radius}: the finite difference needs a positive one; the authors use 0.01")
    _check_product(product)
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


def _settings(weights: Tensors, optimizer: torch.optim.SGD) -> dict[str, dict[str, Any]]:
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


def _check(order: int, product: str, steps: int, warm_up: float) -> None:
    if order not in (1, 2):
        raise ValueError(f"order={order!r}: DARTS is of order 1 (xi = 0) or 2 (xi = the learning rate of w)")
    _check_product(product)
    check_steps(steps)
    if not 0 <= warm_up < 1:
        raise ValueError(f"warm_up={warm_up}: it is a part of the search, from 0 to less than 1")


def _check_product(product: str) -> None:
    if product not in PRODUCTS:
        raise ValueError(f"product={product!r}: allowed are {', '.join(PRODUCTS)}{did_you_mean(product, PRODUCTS)}")
