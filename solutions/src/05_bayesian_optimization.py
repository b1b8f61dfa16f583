# %% [markdown]
# # Exercises 5: Bayesian optimization
#
# You write the two formulas that Bayesian optimization is made of: **expected improvement**, and the **posterior** of a
# Gaussian process. At the end they search together.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("05.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python and a little numpy; from the lecture, the two formulas.

# %%
import random
from statistics import NormalDist

import numpy as np

from nas_edu.check import hint
from nas_edu.check.bayesian_optimization import check_expected_improvement, check_posterior
from nas_edu.search_spaces import TinyCell

normal = NormalDist()

# %% [markdown] nas_edu={"task": "05.1", "difficulty": 1, "minutes": 10}
# ## Task 1: what is it worth to look there?
#
# A surrogate believes that a cell has a score around `mean`, give or take `deviation`; the record is `best`. Training the cell
# gains $\max(0, f - \text{best})$: nothing where it is no better. What does it gain on average?
#
# Write `expected_improvement(mean, deviation, best)`:
#
# - with $z = (\text{mean} - \text{best}) / \text{deviation}$ it is $(\text{mean} - \text{best})\,\Phi(z) + \text{deviation}\,\varphi(z)$, where
#   `normal.cdf(z)` is $\Phi$ and `normal.pdf(z)` is $\varphi$;
# - where the deviation is 0 nothing is random, and it is $\max(0, \text{mean} - \text{best})$.
#
# Before you write: can it be negative? Can it be 0 where the mean lies below the record?


# %% nbgrader={"schema_version": 3, "grade_id": "expected_improvement", "grade": false, "solution": true, "locked": false}
def expected_improvement(mean: float, deviation: float, best: float) -> float:
    """The mean of max(0, f - best), where f is normal with this mean and standard deviation."""
    ### BEGIN SOLUTION
    if deviation == 0:
        return max(0.0, mean - best)
    z = (mean - best) / deviation
    return (mean - best) * normal.cdf(z) + deviation * normal.pdf(z)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_expected_improvement", "grade": true, "solution": false, "locked": true, "points": 2}
check_expected_improvement(expected_improvement)

# %% [markdown]
# Two cells, the record is 0.80. Which would you train? Say it before you run the cell.

# %%
print(f"sure:   mean 0.80, deviation 0.01: {expected_improvement(0.80, 0.01, 0.80):.4f}")
print(f"unsure: mean 0.75, deviation 0.10: {expected_improvement(0.75, 0.10, 0.80):.4f}")

# %% [markdown] nas_edu={"task": "05.2", "difficulty": 2, "minutes": 15}
# ## Task 2: what do three trainings say about a fourth?
#
# `gram`, or $K$, says how alike the trained cells are, `k` how alike each of them is to a new one (1: the same), `y` holds their standardised
# scores, and `noise` is the variance that a training has by itself. Before anything was trained, every score had mean 0 and
# variance 1.
#
# Write `posterior(gram, k, y, noise)`. With $K_y = K + \text{noise} \cdot I$ return two numbers:
#
# - the mean $k^\top K_y^{-1} y$,
# - the variance $1 - k^\top K_y^{-1} k$.
#
# Before you write: the new cell resembles none of the others, $k = 0$. What are mean and variance?


# %% nbgrader={"schema_version": 3, "grade_id": "posterior", "grade": false, "solution": true, "locked": false}
def posterior(gram: np.ndarray, k: np.ndarray, y: np.ndarray, noise: float) -> tuple[float, float]:
    """Mean and variance of the score of one new architecture, given n trained ones: gram (n, n), k (n,), y (n,)."""
    ### BEGIN SOLUTION
    noisy = gram + noise * np.eye(len(y))
    mean = k @ np.linalg.solve(noisy, y)
    variance = 1 - k @ np.linalg.solve(noisy, k)
    return mean, variance
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_posterior", "grade": true, "solution": false, "locked": true, "points": 3}
check_posterior(posterior)

# %% [markdown]
# ## Your code searches
#
# Cells are alike if few of their six edges differ. After ten random cells your formulas choose twenty more, each the best of 60
# random candidates; scores come from the table of real trainings.
#
# Before you run it: will the last twenty be better than the first ten on average? And will their best be better?

# %%
from nas_edu.nas_bench import NASBenchEdu

table, space, rng = NASBenchEdu.load("mnist1d"), TinyCell(), random.Random(0)


def likeness(one, other):
    return np.exp(-2 * sum(a != b for a, b in zip(one.operations, other.operations, strict=True)) / 6)


def alive():
    """A random cell that has a score: dead cells have none."""
    while True:
        cell = space.sample(rng)
        try:
            return cell, table.evaluate(cell).score
        except (LookupError, ArithmeticError):
            continue


cells, scores = map(list, zip(*(alive() for _ in range(10)), strict=True))
for _ in range(20):
    y = (np.array(scores) - np.mean(scores)) / np.std(scores)
    gram = np.array([[likeness(a, b) for b in cells] for a in cells])
    candidates = [alive() for _ in range(60)]
    worth = []
    for candidate, _ in candidates:
        mean, variance = posterior(gram, np.array([likeness(candidate, cell) for cell in cells]), y, 0.1)
        worth.append(expected_improvement(mean, max(variance, 0.0) ** 0.5, max(y)))
    cell, score = candidates[int(np.argmax(worth))]  # only now is its score looked at
    cells.append(cell)
    scores.append(score)

print(f"first ten: mean {np.mean(scores[:10]):.1%}, best {max(scores[:10]):.1%}")
print(f"next twenty: mean {np.mean(scores[10:]):.1%}, best {max(scores[10:]):.1%}")

# %% [markdown]
# ## To think about
#
# - Expected improvement asks for a new record, not for a good mean. Where do you see that above?
# - Take a larger number than 2 in `likeness`. What happens to the variances, and to the search?
# - Set `noise` to 1. Which cells does expected improvement like now?
# - One run says little: change the seed. How often is the best of the last twenty better than the best of the first ten?
