# %% [markdown]
# # Exercises 4: reinforcement learning
#
# You write the two pieces that REINFORCE is made of: the **gradient of a softmax policy**, and the **loss** of an episode
# with a baseline that moves along. At the end they search together, without any autograd.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("04.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and lists; from the lecture, $\nabla J = E[(R - b)\,\nabla \log \pi]$.

# %%
import random

from nas_edu.check import hint
from nas_edu.check.reinforcement_learning import check_episode_losses, check_score_function
from nas_edu.search_spaces import Cell, TinyCell

# %% [markdown] nas_edu={"task": "04.1", "difficulty": 1, "minutes": 10}
# ## Task 1: which way to turn the logits
#
# A policy makes a choice with the probabilities $p = \mathrm{softmax}(\theta)$. If the choice was a good one, which way should
# each logit be turned? The answer is the gradient of $\log p(\text{choice})$ by $\theta$, the *score function*.
#
# Write `score_function(probabilities, choice)`:
#
# - `probabilities` are those of all choices, `choice` is the number of the one that was made (0, 1, ...);
# - it returns a list: the derivative of $\log p(\text{choice})$ by each logit, in order.
#
# Before you write: the choice is certain, $p = 1$. What is the gradient?


# %% nbgrader={"schema_version": 3, "grade_id": "score_function", "grade": false, "solution": true, "locked": false}
def score_function(probabilities: list[float], choice: int) -> list[float]:
    """The gradient of log softmax(theta)[choice] by theta, given the probabilities softmax(theta)."""
    ### BEGIN SOLUTION
    return [(number == choice) - p for number, p in enumerate(probabilities)]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_score_function", "grade": true, "solution": false, "locked": true, "points": 2}
check_score_function(score_function)

# %% [markdown]
# A rare choice turns the logits further than a likely one. Why is that needed?

# %%
print("p = 0.9:", [round(x, 2) for x in score_function([0.9, 0.1], 0)])
print("p = 0.1:", [round(x, 2) for x in score_function([0.9, 0.1], 1)])

# %% [markdown] nas_edu={"task": "04.2", "difficulty": 2, "minutes": 10}
# ## Task 2: better than usual?
#
# An accuracy of 60 % says nothing by itself: is it better than what the policy writes *usually*? REINFORCE compares each
# reward with a **baseline**, here a moving average of the rewards before it. An episode is one architecture, written and
# evaluated.
#
# Write `episode_losses(log_probabilities, rewards, decay)`. Episode $k$ has the log-probability $\log \pi(a_k)$ and the reward
# $R_k$.
#
# - Its loss is $-(R_k - b_k) \log \pi(a_k)$. Return the list of all losses, in order.
# - The baseline starts at the first reward: $b_0 = R_0$.
# - After each episode, $b_{k+1} = \text{decay} \cdot b_k + (1 - \text{decay}) \cdot R_k$. So $b_k$ does not know of $R_k$ yet (but
#   for the first), which is what keeps the estimate free of bias.


# %% nbgrader={"schema_version": 3, "grade_id": "episode_losses", "grade": false, "solution": true, "locked": false}
def episode_losses(log_probabilities: list[float], rewards: list[float], decay: float) -> list[float]:
    """REINFORCE's loss of each episode, with a moving average of the rewards before it as the baseline."""
    ### BEGIN SOLUTION
    losses = []
    baseline = rewards[0]
    for log_probability, reward in zip(log_probabilities, rewards, strict=True):
        losses.append(-(reward - baseline) * log_probability)
        baseline = decay * baseline + (1 - decay) * reward
    return losses
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_episode_losses", "grade": true, "solution": false, "locked": true, "points": 3}
check_episode_losses(episode_losses)

# %% [markdown]
# ## Your code searches
#
# A table of logits, one row for each edge of a cell, and real trainings on MNIST-1D (two epochs each, about half a minute
# in all). A loss is linear in $\log \pi$, so with $\log \pi = -1$ your function returns the advantage $R_k - b_k$; your score function
# says which way to go. That is REINFORCE, with plain gradient ascent.
#
# Before you run it: for which operation will the policy have the highest probability in the end?

# %%
from math import exp

from nas_edu.data import load
from nas_edu.performance_estimation import Train

operations = TinyCell.operations
evaluate = Train(load("mnist1d"), epochs=2)
rng = random.Random(0)
theta = [[0.0] * len(operations) for _ in range(6)]
rewards = []
for _ in range(24):
    policy = [[exp(logit) / sum(map(exp, row)) for logit in row] for row in theta]
    choices = [rng.choices(range(len(operations)), weights=row)[0] for row in policy]
    rewards.append(evaluate(Cell(tuple(operations[choice] for choice in choices))).score)
    advantage = episode_losses([-1.0] * len(rewards), rewards, 0.9)[-1]
    for row, probabilities, choice in zip(theta, policy, choices, strict=True):
        for number, slope in enumerate(score_function(probabilities, choice)):
            row[number] += 2.0 * advantage * slope

print(
    f"first 8 rewards: {sum(rewards[:8]) / 8:.1%} on average; last 8: {sum(rewards[-8:]) / 8:.1%}; best {max(rewards):.1%}"
)
for operation, mean in zip(operations, (sum(column) / 6 for column in zip(*policy, strict=True)), strict=True):
    print(f"{operation:14} {mean:.0%} on average over the edges")

# %% [markdown]
# ## To think about
#
# - Run the search with other seeds. Do all policies come to like the same operation? 24 rewards are few for 30 logits.
# - Leave the baseline out: `advantage = rewards[-1]`. What becomes of the operations that happen to be drawn first?
# - Let the last rewards count more: `decay=0.5`. What is gained, what is lost?
