# %% [markdown]
# # Exercises 1: what is NAS?
#
# Two small functions, and with them you solve the problem of the lecture: brute force under a budget $t$, where $t$ is once
# the length of each training, and once the time that the whole search may take. At the end both work on a table of real
# trainings.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("01.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops, lists and dictionaries; from the lecture, the definition.

# %%
import math
import random

from nas_edu import Budget, search
from nas_edu.check import hint
from nas_edu.check.what_is_nas import check_best_after, check_within_budget, make_curve, make_trial
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search

# %% [markdown]
# A learning curve is a list of points, the earliest first. A point was measured after `epoch` epochs of training and has a
# `validation_loss`, a `train_loss`, a `validation_accuracy`. `make_curve` makes one from its validation losses, for you to
# play with:

# %%
for point in make_curve(0.9, 0.5, 0.4):
    print(f"after {point.epoch:g} epochs: L_val = {point.validation_loss}")

# %% [markdown] nas_edu={"task": "01.1", "difficulty": 1, "minutes": 10}
# ## Task 1: the best architecture after t epochs
#
# $$ \min_{a \in \mathcal{A}} \; \mathcal{L}_{\text{val}}\bigl(w_t(a),\, a\bigr) $$
#
# where $w_t(a)$ are the weights after $t$ epochs. Somebody has trained all of $\mathcal{A}$ already, so the inner problem is a
# look at a curve.
#
# Write `best_after(curves, t)`. `curves` is a dictionary from the name of an architecture to its learning curve.
#
# - The loss of an architecture at $t$ is that of the last point with `epoch <= t`. It need not be the lowest of its curve.
# - Return the *name* of the architecture with the lowest validation loss then. Of equally good ones, the first in `curves`.
# - A training may have diverged: then its loss is NaN (`math.isnan`), and the architecture is left out. So is one that has
#   no point within $t$. If none is left, return None.
#
# Before you write: curve A is 0.5, 0.4, 0.35; curve B is 0.9, 0.3, 0.2. Which one is the best for $t = 1$, and which for
# $t = 2.5$?


# %% nbgrader={"schema_version": 3, "grade_id": "best_after", "grade": false, "solution": true, "locked": false}
def best_after(curves, t):
    """The name of the architecture with the lowest validation loss after t epochs; None if there is none."""
    ### BEGIN SOLUTION
    losses = {}
    for name, curve in curves.items():
        points = [point for point in curve if point.epoch <= t]
        if points and not math.isnan(points[-1].validation_loss):
            losses[name] = points[-1].validation_loss
    return min(losses, key=losses.get, default=None)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_best_after", "grade": true, "solution": false, "locked": true, "points": 2}
check_best_after(best_after)

# %% [markdown]
# Now on real trainings: 300 functions from the table. Before you run it: from which $t$ on will the winner stay the same?

# %%
table, space = NASBenchEdu.load("mnist1d"), TinyCell()
rng = random.Random(0)
real = {}
while len(real) < 300:
    cell = space.sample(rng)
    if not math.isnan(table.column("validation_accuracy")[space.index(cell)]):
        real[str(cell.canonical)] = table.evaluate(cell).curve

for t in (0.5, 1, 2, 4, 6, 8, 10):
    winner = best_after(real, t)
    print(f"t = {t:4}: {winner}   at the end {real[winner][-1].validation_accuracy:.1%}")

# %% [markdown] nas_edu={"task": "01.2", "difficulty": 2, "minutes": 15}
# ## Task 2: what a budget buys
#
# A search tries one architecture after the other, and each trial costs time. After each trial the **incumbent** is the best so
# far. At the end of the budget, the incumbent is the answer; how fast it gets good is how search methods are compared.
#
# Write `incumbents(trials, budget)`. `trials` are in the order in which a search made them.
#
# - A trial has an `evaluation` with a `cost` and a `validation_loss`. The costs add up.
# - Return a list: after each trial, the *lowest* validation loss so far.
# - The search ends with the first trial whose end would lie after the budget. That trial has no result, and nothing comes after
#   it, even if it were cheap: the time is gone. A trial that ends exactly at the budget still counts.
# - A failed trial (`trial.failed`) has no evaluation (it is None). It costs nothing and changes nothing, but it has an entry like
#   any other; before the first success that is `math.inf`.
#
# Before you write: costs 2, 3, 1, 1; losses 0.5, 0.7, 0.2, 0.4; budget 6. What is the list?


# %% nbgrader={"schema_version": 3, "grade_id": "within_budget", "grade": false, "solution": true, "locked": false}
def incumbents(trials, budget):
    """The lowest validation loss so far, after each trial that ends within the budget."""
    ### BEGIN SOLUTION
    spent, best, result = 0.0, math.inf, []
    for trial in trials:
        if not trial.failed:
            spent += trial.evaluation.cost
            if spent > budget:
                break
            best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_within_budget", "grade": true, "solution": false, "locked": true, "points": 3}
check_within_budget(incumbents)

# %% [markdown]
# Random search on the table, three seeds. Before you run it: will ten times the time make the loss ten times lower?

# %%
for seed in range(3):
    history = search(random_search(space, table.evaluate, rng=random.Random(seed)), Budget(evaluations=3000))
    for minutes in (1, 10, 60):
        best_so_far = incumbents(history.trials, 60 * minutes)
        print(f"seed {seed}, {minutes:3} CPU minutes: {len(best_so_far):5} trials, lowest L_val {best_so_far[-1]:.3f}")

# %% [markdown]
# ## To think about
#
# - `best_after` with $t = 10$ needs each training in full. With successive halving (lecture 6) one would stop the worse half
#   early. Which of your two functions would have to change?
# - In task 2, why would it be unfair to skip a trial that does not fit, and to go on with a cheaper one?
# - The lowest loss of 3,000 is a little too good to be true. Which number would you report in a paper?
