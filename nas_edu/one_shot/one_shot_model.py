"""The one-shot model of Bender et al.: all operations are trained together, then single paths are picked out of it.

Training: all operations of all edges are summed, and SGD does the rest.

    x_j = sum over i < j, over o of m_(i,j),o * o(x_i)        m = 1: everything runs in each step

With path dropout each m is 0 with a probability that rises during the training, so that an operation cannot rely on
the company of all others. Selection, which works with any shared weights:

    1.  sample M architectures uniformly, and rank them by their validation error with the shared weights
    1b. retrain the K best of them from scratch for a few epochs
    2.  retrain the best one from scratch for longer, and return it

Sources: Bender et al., "Understanding and Simplifying One-Shot Architecture Search", ICML 2018, section 3: without
dropout the operations co-adapt; an operation is dropped with probability r^(1/k), where k operations enter its node, so
that all of them are gone with probability r, and r rises from zero in a straight line. The three steps of the selection
are those of Li & Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, section 3.2.
Simplified: one draw of m a step, for all stages of the network.

The details that matter: 1b compares trainings with trainings; without it (K = 1) the shared weights decide alone. An
architecture that was drawn before, or that computes the same function, is drawn again, as its score would be the same.
"""

# A lecture shows the loop of the selection, so its empty lists come without hints.
# mypy: disable-error-code="var-annotated"

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import torch

from nas_edu.core import Evaluate, Step, Task, Trial, run_trial, score
from nas_edu.one_shot.supernet import (
    TinyCellSupernet,
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


def one_shot_selection(
    space: Any,
    shared: Evaluate,
    train: Evaluate,
    *,
    samples: int,
    keep: int = 1,
    epochs: float | None = None,
    rng: random.Random,
) -> Iterator[Trial]:
    """Yield `samples` trials by `shared`, then `keep` trials by `train` for `epochs` (none where keep is 1), then the
    result: a whole training of the best. A retrained trial names the one it came from (`trial.parents`).

    Raises ValueError unless 1 <= keep <= samples <= the number of functions of the space.
    """
    functions = len(space.distinct())
    if not 1 <= keep <= samples <= functions:
        raise ValueError(f"keep={keep}, samples={samples}: needs 1 <= keep <= samples <= {functions} functions")
    ranked, seen = [], set()
    while len(ranked) < samples:
        architecture = space.sample(rng)
        if space.canonical(architecture) not in seen:
            seen.add(space.canonical(architecture))
            trial = run_trial(shared, architecture)
            ranked.append(trial)
            yield trial
    ranked.sort(key=score, reverse=True)

    best = ranked[0]
    if keep > 1:
        retrained = []
        for trial in ranked[:keep]:
            retrained.append(run_trial(train, trial.architecture, parents=[trial], epochs=epochs))
            yield retrained[-1]
        best = max(retrained, key=score)
    yield run_trial(train, best.architecture, parents=[best])
