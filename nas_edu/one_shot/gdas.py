"""GDAS: one sampled operation an edge, and a gradient that flows through the sample. Memory of one architecture.

With Gumbel noise g_o = -log(-log(u_o)), u_o uniform, and a temperature tau that falls during the search,

    p~ = softmax((log softmax(alpha) + g) / tau),    chosen = argmax p~,    h = one_hot(chosen) + p~ - stop_gradient(p~)

h is one-hot in value, so that an edge runs o_chosen only, and has the gradient of the soft p~ (straight-through). The
argmax is a sample from softmax(alpha) exactly (the Gumbel-max trick), whatever tau is.

    while not converged:
        1. sample a cell with tau; update w     by descending L_train of this cell
        2. sample a cell with tau; update alpha by descending L_val   of this cell
        lower tau

Source: Dong & Yang, "Searching for a Robust Neural Architecture in Four GPU Hours", CVPR 2019, section 3.2 and
Algorithm 1; tau from 10 to 0.1 in a straight line: the authors' code. The paper searches a normal and a reduction cell;
its variant GDAS (FRC), the one of four hours, takes a fixed reduction cell.

The details that matter: the order of the two updates is the paper's, the other one than in DARTS. An edge passes on
h_chosen * o_chosen(x) only, as in the paper's eq. 6; the authors' code also adds the other entries of h, zeros, to the
output, through which they get a gradient that has nothing to do with their operations.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from nas_edu.core import Step, Task
from nas_edu.one_shot.darts import optimizer_of_alpha
from nas_edu.one_shot.supernet import (
    Supernet,
    check_steps,
    cosine,
    mini_batches,
    optimizer_of_weights,
    refuse_edge_weights,
    report,
    update_weights,
)


def gdas(
    supernet: Supernet,
    task: Task,
    *,
    steps: int,
    temperatures: tuple[float, float] = (10.0, 0.1),
    batch_size: int = 64,
    weight_learning_rate: float = 0.025,
    alpha_learning_rate: float = 3e-4,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` and its alpha in place; yield `steps` steps, as `darts` does, with "temperature" in `info`.

    Raises ValueError for steps below one or a temperature that is not positive, TypeError for PC-DARTS' supernet;
    DivergenceError as `darts`.
    """
    _check(steps, temperatures)
    refuse_edge_weights(supernet)
    train = mini_batches(task.train, batch_size, rng, supernet)
    validation = mini_batches(task.validation, batch_size, rng, supernet)
    for_weights = optimizer_of_weights(supernet, weight_learning_rate, weight_decay)
    for_alpha = optimizer_of_alpha(supernet, alpha_learning_rate)
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    supernet.train()

    for step in range(steps):
        for_weights.param_groups[0]["lr"] = cosine(weight_learning_rate, step / steps)
        hot, cold = temperatures
        tau = hot + (cold - hot) * step / max(steps - 1, 1)

        # 1. update w by descending L_train of a sampled cell
        train_loss = update_weights(supernet, for_weights, next(train), **sample(supernet, tau, generator))

        # 2. update alpha by descending L_val of a sampled cell, through the sample
        inputs, targets = next(validation)
        loss = F.cross_entropy(supernet(inputs, **sample(supernet, tau, generator)), targets)
        for_alpha.zero_grad()
        loss.backward(inputs=list(supernet.alpha.values()))
        for_alpha.step()

        losses = {"train": train_loss, "validation": loss.item()}
        yield report(supernet, step, losses, temperature=tau, learning_rate=for_weights.param_groups[0]["lr"])


def sample(supernet: Supernet, tau: float, generator: torch.Generator) -> dict[str, dict[str, Any]]:
    """What the supernet is to run: `mixing`, h for each kind of cell (edges, operations), and the one operation that is
    `chosen` on each edge. Drawn on the CPU, so that a seed means the same on every device.
    """
    mixing: dict[str, torch.Tensor] = {}
    chosen: dict[str, list[list[int]]] = {}
    for kind, alpha in supernet.alpha.items():
        uniform = torch.rand(alpha.shape, generator=generator).to(alpha).clamp(1e-10, 1 - 1e-7)
        gumbel = -torch.log(-torch.log(uniform))
        soft = ((alpha.log_softmax(dim=1) + gumbel) / tau).softmax(dim=1)
        chosen[kind] = soft.argmax(dim=1, keepdim=True).tolist()
        hard = torch.zeros_like(soft).scatter(1, soft.argmax(dim=1, keepdim=True), 1.0)
        mixing[kind] = hard + soft - soft.detach()
    return {"mixing": mixing, "chosen": chosen}


def _check(steps: int, temperatures: tuple[float, float]) -> None:
    check_steps(steps)
    if not all(tau > 0 for tau in temperatures):
        raise ValueError(f"temperatures={temperatures}: tau must be positive; the authors go from 10 to 0.1")
