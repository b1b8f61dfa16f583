"""The one-shot model trained plainly: all operations of all edges are summed, and SGD does the rest.

    x_j = sum over i < j, over o of m_(i,j),o * o(x_i)        m = 1: everything runs in each step

With path dropout each m is 0 with a probability that rises during the training, so that an operation cannot rely on
the company of all others.

Source: Bender et al., "Understanding and Simplifying One-Shot Architecture Search", ICML 2018, section 3: without
dropout the operations co-adapt. An operation is dropped with probability r^(1/k), where k operations enter its node, so
that all of them are gone with probability r; r rises from zero in a straight line. Simplified: one draw a step, for all
stages of the network.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch

from nas_edu.core import Step, Task
from nas_edu.one_shot.supernet import TinyCellSupernet
from nas_edu.one_shot.training_loop import (
    check_steps,
    cosine,
    finite,
    mini_batches,
    optimizer_of_weights,
    update_weights,
)
from nas_edu.search_spaces.tiny_cell import EDGES


def train_one_shot_model(
    supernet: TinyCellSupernet,
    task: Task,
    *,
    steps: int,
    path_dropout: float = 0.0,
    batch_size: int = 64,
    learning_rate: float = 0.025,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Train all of `supernet` in place; yield `steps` steps with the loss "train", and the number of "operations_run".

    `path_dropout` is r at the end of the training. Raises ValueError for steps below one, or r outside 0 to below 1.
    """
    check_steps(steps)
    if not 0 <= path_dropout < 1:
        raise ValueError(f"path_dropout={path_dropout}: it is a probability, from 0 to less than 1")
    batches = mini_batches(task.train, batch_size, rng, supernet)
    optimizer = optimizer_of_weights(supernet, learning_rate, weight_decay)
    supernet.train()

    for step in range(steps):
        optimizer.param_groups[0]["lr"] = cosine(learning_rate, step / steps)
        kept = path_mask(len(supernet.names), path_dropout * step / steps, rng)
        mixing = {"cell": torch.tensor(kept).to(supernet.alpha["cell"])}
        loss = update_weights(supernet, optimizer, next(batches), mixing=mixing)
        yield Step(step, finite({"train": loss}, step), info={"operations_run": int(sum(map(sum, kept)))})


def path_mask(operations: int, rate: float, rng: random.Random) -> list[list[float]]:
    """For each edge and operation 0 with probability rate^(1/k), where k operations enter the edge's node, else 1."""
    entering = {j: operations * sum(end == j for _, end in EDGES) for _, j in EDGES}
    return [[float(rng.random() >= rate ** (1 / entering[j])) for _ in range(operations)] for _, j in EDGES]
