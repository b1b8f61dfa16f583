"""REINFORCE: a controller writes architectures, and what scored well becomes more probable.

    J(theta)      = E_(a ~ pi(.; theta)) [R(a)],    R(a) the validation accuracy of a
    grad J(theta) = E_(a ~ pi(.; theta)) [(R(a) - b) * grad log pi(a; theta)]        for any b that does not depend on a
                  ~ 1/m * sum over k = 1, ..., m of (R(a_k) - b) * grad log pi(a_k; theta)

The second line is exact (`grad pi = pi * grad log pi`, and `E[grad log pi] = grad 1 = 0`), the third an estimate from m
architectures. The baseline b, a moving average of the rewards, leaves its expectation as it is and lowers its variance.

Sources: Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning", Machine
Learning 1992; Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.2. The entropy
bonus came to NAS later (Pham et al., "Efficient Neural Architecture Search", ICML 2018).

The details that matter: theta follows Adam, which divides a gradient by its usual size, so the scale of the scores
hardly matters (with an entropy bonus it does). The baseline is the one before the update, so that b does not depend on
a; only in the first update it is the mean of these very rewards. A failed trial earns the lowest reward seen so far,
for -inf would ruin theta. An architecture that is written again is evaluated again. Defaults: m = 1 and a learning rate
for some hundred evaluations with an LSTM (larger, it settles too early; a table can take 0.03). The paper trained
12,800 networks with 0.0006.
"""

# To mypy, the sum of a list of tensors may be the number 0.
# mypy: disable-error-code="return-value"

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from nas_edu.core import Evaluate, Event, Step, run_trial
from nas_edu.core.search_space import A, SearchSpace

if TYPE_CHECKING:
    import torch

    from nas_edu.search_strategies.controller import Controller, Episode


def reinforce(
    space: SearchSpace[A],
    evaluate: Evaluate,
    *,
    controller: Callable[..., Controller] | None = None,
    batch_size: int = 1,
    learning_rate: float = 0.003,
    baseline_decay: float = 0.9,
    entropy_weight: float = 0.0,
    device: str | torch.device = "cpu",
    rng: random.Random,
) -> Iterator[Event]:
    """Yield the trials of a batch, then a step: one update of theta.

    `space` has `hyperparameters` and `from_config`; `controller(hyperparameters, rng=rng)` makes the policy, an
    `LSTMController` where none is named. Of a step, `losses` are the mean reward, the baseline and the entropy (nats);
    `alpha` the probabilities, hyperparameter by hyperparameter, from which the last architecture of the batch was
    drawn, `info["values"]` the choices made; `architecture` the most probable one now, the result of the method.

    Raises ValueError for a batch_size below 1, a baseline_decay outside 0 to 1, and a negative entropy_weight.
    """
    import torch  # here, so that the other strategies do without

    from nas_edu.search_strategies.controller import LSTMController

    _check(batch_size, baseline_decay, entropy_weight)
    policy = (controller or LSTMController)(space.hyperparameters, rng=rng).to(device)
    optimizer = torch.optim.Adam(policy.parameters(), learning_rate, fused=True)
    baseline, lowest, update = None, None, 0
    while True:
        episodes, rewards = [], []
        for _ in range(batch_size):
            episode = policy.sample(rng)
            trial = run_trial(evaluate, space.from_config(episode.values))
            yield trial
            reward = lowest if trial.failed else trial.score
            if reward is not None:  # nothing is known yet: how bad a failure is
                lowest = reward if lowest is None else min(lowest, reward)
                episodes.append(episode)
                rewards.append(reward)
        if not rewards:
            continue
        mean = sum(rewards) / len(rewards)
        baseline = mean if baseline is None else baseline
        loss = reinforce_loss(episodes, rewards, baseline, entropy_weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield _step(update, space, policy, episodes, mean, baseline)
        baseline = baseline_decay * baseline + (1 - baseline_decay) * mean
        update += 1


def reinforce_loss(
    episodes: Sequence[Episode], rewards: Sequence[float], baseline: float, entropy_weight: float = 0.0
) -> torch.Tensor:
    """A scalar whose gradient is minus the estimate above, minus the gradient of entropy_weight times the entropy."""
    terms = [
        -(reward - baseline) * episode.log_probability - entropy_weight * episode.entropy
        for episode, reward in zip(episodes, rewards, strict=True)
    ]
    return sum(terms) / len(terms)


def _step(
    update: int, space: SearchSpace[A], policy: Controller, episodes: Sequence[Episode], reward: float, baseline: float
) -> Step:
    last = episodes[-1]
    entropy = sum(episode.entropy.item() for episode in episodes) / len(episodes)
    return Step(
        index=update,
        losses={"reward": reward, "baseline": baseline, "entropy": entropy},
        alpha=last.probabilities,
        architecture=space.from_config(policy.most_probable().values),
        info={"values": last.values},
    )


def _check(batch_size: int, baseline_decay: float, entropy_weight: float) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size must be 1 or more, got {batch_size}")
    if not 0 <= baseline_decay <= 1:
        raise ValueError(f"baseline_decay must lie in 0 to 1, got {baseline_decay}")
    if entropy_weight < 0:
        raise ValueError(f"entropy_weight must be 0 or more (larger: more random), got {entropy_weight}")
