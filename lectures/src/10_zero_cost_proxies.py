# %% [markdown] slideshow={"slide_type": "slide"}
# # 10. Zero-cost proxies
#
# Training tells how good an architecture is, and training is what makes NAS expensive. A **zero-cost proxy** looks at the
# network *before* any training, for some hundredths of a second, and gives it a score. Can that be worth anything?
#
# After this lecture you can
#
# 1. compute nwot for a two-layer network with pencil and paper;
# 2. say of each proxy whether it sees data, labels or gradients, and what follows from that;
# 3. read a rank correlation with its interval, and say why it must be compared with that of the parameter count;
# 4. name four problems of zero-cost proxies, and show each of them by a measurement;
# 5. say when a proxy has no value at all, and what published code makes of it.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import draw
from nas_edu.nas_bench import NASBenchEdu

table = NASBenchEdu.load("mnist1d")
draw.proxy(table, "nwot", title="nwot")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Each dot is a cell of `TinyCell` ([@dong2020]). To the right: what a proxy said about its untrained network. Upwards: what it
# achieved, trained. The crosses are cells for which this proxy has no value.
#
# The way here had steps, each cheaper than the one before. Is each less sure as well?
#
# | to judge an architecture | it takes | lecture |
# | --- | --- | --- |
# | train it to the end | the full training | 1 |
# | train it on less data, for fewer epochs, smaller | a part of it | 6 |
# | train it for one epoch | a tenth here | 6 |
# | a zero-cost proxy | a few passes of one mini-batch, no update of $w$ | this one |
#
# > How much of the order of the architectures is left at the lowest step?

# %% slideshow={"slide_type": "subslide"}
import numpy as np

rows = table.functions  # one cell of each function
trained = rows[~np.isnan(table.column("validation_accuracy")[rows])]
accuracy = table.column("validation_accuracy")[trained]
print(
    f"{len(trained):,} of {len(rows):,} distinct functions have an accuracy (a training that diverged would have none).\n"
)
print(f"a full training    {np.nanmedian(table.column('seconds')[trained]):8.3f} CPU seconds (median)")
first_epoch = table.column("seconds", epoch=1)[trained]
print(f"one epoch          {np.nanmedian(first_epoch):8.3f}")
print(f"nwot               {np.nanmedian(table.column('nwot_seconds')[trained]):8.3f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# **Kendall's tau** compares all pairs of cells: pairs that the proxy orders as accuracy does, minus pairs that it orders the
# other way, over all pairs. 1 is the same order, 0 is chance, -1 the reverse. With $\tau = 0.5$ three of four pairs are
# right.
#
# What is the tau with accuracy of (a) `nwot`, the proxy in the picture; (b) the number of parameters; (c) `snip`, which sums up
# how much each weight matters for the loss?

# %%
guess = {"nwot": 0.5, "params": 0.3, "snip": 0.4}  # your guesses, from -1 to 1

# %% [markdown] slideshow={"slide_type": "slide"}
# ## nwot: can the network tell the samples apart?
#
# A ReLU is either *on* or *off* for a sample. So each sample $x_i$ gets a binary code $c_i$: one bit for each ReLU of the
# network. Two samples with the same code lie in one linear region; there the network is an affine function, and must be
# trained hard to treat them differently. The fewer codes coincide, the easier. [@mellor2021] measure it by
#
# $$ K_{ij} = N_A - d_H(c_i, c_j), \qquad \text{nwot} = \log |\det K| $$
#
# where $N_A$ is the number of ReLUs and $d_H$ counts differing bits: so $K_{ij}$ is the number of ReLUs on which $i$ and $j$
# agree. If all codes are far apart, $K$ is close to diagonal and its determinant is large. If two are the same, two rows of $K$
# are the same and the determinant is zero.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.performance_estimation.zero_cost.nwot import agreement, nwot

show(nwot)
show(agreement)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## By hand: two layers, three ReLUs, three samples
#
# $f(x) = V\,\mathrm{ReLU}(W x)$ with two inputs and three ReLUs. On paper: $W x$ for each sample, its signs, $K$, its
# determinant.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
import torch
from torch import nn

from nas_edu.performance_estimation.zero_cost import score

W = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
samples = torch.tensor([[2.0, 1.0], [1.0, 2.0], [-1.0, -2.0]])
codes = (samples @ W.T > 0).int()
for sample, before, code in zip(samples.tolist(), (samples @ W.T).tolist(), codes.tolist(), strict=True):
    print(f"x = {sample}   W x = {before}   code {code}")
K = agreement(codes == 1)
print("\nK =", K.int().tolist())
print(f"det K = {torch.linalg.det(K):.0f}, nwot = {torch.linalg.slogdet(K).logabsdet:.4f}")

network = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 2))
network[0].weight.data = W
targets = torch.tensor([0, 1, 1])
print(f"the library, on the same network: {score(network, samples, targets, ['nwot'])['nwot']:.4f}")
again = torch.cat([samples, samples[:1]])
print("with the first sample twice:", score(network, again, torch.tensor([0, 1, 1, 0]), ["nwot"])["nwot"])

# %% [markdown]
# The last line is a **flagged** result: it is ranked last, and it says why. $-\infty$ alone would do for ranking, but not for
# finding the mistake, which here is in the data. The second layer, $V$, does not matter at all: nwot looks at the codes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The kernel of a good and of a bad cell

# %% slideshow={"slide_type": "fragment"}
from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.performance_estimation.zero_cost import nwot_kernel
from nas_edu.search_spaces import TinyCell

space, mnist1d = TinyCell(), load("mnist1d")
inputs, classes = torch.as_tensor(mnist1d.train.inputs[:64]), torch.as_tensor(mnist1d.train.targets[:64])
good = table.optimum.canonical
bad = space.parse("|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|")
networks = {"the best cell": build(good, mnist1d), "one 1x1 convolution": build(bad, mnist1d)}
kernels = {name: nwot_kernel(one, inputs) for name, one in networks.items()}
for name, kernel in kernels.items():
    print(f"{name}: {kernel[0, 0]:.0f} ReLUs")
draw.kernels(kernels, classes.numpy())

# %% [markdown]
# Yellow: two signals on which few ReLUs agree; dark: signals that the network hardly tells apart. The determinant also grows
# with the *number* of ReLUs, and so with the size of the network. Keep that in mind for the second problem below.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The others, a line each
#
# $L$ is the cross-entropy of a mini-batch, $w$ a weight, $a$ an activation, $H$ the Hessian. Each function of the library
# says the equation, the source, and where published versions differ. *What a proxy sees* decides what it can know.

# %% slideshow={"slide_type": "fragment"}
from IPython.display import Markdown, display

from nas_edu.performance_estimation.zero_cost import PROXIES, SEES

lines = ["| proxy | what it computes | data | labels | gradients |", "| --- | --- | --- | --- | --- |"]
for name, proxy in PROXIES.items():
    what = proxy.__doc__.split("\n\n")[0].replace("|", "&#124;")
    sees = " | ".join("yes" if sense in SEES[proxy] else "-" for sense in ("data", "labels", "gradients"))
    lines.append(f"| {name} | {what} | {sees} |")
display(Markdown("\n".join(lines)))

# %% [markdown]
# - **Data-dependent**: passes with mini-batches of the task at hand, for example `epe_nas` ([@lopes2021]), which correlates
#   the gradients by the inputs within each class.
# - **Data-agnostic**: only the shape of the data. `zen` ([@lin2021]) feeds noise and asks how strongly the output answers to a
#   small change. Such a proxy gives *one* ranking for all tasks: it assumes architectures that are good everywhere.

# %% slideshow={"slide_type": "subslide"}
values = score(networks["the best cell"], inputs, classes)
other = score(networks["one 1x1 convolution"], inputs, classes)
print(f"{'':12}{'the best cell':>18}{'one 1x1 convolution':>22}")
for name in PROXIES:
    print(f"{name:12}{values[name]:18.6g}{other[name]:22.6g}")
print(f"\nzen is random: mean of {len(values['zen'].draws)} draws, which spread by {values['zen'].spread:.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: networks are scored, none is trained
#
# A proxy is an estimator like any other, so every strategy runs on it: here random search. (Failed: a network for which nwot
# has no value.) Press **Run**: each dot is a network that is built and scored now. The search sees `nwot` only; the pictures
# look the accuracy up. After how many networks would you believe the tau? The dashed lines are its 95 % interval.

# %% slideshow={"slide_type": "fragment"}
import random

from nas_edu import Budget
from nas_edu.performance_estimation import ZeroCost
from nas_edu.search_strategies import random_search
from nas_edu.widgets import current_cell, live, proxy_scatter, proxy_tau

search_without_training = live(
    lambda: random_search(space, ZeroCost("nwot", mnist1d), rng=random.Random(0)),
    Budget(evaluations=60),
    views=[proxy_scatter(table), proxy_tau(table), current_cell],
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## nwot to look into
#
# First a network of two inputs: each line is where one ReLU switches, and samples in one region have one code. Raise the number
# of ReLUs until `K` is no longer singular; then choose a cell. Click a field of the kernel to see where the two codes differ.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_nwot

codes_explorer = explore_nwot(mnist1d, {"the best cell": good, "one 1x1 convolution": bad})

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment: how well do they agree with accuracy?
#
# Over all trained functions of the table. Bars: 95 % bootstrap intervals, so they say how far another sample of cells would
# change the number. Blue band: 0.2 to 0.6, as the deck reads [@mellor2021]. Grey band: -0.1 to 0.8, from [@white2022].

# %% slideshow={"slide_type": "fragment"} tags=["claim-proxy-correlations"] jupyter={"source_hidden": true}
import matplotlib.pyplot as plt

from nas_edu.draw.style import MATPLOTLIB
from nas_edu.nas_bench.statistics import (
    bottom_recall,
    estimate,
    kendall,
    partial_spearman,
    top_precision,
    within_strata,
)

proxies = {name: table.column(name)[trained] for name in table.proxies.names if name != "log_synflow"}
size = table.column("params")[trained]
taus = {name: estimate(kendall, column, accuracy, resamples=100) for name, column in proxies.items()}
taus["accuracy after one epoch"] = estimate(kendall, table.column("validation_accuracy", epoch=1)[trained], accuracy)
order = sorted(taus, key=lambda name: taus[name].value)
with plt.rc_context(MATPLOTLIB):
    figure, axes = plt.subplots(figsize=(8, 5.6))
    axes.axvspan(-0.1, 0.8, color="#808080", alpha=0.15, linewidth=0)
    axes.axvspan(0.2, 0.6, color="#0072B2", alpha=0.15, linewidth=0)
    axes.axvline(0, color="#808080", linewidth=1)
    for row, name in enumerate(order):
        tau = taus[name]
        colour = "#D55E00" if name in ("params", "macs") else "#1a1a1a" if "epoch" in name else "#0072B2"
        axes.plot([tau.low, tau.high], [row, row], color=colour, linewidth=3)
        axes.plot(tau.value, row, "o", color=colour, markersize=8)
    axes.set_yticks(range(len(order)), order)
    axes.set(xlabel="Kendall's tau with validation accuracy", xlim=(-0.6, 1))
    axes.set_title(f"MNIST-1D, {len(trained):,} trained functions")
    plt.show()
print("Your guesses:", ", ".join(f"{name} {g} (measured {taus[name].value:.2f})" for name, g in guess.items()))

# %% [markdown]
# Three things stand out. No proxy agrees better with accuracy than the **orange** ones do, and these are mere sizes. Look at the
# **black** dot: here one epoch of training orders the cells worse than mere size does, and worse than `nwot`. The ladder of the
# beginning is one of cost, not of trust. And the proxies that are made of the loss gradient (`snip`, `grad_norm`, `fisher`, `plain`)
# point the *wrong way* here. Why?
#
# A guess: where skips and poolings alone lead from a cell's input to its output, nothing normalizes what passes. The sum at
# the output grows from cell to cell, and with it the loss and its gradients; but that says nothing good about the network. If
# so, the sign should change where every path has a convolution with its batch normalization. Does it?


# %% slideshow={"slide_type": "subslide"} tags=["claim-sign-of-gradients"]
def has_a_bare_path(cell):
    """Whether skips and poolings alone lead from the input to the output."""
    reached = {0}
    for (i, j), operation in sorted(cell.live_edges.items()):
        if i in reached and operation in ("skip_connect", "avg_pool_3x3"):
            reached.add(j)
    return 3 in reached


bare = np.array([has_a_bare_path(space[int(place)]) for place in trained])
for label, subset in {"with a bare path": bare, "every path normalized": ~bare}.items():
    print(f"{label}, {subset.sum()} cells:")
    for name in ("snip", "grad_norm", "fisher", "plain"):
        tau = estimate(kendall, proxies[name][subset], accuracy[subset], resamples=100)
        print(f"    {name:10} tau {tau.value:5.2f} ({tau.low:5.2f},{tau.high:5.2f})")

# %% [markdown]
# The guess explains most of it: without bare paths the clearly negative signs are nearly gone, and some turn positive, if
# weakly. [@abdelfattah2021] report positive correlations, in networks whose skeleton normalizes between the cells. *A sign that
# holds in one search space need not hold in another.*

# %% [markdown] slideshow={"slide_type": "subslide"}
# Ask yourself: change the proxy, look at the best tenth only, colour by parameters, click a dot. *Computed on* the shuffled
# signals, which proxies rank the cells of MNIST-1D just as before?

# %% slideshow={"slide_type": "fragment"}
from nas_edu.nas_bench import Proxies
from nas_edu.widgets import explore_proxies

others = {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")}
agreement_explorer = explore_proxies(table, others)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Problem 1: no proxy is best everywhere
#
# Our table was trained on three tasks: signals, the same signals with their positions shuffled, and images of digits. Here are
# all proxies of all cells on each of them.

# %% slideshow={"slide_type": "fragment"} tags=["claim-best-proxy-by-task"] jupyter={"source_hidden": true}
chosen = list(proxies)


def with_accuracy(task_name):
    """Kendall's tau of each proxy with the accuracy on that task, over all functions that were trained there."""
    there = NASBenchEdu.load(task_name)
    truth = there.column("validation_accuracy", seed=0)[rows]
    known = ~np.isnan(truth)
    taus = {name: estimate(kendall, there.column(name)[rows][known], truth[known], resamples=100) for name in chosen}
    return f"{task_name} ({known.sum():,})", taus


by_task = dict(map(with_accuracy, ("mnist1d", "mnist1d-shuffled", "digits")))
print("Kendall's tau, with 95 % intervals; in brackets how many functions\n")
print(f"{'':11}" + "".join(f"{heading:>26}" for heading in by_task))
for name in chosen:
    line = "".join(f"{t[name].value:12.2f} ({t[name].low:5.2f},{t[name].high:5.2f})" for t in by_task.values())
    print(f"{name:11}{line}")
for heading, found in by_task.items():
    ranking = sorted(chosen, key=lambda name: -found[name].value)
    print(f"{heading}: " + " > ".join(ranking[:4]))

# %% [markdown]
# With thousands of cells the intervals are narrow, so the first places are no luck. The two sizes are first or level with the first on
# each task. `synflow` is close to them on the signals, shuffled or not, and clearly behind on the digits; `nwot` moves still more. What does
# *not* depend on these tasks: the same four have the wrong sign on all three. So "the best one depends on the task" holds here for all
# proxies but the two that nobody would call one.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Problem 2: parameters and MACs compete
#
# Larger networks are often better, and most proxies grow with size. So the honest question is: what does a proxy know *beside*
# the size? Three answers: tau over all cells; tau among cells with **equal** parameter count; Spearman's correlation **given**
# the parameter count (partial correlation). And as most of a search happens among good cells: tau over the best tenth.

# %% slideshow={"slide_type": "fragment"} tags=["claim-size-competes"] jupyter={"source_hidden": true}
best = accuracy >= np.quantile(accuracy, 0.9)
print(f"{'':11}{'tau, all':>10}{'tau, equal size':>26}{'Spearman given size':>26}{'tau, best tenth':>26}")
for name in sorted(proxies, key=lambda name: -taus[name].value):
    column = proxies[name]
    rest = [
        estimate(lambda *c: within_strata(kendall, *c), column, accuracy, size, resamples=40),
        estimate(partial_spearman, column, accuracy, size, resamples=40),
        estimate(kendall, column[best], accuracy[best], resamples=100),
    ]
    cells = "".join(f"{one.value:10.2f} ({one.low:5.2f},{one.high:5.2f})  " for one in rest)
    print(f"{name:11}{taus[name].value:10.2f}  {cells}".replace("       nan (  nan,  nan)", "         -              "))

# %% [markdown]
# So not everything is size: `synflow` and `nwot` keep an interval far above zero among cells of equal size, while of `l2_norm`
# nothing is left, and `zen` turns round: among cells of equal size it prefers the worse ones. But among the best tenth all of them are
# weaker, most of them weak, and that is where a search has to decide.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Problem 3: data-agnostic proxies
#
# Shuffle the positions of the signals, the same way for all: the task changes (locality is worthless now), the shape does not.
# One network, both tasks. Which proxies notice?

# %% slideshow={"slide_type": "fragment"} tags=["claim-data-agnostic"]
shuffled = load("mnist1d-shuffled")
same_signals = torch.as_tensor(shuffled.train.inputs[:64])
notice = []
for cell in (space[int(place)] for place in trained[:: len(trained) // 3][:3]):
    network = build(cell, mnist1d)
    here, there = score(network, inputs, classes), score(network, same_signals, classes)
    notice.append({name for name in PROXIES if here[name] != there[name]})
for name, proxy in PROXIES.items():
    count = sum(name in changed for changed in notice)
    print(
        f"{name:12} differs for {count} of {len(notice)} cells{'' if 'data' in SEES[proxy] else '   (data-agnostic)'}"
    )

# %% [markdown] slideshow={"slide_type": "subslide"}
# Can they at least **exclude the poor** architectures? Of the least accurate tenth: which part does a proxy put into its own
# lowest tenth? Beside it: of the proxy's highest tenth, which part belongs to the best tenth? Chance is 10 % for both.

# %% slideshow={"slide_type": "fragment"} tags=["claim-exclude-poor"] jupyter={"source_hidden": true}
print(f"{'':11}{'lowest tenth found':>24}{'highest tenth right':>26}")
for name in sorted(proxies, key=lambda name: -taus[name].value):
    poor = estimate(bottom_recall, proxies[name], accuracy, resamples=100)
    top = estimate(top_precision, proxies[name], accuracy, resamples=100)
    agnostic = "" if "data" in SEES[PROXIES[name]] else "   data-agnostic"
    print(
        f"{name:11}{poor.value:12.0%} ({poor.low:3.0%},{poor.high:4.0%}){top.value:14.0%} ({top.low:3.0%},{top.high:4.0%}){agnostic}"
    )

# %% [markdown]
# Yes: they exclude the poor about as well as those that see data do (of which the four of the loss gradient find none beyond
# chance), and most find the poor clearly more surely than the best. That is *this* space, where poor cells are poor on any task.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Problem 4: the final training remains
#
# Suppose a proxy finds the best architecture of a thousand. What did that cost, and what does it cost to get the *trained*
# network out of it?

# %% slideshow={"slide_type": "fragment"} tags=["claim-final-training"]
final = float(np.nanmedian(table.column("seconds")[trained]))
for name in ("params", "nwot", "jacob_cov", "snip"):
    asked = 1000 * float(np.nanmean(table.column(f"{name}_seconds")[rows]))
    print(f"1,000 x {name:10} {asked:7.1f} s, then one training of {final:.1f} s: {asked + final:7.1f} s in all")
print(f"1,000 trainings    {1000 * final:7.1f} s. The last training is a lower bound that no proxy can pass.")

# %% [markdown]
# On our small networks a training takes as long as a few hundred proxies, so a thousand of them (but for `params`) are the larger part
# of the cost here. For a network that trains for days it is the other way round: then the final training is nearly everything,
# and to make the search cheaper still gains nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## All proxies against each other

# %% slideshow={"slide_type": "fragment"}
draw.proxy_correlations({"mnist1d": table})

# %% [markdown]
# Look for blocks: `params` and `macs` are nearly one proxy; `jacob_cov` and `epe_nas`, which start from the same rows of
# gradients, belong together; so do the four of the loss gradient, which all the others contradict. Click a field below to see
# the pair, on both tasks.

# %% slideshow={"slide_type": "subslide"}
from nas_edu.widgets import explore_proxy_matrix

matrix_explorer = explore_proxy_matrix(table, others)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Combine them
#
# To combine proxies pays where they *differ*. Move the sliders: each is the weight of a proxy's rank. The bars are tau on the half
# of the cells that was not used for **Learn**. Can you beat the best single proxy by hand? Lecture 11 goes on from here.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_proxy_combination

combination_explorer = explore_proxy_combination(table)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: the fine print of published code
#
# A proxy is a number without units: nothing tells you that it is wrong. Mode, duplicates and dead networks matter:

# %% slideshow={"slide_type": "fragment"}
network = build(good, mnist1d)
train_mode, eval_mode = (score(network, inputs, classes, ["snip"], mode=mode)["snip"] for mode in ("train", "eval"))
print(
    f"snip of one network: {train_mode:.1f} in train mode, {eval_mode:.1f} in eval mode: factor {eval_mode / train_mode:.1f}"
)
dead = space.parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
for name in ("snip", "synflow", "nwot"):
    print(f"{name:8} of a dead cell: {score(build(dead, mnist1d), inputs, classes, [name])[name]}")
one_class = torch.zeros_like(classes)
print(f"epe_nas, one class in the batch: {score(network, inputs, one_class, ['epe_nas'])['epe_nas']}")
try:
    score(network, inputs, classes, ["snip"], samples_at_once=16)
except ValueError as error:
    print(f"in pieces: {error}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Two samples of the mini-batch have the same code. What is nwot?</summary>
#
# Two rows of $K$ are equal, the determinant is 0, its logarithm $-\infty$: no value. If the two *images* are equal, that says
# nothing about the network.
# </details>
#
# <details><summary><b>2.</b> A proxy has tau 0.6 with accuracy, and tau 0.6 with the parameter count, which has 0.65 with accuracy. Is it useful?</summary>
#
# Not shown yet. Ask what it knows among cells of equal size.
# </details>
#
# <details><summary><b>3.</b> Which proxies can rank the cells of MNIST-1D differently from those of its shuffled twin?</summary>
#
# Only those that see data. The others get the same shape twice.
# </details>
#
# <details><summary><b>4.</b> A proxy has tau -0.3. Worthless?</summary>
#
# If you know it before: no, turn it round. But you know it only from trained cells, and on another space the sign may be
# another one.
# </details>
#
# <details><summary><b>5.</b> A proxy is twice as fast. By how much does the time until a trained network is there fall?</summary>
#
# By no more than half of what the proxies took; the final training stays as it is.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. nwot by hand | two layers, three ReLUs; quiz 1 |
# | 2. what a proxy sees | the table of proxies; problem 3 |
# | 3. correlations against size | the experiment; problem 2; quiz 2 |
# | 4. four problems | one section each |
# | 5. no value | the flagged results |
#
# **What this does not say.** One search space of small networks, one initialization of each, one batch of 64. Accuracies
# are those of one training.

# %% [markdown] slideshow={"slide_type": "slide"}
# **Now write it yourself:** [exercises 10](../exercises/10_zero_cost_proxies.ipynb): the kernel of nwot, and
# Kendall's tau; then your proxy is judged by your tau.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** picture and question (4) - predictions (3) - nwot on the blackboard: codes, K, determinant (12) - kernels (4) -
# table of proxies: which see labels? (5) - the experiment against the guesses (7) - problems 2 and 3 (7) - quiz 2 and 3 (3).
#
# **90 minutes:** everything; each pair of students adds a fourth sample to the example by hand, first one with a new code, then
# one with an old code (10); problem 1 with the room voting for the best proxy of each task before the cell runs (10).
#
# **Three demonstrations:** (1) In the example by hand change one entry of $W$ until two codes coincide. (2) Run the live
# scoring, and look its winner up: `table.query(search_without_training.history.best.architecture)`. (3) `draw.proxy(table, "jacob_cov")`
# beside `"params"`: which one would you rather search with?

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "Zero-cost means free": a thousand times some hundredths of a second is tens of seconds. "A proxy
# predicts accuracy": it orders, at best. "A high tau over all cells means that it finds the best": look at the best tenth.
# "Data-agnostic is a weakness only": it is also why it needs no data at all. "nwot looks at the labels": it does not.
