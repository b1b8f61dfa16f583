# %% [markdown]
# # Exercises 10: zero-cost proxies
#
# You write what nwot is made of, the **kernel** that compares samples by their activation codes, and the number by which all
# proxies are judged, **Kendall's tau**. At the end your nwot is judged by your tau, on real networks.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("10.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and lists; from the lecture, $K_{ij} = N_A - d_H(c_i, c_j)$.

# %%
from nas_edu.check import hint
from nas_edu.check.zero_cost import check_kendall_tau, check_kernel

# %% [markdown] nas_edu={"task": "10.1", "difficulty": 1, "minutes": 10}
# ## Task 1: on how many ReLUs do two samples agree?
#
# Each sample has a code: for every ReLU of the network 1 if it is on, else 0. Write `kernel(codes)`:
#
# - `codes` is a list with one code for each sample, each a list of 0 and 1, all of the same length;
# - it returns $K$ as a list of rows: $K_{ij}$ is the number of ReLUs on which samples $i$ and $j$ have the same bit.
#
# Before you write: what stands on the diagonal?


# %% nbgrader={"schema_version": 3, "grade_id": "kernel", "grade": false, "solution": true, "locked": false}
def kernel(codes: list[list[int]]) -> list[list[int]]:
    """K of nwot: for each pair of samples, the number of ReLUs on which they agree."""
    ### BEGIN SOLUTION
    return [[sum(a == b for a, b in zip(one, other, strict=True)) for other in codes] for one in codes]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_kernel", "grade": true, "solution": false, "locked": true, "points": 2}
check_kernel(kernel)

# %% [markdown] nas_edu={"task": "10.2", "difficulty": 2, "minutes": 12}
# ## Task 2: how well do two orders agree?
#
# Write `kendall_tau(proxy, accuracy)` for two lists of the same length, two architectures or more:
#
# - look at every pair of architectures once;
# - it counts +1 if the proxy and accuracy order the two alike, -1 if they order them the other way, and 0 if one of the two
#   lists has a tie there;
# - return the sum, divided by the number of pairs.


# %% nbgrader={"schema_version": 3, "grade_id": "kendall_tau", "grade": false, "solution": true, "locked": false}
def kendall_tau(proxy: list[float], accuracy: list[float]) -> float:
    """Pairs ordered alike minus pairs ordered the other way, over all pairs."""
    ### BEGIN SOLUTION
    total, pairs = 0, 0
    for i in range(len(proxy)):
        for j in range(i + 1, len(proxy)):
            product = (proxy[i] - proxy[j]) * (accuracy[i] - accuracy[j])
            total += (product > 0) - (product < 0)
            pairs += 1
    return total / pairs
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_kendall_tau", "grade": true, "solution": false, "locked": true, "points": 3}
check_kendall_tau(kendall_tau)

# %% [markdown]
# ## Your proxy, judged by your tau
#
# 40 random cells whose accuracy the table knows; their networks are built here, and run once on 16 signals. What do you expect:
# more or less than tau of the number of parameters?

# %%
import random

import numpy as np
import torch

from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.networks import build
from nas_edu.performance_estimation.zero_cost.nwot import Probe, relu_codes
from nas_edu.search_spaces import TinyCell

task, table, space = load("mnist1d"), NASBenchEdu.load("mnist1d"), TinyCell()
signals = torch.as_tensor(task.train.inputs[:16])
known = np.flatnonzero(~np.isnan(table.column("validation_accuracy")))
proxy, size, accuracy = [], [], []
for place in random.Random(0).sample(known.tolist(), 40):
    cell = space[place]
    if not any("conv" in operation for operation in cell.live_edges.values()):
        continue  # no convolution, so no ReLU, and no nwot
    codes = relu_codes(Probe(build(cell, task), signals, signals)).int().tolist()
    sign, logarithm = np.linalg.slogdet(np.array(kernel(codes), dtype=float))
    proxy.append(float(logarithm) if sign > 0 else -1e9)
    size.append(float(table.column("params")[place]))
    accuracy.append(table.query(cell).validation_accuracy)

print(
    f"{len(proxy)} cells: tau of your nwot {kendall_tau(proxy, accuracy):.2f}, of the parameters {kendall_tau(size, accuracy):.2f}"
)

# %% [markdown]
# ## To think about
#
# - With 16 signals, and with 4? What is lost, what is gained?
# - Give all 16 signals the same values. What becomes of K, and of its determinant?
# - Take only the better half of the cells by accuracy. Which of the two taus falls further?
