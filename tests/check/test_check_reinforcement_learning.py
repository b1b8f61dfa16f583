"""The checks of exercise set 04: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import pytest
import torch
from check_contract import CheckContract
from wrong_answers.episode_losses import EPISODE_LOSSES, right
from wrong_answers.score_function import SCORE_FUNCTION

from nas_edu.check.compare import softmax
from nas_edu.check.reinforcement_learning import check_episode_losses, check_score_function
from nas_edu.check.reinforcement_learning.score_function import slope_by_differences


def score_function(probabilities, choice):
    return [(c == choice) - p for c, p in enumerate(probabilities)]


def score_function_in_two_steps(probabilities, choice):
    slopes = [-p for p in probabilities]
    slopes[choice] += 1
    return slopes


def score_function_by_autograd(probabilities, choice):
    logits = torch.tensor(probabilities, dtype=torch.float64).log().requires_grad_()
    logits.log_softmax(-1)[choice].backward()
    return logits.grad.tolist()


def losses_without_a_loop_state(log_probabilities, rewards, decay):
    baselines = [rewards[0]]
    for reward in rewards[:-1]:
        baselines.append(baselines[-1] + (1 - decay) * (reward - baselines[-1]))
    return [(b - r) * g for g, r, b in zip(log_probabilities, rewards, baselines, strict=True)]


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_score_function, score_function),
        (check_score_function, score_function_in_two_steps),
        (check_score_function, score_function_by_autograd),
        (check_episode_losses, right),
        (check_episode_losses, losses_without_a_loop_state),
    ]
    wrong: ClassVar = [(check_score_function, SCORE_FUNCTION), (check_episode_losses, EPISODE_LOSSES)]


def test_the_oracle_agrees_with_autograd():
    logits = [0.3, -1.2, 2.0]
    assert slope_by_differences(logits, 1) == pytest.approx(score_function_by_autograd(softmax(logits), 1), abs=1e-8)


def test_losses_by_hand():
    assert right([-1.0, -2.0, -1.0], [0.5, 1.0, 0.3], 0.8) == pytest.approx([0.0, 1.0, -0.3])
