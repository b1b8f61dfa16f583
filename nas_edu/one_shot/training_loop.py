"""What all one-shot searches share: mini-batches without end, one step of the weights, and the report of a step."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Split, Step
from nas_edu.one_shot.architecture_gradient import Batch
from nas_edu.one_shot.supernet import Supernet
from nas_edu.performance_estimation.training import DivergenceError

LOWEST_LEARNING_RATE = 0.001
GRADIENT_NORM = 5.0


def mini_batches(split: Split, size: int, rng: random.Random, like: nn.Module) -> Iterator[Batch]:
    """Mini-batches without end: a new order of all samples in each epoch, its incomplete last batch dropped.

    Tensors have the type and the device of `like`. Raises ValueError for a batch of one, or larger than the split.
    """
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


def cosine(highest: float, progress: float, lowest: float = LOWEST_LEARNING_RATE) -> float:
    """From `highest` down to `lowest` (or `highest`, where it is lower still) as progress goes from 0 to 1."""
    lowest = min(lowest, highest)
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * progress)) / 2


def optimizer_of_weights(supernet: Supernet, learning_rate: float, weight_decay: float) -> torch.optim.SGD:
    return torch.optim.SGD(supernet.weights().values(), learning_rate, momentum=0.9, weight_decay=weight_decay)


def optimizer_of_alpha(supernet: Supernet, learning_rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(supernet.alpha.values(), learning_rate, betas=(0.5, 0.999), weight_decay=1e-3)


def update_weights(supernet: Supernet, optimizer: torch.optim.SGD, batch: Batch, **forward: Any) -> float:
    """One step of w by descending L_train; returns the loss before it. `forward` says what the supernet runs."""
    inputs, targets = batch
    weights = list(supernet.weights().values())
    loss = F.cross_entropy(supernet(inputs, **forward), targets)
    optimizer.zero_grad()
    loss.backward(inputs=weights)
    nn.utils.clip_grad_norm_(weights, GRADIENT_NORM)
    optimizer.step()
    return loss.item()


def check_steps(steps: int) -> None:
    if steps < 1:
        raise ValueError(f"steps={steps}: a search takes one step or more")


def finite(losses: Mapping[str, float], index: int) -> Mapping[str, float]:
    """The losses themselves. Raises DivergenceError where one is no longer a number."""
    if not all(math.isfinite(loss) for loss in losses.values()):
        raise DivergenceError(f"the losses are {dict(losses)} in step {index}: try a smaller learning rate")
    return losses


def refuse_edge_weights(supernet: Supernet) -> None:
    """Raises TypeError where alpha weighs whole edges, too, as in PC-DARTS: a method that draws or removes single
    operations would leave these weights out.
    """
    if "edge" in supernet.alpha:
        raise TypeError(f"{type(supernet).__name__} is for pc_darts only: its alpha has weights for whole edges")


def report(supernet: Supernet, index: int, losses: Mapping[str, float], **info: Any) -> Step:
    """The step that a search yields: losses, a copy of alpha, the argmax cell; in `info` the names of the operations,
    in the order of alpha's columns, and the entropy of each edge's softmax (nats), where it chooses an operation.

    Raises DivergenceError where a loss is no longer a number.
    """
    finite(losses, index)
    alpha = {kind: value.detach().cpu().numpy().copy() for kind, value in supernet.alpha.items()}
    with torch.no_grad():
        entropy = {
            kind: torch.special.entr(value.softmax(dim=1)).sum(dim=1).tolist()
            for kind, value in supernet.alpha.items()
            if kind != "edge"  # PC-DARTS' beta: a weight for each edge, no choice on it
        }
    told = {"operations": list(supernet.names), "entropy": entropy, **info}
    return Step(index, losses, alpha, supernet.argmax(), told)
