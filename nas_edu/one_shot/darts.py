"""DARTS: search by gradient descent. The choice on each edge becomes a mixture, and its weights alpha are trained.

    min over alpha of L_val(w*(alpha), alpha)    where    w*(alpha) = argmin over w of L_train(w, alpha)

Both levels take turns, one step each: alpha on a mini-batch of the validation split, w on one of the training split.

    while not converged:
        1. update alpha by descending grad_alpha L_val(w - xi grad_w L_train(w, alpha), alpha)
        2. update w     by descending grad_w L_train(w, alpha)
    derive the final architecture from alpha

Source: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, Algorithm 1.

The details that matter, from the paper's appendix A.1.1: w is trained by SGD with momentum 0.9, weight decay 3e-4 and a
learning rate that falls along a cosine; alpha by Adam with betas (0.5, 0.999) and weight decay 1e-3. From the authors'
code: the cosine ends at 0.001 (paper: 0), gradients are cut at norm 5, and alpha starts near zero, not at it. Second
order takes xi = the learning rate of w. The paper halves CIFAR-10's training set for the two levels; here they are
`task.train` and `task.validation`. The paper searches for 50 epochs; here `steps` says how long, as the cosine must
know.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from nas_edu.core import Step, Task
from nas_edu.one_shot.architecture_gradient import PRODUCTS, architecture_gradient
from nas_edu.one_shot.supernet import Supernet
from nas_edu.one_shot.training_loop import (
    cosine,
    mini_batches,
    optimizer_of_alpha,
    optimizer_of_weights,
    report,
    update_weights,
)


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


def _check(order: int, product: str, steps: int, warm_up: float) -> None:
    if order not in (1, 2):
        raise ValueError(f"order={order!r}: DARTS is of order 1 (xi = 0) or 2 (xi = the learning rate of w)")
    if product not in PRODUCTS:
        raise ValueError(f"product={product!r}: allowed are {', '.join(PRODUCTS)}")
    if steps < 1:
        raise ValueError(f"steps={steps}: a search takes one step or more")
    if not 0 <= warm_up < 1:
        raise ValueError(f"warm_up={warm_up}: it is a part of the search, from 0 to less than 1")
