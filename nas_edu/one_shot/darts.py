"""DARTS: search by gradient descent. The choice on each edge becomes a mixture, and its weights alpha are trained.

    min over alpha of L_val(w*(alpha), alpha)    where    w*(alpha) = argmin over w of L_train(w, alpha)

Both levels take turns, one step each: alpha on a mini-batch of the validation split, w on one of the training split.

    while not converged:
        1. update alpha by descending grad_alpha L_val(w - xi grad_w L_train(w, alpha), alpha)
        2. update w     by descending grad_w L_train(w, alpha)
    derive the final architecture from alpha

Source: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, Algorithm 1.

The details that matter, all from the paper's appendix A.1.1: w is trained by SGD with momentum 0.9, weight decay 3e-4,
a learning rate that falls along a cosine to 0.001, and gradients cut at norm 5 (the authors' code); alpha by Adam with
betas (0.5, 0.999) and weight decay 1e-3. Second order takes xi = the learning rate of w. The paper halves CIFAR-10's
training set for the two levels; here they are `task.train` and `task.validation`. The paper searches for 50 epochs;
here `steps` says how long, as the cosine must know.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Split, Step, Task
from nas_edu.one_shot.architecture_gradient import PRODUCTS, Batch, architecture_gradient
from nas_edu.one_shot.supernet import Supernet
from nas_edu.performance_estimation.training import DivergenceError

LOWEST_LEARNING_RATE = 0.001
GRADIENT_NORM = 5.0


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
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` and its alpha in place, on the device where it is; yield `steps` steps.

    A step has the losses "train" and "validation" before the two updates (the latter at the unrolled weights in second
    order), alpha and the argmax cell after them, and in `info` the entropy of each edge's softmax (nats) by kind of
    cell, and the learning rate of w. The order of the samples comes from `rng` alone.

    Raises ValueError for an order other than 1 and 2, an unknown product, steps below one, or a batch larger than a
    split; DivergenceError where a loss is no longer a number.
    """
    _check(order, product, steps)
    train = _batches(task.train, batch_size, rng, supernet)
    validation = _batches(task.validation, batch_size, rng, supernet)
    weights, alphas = list(supernet.weights().values()), list(supernet.alpha.values())
    for_weights = torch.optim.SGD(weights, weight_learning_rate, momentum=0.9, weight_decay=3e-4)
    for_alpha = torch.optim.Adam(alphas, alpha_learning_rate, betas=(0.5, 0.999), weight_decay=1e-3)
    supernet.train()

    for step in range(steps):
        train_batch, validation_batch = next(train), next(validation)
        learning_rate = for_weights.param_groups[0]["lr"] = _cosine(weight_learning_rate, step / steps)

        # 1. update alpha by descending grad_alpha L_val(w - xi grad_w L_train(w, alpha), alpha)
        xi = learning_rate if order == 2 else 0.0
        gradient, validation_loss = architecture_gradient(
            supernet, train_batch, validation_batch, xi=xi, optimizer=for_weights, product=product
        )
        for kind, alpha in supernet.alpha.items():
            alpha.grad = gradient[kind]
        for_alpha.step()

        # 2. update w by descending grad_w L_train(w, alpha)
        inputs, targets = train_batch
        loss = F.cross_entropy(supernet(inputs), targets)
        for_weights.zero_grad()
        loss.backward(inputs=weights)
        nn.utils.clip_grad_norm_(weights, GRADIENT_NORM)
        for_weights.step()

        yield _report(supernet, step, {"train": loss.item(), "validation": validation_loss}, learning_rate)


def _report(supernet: Supernet, step: int, losses: dict[str, float], learning_rate: float) -> Step:
    if not all(math.isfinite(loss) for loss in losses.values()):
        raise DivergenceError(f"the losses are {losses} in step {step}: try a smaller learning rate")
    alpha = {kind: value.detach().cpu().numpy().copy() for kind, value in supernet.alpha.items()}
    with torch.no_grad():
        entropy = {kind: torch.special.entr(p).sum(dim=1).tolist() for kind, p in supernet.mixing().items()}
    return Step(step, losses, alpha, supernet.argmax(), {"entropy": entropy, "learning_rate": learning_rate})


def _batches(split: Split, size: int, rng: random.Random, like: Supernet) -> Iterator[Batch]:
    """Mini-batches without end: a new order of all samples in each epoch, its incomplete last batch dropped."""
    if not 2 <= size <= len(split):
        raise ValueError(f"batch_size={size}: a batch takes 2 samples (for their variance) to all {len(split)}")
    parameter = next(like.parameters())
    inputs = torch.from_numpy(split.inputs).to(parameter)
    targets = torch.from_numpy(split.targets).to(parameter.device)

    def forever() -> Iterator[Batch]:
        while True:
            order = list(range(len(split)))
            rng.shuffle(order)
            for start in range(0, len(order) - size + 1, size):
                chosen = torch.tensor(order[start : start + size], device=parameter.device)
                yield inputs[chosen], targets[chosen]

    return forever()


def _cosine(highest: float, progress: float) -> float:
    """From `highest` down to `LOWEST_LEARNING_RATE` (or `highest`, where it is lower still) as progress goes to 1."""
    lowest = min(LOWEST_LEARNING_RATE, highest)
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * progress)) / 2


def _check(order: int, product: str, steps: int) -> None:
    if order not in (1, 2):
        raise ValueError(f"order={order!r}: DARTS is of order 1 (xi = 0) or 2 (xi = the learning rate of w)")
    if product not in PRODUCTS:
        raise ValueError(f"product={product!r}: allowed are {', '.join(PRODUCTS)}")
    if steps < 1:
        raise ValueError(f"steps={steps}: a search takes one step or more")
