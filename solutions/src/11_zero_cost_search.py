# %% [markdown]
# # Exercises 11: search with zero-cost proxies
#
# You write two pieces by which proxies enter a search: the **sum of ranks**, which makes one score of several proxies, and the
# **first population** of assisted evolution. At the end they start a search together.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("11.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops, lists and functions as arguments.

# %%
from nas_edu.check import hint
from nas_edu.check.zero_cost import check_first_population, check_sum_of_ranks

# %% [markdown] nas_edu={"task": "11.1", "difficulty": 1, "minutes": 10}
# ## Task 1: what cannot be added, can be ranked
#
# nwot is in the hundreds, synflow in the trillions: their sum is synflow. Write `sum_of_ranks(proxies)`:
#
# - `proxies` has one list for each proxy, with one value for each architecture, in which no two are equal;
# - the rank of a value in its list is 1 for the lowest, 2 for the next, and so on;
# - it returns a list: for each architecture the mean of its ranks over the proxies.


# %% nbgrader={"schema_version": 3, "grade_id": "sum_of_ranks", "grade": false, "solution": true, "locked": false}
def sum_of_ranks(proxies: list[list[float]]) -> list[float]:
    """For each architecture the mean of its ranks: 1 for the lowest value of a proxy."""
    ### BEGIN SOLUTION
    ranks = [[1 + sum(other < value for other in row) for value in row] for row in proxies]
    return [sum(column) / len(column) for column in zip(*ranks, strict=True)]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_sum_of_ranks", "grade": true, "solution": false, "locked": true, "points": 2}
check_sum_of_ranks(sum_of_ranks)

# %% [markdown] nas_edu={"task": "11.2", "difficulty": 2, "minutes": 10}
# ## Task 2: begin with the best of a pool
#
# Assisted evolution draws a large pool and begins with those that the proxy puts highest. Write
# `first_population(pool, proxy, size)`:
#
# - `pool` is a list of architectures, in the order in which they were drawn; some may be there more than once, and count once;
# - `proxy` is a function: from an architecture to a number, higher is better, `-inf` where the proxy has no value;
# - it returns the best `size` architectures as a list, the best first; of equals, the one that was drawn first comes first;
# - a proxy is cheap, not free: ask it once for each distinct architecture.


# %% nbgrader={"schema_version": 3, "grade_id": "first_population", "grade": false, "solution": true, "locked": false}
def first_population(pool: list, proxy, size: int) -> list:
    """The best `size` distinct architectures of the pool by proxy, the best first."""
    ### BEGIN SOLUTION
    return sorted(dict.fromkeys(pool), key=proxy, reverse=True)[:size]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_first_population", "grade": true, "solution": false, "locked": true, "points": 3}
check_first_population(first_population)

# %% [markdown]
# ## Your code starts a search
#
# A pool of 200 cells that the table knows; two proxies, combined by your ranks; the 20 best, against 20 random ones. The accuracies
# are looked up only now.

# %%
import random

import numpy as np

from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell

table, space = NASBenchEdu.load("mnist1d"), TinyCell()
known = np.flatnonzero(~np.isnan(table.column("validation_accuracy"))).tolist()
nwot, synflow, accuracy = (table.column(name).tolist() for name in ("nwot", "synflow", "validation_accuracy"))
rng = random.Random(0)
jitter = [rng.random() * 1e-9 for _ in space]  # equal cells get values that differ a little: the task knows no ties
for seed in range(5):
    pool = random.Random(seed).sample(known, 200)
    values = [
        [nwot[place] + jitter[place] for place in pool],
        [np.log(max(synflow[place], 1e-9)) + jitter[place] for place in pool],
    ]
    combined = dict(zip(pool, sum_of_ranks(values), strict=True))
    first = first_population(pool, combined.__getitem__, 20)
    chosen, drawn = ([accuracy[place] for place in places] for places in (first, pool[:20]))
    print(
        f"seed {seed}: mean accuracy {np.mean(chosen):.1%} against {np.mean(drawn):.1%} at random; "
        f"best {max(chosen):.1%} against {max(drawn):.1%}; best of the whole pool {max(accuracy[place] for place in pool):.1%}"
    )

# %% [markdown]
# ## To think about
#
# - How often is the best cell of the pool in your first population? What does that say about pure zero-cost search?
# - Put `params` in the place of both proxies. What changes?
# - Put `snip` there. And turned round, as `-snip`? How would you know the direction before any training?
