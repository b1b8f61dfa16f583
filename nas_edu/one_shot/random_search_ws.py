"""Random search with weight sharing (RSWS): each mini-batch trains one path of the one-shot model, drawn uniformly.

    for each mini-batch:
        a ~ Uniform(A)
        update the weights of a, and only these, by descending L_train(w_a)

Afterwards the shared weights judge architectures, by a forward pass and no training:

    score(a) = validation accuracy of a with the weights w_a that it shares with all other architectures

`SharedWeights(supernet, task)` is an `evaluate`, so any search strategy can ask it; the best architecture is trained
from scratch (`one_shot_selection`).

Source: Li & Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, section 3.2. Its
settings of w are those of DARTS: SGD with momentum 0.9, a cosine for the learning rate, gradients cut at norm 5.

The details that matter in training: an operation that is not on the path has no gradient, and so must not move at all:
neither by momentum nor by weight decay. torch's SGD passes over a weight whose gradient is None, and `zero_grad` sets
None. What all paths share, here stem, reductions and head, moves in each step. Uniform over *architectures* is not
uniform over *functions*: of TinyCell's 15,625 cells, many compute the same one.

And in judging: batch normalization's averages. A supernet with the statistics "running" has averaged over all paths
that it trained, and an edge gets another input on each path: so these averages fit none of them. `recompute=True` runs
the path on training samples first and takes the mean over these batches, as Bender et al. (ICML 2018) do with the
statistics of the batch, and Guo et al. ("Single path one-shot", ECCV 2020) with a part of the training data. A supernet
with the statistics "batch" needs none of this, but its answer depends on which samples are judged together.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Evaluate, Evaluation, Step, Task, Trial, run_trial, score
from nas_edu.one_shot.supernet import (
    OneShotModel,
    Supernet,
    check_steps,
    cosine,
    finite,
    mini_batches,
    optimizer_of_weights,
    update_weights,
)

BATCH_SIZE = 500  # samples that are judged, or averaged over, together


def random_search_ws(
    supernet: OneShotModel,
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


class SharedWeights:
    """`SharedWeights(supernet, task)(architecture)` is an Evaluation: validation accuracy with the weights of now.

    The supernet is not changed: a path is copied out by `supernet.stand_alone(architecture)`. `cost` is in seconds of
    `clock`. `recompute` estimates batch normalization's averages anew for each path, from `batches` batches of training
    samples; a supernet with the statistics "batch" has no averages, and pays no heed to it.

    Raises ValueError for batches below one.
    """

    def __init__(
        self,
        supernet: Supernet,
        task: Task,
        *,
        recompute: bool = True,
        batches: int = 2,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if batches < 1:
            raise ValueError(f"batches={batches}: averages need one batch of training samples or more")
        self.supernet, self.recompute, self.clock = supernet, recompute, clock
        like = next(supernet.parameters())
        self._inputs = torch.from_numpy(task.validation.inputs).to(like)
        self._targets = torch.from_numpy(task.validation.targets).to(like.device)
        self._train = torch.from_numpy(task.train.inputs[: batches * BATCH_SIZE]).to(like)

    @torch.no_grad()
    def __call__(self, architecture: Any, *, epochs: float | None = None, resume: Any = None) -> Evaluation:
        """Nothing is trained, so `epochs` and `resume` change nothing."""
        began = self.clock()
        network = self.supernet.stand_alone(architecture)
        if self.recompute:
            recompute_statistics(network, _even(self._train))
        network.eval()
        logits = torch.cat([network(part) for part in _even(self._inputs)])
        accuracy = (logits.argmax(dim=1) == self._targets).double().mean().item()
        loss = F.cross_entropy(logits, self._targets).item()
        return Evaluation(accuracy, accuracy, loss, cost=self.clock() - began)


@torch.no_grad()
def recompute_statistics(network: nn.Module, batches: Iterable[torch.Tensor]) -> None:
    """Give batch normalization the mean of the statistics of these batches, in place of what it has."""
    norms = [m for m in network.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)) and m.track_running_stats]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean of all batches
    network.train()
    for inputs in batches:
        network(inputs)


def rank_with_shared_weights(evaluate: Evaluate, architectures: Iterable[Any]) -> list[Trial]:
    """Their trials, best first; of equals, the earlier one first. Failed ones stand at the end."""
    return sorted((run_trial(evaluate, architecture) for architecture in architectures), key=score, reverse=True)


def probed(steps: Iterable[Step], evaluate: Evaluate, architectures: Sequence[Any], every: int) -> Iterator[Step]:
    """The same steps; each `every`-th one also tells what the shared weights say about the `architectures`:
    `info["shared"]`, their scores (of a failed one, NaN). It only looks: the search goes on as if nothing had happened.
    """
    for step in steps:
        if (step.index + 1) % every == 0:
            trials = [run_trial(evaluate, architecture) for architecture in architectures]
            scores = [float("nan") if trial.failed else trial.score for trial in trials]
            step = replace(step, info={**step.info, "shared": scores})
        yield step


def _even(inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Parts of nearly the same size: a small last one would have statistics of its own."""
    return inputs.tensor_split(max(1, round(len(inputs) / BATCH_SIZE)))
