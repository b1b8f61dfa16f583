# %% [markdown]
# # Exercises 7: one-shot models
#
# You write two pieces: the **number of architectures** in a convolutional neural fabric, which nobody could list, and the
# **training step with a sampled path**, which must leave everything else alone. At the end your step trains a model of six numbers
# and eight paths, and you see what sharing does to the paths.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("07.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and dictionaries; from the lecture, fabrics and the step with one path.

# %%
import itertools
import random

from nas_edu.check import hint
from nas_edu.check.one_shot import check_count_paths, check_path_step

# %% [markdown] nas_edu={"task": "07.1", "difficulty": 2, "minutes": 15}
# ## Task 1: how many networks are in a fabric?
#
# A fabric has nodes $(l, s)$: layers $0, \dots, L-1$, scales $0, \dots, S-1$. Into $(l, s)$ lead edges from $(l-1, s-1)$, $(l-1, s)$ and
# $(l-1, s+1)$, as far as these exist; in the first and in the last layer one more from $(l, s-1)$. The input is $(0, 0)$, the output
# $(L-1, S-1)$. Write `count_paths(layers, scales)`, the number of paths from input to output, as an `int`.
#
# There are at least two layers. Do not list the paths: with 32 layers you would wait for years.


# %% nbgrader={"schema_version": 3, "grade_id": "count_paths", "grade": false, "solution": true, "locked": false}
def count_paths(layers: int, scales: int) -> int:
    """The number of paths of a fabric from its input to its output."""
    ### BEGIN SOLUTION
    paths = {(0, 0): 1}
    for layer, scale in itertools.product(range(layers), range(scales)):
        if (layer, scale) != (0, 0):
            sources = [(layer - 1, scale + turn) for turn in (-1, 0, 1)]
            if layer in (0, layers - 1):
                sources.append((layer, scale - 1))
            paths[layer, scale] = sum(paths.get(source, 0) for source in sources)
    return paths[layers - 1, scales - 1]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_count_paths", "grade": true, "solution": false, "locked": true, "points": 3}
check_count_paths(count_paths)

# %% [markdown]
# How fast does it grow? Guess the factor from one layer to the next before you run it.

# %%
for layers in (4, 8, 16, 32):
    paths = count_paths(layers, 5)
    factor = count_paths(layers + 1, 5) / paths
    print(f"{layers:2} layers, 5 scales: {paths:.3g} paths; one more layer: times {factor:.2f}")

# %% [markdown] nas_edu={"task": "07.2", "difficulty": 2, "minutes": 20}
# ## Task 2: only the sampled path moves
#
# Write `path_step(weights, velocity, gradient, path, rate)`, one step of SGD with momentum 0.9 and weight decay 0.01:
#
# $$ v \leftarrow 0.9\, v + g + 0.01\, w, \qquad w \leftarrow w - \text{rate} \cdot v $$
#
# for the weights **on the path, and only these**: all others keep their weight *and* their velocity.
#
# - `weights` and `velocity` are dictionaries from a name to a number; `path` is a tuple of names;
# - `gradient(weights, path)` returns a dictionary with *all* names; those that are not on the path have the gradient 0;
# - return a tuple of two new dictionaries with all names: the weights, and the velocities. What you were given stays as it is.
#
# Before you write: a weight has the gradient 0 and you apply the formula all the same. What happens to it?


# %% nbgrader={"schema_version": 3, "grade_id": "path_step", "grade": false, "solution": true, "locked": false}
def path_step(
    weights: dict[str, float], velocity: dict[str, float], gradient, path: tuple[str, ...], rate: float
) -> tuple[dict[str, float], dict[str, float]]:
    """The weights and velocities after one step on this path."""
    ### BEGIN SOLUTION
    w, v, g = dict(weights), dict(velocity), gradient(weights, path)
    for name in path:
        v[name] = 0.9 * v[name] + g[name] + 0.01 * w[name]
        w[name] -= rate * v[name]
    return w, v
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_path_step", "grade": true, "solution": false, "locked": true, "points": 3}
check_path_step(path_step)

# %% [markdown]
# ## Your step trains a model
#
# Three edges with two numbers each; a path multiplies its three numbers and should deliver 1. There are $2^3 = 8$ paths and six
# numbers. Can all eight be right at once? Guess first. Then look at the outputs before and after 400 steps with random paths.


# %%
def gradient(weights, path):
    product = weights[path[0]] * weights[path[1]] * weights[path[2]]
    by_name = dict.fromkeys(weights, 0.0)
    for name in path:
        by_name[name] = (product - 1) * product / weights[name]
    return by_name


rng = random.Random(0)
names = ["0a", "0b", "1a", "1b", "2a", "2b"]
paths = list(itertools.product(*(names[2 * edge : 2 * edge + 2] for edge in range(3))))
weights = {name: rng.uniform(0.5, 2) for name in names}
velocity = dict.fromkeys(names, 0.0)
for step in range(401):
    if step in (0, 5, 400):
        outputs = [weights[a] * weights[b] * weights[c] for a, b, c in paths]
        print(f"step {step:3}: outputs of the eight paths {[round(output, 2) for output in outputs]}")
    weights, velocity = path_step(weights, velocity, gradient, rng.choice(paths), 0.05)
print("weights at the end:", {name: round(weight, 2) for name, weight in weights.items()})

# %% [markdown]
# ## To think about
#
# - They can: why? (Compare $a$ and $b$ of one edge at the end.) Why 0.99 and not 1? (Which term of your step pulls at a weight that fits?)
# - Now ask path (0a, 1a, 2a) for 2 and all others for 1. What happens?
# - In the last cell, how many of the eight paths does one step move, although only one was sampled?
# - In a fabric, which edges are on most paths? Which ones will be trained least, if paths are drawn uniformly?
