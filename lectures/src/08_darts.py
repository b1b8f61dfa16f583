# %% [markdown] slideshow={"slide_type": "slide"}
# # 8. DARTS: differentiable architecture search
#
# Everything so far chose *one* architecture, judged it, and chose another. DARTS ([@liu2019]) chooses none. It mixes all
# operations on every edge, gives each a weight, and lets **gradient descent** move the weights. One network, one
# training, and the search is over.
#
# After this lecture you can
#
# 1. compute the output of a mixed operation, and its derivative in alpha, with pencil and paper;
# 2. state the bilevel problem, and say what first order leaves out and what second order adds;
# 3. run a DARTS search and read its picture: alpha, entropies, losses, the argmax cell;
# 4. say how large the space of DARTS is, and why two answers are right;
# 5. judge a DARTS result as it should be judged: several seeds, against random search at equal time.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "skip"}
# The first experiment: the section "Live" shows this code.
import random
from itertools import islice

from nas_edu.core import History, experiment
from nas_edu.data import load
from nas_edu.one_shot import FastTinyCellSupernet, darts
from nas_edu.search_spaces import TinyCell
from nas_edu.widgets import alpha_curves, alpha_heat_map, argmax_verdict, losses, mixed_cell, replay

task, space = load("mnist1d"), TinyCell()
SETTINGS = {"steps": 500, "batch_size": 32, "weight_learning_rate": 0.025}  # of every search in this lecture


@experiment(version=1, space=space, trains=True)
def recorded_darts(seed: int) -> History:
    """A search, every fifth step of it."""
    supernet = FastTinyCellSupernet(task, seed=seed)
    steps = darts(supernet, task, **SETTINGS, alpha_learning_rate=0.01, rng=random.Random(seed))
    return History(islice(steps, 4, None, 5))


# %% slideshow={"slide_type": "fragment"}
history = recorded_darts(0)
replayed = replay(history, [mixed_cell, alpha_heat_map], title="A search, recorded: move the slider")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# That was a search of less than a minute. It has never trained a single cell. It names one all the same.
#
# > Does the operation with the largest weight in a *mixture* also make the best *cell*? And is the named cell better than
# > what random search finds in the same time?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# Five seeds of the same search on MNIST-1D. Which percentile of all TinyCells does the argmax cell reach (50 is a cell
# drawn at random, 100 is the best)? How many *different* cells do the five seeds return? And how many of the five would
# random search have beaten in the same time?

# %%
guess_percentile, guess_different, guess_lost = 80, 2, 1  # your guesses

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The relaxation
#
# On edge $(i,j)$, instead of one operation from $\mathcal{O}$, all of them, weighted by a softmax:
#
# $$ \tilde o^{(i,j)}(x) = \sum_{o \in \mathcal{O}} p_o\, o(x), \qquad p_o = \frac{\exp(\alpha_o)}{\sum_{o'} \exp(\alpha_{o'})}, \qquad
# \frac{\partial \tilde o(x)}{\partial \alpha_o} = p_o \big(o(x) - \tilde o(x)\big) $$
#
# **Three numbers.** Let $x = 2$, and let the edge have the operations *none* (0), *skip* ($x$) and *double* ($2x$), with
# $\alpha = (0, \ln 2, 0)$. On paper first: $p$, the output, the three derivatives.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
import numpy as np

x = 2.0
outputs = np.array([0.0, x, 2 * x])
alpha = np.log([1.0, 2.0, 1.0])
p = np.exp(alpha) / np.exp(alpha).sum()
mixed = p @ outputs
print(f"p = {p}, output = {mixed}, derivatives = {p * (outputs - mixed)}")

# %% [markdown]
# The derivatives sum to zero: raising all alphas changes nothing. An operation gains exactly when its output, *compared
# with the mixture*, goes where the loss falls. And `none`, whose output is 0, gains when the edge as a whole is too loud:
# its weight says how loud the edge is, not whether a cell needs it. Keep that for later.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.one_shot import MixedOperation, TinyCellSupernet, architecture_gradient

show(MixedOperation.forward)
show(TinyCellSupernet.argmax)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A mixed operation to touch
#
# Edge 0-1 of a supernet that has not been trained, and one signal of MNIST-1D. Which slider, pushed to its end, makes the
# mixture *silent*? Which one lets the input pass, and which one nearly so?

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_mixed_operation, explore_toy_bilevel

sliders = explore_mixed_operation(task)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The bilevel problem
#
# $$ \min_\alpha \; \mathcal{L}_{val}(w^*(\alpha), \alpha) \qquad \text{subject to} \qquad w^*(\alpha) \in \arg\min_w \mathcal{L}_{train}(w, \alpha) $$
#
# Solving the inner problem for each step of alpha is what we wanted to avoid. DARTS replaces $w^*(\alpha)$ by one step:
#
# $$ \nabla_\alpha \mathcal{L}_{val}(w^*(\alpha), \alpha) \approx \nabla_\alpha \mathcal{L}_{val}\big(w - \xi \nabla_w \mathcal{L}_{train}(w, \alpha),\, \alpha\big)
# = \nabla_\alpha \mathcal{L}_{val}(w', \alpha) - \xi\, \nabla^2_{\alpha,w} \mathcal{L}_{train}(w, \alpha)\, \nabla_{w'} \mathcal{L}_{val}(w', \alpha) $$
#
# **Second order** takes $\xi$ = the learning rate of $w$. **First order** takes $\xi = 0$: the weights are treated as if they
# would not follow alpha. One weight and one alpha show what that costs:
# $\mathcal{L}_{train} = w^2 - 2aw + a^2$, $\mathcal{L}_{val} = aw - 2a + 1$, from $(a, w) = (2, -2)$.

# %% slideshow={"slide_type": "fragment"}
toy = explore_toy_bilevel()

# %% [markdown]
# First order ends at $(2, 2)$, the solution is $(1, 1)$. Not a slower way: *another place*. Which $\xi$ makes second order
# exact, and why that one? (The inner step $w - \xi (2w - 2a)$ reaches $a$ at once.) A real network has no such $\xi$: so what
# second order is worth is a matter of measurement.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The algorithm
#
# | DARTS (Algorithm 4 of [@white2023]) | In the code below |
# | --- | --- |
# | initialize the one-shot model with weights $w$ and $\alpha$ | `supernet` |
# | **for** $t = 1, \dots, T$: | `for step in range(steps)` |
# | gradient step on $\alpha$ | `architecture_gradient`, `for_alpha.step` |
# | gradient step on $w$, by $\nabla_w \mathcal{L}_{train}(w, \alpha)$ | `update_weights` |
# | **Output:** argmax of $\alpha$ on each edge, trained from scratch | `architecture` of the last step |

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(darts)

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(architecture_gradient)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live
#
# Press **Run**, and choose the edge that you want to see in colour. Where a reader has no browser, the search takes a few
# steps only. Below it is a complete one of 500 steps, recorded, with its verdict: what the argmax cell of that moment is
# worth *when it is trained alone*. The search never sees that number.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import alpha_theatre
from nas_edu.widgets.present import in_browser

tables = {name: NASBenchEdu.load(name) for name in ("mnist1d", "digits")}
table = tables["mnist1d"]
theatre = alpha_theatre(task, table, steps=500 if in_browser() else 20, batch_size=32)

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(recorded_darts)

# %% slideshow={"slide_type": "subslide"}
again = replay(
    history,
    [alpha_curves(lambda: "0-3"), alpha_heat_map, mixed_cell, losses, argmax_verdict(table)],
    title="DARTS on MNIST-1D, seed 0",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How large is the space?
#
# The deck: 8 operations on each of 28 mixed operations, more than $10^{23}$ architectures. Lecture 2 counted; here are
# both numbers once more. A normal and a reduction cell have four inner nodes each, node $j$ may read 2, 3, 4 or 5 earlier
# ones: 14 edges a cell.

# %% slideshow={"slide_type": "fragment"} tags=["claim-darts-two-sizes"]
# NBVAL_CHECK_OUTPUT
from math import comb, prod

edges = 2 * sum(range(2, 6))
genotypes = prod(comb(node, 2) * 7**2 for node in range(2, 6)) ** 2
print(f"{edges} mixed operations, 8 operations each: {8**edges:.2e}; without none: {7**edges:.2e}")
print(f"what can be returned, two inputs a node and no none: {genotypes:.2e}")
print(f"numbers in alpha: {edges * 8}; TinyCell: {5**6:,} cells, {6 * 5} numbers in alpha")

# %% [markdown]
# The first number counts the *mixtures* with one operation on each edge, the last what the rule of the end can return. And
# the search itself sees neither: it moves a few hundred real numbers.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two cells at once
#
# The paper searches a normal and a reduction cell together, each with an alpha of its own. Do both come to want the same?
# A row is a node with the two edges that it would keep now; move the slider. One seed: an illustration.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.one_shot import DARTSCellSupernet
from nas_edu.search_spaces import DARTSCell
from nas_edu.widgets import by_kind


@experiment(version=1, space=DARTSCell(), trains=True)
def darts_on_two_cells(steps: int, seed: int) -> History:
    """A search, every second step of it."""
    supernet = DARTSCellSupernet(task, channels=4, seed=seed)
    searching = darts(supernet, task, steps=steps, batch_size=16, alpha_learning_rate=0.03, rng=random.Random(seed))
    return History(islice(searching, 1, None, 2))


two = darts_on_two_cells(60, 0)
both = replay(two, [*by_kind(mixed_cell), *by_kind(alpha_heat_map)], title="A normal and a reduction cell, seed 0")
genotype = two.steps[-1].architecture
for cell in (genotype.normal, genotype.reduce):
    print(", ".join(f"{sum(o == name for o, _ in cell)} {name}" for name in sorted({o for o, _ in cell})))

# %% [markdown]
# Equal steps, but different wishes: the reduction cell's first edges halve the positions, so the same operation is not the
# same choice there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Discretization
#
# The end of the search is a *jump*. In the DARTS space, each node keeps the two edges whose strongest operation other than
# `none` has the largest weight, and on each edge that operation. On TinyCell, whose edges all stay, it is the argmax of each edge,
# `none` included ([@dong2020]). How large is the jump? Here is the experiment, one search for each call:

# %% slideshow={"slide_type": "subslide"}
import time

import torch

from nas_edu.search_spaces.tiny_cell import OPERATIONS


def accuracy_in(supernet, split, cell=None):
    """Validation accuracy with the shared weights: of the mixture, or of one cell."""
    inputs, targets = torch.from_numpy(split.inputs), torch.from_numpy(split.targets)
    with torch.no_grad():
        logits = torch.cat([supernet(part, architecture=cell) for part in inputs.split(250)])
    return round((logits.argmax(1) == targets).float().mean().item(), 4)


@experiment(version=1, trains=True)
def darts_search(
    task_name: str, seed: int, alpha_learning_rate: float = 0.01, order: int = 1, operations: tuple = OPERATIONS
) -> dict:
    """The argmax cell at the end and after every ten steps, alpha at the end, CPU seconds, accuracy of the mixture."""
    task = load(task_name)
    began = time.process_time()
    supernet = FastTinyCellSupernet(task, operations=operations, seed=seed)
    rate = {"alpha_learning_rate": alpha_learning_rate}
    steps = list(darts(supernet, task, order=order, **SETTINGS, **rate, rng=random.Random(seed)))
    seconds = time.process_time() - began
    return {
        "cell": str(steps[-1].architecture),
        "cells": [str(step.architecture) for step in steps[9::10]],
        "alpha": steps[-1].alpha["cell"].astype(float).round(4).tolist(),
        "seconds": round(seconds, 2),
        "supernet": accuracy_in(supernet, task.validation),
    }


# %% [markdown]
# Five seeds. `supernet` is the accuracy of the mixture at the end; the cell alone is looked up in our tables, of one training
# (seed 0). *Percentile* is among all cells.

# %% slideshow={"slide_type": "subslide"} tags=["claim-discretization-gap"]
known = table.column("validation_accuracy", seed=0)
known = known[~np.isnan(known)]


def accuracy(cell, task_name="mnist1d"):
    """Validation accuracy of a cell that is trained alone."""
    return tables[task_name].query(space.parse(cell), seed=0).validation_accuracy


def percentile(value):
    """Per cent of all cells that are worse; equal ones, up to rounding, count one half."""
    return 100 * ((known < value - 1e-4).mean() + (abs(known - value) <= 1e-4).mean() / 2)


def softmaxes(found):
    """(edges, operations) The weights of the mixture at the end."""
    powers = np.exp(found["alpha"])
    return powers / powers.sum(axis=1, keepdims=True)


seeds = [darts_search("mnist1d", seed) for seed in range(5)]
print("seed   CPU s   supernet   cell alone   percentile   argmax cell")
for seed, found in enumerate(seeds):
    alone = accuracy(found["cell"])
    numbers = f"{found['supernet']:10.1%} {alone:12.1%} {percentile(alone):12.0f}"
    print(f"{seed:4} {found['seconds']:7.1f} {numbers}   {found['cell']}")
weights = softmaxes(seeds[0])
print(f"\nlargest weight of each edge, seed 0: {weights.max(axis=1).round(2).tolist()} (equal weights: 0.2)")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What five seeds give
#
# The settings were fixed on another task, `digits`, where three learning rates of alpha were tried, three seeds each: 500
# steps, batches of 32. No look at the table of MNIST-1D. Beside it, random search with **real trainings** for the median
# time of a DARTS search (CPU seconds). All of it is stored; to make it anew on your machine takes a quarter of an hour:
#
#     make experiments NAMES="darts_search random_search_in_seconds"

# %% slideshow={"slide_type": "fragment"} tags=["claim-darts-against-random-search"]
from nas_edu import Budget
from nas_edu.core import search
from nas_edu.performance_estimation import Train
from nas_edu.search_strategies import random_search


@experiment(version=1, space=space, trains=True)
def random_search_in_seconds(seconds: float, seed: int) -> History:
    """Cells drawn at random, each trained as the table trains; the last training may end."""
    train = Train(task, clock=time.process_time)
    return search(random_search(space, train, rng=random.Random(seed)), Budget(cost=seconds))


means = {}
for rate in (0.003, 0.01, 0.03):
    values = [accuracy(darts_search("digits", seed, rate)["cell"], "digits") for seed in range(3)]
    told = ", ".join(f"{value:.1%}" for value in values)
    means[rate] = np.mean(values)
    print(f"digits, learning rate of alpha {rate}: argmax cells {told}; mean {means[rate]:.1%}")
print(f"chosen: {max(means, key=means.get)}\n")

seconds = float(np.median([found["seconds"] for found in seeds]))
randomly = [random_search_in_seconds(seconds, seed) for seed in range(5)]
ours = np.array([accuracy(found["cell"]) for found in seeds])
theirs = np.array([history.best.score for history in randomly])
counts = [len(history) for history in randomly]
ranks = [percentile(value) for value in ours]
their_ranks = [percentile(value) for value in theirs]
for name, values, places in (("DARTS", ours, ranks), ("random search", theirs, their_ranks)):
    print(
        f"{name:14} accuracy median {np.median(values):.1%} ({values.min():.1%} to {values.max():.1%});"
        f" percentile median {np.median(places):.0f} ({min(places):.0f} to {max(places):.0f})"
    )
different = len({found["cell"] for found in seeds})
lost = int((ours < np.median(theirs)).sum())
print(f"\ncells that random search trained in that time: {counts}")
print(f"different cells of DARTS: {different} (you guessed {guess_different})")
print(f"seeds below the median of random search: {lost} of {len(ours)} (you guessed {guess_lost})")
print(f"median percentile of DARTS: {np.median(ranks):.0f} (you guessed {guess_percentile})")

# %% [markdown]
# Five random searches are few. How good the best of that many trainings usually is, the table can say more exactly:

# %% slideshow={"slide_type": "subslide"}
generator = np.random.default_rng(0)
for n in sorted({min(counts), int(np.median(counts)), max(counts)}):
    best = generator.choice(known, (20_000, n)).max(axis=1)
    beaten = [(best > value).mean() for value in ours]
    print(f"best of {n:2} random cells: {np.median(best):.1%} in the median; beats the DARTS seeds in", end=" ")
    print(", ".join(f"{part:.0%}" for part in beaten))

# %% [markdown]
# Read it twice. Three seeds found cells that so few random trainings hardly ever find. The other two are no better than the
# best of a handful: one run of DARTS does not tell which kind it is. Two things are kind to random search: here
# a training is short against a search, and its cell is trained when it is found. One thing is kind to DARTS: nobody counts
# the nine searches on digits that fixed its learning rate. Both times are CPU seconds on a machine that had other work as well.

# %% slideshow={"slide_type": "subslide"}
from nas_edu.draw.figure import Plot

plot = Plot(
    "Validation accuracy of the cells that DARTS and random search return", figsize=(8, 2.8), layout="constrained"
)
axes = plot.subplots()
for height, values, colour, marker in ((1, ours, "#0072B2", "o"), (0, theirs, "#D55E00", "s")):
    axes.plot(100 * values, [height] * len(values), marker, color=colour, markersize=10, alpha=0.7)
axes.plot([100 * np.median(known)] * 2, [-0.5, 1.5], color="0.4", linestyle="--")
axes.text(100 * np.median(known) + 0.15, 0.5, "median of all cells", color="0.3", va="center")
axes.set_yticks([0, 1], ["random search", "DARTS"])
axes.set_ylim(-0.5, 1.5)
axes.set_xlabel("validation accuracy of the returned cell, trained alone (%)")
plot

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Old questions, answered by measurement
#
# **Why does every seed give another cell?** Often a small difference of alpha decides; but seeds can also be sure of different
# operations. The operation of each seed, with the margin between the first and the second weight of the edge at the end; and
# in how many of ten pairs of seeds an edge has the same operation:

# %% slideshow={"slide_type": "fragment"} tags=["claim-seeds-give-other-cells"]
from itertools import combinations

margins = np.array(
    [np.sort(softmaxes(found), axis=1)[:, -1] - np.sort(softmaxes(found), axis=1)[:, -2] for found in seeds]
)
chosen = [space.parse(found["cell"]).operations for found in seeds]
same = [sum(a[e] == b[e] for a, b in combinations(chosen, 2)) for e in range(6)]
for e, edge in enumerate(("0-1", "0-2", "1-2", "0-3", "1-3", "2-3")):
    told = ", ".join(f"{operations[e]} {margin:.2f}" for operations, margin in zip(chosen, margins[:, e], strict=True))
    print(f"{edge}: same in {same[e]:2} of 10 pairs; {told}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Why is `none` in the space if it is never chosen?** In the paper's rule it *cannot* be chosen. What weight does it get, and what
# happens without it?

# %% slideshow={"slide_type": "fragment"} tags=["claim-none"]
share = np.array([softmaxes(found)[:, 0] for found in seeds])
picked = sum(operations.count("none") for operations in chosen)
print(f"weight of none at the end: {share.mean():.2f} on average, {share.min():.2f} to {share.max():.2f} (equal: 0.20)")
print(f"edges on which argmax takes none: {picked} of {6 * len(chosen)}")

names = np.array([cell.operations for cell in space])
accuracies = table.column("validation_accuracy", seed=0)
count = (names == "none").sum(axis=1)
good = accuracies >= np.nanpercentile(accuracies, 90)
for n in range(4):
    here = (count == n) & ~np.isnan(accuracies)
    print(
        f"cells with {n} edges none: median {np.median(accuracies[here]):.1%}, in the best tenth {good[here].mean():.0%}"
    )
print()
four = tuple(name for name in OPERATIONS if name != "none")
without_none = [darts_search("mnist1d", seed, operations=four) for seed in range(5)]
for name, searches in (("first order", seeds), ("without none", without_none)):
    places = [percentile(accuracy(found["cell"])) for found in searches]
    supernets = [found["supernet"] for found in searches]
    told = ", ".join(f"{place:.0f}" for place in places)
    print(f"{name:13} percentiles {told}; accuracy of the supernet {min(supernets):.1%} to {max(supernets):.1%}")

# %% [markdown]
# On TinyCell `none` may be chosen, and removing an edge is a real decision. Its weight in a mixture is no measure of
# that decision: it makes the edge quieter, nothing else. In the DARTS space, where the rule passes it over, that is all it does.
# Taken away, it is not missed: the last two lines are the same search with five operations and with four, and with four *every*
# seed ends in the best tenth. The best cells need no dead edge here, so the smaller space is the easier one.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Is second order worth its time?**


# %% slideshow={"slide_type": "fragment"} tags=["claim-second-order"]
@experiment(version=1, trains=True)
def seconds_of_a_step(order: int, product: str = "finite_difference", steps: int = 20) -> dict:
    """CPU seconds, the first step left out."""
    rng, supernet = random.Random(0), FastTinyCellSupernet(task)
    searching = darts(supernet, task, order=order, product=product, steps=steps + 1, batch_size=32, rng=rng)
    next(searching)
    began = time.process_time()
    for _ in searching:
        pass
    return {"seconds": (time.process_time() - began) / steps}


first = seconds_of_a_step(1)["seconds"]
for product in ("finite_difference", "exact"):
    times = seconds_of_a_step(2, product)["seconds"] / first
    print(f"second order, {product}: {times:.1f} times as long as first order")

orders = {"first order": seeds, "second order": [darts_search("mnist1d", seed, order=2) for seed in range(5)]}
for name, searches in orders.items():
    values = [accuracy(found["cell"]) for found in searches]
    told = ", ".join(f"{percentile(value):.0f}" for value in values)
    seconds = np.median([found["seconds"] for found in searches])
    print(f"{name:13} {seconds:3.0f} CPU s; cells alone: mean {np.mean(values):.1%}, percentiles {told}")
gains = [accuracy(two["cell"]) - accuracy(one["cell"]) for one, two in zip(*orders.values(), strict=True)]
agree = sum(one["cell"] == two["cell"] for one, two in zip(*orders.values(), strict=True))
print(f"second less first order, seed by seed: {', '.join(f'{100 * gain:+.1f}' for gain in gains)} points")
print(f"same cell by both orders: {agree} of {len(gains)} seeds")

# %% [markdown]
# Here it is not: more than twice the time, and what it gains in some seeds it loses in others. The rate of $w$, and so $\xi$, is
# 0.025: a short look ahead. Five seeds cannot show a small difference, in either direction; [@liu2019] report 2.76 % error for
# second order and 3.00 % for first, on CIFAR-10.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Does search accuracy say anything about the final network?** Two questions in one. Does the accuracy of the *supernet* rank the
# seeds? (First table above: five points.) And does the accuracy of a *single cell with shared weights* rank the cells? 40 cells
# drawn from the table, run with the weights that each search has left:

# %% slideshow={"slide_type": "fragment"} tags=["claim-search-accuracy"]
from scipy.stats import kendalltau

PLACES = (  # in the space; drawn once, at random, when our table held a part of it
    10506, 11318, 1759, 7315, 13354, 12810, 10959, 8552, 12634, 9872, 14912, 6111, 13191, 4052, 7951, 4067, 2883, 7059,
    13818, 15329, 4265, 8707, 2965, 2449, 9228, 12545, 14433, 2999, 9770, 11637, 8881, 15546, 5754, 14286, 12640, 11825,
    13572, 7346, 2219, 14191,
)  # fmt: skip


@experiment(version=1, trains=True)
def cells_with_shared_weights(seed: int) -> list[float]:
    """Accuracy of each of these cells with the weights that a first-order search leaves."""
    supernet = FastTinyCellSupernet(task, seed=seed)
    for _ in darts(supernet, task, **SETTINGS, alpha_learning_rate=0.01, rng=random.Random(seed)):
        pass
    return [accuracy_in(supernet, task.validation, space[place]) for place in PLACES]


print(
    f"supernet against argmax cell, {len(seeds)} seeds: tau = {kendalltau([s['supernet'] for s in seeds], ours)[0]:+.2f}"
)
truth = table.column("validation_accuracy", seed=0)[list(PLACES)]
shared = np.array([cells_with_shared_weights(seed) for seed in range(5)])
taus = [kendalltau(values, truth)[0] for values in shared]
print(f"shared weights against training alone, {len(truth)} cells: tau = {', '.join(f'{tau:+.2f}' for tau in taus)}")
print(
    f"accuracy with shared weights: {shared.min():.1%} to {shared.max():.1%}, mean {shared.mean():.1%}; alone: mean {np.mean(truth):.1%}"
)

# %% [markdown]
# The shared weights were trained for the *mixture*. One operation alone is an input that they have never seen: with
# them all cells are far nearer to chance than to what they reach alone, and their order is no help: tau is about zero or negative.
# So the number that the search looks at, the loss of the mixture, is no estimate of a cell. Lecture 7 trains shared weights for
# single paths.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Kinks: is the second-order gradient what it says?
#
# The matrix $\nabla^2_{\alpha,w} \mathcal{L}_{train}$ times $v$ is not computed. The paper takes two first-order gradients at
# $w \pm \epsilon v$ with $\epsilon = 0.01 / \lVert v \rVert$. But ReLU and maximum pooling have kinks: between the two
# points, some units switch. Against the exact product, by automatic differentiation in float64; three seeds each; the median, and the largest, of the
# distance to the exact gradient, in units of its length. Six networks, from one cell of three nodes to 8 cells of the DARTS
# space: with ReLU and maximum pooling the loss has kinks; with softplus and averages in their place it is smooth.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "skip"}
from copy import deepcopy

import torch.nn.functional as F
from torch import nn

from nas_edu.one_shot import Supernet


class SmallSupernet(Supernet):
    """One cell: signals (samples, 1, length) to logits. Edges mix a skip, a pooling, an activation with a convolution."""

    names = ("skip", "pool", "conv")

    def __init__(self, channels, classes):
        super().__init__()

        def mixed():
            convolution = nn.Conv1d(channels, channels, 3, padding=1, bias=False)
            norm = nn.BatchNorm1d(channels, affine=False, track_running_stats=False)
            path = nn.Sequential(nn.ReLU(), convolution, norm)
            return MixedOperation({"skip": nn.Identity(), "pool": nn.MaxPool1d(3, 1, 1), "conv": path})

        self.stem = nn.Conv1d(1, channels, 3, padding=1)
        self.edges = nn.ModuleList(mixed() for _ in range(3))  # 0-1, 0-2, 1-2
        self.head = nn.Linear(channels, classes)
        self.alpha = nn.ParameterDict({"cell": nn.Parameter(0.5 * torch.randn(3, 3))})

    def forward(self, x):
        first, *weights = self.stem(x), *self.mixing()["cell"]
        second = self.edges[0](first, weights[0])
        third = self.edges[1](first, weights[1]) + self.edges[2](second, weights[2])
        return self.head(third.mean(-1))

    def argmax(self):
        return tuple(self.alpha["cell"].argmax(1).tolist())


NETWORKS = {  # how a supernet is made, samples in a mini-batch, steps of training before
    "one cell, 4 channels": (lambda seed: SmallSupernet(4, task.classes), 64, 20),
    "one cell, 16 channels": (lambda seed: SmallSupernet(16, task.classes), 64, 20),
    "TinyCell, 3 stages": (lambda seed: TinyCellSupernet(task, seed=seed), 64, 20),
    "DARTSCell, 5 cells": (lambda seed: DARTSCellSupernet(task, channels=4, normal_cells=1, seed=seed), 16, 20),
    "DARTSCell, 5 cells, untrained": (
        lambda seed: DARTSCellSupernet(task, channels=4, normal_cells=1, seed=seed), 16, 1),
    "DARTSCell, 8 cells, untrained": (
        lambda seed: DARTSCellSupernet(task, channels=4, normal_cells=2, seed=seed), 16, 1),
}  # fmt: skip


def smooth(supernet):
    """Softplus for ReLU, the mean for the maximum."""
    for parent in list(supernet.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Softplus())
            if isinstance(child, nn.MaxPool1d):
                setattr(parent, name, nn.AvgPool1d(child.kernel_size, child.stride, child.padding))
    return supernet


def optimizer_of(supernet, rate):
    return torch.optim.SGD(supernet.weights().values(), rate, momentum=0.9, weight_decay=3e-4)


def trained_a_little(kind, network, rate, seed):
    """A supernet, its optimizer with filled momentum buffers, and a mini-batch each for w and for alpha."""
    make, batch, steps = NETWORKS[network]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        supernet = make(seed)
        order = torch.randperm(len(task.train))[: batch * (steps + 2)]
    supernet = smooth(supernet) if kind == "smooth" else supernet
    inputs, targets = torch.from_numpy(task.train.inputs), torch.from_numpy(task.train.targets)
    *earlier, for_weights, for_alpha = [(inputs[chosen], targets[chosen]) for chosen in order.split(batch)]
    optimizer = optimizer_of(supernet, rate)
    for x, y in earlier:
        optimizer.zero_grad()
        F.cross_entropy(supernet(x), y).backward()
        optimizer.step()
    return supernet, optimizer, for_weights, for_alpha


def copied(supernet, optimizer, numbers):
    """Both once more, in numbers of another type."""
    model = deepcopy(supernet).to(numbers)
    stepper = optimizer_of(model, optimizer.defaults["lr"])
    for old, new in zip(supernet.weights().values(), model.weights().values(), strict=True):
        stepper.state[new]["momentum_buffer"] = optimizer.state[old]["momentum_buffer"].to(numbers)
    return model, stepper


# %% slideshow={"slide_type": "subslide"}
WAYS = {  # xi times this, product, radius, type
    "first order": (0, "exact", 0.01, torch.float64),
    "published": (1, "finite_difference", 0.01, torch.float32),
    "radius 0.01, float64": (1, "finite_difference", 0.01, torch.float64),
    "radius 1e-6, float64": (1, "finite_difference", 1e-6, torch.float64),
}


@experiment(version=1, trains=True)
def error_of_the_gradient(kind: str, network: str, xi: float, seed: int) -> dict:
    """For each way its cosine to the exact gradient, and its distance from it in units of the exact one's length."""
    supernet, optimizer, for_weights, for_alpha = trained_a_little(kind, network, xi, seed)

    def gradient(factor, product, radius, numbers):
        model, stepper = copied(supernet, optimizer, numbers)
        batches = [(x.to(numbers), y) for x, y in (for_weights, for_alpha)]
        how = {"optimizer": stepper, "product": product, "radius": radius}
        found = architecture_gradient(model, *batches, xi=factor * xi, **how)
        return torch.cat([part.double().flatten() for part in found.alpha.values()])

    exact = gradient(1, "exact", 0.01, torch.float64)
    found = {way: gradient(*how) for way, how in WAYS.items()}
    return {
        "cosine": {way: round(F.cosine_similarity(g, exact, dim=0).item(), 6) for way, g in found.items()},
        "distance": {way: float(f"{(g - exact).norm() / exact.norm():.4g}") for way, g in found.items()},
    }


# %% slideshow={"slide_type": "subslide"} tags=["claim-kinks"]
from itertools import product

import pandas as pd

errors = {key: error_of_the_gradient(*key) for key in product(("kinks", "smooth"), NETWORKS, (0.025, 0.1), range(3))}
rows = [
    {"loss with": kind, "network": network, "xi": xi} | error["distance"]
    for (kind, network, xi, _), error in errors.items()
]
grouped = pd.DataFrame(rows).groupby(["loss with", "network", "xi"], sort=False)
both = grouped.median().map(lambda v: f"{v:.2g}") + " (" + grouped.max().map(lambda v: f"{v:.2g}") + ")"
both

# %% slideshow={"slide_type": "subslide"}
for network in NETWORKS:
    these = [error for (kind, name, *_), error in errors.items() if kind == "kinks" and name == network]
    cosines = [error["cosine"]["published"] for error in these]
    worse = sum(error["distance"]["published"] > error["distance"]["first order"] for error in these)
    told = f"cosine {min(cosines):.3f} to {max(cosines):.3f}"
    print(f"{network:30} {told}; farther off than first order: {worse} of {len(these)}")

# %% [markdown]
# It depends on the network. With one cell the published way is a good one. With three stages, where a small shift of the first
# weights switches units all the way up, it is off by a twentieth to a fifth, hundreds of times as much as the smooth network.
# In the space of DARTS itself it is **mostly noise**: with the 5 and 8 cells above it is farther from the gradient that it
# stands for than plain first order in nearly all cases.
#
# Why? In the smooth rows of the DARTS space the error is there too, if smaller: the radius is too large for a network so deep, the
# gradient bends between the two points. float64 alone changes nothing. With a radius of $10^{-6}$ in float64 the formula is right
# to many digits, in the median. But look at the largest values in the rows with kinks: where a unit switches inside even
# that small interval, its jump is divided by $2\epsilon$, and the error is tens to thousands of times as long as the gradient. A
# shorter step meets a kink more seldom, and is hit harder. The exact product costs hardly more time (above), and has no radius.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: brittleness
#
# *When* the search is stopped is a setting as well. Every ten steps we noted the argmax cell: over the last 100 steps, how
# many different ones, and what are they worth?

# %% slideshow={"slide_type": "fragment"} tags=["claim-darts-brittle"]
for seed, found in enumerate(seeds):
    late = list(dict.fromkeys(found["cells"][-10:]))
    worth = [accuracy(cell) for cell in late]
    told = f"{min(worth):.1%} to {max(worth):.1%}"
    skips = space.parse(found["cell"]).operations.count("skip_connect")
    print(f"seed {seed}: {len(late)} cells in the last 100 steps, alone {told}; {skips} skips at the end")

# %% [markdown]
# The deck warns of convergence to skip connections only. Whether it shows here, the last column says. There are settings in
# which it does: lecture 9 makes them, looks at the curvature, and mends them ([@zela2020], [@wang2021]).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Three operations deliver 1, 1 and 4, all alphas are equal. What is the derivative of the output in each alpha?</summary>
#
# The mixture is 2; (1 - 2)/3, (1 - 2)/3 and (4 - 2)/3.
# </details>
#
# <details><summary><b>2.</b> What does first order treat as constant?</summary>
#
# The weights: that w would follow alpha is forgotten. In the toy it therefore ends where another problem is solved.
# </details>
#
# <details><summary><b>3.</b> A supernet reaches 97 %. Its argmax cell, with the supernet's weights, 40 %. Is there a bug?</summary>
#
# Not necessarily. The weights were trained for the mixture. Discretization removes four of five outputs on each edge.
# </details>
#
# <details><summary><b>4.</b> Somebody reports one DARTS run, the best of four by validation accuracy, as its result. What is missing?</summary>
#
# The spread over seeds, the time of all four runs, and random search with that time.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. mixed operation by hand | three numbers; quiz 1 |
# | 2. bilevel, first and second order | the toy, kinks; quiz 2 |
# | 3. read a search | live and replay |
# | 4. the size of the space | two counts |
# | 5. judge a result | five seeds against random search; quiz 4 |
#
# **Now write it yourself:** [exercises 8](../exercises/08_darts.ipynb): the mixed operation with its gradient, and the gradient
# one step ahead. In the end your own gradient finds what first order cannot see.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions (5) - relaxation on the blackboard (8) - toy (7) - algorithm (8) - replay (5) - five seeds
# and who guessed what (8) - quiz 3 and 4 (4). Leave out: kinks, second order's time.
#
# **90 minutes:** everything; the room derives the derivative of the mixture (10); in pairs, one setting of the theatre
# changed, said first, then run (15); the old questions, one a group (15).
#
# **Three demonstrations:** (1) the toy with xi = 0.5; (2) the theatre with "skip, 3x3 conv": which one leads early, which late?
# (3) the replay: drag the slider to the moment where the verdict jumps, and look at what alpha did there (hardly anything).

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "Alpha measures how good an operation is": it measures how the mixture's loss changes, with these
# weights. "Second order solves the bilevel problem": it looks one step ahead. "The search loss is the quality": of the
# mixture. "Gradient descent must beat random search": at equal time that is a question to be measured.
