# %% [markdown] slideshow={"slide_type": "slide"}
# # 9. Beyond DARTS
#
# DARTS of lecture 8 searches in less than a minute. It has two faults that people have worked on ever since: it is **brittle**
# (it may end in a cell of skip connections), and it keeps **everything in memory**. This lecture breaks it, repairs it, and
# then looks at three methods that need less memory.
#
# After this lecture you can
#
# 1. run the perturbation-based selection by hand, and say why alpha is not the worth of an operation;
# 2. say what the dominant eigenvalue of the validation loss tells, and stop a search by it;
# 3. explain with a measurement why DARTS takes skips, and name two remedies that act on w, not on alpha;
# 4. work out the activation memory of a supernet, and say what "impossible on ImageNet" means in gigabytes;
# 5. compute a Gumbel-softmax sample, a binary gate's gradient and a partial channel mixture for three operations;
# 6. compare one-shot methods fairly: same space, same clock, same seeds, true accuracy.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "skip"}
# The first experiment: the section "Break it" explains it, and shows this code.
import random
from dataclasses import replace

import numpy as np
import torch

from nas_edu import draw, show
from nas_edu.core import Split, experiment
from nas_edu.data import load
from nas_edu.one_shot import FastTinyCellSupernet, darts, dominant_eigenvalue
from nas_edu.search_spaces import TinyCell

task, parse = load("mnist1d"), TinyCell().parse
SEARCHED = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
BRITTLE = {"steps": 500, "batch_size": 32, "alpha_learning_rate": 0.03, "weight_learning_rate": 0.5}


def with_wrong_labels(task, samples=200, wrong=0.75):
    """The task with few training samples, most of them with a random label; validation is as it always was."""
    draws = np.random.default_rng(0)
    changed = draws.random(samples) < wrong
    targets = np.where(changed, draws.integers(0, task.classes, samples), task.train.targets[:samples])
    return replace(task, train=Split(task.train.inputs[:samples], targets))


@experiment(version=1, trains=True)
def darts_on_wrong_labels(weight_decay: float, seed: int) -> dict:
    """After every ten steps: the eigenvalue, alpha, the argmax cell, and the mean losses of these ten."""
    spoilt = with_wrong_labels(task)
    supernet = FastTinyCellSupernet(spoilt, operations=SEARCHED, seed=seed)
    watched = torch.from_numpy(spoilt.validation.inputs[:64]), torch.from_numpy(spoilt.validation.targets[:64])
    found = {name: [] for name in ("steps", "eigenvalues", "alphas", "cells", "train", "validation")}
    ten = []
    for step in darts(supernet, spoilt, **BRITTLE, weight_decay=weight_decay, rng=random.Random(seed)):
        ten.append(step.losses)
        if len(ten) == 10:
            found["steps"].append(step.index + 1)
            found["eigenvalues"].append(float(f"{dominant_eigenvalue(supernet, watched):.4g}"))
            found["alphas"].append(step.alpha["cell"].astype(float).round(4).tolist())
            found["cells"].append(str(step.architecture))
            for name in step.losses:
                found[name].append(round(float(np.mean([losses[name] for losses in ten])), 4))
            ten = []
    return found


# %% slideshow={"slide_type": "fragment"}
DECAY = {"no L2": 0.0, "strong L2": 0.05}
collapse = {name: [darts_on_wrong_labels(decay, seed) for seed in range(5)] for name, decay in DECAY.items()}
broken, repaired = (collapse[name][0]["cells"][-1] for name in DECAY)
draw.cells([parse(broken), parse(repaired)], captions=["DARTS returns", "the same search, one number changed"])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Both cells come from the same code, the same data, the same seed. The number that differs is the weight decay of w.
#
# > Why does gradient descent on the validation loss choose operations that compute nothing? Is alpha to blame, or w, or the way
# > in which the final cell is read off? And what does each repair cost?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# One step of DARTS on TinyCell keeps some 13 MB of activations for a mini-batch of 64. TinyCell has five operations on an edge.
# Guess the memory of the other methods as a part of that. And: of three seeds, in how many will the cell that argmax reads off
# and the cell that perturbation-based selection reads off *the same supernet* be equal?

# %%
guess = {"GDAS": 0.20, "ProxylessNAS": 0.40, "PC-DARTS": 0.25}  # your guesses
guess_equal = 1

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Selection: what is an operation worth?
#
# DARTS keeps the operation with the largest alpha. [@wang2021] ask what the supernet would *lose* without an operation:
#
# | Algorithm 1 of the paper | In the code below |
# | --- | --- |
# | **while** edges are undecided, pick one at random | `for kind, e in undecided` |
# | **for all** operations o on it: accuracy of the supernet without o | `_removed(mixing, kind, place)`, `validate` |
# | keep the o whose removal costs most: argmin of that accuracy | `kept = min(...)` |
# | tune the remaining supernet | `update_weights(..., mixing=mixing)` |

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.one_shot import perturbation_selection
from nas_edu.one_shot.perturbation import decisions

show(perturbation_selection)
show(decisions)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: edges fall one by one
#
# A short DARTS search on MNIST-1D, then Algorithm 1 on its supernet. *The shortest bar wins*: without this operation the
# supernet is worst. The heat map shows the mixing weights; decided edges are one-hot. Press **Run**.

# %% slideshow={"slide_type": "fragment"}
from copy import deepcopy

from nas_edu import Budget
from nas_edu.widgets import alpha_heat_map, live, mixed_cell, perturbation

few = Split(task.validation.inputs[:1000], task.validation.targets[:1000])  # so that no bar keeps you waiting
quick = replace(task, validation=few)
supernet = FastTinyCellSupernet(task, seed=0)
rates = {"alpha_learning_rate": 0.01, "weight_learning_rate": 0.025}
*_, last = darts(supernet, quick, steps=60, batch_size=32, **rates, rng=random.Random(0))
by_argmax, alpha = last.architecture, supernet.mixing()["cell"].detach().clone()

deciding = live(
    lambda: perturbation_selection(deepcopy(supernet), quick, tuning_steps=10, batch_size=32, rng=random.Random(0)),
    Budget(steps=6),
    views=[perturbation, alpha_heat_map, mixed_cell],
)

# %% [markdown]
# Are the two opinions the same? Each edge has five operations: their order by alpha against their order by loss of accuracy. The
# first is one number for a whole search, the second is measured on 1,000 validation signals. Kendall's tau is 1 for the
# same order, 0 for none.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "skip"}
# Longer searches, by five methods: the section "The comparison" explains them, and shows this code.
import time

from nas_edu.one_shot import PartialChannelSupernet, TinyCellSupernet, gdas, pc_darts, proxyless_nas


@experiment(version=1, trains=True)
def one_shot_search(method: str, seed: int) -> dict:
    """The cell that a method returns, and CPU seconds."""
    rng, began = random.Random(seed), time.process_time()
    settings = {"batch_size": 32, "alpha_learning_rate": 0.01, "weight_learning_rate": 0.025, "rng": rng}
    match method:
        case "DARTS":
            steps = darts(FastTinyCellSupernet(task, seed=seed), task, steps=300, **settings)
        case "PC-DARTS":
            steps = pc_darts(PartialChannelSupernet(task, seed=seed), task, steps=300, **settings)
        case "GDAS":
            steps = gdas(TinyCellSupernet(task, seed=seed), task, steps=600, **settings)
        case "ProxylessNAS":
            steps = proxyless_nas(TinyCellSupernet(task, seed=seed), task, steps=400, **settings)
        case "DARTS, perturbation":
            supernet = FastTinyCellSupernet(task, seed=seed)
            for _ in darts(supernet, task, steps=300, **settings):
                pass
            steps = perturbation_selection(supernet, task, tuning_steps=20, batch_size=32, rng=random.Random(seed))
    *_, last = steps
    return {"cell": str(last.architecture), "seconds": round(time.process_time() - began, 2)}


# %% slideshow={"slide_type": "subslide"} tags=["claim-alpha-is-not-worth"]
from scipy.stats import kendalltau

from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

taus, equal = [], 0
for step in deciding.history.steps:
    edge = EDGES.index(tuple(step.info["edge"]))
    without = [step.info["accuracy_without"][name] for name in OPERATIONS]
    tau = kendalltau(alpha[edge].numpy(), [-accuracy for accuracy in without]).statistic
    taus.append(tau)
    strongest, kept = OPERATIONS[int(alpha[edge].argmax())], step.info["kept"]
    equal += strongest == kept
    print(f"edge {EDGES[edge]}: alpha prefers {strongest:13} missed most is {kept:13} tau {tau:+.2f}")
if len(taus) < 6:
    print(f"{len(taus)} of 6 edges are decided: press Run above, wait for the end, and run this cell again")
else:
    print(f"\nequal on {equal} of 6 edges; mean tau {sum(taus) / 6:+.2f}")

print("\nlonger searches, stored (below is how they were made):")
for seed in range(3):
    argmax, other = (parse(one_shot_search(name, seed)["cell"]) for name in ("DARTS", "DARTS, perturbation"))
    same = sum(a == b for a, b in zip(argmax.operations, other.operations, strict=True))
    print(f"seed {seed}: argmax and perturbation agree on {same} of 6 edges")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Break it
#
# In our world DARTS does not fall over by itself. In short trials (one seed each, up to 600 steps) fewer operations, fewer
# signals, a larger rate of alpha and no weight decay were not enough: our skeleton is so weak that a cell without convolutions
# can hardly learn anything, and alpha notices. What did it:
#
# - **200 training signals, three quarters of them with a random label**, and 500 steps. Validation stays as it was.
# - No weight decay on w, and a learning rate of 0.5 for w, so that the 200 signals are learned by heart.
# - Three operations: skip, 1x1 and 3x3 convolution (as S1 to S4 of [@zela2020] have few).
#
# We call a search **collapsed** if at least three of the six edges are skips *and* the cell, trained alone on all of MNIST-1D,
# is below the median random cell. Even so not every seed collapses by both: a cell of three skips may keep its convolutions in
# the right places, and be good. Every cell is judged by the table, of one training. Here is the experiment; to make it anew:
#
#     make experiments NAMES="darts_on_wrong_labels perturbation_after_wrong_labels"

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(darts_on_wrong_labels)

# %% slideshow={"slide_type": "subslide"} tags=["claim-skip-collapse"]
from nas_edu.nas_bench import NASBenchEdu

table = NASBenchEdu.load("mnist1d")
median = np.nanmedian(table.column("validation_accuracy"))


def accuracy(cell):
    """Validation accuracy of a cell that is trained alone."""
    return table.query(parse(cell), seed=0).validation_accuracy


def verdict(cells):
    """Skips and accuracy of each seed's cell, and how many are collapsed."""
    skips = [parse(cell).operations.count("skip_connect") for cell in cells]
    values = [accuracy(cell) for cell in cells]
    collapsed = sum(s >= 3 and value < median for s, value in zip(skips, values, strict=True))
    shown = ", ".join(f"{s} skips {value:.3f}" for s, value in zip(skips, values, strict=True))
    return f"collapsed {collapsed} of {len(cells)}, mean {np.mean(values):.3f}: {shown}"


brittle = collapse["no L2"]
print(f"median random cell: {median:.3f}")
print("DARTS:", verdict([found["cells"][-1] for found in brittle]))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A warning: the dominant eigenvalue
#
# [@zela2020] saw that collapse comes with a **sharp** minimum: the largest eigenvalue of
#
# $$ H = \nabla_\alpha^2 \, \mathcal{L}_{val}(w, \alpha) $$
#
# grows. Rounding alpha to one operation an edge is a step away from the minimum. In a sharp one such a step costs much. H is never written down: the
# Lanczos method needs only products $Hv$, and each is a gradient of a gradient. Small enough to check, though: alpha has
# 6 x 5 entries on TinyCell.

# %% slideshow={"slide_type": "subslide"}
from nas_edu.one_shot.hessian import full_hessian, stop_at

batch = torch.from_numpy(task.validation.inputs[:32]), torch.from_numpy(task.validation.targets[:32])
H = full_hessian(supernet, batch)
eigenvalues = np.linalg.eigvalsh(H)
print("H is", H.shape, "and symmetric up to", f"{abs(H - H.T).max():.1e}")
print(f"all eigenvalues: {eigenvalues[0]:.4f} to {eigenvalues[-1]:.4f}")
print(f"by Lanczos:      {dominant_eigenvalue(supernet, batch):.4f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Over the search that collapses**, a check every ten steps. Dotted: where the rule below would have stopped; it returns the cell
# of that check.

# %% slideshow={"slide_type": "fragment"} tags=["claim-eigenvalue-warns"]
import matplotlib.pyplot as plt

from nas_edu.draw.style import LIGHT, MATPLOTLIB

COLOURS = {"no L2": "#D55E00", "strong L2": "#0072B2"}
with plt.rc_context(MATPLOTLIB):
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), sharey=True, layout="constrained")
    for axis, (setting, colour) in zip(axes, COLOURS.items(), strict=True):
        for found in collapse[setting]:
            axis.plot(found["steps"], np.abs(found["eigenvalues"]), color=colour, linewidth=1.5)
            stop = stop_at(found["eigenvalues"])
            if stop is not None:
                axis.axvline(found["steps"][stop], color=LIGHT.muted, linestyle=":", linewidth=1.5)
        axis.set(yscale="log", xlabel="step", title=f"{setting}, one line a seed")
    axes[0].set_ylabel("|eigenvalue|")
    plt.show()

for setting in COLOURS:
    growth, stops = [], []
    for found in collapse[setting]:
        size = np.abs(found["eigenvalues"])
        growth.append(f"{size[-5:].mean() / size[:5].mean():.1f}")
        stop = stop_at(found["eigenvalues"])
        stops.append("-" if stop is None else str(found["steps"][stop]))
    print(f"{setting:9}  last five checks / first five: {', '.join(growth)};  stopped at step: {', '.join(stops)}")

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(stop_at)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Repair it: three remedies for the same setting
#
# 1. **Early stopping** on the eigenvalue: the cell from before it grew.
# 2. **Stronger L2 on w** (0.05 instead of 0): nothing in alpha changes.
# 3. **Perturbation-based selection** from the very supernet that collapsed.


# %% slideshow={"slide_type": "fragment"} tags=["claim-remedies"]
@experiment(version=1, trains=True)
def perturbation_after_wrong_labels(seed: int) -> str:
    """The cell that perturbation reads off the supernet of the search without L2."""
    spoilt = with_wrong_labels(task)
    supernet = FastTinyCellSupernet(spoilt, operations=SEARCHED, seed=seed)
    for _ in darts(supernet, spoilt, **BRITTLE, weight_decay=0.0, rng=random.Random(seed)):
        pass
    *_, last = perturbation_selection(supernet, spoilt, tuning_steps=20, batch_size=32, rng=random.Random(seed))
    return str(last.architecture)


def stopped(found):
    """The cell of the check that the rule names, or the last one."""
    stop = stop_at(found["eigenvalues"])
    return found["cells"][-1 if stop is None else stop]


remedies = {
    "DARTS": [found["cells"][-1] for found in brittle],
    "early stopping": [stopped(found) for found in brittle],
    "strong L2 on w": [found["cells"][-1] for found in collapse["strong L2"]],
    "perturbation": [perturbation_after_wrong_labels(seed) for seed in range(5)],
}
for name, cells in remedies.items():
    print(f"{name:15}", verdict(cells))

# %% slideshow={"slide_type": "subslide"}
draw.cells(
    [parse(cells[0]) for cells in remedies.values()],
    captions=[f"{name}: {accuracy(cells[0]):.1%}" for name, cells in remedies.items()],
)

# %% [markdown]
# **L2 on w** and **early stopping** repair the setting: no seed is collapsed any more. Stopping takes the cell from long before skips
# take over; not each is a good one (compare the lowest with the median random cell), it only has too few skips to count as
# collapsed. And the rule sees *ratios*: look at the dotted lines in the calm searches, where it stops what needed no stop.
# **Perturbation** takes the same spoilt supernet and reads better cells off it than argmax did, yet some still count as collapsed.
# It changes the reading, not the supernet; it cannot do more than that.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why skips?
#
# Look at the two losses, each the mean over ten steps, and at the mixing weight of skip, averaged over edges and seeds:


# %% slideshow={"slide_type": "fragment"} tags=["claim-why-skips"]
def mean_over_seeds(setting):
    """Losses and the weight of skip, at each check."""
    found = collapse[setting]
    train, validation = ([f[name] for f in found] for name in ("train", "validation"))
    powers = np.exp([f["alphas"] for f in found])  # (seeds, checks, edges, operations)
    skip = (powers / powers.sum(-1, keepdims=True))[..., SEARCHED.index("skip_connect")].mean(-1)
    return [np.mean(values, axis=0) for values in (train, validation, skip)]


for setting in COLOURS:
    train, validation, skip = mean_over_seeds(setting)
    print(f"{setting}:   step     train  validation   weight of skip")
    for check in (0, 9, 19, 29, 49):
        print(f"{10 * (check + 1):16}{train[check]:10.2f}{validation[check]:12.2f}{skip[check]:17.2f}")

# %% [markdown]
# Guessing without looking costs $\ln 10 = 2.30$ nats. Without L2 the training loss falls and the validation loss **rises above
# that**: w has learned wrong labels, and its answers are worse than none. Alpha may not change w. All that it can do to lower
# the validation loss is to turn down whatever *delivers* the damage: the operations that have weights. Skip has none. So the
# decision is right for **this w**, and wrong for the w that the cell will have when it is trained alone. That is the fault
# of $w^*(\alpha)$ in the bilevel problem, not of alpha. So L2 on w helps, and so does stopping before w has learned
# everything by heart.
#
# [@zela2020] find the same on CIFAR-10 with milder settings; deep supernets have a second reason ([@wang2021]): where
# layers already agree, the input of an edge is nearer to what is wanted than a convolution of it. Our cells are too
# shallow for that.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## And with right labels?
#
# The search of lecture 8 over a normal and a reduction cell, 60 steps with L2 on w: do skips take over in one of them?

# %% slideshow={"slide_type": "fragment"}
from nas_edu.core.experiment import stored
from nas_edu.search_spaces import DARTSCell
from nas_edu.widgets import by_kind, operation_counts, replay

two = stored("darts_on_two_cells", DARTSCell(), steps=60, seed=0)
cells = replay(two, [*by_kind(operation_counts), *by_kind(mixed_cell)], title="A normal and a reduction cell, seed 0")

# %% [markdown]
# Not within these steps: two of eight edges of the normal cell are skips at the end, and none of the reduction cell.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Memory
#
# The backward pass of a mixture needs the inputs and outputs of **all** operations: five times an architecture on TinyCell,
# eight times on DARTSCell, at once. How much is that on ImageNet? The supernet of the paper: 8 cells, 16 channels, 14 edges of 8
# operations in each. Autograd tells what it keeps. Memory is proportional to the number of samples and of positions; check
# that first, then multiply:

# %% slideshow={"slide_type": "fragment"} tags=["claim-darts-imagenet-memory"]
import torch.nn.functional as F

from nas_edu.core import Task
from nas_edu.one_shot import DARTSCellSupernet, activation_memory


def images(side, samples=2):
    """Noise: only the shape matters."""
    return Split(np.random.default_rng(0).normal(size=(samples, 3, side, side)).astype("float32"), np.arange(samples))


def per_sample(side):
    """Bytes that a step of the paper's supernet keeps for one image of side x side."""
    split = images(side)
    paper = DARTSCellSupernet(Task("images", split, split, split, 10), channels=16, normal_cells=2)
    x, y = torch.from_numpy(split.inputs), torch.from_numpy(split.targets)
    step = lambda: F.cross_entropy(paper(x), y).backward()  # noqa: E731
    return activation_memory(step, without=[*paper.parameters(), x, y]) / len(split)


small, middle = per_sample(8), per_sample(16)
print(
    f"8 x 8: {small / 1e6:.1f} MB a sample; 16 x 16: {middle / 1e6:.1f}; ratio {middle / small:.2f} (4 by the rule)\n"
)
for what, side, samples in (
    ("CIFAR-10, batch 64", 32, 64),
    ("ImageNet, 224 x 224, batch 64", 224, 64),
    ("ImageNet, 224 x 224, batch 2", 224, 2),
    ("ImageNet behind a stem, 28 x 28, batch 64", 28, 64),
):
    gigabytes = middle * (side / 16) ** 2 * samples / 1e9
    print(f"{what:45}{gigabytes:8.1f} GB")

# %% [markdown]
# DARTS searched on one GPU with 11 GB: CIFAR-10 just fits. On ImageNet as it is, it does not fit, and no GPU of today has what a
# batch of 64 needs. "Impossible" holds for *that* way to do it. Those who did search on ImageNet with DARTS' space
# ([@xu2020]) shrank the images to 28 x 28 positions by a stem of three strided convolutions *before* the first cell, took a
# part of the channels, and one eighth of the images.
#
# **Three ways out:** run one sampled operation (GDAS), two (ProxylessNAS), or all on a part of the channels (PC-DARTS).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## GDAS: Gumbel-softmax by hand
#
# Sample **one** operation of each edge with probability softmax(alpha), and still get a gradient ([@dong2019]). Two tricks:
#
# $$ \text{Gumbel-max:}\quad \arg\max_o (\log p_o + g_o) \sim p, \qquad g_o = -\log(-\log u_o) $$
# $$ \text{straight-through:}\quad h = \text{one\_hot} + \tilde p - \text{stop\_gradient}(\tilde p), \qquad \tilde p = \text{softmax}((\log p + g)/\tau) $$
#
# Three operations, every number:

# %% slideshow={"slide_type": "fragment"}
alpha3 = torch.tensor([1.0, 0.0, -1.0], dtype=torch.float64)
u = torch.tensor([0.3, 0.9, 0.5], dtype=torch.float64)
g = -torch.log(-torch.log(u))
log_p = alpha3.log_softmax(0)
print("p         ", alpha3.softmax(0).numpy().round(3))
print("g         ", g.numpy().round(3))
print("log p + g ", (log_p + g).numpy().round(3), " -> the second operation, although the first is more probable")
for tau in (10.0, 1.0, 0.1):
    print(f"tau {tau:4}: p~ = {((log_p + g) / tau).softmax(0).numpy().round(3)}   h = [0. 1. 0.] whatever tau is")

generator = torch.Generator().manual_seed(0)
many = -torch.log(-torch.log(torch.rand(100_000, 3, generator=generator, dtype=torch.float64)))
drawn = (log_p + many).argmax(1)
print("\n100,000 draws:", (torch.bincount(drawn) / 100_000).numpy().round(3), " (p above)")

# %% [markdown]
# The forward pass is a sample for **any** temperature. The gradient is not: it is that of a soft mixture, at another point than the
# one that was run. Say the three operations lead to losses 0.9, 0.5, 0.7. The exact gradient of the expected loss is
# known. What does straight-through say on average, and how much does it scatter?

# %% slideshow={"slide_type": "subslide"} tags=["claim-straight-through-bias"]
losses3 = torch.tensor([0.9, 0.5, 0.7], dtype=torch.float64)
p = alpha3.softmax(0)
exact = p * (losses3 - (p * losses3).sum())
print("exact           ", exact.numpy().round(4))
for tau in (10.0, 1.0, 0.1):
    soft = ((log_p + many) / tau).softmax(1)
    estimates = soft * (losses3 - (soft * losses3).sum(1, keepdim=True)) / tau  # d(h . losses) / d alpha
    mean, spread = estimates.mean(0).numpy(), estimates.std(0).numpy()
    print(f"tau {tau:4}, mean   {mean.round(4)}   standard deviation of one draw {spread.round(4)}")

# %% [markdown]
# Hot: little scatter, too small (by about 1/tau). Cold: right on average, and each draw is mostly noise. That is why tau falls
# from 10 to 0.1 *during* the search. (Here the loss is linear in h; where it is not, a bias remains in the cold, too.)

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.one_shot.gdas import sample

show(sample)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ProxylessNAS: binary gates by hand
#
# One gate is open, $g = (0, 1, 0)$ say. It cannot be differentiated, so its gradient stands in for that of the probability
# (eq. 4 of [@cai2019]):
#
# $$ \frac{\partial L}{\partial \alpha_i} \approx \sum_j \frac{\partial L}{\partial g_j}\, p_j\, (\delta_{ij} - p_i), \qquad \frac{\partial L}{\partial g_j} = \Big\langle \frac{\partial L}{\partial y}, o_j(x) \Big\rangle $$
#
# All $o_j(x)$ would be needed. So **two** operations are sampled, their probabilities are made to sum to one, and only they are
# run. Let $y$ be one number, the target 1, $L = (y - 1)^2 / 2$, and $o(x) = (0.2, 0.7, 1.1)$:

# %% slideshow={"slide_type": "fragment"}
outputs = torch.tensor([0.2, 0.7, 1.1], dtype=torch.float64)


def by_gates(pair, opened):
    """Eq. 4 for the two sampled operations; `opened` is the one that is run."""
    two = alpha3[list(pair)].softmax(0)
    by_output = outputs[opened] - 1.0
    by_gate = by_output * outputs[list(pair)]
    return two, by_gate, two * (by_gate - (two * by_gate).sum())


for pair, opened in (((0, 1), 1), ((0, 1), 0), ((1, 2), 2)):
    two, by_gate, gradient = by_gates(pair, opened)
    print(f"sampled {pair}, open {opened}: p = {two.numpy().round(3)}", end="  ")
    print(f"dL/dg = {by_gate.numpy().round(3)}  dL/dalpha = {gradient.numpy().round(3)}")

# %% [markdown]
# In the first two lines descent raises operation 1 against 0: right, 0.7 is nearer to 1 than 0.2. In the third the open gate gives
# 1.1, which is *too much*, and the estimate asks for the smaller output: operation 1 gains, although 1.1 is nearer to 1.
# A gate's gradient is a linear forecast from one point. The two entries sum to zero: what one gains, the other loses, and all
# other operations keep their probability.
#
# With a **latency term** the search knows the hardware: $E[\text{latency}] = \sum_o p_o F(o)$ is differentiable in alpha.
# `proxyless_nas(..., latency={"nor_conv_3x3": 3.0, ...}, latency_weight=0.1)`.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.one_shot.proxyless_nas import gate_gradient

show(gate_gradient)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## PC-DARTS: a part of the channels
#
# All operations, on $1/K$ of the channels; the others pass by. Then channels are shuffled, so that the next edge works on
# others ([@xu2020]). Eight channels, $K = 4$; the mixed ones are marked by adding 100:

# %% slideshow={"slide_type": "fragment"}
from nas_edu.one_shot.pc_darts import PartialMixedOperation, shuffle_channels

x = torch.arange(8.0).reshape(1, 8, 1)
for edge in range(4):
    x = torch.cat([x[:, :2] + 100, x[:, 2:]], dim=1)
    x = shuffle_channels(x, groups=4)
    print(f"after edge {edge}:", x.flatten().int().tolist())

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(PartialMixedOperation.forward)

# %% [markdown]
# Channel 0 stays where it is and is mixed by every edge; the other place goes to a new channel each time. Some have not had their
# turn after four edges: an edge sees a part, a network sees more.
#
# A noisy choice: alpha is judged on a quarter of the channels. So weights of whole *edges*, beta, share out a node's input, and
# both alpha and beta rest for the first 30 % of the search, while w learns something.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Memory, measured
#
# MNIST-1D, mini-batch of 64, the same readable code for each method. The peak during one step, w and alpha together; mean of six
# steps, since samples differ.

# %% slideshow={"slide_type": "fragment"} tags=["claim-memory-by-method"]
from nas_edu.widgets import Explorer, memory_bars, present

METHODS = {
    "DARTS": (TinyCellSupernet, darts),
    "GDAS": (TinyCellSupernet, gdas),
    "ProxylessNAS": (TinyCellSupernet, proxyless_nas),
    "PC-DARTS": (PartialChannelSupernet, pc_darts),
}


def peaks(kind, search, steps=6):
    net = kind(task, seed=0)
    searching = search(net, task, steps=steps, batch_size=64, **rates, rng=random.Random(0))
    return [activation_memory(lambda: next(searching), without=net.parameters()) for _ in range(steps)]


measured = {name: peaks(*method) for name, method in METHODS.items()}
memory = {name: float(np.mean(values)) for name, values in measured.items()}
bars = present(Explorer(memory, [memory_bars], lambda state: [], title="What a step keeps"))
targets = {"GDAS": 0.35, "ProxylessNAS": 0.50, "PC-DARTS": 0.45}
for name, target in targets.items():
    parts = np.array(measured[name]) / memory["DARTS"]
    print(
        f"{name:13} {parts.mean():.3f} of DARTS' ({parts.min():.3f} to {parts.max():.3f}); you guessed {guess[name]:.2f}"
    )
    assert parts.mean() < target

fast = np.mean(peaks(FastTinyCellSupernet, darts))
print(f"\nDARTS with the fast mixture: {fast / memory['DARTS']:.3f} of the readable one")

# %% [markdown]
# GDAS does not reach 1/5, since the skeleton is kept as well, and since five operations are not equally large: `none` keeps nothing.
# And part of the gap is *code*, not method: the fast mixture of our library computes the very same function with
# less. Compare within one code, or say which.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The comparison
#
# One space (all of TinyCell), one task (MNIST-1D), one clock (CPU seconds of one core), three seeds, the same learning rates for all
# and no tuning; batches of 32. Sampling methods take more steps, since theirs are shorter. What is reported is the accuracy of
# the returned cell **trained alone**, and its place among all cells of the table. To make it anew takes some five minutes:
#
#     make experiments NAMES=one_shot_search

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
show(one_shot_search)

# %% slideshow={"slide_type": "subslide"} tags=["claim-one-shot-race"]
import pandas as pd

known = table.column("validation_accuracy")
known = known[~np.isnan(known)]
methods = ("DARTS", "PC-DARTS", "GDAS", "ProxylessNAS", "DARTS, perturbation")
runs = {name: [one_shot_search(name, seed) for seed in range(3)] for name in methods}
rows = {}
for name, found in runs.items():
    values = np.array([accuracy(f["cell"]) for f in found])
    places = [100 * (known < value).mean() for value in values]
    seconds = [f["seconds"] for f in found]
    figures = {"accuracy, mean": values.mean(), "lowest": values.min(), "highest": values.max()}
    rows[name] = {
        **{title: f"{value:.3f}" for title, value in figures.items()},
        "percentile, median": f"{np.median(places):.0f}",
        "CPU seconds": f"{np.mean(seconds):.0f}",
        "memory": f"{memory[name.split(',')[0]] / memory['DARTS']:.3f}",
        "edges none": f"{np.mean([parse(f['cell']).operations.count('none') for f in found]):.3f}",
        "seeds": len(found),
    }
pd.DataFrame(rows).T

# %% [markdown]
# Memory is saved, and here accuracy is lost: what needs less memory also learns less in a step. GDAS and ProxylessNAS train one
# path at a time, so after such a short search the weights of each single path are poor. Look at the column of `none`: an edge that
# delivers nothing spoils nothing. With the *mixture*, `none` never won. The search of [@dong2019] has 240 epochs, not some ten,
# and its DARTS space has no edge that must stay empty. Perturbation costs as much time again as the search, and is what helped most.
#
# **And random search?** A training of the table takes some seconds. With the time of one DARTS search one trains a few random
# cells and keeps the best:

# %% slideshow={"slide_type": "subslide"}
cost = np.nanmean(table.column("seconds"))
count = max(1, round(np.mean([found["seconds"] for found in runs["DARTS"]]) / cost))
draws = np.random.default_rng(0).choice(known, size=(10_000, count)).max(axis=1)
print(f"a training: {cost:.1f} s, so {count} random cells in the time of DARTS")
print(
    f"best of {count}: mean {draws.mean():.3f}, 5 % to 95 %: {np.quantile(draws, 0.05):.3f} to {np.quantile(draws, 0.95):.3f}"
)
for name, found in runs.items():
    better = np.mean([(draws < accuracy(f["cell"])).mean() for f in found])
    print(f"{name:20} beats it with probability {better:.2f}")

pairs = zip(runs["DARTS"], runs["DARTS, perturbation"], strict=True)
equal_cells = sum(one["cell"] == other["cell"] for one, other in pairs)
print(
    f"\nargmax and perturbation gave the same cell in {equal_cells} of {len(runs['DARTS'])} seeds; you guessed {guess_equal}"
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Published cells, published numbers
#
# What the papers state, for CIFAR-10: test error of the network of 20 such cells, with its parameters, and GPU days of
# one search.
#
# | Method | error, % | parameters | GPU days | source |
# | --- | --- | --- | --- | --- |
# | DARTS, first order | 3.00 | 3.3 M | 1.5 (four searches) | [@liu2019], table 1 |
# | DARTS, second order | 2.76 | 3.3 M | 4 (four searches) | [@liu2019], table 1 |
# | GDAS | 2.93 | 3.4 M | 0.21 | [@dong2019], table 1 |
# | PC-DARTS | 2.57 | 3.6 M | 0.1 | [@xu2020], table 1 |
# | DARTS, perturbation | 2.61 | 3.0 M | 0.8 | [@wang2021], table 2 |
# | ProxylessNAS, gradient | 2.08 | 5.7 M | (another space) | [@cai2019], table 1 |
#
# And the normal cells themselves, as the authors published them:

# %% slideshow={"slide_type": "fragment"}
draw.known("darts_v1")

# %% slideshow={"slide_type": "subslide"}
draw.known("pc_darts")

# %% slideshow={"slide_type": "subslide"} tags=["claim-published-genotypes"]
from nas_edu.search_spaces import published_cells

for name in ("DARTS_V1", "DARTS_V2", "GDAS", "PC_DARTS"):
    genotype = getattr(published_cells, name)
    counts = {}
    for kind in ("normal", "reduce"):
        operations = [operation for operation, _ in getattr(genotype, kind)]
        counts[kind] = f"{operations.count('skip_connect')} skips, {sum('conv' in o for o in operations)} convolutions"
    print(f"{name:9} normal: {counts['normal']}; reduction: {counts['reduce']}")

# %% [markdown]
# **What differs from ours?** The space (DARTSCell, 14 edges of 8 operations, where a node keeps two edges), the network (20 cells,
# 36 channels), 600 epochs with cutout, an auxiliary head and drop path, and **selection**: DARTS' numbers are of the best
# of four searches by validation, ours of *every* seed. So our accuracies cannot stand in that table. What can be compared is
# the order of the methods and their memory. The order does not agree: in the papers PC-DARTS and GDAS are ahead of first-order
# DARTS, here behind it, after a short search and over three seeds. That perturbation helps DARTS is so in both. Look also at the
# reduction cells of DARTS: nothing but pooling and skips. A cell that has collapsed, and a network that is good in spite of it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Edge 0-1: accuracy without skip 0.60, without 1x1 0.71, without 3x3 0.66; alpha is largest for 1x1. What does Algorithm 1 keep, what does argmax?</summary>
#
# Skip: without it the supernet is worst. Argmax keeps the 1x1 convolution, of which the supernet would hardly miss anything.
# </details>
#
# <details><summary><b>2.</b> Why does L2 on w repair a fault of alpha?</summary>
#
# The choice was right for a w that had learned the training set by heart. With another w, another choice is right.
# </details>
#
# <details><summary><b>3.</b> Halve the temperature of GDAS. What happens to the sampled cells, and to the gradient?</summary>
#
# The cells: nothing, the argmax of log p + g does not depend on tau. The gradient: less bias, more scatter.
# </details>
#
# <details><summary><b>4.</b> A supernet has 8 operations an edge. Does GDAS need an eighth of DARTS' memory?</summary>
#
# More: stem, reductions and head are kept anyhow, and operations differ in what they keep.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. perturbation-based selection | the live view; quiz 1 |
# | 2. the eigenvalue | the full Hessian, the two pictures, `stop_at` |
# | 3. why skips | losses above ln 10; the remedies; quiz 2 |
# | 4. memory | gigabytes on ImageNet; bars by method; quiz 4 |
# | 5. samples and gates by hand | three operations each; quiz 3 |
# | 6. a fair comparison | the race, and random search in the same time |
#
# **Now write it yourself:** [exercises 9](../exercises/09_beyond_darts.ipynb): the straight-through Gumbel-softmax, and the decision
# about one edge. In the end your own code reads a cell off a supernet.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions (5) - Algorithm 1 and the live view (8) - break it, eigenvalue, remedies (12) - why skips (5)
# - memory on ImageNet (5) - Gumbel-softmax on the blackboard (6) - the comparison (4). Leave out: gates, partial channels, published cells.
#
# **90 minutes:** everything; the room works out one line of the Gumbel table and one of the gates on paper (15); in pairs: which
# remedy would you use if a search takes four GPU days, and why (10).
#
# **Three demonstrations:** (1) *Step* through the six edges: does the room agree with the shortest bar? (2) `tuning_steps=0` in the
# live cell: what does tuning buy? (3) `tau` 10, 1, 0.1 in the cell of the bias.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "A large alpha means a good operation": it means a large share of a mixture. "Skips win because they are
# strong": they win because they do no harm. "A falling validation loss means a good cell": it is the loss of a mixture. "GDAS
# anneals its samples": only its gradient. "Memory is parameters": it is activations, times the batch.
