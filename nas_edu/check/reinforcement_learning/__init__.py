"""The checks of exercise set 04: the gradient of a softmax policy, the loss of REINFORCE with a moving baseline."""

from nas_edu.check.reinforcement_learning.episode_losses import check_episode_losses
from nas_edu.check.reinforcement_learning.score_function import check_score_function

__all__ = ["check_episode_losses", "check_score_function"]
