"""ProxylessNAS: binary gates. One path in memory to train w, two to train alpha.

With p = softmax(alpha), an edge runs one operation, drawn with probability p: its gate is 1, all others are 0.

    while not converged:
        1. sample gates; update w by descending L_train of the one path                      (alpha is fixed)
        2. sample two operations (i, j) an edge with probability p; let p_i, p_j be their softmax alone; open one gate;
           update alpha_i, alpha_j by descending L_val; rescale them so that no other operation's p changes

The gates are no function of alpha that could be differentiated. As in BinaryConnect, the gradient of a gate stands in
for that of its probability (eq. 4):

    dL/dalpha_i = sum over j of dL/dg_j * p_j (delta_ij - p_i)

dL/dg_j = <dL/dy, o_j(x)> needs the output of o_j, so two sampled operations mean two in memory, not all. A latency term
makes the search hardware-aware: E[latency of an edge] = sum over o of p_o * F(o), differentiable in alpha (eq. 5, 6).

Source: Cai, Zhu & Han, "ProxylessNAS", ICLR 2019, sections 3.2 and 3.3. As in the authors' code, Adam of alpha has
betas (0, 0.999): with momentum, operations that were not sampled would move as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F

from nas_edu.core import Step, Task
from nas_edu.one_shot.supernet import (
    Batch,
    Supernet,
    check_steps,
    cosine,
    mini_batches,
    optimizer_of_weights,
    refuse_edge_weights,
    report,
    update_weights,
)

Pairs = dict[str, torch.Tensor]  # for each kind of cell the two sampled operations of each edge: (edges, 2)


def proxyless_nas(
    supernet: Supernet,
    task: Task,
    *,
    steps: int,
    latency: Mapping[str, float] | None = None,
    latency_weight: float = 0.0,
    batch_size: int = 64,
    weight_learning_rate: float = 0.025,
    alpha_learning_rate: float = 3e-4,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` and its alpha in place; yield `steps` steps, as `darts` does.

    `latency` gives the milliseconds (or any cost) of an operation by name; L_val + latency_weight * E[latency] is then
    what alpha descends, and the expected latency stands in the steps' `info`.

    Raises ValueError for steps below one, a latency that misses an operation, or a weight of it without latencies;
    TypeError for PC-DARTS' supernet; DivergenceError as `darts`.
    """
    _check(supernet, steps, latency, latency_weight)
    train = mini_batches(task.train, batch_size, rng, supernet)
    validation = mini_batches(task.validation, batch_size, rng, supernet)
    for_weights = optimizer_of_weights(supernet, weight_learning_rate, weight_decay)
    for_alpha = torch.optim.Adam(supernet.alpha.values(), alpha_learning_rate, betas=(0.0, 0.999))
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    costs = torch.tensor([0.0 if latency is None else latency[name] for name in supernet.names])
    supernet.train()

    for step in range(steps):
        for_weights.param_groups[0]["lr"] = cosine(weight_learning_rate, step / steps)

        # 1. update w by descending L_train of one sampled path
        path = {kind: _draw(p, 1, generator) for kind, p in supernet.mixing().items()}
        run = {"mixing": _open(path, supernet), "chosen": {kind: ops.tolist() for kind, ops in path.items()}}
        train_loss = update_weights(supernet, for_weights, next(train), **run)

        # 2. update alpha by descending L_val, through two sampled operations an edge
        pairs = {kind: _draw(p, 2, generator) for kind, p in supernet.mixing().items()}
        gradient, validation_loss = gate_gradient(supernet, pairs, next(validation), generator)
        expected, by_latency = expected_latency(supernet, costs)
        before = {kind: alpha.detach().clone() for kind, alpha in supernet.alpha.items()}
        for kind, alpha in supernet.alpha.items():
            sampled = torch.zeros_like(alpha).scatter(1, pairs[kind], 1.0)
            alpha.grad = gradient[kind] + latency_weight * sampled * by_latency[kind]
        for_alpha.step()
        for kind, alpha in supernet.alpha.items():
            rescale(alpha, before[kind], pairs[kind])

        losses = {"train": train_loss, "validation": validation_loss}
        rate = for_weights.param_groups[0]["lr"]
        yield report(supernet, step, losses, learning_rate=rate, latency=expected)


def gate_gradient(
    supernet: Supernet, pairs: Pairs, batch: Batch, generator: torch.Generator
) -> tuple[dict[str, torch.Tensor], float]:
    """The gradient of L_val in alpha by eq. 4, zero for operations that were not sampled, and L_val."""
    two = {kind: alpha.detach().gather(1, pairs[kind]).softmax(dim=1) for kind, alpha in supernet.alpha.items()}
    opened = {kind: pairs[kind].gather(1, _draw(p, 1, generator)) for kind, p in two.items()}
    gates = {kind: gate.requires_grad_() for kind, gate in _open(opened, supernet).items()}
    inputs, targets = batch
    run = {"mixing": gates, "chosen": {kind: pair.tolist() for kind, pair in pairs.items()}}
    loss = F.cross_entropy(supernet(inputs, **run), targets)
    by_gates = dict(zip(gates, torch.autograd.grad(loss, list(gates.values())), strict=True))
    gradient = {}
    for kind, alpha in supernet.alpha.items():
        by_gate, p = by_gates[kind].gather(1, pairs[kind]), two[kind]  # (edges, 2)
        by_alpha = p * (by_gate - (by_gate * p).sum(dim=1, keepdim=True))  # eq. 4, both its sums over j
        gradient[kind] = torch.zeros_like(alpha).scatter(1, pairs[kind], by_alpha)
    return gradient, loss.item()


@torch.no_grad()
def rescale(alpha: torch.Tensor, before: torch.Tensor, pair: torch.Tensor) -> None:
    """Shift the two updated entries of each row so that their exponentials have the same sum as before."""
    shift = before.gather(1, pair).logsumexp(dim=1) - alpha.gather(1, pair).logsumexp(dim=1)
    alpha.scatter_add_(1, pair, shift[:, None].expand(-1, 2).contiguous())


def expected_latency(supernet: Supernet, costs: torch.Tensor) -> tuple[float, dict[str, torch.Tensor]]:
    """E[latency] = the sum over edges and operations of p * cost, and its gradient in alpha."""
    # A tensor; the hint of `sum` allows for the number 0, if there is nothing to add.
    expected: Any = sum((p * costs.to(p)).sum() for p in supernet.mixing().values())
    gradient = torch.autograd.grad(expected, list(supernet.alpha.values()))
    return expected.item(), dict(zip(supernet.alpha, gradient, strict=True))


def _open(chosen: Pairs, supernet: Supernet) -> dict[str, torch.Tensor]:
    """Gates (edges, operations): 1 for the one chosen operation of each edge, else 0."""
    return {
        kind: torch.zeros_like(supernet.alpha[kind]).detach().scatter(1, operation, 1.0)
        for kind, operation in chosen.items()
    }


def _draw(p: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    """`count` different operations of each row with probability p; drawn on the CPU, the same on every device."""
    return torch.multinomial(p.detach().cpu(), count, generator=generator).to(p.device)


def _check(supernet: Supernet, steps: int, latency: Mapping[str, float] | None, weight: float) -> None:
    refuse_edge_weights(supernet)
    if latency is None and weight != 0:
        raise ValueError(f"latency_weight={weight} needs latency=, the cost of each operation by name")
    check_steps(steps)
    missing = [] if latency is None else [name for name in supernet.names if name not in latency]
    if missing:
        raise ValueError(f"latency= has no entry for {', '.join(missing)}")
