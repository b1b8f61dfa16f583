"""ENAS: the paths of the one-shot model are drawn from a policy, and the policy learns which of them do well.

    grad_w     E_(a ~ pi(theta)) [L_train(w_a)]   ~  grad_w L_train(w_a),  one a ~ pi(theta) a mini-batch
    grad_theta E_(a ~ pi(theta)) [R(w_a)]         ~  (R(w_a) - b) * grad_theta log pi(a; theta)

with R the accuracy of a, with the shared weights, on one mini-batch of the validation split, and b a moving average.

    repeat:
        1. train w     for a phase, theta fixed: a path from the policy for each mini-batch
        2. train theta for a phase, w fixed: by REINFORCE

Source: Pham, Guan, Zoph, Le & Dean, "Efficient Neural Architecture Search via Parameter Sharing", ICML 2018, section
2.2 (one sampled path is enough for the gradient of w). REINFORCE and the controllers are those of `search_strategies`.

The details that matter: R comes from validation samples, w from training samples; else the policy would learn what
overfits. For R, batch normalization takes the mean and variance of this mini-batch, as in the authors' code for cells
(github.com/melodyguan/enas, src/cifar10/micro_child.py, build_valid_rl): its running averages are over all paths and
fit none. An entropy bonus keeps it from settling at once. At first all weights are young and R is noise: a policy that
learns early prefers what is *quick* to train, then trains that more often, and so on. In the end, the paper samples
some paths from the policy and retrains the best of them; here `architecture` of a theta step is the most probable path.
Simplified: the learning rate of w falls once, along a cosine; the authors restart it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch

from nas_edu.core import Step, Task
from nas_edu.core.search_space import SearchSpace
from nas_edu.one_shot.supernet import (
    Supernet,
    check_steps,
    cosine,
    finite,
    mini_batches,
    optimizer_of_weights,
    update_weights,
)
from nas_edu.search_strategies.reinforce import reinforce_loss

if TYPE_CHECKING:
    from nas_edu.search_strategies.controller import Controller


def enas(
    supernet: Supernet,
    space: SearchSpace[Any],
    task: Task,
    *,
    steps: int,
    weight_phase: int = 40,
    policy_phase: int = 20,
    controller: Callable[..., Controller] | None = None,
    policy_learning_rate: float = 0.0035,
    entropy_weight: float = 1e-4,
    baseline_decay: float = 0.95,
    batch_size: int = 64,
    learning_rate: float = 0.025,
    weight_decay: float = 3e-4,
    rng: random.Random,
) -> Iterator[Step]:
    """Train `supernet` and a policy; yield `steps` steps of w, and those of theta after each `weight_phase` of them.

    `info["phase"]` says which: a step of "w" has the loss "train" of the sampled `architecture`; a step of "theta" has
    "reward", "baseline" and "entropy", as `architecture` the most probable one now, and `info["sampled"]`. `alpha` are
    the probabilities from which the path was drawn, hyperparameter by hyperparameter. The policy lives on the CPU.

    Raises ValueError for steps or phases below one or a batch larger than a split; DivergenceError as `darts`.
    """
    from nas_edu.search_strategies.controller import LSTMController

    check_steps(steps)
    if min(weight_phase, policy_phase) < 1:
        raise ValueError(f"weight_phase={weight_phase}, policy_phase={policy_phase}: a phase has one step or more")
    train = mini_batches(task.train, batch_size, rng, supernet)
    validation = mini_batches(task.validation, batch_size, rng, supernet)
    for_weights = optimizer_of_weights(supernet, learning_rate, weight_decay)
    policy = (controller or LSTMController)(tuple(space.hyperparameters), rng=rng)
    for_policy = torch.optim.Adam(policy.parameters(), policy_learning_rate)
    baseline, index = None, 0
    supernet.train()

    for step in range(steps):
        # 1. w: a path from the policy, which stays as it is
        for_weights.param_groups[0]["lr"] = cosine(learning_rate, step / steps)
        with torch.no_grad():
            episode = policy.sample(rng)
        path = space.from_config(episode.values)
        loss = update_weights(supernet, for_weights, next(train), architecture=path)
        yield Step(index, finite({"train": loss}, index), episode.probabilities, path, {"phase": "w"})
        index += 1
        if (step + 1) % weight_phase:
            continue

        # 2. theta: by REINFORCE, with shared weights that stay as they are
        for _ in range(policy_phase):
            episode = policy.sample(rng)
            path = space.from_config(episode.values)
            reward = accuracy(supernet, path, *next(validation))
            baseline = reward if baseline is None else baseline
            for_policy.zero_grad()
            reinforce_loss([episode], [reward], baseline, entropy_weight).backward()
            for_policy.step()
            losses = {"reward": reward, "baseline": baseline, "entropy": episode.entropy.item()}
            best = space.from_config(policy.most_probable().values)
            info = {"phase": "theta", "sampled": str(path)}
            yield Step(index, losses, episode.probabilities, best, info)
            baseline = baseline_decay * baseline + (1 - baseline_decay) * reward
            index += 1


@torch.no_grad()
def accuracy(supernet: Supernet, architecture: Any, inputs: torch.Tensor, targets: torch.Tensor) -> float:
    """R: the part of the mini-batch that the path classifies correctly, with the shared weights.

    It is normalized by its own mean and variance. A copy of the path is run, so that the running averages stay as they
    are.
    """
    network = supernet.stand_alone(architecture).train()
    hits: torch.Tensor = network(inputs).argmax(dim=1) == targets
    return hits.double().mean().item()
