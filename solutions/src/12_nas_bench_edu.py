# %% [markdown]
# # Exercises 12: ask a table the right way
#
# You write two pieces by which a table answers more than a look-up: the **fair mean** of a sample that is not fair, and the
# **expected best** of random search, exactly and without a single draw. At the end both are put to NAS-Bench-Edu.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("12.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and lists; what a probability is.

# %%
from nas_edu.check import hint
from nas_edu.check.nas_bench import check_expected_best, check_fair_mean

# %% [markdown] nas_edu={"task": "12.1", "difficulty": 1, "minutes": 10}
# ## Task 1: a fair mean
#
# The table has more seeds of its best cells than of others. A plain mean over what was trained three times speaks of the
# best, not of all. Write `fair_mean(samples, sizes)`:
#
# - all functions are divided into *strata*, for instance by the accuracy of seed 0;
# - `samples` has one list for each stratum: the values of those of its members that were measured, at least one;
# - `sizes` says how many members each stratum has, measured or not;
# - it returns the best guess of the mean over *all* members: whoever was not measured is taken to be like the mean of the
#   measured ones of the same stratum.


# %% nbgrader={"schema_version": 3, "grade_id": "fair_mean", "grade": false, "solution": true, "locked": false}
def fair_mean(samples: list[list[float]], sizes: list[int]) -> float:
    """The mean over all members of all strata, from a sample of each."""
    ### BEGIN SOLUTION
    total = sum(size * sum(sample) / len(sample) for sample, size in zip(samples, sizes, strict=True))
    return total / sum(sizes)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_fair_mean", "grade": true, "solution": false, "locked": true, "points": 2}
check_fair_mean(fair_mean)

# %% [markdown] nas_edu={"task": "12.2", "difficulty": 3, "minutes": 20}
# ## Task 2: random search without drawing
#
# Random search draws architectures, each as likely as any other and the same one perhaps again, and keeps the best. Who
# has a complete table need not simulate it. Write `expected_best(values, draws)`:
#
# - `values` has one number for each architecture, in any order; some may be equal;
# - it returns the highest of `draws` values drawn at random *with* replacement, on average over all courses that the draws can take.
#
# Going through all courses is out of the question: a hundred draws of 15,625 cells. So ask: how likely is it that *all* draws are
# among the $k$ lowest values?


# %% nbgrader={"schema_version": 3, "grade_id": "expected_best", "grade": false, "solution": true, "locked": false}
def expected_best(values: list[float], draws: int) -> float:
    """The mean of the highest of `draws` values, drawn with replacement."""
    ### BEGIN SOLUTION
    count, mean = len(values), 0.0
    for k, value in enumerate(sorted(values), start=1):
        best_is_this = (k / count) ** draws - ((k - 1) / count) ** draws
        mean += best_is_this * value
    return mean
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_expected_best", "grade": true, "solution": false, "locked": true, "points": 4}
check_expected_best(expected_best)

# %% [markdown]
# ## Your code asks the table
#
# First: by how many points does another seed change a cell? The strata are twentieths of the ranking by seed 0.

# %%
import numpy as np

from nas_edu.nas_bench import NASBenchEdu

table = NASBenchEdu.load("mnist1d")
functions = table.functions  # one cell for each function
seed_0, seed_1 = (100 * table.column("validation_accuracy", seed=seed)[functions] for seed in (0, 1))
strata = np.array_split(np.argsort(seed_0), 20)
changes = [np.abs(seed_1 - seed_0)[stratum] for stratum in strata]
measured = [change[~np.isnan(change)].tolist() for change in changes]
everything = [value for stratum in measured for value in stratum]
print(f"measured: {len(everything):,} functions, of which {len(measured[-1])} are of the best twentieth")
print(f"plain mean of what was measured  {np.mean(everything):.2f} points")
print(f"fair mean over all functions     {fair_mean(measured, [len(stratum) for stratum in strata]):.2f} points")

# %% [markdown]
# Then: random search, computed and simulated. The simulation needs 200 searches and still has an error; yours has none.

# %%
from nas_edu import Budget
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import compare, random_search

simulated = compare(
    {"random search": random_search}, TinyCell(), table.evaluate, Budget(evaluations=100), seeds=range(200)
)
accuracy = table.column("validation_accuracy", seed=0).tolist()
for draws in (1, 10, 100):
    found = simulated.at(draws)["random search"]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    print(
        f"{draws:>3} draws: exactly {expected_best(accuracy, draws):.2%}, simulated {np.mean(found):.2%} +- {error:.2%}"
    )
print(f"1,000 draws: exactly {expected_best(accuracy, 1000):.2%}; the best of all cells has {max(accuracy):.2%}")

# %% [markdown]
# ## To think about
#
# - A strategy finds 97.5 % after 100 evaluations, on average. How many random draws are worth as much? (Ask `expected_best`.)
# - Why is there no such formula for evolution?
# - The formula gives the *validation* accuracy of the best. What would you have to change for the test accuracy of the cell that
#   is best by validation?
