"""Random search with weight sharing (RSWS): each mini-batch trains one path of the one-shot model, drawn uniformly.

    for each mini-batch:
        a ~ Uniform(A)
        update the weights of a, and only these, by descending L_train(w_a)

Afterwards the shared weights judge architectures (`shared_weights.py`), and the best is trained from scratch
(`one_shot_selection.py`).

Source: Li & Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, section 3.2. Its
settings of w are those of DARTS: SGD with momentum 0.9, a cosine for the learning rate, gradients cut at norm 5.

The details that matter: an operation that is not on the path has no gradient, and so must not move at all: neither by
momentum nor by weight decay. torch's SGD passes over a weight whose gradient is None, and `zero_grad` sets None. What
all paths share, here stem, reductions and head, moves in each step. Uniform over *architectures* is not uniform over
*functions*: of TinyCell's 15,625 cells, many compute the same one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from nas_edu.core import Step, Task
from nas_edu.one_shot.training_loop import (
    check_steps,
    cosine,
    finite,
    mini_batches,
    optimizer_of_weights,
    update_weights,
)


def random_search_ws(
    supernet: Any,
    space: Any,
    task: Task,
    *,
    steps: int,
    batch_size: int = 64,
    learning_rate: float = 0.025,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` in place, on the device where it is; yield `steps` steps.

    `space.sample(rng)` draws an architecture, `supernet(inputs, architecture=...)` runs it, and `supernet.weights()`
    names all weights: a supernet of cells, or a fabric. A step has the loss "train" of the sampled `architecture`
    before the update. Paths and the order of the samples come from `rng` alone.

    Raises ValueError for steps below one or a batch larger than the split; DivergenceError where a loss is no number.
    """
    check_steps(steps)
    batches = mini_batches(task.train, batch_size, rng, supernet)
    optimizer = optimizer_of_weights(supernet, learning_rate, weight_decay)
    supernet.train()

    for step in range(steps):
        optimizer.param_groups[0]["lr"] = cosine(learning_rate, step / steps)
        architecture = space.sample(rng)
        loss = update_weights(supernet, optimizer, next(batches), architecture=architecture)
        yield Step(step, finite({"train": loss}, step), architecture=architecture)
