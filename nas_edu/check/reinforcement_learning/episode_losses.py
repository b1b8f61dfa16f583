"""Task 04.2: `episode_losses(log_probabilities, rewards, decay)`: REINFORCE with a moving-average baseline."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import close, rounded

EpisodeLosses = Callable[[list[float], list[float], float], Any]


def losses_by_weights(log_probabilities: Sequence[float], rewards: Sequence[float], decay: float) -> list[float]:
    """The oracle, without a running state: the baseline of episode k > 0 written out as a weighted mean of rewards.

    b_k = decay^(k-1) R_0 + (1 - decay) sum over j = 1, ..., k-1 of decay^(k-1-j) R_j,    b_0 = R_0
    """
    losses = []
    for k, (log_probability, reward) in enumerate(zip(log_probabilities, rewards, strict=True)):
        last = max(k - 1, 0)
        newer = sum(decay ** (last - j) * rewards[j] for j in range(1, last + 1))
        baseline = decay**last * rewards[0] + (1 - decay) * newer
        losses.append(-(reward - baseline) * log_probability)
    return losses


def _case(log_probabilities: Sequence[float], rewards: Sequence[float], decay: float) -> Case:
    text = f"episode_losses({list(log_probabilities)}, {list(rewards)}, {decay})"
    return Case(text, (tuple(log_probabilities), tuple(rewards), decay), size=len(rewards))


def _returns_numbers(
    episode_losses: EpisodeLosses, log_p: Sequence[float], rewards: Sequence[float], decay: float
) -> Finding | None:
    got = episode_losses(list(log_p), list(rewards), decay)
    if isinstance(got, list) and len(got) == len(rewards) and all(isinstance(x, (int, float)) for x in got):
        return None
    if got is None:
        cause = "`episode_losses` returns nothing: `return` the list."
    elif isinstance(got, (int, float)):
        cause = "That is one number: each episode has a loss of its own. Do not add them."
    else:
        cause = "A list of numbers is asked for, one loss for each episode."
    return Finding(described(got), f"a list of {len(rewards)} numbers", cause)


def _agrees(
    episode_losses: EpisodeLosses, log_p: Sequence[float], rewards: Sequence[float], decay: float
) -> Finding | None:
    got = episode_losses(list(log_p), list(rewards), decay)
    expected = losses_by_weights(log_p, rewards, decay)
    if close(got, expected):
        return None
    return Finding(rounded(got), rounded(expected), _cause(got, expected, log_p, rewards, decay))


def _cause(
    got: Sequence[float], expected: Sequence[float], log_p: Sequence[float], rewards: Sequence[float], decay: float
) -> str:
    if close(got, [-x for x in expected]):
        return (
            "The sign: an optimizer makes a loss *smaller*, and good episodes should become more probable. Take minus."
        )
    if close(got, [-r * g for r, g in zip(rewards, log_p, strict=True)]):
        return "There is no baseline in it: the reward minus the baseline is what counts."
    if close(got, losses_by_weights(log_p, rewards, 1 - decay)):
        return "Old and new are exchanged: `decay` is the weight of the old baseline, 1 - decay that of the new reward."
    if close(got, _updated_first(log_p, rewards, decay)):
        return (
            "The baseline already contains the reward that it is compared with, so it depends on the episode, and the "
            "estimate is biased. Use it first, then update it."
        )
    if close(got, _from_zero(log_p, rewards, decay)):
        return "The baseline starts at 0. It should start at the first reward: so the first episode has the loss 0."
    return (
        "For each episode: the loss with the baseline so far, then baseline = decay * baseline + (1 - decay) * reward."
    )


def _updated_first(log_p: Sequence[float], rewards: Sequence[float], decay: float) -> list[float]:
    baseline, losses = rewards[0], []
    for log_probability, reward in zip(log_p, rewards, strict=True):
        baseline = decay * baseline + (1 - decay) * reward
        losses.append(-(reward - baseline) * log_probability)
    return losses


def _from_zero(log_p: Sequence[float], rewards: Sequence[float], decay: float) -> list[float]:
    return losses_by_weights((0.0, *log_p), (0.0, *rewards), decay)[1:]


def _only_differences_count(
    episode_losses: EpisodeLosses, log_p: Sequence[float], rewards: Sequence[float], decay: float
) -> Finding | None:
    got = episode_losses(list(log_p), list(rewards), decay)
    moved = episode_losses(list(log_p), [reward + 1 for reward in rewards], decay)
    if close(got, moved):
        return None
    cause = (
        "All rewards were raised by 1, and so must be the baseline: then no loss changes. Does it start at a reward?"
    )
    return Finding(f"{rounded(got)}, and with all rewards raised by 1 {rounded(moved)}", "the same losses", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        count = rng.randint(1, 8)
        log_p = [round(-rng.uniform(0.1, 10), 2) for _ in range(count)]
        cases.append(_case(log_p, [round(rng.random(), 2) for _ in range(count)], rng.choice((0.0, 0.5, 0.9, 1.0))))
    return cases


check_episode_losses = Check(
    task="04.2",
    function="episode_losses",
    stages=(
        Stage("shape", "one loss for each episode", (_case((-1.0, -2.0), (0.5, 0.7), 0.9),), _returns_numbers),
        Stage(
            "by hand",
            "three episodes: the baseline is 0.5, 0.5, then 0.8 * 0.5 + 0.2 * 1 = 0.6",
            (_case((-1.0, -2.0, -1.0), (0.5, 1.0, 0.3), 0.8),),
            _agrees,
        ),
        Stage("property", "only differences of rewards count", _random_cases, _only_differences_count),
        Stage("oracle", "the same as with every baseline written out", _random_cases, _agrees),
    ),
    hints=(
        "Keep one number, the baseline, through a loop over the episodes. What is it before the first update?",
        "Two lines in this order: the loss of this episode with the baseline as it is, -(reward - baseline) * "
        "log_probability; then the new baseline.",
        "`baseline = rewards[0]`; in the loop `losses.append(-(reward - baseline) * log_probability)` and `baseline = "
        "decay * baseline + (1 - decay) * reward`.",
    ),
)
