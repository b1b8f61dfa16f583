# %% [markdown] slideshow={"slide_type": "slide"}
# # 1. What is Neural Architecture Search?
#
# A learning algorithm chooses the weights of a network. Who chooses the network? **Neural Architecture Search** (NAS)
# gives this choice to an algorithm, too.
#
# After this lecture you can
#
# 1. state NAS as a bilevel problem, and say what each symbol in it is in code;
# 2. solve it by brute force, on paper and on a table of real trainings, for a given budget $t$;
# 3. name the three components of any NAS method, and tell which of them a change concerns;
# 4. say what a search cost then and now, in GPU days, and who says so;
# 5. explain why one-shot methods cannot exchange their components one by one;
# 6. give three reasons for which "the best architecture" of a search need not be the best.

# %% slideshow={"slide_type": "fragment"} tags=["claim-imagenet"]
from nas_edu import draw

draw.imagenet(title="ImageNet: one network, no ensemble")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Who made these networks?
#
# The blue ones were made by people, the orange ones were found by a search, or grew from one that was. Each step of the
# blue staircase is a paper, and behind each paper are many networks that nobody has heard of: a person had an idea, trained
# it, looked at the result, and had the next idea. This is a search as well. It is only not written down.
#
# What is new in each of them is a *structure*: a deeper chain (VGG, [@simonyan2015]), branches of several widths
# (Inception, [@szegedy2015; @szegedy2016]), a path around the layers (ResNet, [@he2016]), many paths (ResNeXt,
# [@xie2017]), a gate on each channel (SENet, [@hu2018]).
#
# **AutoML** automates the design decisions of machine learning ([@hutter2019]): which preprocessing, which model, which
# hyperparameters. NAS is the part of it that decides about the architecture. It can be seen as a hyperparameter problem,
# and then it is an awkward one: many choices, most of them categorical, some of which exist only if others were made.
#
# The numbers above are from [@krizhevsky2012; @he2016; @zoph2018; @real2019; @tan2019], with the size of the images that each
# of them used, so a difference of one point says little. That the orange ones win in the end does not say that the *search*
# did it: they are also larger, or were trained longer. We will have to compare more carefully than this.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "subslide"}
# Where each number of the picture stands. (This cell prints the table; its code is folded away.)
from IPython.display import Markdown

from nas_edu.bibliography import IMAGENET_RESULTS, cite

rows = [
    f"| {network.name} | {network.top1:.1%} | {'search' if network.searched else 'hand'} | {cite(network.source)}, {network.where} |"
    for network in IMAGENET_RESULTS
]
Markdown("| network | top-1 | by | stated in |\n|---|--:|---|---|\n" + "\n".join(rows))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What people came up with
#
# Three blocks, drawn in the vocabulary of this course: circles are tensors, arrows are operations. While you look at them, count
# the decisions. Which of them would *you* have made otherwise, and how would you find out whether you were right?

# %% slideshow={"slide_type": "fragment"}
draw.known("resnet_bottleneck")

# %% slideshow={"slide_type": "subslide"}
draw.known("resnext_block")

# %% slideshow={"slide_type": "subslide"}
draw.known("inception_v4_c")

# %% [markdown]
# The last one has a decision on each of its arrows: which operation, how wide, where from, where to. Nobody can have tried all
# combinations. (`draw.known("?")` lists all architectures that can be drawn.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# > If an architecture can be chosen by an algorithm: what exactly is the problem that it solves, what does a solution cost,
# > and where could it go wrong?
#
# We want to see the problem solved *completely*: every architecture trained, no cleverness, so that there is no doubt about
# the answer. On ImageNet nobody could wait for that. So we take our small world: the signals of
# MNIST-1D ([@greydanus2024]), and `TinyCell`, the cell of NAS-Bench-201 ([@dong2020]) with its six edges and five
# operations.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three components
#
# A NAS method consists of three parts, and each answers one question ([@elsken2019]). Click the boxes. Then press the
# button, and watch what becomes of the lower two.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_components

diagram = explore_components()

# %% [markdown]
# In this package the components are folders, and a method is one line: `regularized_evolution(space, evaluate, ...)`. Exchange
# the space, and it searches other networks. Exchange `evaluate`, and it judges them differently. That works as long as the
# three speak about nothing but architectures and their scores.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The definition
#
# Given a search space $\mathcal{A}$, a dataset $\mathcal{D}$, a training pipeline $\mathcal{P}$ and a budget $t$, find the
# architecture that is best on validation data *after it was trained*:
#
# $$ \min_{a \in \mathcal{A}} \; \mathcal{L}_{\text{val}}\bigl(w^*(a),\, a\bigr)
# \qquad \text{s.t.} \qquad w^*(a) \in \arg\min_{w} \; \mathcal{L}_{\text{train}}(w, a) $$
#
# Two problems, one inside the other: a **bilevel** problem ([@colson2007]). The inner one is a training; the outer one asks
# for its result, once for each $a$. Each level has data of its own.
#
# | Symbol | What it is | Here |
# | --- | --- | --- |
# | $\mathcal{A}$ | search space | `TinyCell()` |
# | $\mathcal{D}$ | dataset, with its parts to train, validate and test | `load("mnist1d")` |
# | $\mathcal{P}$ | training pipeline | `TrainingRecipe(...)`: epochs, batch size, learning rate, ... |
# | $w^*(a)$ | weights that the training finds | inside `Train(task)(a)` |
# | $\mathcal{L}_{\text{val}}$ | validation loss | `Train(task)(a).validation_loss` |
# | $\min_{a}$ | search strategy | a generator that yields trials |
# | $t$ | budget | `epochs=` for one training, `Budget(...)` for the whole search |
#
# If no cleverness is wanted, the search strategy is one `for`:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.search_strategies import exhaustive

show(exhaustive)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Small enough to check by hand
#
# One number $a$ is the architecture, one number $w$ the weight (the example is the one of DARTS, [@liu2019], figure 2):
#
# $$ \mathcal{L}_{\text{train}}(w, a) = w^2 - 2aw + a^2 \qquad \mathcal{L}_{\text{val}}(w, a) = aw - 2a + 1 $$
#
# The inner problem: $\mathcal{L}_{\text{train}} = (w-a)^2$, so $w^*(a) = a$. Put that into the outer one:
# $\mathcal{L}_{\text{val}}(w^*(a), a) = a^2 - 2a + 1 = (a-1)^2$. Which $a$ is the best, and with which $w$?

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
architectures = [0, 0.5, 1, 1.5, 2]


def train_loss(w, a):
    return w**2 - 2 * a * w + a**2


def validation_loss(w, a):
    return a * w - 2 * a + 1


def trained(a):
    """w*(a), by trying many weights: the inner problem."""
    return min((w / 100 for w in range(-300, 301)), key=lambda w: train_loss(w, a))


print("   a   w*(a)   L_train   L_val(w*(a), a)   L_val(0.5, a)")
for a in architectures:
    w = trained(a)
    print(f"{a:4}{w:8}{train_loss(w, a):10.2f}{validation_loss(w, a):14.2f}{validation_loss(0.5, a):18.2f}")
print("best:", min(architectures, key=lambda a: validation_loss(trained(a), a)))
print("best for all with the same w = 0.5:", min(architectures, key=lambda a: validation_loss(0.5, a)))

# %% [markdown]
# The last column gives every architecture the *same* weight, 0.5, instead of its own. No training inside, five times cheaper,
# and another winner. Remember this column: one-shot methods live in it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: brute force, really trained
#
# For a first time we search a corner of the space: $x_3 = x_0 + f(g(x_0))$, a skip connection around two operations
# that are free. 25 architectures; each is built, trained for one epoch, and validated.
#
# The picture is a **view**: a function from what has happened so far to a few marks. This one is written here, so that you
# can see how little it takes. Press **Run**.

# %% slideshow={"slide_type": "fragment"}
import math

from nas_edu import Budget
from nas_edu.data import load
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.widgets import HeatMap, Panel, current_cell, live

OPERATIONS = TinyCell.operations
NAMES = ("none", "skip", "1x1", "3x3", "pool")
mnist1d = load("mnist1d")


def around(g, f):
    """The cell x3 = x0 + f(g(x0)): its edges are 0-1, 0-2, 1-2, 0-3, 1-3, 2-3."""
    return Cell((g, "none", "none", "skip_connect", f, "none"))


corner = [around(g, f) for g in OPERATIONS for f in OPERATIONS]


def losses(history):
    """A view: L_val of each architecture tried so far; row g, column f. Darker is worse."""
    known = {trial.architecture: trial.evaluation.validation_loss for trial in history.trials if not trial.failed}
    values = [[known.get(around(g, f), math.nan) for f in OPERATIONS] for g in OPERATIONS]
    low, high = (min(known.values()), max(known.values()) + 0.01) if known else (0, 1)
    return Panel("L_val after one epoch", [HeatMap(NAMES, NAMES, values, low, high)], subtitle="rows: g, columns: f")


search_25 = live(lambda: exhaustive(corner, Train(mnist1d, epochs=1)), Budget(evaluations=25), [losses, current_cell])

# %%
if len(search_25.history.trials) < 25:
    print(f"{len(search_25.history.trials)} of 25 are trained: press Run above, and run this cell again at the end")
else:
    best_of_25 = min(search_25.history.trials, key=lambda trial: trial.evaluation.validation_loss)
    seconds = sum(trial.evaluation.cost for trial in search_25.history.trials)
    print(f"argmin: {best_of_25.architecture}")
    took = "less than a minute" if seconds < 60 else f"{seconds:.0f} s"
    print(f"L_val {best_of_25.evaluation.validation_loss:.3f}; all 25 trainings took {took}")

# %% [markdown]
# Some squares show the very same number. Why? (Look at the row and the column of `none`.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The whole space
#
# Others have done the rest of the work: **NAS-Bench-Edu** is a table of TinyCells that were trained like this, for 10
# epochs, with the validation loss noted twice an epoch. So brute force is a look into a table, and we can ask what it *would
# have* cost. (We look at the trainings of seed 0, as one brute force would see them.)

# %% slideshow={"slide_type": "fragment"}
import numpy as np

from nas_edu.nas_bench import NASBenchEdu

table, space = NASBenchEdu.load("mnist1d"), TinyCell()
first = table.functions  # cells that compute the same were trained once
functions = first[~np.isnan(table.column("validation_accuracy", seed=0)[first])]
seconds_each = table.column("seconds", seed=0)[functions]
everything = len(first) * seconds_each.mean() / 3600
print(f"{len(space):,} cells compute {len(first):,} different functions")
print(f"one training: {seconds_each.mean():.1f} CPU seconds; brute force over all: {everything:.1f} CPU hours")

# %% [markdown]
# Before you go on: compare the live search with the table. Both have trained its 25 cells for one epoch. Do they agree?
# (On another kind of processor than the table's, sums are rounded otherwise: then the third decimal differs.)

# %%
differences = [
    abs(trial.evaluation.validation_loss - table.query(trial.architecture, seed=0, epoch=1).validation_loss)
    for trial in search_25.history.trials
]
print(f"{len(differences)} cells trained live so far; largest difference of L_val: {max(differences, default=0):.4f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# The budget $t$ is part of the definition. Take it as the number of epochs that each training may have, and search by
# brute force: after $t$ epochs, the cell with the lowest $\mathcal{L}_{\text{val}}$ wins. Then train the winner to the end.
#
# 1. With $t = 1$ the search costs about a tenth. At which rank, among all, will its winner end?
# 2. Five CPU minutes for the whole search: after how many epochs should each training stop, so that what comes out is best?

# %%
guess_rank = 10  # your guesses: a rank from 1 (the best) on
guess_epochs = 5  # and epochs from 0.5 to 10

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Play with the budget
#
# Move the slider.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_budget

budgets = explore_budget(table, epochs=1)

# %% slideshow={"slide_type": "subslide"} tags=["claim-loss-or-accuracy"] jupyter={"source_hidden": true}
from scipy.stats import spearmanr

accuracy_at_end = table.column("validation_accuracy", seed=0)[functions]


def rank_at_end(place):
    return 1 + int((accuracy_at_end > accuracy_at_end[place]).sum())


rows, same = [], 0
for epoch in (0.5, 1, 2, 3, 5, 7, 10):
    loss = table.column("validation_loss", seed=0, epoch=epoch)[functions]
    accuracy = table.column("validation_accuracy", seed=0, epoch=epoch)[functions]
    hours = np.nansum(table.column("seconds", seed=0, epoch=epoch)[functions]) / 3600
    by_loss, by_accuracy = int(np.nanargmin(loss)), int(np.nanargmax(accuracy))
    same += by_loss == by_accuracy
    agreement = spearmanr(-loss, accuracy_at_end, nan_policy="omit").statistic
    rows.append(
        f"| {epoch:g} | {hours:.2f} | {loss[by_loss]:.3f} | {accuracy_at_end[by_loss]:.1%} | {rank_at_end(by_loss)} "
        f"| {rank_at_end(by_accuracy)} | {agreement:.2f} |"
    )
    if epoch == 1:
        rank_of_one = rank_at_end(by_loss)
Markdown(
    "| $t$ (epochs) | CPU hours | lowest $L_{val}$ | its accuracy at the end | its rank at the end | rank, chosen by accuracy "
    "| rank correlation with the end |\n|--:|--:|--:|--:|--:|--:|--:|\n"
    + "\n".join(rows)
    + f"\n\nRank 1 is the best of {len(functions):,}. With $t=1$ the "
    f"winner ends at rank **{rank_of_one}** (you guessed {guess_rank}). The goal is often told as the highest accuracy; the "
    f"formula has the lowest loss. Both chose the same cell for {same} of these {len(rows)} budgets."
)

# %% [markdown]
# The last column says how well a ranking after $t$ epochs agrees with the final one, over all functions (1: the same order).
# Brute force does not need the whole order, only its first place; and the first of thousands is an extreme, which is where the
# first epochs and the last easily disagree. Networks that learn quickly are not the same as those
# that end well. Lecture 6 makes a method of it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment: few long trainings, or many short ones?
#
# Now $t$ bounds the whole search, in CPU time. The strategy is random: draw functions in random order, train each for $e$
# epochs, stop when the time is up, and take the lowest $\mathcal{L}_{\text{val}}$. The winner is then trained to its end
# and *tested*. 100 seeds for each budget and each $e$.

# %% slideshow={"slide_type": "fragment"}
import random

test_accuracy = np.array([table.test_accuracy(space[int(place)]) for place in functions])
EPOCHS = (0.5, 1, 2, 3, 4, 5, 6, 8, 10)
seconds_until = {e: table.column("seconds", seed=0, epoch=e)[functions] for e in EPOCHS}
loss_after = {e: table.column("validation_loss", seed=0, epoch=e)[functions] for e in EPOCHS}


def search_within(seconds, epochs, seed, score=loss_after):
    """Random search with a budget of `seconds`: which function it chooses, and how many it could try."""
    order = np.array(random.Random(seed).sample(range(len(functions)), len(functions)))
    tried = order[np.cumsum(seconds_until[epochs][order]) <= seconds]
    return tried[np.nanargmin(score[epochs][tried])], len(tried)


MINUTES, SEEDS = (1, 5, 20), range(100)
found = {
    (minutes, e): test_accuracy[[search_within(60 * minutes, e, seed)[0] for seed in SEEDS]]
    for minutes in MINUTES
    for e in EPOCHS
}

# %% slideshow={"slide_type": "subslide"} tags=["claim-budget"] jupyter={"source_hidden": true}
import matplotlib.pyplot as plt

from nas_edu.draw.figure import label_ends
from nas_edu.draw.style import MATPLOTLIB, line_styles

with plt.rc_context(MATPLOTLIB):
    figure, axes = plt.subplots(figsize=(8.4, 5))
    ends = []
    for minutes, style in zip(MINUTES, line_styles(map(str, MINUTES)).values(), strict=True):
        low, median, high = np.quantile([found[minutes, e] for e in EPOCHS], [0.25, 0.5, 0.75], axis=1)
        axes.fill_between(EPOCHS, low, high, color=style.colour, alpha=0.2, linewidth=0)
        axes.plot(EPOCHS, median, color=style.colour, linestyle=style.linestyle, marker="o")
        ends.append((EPOCHS[-1], median[-1], f"{minutes} min", style.colour))
    axes.axhline(test_accuracy.max(), color="#1a1a1a", linestyle=":", linewidth=1.5)
    axes.set(xlabel="epochs e of each training", ylabel="test accuracy of the winner")
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.1f}%")
    axes.set_ylim(0.96, 0.983)  # half an epoch would stretch the axis until all lines are one: it is told in words
    half = ", ".join(f"{np.median(found[minutes, 0.5]):.1%} ({minutes} min)" for minutes in MINUTES)
    axes.text(1.15, 0.9607, f"e = 0.5: {half}", fontsize=14)
    axes.set_title("Few long or many short? 100 seeds", fontsize=17)
    label_ends(axes, ends)
    plt.show()

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "fragment"}
lines = []
for minutes in MINUTES:
    medians = {e: np.median(found[minutes, e]) for e in EPOCHS}
    best_e = max(medians, key=medians.get)
    low, high = np.quantile(found[minutes, best_e], [0.25, 0.75])
    tries = {
        e: int(np.median([search_within(60 * minutes, e, seed)[1] for seed in range(20)])) for e in (0.5, 1, best_e, 10)
    }
    lines.append(
        f"| {minutes} | {best_e:g} | {medians[best_e]:.2%} ({low:.2%} to {high:.2%}) | {tries[best_e]:,} "
        f"| {medians[0.5]:.2%} with {tries[0.5]:,} | {medians[1]:.2%} with {tries[1]:,} | {medians[10]:.2%} with {tries[10]:,} |"
    )
gains = {e: 100 * (np.median(found[20, e]) - np.median(found[1, e])) for e in (1, 10)}
Markdown(
    "| CPU minutes | best $e$ | test accuracy then (quartiles) | trainings | $e=0.5$ | $e=1$ | $e=10$ |\n"
    "|--:|--:|---|--:|---|---|---|\n"
    + "\n".join(lines)
    + f"\n\nThe best function of all: {test_accuracy.max():.2%}. Your guess for five minutes was $e = {guess_epochs:g}$.\n\n"
    + f"Twenty times the time gained **{gains[1]:+.2f}** points where each training has one epoch, and **{gains[10]:+.2f}** "
    + "where it has ten (medians)."
)

# %% [markdown]
# Very short trainings measure the wrong thing: more of them find nothing but a better extreme of the wrong quantity, and
# with half an epoch the longest search even has the worst winner. (Half an epoch lies below the picture, with 20 minutes far
# below.) Full trainings measure the right thing, for few.
#
# In between it is not simple: in the first three epochs our learning rate rises, losses jump, and the order after two epochs
# agrees *less* with the final one than the order after one (the last column of the table below the slider). Then the rate
# falls and the agreement grows; late in the training the order hardly changes any more: there a fifth of the time can be
# saved. With one minute it hardly matters which $e$ from 1 on is taken.
#
# This trade-off between *how many* and *how exactly* is in every chapter of the course. (How far did you trust the lines,
# and how far the bands? Where bands overlap, 100 seeds do not make the difference large.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails (1): the wrong data
#
# The definition has two losses on two sets of data. What if we chose by the *training* loss? Predict: how much worse?

# %% slideshow={"slide_type": "fragment"}
train_loss_after = {e: table.column("train_loss", seed=0, epoch=e)[functions] for e in EPOCHS}
by_train = test_accuracy[[search_within(300, 10, seed, train_loss_after)[0] for seed in SEEDS]]
difference = found[5, 10] - by_train
low, middle, high = 100 * np.quantile(difference, [0.25, 0.5, 0.75])
print("five minutes, e = 10, chosen by L_val instead of L_train: test accuracy higher by")
print(
    f"{middle:.2f} points in the median (quartiles {low:.2f} to {high:.2f}); worse in {np.mean(difference < 0):.0%} of the seeds"
)

# %% [markdown]
# Here it costs little, and for a reason: all our networks are small, and 4,000 signals are many for them, so hardly one can
# memorize. Give the space an architecture that can, and the training loss will choose it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails (2): the winner was lucky
#
# $w^*(a)$ is written as if it were *the* result of the training. But other initial weights lead to other results. We took the
# lowest of thousands of such numbers, so its luck was probably good. Let us train the first two of $t = 5$ epochs once more,
# with another seed.

# %% slideshow={"slide_type": "fragment"}
again = Train(mnist1d, seed=1)
for place in functions[np.argsort(loss_after[5])[:2]]:
    cell = space[int(place)]
    before, now = table.query(cell, seed=0, epoch=5), again(cell, epochs=5)
    print(cell)
    print(f"    L_val     {before.validation_loss:8.4f} -> {now.validation_loss:.4f}")
    print(f"    accuracy  {before.validation_accuracy:8.2%} -> {now.validation_accuracy:.2%}")

# %% [markdown]
# Usually both get worse, and they may change places. The truth behind a score is a distribution. Whoever reports the best of a
# search should train it again, with several seeds, and *test* it ([@lindauer2020]).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails (3): the space is too large
#
# Our space has a few thousand functions, and a night of one CPU core is enough. What would brute force cost in the space
# of DARTS ([@liu2019]), with one training at its 1.5 GPU days?

# %% slideshow={"slide_type": "fragment"} tags=["claim-brute-force"]
# NBVAL_CHECK_OUTPUT
from nas_edu.bibliography import FINAL_TRAINING
from nas_edu.search_spaces import DARTSCell

cells = DARTSCell().size
days = FINAL_TRAINING["gpu_days"]
print(f"{cells:,} genotypes: {cells:.1e}")
print(f"x {days} GPU days = {cells * days / 365:.1e} years of one GPU; the universe is about 1.4e10 years old")

# %% [markdown]
# So there must be a **strategy** that tries few, and an **estimate** that is cheap. The rest of the course is about these two.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a search cost, then and now
#
# Predict: by which factor did the cost of a search fall between the first one that became famous (2016) and DARTS (2018)?

# %% slideshow={"slide_type": "fragment"} tags=["claim-cost-then-and-now"]
draw.timeline(title="What one search cost, as stated")

# %% [markdown]
# Only costs that a paper states are drawn; a bar reaches from the lowest to the highest. Click a milestone to see who says
# so, and what it brought:

# %% slideshow={"slide_type": "subslide"}
from nas_edu.widgets import explore_timeline

timeline = explore_timeline()

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "fragment"}
from nas_edu.bibliography import MILESTONES
from nas_edu.draw.timeline import cost

stated = {one.key: one for one in MILESTONES if one.gpu_days}
dearest = max(stated.values(), key=cost)
below = [one for one in stated.values() if one.gpu_days[1] <= days]
Markdown(f"""
- {dearest.name}: {dearest.gpu_days[0]:,.0f} GPU days ({dearest.basis}; {cite(dearest.source)}, {dearest.where}). That is
  {dearest.gpu_days[0] * 24:,.0f} GPU hours.
- DARTS: {stated["liu2019"].gpu_days[0]:g} to {stated["liu2019"].gpu_days[1]:g} GPU days
  ({cite("liu2019")}, {stated["liu2019"].where}): **{dearest.gpu_days[0] / stated["liu2019"].gpu_days[1]:,.0f} times** less,
  {12 * (stated["liu2019"].date - dearest.date):.0f} months later. The GPUs became faster in that time, but not a thousandfold: the trainings were *shared*.
- Below the cost of one final training ({days} GPU days): {", ".join(one.name for one in below)}.
- Our table, by brute force: about {everything / 24:.1f} days of one CPU core, for signals of 40 numbers.
""")

# %% [markdown]
# Read such numbers with care. They count the search that worked, not the ones before it that tuned it; not the final training;
# and each paper had other GPUs. And the idea is much older than its fame: [@tenorio1988] let an algorithm build a network
# and choose the function of each neuron. (More: the survey of a thousand papers, [@white2023], and a list that is kept
# up to date, [@deng2022].)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why one-shot methods are different
#
# Brute force trains every $a$ on its own: $w^*(a)$. A **one-shot** method trains *one* big network that holds all of them as
# parts, with one $w$ ([@pham2018; @bender2018; @liu2019]). Then $\mathcal{L}_{\text{val}}(w, a)$ costs one forward pass.
#
# Go back to the example that you solved by hand. Its last column is a one-shot estimate: the same $w$ for all. It chose
# another architecture. Would a better $w$ help? Try it: for which shared $w$ is $a = 1$ the best?

# %% slideshow={"slide_type": "fragment"} tags=["claim-shared-weights"]
# NBVAL_CHECK_OUTPUT
for shared in (-1, 0, 0.5, 1, 1.9, 2, 2.1, 3):
    values = [validation_loss(shared, a) for a in architectures]
    best = [a for a, value in zip(architectures, values, strict=True) if value == min(values)]
    print(f"w = {shared:4}: L_val = " + "  ".join(f"{value:5.2f}" for value in values), f"  best a: {best}")

# %% [markdown]
# For none alone. $\mathcal{L}_{\text{val}}(w, a) = a(w-2) + 1$ is a straight line in $a$ for a fixed $w$, so one of the ends
# wins, while $(a-1)^2$ has its minimum inside. What the estimate says depends on $w$; what $w$ is good for depends on which $a$
# were trained; and which $a$ are trained is what the strategy decides. So **strategy and estimation are coupled**: neither
# can be exchanged without the other. That is the second picture of the diagram above, and the subject of lectures 7 to 9.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Someone trains each candidate for 3 epochs instead of 10. Which of the three components has changed?</summary>
#
# Performance estimation. The strategy asks as before and does not notice; the space is the same.
# </details>
#
# <details><summary><b>2.</b> Someone forbids pooling. Which component?</summary>
#
# The search space. (Which is often the most effective change of the three.)
# </details>
#
# <details><summary><b>3.</b> Why is the problem called bilevel, and what is lost if both levels use the same data?</summary>
#
# Because one minimization stands in the constraint of the other: the outer one needs the <em>result</em> of the inner one. With
# the same data, an architecture that memorizes would look best.
# </details>
#
# <details><summary><b>4.</b> In the example by hand: which <i>a</i> would a one-shot method with <i>w</i> = 0.5 choose among
# 0, 1 and 2, and with <i>w</i> = 3?</summary>
#
# <i>a</i>(<i>w</i> - 2) + 1 falls in <i>a</i> for <i>w</i> = 0.5, so 2; and rises for <i>w</i> = 3, so 0.
# </details>
#
# <details><summary><b>5.</b> "Our search needs 0.1 GPU days." Name three things that this number probably leaves out.</summary>
#
# The final training of the network found; the searches that tuned the method; the repetitions with other seeds, from which the
# best was kept. And it depends on the GPU.
# </details>
#
# <details><summary><b>6.</b> With 5 or 20 minutes, trainings of one epoch tried <em>many more</em> architectures than
# trainings of ten. Why was the winner worse?</summary>
#
# The search optimized another quantity: the loss after one epoch. More tries find a better extreme of the wrong quantity.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. the bilevel problem, and its symbols in code | the definition and the table below it |
# | 2. brute force, by hand and on a table, under a budget | the example by hand; the slider; the experiment |
# | 3. the three components | the diagram; quiz 1 and 2 |
# | 4. cost then and now, with sources | the timeline; quiz 5 |
# | 5. one-shot couples two components | the last column of the example; quiz 4 |
# | 6. why "the best" need not be the best | when it fails, 1 to 3, and $t$ too small |
#
# **Now write it yourself:** [exercises 1](../exercises/01_what_is_nas.ipynb): brute force on learning curves, and a search
# within a budget. Then [lecture 2](02_search_spaces.ipynb): what may be built; and [lecture 3](03_evolution.ipynb): a strategy
# that tries few.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** ImageNet, "who made these" (5) - three components, clicked through (7) - definition, each symbol named by the
# room (8) - the example on the blackboard (7) - predictions, then the slider (8) - timeline: guess the factor first (6) - why
# one-shot is different: the last column (4). Leave out: the experiment, "the wrong data".
#
# **90 minutes:** everything. The live search with the room predicting the darkest and the lightest square (10); the experiment,
# with a show of hands for $e$ before (15); after "the winner was lucky" one more seed, chosen by the room (5); the first task
# of the exercises in class (15).
#
# **Three demonstrations:** (1) The slider from right to left: at which $t$ does the winner change for the first time, and does
# its accuracy at the end suffer? (2) In the live search `epochs=2`: does the same square win? (3) The diagram: let the room sort
# "train on half the data", "no pooling", "mutate two edges", "share the weights" into the boxes.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "NAS trains one network and changes it": brute force trains every architecture from scratch. "Bilevel
# means two steps, one after the other": the inner problem is solved anew *for each* $a$. "$w^*(a)$ is a number that exists": it
# is what one training with one seed found. "Validation accuracy of the winner is its quality": it is what we chose by; look
# at the test. "1,000 times cheaper means 1,000 times better hardware": the trainings were shared. "The search found ResNet-like
# cells, so it is clever": look at what the space offered it.
