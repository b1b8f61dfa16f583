# %% [markdown] slideshow={"slide_type": "slide"}
# # 12. The table behind the lectures
#
# In most lectures an evaluation was a look-up: somebody had trained the cell before. This notebook is about that table,
# **NAS-Bench-Edu**. How good are its cells, how sure are its numbers, and what may be concluded from it?
#
# After this lecture you can
#
# 1. say what one number of a tabular benchmark means, and repeat it;
# 2. tell a difference between two cells from the noise of a seed;
# 3. say how far a ranking carries, from half a training to a whole one and from one task to another;
# 4. read from a complete table what no search knows: what an operation is worth, how rough the landscape is;
# 5. run a search of yours on another task, and on NAS-Bench-201, by changing one line.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import draw
from nas_edu.nas_bench import NASBenchEdu

table = NASBenchEdu.load("mnist1d")
draw.distribution(table, title="MNIST-1D: all 15,625 cells")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# A search strategy can be judged only where the best answer is known, over many seeds. With real trainings nobody can pay
# for that. So the field trains every architecture of a small space *once*, and everybody looks it up: NAS-Bench-101
# ([@ying2019]), NAS-Bench-201 ([@dong2020]), and others. Ours has the cells of NAS-Bench-201, in a network and on tasks so small that a laptop
# repeats it over a night.
#
# > What does such a table know, and what does it only seem to know?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# 1. The same cell is trained again with another seed: by how many points does its validation accuracy change, typically?
# 2. The signals of MNIST-1D with their positions shuffled: is the order of the cells the same? (Kendall's tau: 1 the same, 0 unrelated)
# 3. And there: is a 3-tap convolution still worth more than a 1-tap one?

# %%
guess_points, guess_tau, guess_worth_more = 3.0, 0.3, "no"  # your guesses

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One row, every number
#
# A training leaves 20 points of a learning curve, and a result on the test split that no search may see. `evaluate` is what a
# search gets; `query` and `test_accuracy` are for the report.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Cell, TinyCell

space = TinyCell()
cell = Cell(("nor_conv_3x3", "none", "avg_pool_3x3", "skip_connect", "none", "nor_conv_1x1"))
seen = table.evaluate(cell, epochs=5)
print(f"what a search sees after 5 epochs: score {seen.score:.4f}, {len(seen.curve)} points of the curve")
more = table.evaluate(cell, resume=seen)
print(f"resumed to the end: score {more.score:.4f}; charged are {more.epochs:g} more epochs, not 10")
print(f"test accuracy, for the report: {table.test_accuracy(cell):.4f}; rank {table.rank(cell):,}")
dead_end = Cell(("nor_conv_3x3", "nor_conv_3x3", "avg_pool_3x3", "skip_connect", "none", "none"))
plain = Cell(("none", "none", "none", "skip_connect", "none", "none"))
same = table.row_of_cell[space.index(dead_end)] == table.row_of_cell[space.index(plain)]
print(f"two convolutions that lead nowhere: the same row as without them? {same}")
print(f"{len(space):,} cells, {len(space.distinct()):,} rows: cells that compute the same function were trained once")

# %% [markdown]
# Look again at the picture above. What are the two lonely columns at 10 % and 31 %? (Which cells could have *exactly* the same
# accuracy? Think of cells without any convolution.)
#
# <details><summary>Answer</summary>
#
# At 10 %: dead cells, nothing reaches the output, so every class is as likely. At 31 %: cells of skips and poolings alone. Without a
# ReLU the whole network is affine, so whatever is wired, it is a linear classifier.
# </details>

# %% [markdown] slideshow={"slide_type": "subslide"}
# **The protocol** is part of every number. It was chosen on 120 random cells before the table was built: the reasons are in the
# [datasheet](../nas_edu/nas_bench/DATASHEET.md), in the form that [@gebru2021] propose.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.performance_estimation import TrainingRecipe

show(TrainingRecipe)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Repeat it yourself
#
# A training is made of the cell, the task and the seed, and of nothing else. So who doubts an entry trains it again. Sums of
# floating-point numbers depend on their order, and the order on the processor: so we ask torch for vectors as wide as the
# builder's. On a processor of the builder's kind *no digit* differs. On another kind some last digits do, since blocks follow
# the size of the caches; steps of training enlarge that, and in the end it may be as much as another seed changes.

# %% slideshow={"slide_type": "fragment"} tags=["claim-table-repeats"]
from random import Random

from nas_edu.data import load
from nas_edu.performance_estimation import Train
from nas_edu.tools.same_digits import add_in_the_same_order

add_in_the_same_order()  # before torch computes anything
task = load("mnist1d")
for one in Random(4).sample(space.distinct(), 3):
    again = Train(task, seed=0, device="cpu")(one)
    print(f"stored {table.query(one, seed=0).validation_accuracy:.2%}   trained again {again.score:.2%}   {one}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## And another seed?
#
# Another seed draws other initial weights and another order of the samples. The table has seeds 1 and 2 for 1,000 functions,
# drawn in equal parts from each twentieth of the ranking (a *stratified* sample), and for the 300 best of seed 0
# by validation and by test accuracy.

# %% slideshow={"slide_type": "fragment"} tags=["claim-seed-noise"]
import numpy as np

from nas_edu.tools.build_table import stratified_cells

fair = stratified_cells(table, best=0)
draw.seed_noise(table, cells=fair)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
first = table.functions  # one cell for each function
accuracy = 100 * np.stack([table.column("validation_accuracy", seed=seed)[first] for seed in table.seeds])
thrice = accuracy[:, ~np.isnan(accuracy).any(axis=0)]  # (seeds, functions that all of them trained)
print("accuracy of seed 0   functions   seed 1 differs by ... points: half of them   a tenth")
for low, high in ((0, 60), (60, 90), (90, 96), (96, 100)):
    band = thrice[:, (low <= thrice[0]) & (thrice[0] < high)]
    apart = np.abs(band[1] - band[0])
    print(
        f"{low:>6} to {high:>3} %  {band.shape[1]:>12,}   {np.median(apart):>34.1f} or more   {np.quantile(apart, 0.9):.1f} or more"
    )
places = [space.index(cell) for cell in fair]
sampled = [100 * table.column("validation_accuracy", seed=seed)[places] for seed in (0, 1)]
print(
    f"\nmedian over the fair sample: {np.median(np.abs(sampled[1] - sampled[0])):.1f} points. You guessed {guess_points:g}."
)

# %% [markdown]
# The poor cells vary by points, the good ones by tenths: at 97 % less is left to vary. So a difference of a few tenths between two
# good cells is no difference, and one of a few points between two poor ones may be none either. Against the spread of all cells
# this is little, so the ranking of the whole (Spearman's correlation below the picture) hardly changes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is the best cell the best?
#
# Take the ten best of seed 0, as a search would that has seen everything, and ask the other seeds.

# %% slideshow={"slide_type": "fragment"} tags=["claim-winners-curse"]
from scipy.stats import kendalltau

best = thrice[:, np.argsort(-thrice[0], kind="stable")[:300]]  # the 300 best of seed 0, the best one first
print(f"the ten best of seed 0: {best[0, :10].mean():.2f} % there; {best[1:, :10].mean():.2f} % with seeds 1 and 2")
print(f"the 300 best of seed 0: {best[0].mean():.2f} % there; {best[1:].mean():.2f} % with seeds 1 and 2")
for seed in (1, 2):
    again = set(np.argsort(-best[seed], kind="stable")[:10]) & set(range(10))
    tau = kendalltau(best[0], best[seed]).statistic
    print(f"seed {seed}: {len(again)} of those ten are among the ten best again; tau among the 300 {tau:.2f}")
one, other = best[1], best[2]  # these two had no part in choosing the 300
noise = np.sqrt(((one - other) ** 2).mean() / 2)
signal = np.sqrt(max(0.0, np.cov(one, other)[0, 1]))
print(f"standard deviations: {noise:.2f} points between the seeds of a cell, {signal:.2f} between the 300 cells")

# %% [markdown]
# Who is chosen as the best of many was better than usual, *and* luckier than usual; the luck does not come again. This is the
# **winner's curse**. Over all functions two seeds agree; among the 300 best the noise of a seed is as large as the differences,
# so hardly any of the first ten stays among the first ten. "The best cell" is no fact about the space, "one of the best" is.
# That is why this course reports the *test* accuracy of what was chosen by *validation*, as a mean over the seeds.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far does a ranking carry in time?
#
# A learning curve is the beginning of the same schedule, so a search may stop early (lecture 6). Do curves cross? Below: the
# median cell of each fifth, and what an early look agrees with the end (Spearman's correlation over all functions).

# %% slideshow={"slide_type": "fragment"} tags=["claim-table-curves-cross"]
tables = {name: NASBenchEdu.load(name) for name in ("mnist1d", "mnist1d-shuffled", "digits")}
ranked = first[np.argsort(table.column("validation_accuracy", seed=0)[first])]
fifths = [space[int(ranked[int(len(ranked) * share)])] for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
draw.curves(
    {
        f"better than {share:.0%}": table.evaluate(one)
        for share, one in zip((0.1, 0.3, 0.5, 0.7, 0.9), fifths, strict=True)
    }
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
from scipy.stats import spearmanr

EPOCHS = (0.5, 1, 2, 3, 4, 5, 6, 8, 10)


def at_epochs(one):
    """Validation accuracy of each trained function after these epochs, for the seed that a search sees. (F, epochs)"""
    values = np.stack([one.column("validation_accuracy", one.seed, epoch)[first] for epoch in EPOCHS], axis=1)
    return values[~np.isnan(values[:, -1])]


print("agreement with the end after epochs" + "".join(f"{epoch:>7g}" for epoch in EPOCHS))
for name, one in tables.items():
    values = at_epochs(one)
    early = [spearmanr(values[:, place], values[:, -1]).statistic for place in range(len(EPOCHS))]
    print(f"{name:18} {len(values):>5,} functions  " + "".join(f"{rho:7.2f}" for rho in early))
rng = np.random.default_rng(0)
values = at_epochs(table)
pairs = rng.integers(len(values), size=(100_000, 2))
half, end = (values[pairs[:, 0], place] > values[pairs[:, 1], place] for place in (EPOCHS.index(5), -1))
print(f"mnist1d: of 100,000 pairs of functions, {(half != end).mean():.0%} change their order between epoch 5 and 10")

# %% [markdown]
# Curves cross, and an early look is worth the more the later it comes. How much depends on the task: on MNIST-1D half a training
# says nearly as much as a whole one, on the two others less. And the very first look says next to nothing anywhere.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far does it carry to another task?
#
# Each dot is a function, trained on both tasks.

# %% slideshow={"slide_type": "fragment"} tags=["claim-ranks-across-tasks"]
draw.ranks(tables)

# %%
home = table.column("validation_accuracy", seed=0)
for name in ("mnist1d-shuffled", "digits"):
    there = tables[name].column("validation_accuracy", seed=0)
    both = first[~np.isnan(home[first] + there[first])]
    tau = kendalltau(home[both], there[both]).statistic
    top = both[home[both] >= np.quantile(home[both], 0.9)]
    among_the_best = kendalltau(home[top], there[top]).statistic
    taken = there[both[np.argmax(home[both])]]
    better = (there[both] > taken).mean()
    print(
        f"{name:18} tau {tau:.2f} over {len(both):,} functions; {among_the_best:.2f} among the best tenth at home. The best "
        f"cell at home has {taken:.1%} there: {better:.1%} of the functions are better, the best one has {there[both].max():.1%}"
    )
print(f"You guessed a tau of {guess_tau} for the shuffled signals.")

# %% [markdown]
# Most of the order carries: what is poor at home, for want of convolutions, is poor everywhere. Where a search has to decide,
# among the best tenth, much less of it is left. Part of that is the task, and part is noise: on digits one of the 397
# validation images is a quarter of a point, and good cells lie closer together than that.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is an operation worth?
#
# The mean over *all* cells with operation $o$ on edge $e$, minus the mean over all cells: in the statistics of experiments, the
# main effect. It needs a complete table, or a fair sample of one.

# %% slideshow={"slide_type": "fragment"} tags=["claim-operation-worth"]
draw.operation_effects(table, title="MNIST-1D: points above the mean of all cells")

# %%
draw.operation_effects(tables["mnist1d-shuffled"], title="shuffled: points above the mean of all cells")

# %%
draw.operation_effects(tables["digits"], title="digits: points above the mean of all cells")

# %%
from nas_edu.nas_bench.analysis import operation_effects
from nas_edu.search_spaces.tiny_cell import OPERATIONS

pairs_of_operations = {
    "a 3-tap instead of a 1-tap convolution": ("nor_conv_3x3", "nor_conv_1x1"),
    "averaging instead of no edge": ("avg_pool_3x3", "none"),
}
for change, (new, old) in pairs_of_operations.items():
    print(change)
    for name, one in tables.items():
        worth = 100 * operation_effects(one)
        gains = worth[:, OPERATIONS.index(new)] - worth[:, OPERATIONS.index(old)]
        print(f"    {name:18} {gains.min():+5.1f} to {gains.max():+5.1f} points, by edge; mean {gains.mean():+.1f}")
print(f"Is it still worth more where positions are shuffled? You guessed: {guess_worth_more}.")

# %% [markdown]
# Read one row on all three tasks. A convolution is worth most everywhere. What changes is the distance between one tap and
# three: large on signals and images, small where neighbours mean nothing. Something is left there, too: three taps have more
# weights, and hardly anything else in our network brings positions together before the last average. Averaging neighbours
# is on average worth something on every task, but less than half as much where neighbours are strangers.

# %% [markdown] slideshow={"slide_type": "subslide"}
# Is a good cell simply a large one?

# %% slideshow={"slide_type": "fragment"} tags=["claim-size-and-accuracy"]
draw.sizes(table)

# %% [markdown]
# Large is good: at the right end no cell is poor. But look at one column, cells of exactly the same size, in the middle: it
# reaches from poor to nearly the best. That is where there is something to search for.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How rough is the landscape?
#
# Of all pairs of cells that differ on $d$ edges: the correlation of their accuracies ([@weinberger1990]). It says how far a
# mutation throws, and so whether evolution and local search have a slope to climb.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.nas_bench.analysis import correlation_by_distance

print("edges that differ  " + "".join(f"{distance:>7}" for distance in range(7)))
for name, one in tables.items():
    print(f"{name:19}" + "".join(f"{rho:7.2f}" for rho in correlation_by_distance(one)))

# %% [markdown]
# One mutation keeps about two thirds, three of them a fifth: the slope that evolution climbs is there on each task, and it is
# as steep. (Far away the correlation is negative: who differs on *all* edges from a good cell lacks its convolutions.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A search, any task, one line
#
# Any strategy takes any table. Evolution and random search, 50 seeds of 100 evaluations, on each of ours. Beside them: what is
# missed by who has seen *all* cells and takes the best by the validation accuracy of one seed, for each seed that the table has.

# %% slideshow={"slide_type": "fragment"} tags=["claim-evolution-on-three-tasks"]
from nas_edu import Budget
from nas_edu.search_strategies import compare, random_search, regularized_evolution

strategies = {"random search": random_search, "evolution": regularized_evolution}
for name, one in tables.items():
    raced = compare(strategies, space, one.evaluate, Budget(evaluations=100), seeds=range(50))
    for strategy, regrets in raced.at(100, one.regret).items():
        low, middle, high = 100 * np.nanquantile(regrets, [0.25, 0.5, 0.75])
        print(f"{name:18} {strategy:14} misses {middle:.2f} points (quartiles {low:.2f} to {high:.2f})")
    best_of_all = [space[int(np.nanargmax(one.column("validation_accuracy", seed=seed)))] for seed in one.seeds]
    marks = [100 * (one.test_accuracy(one.optimum) - one.test_accuracy(cell)) for cell in best_of_all]
    print(f"{name:18} the best of all by validation misses " + ", ".join(f"{mark:.2f}" for mark in marks))

# %% [markdown]
# On both tasks of signals evolution misses half of what random search does. On digits they are close, and what is left is no failure
# of the strategies: the splits have some 400 images, so the best test accuracy of 5,260 cells belongs to the luckiest, and the
# very best by validation misses nearly as much. A regret can be trusted down to that mark, and the differences between strategies
# down to their spread.

# %% [markdown] slideshow={"slide_type": "subslide"}
# NAS-Bench-201 has the same cells, trained for 200 epochs in a large network on images. It is no part of this package; who has
# it as a file names it in the variable `NAS_EDU_NB201` and gets the same interface. There is nothing else to change, here or in any other lecture.

# %% slideshow={"slide_type": "fragment"}
import os

from nas_edu.nas_bench import NASBench201

if path := os.environ.get("NAS_EDU_NB201"):
    large = NASBench201.from_csv(path, "cifar10")
    raced = compare(strategies, space, large.evaluate, Budget(evaluations=100), seeds=range(50))
    for strategy, best in raced.at(100).items():
        print(f"NAS-Bench-201, {strategy:14} median validation accuracy of the best: {np.median(best):.2%}")
else:
    print("NAS_EDU_NB201 is not set, so there is no table of NAS-Bench-201 to ask")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails
#
# - **Small networks, small data.** Up to 32 channels, 4,000 signals. Which strategy finds a good cell of *this* space is known;
#   what a cell is worth in a large network is not.
# - **One space.** Its best cells are many and alike (look at the last bar of the histogram), so luck carries a random search far.
# - **Noise counted as truth.** A regret of a tenth of a point is below what another seed changes. NAS-Bench-201 has the same
#   limit with its three seeds.
# - **Tuned on the test.** Whoever tries ten variants of a strategy on one table, and reports the best, has searched with the
#   table's own answers. Choose settings on one task and report on another, as lectures 7 and 8 do with digits.
# - **Simulated seconds are those of the machine then.** Compare them within one table, not between tables.
#
# The checklist of [@lindauer2020] asks for all this; the [datasheet](../nas_edu/nas_bench/DATASHEET.md) answers it line by line.
#
# ## Quiz
#
# <details><summary><b>1.</b> Two strategies end with cells of 97.9 % and 98.1 % in validation, one seed each. Which is better?</summary>
#
# Nobody knows. The validation split alone has a standard error of 0.3 points there, another seed of the training changes as much,
# and one seed of a search says nothing about the strategy.
# </details>
#
# <details><summary><b>2.</b> Why does <code>evaluate</code> not return the mean over the seeds of the table, though that is more exact?</summary>
#
# Because a real search would not get it. It pays for one training and sees one seed; a mean would make the table kinder than the world.
# </details>
#
# <details><summary><b>3.</b> The mean of all cells with a 3-tap convolution on edge 0-3 is far above the mean of all. Does every good cell have one there?</summary>
#
# No. That is a mean over the other five edges. Another edge can bring the same paths, and then this one matters less: effects of edges interact.
# </details>
#
# <details><summary><b>4.</b> A table holds only a tenth of the cells, drawn at random. What can it not tell?</summary>
#
# The best cell, so no regret; and the landscape, for neighbours are missing. Means, correlations and quantiles it estimates well.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. what one number means, and repeating it | one row; repeat it yourself |
# | 2. difference and noise | another seed; is the best cell the best?; quiz 1 |
# | 3. how far a ranking carries | curves and early looks; ranks across tasks |
# | 4. what no search knows | worth of operations, landscape; quiz 3 |
# | 5. any search on any table | any task, one line |
#
# **Now do it yourself:** [exercises 12](../exercises/12_nas_bench_edu.ipynb): a fair mean of an unfair sample, and random search without
# a single draw. Then give the search of [exercises 3](../exercises/03_evolution.ipynb) another task's table.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** the picture and its two lonely columns (5) - predictions (3) - one row, protocol (7) - repeat it, live, with a cell
# that the room names (8) - early looks (5) - three tasks (7) - worth of operations (5) - quiz 1 and 2 (5).
#
# **90 minutes:** everything; in pairs, one sentence of a paper's results section is judged by the checklist (15); each pair races two
# settings of one strategy on digits and reports on MNIST-1D (15).
#
# **Three demonstrations:** (1) train an entry again, with the seed of the table and with another; (2) the worth of operations with
# positions in order and shuffled, one after the other; (3) 50 seeds of a search in a second, then ask how long real trainings would
# have taken (the sum of `trial.evaluation.cost`).

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The table is the truth": it is one training a row, with noise. "A search on a table is not a real search":
# it is the same code and the same numbers, only paid before. "A better cell here is a better cell on ImageNet": see the ranks across tasks.
