# %% [markdown]
# # Exercises 9: beyond DARTS
#
# You write the two steps that this lecture adds to DARTS: the **sample that lets a gradient through** (GDAS), and the
# **decision about one edge** by what the supernet misses most. At the end your decision reads a cell off a real supernet.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("09.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and lists; from the lecture, the Gumbel-softmax and Algorithm 1.

# %%
import random
from math import exp, log

from nas_edu.check import hint
from nas_edu.check.beyond_darts import check_most_missed, check_straight_through

# %% [markdown] nas_edu={"task": "09.1", "difficulty": 3, "minutes": 20}
# ## Task 1: hard forwards, soft backwards
#
# GDAS runs **one** operation of an edge, and still has a gradient for the alpha of **all**. With the noise $g_o = -\log(-\log u_o)$,
# let $\tilde p = \mathrm{softmax}((\alpha + g)/\tau)$.
#
# Write `straight_through(alpha, uniform, tau, slopes)`. `alpha` and the random numbers `uniform` (all $u_o$) are lists with a number for each
# operation; `slopes` are the derivatives $s_o = \partial L / \partial h_o$ of the loss. It returns a tuple of two lists:
#
# - `h`: 1 for the operation where $\alpha + g$ is largest, 0 for the others;
# - the gradient of $L$ by alpha, taken **as if** $\tilde p$ had been used: $\tilde p_o\,(s_o - \sum_k \tilde p_k s_k) / \tau$.
#
# Before you write: which of the two depends on `tau`?


# %% nbgrader={"schema_version": 3, "grade_id": "straight_through", "grade": false, "solution": true, "locked": false}
def straight_through(
    alpha: list[float], uniform: list[float], tau: float, slopes: list[float]
) -> tuple[list[int], list[float]]:
    """A one-hot Gumbel sample, and the gradient of the loss by alpha through its soft twin."""
    ### BEGIN SOLUTION
    noisy = [(a - log(-log(u))) / tau for a, u in zip(alpha, uniform, strict=True)]
    powers = [exp(x - max(noisy)) for x in noisy]
    soft = [power / sum(powers) for power in powers]
    mean = sum(p * s for p, s in zip(soft, slopes, strict=True))
    h = [int(x == max(noisy)) for x in noisy]
    return h, [p * (s - mean) / tau for p, s in zip(soft, slopes, strict=True)]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_straight_through", "grade": true, "solution": false, "locked": true, "points": 4}
check_straight_through(straight_through)

# %% [markdown]
# How often is each operation run? The probabilities of softmax(alpha) are 0.67, 0.24 and 0.09:

# %%
rng = random.Random(0)
draws = [straight_through([1.0, 0.0, -1.0], [rng.random() for _ in range(3)], 1.0, [0.0] * 3)[0] for _ in range(5000)]
print([round(sum(column) / 5000, 2) for column in zip(*draws, strict=True)])

# %% [markdown] nas_edu={"task": "09.2", "difficulty": 2, "minutes": 15}
# ## Task 2: what is missed most?
#
# Perturbation-based selection keeps the operation **without which** the supernet is worst. Write
# `most_missed(validate, weights, edge)`:
#
# - `weights` is a list of lists: `weights[e][o]` is the mixing weight of operation `o` on edge `e`;
# - `validate(weights)` returns the validation accuracy of the supernet with such weights;
# - try each operation of `edge`: its weight becomes 0, all other weights stay as they are;
# - return the number of the operation without which the accuracy is lowest; of equals, the first.
#
# Afterwards, `weights` must be what it was.


# %% nbgrader={"schema_version": 3, "grade_id": "most_missed", "grade": false, "solution": true, "locked": false}
def most_missed(validate, weights: list[list[float]], edge: int) -> int:
    """The number of the operation on `edge` that the supernet needs most."""
    ### BEGIN SOLUTION
    without = []
    for o in range(len(weights[edge])):
        tried = [list(row) for row in weights]
        tried[edge][o] = 0.0
        without.append(validate(tried))
    return without.index(min(without))
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_most_missed", "grade": true, "solution": false, "locked": true, "points": 3}
check_most_missed(most_missed)

# %% [markdown]
# ## Your code reads a cell off a supernet
#
# DARTS searches for 40 steps on MNIST-1D. Then your function decides the six edges, one after the other (without the tuning
# in between). Before you run it: on how many edges will it agree with the largest alpha?

# %%
import torch

from nas_edu.data import load
from nas_edu.one_shot import FastTinyCellSupernet, darts

task = load("mnist1d")
supernet = FastTinyCellSupernet(task, seed=0)
for _ in darts(supernet, task, steps=40, batch_size=32, alpha_learning_rate=0.01, rng=random.Random(0)):
    pass
inputs, targets = (torch.from_numpy(part[:500]) for part in (task.validation.inputs, task.validation.targets))


def validate(weights: list[list[float]]) -> float:
    with torch.no_grad():
        guesses = supernet(inputs, mixing={"cell": torch.tensor(weights)}).argmax(1)
    return (guesses == targets).float().mean().item()


weights = supernet.mixing()["cell"].tolist()
by_alpha = [row.index(max(row)) for row in weights]
for edge in range(6):
    kept = most_missed(validate, weights, edge)
    weights[edge] = [float(o == kept) for o in range(5)]
    print(f"edge {edge}: largest alpha {supernet.names[by_alpha[edge]]:13} missed most {supernet.names[kept]:13}")
print(f"accuracy of what is left of the supernet: {validate(weights):.1%}")

# %% [markdown]
# ## To think about
#
# - Decide the edges in another order. Is the cell the same? The paper draws the order at random.
# - Train w for ten steps after each decision, as Algorithm 1 does. What happens to the accuracy?
# - In task 1, let `tau` be 0.1 and 10. Which entries of the gradient are large, and how often?
