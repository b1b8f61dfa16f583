# %% [markdown] slideshow={"slide_type": "slide"}
# # 3. Evolution
#
# Random search never learns from what it has tried. Evolution does, and needs hardly more code for it: **keep a
# population, let good cells have children, let somebody die**.
#
# After this lecture you can
#
# 1. write down the loop of an evolutionary search, and find each of its lines in real code;
# 2. say for a population of four, with pencil and paper, who becomes a parent and who dies;
# 3. compute how hard a tournament selects, from the population size $P$ and the sample size $S$;
# 4. compare two search strategies fairly: equal budget, several seeds, the spread shown;
# 5. name two situations in which evolution gains nothing over random search, and say why;
# 6. say when it helps that the oldest dies, and when it costs;
# 7. write a space of architectures as hyperparameters with conditions, and let Optuna or SMAC3 search it;
# 8. say how many random trainings a search is worth, and what it costs besides its trainings.

# %% slideshow={"slide_type": "fragment"}
import random

from nas_edu import draw
from nas_edu.search_spaces import Cell, TinyCell

space = TinyCell()
parent = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1"))
rng = random.Random(1)
draw.cells(
    [parent, space.mutate(parent, rng), space.mutate(parent, rng)], captions=["parent", "child", "another child"]
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Each child above differs from its parent in **one** edge. Can you find it? This small change is called a **mutation**.
#
# The hope behind it: a child resembles its parent, so the child of a good cell is probably good as well, and now and then
# it is better. If that is true, we should draw new cells *near good ones*, and not anywhere, as random search does.
#
# > Is it true? And with the same number of trainings, how much better are the cells that we find?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# Below, two strategies search for a cell that classifies MNIST-1D: little signals of 40 numbers, in ten classes. Each may
# train 50 networks. We will repeat everything with several seeds.
#
# In how many percent of the seeds will evolution end with a better cell than random search? And how good will a *typical*
# network be (the median of all that were trained): for random search, and for the children that evolution makes? Chance
# is 10 %.

# %%
guess_wins = 0.75  # your guesses: fractions from 0 to 1
guess_random_network = 0.50
guess_child = 0.60

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The algorithm
#
# The survey [@white2023] gives the general form as its Algorithm 2. In our words, and beside it what **regularized
# evolution** ([@real2019]) makes of each line:
#
# | General evolutionary search | Regularized evolution | In the code below |
# | --- | --- | --- |
# | **Input:** a search space $\mathcal{A}$, a number of rounds $T$ | the budget is $T$; whoever asks for trials decides | `space`; no budget |
# | Draw some architectures at random, train them: the first population | $P$ of them | `space.sample`, `run_trial` |
# | **Repeat** $T$ times: | | `while True` |
# | pick parents from the population, the accurate ones more likely | one parent: the best of $S$ drawn at random | `max(rng.sample(...), key=score)` |
# | mutate them into children, and train these | one child, one edge changed | `space.mutate`, `run_trial` |
# | the children join; the oldest (or the worst) are removed | **the oldest** | `population[0]`, `remove`, `append` |
# | **Output:** the most accurate architecture | of all that were ever trained | `history.best` |

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from IPython.display import Markdown, display

from nas_edu import show
from nas_edu.search_strategies import random_search, regularized_evolution

show(regularized_evolution)

# %% [markdown]
# And this is the opponent, in full:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
show(random_search)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How hard does a tournament select?
#
# Order the population by score; rank 1 is the best. $S$ of $P$ individuals are drawn without replacement, and the best of
# these becomes the parent. So rank $r$ wins exactly if it is drawn and the other $S-1$ all come from the $P-r$ that are
# worse:
#
# $$ p(r) = \binom{P-r}{S-1} \Big/ \binom{P}{S} $$
#
# With $S=1$ everybody is equally likely: no selection at all. With $S=P$ the best is always the parent: greedy.
# Before you run it: $P=10$, $S=4$. How often is the best one the parent? Can the worst ever be?

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from math import comb

P = 10
print("rank      " + "".join(f"{rank:7}" for rank in range(1, P + 1)))
for S in (1, 2, 4, 10):
    print(f"S = {S:2}    " + "".join(f"{comb(P - rank, S - 1) / comb(P, S):7.1%}" for rank in range(1, P + 1)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Small enough to check by hand
#
# A population of four, a tournament of two. So that you can check each number, a cell's score is for once nothing but
# **its number of 3x3 convolutions**. Individuals are named A, B, C, ... in order of birth.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu import Budget, Evaluation, search


class Watched(random.Random):
    """A random generator that remembers whom the tournament drew."""

    def sample(self, population, k):
        self.drawn = super().sample(population, k)
        return self.drawn


def convolutions(cell, *, epochs=None, resume=None):
    return Evaluation(score=sum(operation == "nor_conv_3x3" for operation in cell.operations))


short = {"none": "-", "skip_connect": "skip", "nor_conv_1x1": "c1", "nor_conv_3x3": "C3", "avg_pool_3x3": "pool"}
watched, names = Watched(70), {}
for trial in regularized_evolution(space, convolutions, population_size=4, sample_size=2, rng=watched):
    names[trial] = "ABCDEFGHIJ"[len(names)]
    cell = " ".join(f"{short[operation]:4}" for operation in trial.architecture.operations)
    story = f"{names[trial]}   {cell}   score {trial.score}"
    if trial.parents:
        drawn = " and ".join(f"{names[one]} ({one.score})" for one in watched.drawn)
        story += f"   drawn: {drawn}; parent {names[trial.parents[0]]}; {names[trial.replaces]} dies"
    print(story)
    if len(names) == 10:
        break

# %% [markdown]
# Follow it with a pencil: who is alive after each line? Now look at D. Nobody among the first four is better, and D wins each
# tournament that it takes part in. Then it dies, while worse ones stay. Is its quality lost? Look for its child that is
# even better, and born in the very moment in which D dies.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: evolution on networks that are really trained
#
# Now the score is what we care about. Each cell becomes a network, which is trained on MNIST-1D for two epochs and then
# measured on validation signals. Training is cheap here so that you can watch, but it is training.
#
# A function that was trained before need not be trained again: on one machine the result would be the same to the last
# digit, for the initial weights depend on the function alone. So we let the estimator **remember**.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.data import load
from nas_edu.performance_estimation import Remembered, Train, TrainingRecipe

EPOCHS = 2
mnist1d = load("mnist1d")
train = Train(mnist1d, recipe=TrainingRecipe(epochs=EPOCHS))
evaluate = Remembered(train)
show(Remembered.__call__)

# %% [markdown] slideshow={"slide_type": "slide"}
# Press **Run**. The first six cells are drawn at random, then evolution begins. In *Population*, big dots are alive, the
# ring marks the newest one's parent, and the cross who has just died. In *Cell evaluated last*, the edge that the mutation
# changed is underlaid in yellow.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import current_cell, incumbent_curve, live, population

evolution = live(
    lambda: regularized_evolution(space, evaluate, population_size=6, sample_size=3, rng=random.Random(1)),
    Budget(evaluations=16),
    views=[incumbent_curve, population, current_cell],
)

# %% [markdown]
# When it is done, run the next cell (*Shift + Enter*): it shows how the best cell came about, from its random ancestor on.
# (We chose a seed with a long family tree. What one run shows may be luck; the experiment below is there for that.)

# %% slideshow={"slide_type": "subslide"}
if len(evolution.history.trials) < 16:
    print(f"{len(evolution.history.trials)} of 16 trials are done: press Run above, and run this cell again at the end")
else:
    line = [evolution.history.best]
    while line[-1].parents:
        line.append(line[-1].parents[0])
    line.reverse()
    born = {trial: number for number, trial in enumerate(evolution.history.trials, 1)}
    captions = [f"trial {born[trial]}: {trial.score:.1%}" for trial in line]
    display(draw.cells([trial.architecture for trial in line], captions=captions))

# %% [markdown]
# Did every step of the line go up? Evolution does not ask for that. A child that is worse than its parent still wins a
# tournament in which nobody better is drawn, and may lead to where no improving step leads.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment
#
# One run says little: it may have been luck. So: several seeds, and for both strategies the same budget of 50 trainings.
# With equal seeds both begin with the *same* ten random cells (that is evolution's first population), so the comparison is
# paired: what differs is only what they make of these.
#
# These are hundreds of trainings, so this is an **experiment**: a function whose results are stored beside the lecture. A call
# reads them, and where there are none, it computes and stores them. `make experiments NAMES=evolution_on_mnist1d` makes them
# anew (some ten minutes).

# %% slideshow={"slide_type": "fragment"}
from nas_edu import History, experiment

BUDGET = Budget(evaluations=50)
SIZES = {"population_size": 10, "sample_size": 4}


@experiment(version=1, space=space, trains=True)
def evolution_on_mnist1d(strategy: str, seed: int) -> History:
    rng = random.Random(seed)
    if strategy == "random search":
        return search(random_search(space, evaluate, rng=rng), BUDGET)
    return search(regularized_evolution(space, evaluate, **SIZES, rng=rng), BUDGET)


seeds = 10
names_of_both = ("random search", "regularized evolution")
searches = {name: [evolution_on_mnist1d(name, seed) for seed in range(seeds)] for name in names_of_both}

# %% [markdown]
# Do you trust stored numbers? Here is one of them, chosen at random, trained again, now, and twice:

# %%
again = random.Random(seeds).choice(searches["regularized evolution"][0].trials)
now, once_more = (train(again.architecture.canonical) for _ in range(2))
print(f"{seeds} seeds, {BUDGET.evaluations} trainings for each strategy and seed; evolution with {SIZES}")
print(f"{again.architecture}\n  stored {again.score:.2%}, trained again {now.score:.2%}, and {once_more.score:.2%}")

# %% [markdown]
# The two trainings of now agree: same weights, same order, same rounding. The stored one may differ in the decimals, for it was made
# on another machine: processors and versions of torch add up in different orders, and rounding errors of 1e-7 grow in training until
# a few of the validation signals are classified otherwise (up to about one point in those that we repeated). So a stored
# search is repeated *exactly* on its own machine only; elsewhere a near tie may fall the other way, and the search with it.

# %% slideshow={"slide_type": "subslide"} tags=["claim-evolution-beats-random"]
from statistics import median

draws = searches["random search"]
evolved = searches["regularized evolution"]
wins = sum(one.best.score > other.best.score for one, other in zip(evolved, draws, strict=True))
draw.traces(searches, title=f"The best cell so far: {seeds} seeds")

# %% [markdown]
# The line is the median over the seeds, the band reaches from the lower to the upper quartile. Up to trial 10 the two
# lines are one: the same random cells. Now seed by seed:

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
rows = [
    f"| {seed} | {one.best.score:.1%} | {other.best.score:.1%} | {100 * (other.best.score - one.best.score):+.1f} |"
    for seed, (one, other) in enumerate(zip(draws, evolved, strict=True))
]
Markdown("| seed | random search | evolution | difference (points) |\n|--:|--:|--:|--:|\n" + "\n".join(rows))

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
start = SIZES["population_size"]
drawn_scores = [trial.score for history in draws for trial in history.trials[start:]]
child_scores = [trial.score for history in evolved for trial in history.trials[start:]]
gains = [other.best.score - one.best.score for one, other in zip(draws, evolved, strict=True)]
caught_up = [
    next((n for n, best in enumerate(other.incumbents, 1) if best.score > one.best.score), BUDGET.evaluations)
    for one, other in zip(draws, evolved, strict=True)
]
# If both were equally good, a coin would decide each seed: how often would it favour evolution so often, or more?
coin = sum(comb(seeds, k) for k in range(wins, seeds + 1)) / 2**seeds
Markdown(f"""
**What was measured**

- Evolution ended ahead in **{wins} of {seeds}** seeds ({wins / seeds:.0%}; you guessed {guess_wins:.0%}). A fair coin
  would do that, or better, once in {1 / coin:,.0f} times.
- The best cell gained {100 * median(gains):+.1f} points in the median; from {100 * min(gains):+.1f} to
  {100 * max(gains):+.1f}.
- Evolution had passed random search's *final* result after {median(caught_up):g} of {BUDGET.evaluations} trainings, in
  the median.
- A typical network: {median(drawn_scores):.1%} for random search (you guessed {guess_random_network:.0%}),
  {median(child_scores):.1%} for evolution's children (you guessed {guess_child:.0%}).
""")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Is it real?** Both strategies *chose* by validation accuracy, and the largest of 50 measurements is a little too good
# to be true. So we train the best cells of the first two seeds once more and look at the **test** signals, which no search
# has seen.

# %% slideshow={"slide_type": "fragment"}
for name, histories in searches.items():
    chosen = [history.best for history in histories[:2]]
    tests = [train.test(evaluate(trial.architecture))[1] for trial in chosen]
    print(f"{name:22} validation, median: {median(t.score for t in chosen):.1%}   test: {median(tests):.1%}", end="   ")
    print("each: " + "  ".join(f"{accuracy:.1%}" for accuracy in tests))

# %% [markdown]
# Validation and test tell the same story here: with this many validation signals, choosing the best of 50 is hardly
# optimistic. With a few hundred it would be, so look every time.
#
# **What this does not say.** All networks were trained for two epochs only. Whether the same cells are the best after a long
# training is another question (lecture 6). And 50 trainings in a space of 15,625 cells are few. The space is finite, so
# with enough of them both strategies find its best cell, and nothing is left to gain.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why it works: children resemble their parents
#
# Every dot is a child: how good its parent was, and how good it became. The dotted line is a typical cell of random search.
# If mutation destroyed everything that was good, a child would be no better than that.

# %% slideshow={"slide_type": "fragment"} tags=["claim-children-resemble-parents"] jupyter={"source_hidden": true}
import matplotlib.pyplot as plt
from scipy.stats import spearmanr

from nas_edu.draw.style import LINE_STYLES, MATPLOTLIB

children = [trial for history in evolved for trial in history.trials if trial.parents]
pairs = [(trial.parents[0].score, trial.score) for trial in children]
resemblance = spearmanr(*zip(*pairs, strict=True)).statistic
with plt.rc_context(MATPLOTLIB):
    figure, axes = plt.subplots(figsize=(7, 5.2))
    blue = LINE_STYLES["regularized evolution"].colour
    axes.plot([0, 1], [0, 1], color="#808080", linestyle="--", linewidth=1.5)
    axes.scatter(*zip(*pairs, strict=True), color=blue, s=36, alpha=0.5, edgecolors="none")
    axes.axhline(median(drawn_scores), color="#1a1a1a", linestyle=":", linewidth=2)
    axes.set(xlim=(0.3, 0.95), ylim=(0.05, 0.95), xlabel="accuracy of the parent", ylabel="accuracy of the child")
    axes.set_title(f"{len(pairs)} children; rank correlation {resemblance:.2f}")
    axes.text(0.32, 0.89, "above the dashed line: better than the parent", fontsize=14)
    axes.text(0.32, median(drawn_scores) + 0.015, "a random cell", fontsize=14)
    plt.show()

# %%
# NBVAL_CHECK_OUTPUT
better = sum(child > parent for parent, child in pairs) / len(pairs)
same = sum(child == parent for parent, child in pairs) / len(pairs)
above = sum(child > median(drawn_scores) for _, child in pairs) / len(pairs)
print(f"better than the parent: {better:.0%}; exactly as good: {same:.0%}; worse: {1 - better - same:.0%}")
print(f"better than the median of random search: {above:.0%} of the children")

# %% [markdown]
# Read both lines together. *Most mutations make a good cell worse*, and evolution wins all the same: a child that falls
# short of its good parent is usually still better than a cell drawn at random, and selection keeps the few that improve.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## All answers known: 200 seeds in seconds
#
# Ten seeds of 50 trainings took their time. **NAS-Bench-Edu** is a table of *every* cell of this space, trained for ten epochs on
# MNIST-1D. An evaluation is then a look-up that charges the CPU seconds which the training took. And since all cells are known,
# so is the best one, and we can say how much a search *misses*: its **regret**.
#
# Predict: after 200 evaluations, what does evolution's best cell miss, in points of test accuracy? What does random search's?
# And whose cells take longer to train?

# %% slideshow={"slide_type": "fragment"} tags=["claim-evolution-on-the-table"]
import numpy as np

from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_strategies import compare

table = NASBenchEdu.load("mnist1d")
strategies = {"random search": random_search, "regularized evolution": regularized_evolution}
on_the_table = compare(strategies, space, table.evaluate, Budget(evaluations=200), seeds=range(200))
draw.regrets(table, on_the_table.histories, title="NAS-Bench-Edu, MNIST-1D: 200 seeds")

# %%
# NBVAL_CHECK_OUTPUT
for count in (25, 50, 100, 200):
    for name, regrets in on_the_table.at(count, table.regret).items():
        low, middle, high = 100 * np.quantile(regrets, [0.25, 0.5, 0.75])
        print(f"{count:3} evaluations  {name:22} misses {middle:.2f} points (quartiles {low:.2f} to {high:.2f})")
for name, histories in on_the_table.histories.items():
    print(
        f"{name:22} {np.mean([trial.evaluation.cost for h in histories for trial in h.trials]):.1f} CPU seconds a training"
    )
for seed in table.seeds:  # a search sees seed 0
    highest = space[int(np.nanargmax(table.column("validation_accuracy", seed=seed)))]
    missed = 100 * (table.test_accuracy(table.optimum) - table.test_accuracy(highest))
    print(f"the cell with the highest validation accuracy of all, with seed {seed}, misses {missed:.2f} points itself")

# %% [markdown]
# The last lines are the mark to aim at: who chooses by validation accuracy and finds the very best by it still misses that
# much on the test signals. Seed 0 happens to point at nearly the best cell; the others do not ([lecture 12](12_nas_bench_edu.ipynb)).

# %% [markdown] slideshow={"slide_type": "subslide"}
# Does mutation keep what is good? On a complete table that is no matter of samples. Take *all* pairs of cells that differ on $d$
# edges: how much is the accuracy of the one correlated with that of the other?

# %% slideshow={"slide_type": "fragment"} tags=["claim-landscape"]
draw.landscape(table, title="What d mutations keep")

# %% [markdown]
# A cell that differs on one edge keeps most of its parent's standing; on four, hardly anything. That is the gradient on which evolution
# climbs, and why its steps must be small. With it, evolution misses less from some 25 trainings on, although its cells take
# half as long again to train: good cells have convolutions. Ask which of the two axes, evaluations or seconds, a comparison has.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: no resemblance, no gain
#
# Let us take the resemblance away and keep all the rest. In a **lottery**, every function gets its score from a random
# generator, once and for all. So there are good cells and bad ones as before, but neighbours have nothing in common. No
# training is needed, so we can afford 200 seeds.
#
# Predict: will evolution be better than random search here, equal, or worse?


# %% slideshow={"slide_type": "fragment"} tags=["claim-no-resemblance-no-gain"]
def lottery(cell, *, epochs=None, resume=None):
    return Evaluation(score=random.Random(str(cell.canonical)).random())


def lottery_searches(make, seeds=200):
    return [search(make(random.Random(seed)), BUDGET) for seed in range(seeds)]


lotteries = {
    "random search": lottery_searches(lambda rng: random_search(space, lottery, rng=rng)),
    "regularized evolution": lottery_searches(lambda rng: regularized_evolution(space, lottery, **SIZES, rng=rng)),
}
draw.traces(lotteries, title="A lottery: 200 seeds")

# %%
# NBVAL_CHECK_OUTPUT
for name, histories in lotteries.items():
    different = median(len({trial.architecture.canonical for trial in history.trials}) for history in histories)
    print(
        f"{name:22} best in the median {median(h.best.score for h in histories):.3f}; different functions: {different:g}"
    )

# %% [markdown]
# Evolution gains nothing, for there is nothing to inherit. It is even a little worse, because it meets the same functions
# again and again: a second look at a cell that you know is a ticket thrown away.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: mutations that change nothing
#
# Not every change of an edge changes what the cell computes: an operation on a **dead** edge, one that no data reaches or
# whose result nobody uses, may be anything. How often does that happen? We need no training to find out: it is enough to
# compare what the cells compute.

# %% slideshow={"slide_type": "fragment"} tags=["claim-neutral-mutations"]
# NBVAL_CHECK_OUTPUT
rng = random.Random(0)
cells = [space.sample(rng) for _ in range(2000)]
neutral = [sum(n.canonical == cell.canonical for n in space.neighbors(cell)) / 24 for cell in cells]
repeats = {
    name: median(1 - len({t.architecture.canonical for t in history.trials}) / len(history.trials) for history in runs)
    for name, runs in searches.items()
}
print(f"of all mutations of 2,000 random cells, {sum(neutral) / len(neutral):.1%} leave the function as it is")
print(
    "trials that repeat a function of the same search: " + ", ".join(f"{n} {share:.0%}" for n, share in repeats.items())
)

# %% [markdown]
# Such a child costs a full training, unless the estimator remembers. On the other hand, a neutral change may be the first
# half of a useful one: it alters which cells are one step away.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: the budget is too small, the pressure wrong
#
# - **As long as the first population fills, evolution *is* random search.** With $P = 100$ and 50 trainings it never starts.
# - **$S$ too small:** with $S = 1$ the formula above gives everybody the same chance. Nothing is selected; the population
#   drifts.
# - **$S$ too large:** with $S = P$ the best has all the children. Soon everybody descends from it, and the search stays on
#   one hill, which may not be the highest.
#
# Try it in the live search: change `population_size` and `sample_size`, say first what you expect, and press *Run*. Cells
# that were trained before cost nothing now.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the settings do
#
# To tell settings apart takes more seeds than one can train. NAS-Bench-201 ([@dong2020]) has all 15,625 cells, trained on
# CIFAR-10 by its authors for 200 epochs, so an evaluation is a lookup. 200 seeds, 200 evaluations each. The library's
# defaults are $P = 20$, $S = 10$. Predict: which of the four comes out behind random search?
#
# The table is not part of this package, so stored are numbers over time: the best score so far. To make them anew, the variable
# `NAS_EDU_NB201` must name a file that `NASBench201.from_csv` reads.

# %% slideshow={"slide_type": "fragment"}
from functools import cache, partial

import numpy as np

from nas_edu.core.experiment import file_named_by
from nas_edu.nas_bench import NASBench201
from nas_edu.search_strategies import Comparison, local_search

PRESSURES = {f"evolution, P={p}, S={s}": (p, s) for p, s in ((20, 10), (50, 3), (20, 1), (20, 20))}
IMPROVEMENTS = {"local search, first": "first", "local search, best": "best"}  # for later in this lecture


@cache
def nas_bench_201():
    return NASBench201.from_csv(file_named_by("NAS_EDU_NB201"), "cifar10")


@experiment(version=1)
def settings_on_nas_bench_201(strategy: str, seed: int) -> np.ndarray:
    evaluate, rng = nas_bench_201().evaluate, random.Random(seed)
    if strategy in PRESSURES:
        size, drawn = PRESSURES[strategy]
        running = regularized_evolution(space, evaluate, population_size=size, sample_size=drawn, rng=rng)
    elif strategy in IMPROVEMENTS:
        running = local_search(space, evaluate, improvement=IMPROVEMENTS[strategy], rng=rng)
    else:
        running = random_search(space, evaluate, rng=rng)
    history = search(running, Budget(evaluations=200))
    return np.array([trial.score for trial in history.incumbents], dtype=np.float32)


def compared(names):
    return Comparison.from_arrays({name: [settings_on_nas_bench_201(name, s) for s in range(200)] for name in names})


# %% slideshow={"slide_type": "subslide"} tags=["claim-settings"]
sizes = compared(["random search", *PRESSURES])
draw.anytime(
    sizes.anytime().query("evaluations >= 10"),
    label="best validation accuracy so far",
    percent=True,
    title=f"NAS-Bench-201, CIFAR-10: {len(sizes.seeds)} seeds",
)

# %% slideshow={"slide_type": "subslide"}


def percentages(comparison, counts=(25, 100, 200)):
    """Mean and its 95 % bootstrap interval over the seeds, in percent."""
    table = 100 * comparison.summary(counts)[["mean", "low", "high"]]
    return table.round(2).unstack("evaluations").swaplevel(axis=1).sort_index(axis=1, level=0, sort_remaining=False)


percentages(sizes)

# %% [markdown]
# Without selection ($S = 1$) evolution ends *behind* random search: it drifts in small steps and meets the same cells
# again. $P = 50$, $S = 3$ does not differ from random search for 50 evaluations, for it *is* random search until then, and
# has not made up for that after 200. Greed ($S = P$) costs hardly anything in this small, smooth space. So a "comparison
# with evolution" means little until its settings are told.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Must the oldest die?
#
# This is what "regularized" means ([@real2019]), and the lecture deck names it as the difference. In other evolutions the
# *worst* dies. The idea: training is noisy, and where the worst dies, one lucky score keeps its place for ever and goes on
# having children. Where the oldest dies, only what is found good *again and again*, through its children, remains.
#
# So it should depend on the noise. Each evaluation gets $\mathcal{N}(0, \sigma^2)$ added; we look at what the best cell
# *by its noisy score* is worth **without** noise. Two worlds: strings of 100 bits, where a mutation changes the score by 0.01
# (in the manner of the simulation in [@real2019]), and the cells of NAS-Bench-201. Predict the sign of
# "oldest minus worst" for $\sigma = 0$ and for a large $\sigma$.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.search_strategies import noisy
from nas_edu.search_strategies.noisy import noiseless


class BitStrings:
    """All numbers of 100 bits; a mutation flips one of them."""

    def sample(self, rng):
        return rng.getrandbits(100)

    def mutate(self, number, rng):
        return number ^ (1 << rng.randrange(100))


def ones(number, *, epochs=None, resume=None):
    return Evaluation(score=number.bit_count() / 100)


def aged(world, evaluate, dies, sigma, seed, counts):
    """The incumbent's score without noise, after so many evaluations under noise."""
    evolution = partial(regularized_evolution, dies=dies)
    running = noisy(world, evaluate, strategy=evolution, sigma=sigma, rng=random.Random(seed))
    values = noiseless(search(running, Budget(evaluations=counts[-1])))
    return [values[count - 1] for count in counts]


@experiment(version=1)
def aging_on_bit_strings(dies: str, sigma: float, seed: int) -> list[float]:
    return aged(BitStrings(), ones, dies, sigma, seed, counts=(300, 1000, 3000))


@experiment(version=1)
def aging_on_nas_bench_201(dies: str, sigma: float, seed: int) -> list[float]:
    return aged(space, nas_bench_201().evaluate, dies, sigma, seed, counts=(100, 200, 500))


# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import pandas as pd
from scipy.stats import false_discovery_control

from nas_edu.search_strategies.comparison import signed_rank_p


def what_aging_gains(one_search, sigmas, counts, seeds):
    """For each sigma and number of evaluations: the means, the gain of aging (paired by seed), and Wilcoxon's p for it,
    corrected for the number of tests (Benjamini & Yekutieli)."""
    found = {
        dies: np.array([[one_search(dies, sigma, seed) for seed in range(seeds)] for sigma in sigmas])
        for dies in ("oldest", "worst")
    }
    gain = found["oldest"] - found["worst"]  # (sigmas, seeds, counts)
    p = [signed_rank_p(gain[i, :, j]) for i in range(len(sigmas)) for j in range(len(counts))]
    return pd.DataFrame(
        {dies: values.mean(axis=1).ravel() for dies, values in found.items()}
        | {"gain": gain.mean(axis=1).ravel(), "standard error": (gain.std(axis=1, ddof=1) / seeds**0.5).ravel()}
        | {"p corrected": false_discovery_control(p, method="by")},
        index=pd.MultiIndex.from_product([sigmas, counts], names=["sigma", "evaluations"]),
    )


worlds = {
    "bit strings: 100 seeds": what_aging_gains(
        aging_on_bit_strings, (0.0, 0.01, 0.02, 0.05, 0.1), (300, 1000, 3000), seeds=100
    ),
    "cells of NAS-Bench-201: 200 seeds": what_aging_gains(
        aging_on_nas_bench_201, (0.0, 0.002, 0.005, 0.01, 0.02), (100, 200, 500), seeds=200
    ),
}

# %% slideshow={"slide_type": "fragment"} tags=["claim-the-oldest-dies"] jupyter={"source_hidden": true}
with plt.rc_context(MATPLOTLIB):
    figure, panels = plt.subplots(1, 2, figsize=(12, 5))
    looks = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#1a1a1a", "^", ":"))
    for axes, (name, gains_of) in zip(panels, worlds.items(), strict=True):
        for (colour, marker, dash), (count, rows) in zip(looks, gains_of.groupby(level="evaluations"), strict=True):
            places = range(len(rows))
            axes.errorbar(
                places,
                100 * rows["gain"],
                200 * rows["standard error"],
                color=colour,
                marker=marker,
                linestyle=dash,
                capsize=4,
                label=count,
            )
        axes.axhline(0, color="#808080", linewidth=1.5)
        axes.set_xticks(list(places), [f"{sigma:g}" for sigma in rows.index.get_level_values("sigma")])
        axes.set(xlabel="noise $\\sigma$", title=name)
        axes.legend(title="evaluations", loc="upper left")
    panels[0].set_ylabel("oldest minus worst (points)")
    plt.show()

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
last = pd.concat({name.split(":")[0]: gains_of[2::3] for name, gains_of in worlds.items()}, names=["world"])
last.style.format(
    {"oldest": "{:.2%}", "worst": "{:.2%}", "gain": "{:+.2%}", "standard error": "{:.2%}", "p corrected": "{:.4f}"}
)

# %% [markdown]
# Bars: two standard errors of the paired difference. Above zero, aging helps. The table has the largest number of
# evaluations of each world; its last column is Wilcoxon's test, corrected for all tests of that world.
#
# **When it helps:** in both worlds once the noise is large beside the differences that matter: from $\sigma = 0.02$ on for bits, from
# 0.01 for cells. It is worth up to 15 points on bits, but only about a quarter of a point on cells, for there
# all that is good lies within one point.
# **When it does not:** with little noise it *costs* on the bits. They are a hill without side summits, and to throw away a good one
# is a pure loss there. On the cells it gains a tenth of a point even without noise, and a little less with very little
# noise, if the search is long; likely because they have local optima, and to let the best die is a way out of one. Only in
# between ($\sigma = 0.005$) nothing can be told from chance. **And the budget counts:** with $\sigma = 0.01$ on bits,
# aging is ahead after 300 evaluations and behind after 3,000.
#
# So "the oldest instead of the worst" is not *the* difference; it is an insurance against lucky scores.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Evolution in the 1990s
#
# Long before, networks were bred in **generations** ([@miller1989]): the next generation takes the place of the whole last
# one. $N$ parents are drawn *with replacement*, in proportion to their fitness $f$, and mutated: a layer is added, changed
# or removed. With **elitism** the best survive as they are. Often the weights were evolved or inherited, too.
#
# $$ P(i \text{ is a parent}) = f_i \Big/ \sum_j f_j $$
#
# Spin the wheel of a population of chains that was really trained. Who should have a child, and how much more often than the
# worst does the best have one? Then move the slider: subtract the same amount from all.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.search_spaces import Chain
from nas_edu.search_strategies import neuroevolution
from nas_edu.widgets import explore_wheel

short_chains = Chain(max_layers=6, kernels=(3, 5), channels=(4, 8, 16))


@experiment(version=1, space=short_chains, trains=True)
def neuroevolution_on_mnist1d(strategy: str, seed: int) -> History:
    rng, budget = random.Random(seed), Budget(evaluations=40)
    if strategy == "random search":
        return search(random_search(short_chains, evaluate, rng=rng), budget)
    elite_size = 2 if "elitism" in strategy else 0
    inherit = "weights" in strategy
    trained = train if inherit else evaluate  # inherited weights make a score depend on the ancestors: none to remember
    running = neuroevolution(short_chains, trained, population_size=8, elite_size=elite_size, inherit=inherit, rng=rng)
    return search(running, budget)


breeds = ("random search", "neuroevolution", "with elitism", "with elitism and inherited weights")
bred = {name: [neuroevolution_on_mnist1d(name, seed) for seed in range(6)] for name in breeds}
wheel = explore_wheel([trial.score for trial in bred["neuroevolution"][0].trials[:8]])

# %% [markdown]
# The best of these is drawn only about twice as often as the worst: the wheel selects weakly. Add a constant to all of them,
# and it selects even less, though nobody's rank has changed. A tournament asks for ranks only. That is one
# reason why it has replaced the wheel.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_strategies.neuroevolution import mutate_layers

show(mutate_layers)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Live, on chains of up to six layers, with real training: two parents of each generation survive, and children start from
# the weights of their parent where layers agree. In *Family tree*, the thick line leads to the best one so far.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import family_tree

breeding = live(
    lambda: neuroevolution(short_chains, train, population_size=6, elite_size=2, inherit=True, rng=random.Random(1)),
    Budget(evaluations=22),
    views=[incumbent_curve, family_tree],
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# One run, and a lucky seed may be all of it. So: the same with several seeds, 40 evaluations each (the experiment above).

# %% slideshow={"slide_type": "fragment"} tags=["claim-neuroevolution"]
draw.traces(bred, title=f"Chains on MNIST-1D: {len(bred['neuroevolution'])} seeds")

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
bred_comparison = Comparison(bred, tuple(range(len(bred["neuroevolution"]))))
bred_comparison.summary([20, 40])[["mean", "low", "high", "rank"]].style.format(
    {"mean": "{:.1%}", "low": "{:.1%}", "high": "{:.1%}", "rank": "{:.2f}"}
)

# %% [markdown]
# Generations alone are ahead of random search after 40 evaluations, elitism adds something, inherited weights add most: they are first
# with every seed. But is what they find a better *architecture*? A child that inherits has been trained for as long as all its
# ancestors together. So let us take the weights away from the winners, and train their chains anew:

# %%
winners = [history.best for history in bred["with elitism and inherited weights"]]
ancestors = []
for winner in winners:
    line = [winner]
    while line[-1].parents:
        line.append(line[-1].parents[0])
    ancestors.append(len(line) - 1)
scratch = [train(winner.architecture).score for winner in winners]
print(f"ancestors of the winners: {ancestors}, so up to {EPOCHS * (max(ancestors) + 1)} epochs in all, not {EPOCHS}")
print(f"mean with the inherited weights {np.mean([w.score for w in winners]):.1%}, trained anew {np.mean(scratch):.1%}")
others = {name: np.mean([h.best.score for h in runs]) for name, runs in bred.items() if "weights" not in name}
print("for comparison: " + ", ".join(f"{name} {mean:.1%}" for name, mean in others.items()))

# %% [markdown]
# The whole gain was training, not architecture: trained anew, the chains of the winners are no better than those of random search.
# That is no fault where a good *network* is wanted: evolution is then a way to train while the structure changes. Only do not
# compare it with a search that starts anew each time, and do not take its score for one of the architecture. And with six
# seeds no test can be sure of much: if one strategy wins six times of six, $p$ is 1/32, before any correction.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Local search: no population at all
#
# Look at the neighbours of one cell; move when one is better; where none is, start again at random ([@white2021local]). **First
# improvement** moves at once, **best improvement** looks at all neighbours before it moves. A TinyCell has 24. Predict: which
# is ahead after 25 evaluations? (The stored searches on NAS-Bench-201, 200 seeds, from above.)

# %% slideshow={"slide_type": "fragment"} tags=["claim-local-search"]
climbs = compared(["random search", next(iter(PRESSURES)), *IMPROVEMENTS])
draw.anytime(
    climbs.anytime().query("evaluations >= 10"),
    label="best validation accuracy so far",
    percent=True,
    title=f"NAS-Bench-201, CIFAR-10: {len(climbs.seeds)} seeds",
)

# %% slideshow={"slide_type": "subslide"}
percentages(climbs)

# %%
climb_tests = climbs.tests(200)
climb_tests["mean difference"] *= 100
climb_tests.style.format(
    {"mean difference": "{:+.2f}", "higher": "{:.0%}", "lower": "{:.0%}"}
    | dict.fromkeys(["p", "p corrected"], "{:.1e}")
)

# %% [markdown]
# Best improvement spends 25 evaluations on *one* start and its neighbours, and until then is behind random search. First
# improvement has moved several times by then. In the end first improvement is where evolution is, and best improvement
# less than a tenth of a point behind (surely behind, says the test, but who would notice?): in this space nearly every hill is
# high ([@white2021local] say the same of theirs, as long as evaluations have little noise). A space where a
# neighbour is a long way off, or where scores are noisy, is another matter.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## NAS as hyperparameter optimization
#
# Nothing forces us to write a search of our own. To choose an architecture is to choose values of **hyperparameters**, so
# whatever optimizes hyperparameters can search. Each of our spaces says which it has:

# %% slideshow={"slide_type": "fragment"} tags=["claim-nas-as-hpo"]
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Chain, DARTSCell, Hierarchical, Macro, NASNetCell

for one in (TinyCell(), NASNetCell(), DARTSCell(), Hierarchical(), Chain(), Macro()):
    listed = one.hyperparameters
    conditional = sum(h.condition is not None for h in listed)
    example = listed[-1]
    print(
        f"{type(one).__name__:12} {len(listed):3} hyperparameters, {conditional:2} with a condition; the last: {example.name}"
    )

# %% [markdown]
# NASNet's space has five for each of the $B = 5$ blocks of a cell, and two cells: $2 \cdot 5B = 50$. In Chain and Macro the
# number of layers $L$ is a hyperparameter itself, and those of layer $k$ exist **only if** $L \geq k$. The form in which
# SMAC3 takes a space, for chains of one or two layers:

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces.export import from_configuration, to_config_space

chains = Chain(max_layers=2, kernels=(3, 5), channels=(8, 16))
configuration_space = to_config_space(chains, seed=1)
print(configuration_space)
for configuration in configuration_space.sample_configuration(3):
    print(f"{len(configuration)} values: {from_configuration(chains, configuration)}")

# %% [markdown]
# What has no meaning is not there: a pooling has no kernel size, and a chain of one layer no second kind. Optuna takes the
# other way. It is told nothing beforehand, it is *asked* while a trial runs, so a condition is simply an `if`:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces.export import suggest

show(suggest)

# %% [markdown] slideshow={"slide_type": "slide"}
# ### The real tools
#
# **Optuna**'s default is TPE: it compares how often a value occurs among the best trials and among the others. **SMAC3** is
# Bayesian optimization: a random forest learns to predict the score from the values, and where the expected improvement is
# largest, it looks next. Both are strategies like ours, a generator of trials:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_strategies import optuna_search, smac_search

show(optuna_search)

# %% [markdown] slideshow={"slide_type": "subslide"}
# They were given the same task as evolution above: MNIST-1D, 50 trainings, ten seeds. SMAC3's forest learns anew after every
# trial (`retrain_after=1`). Predict: who is ahead of whom in the end, random search, evolution, Optuna, SMAC3?


# %% slideshow={"slide_type": "fragment"}
@experiment(version=1, space=space, trains=True)
def hpo_on_mnist1d(tool: str, seed: int) -> History:
    rng = random.Random(seed)
    if tool == "SMAC3":
        return search(smac_search(space, evaluate, retrain_after=1, rng=rng), BUDGET)
    return search(optuna_search(space, evaluate, rng=rng), BUDGET)


tools = {name: [hpo_on_mnist1d(name, seed) for seed in range(seeds)] for name in ("Optuna (TPE)", "SMAC3")}

# %% [markdown] slideshow={"slide_type": "subslide"}
# The trainings are stored, and so the tools can run again on them, here and now: they should propose the same cells. Of SMAC3
# only a few, for its forest takes its time. *Overhead* is what a tool takes for one proposal once its ten random ones are
# over. It is measured on your machine, and compared with a mark that it should stay below.

# %% slideshow={"slide_type": "fragment"}
import time
from itertools import islice

known = Remembered(train)  # what the stored searches trained
known.learn(history for runs in (searches | tools).values() for history in runs)
running_again = {  # who proposes; how many cells; the mark, in milliseconds
    "Optuna (TPE)": (optuna_search(space, known, rng=random.Random(1)), 50, 20),
    "SMAC3": (smac_search(space, known, retrain_after=1, rng=random.Random(1)), 13, 2_000),
    "regularized evolution": (regularized_evolution(space, known, **SIZES, rng=random.Random(1)), 50, 1),
}
for name, (running, count, mark) in running_again.items():
    proposed = list(islice(running, 10))
    started = time.perf_counter()
    proposed += islice(running, count - 10)
    overhead = 1000 * (time.perf_counter() - started) / (count - 10)
    kept = (tools | searches)[name][1].trials[:count]
    same = [trial.architecture for trial in proposed] == [trial.architecture for trial in kept]
    verdict = f"below {mark:,} ms" if overhead < mark else f"{overhead:,.0f} ms"
    print(f"{name:22} first {count} cells as stored: {same}; overhead of a trial: {verdict}")
training = median(trial.evaluation.cost for history in tools["SMAC3"] for trial in history.trials)
print(f"one training took {training:.1f} s, in the median, when these searches were made")

# %% slideshow={"slide_type": "subslide"} tags=["claim-bo-competitive"]
everybody = {**searches, **tools}
draw.traces(everybody, title=f"The best cell so far: {seeds} seeds")

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
hpo_comparison = Comparison(everybody, tuple(range(seeds)))
shown = hpo_comparison.summary([20, BUDGET.evaluations])[["mean", "low", "high", "rank"]]
shown["different functions"] = [
    median(len({t.architecture.canonical for t in history.trials[:count]}) for history in everybody[name])
    for count, name in shown.index
]
shown.style.format(
    {"mean": "{:.1%}", "low": "{:.1%}", "high": "{:.1%}", "rank": "{:.1f}", "different functions": "{:g}"}
)

# %%
pairs_of_tools = hpo_comparison.tests(BUDGET.evaluations)
pairs_of_tools.style.format(
    {"mean difference": "{:+.1%}", "higher": "{:.0%}", "lower": "{:.0%}", "p": "{:.3f}", "p corrected": "{:.3f}"}
)

# %% [markdown]
# *Mean* with its 95 % interval (*low*, *high*), over the seeds; *rank* 1 would be the best in every seed. The second table
# compares pairs, seed by seed; its last column is corrected for having looked at six pairs.

# %% [markdown]
# All three that learn from scores are ahead of random search in nine or ten of ten seeds, and the correction leaves that
# standing. Among the three, ten seeds decide nothing. So the deck is right that Bayesian optimization "is very competitive"
# ([@zimmer2021]), and tree-based models need no more than a list of categorical choices; but it does not outdo evolution here. After
# 20 trials SMAC3 is hardly ahead of random search: ten of them were random, and a forest learns little from ten.
#
# (Optuna draws its ten random cells by itself, and these happened to be better than those that random search and evolution share;
# so its early lead is luck.)
#
# What differs is the **overhead**. Evolution thinks for less than a millisecond, Optuna for less than twenty, and SMAC3 for a
# considerable part of the time that one of our trainings takes. Beside a training of hours this is nothing, beside ours it is not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The baseline that must be beaten
#
# Random search has no settings, runs on any number of machines at once, and costs nothing besides its trainings. So the question to
# each method is not "what did you find?", but: **how many random trainings would have found as much?** ([@li2019; @lindauer2020])
#
# The ten stored random searches are a sample of 500 cells. From it the expected best of $n$ draws is known, without running
# anything: rank the $M$ scores upwards, and the $k$-th is the best of $n$ with probability
# $\binom{k-1}{n-1} / \binom{M}{n}$, the same argument as for the tournament.

# %% slideshow={"slide_type": "fragment"} tags=["claim-random-search-baseline"]
pool = sorted(trial.score for history in draws for trial in history.trials)
M = len(pool)


def expected_best(n):
    return sum(comb(k - 1, n - 1) / comb(M, n) * pool[k - 1] for k in range(n, M + 1))


wanted = {name: np.mean([history.best.score for history in histories]) for name, histories in everybody.items()}
reached = [expected_best(n) for n in range(1, M + 1)]
for name, mean in wanted.items():
    needs = next((n for n, best in enumerate(reached, 1) if best >= mean), None)
    text = f"{needs} random trainings" if needs else f"more than the {M} random trainings that we have"
    print(f"{name:22} mean best after 50: {mean:.1%}, worth {text}")
print(f"\nthe best of all {M} random cells: {pool[-1]:.1%}")

# %% [markdown]
# Random search should come out at 50, by definition; how far it is from that says how uncertain such a number is with ten
# searches. A method is worth its trouble if this number is well above 50, *by more than its own cost*: an overhead of half a
# training for each trial would turn 50 trials into the price of 75. Where a training takes hours, none of the overheads above
# matters. Where it takes a second, SMAC3's does.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Not only accurate: small as well
#
# A phone allows only so many multiply-accumulate operations (MACs). There are two ways to say so. A **limit**: what is over
# it is refused before it is trained, and the search goes on; no strategy has to know. Or **two objectives**: look for the
# whole *Pareto front*, all cells that no other beats in both. `nsga2` ([@deb2002]) is evolution whose ranks are "who is
# dominated by whom", and among equals "who is lonely".
#
# First the limit (random search again, as its cells are trained already):

# %% slideshow={"slide_type": "fragment"} tags=["claim-resources"]
from nas_edu.performance_estimation import WithResources
from nas_edu.performance_estimation.resources import macs

RESOURCES = {"MACs": cache(partial(macs, task=mnist1d))}
limit = 100_000
limited = WithResources(known, RESOURCES, limits={"MACs": limit})
small = search(random_search(space, limited, rng=random.Random(0)), BUDGET)
refused = sum(trial.failed for trial in small.trials)
print(
    f"limit {limit:,} MACs: {refused} of {len(small.trials)} cells refused; best of the others {small.best.score:.1%}"
)
print(f"without a limit: {draws[0].best.score:.1%}")

# %% [markdown]
# Then NSGA-II, stored; press *Run* to watch its front grow.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.search_strategies import nsga2
from nas_edu.widgets import pareto_view, replay

OBJECTIVES = ("score", "MACs")


@experiment(version=1, space=space, trains=True)
def nsga2_on_mnist1d(seed: int) -> History:
    sized, rng = WithResources(evaluate, RESOURCES), random.Random(seed)
    return search(nsga2(space, sized, objectives=OBJECTIVES, population_size=10, rng=rng), BUDGET)


fronts = [nsga2_on_mnist1d(seed) for seed in range(5)]
front = replay(fronts[0], views=[pareto_view("MACs"), current_cell])

# %% slideshow={"slide_type": "subslide"}
from nas_edu.core import run_trial
from nas_edu.search_strategies import hypervolume, hypervolumes, pareto_front


def with_macs(history):
    """A search that did not look at MACs, with these among its objectives."""
    measured = WithResources(known, RESOURCES)
    return History(run_trial(measured, trial.architecture) for trial in history.trials)


rivals = {"NSGA-II": fronts} | {
    name: [with_macs(history) for history in searches[name][: len(fronts)]] for name in searches
}
reference = (-0.1, 340_000)  # chance, and more MACs than any cell has
for name, histories in rivals.items():
    fronts_of = [pareto_front(history.trials, OBJECTIVES) for history in histories]
    points = [[(-t.score, t.evaluation.objectives["MACs"]) for t in front_of] for front_of in fronts_of]
    volumes = [hypervolume(each, reference) / (0.9 * 340_000) for each in points]
    allowed = [
        max(t.score for t in history.trials if t.evaluation.objectives["MACs"] <= limit) for history in histories
    ]
    each = "  ".join(f"{volume:.3f}" for volume in volumes)
    print(f"{name:22} hypervolume {np.mean(volumes):.3f} (each: {each}); best within {limit:,}: {np.mean(allowed):.1%}")

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
share = lambda history: np.array(hypervolumes(history, OBJECTIVES, reference)) / (0.9 * 340_000)  # noqa: E731
grown = Comparison(rivals, tuple(range(len(fronts)))).anytime(share)
draw.anytime(grown, label="hypervolume of the front so far", title=f"How the fronts grow: {len(fronts)} seeds")

# %% [markdown]
# The hypervolume is the share of the rectangle between chance and accuracy 100 %, and between no MACs and 340,000, that
# a front beats. NSGA-II is **not** ahead: after 50 evaluations and with five seeds it cannot be told from random search, and
# evolution, which never looked at MACs, has the larger front in most seeds. A likely reason: the most accurate cells make up
# most of this volume, and NSGA-II spends trainings on small cells, most of which are bad here. Under the limit, too, random
# search is not behind. So in this small space the trials of *any* search contain a usable front: look at it with `pareto_front`
# before you change the search. Whether more evaluations turn this around was not tried.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> The best individual of the population has just turned the oldest. What happens to it, and to its qualities?</summary>
#
# It dies with the next birth, however good. But being the best, it was the parent whenever a tournament drew it, so its
# children probably live on, one edge different.
# </details>
#
# <details><summary><b>2.</b> <i>P</i> = 4, <i>S</i> = 2. How often does the best become the parent? And the worst?</summary>
#
# The best wins whenever it is drawn: 3 of the 6 pairs contain it, so 1/2. The worst can never win: somebody better is
# always drawn with it.
# </details>
#
# <details><summary><b>3.</b> A friend compares evolution with 200 trainings against random search with 50, one seed each, and evolution wins. What do you say?</summary>
#
# Two mistakes: the budgets differ, and one seed shows one case of luck. Equal budgets, several seeds, and the spread.
# </details>
#
# <details><summary><b>4.</b> Why does a lottery harm evolution, but not random search?</summary>
#
# Random search does not use the scores, so they cannot mislead it. Evolution stays near what looked good and meets the
# same functions again.
# </details>
#
# <details><summary><b>5.</b> With <code>dies="worst"</code> the worst dies instead. If several are equally bad, who is it?</summary>
#
# The oldest of them: <code>min</code> returns the first of equals, and the population is kept in order of birth.
# </details>
#
# <details><summary><b>6.</b> Somebody gives every chain six layers, with one more kind, "no layer", instead of conditions. What does an HPO tool lose?</summary>
#
# It sees differences where there are none: kernel and channels of a layer that does not exist change nothing, and one
# chain of two layers is written in many ways. The model has to learn that, from trainings.
# </details>
#
# <details><summary><b>7.</b> Three individuals have fitness 0.90, 0.80 and 0.70. How often does the wheel choose the best? And after 0.65 is subtracted from each?</summary>
#
# 0.90 / 2.40 = 37.5 %, hardly more than a third. Then 0.25 / 0.45 = 56 %. The ranks are the same.
# </details>
#
# <details><summary><b>8.</b> Your evaluations have no noise at all. Somebody says that the oldest must die. What do you answer?</summary>
#
# Then no score is lucky, and nothing needs to be insured against. On a hill without side summits it costs; where there are
# local optima it may still help to leave one.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. the loop and its code | the table beside Algorithm 2 and the source below it |
# | 2. parents and deaths by hand | the population of four; quiz 1 and 2 |
# | 3. how hard a tournament selects | the formula for $p(r)$ and its table |
# | 4. a fair comparison | the experiment; quiz 3 |
# | 5. when evolution gains nothing | the lottery; a budget no larger than the population |
# | 6. the oldest or the worst | two worlds with noise; quiz 8 |
# | 7. NAS as hyperparameter optimization | the space of short chains, and the race of four; quiz 6 |
# | 8. what a search is worth | the expected best of $n$ random draws, and the overheads |
#
# **Now write it yourself:** [exercises 3](../exercises/03_evolution.ipynb): the mutation, the tournament, the aging. In the
# end your own code searches.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions, on paper (5) - algorithm: table, then the source, line by line (10) - the
# population of four, on the blackboard (8) - live search (7) - the experiment, and who guessed what (8) - lottery (4) -
# quiz 3 (3). Leave out: the formula for $p(r)$, neutral mutations, and all from "What the settings do" on, but for the two
# pictures of "Must the oldest die?".
#
# **90 minutes:** the 45 above (40), the formula derived by the room from $P = 4$, $S = 2$ (8), settings (5), aging, with the sign
# predicted by hand-raising (8), the wheel and the 1990s (9), local search (4), the tools and the baseline (10), the Pareto
# front (3), quiz 6 to 8 (3). The first task of the exercises is homework.
#
# **Three demonstrations:** (1) *Step* through the live search after trial 8 and let the room say who may be the parent.
# (2) `sample_size=1` beside `sample_size=8`: drift against greed, to be seen in the population view. (3) Replace `evaluate`
# by `lottery` in the live cell: the same picture, and no progress.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The weights are inherited": here only the architecture is, each child is trained from scratch.
# "The oldest dies, so the best result is lost": the *history* keeps it; only its place in the population is lost. "Mutation
# improves": it changes; selection improves. "A larger population is better": with a fixed budget it means fewer
# generations. "Fitness is a property of the architecture": it is one measurement, of one training.
