# %% [markdown] slideshow={"slide_type": "slide"}
# # 7. One-shot models: one network that holds them all
#
# Until now each architecture had weights of its own, and a training of its own. A **one-shot model** ([@pham2018; @bender2018]) is
# one large network that contains all architectures of the space as parts. Train it once, and every architecture has weights: those of its part.
#
# After this lecture you can
#
# 1. read an architecture as a path, or a subgraph, of a multigraph, and count how many a model holds;
# 2. say which weights a step with a sampled path changes, and why no others;
# 3. explain why training the whole model plainly gives poor single paths;
# 4. use a trained one-shot model: sample, rank, retrain, and say what batch normalization needs;
# 5. measure the pitfall: how well do shared weights rank architectures?

# %% slideshow={"slide_type": "fragment"}
import networkx as nx

from nas_edu import draw
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

path = Cell(("nor_conv_3x3", "skip_connect", "nor_conv_1x1", "avg_pool_3x3", "none", "nor_conv_3x3"))
multigraph = nx.MultiDiGraph(name="supernet")
for edge in EDGES:
    for operation in OPERATIONS[1:]:
        multigraph.add_edge(*edge, operation=operation, live=path.live_edges.get(edge) == operation)
draw.graph(multigraph, title="The one-shot model of TinyCell, and one architecture in it", legend=False)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Nodes are tensors, edges are operations, and what enters a node is added up. An architecture is a choice of edges; the faded
# ones are there, with their weights, for all the others. `none` is the edge that is not drawn.
#
# > Does an architecture with *borrowed* weights rank where it would rank with weights of its own?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# We train one model for 600 mini-batches, each on one path drawn uniformly, on MNIST-1D. Then 40 cells are judged with the
# shared weights, and compared with the table of real trainings. Which Kendall's tau do you expect (0: no relation, 1: the same
# order)? And which one if all operations are trained together, always, for about as long?

# %%
guess_paths, guess_plain = 0.8, 0.5  # your guesses

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How many architectures does one network hold?

# %% slideshow={"slide_type": "fragment"} tags=["claim-one-model-holds-them-all"]
# NBVAL_CHECK_OUTPUT
from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.one_shot import Fabric, FabricSpace, TinyCellSupernet

task, space = load("mnist1d"), TinyCell()
supernet = TinyCellSupernet(task, statistics="running")
shared = sum(p.numel() for p in supernet.weights().values())
largest = sum(p.numel() for p in build(Cell(("nor_conv_3x3",) * 6), task).parameters())
apart = sum(sum(p.numel() for p in build(cell, task).parameters()) for cell in space.distinct()[::100]) * 100
print(f"architectures: {len(space):,} = {len(OPERATIONS)}^{len(EDGES)}, of {len(space.distinct()):,} functions")
print(f"weights of the one-shot model: {shared:,}; of its largest architecture alone: {largest:,}")
print(f"weights of all functions, each for itself, from every hundredth: about {apart / 1e6:.0f} million")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The first one: convolutional neural fabrics
#
# A fabric ([@saxena2016]) is a grid of layers and scales. From a node, convolutions lead to the next layer: to the same scale, to
# a coarser one (strided in the paper; here averaged first) or to a finer one (enlarged). In the first layer edges also lead down, in the last one towards the
# output. Each path from input to output is a network, and edges that two paths have in common share their weights.
#
# How many paths? Not by listing them: to node $v$ lead as many paths as to all its sources together,
#
# $$ \text{paths}(v) = \sum_{(u, v)} \text{paths}(u), \qquad \text{paths}(\text{input}) = 1 $$

# %% slideshow={"slide_type": "fragment"} tags=["claim-fabric-paths"]
from itertools import pairwise
from random import Random

from nas_edu.draw.figure import Plot

fabric = FabricSpace(layers=6, scales=4)
one = fabric.sample(Random(1))
plot = Plot("A fabric of 6 layers and 4 scales, with one path in colour", figsize=(8, 4), layout="constrained")
axes = plot.subplots()
for source, node in fabric.edges:
    on_path = (source, node) in pairwise(one)
    axes.annotate(
        "",
        xy=node,
        xytext=source,
        arrowprops={
            "arrowstyle": "-|>",
            "shrinkA": 17,
            "shrinkB": 17,
            "color": "#0072B2" if on_path else "0.75",
            "linewidth": 3.5 if on_path else 1.2,
        },
    )
for node, paths in fabric.paths_to.items():
    axes.plot(*node, "o", markersize=34, color="white", markeredgecolor="#0072B2" if node in one else "0.5")
    axes.text(*node, f"{paths}", ha="center", va="center", fontsize=13, color="black")
axes.set(
    xlim=(-0.5, 5.5), ylim=(3.5, -0.5), xlabel="layer", ylabel="scale (finest above)", xticks=range(6), yticks=range(4)
)
axes.grid(visible=False)
axes.set_title("In each node: how many paths lead to it", fontsize=15)
plot

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
by_listing = sum(1 for _ in nx.all_simple_paths(fabric.to_graph(), fabric.input, fabric.output))
print(f"6 layers, 4 scales: {fabric.number_of_paths:,} paths; listed one by one: {by_listing:,}")
for layers, scales in ((8, 5), (16, 6), (32, 7)):
    larger = FabricSpace(layers, scales)
    print(f"{layers} layers, {scales} scales: {len(larger.edges)} edges, {larger.number_of_paths:.2e} paths")

# %% [markdown]
# Edges grow with the product of layers and scales, paths exponentially: that is why one trains the model and not the paths. A
# small real fabric, whole, as in the paper: all paths at once, no selection.

# %% slideshow={"slide_type": "fragment"}
import torch

from nas_edu.one_shot.supernet import mini_batches, optimizer_of_weights, update_weights

small = Fabric(FabricSpace(3, 3), task, channels=8)
batches, optimizer = mini_batches(task.train, 64, Random(0), small), optimizer_of_weights(small, 0.1, 3e-4)
inputs, targets = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
for step in range(121):
    if step % 60 == 0:
        with torch.no_grad():
            accuracy = (small(inputs).argmax(1) == targets).float().mean().item()
        print(f"step {step:3}: the whole fabric classifies {accuracy:.1%} of the validation signals correctly")
    update_weights(small, optimizer, next(batches))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cells, and the goal
#
# In a cell space the model is the multigraph above, once in each stage, and an architecture is a *subgraph*: one operation on each
# edge. The goal is to **extract the best architecture** from the trained model. So each part must be worth something
# by itself, and the order of the parts must be right.
#
# ## Why not simply train the whole model?
#
# It has no cycle, so backpropagation applies: sum all operations of all edges, run SGD, done. Below is what comes of it: three seeds
# of each training on MNIST-1D, 40 cells judged with the shared weights. All of it is stored;
# `make experiments NAMES="one_shot_training"` computes it anew, in some ten minutes.

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import time

import numpy as np

from nas_edu.one_shot import rank_with_shared_weights
from nas_edu.performance_estimation import Train


def some_cells(count=40, seed=0):
    """Of different functions, drawn uniformly from all functions that are not dead."""
    return Random(seed).sample([cell for cell in space.distinct() if cell.live_edges], count)


def accuracies(shared, cells):
    """With the shared weights, in the order of `cells`."""
    scores = {trial.architecture: trial.score for trial in rank_with_shared_weights(shared, cells)}
    return [round(scores[cell], 4) for cell in cells]


def accuracy_of_all(supernet):
    """Of the whole model, all operations at once."""
    everything = {"cell": torch.ones_like(supernet.alpha["cell"])}
    with torch.no_grad():
        hits = [supernet(x, mixing=everything).argmax(1) for x in inputs.split(500)]
    return round((torch.cat(hits) == targets).double().mean().item(), 4)


def timed(steps, seconds):
    """The same steps; `seconds` gets the CPU time of each, and not what is done between them."""
    while True:
        began = time.process_time()
        step = next(steps, None)
        seconds.append(time.process_time() - began)
        if step is None:
            return
        yield step


def seconds_of_one_cell():
    """CPU seconds of a real training on this machine: the median of three cells."""
    evaluate = Train(task, device="cpu", clock=time.process_time)
    return sorted(evaluate(cell).cost for cell in some_cells(3, 2))[1]


# %% slideshow={"slide_type": "subslide"}
from nas_edu import experiment
from nas_edu.one_shot import FastTinyCellSupernet, SharedWeights, enas, random_search_ws, train_one_shot_model

STEPS, PLAIN_STEPS, SEEDS = 600, 200, range(3)  # a step of the whole model runs three times as many operations and more
uniform, plain, dropped = "random search with weight sharing", "plain", "plain with path dropout"


@experiment(version=1, trains=True)
def shared_weights_on_digits(learning_rate: float, seed: int, steps: int = 500):
    """Mean accuracy of cells with the shared weights: this fixed the learning rate."""
    digits = load("digits")
    model = TinyCellSupernet(digits, statistics="running", seed=seed)
    for _ in random_search_ws(model, space, digits, steps=steps, learning_rate=learning_rate, rng=Random(seed)):
        pass
    return round(float(np.sum(accuracies(SharedWeights(model, digits), some_cells(30, 1))) / 30), 4)


RATE = max((0.025, 0.1), key=lambda rate: sum(shared_weights_on_digits(rate, seed) for seed in range(2)))


@experiment(version=1, trains=True)
def one_shot_training(method: str, seed: int, steps: int):
    """What a training of the shared weights takes, and what they say then about 40 cells, and about 50 others."""
    whole = method in (plain, dropped)
    kind, statistics = (FastTinyCellSupernet, "batch") if whole else (TinyCellSupernet, "running")
    model = kind(task, statistics=statistics, seed=seed)
    common = {"steps": steps, "learning_rate": RATE, "rng": Random(seed)}
    training = {
        uniform: random_search_ws(model, space, task, **common),
        "ENAS": enas(model, space, task, **common),
        plain: train_one_shot_model(model, task, **common),
        dropped: train_one_shot_model(model, task, path_dropout=0.05, **common),  # 0.05: not tuned
    }[method]
    shared, ranked, seconds = SharedWeights(model, task), {}, []
    for step in timed(training, seconds):
        if method == uniform and step.index + 1 in (50, 200):
            ranked[str(step.index + 1)] = accuracies(shared, some_cells())
    found = {"ranked": ranked | {"end": accuracies(shared, some_cells())}, "seconds": {"training": sum(seconds)}}
    if whole:
        found["whole"] = accuracy_of_all(model)
    else:
        found["left"] = accuracies(SharedWeights(model, task, recompute=False), some_cells())
        began = time.process_time()
        found["selected"] = accuracies(shared, some_cells(50, 100 + seed))
        found["seconds"]["judging"] = time.process_time() - began
    if method == "ENAS":
        found["most probable"], found["entropy"] = str(step.architecture), round(step.losses["entropy"], 3)
    found["seconds"]["one cell"] = seconds_of_one_cell()
    return found


runs = {
    method: [one_shot_training(method, seed, PLAIN_STEPS if method in (plain, dropped) else STEPS) for seed in SEEDS]
    for method in (uniform, "ENAS", plain, dropped)
}

# %% slideshow={"slide_type": "fragment"} tags=["claim-co-adaptation"]
from collections import Counter

from scipy.stats import kendalltau

from nas_edu.nas_bench import NASBenchEdu

table = NASBenchEdu.load("mnist1d")
cells = some_cells()
alone = [table.query(cell, seed=0).validation_accuracy for cell in cells]


def told(values, form="{:+.2f}"):
    """The median, and the smallest and the largest of the seeds."""
    low, middle, high = (form.format(value) for value in np.quantile(values, (0, 0.5, 1)))
    return f"{middle} ({low} to {high})"


def taus(method, which="end"):
    return [kendalltau(alone, found["ranked"][which])[0] for found in runs[method]]


def in_trainings(method, part):
    """What a part of it took, in trainings of one cell on the same machine."""
    return [found["seconds"][part] / found["seconds"]["one cell"] for found in runs[method]]


def tell(method):
    """What a training cost, in trainings of one cell on the same machine, and what its weights are good for."""
    means = [np.mean(found["ranked"]["end"]) for found in runs[method]]
    print(f"{method}: takes as long as {told(in_trainings(method, 'training'), '{:.1f}')} trainings of a single cell")
    print(f"    accuracy of a cell with shared weights, mean {told(means, '{:.1%}')}; tau {told(taus(method))}")
    if method in (plain, dropped):
        print(
            f"    the whole model, all operations at once: {told([found['whole'] for found in runs[method]], '{:.1%}')}"
        )


print(f"trained alone: mean {np.mean(alone):.1%}, best {max(alone):.1%}\n")
for method in (uniform, plain, dropped):
    tell(method)
counts = Counter((edge, operation) for cell in space for edge, operation in cell.live_edges.items())
fewest, most = (extreme(counts.values()) / len(space) for extreme in (min, max))
print(f"\nan operation of an edge is on a live edge in {fewest:.0%} to {most:.0%} of all paths")
print(f"two unrelated orders of 40 cells: tau 0, with a standard deviation of {np.sqrt(170 / (9 * 40 * 39)):.2f}")
print(f"\nyou guessed tau {guess_paths} for sampled paths and {guess_plain} for the whole model trained plainly")

# %% [markdown]
# Trained plainly, the *whole* model learns something, and its parts next to nothing: alone, a cell is close to chance (10 %). The order of
# the cells is of no use: in two seeds it is rather the reverse of the table's (by about two standard deviations), in one unrelated. Each
# operation was trained in the company of all others: **co-adaptation**. The weights are made for the sum of all operations; no single
# architecture is ever run, so none is trained to work alone, least of all the best one.
#
# With sampled paths, cells do better with the shared weights. They are still far from what they reach alone: 600 mini-batches are not quite
# ten epochs, and only the live edges of a path are run, so each operation is trained in a fifth of them or less. The comparison is a rough
# one: the trainings do not take equally long, and the learning rate was chosen on another task (digits), for uniform paths only.
#
# There is a way between the two. [@bender2018] train the whole model and drop operations at random, more and more often during the training
# (`path_dropout` in `train_one_shot_model`), so that none can rely on the company of all others. One path a mini-batch is the extreme of this. Here,
# with one rate that was not tuned, cells become clearly better than by plain training, but their order does not: tau is on both sides of zero.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One path a mini-batch
#
# | Training a one-shot model | In the code below |
# | --- | --- |
# | for each mini-batch | `for step in range(steps)` |
# | sample one architecture: uniformly (RSWS, [@li2019]) or from a learned policy (ENAS, [@pham2018]) | `space.sample(rng)`, `policy.sample(rng)` |
# | update only the weights of this architecture | `update_weights(..., architecture=...)` |
#
# **Two edges, two operations, one step.** A model of four numbers: edge 1 multiplies by $a$ or $b$, edge 2 by $c$ or $d$. The path
# $(a, d)$ is drawn; $x = 1$, the target is 2, the loss $\frac12 (y - 2)^2$, the rate 0.1. Which numbers change? On paper first.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
w = {"a": 1.0, "b": 3.0, "c": -1.0, "d": 0.5}
before, sampled = dict(w), ("a", "d")
y = w["a"] * w["d"]  # x = 1
slope = y - 2.0
gradient = {"a": slope * w["d"], "d": slope * w["a"]}  # b and c have none
for name in sampled:
    w[name] -= 0.1 * gradient[name]
print(f"y = {y}, loss = {slope**2 / 2:.3f}, gradient = {gradient}")
print("  ".join(f"{name}: {before[name]} -> {w[name]:.3f}" for name in w))
for first in "ab":
    for second in "cd":
        was, now = before[first] * before[second], w[first] * w[second]
        print(
            f"path ({first}, {second}): output {was:+.3f} -> {now:+.3f}"
            + "  (not sampled)" * ((first, second) != sampled)
        )

# %% [markdown]
# $b$ and $c$ stand still. But the *paths* $(a, c)$ and $(b, d)$ have changed all the same, and nobody looked whether for the better:
# they share a weight with the path that was trained. That is weight sharing, its gain and its problem in one.
#
# In a real optimizer there are two traps: momentum and weight decay move a weight whose gradient is *zero*. It must have *no*
# gradient.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show

show(random_search_ws)
show(update_weights)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ENAS: a policy chooses the paths
#
# Two phases take turns: $w$, on training samples, with paths from the policy; $\theta$, by REINFORCE (lecture 4), with the accuracy of a
# sampled path on *validation* samples as reward. At the end, the paper ([@pham2018]) samples some paths from the policy and retrains the best.
#
# Below, "ENAS" means something else: cells that are drawn *uniformly* and ranked with the weights that ENAS has trained, as with
# uniform paths. Only the "most probable cell" comes from the policy.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
show(enas)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live
#
# Press **Run**: paths are drawn and trained. The first picture counts how often each operation was trained, so it counts live edges only.
# Every 25 paths, 16 cells of the table are judged with the shared weights. The other two pictures compare their order with that of the
# table, which the training never sees. Where a reader has no browser, it stops after 75 paths.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import Budget
from nas_edu.one_shot import probed
from nas_edu.widgets import live, sampled_paths, shared_against_alone, shared_tau
from nas_edu.widgets.present import in_browser

watched, worth = cells[:16], alone[:16]
length = 1000 if in_browser() else 75


def training():
    model = TinyCellSupernet(task, statistics="running")
    steps = random_search_ws(model, space, task, steps=length, learning_rate=RATE, rng=Random(0))
    return probed(steps, SharedWeights(model, task), watched, every=25)


dashboard = live(
    training,
    Budget(steps=length),
    [sampled_paths, shared_against_alone(worth), shared_tau(worth)],
    title="Random search with weight sharing",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The pitfall, measured
#
# Selecting by shared weights is sub-optimal unless their order is the order of the trained networks. By the number of paths that
# were trained (each ranking from the same 40 cells; the learning rate falls until the last one):

# %% slideshow={"slide_type": "fragment"} tags=["claim-rank-correlation"]
for count in (50, 200, "end"):
    means = [np.mean(found["ranked"][str(count)]) for found in runs[uniform]]
    paths = STEPS if count == "end" else count
    print(f"{paths:5} paths: tau {told(taus(uniform, str(count)))}; mean accuracy {told(means, '{:.1%}')}")
tell("ENAS")
best = np.argsort(alone)[-15:]
print("\namong the 15 best of the 40 only:")
for method in (uniform, "ENAS"):
    ends = [np.array(found["ranked"]["end"]) for found in runs[method]]
    print(f"    {method}: tau {told([kendalltau(np.array(alone)[best], end[best])[0] for end in ends])}")
print(f"    two unrelated orders of 15 cells: tau 0, with a standard deviation of {np.sqrt(70 / (9 * 15 * 14)):.2f}")

# %% slideshow={"slide_type": "subslide"}
plot = Plot(
    "Accuracy with shared weights over accuracy trained alone, 40 cells", figsize=(8, 3.6), layout="constrained"
)
panels = plot.subplots(1, 3, sharey=True, sharex=True)
for panel, method in zip(panels, (uniform, "ENAS", plain), strict=True):
    panel.axhline(0.1, color="0.4", linewidth=1.5, linestyle=":")
    panel.plot(alone, runs[method][0]["ranked"]["end"], "o", color="#0072B2", markersize=5, alpha=0.7)
    panel.set_title({uniform: "uniform paths"}.get(method, method), fontsize=15)
    panel.set_xlabel("trained alone")
panels[0].set(xlim=(0.4, 1), ylim=(0, None), ylabel="with shared weights")
panels[0].text(0.41, 0.09, "chance", ha="left", va="top", fontsize=13, color="0.25")
plot.suptitle("Accuracy of 40 cells (seed 0)", fontsize=16)
plot

# %% [markdown]
# More paths make the cells better, but not their *order*: with uniform paths, tau rises until 200 paths and is lower again after 600, in all
# three seeds. The weights of ENAS order the cells better than those of 600 uniform paths, in each seed, although a cell is worse with them on
# average. Perhaps because the policy trains what it prefers more often, and leaves the others behind: we have not tested it. Among the 15 best,
# where a selection happens, we find nothing that could be told from zero; but these cells lie close together in the table, and a tau of so few
# has a large error.
#
# Do not read too much into small differences. We repeated the uniform paths on another machine: with the same seed, the rankings were still
# equal after 50 paths, and in the end the taus differed by up to about the error of one tau. Rounding is enough for that. But in no training
# do the shared weights order the cells as the table does: **the pitfall is real here**. These trainings are short. A longer one is the first
# thing to try: change `STEPS` in the cell of the experiment and run it. What is not stored for this number of steps is computed, and then
# stored. We have not measured it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Batch normalization: whose averages?
#
# In evaluation, batch normalization uses averages that it collected in training. Those of a one-shot model were collected over *all
# paths*: an edge gets a different input on each. They fit no path. `SharedWeights` runs the path on 1,000 training signals first and
# takes their averages (no weight is trained). The same weights, the same cells, without and with that. (For the same reason, the reward of
# ENAS is normalized by its own mini-batch.)

# %% slideshow={"slide_type": "fragment"} tags=["claim-batch-norm-statistics"]
for method in (uniform, "ENAS"):
    for name, pick in (("averages as left", lambda f: f["left"]), ("recomputed", lambda f: f["ranked"]["end"])):
        scores = [pick(found) for found in runs[method]]
        tau = [kendalltau(alone, some)[0] for some in scores]
        print(f"{method}, {name}: tau {told(tau)}; mean accuracy {told([np.mean(some) for some in scores], '{:.1%}')}")

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.one_shot import one_shot_selection

show(one_shot_selection)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does it beat random search at equal CPU time?
#
# Three steps: (1) draw 50 cells and rank them with the shared weights; (1b, optional) train the K = 5 best for three epochs; (2) train the best
# one fully. Without 1b, K = 1. The bill is CPU time on one core: for the shared weights, for the ranking, and for the trainings at the end. We
# tell it in real trainings on the same machine. Random search pays the same bill for real trainings. It draws from the same population:
# each function once, no dead cells. The table says what the best of so many is worth.


# %% slideshow={"slide_type": "fragment"} tags=["claim-one-shot-against-random-search"]
from nas_edu import Evaluation, search
from nas_edu.search_spaces import Subspace


def full(cell):
    return table.query(cell, seed=0).validation_accuracy


def percentile(value):
    return 100 * (known < value).mean()


def selected(found, seed, keep):
    """The cell that a selection ends with: the 50 cells are ranked by what is stored, and trained as the table did."""
    looked = some_cells(50, 100 + seed)
    scores = dict(zip(looked, found["selected"], strict=True))

    def shared(cell, *, epochs=None, resume=None):
        return Evaluation(scores[cell])

    some = Subspace(space, looked)
    selection = one_shot_selection(some, shared, table.evaluate, samples=50, keep=keep, epochs=3, rng=Random(seed))
    return search(selection, Budget(evaluations=100)).trials[-1].architecture


known = np.array([full(cell) for cell in space.distinct() if cell.live_edges])
generator = np.random.default_rng(0)
for method in (uniform, "ENAS"):
    for part, name in (("training", "training the shared weights"), ("judging", "ranking 50 cells")):
        print(f"{method}, {name}: {told(in_trainings(method, part), '{:.1f}')} real trainings")
    for keep in (1, 5):
        results, bills, beaten = [], [], []
        for seed, found in enumerate(runs[method]):
            shared_weights = in_trainings(method, "training")[seed] + in_trainings(method, "judging")[seed]
            trainings = round(shared_weights + 1 + (0.3 * keep if keep > 1 else 0))
            randomly = generator.choice(known, (20_000, trainings)).max(axis=1)
            results.append(full(selected(found, seed, keep)))
            bills.append(trainings)
            beaten.append((randomly >= results[-1]).mean())
        places = told([percentile(result) for result in results], "{:.0f}")
        print(f"  K = {keep}: bill of {told(bills, '{:.0f}')} trainings; accuracy {told(results, '{:.1%}')}")
        print(f"    percentile {places}; random search is as good or better in {told(beaten, '{:.0%}')} of its runs")
probable = [full(space.parse(found["most probable"])) for found in runs["ENAS"]]
places = told([percentile(result) for result in probable], "{:.0f}")
print(f"ENAS, most probable cell: accuracy {told(probable, '{:.1%}')}; percentile {places}")
entropies = [found["entropy"] for found in runs["ENAS"]]
print(f"    entropy of the policy: {told(entropies, '{:.1f}')} nats (uniform: {6 * np.log(5):.1f})")
print(f"    as spread as a uniform choice among {told(np.exp(entropies), '{:.1f}')} cells")

# %% [markdown]
# **Not here.** With uniform paths and with the weights of ENAS, with K = 1 and with K = 5, the middle seed loses: random search with the same
# bill is as good or better in most of its runs. Single seeds win, and three seeds are few.
#
# - **1b** helps uniform paths in the middle seed: a short real training corrects what the shared weights ranked wrongly. With ENAS it helps little.
# - **The better order** of ENAS (tau, above) does not show here. It is the order of all cells; a selection needs that of the best.
# - **The policy** has nearly settled in one seed and is still spread over many cells in another. Its most probable cell is about as good as what a
#   ranking of uniformly drawn cells finds. [@li2019] found uniform paths as good as ENAS; three seeds can neither confirm that nor contradict it.
#
# Times are CPU seconds on busy machines, each told in trainings on the same machine. The bill depends on the code as well: the real trainings run
# code that was made fast for these cells, the paths run ordinary layers. And a real training is cheap here. Where one takes a day, the bill
# looks different; the quality of the ranking does not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Memory and time of a step
#
# One path needs the tensors of one architecture; the mixture those of all:

# %% slideshow={"slide_type": "fragment"} tags=["claim-memory-of-a-path"]
from nas_edu.one_shot import activation_memory

x, y = inputs[:64], targets[:64]
model = TinyCellSupernet(task)
without = [x, *model.parameters()]


def needs(**run):
    return activation_memory(lambda: torch.nn.functional.cross_entropy(model(x, **run), y), without=without)


mixture = needs()
paths = np.array([needs(architecture=space.sample(Random(n))) for n in range(30)]) / mixture
print(f"mixture: {mixture / 1e6:.1f} MB for a batch of 64; one path: {told(paths, '{:.2f}')} of it, 30 paths")
steps = {name: np.median([found["seconds"]["training"] for found in runs[name]]) for name in (uniform, plain)}
each = steps[uniform] / STEPS, steps[plain] / PLAIN_STEPS
print(f"a step: path {1000 * each[0]:.0f} ms, all operations (the fast mixture) {1000 * each[1]:.0f} ms of CPU time")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails, and why
#
# - **Co-adaptation**: weights that were trained in company are poor alone (first experiment).
# - **Interference**: a weight serves all paths that it lies on. Each step of another path moves it (the four numbers above).
# - **Statistics**: averages of batch normalization that belong to no path.
# - **The top**: selection needs the order of the *best* cells, and there we found none that could be told from zero.
# - **The bill**: sharing pays when a single training is expensive against the training of the model. Here a training is cheap.
#
# ## Quiz
#
# <details><summary><b>1.</b> A fabric has one scale and ten layers. How many paths?</summary>
#
# One: there is nowhere to turn.
# </details>
#
# <details><summary><b>2.</b> An operation is on no sampled path for a hundred steps. SGD with momentum and weight decay gives it gradients of zero. What happens to its weights?</summary>
#
# They drift on, by momentum, and shrink, by decay. They must have no gradient at all.
# </details>
#
# <details><summary><b>3.</b> With shared weights, two cells reach 41 % and 44 %; trained alone, cells reach 90 % and more. Are the shared weights useless?</summary>
#
# Not for that reason: a ranking needs the order, not the level. Whether the order is right is a question of its own.
# </details>
#
# <details><summary><b>4.</b> Why do we judge ENAS's reward on validation samples?</summary>
#
# With training samples, the policy would be paid for paths that learn the training set by heart.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. paths, subgraphs, counts | multigraph, fabrics; quiz 1 |
# | 2. which weights change | four numbers; quiz 2 |
# | 3. co-adaptation | plain training against sampled paths |
# | 4. sample, rank, retrain; statistics | selection, batch normalization |
# | 5. the pitfall | Kendall's tau over seeds; quiz 3 |
#
# **Now write it yourself:** [exercises 7](../exercises/07_one_shot.ipynb): the paths of a fabric, and a step that touches only its path.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions (5) - how many, fabrics (8) - four numbers on the blackboard (8) - live (7) - pitfall and who guessed
# what (8) - equal time (5) - quiz 2 and 3 (4). Leave out: ENAS's code, memory.
#
# **90 minutes:** everything; the room counts the paths of a fabric of 3 layers and 3 scales by hand (10); in pairs, one setting of the live
# training changed, said first, then run (15).
#
# **Three demonstrations:** (1) the fabric with one more scale: which numbers change? (2) the live training: when does tau rise, when the mean
# accuracy? (3) `SharedWeights(model, task, recompute=False)` in the live cell.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The shared weights are good weights": they are a compromise. "Only the sampled architecture changes": all that share a
# weight with it do. "A high accuracy of the model means good parts": see plain training. "ENAS searches, RSWS does not": both rank in the end.
