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
# 5. name two situations in which evolution gains nothing over random search, and say why.

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
# The survey of White et al. (2023) gives the general form as its Algorithm 2. In our words, and beside it what
# **regularized evolution** (Real et al., AAAI 2019) makes of each line:
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
import inspect

from IPython.display import Markdown, display

from nas_edu.search_strategies import random_search, regularized_evolution


def show(function):
    """The code itself, from the library: what you read is what runs."""
    display(Markdown(f"```python\n{inspect.getsource(function)}```"))


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
# A function that was trained before need not be trained again: the result would be the same to the last digit. So we
# let the estimator **remember**.

# %% slideshow={"slide_type": "fragment"}
from histories.evolution import EPOCHS, Remembered

from nas_edu.data import load
from nas_edu.performance_estimation import Protocol, Train

mnist1d = load("mnist1d")
train = Train(mnist1d, protocol=Protocol(epochs=EPOCHS))
evaluate = Remembered(train)
show(Remembered)

# %% [markdown] slideshow={"slide_type": "slide"}
# Press **Run**. The first eight cells are drawn at random, then evolution begins. In *Population*, big dots are alive, the
# ring marks the newest one's parent, and the cross who has just died. In *Cell evaluated last*, the edge that the mutation
# changed is underlaid in yellow.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import current_cell, incumbent_curve, live, population

evolution = live(
    lambda: regularized_evolution(space, evaluate, population_size=8, sample_size=3, rng=random.Random(4)),
    Budget(evaluations=24),
    views=[incumbent_curve, population, current_cell],
)

# %% [markdown]
# When it is done, run the next cell (*Shift + Enter*): it shows how the best cell came about, from its random ancestor on.
# (We chose a seed with a long family tree. What one run shows may be luck; the experiment below is there for that.)

# %% slideshow={"slide_type": "subslide"}
if len(evolution.history.trials) < 24:
    print(f"{len(evolution.history.trials)} of 24 trials are done: press Run above, and run this cell again at the end")
else:
    line = [evolution.history.best]
    while line[-1].parents:
        line.append(line[-1].parents[0])
    line.reverse()
    born = {trial: number for number, trial in enumerate(evolution.history.trials, 1)}
    captions = [f"trial {born[trial]}: {trial.score:.1%}" for trial in line]
    display(draw.cells([trial.architecture for trial in line], captions=captions))

# %% [markdown]
# Did every step of the line go up? Evolution does not ask for that. A child that is a little worse than its parent still
# wins a tournament in which nobody better is drawn, and may lead to where no improving step leads.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment
#
# One run says little: it may have been luck. So: several seeds, and for both strategies the same budget of 50 trainings.
# With equal seeds both begin with the *same* ten random cells (that is evolution's first population), so the comparison is
# paired: what differs is only what they make of these.
#
# These are hundreds of trainings, so the histories are stored beside the lecture. The command that made them:
#
#     python lectures/histories/evolution.py
#
# Do you trust stored numbers? Here is a random one of them, trained again, now:

# %% slideshow={"slide_type": "fragment"}
from histories.evolution import BUDGET, SIZES, stored

searches = stored()
seeds = len(searches["random search"])
again = random.Random(seeds).choice(searches["regularized evolution"][0].trials)
now = evaluate(again.architecture)
print(f"{seeds} seeds, {BUDGET.evaluations} trainings for each strategy and seed; evolution with {SIZES}")
print(f"{again.architecture}\n  stored {again.score:.2%}, trained again {now.score:.2%}")

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
# to be true. So we train the best cells of the first five seeds once more and look at the **test** signals, which no search
# has seen.

# %% slideshow={"slide_type": "fragment"}
for name, histories in searches.items():
    chosen = [history.best for history in histories[:5]]
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
#
# **Not settled here:** whether it is better to let the *oldest* die than to let the worst die, which the name "regularized"
# promises. The idea is that a lucky score must not keep its place for ever. But here the same function, trained again,
# has the same score to the last digit, so the question "was it only luck?" cannot even be asked. It takes several trainings
# of each cell, from different initial weights, and many more seeds. That is for the second part of this lecture, as is a
# measurement of what $P$ and $S$ do.

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
#
# **Now write it yourself:** [exercises 3](../exercises/03_evolution.ipynb): the mutation, the tournament, the aging. In the
# end your own code searches.
#
# **Sources.** White et al., "Neural Architecture Search: Insights from 1000 Papers", 2023, Algorithm 2. Real, Aggarwal,
# Huang and Le, "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019. Li and Talwalkar, "Random
# Search and Reproducibility for Neural Architecture Search", UAI 2019. Greydanus and Kobak, "Scaling Down Deep Learning with
# MNIST-1D", 2020. Dong and Yang, "NAS-Bench-201", ICLR 2020 (the cells).

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions, on paper (5) - algorithm: table, then the source, line by line (10) - the
# population of four, on the blackboard (8) - live search (7) - the experiment, and who guessed what (8) - lottery (4) -
# quiz 3 (3). Leave out: the formula for $p(r)$, neutral mutations.
#
# **90 minutes:** everything, with the formula derived by the room from $P = 4$, $S = 2$ (10); after the live search each
# pair chooses its own $P$ and $S$, predicts, and runs (15); the first task of the exercises in class (15).
#
# **Three demonstrations:** (1) *Step* through the live search after trial 8 and let the room say who may be the parent.
# (2) `sample_size=1` beside `sample_size=8`: drift against greed, to be seen in the population view. (3) Replace `evaluate`
# by `lottery` in the live cell: the same picture, and no progress.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The weights are inherited": here only the architecture is, each child is trained from scratch.
# "The oldest dies, so the best result is lost": the *history* keeps it; only its place in the population is lost. "Mutation
# improves": it changes; selection improves. "A larger population is better": with a fixed budget it means fewer
# generations. "Fitness is a property of the architecture": it is one measurement, of one training.
