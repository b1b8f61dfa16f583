# %% [markdown]
# # Exercises 3: evolution
#
# You write regularized evolution in three small pieces: a **mutation**, a **tournament** and a population that **ages**.
# At the end your own code searches for a network, and every candidate is really trained.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("03.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops, lists and `random.Random`; from the lecture, the cell with its six edges and five
# operations.

# %%
import random
from collections import deque

from nas_edu import draw
from nas_edu.check import hint
from nas_edu.check.evolution import births, check_aging, check_mutate, check_tournament, make_population
from nas_edu.core import Budget, Trial, run_trial, score, search
from nas_edu.search_spaces import Cell, TinyCell

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")

# %% [markdown]
# A cell is its six operations, one for each edge, in the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3. It cannot be changed once
# it is made, which is what lets a hundred individuals share it safely.

# %%
parent = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1"))
print(parent.operations)
draw.cell(parent)

# %% [markdown] nas_edu={"task": "03.1", "difficulty": 1, "minutes": 10}
# ## Task 1: a small change
#
# Evolution explores by small steps. If a child differs from a good parent in one place only, it is likely to be good as
# well, and if it is better we know which change did it.
#
# Write `mutate(cell, rng)`:
#
# - it returns a new `Cell` that differs from `cell` in **exactly one** edge;
# - all six edges are equally likely, and so are the four *other* operations for the edge that changes;
# - all chance comes from `rng`, a `random.Random`, so that a search can be repeated.


# %% nbgrader={"schema_version": 3, "grade_id": "mutate", "grade": false, "solution": true, "locked": false}
def mutate(cell: Cell, rng: random.Random) -> Cell:
    """A neighbour of `cell`: one edge, drawn uniformly, gets another operation, drawn uniformly."""
    ### BEGIN SOLUTION
    operations = list(cell.operations)
    edge = rng.randrange(len(operations))
    choices = [operation for operation in OPERATIONS if operation != operations[edge]]
    operations[edge] = rng.choice(choices)
    return Cell(tuple(operations))
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_mutate", "grade": true, "solution": false, "locked": true, "points": 2}
check_mutate(mutate)

# %% [markdown]
# Look at what you made: the parent and three of its children. Can you find the edge that changed in each?

# %%
rng = random.Random(1)
draw.cells([parent, *(mutate(parent, rng) for _ in range(3))], captions=["parent", "child 1", "child 2", "child 3"])

# %% [markdown] nas_edu={"task": "03.2", "difficulty": 2, "minutes": 10}
# ## Task 2: who becomes a parent?
#
# If the best individual were always the parent, the search would circle around it and stop looking elsewhere. If anybody
# could be, the search would learn nothing. A **tournament** lies in between: draw a few individuals at random, and let
# the best of *these* be the parent. One number, the sample size, sets how hard the selection is.
#
# Write `tournament(population, sample_size, rng)`. The population is a sequence of trials; `trial.score` says how good
# each one is, and higher is better.
#
# - Draw `sample_size` *different* individuals; every such group is equally likely.
# - Return the one with the highest score, as it is: a `Trial`.
# - If several are equally good, the first drawn wins. So chance decides between them, and not their age.
# - A failed trial has score minus infinity. It may be drawn, and it may even win if all others drawn failed too.
# - The population stays as it is, and all chance comes from `rng`.
#
# Before you write: in a population of three, with a sample size of two, how often does the worst one win?


# %% nbgrader={"schema_version": 3, "grade_id": "tournament", "grade": false, "solution": true, "locked": false}
def tournament(population, sample_size: int, rng: random.Random) -> Trial:
    """The best of `sample_size` individuals that are drawn at random, without replacement."""
    ### BEGIN SOLUTION
    drawn = rng.sample(population, sample_size)
    return max(drawn, key=score)
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_tournament", "grade": true, "solution": false, "locked": true, "points": 3}
check_tournament(tournament)

# %% [markdown]
# How hard does each sample size select? Ten individuals, J the best, 1,000 tournaments each. Before you run it: with
# which sample size does J always win, and how often with a sample size of 5?

# %%
names = "ABCDEFGHIJ"
ten = make_population(**{name: number / 10 for number, name in enumerate(names, 1)})
rng = random.Random(0)

print("sample size" + "".join(f"{name:>6}" for name in names))
for sample_size in (1, 2, 5, 10):
    winners = [tournament(ten, sample_size, rng).architecture for _ in range(1000)]
    print(f"{sample_size:11}" + "".join(f"{winners.count(name):6}" for name in names))

# %% [markdown] nas_edu={"task": "03.3", "difficulty": 2, "minutes": 15}
# ## Task 3: the oldest dies
#
# A population has room for a fixed number of individuals, so with each birth somebody must leave. The obvious choice is
# the worst. Regularized evolution (Real et al., 2019) lets the **oldest** go, however good it is. Its authors suspect
# that this helps against noise: a score is measured by training, and an architecture that was merely lucky would
# otherwise stay for ever. With aging it lasts only if its descendants do well when *they* are trained.
#
# The initial population is written below. Complete the endless loop. Each time around:
#
# 1. `select(population, sample_size, rng)` returns the parent;
# 2. `space.mutate(architecture, rng)` makes the child's architecture from the parent's;
# 3. the oldest individual leaves the population. It could still be the parent: it leaves *after* the tournament;
# 4. `run_trial(evaluate, architecture, parents=[parent], replaces=oldest)` evaluates the child;
# 5. the child's trial joins the population, and is yielded.


# %% nbgrader={"schema_version": 3, "grade_id": "aging", "grade": false, "solution": true, "locked": false}
def evolve(space, evaluate, *, population_size=20, sample_size=10, select=tournament, rng):
    """Regularized evolution: yield the random initial population, then one child after another, without end."""
    population = deque()
    while len(population) < population_size:
        trial = run_trial(evaluate, space.sample(rng))
        population.append(trial)
        yield trial
    while True:
        ### BEGIN SOLUTION
        parent = select(population, sample_size, rng)
        child = space.mutate(parent.architecture, rng)
        oldest = population.popleft()
        trial = run_trial(evaluate, child, parents=[parent], replaces=oldest)
        population.append(trial)
        yield trial
        ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_aging", "grade": true, "solution": false, "locked": true, "points": 3}
check_aging(evolve)

# %% [markdown]
# `births` tells who begat whom in a tiny population of three, in which everybody takes part in each tournament.
# Individuals are named A, B, C, ... in order of birth. B is by far the best. How many children does it have before it
# dies of old age?

# %%
births(evolve, 3, scores=[0.4, 0.9, 0.5, 0.1, 0.2, 0.3, 0.6])

# %% [markdown]
# ## Your code searches
#
# Now all three pieces together, on real signals (MNIST-1D): 24 cells are built, trained for the first two of ten epochs,
# and validated, which takes about a quarter of a minute. `MySpace` is the library's space with your mutation in it.
#
# Before you run it: the first eight cells are random. By how much will the sixteen after them beat these?

# %%
from nas_edu.data import load
from nas_edu.performance_estimation import Train


class MySpace(TinyCell):
    """TinyCell with your own mutation."""

    def mutate(self, cell, rng):
        return mutate(cell, rng)


strategy = evolve(MySpace(), Train(load("mnist1d"), epochs=2), population_size=8, sample_size=3, rng=random.Random(3))
history = search(strategy, Budget(evaluations=24))

draw.trace(history)

# %%
first = max(history.trials[:8], key=score)
print(f"best of the 8 random cells: {first.score:.1%}; best of all 24: {history.best.score:.1%}")
draw.cells([first.architecture, history.best.architecture], captions=["best random cell", "best cell"])

# %% [markdown]
# ## To think about
#
# - Change the seed and run the search again. How much does the result differ? One run says little about a method: the
#   lecture compares several.
# - What would happen with `sample_size=1`? And with `sample_size=8`? Try both.
# - Let the *worst* die instead of the oldest: one line. On which kind of task would you expect that to be better?
