# %% [markdown] slideshow={"slide_type": "slide"}
# # 6. Speeding up black-box search
#
# Random search, evolution and Bayesian optimization treat a training as one number that costs ten epochs. But a training is a *curve*,
# it has relatives, and somebody may have trained something like it before. Four ways to make use of that.
#
# After this lecture you can
#
# 1. write down the rungs of successive halving and the brackets of Hyperband, and count their epochs;
# 2. predict the end of a learning curve in three ways, say how sure each is, and stop a training for it;
# 3. build a portfolio by greedy choice, and say what its guarantee is;
# 4. make a network wider and deeper without changing its function, by hand, batch normalization included;
# 5. tell from two measurements whether a cheap fidelity can be trusted.

# %% slideshow={"slide_type": "fragment"}
import random

from nas_edu import draw
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell

table, space = NASBenchEdu.load("mnist1d"), TinyCell()
rng = random.Random(2)
drawn = [space.sample(rng) for _ in range(27)]
picture = draw.curves(
    {f"cell {n}": table.evaluate(cell) for n, cell in enumerate(drawn)},
    title="27 random cells, and the rungs of successive halving",
)
axes = picture.axes[0]
axes.set_ylim(0, 1.02)
for epoch, text in ((1, "9 of 27"), (3, "3 of 9"), (10, "")):
    axes.axvline(epoch, color="#1a1a1a", linestyle="dashed", linewidth=1.5)
    axes.annotate(text, (epoch + 0.1, 0.02), fontsize=14)
picture

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Each line (blue: the best at the end) is a real training of our table, 10 epochs each. Some are hopeless, a few never leave
# 10 %, and it seems that one could have known earlier. Then look again at where the lines cross.
#
# > How little of a training is enough to decide, and what can be taken over from other trainings?
#
# | way | what is saved | source |
# | --- | --- | --- |
# | 1. multi-fidelity optimization | the end of most trainings | [@jamieson2016; @li2018hyperband; @li2020asha; @falkner2018] |
# | 2. learning curve prediction | the end of those that will not win | [@domhan2015; @baker2018] |
# | 3. meta-learning across data sets | the search's beginning | [@zimmer2021] |
# | 4. network morphisms, weight inheritance | the beginning of each training | [@chen2016; @wei2016; @cai2018; @elsken2018] |

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# Among the best tenth of all functions, how large is Kendall's $\tau$ between the accuracy after 5 of 10 epochs and at the end? And
# which is ahead after the cost of about 95 full trainings: successive halving from 1 epoch, from 3, or from 5?

# %%
guess = {"tau after 5 epochs": 0.5, "best halving from": 1}  # your guesses: a number from -1 to 1; epochs

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Successive halving
#
# $$ S_0 = n \text{ random architectures}, \qquad S_{i+1} = \text{the best } \lfloor n_i/\eta \rfloor \text{ of } S_i \text{ after } r_i = r\,\eta^i \text{ epochs} $$
#
# Epochs are one fidelity; others are fewer data, smaller images, fewer channels or cells.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.search_strategies import asynchronous_halving, hyperband, successive_halving
from nas_edu.search_strategies.hyperband import brackets
from nas_edu.search_strategies.successive_halving import bracket, rungs

show(bracket)

# %% [markdown]
# A survivor is **resumed**: it pays for the added epochs only. With our training code that is a real pause: a network waits, and
# goes on as if it had never stopped. With the table it is the same in simulated seconds.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Every number of 9 → 3 → 1
#
# Nine cells, $\eta = 3$, rungs at 1, 3 and 9 epochs. On paper first: who goes on, and how many epochs are paid?

# %% slideshow={"slide_type": "fragment"}
nine = drawn[:9]
ladder = rungs(9, 1, 9, 3)
names = dict(zip(nine, "ABCDEFGHI", strict=True))
trials, resumed = list(bracket(nine, table.evaluate, ladder)), 0
for count, epochs in ladder:
    own, trials = trials[:count], trials[count:]
    ranked = sorted(own, key=lambda trial: -trial.score)
    paid = sum(trial.evaluation.epochs for trial in own)
    resumed += paid
    print(f"{epochs} epochs, {paid:2g} paid:  " + "  ".join(f"{names[t.architecture]} {t.score:.1%}" for t in ranked))
ends = {names[cell]: table.evaluate(cell, epochs=9).score for cell in nine}
fresh = sum(count * epochs for count, epochs in ladder)
print(f"\n{resumed:g} epochs instead of {9 * len(nine)} ({fresh:g} if every rung began anew)")
print(
    "all nine after 9 epochs: "
    + "  ".join(f"{name} {end:.1%}" for name, end in sorted(ends.items(), key=lambda x: -x[1]))
)

# %% [markdown]
# Compare the last line with the survivors: did the winner win because it is the best, or because the best was dropped early?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Hyperband: how early may one decide?
#
# Nobody knows. So Hyperband runs several brackets at about equal cost, from hasty to patient; the last one is random search. With
# $R = 81$, $\eta = 3$, from the code, which follows Algorithm 1 of [@li2018hyperband]. Table 1 of the same paper begins the brackets
# with 81, 27, 9, 6 and 5 architectures; the two do not agree.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
for s, one in zip((4, 3, 2, 1, 0), brackets(1, 81, 3), strict=True):
    fresh = sum(count * epochs for count, epochs in one)
    steps = [0, *(epochs for _, epochs in one)]
    resumed = sum(count * (epochs - before) for (count, epochs), before in zip(one, steps, strict=False))
    print(
        f"s = {s}:  "
        + "  ".join(f"{count:2} x {epochs:2g}" for count, epochs in one).ljust(52)
        + f"{fresh:5g} epochs, {resumed:4g} when resumed"
    )
show(hyperband)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## ASHA: nobody waits
#
# With many workers a rung ends when its slowest training does, and the rest are idle. ASHA promotes as soon as there is somebody to
# promote, otherwise it begins something new. How much would be lost? The table's seconds, a bracket of 27, rung by rung:


# %% slideshow={"slide_type": "fragment"}
def end_of(costs, workers):
    """When the last job ends, if each worker takes the next job when it is free."""
    free = [0.0] * workers
    for cost in costs:
        free[free.index(min(free))] += cost
    return max(free)


one_bracket = list(bracket(drawn, table.evaluate, rungs(27, 10 / 9, 10, 3)))
costs = [trial.evaluation.cost for trial in one_bracket]
parts = [costs[:27], costs[27:36], costs[36:]]
for workers in (1, 4, 9, 27):
    makespan = sum(end_of(part, workers) for part in parts)
    print(f"{workers:2} workers: {makespan:5.1f} s, busy {sum(costs) / workers / makespan:4.0%} of the time")

# %% [markdown]
# ASHA's workers are busy all the time; the price is that some are promoted who would not have been, had one waited. In our
# experiment below it has one worker, so there only its rule of promotion is tested.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(asynchronous_halving)

# %% [markdown]
# All of them still draw at random. A model that proposes what goes into the brackets is the next step: BOHB [@falkner2018].

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: a bracket
#
# Press **Run**. Orange: the newest training. Blue: on the rung that is running. Grey: stopped, or waiting. Each training is a lookup.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import Budget
from nas_edu.widgets import bracket_view, current_cell, live

live_search = live(
    lambda: successive_halving(space, table.evaluate, rng=random.Random(2)),
    Budget(evaluations=39),  # one bracket: 27 + 9 + 3
    views=[bracket_view, current_cell],
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What goes wrong: a fidelity that lies
#
# Halving believes that the rank after $r$ epochs is the rank at the end. Kendall's $\tau$ between the two, over all functions of the
# table, and only among those that end in the best tenth:

# %% slideshow={"slide_type": "fragment"} tags=["claim-fidelity"]
import numpy as np
from scipy.stats import kendalltau

one_of_each = table.functions
final = table.column("validation_accuracy", seed=0)[one_of_each]
test = np.array([table.test_accuracy(space[int(place)], seed=0) for place in one_of_each])
trained = ~np.isnan(final)
epochs_seen = [epoch for epoch in table.epochs if epoch == int(epoch)]
best_tenth = trained & (final >= np.nanquantile(final, 0.9))


def tau_with_end(values, some):
    return kendalltau(values[some], final[some]).statistic


agreement = {}
print(f"{trained.sum():,} functions     tau   among the best tenth   of these in the best third")
for epoch in epochs_seen[:-1]:
    early = table.column("validation_accuracy", seed=0, epoch=epoch)[one_of_each]
    agreement[epoch] = [tau_with_end(early, some) for some in (trained, best_tenth)]
    share = (early[best_tenth] >= np.nanquantile(early, 2 / 3)).mean()
    print(f"after {epoch:g} epochs {agreement[epoch][0]:10.2f}{agreement[epoch][1]:12.2f}{share:26.0%}")
print(f"test accuracy, end {tau_with_end(test, trained):5.2f}{tau_with_end(test, best_tenth):12.2f}")
print(
    f"\nthe best tenth ends between {final[best_tenth].min():.1%} and {final[best_tenth].max():.1%} validation accuracy"
)
first = table.column("validation_accuracy", seed=0, epoch=1)[one_of_each]
for least in (0.5, 0.8):
    print(f"tau after 1 epoch, without those that end below {least:.0%}: {tau_with_end(first, final >= least):.2f}")
print(f"the best tenth after 5 epochs: {agreement[5.0][1]:.2f}; your guess: {guess['tau after 5 epochs']:.2f}")

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
from nas_edu.draw import figure
from nas_edu.draw.style import line_styles

with figure.house_style():
    plot = figure.Plot(
        "Kendall's tau between the accuracy after some epochs and at the end, for all functions and for the best tenth"
    )
    axes = plot.subplots()
    styles = line_styles(["all functions", "best tenth"])
    for place, style in enumerate(styles.values()):
        values = [pair[place] for pair in agreement.values()]
        axes.plot(list(agreement), values, color=style.colour, linestyle=style.linestyle, marker="o")
    axes.set(
        xlabel="epochs seen", ylabel="Kendall's tau with the end", ylim=(-0.2, 1), title="What an early accuracy says"
    )
    figure.label_ends(
        axes, [(9, agreement[9.0][place], name, style.colour) for place, (name, style) in enumerate(styles.items())]
    )
plot

# %% [markdown]
# Over all functions the rank after one epoch says something, and not only who is hopeless: without those that end low, $\tau$ falls,
# but not by much. **Among the best tenth, which is what a search is about, it says next to nothing until epoch 5 or 6.** There are two
# reasons. Noise: they end so close together that even their final validation and test accuracy agree only in part. And the schedule:
# one-cycle raises the learning rate until epoch 3 and lowers it to zero at the end, and a cell that bears a high rate badly looks
# poor for a while. How much is which, we have not measured.
#
# But halving needs less than the order: the good ones must be among those that go on, and after one epoch most of them are.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Learning curve prediction
#
# Do not compare what was seen, compare what will be. Three predictors of the accuracy at epoch $T$ from the first $t$, each with a
# standard deviation:
#
# - **last seen value**: $\hat y_T = y_t$;
# - **parametric** ([@domhan2015]): families such as $c - b\,t^{-k}$ are fitted to *this* curve, and mixed by how well they fit;
# - **a model of earlier curves** ([@baker2018]): a regression from (partial curve, its differences, architecture) to the end, learnt
#   from architectures that were trained to the end.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.performance_estimation.learning_curves import CurveModel, last_seen, parametric

show(CurveModel._features)
show(CurveModel._fit)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Measured: 100 random functions train the model, 60 others judge all three. *Inside*: how often the end lies within 1.96 standard
# deviations; 95 % would be right.

# %% slideshow={"slide_type": "fragment"} tags=["claim-learning-curves"]
from functools import partial

places = random.Random(1).sample(np.flatnonzero(trained).tolist(), 160)
sample = [space[int(one_of_each[place])] for place in places]
curves_of = {cell: table.evaluate(cell).curve for cell in sample}
encoded, blind = CurveModel(partial(space.encode, encoding="one_hot")), CurveModel()
for cell in sample[:100]:
    encoded.add(cell, curves_of[cell])
    blind.add(cell, curves_of[cell])
PREDICTORS = {
    "last seen value": lambda cell, curve: last_seen(curve, 10),
    "parametric": lambda cell, curve: parametric(curve, 10),
    "model of curves": blind.predict,
    "and architecture": encoded.predict,
}
truth = np.array([curves_of[cell][-1].validation_accuracy for cell in sample[100:]])
predicted = {}
for seen in (2, 3, 5, 8):
    print(f"{seen} epochs seen        mean |error|   rank correlation   inside")
    for name, predict in PREDICTORS.items():
        means, spreads = np.array([predict(cell, curves_of[cell][: 2 * seen]) for cell in sample[100:]]).T
        predicted[seen, name] = means
        inside = (np.abs(means - truth) < 1.96 * spreads).mean()
        print(
            f"    {name:18}{np.abs(means - truth).mean():10.1%}{kendalltau(means, truth).statistic:15.2f}{inside:15.0%}"
        )

# %% [markdown]
# The last seen value is *biased*: while little is seen it is far too low, for under this schedule most of the rise is still to come.
# The families expect a curve that flattens; so they are wrong as well, and their order is worse than that of the last value. Their
# intervals are far too narrow while little is seen. That is partly our simplification: we fit three parameters to four or six
# points by least squares; [@domhan2015] samples the parameters by MCMC, and so knows what the points leave open.
#
# The model of earlier curves knows the schedule: its error is several times smaller with 2 or 3 epochs seen, and still the smallest
# with 8, when most of the rise is over. Its intervals are nearly right. Its **ranks** are hardly better than those of the last
# value: where a curve does not tell who wins, no regression can. With 100 trainings the architecture helps early (3 epochs seen),
# and does harm late (5 and 8), where the curve alone says nearly all.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Stop for it: predictive termination
#
# $$ \text{stop if } P(y_T > y_{\text{best}} \mid y_1, \dots, y_t) < \delta = 0.05 $$
#
# An **estimator** around the estimator, so every strategy can use it and none of them knows.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.performance_estimation.early_termination import EarlyTermination

show(EarlyTermination.__call__)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment: regret over simulated time
#
# Every method may spend the same number of simulated seconds, those of the trainings when the table was made. The incumbent is the
# best among those *trained for longest*, judged by its test accuracy. Stored; `make experiments NAMES="searches_at_several_fidelities"`
# runs the searches anew.

# %% slideshow={"slide_type": "subslide"}
from nas_edu import experiment, search
from nas_edu.search_strategies import random_search, regularized_evolution
from nas_edu.search_strategies.fidelity import regret_of_longest

SEEDS, SECONDS = range(30), np.linspace(0, 400, 81)[1:]


def searchers(rng):
    """Generators: none of them does anything before it is asked for a trial."""
    stopping = EarlyTermination(table.evaluate, CurveModel(partial(space.encode, encoding="one_hot")))
    return {
        "random search": random_search(space, table.evaluate, rng=rng),
        "evolution": regularized_evolution(space, table.evaluate, rng=rng),
        "halving from 1 epoch": successive_halving(space, table.evaluate, rng=rng),
        "halving from 3 epochs": successive_halving(space, table.evaluate, count=9, min_epochs=10 / 3, rng=rng),
        "halving from 5 epochs": successive_halving(space, table.evaluate, count=8, min_epochs=5, eta=2, rng=rng),
        "Hyperband": hyperband(space, table.evaluate, rng=rng),
        "ASHA": asynchronous_halving(space, table.evaluate, rng=rng),
        "random, curve model": random_search(space, stopping, rng=rng),
        "evolution, curve model": regularized_evolution(space, stopping, rng=rng),
    }


@experiment(version=1)
def searches_at_several_fidelities(strategy: str, seed: int):
    """The regret when so many seconds are spent (NaN before there is one), and how many cells were looked at."""
    history = search(searchers(random.Random(seed))[strategy], Budget(cost=SECONDS[-1]))
    spent = np.cumsum([trial.evaluation.cost for trial in history.trials])
    regret = np.array([np.nan, *regret_of_longest(history, table)])[np.searchsorted(spent, SECONDS, side="right")]
    resumed = [trial.parents and trial.parents[0].architecture == trial.architecture for trial in history.trials]
    return {"regret": np.float32(regret), "looked at": len(resumed) - sum(map(bool, resumed))}


NAMES = list(searchers(rng))
runs = {name: [searches_at_several_fidelities(name, seed) for seed in SEEDS] for name in NAMES}
regrets = {name: np.array([run["regret"] for run in runs[name]], dtype=float) for name in NAMES}  # (seeds, seconds)

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
# One style for each method in all three pictures; evolution has the one that it has in the other lectures.
lasting = ["regularized evolution" if name == "evolution" else name for name in NAMES]
STYLES = dict(zip(NAMES, line_styles(lasting).values(), strict=True))


def regret_picture(names, title, banded):
    with figure.house_style():
        plot = figure.Plot(f"{title}: median regret over simulated seconds, quartiles of {' and '.join(banded)}")
        axes, ends = plot.subplots(), []
        for name in names:
            style = STYLES[name]
            low, middle, high = np.nanquantile(regrets[name], [0.25, 0.5, 0.75], axis=0)
            axes.plot(SECONDS, middle, color=style.colour, linestyle=style.linestyle, drawstyle="steps-post")
            if name in banded:
                axes.fill_between(SECONDS, low, high, color=style.colour, alpha=0.2, linewidth=0, step="post")
            ends.append((SECONDS[-1], middle[-1], name, style.colour))
        axes.set(xlabel="simulated seconds", ylabel="regret (test accuracy)", title=title, ylim=(0, 0.03))
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%")
        plot.supxlabel(
            f"line: median over {len(SEEDS)} seeds; bands: quartiles of {' and '.join(banded)}",
            fontsize=13,
            x=0.99,
            horizontalalignment="right",
        )
        figure.label_ends(axes, ends)
    return plot


regret_picture(
    ["random search", "evolution", "halving from 1 epoch", "Hyperband", "ASHA"],
    "Whole trainings, and several fidelities",
    banded=["random search", "ASHA"],
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
regret_picture(
    ["random search", "halving from 1 epoch", "halving from 3 epochs", "halving from 5 epochs"],
    "Where to begin to halve",
    banded=["random search", "halving from 1 epoch"],
)

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
regret_picture(
    ["random search", "random, curve model", "evolution", "evolution, curve model"],
    "Early termination",
    banded=["random search", "evolution"],
)

# %% slideshow={"slide_type": "subslide"} tags=["claim-multi-fidelity"] jupyter={"source_hidden": true}
from scipy.stats import false_discovery_control

from nas_edu.search_strategies.comparison import signed_rank_p

AGAINST = [*((name, "random search") for name in NAMES), ("evolution, curve model", "evolution")]
rows, p_values = [], []
for name, plain in AGAINST:
    for at in (100, 400):
        place = int(np.searchsorted(SECONDS, at))
        own, other = (regrets[each][:, place] for each in (name, plain))
        own, other = np.where(np.isnan(own), 1.0, own), np.where(np.isnan(other), 1.0, other)
        rows.append((name, plain, at, own, (own < other).sum(), (own > other).sum()))
        p_values.append(signed_rank_p(own - other))
tested = [place for place, row in enumerate(rows) if row[0] != row[1]]
corrected = dict(zip(tested, false_discovery_control([p_values[place] for place in tested], method="by"), strict=True))
print(f"{'':24}{'looked at':>10}   after    median regret [quartiles]      wins:losses, p corrected, against")
for place, (name, plain, at, own, wins, losses) in enumerate(rows):
    low, middle, high = np.quantile(own, [0.25, 0.5, 0.75])
    looked = f"{np.mean([run['looked at'] for run in runs[name]]):.0f}" if at == 400 else ""
    test = f"{wins:3}:{losses:<3} p = {corrected[place]:.3f}  {plain}" if place in corrected else ""
    print(f"{name:24}{looked:>10} {at:5} s   {middle:6.2%} [{low:5.2%}, {high:6.2%}]   {test}")
print("\nYour guess: the best halving from", guess["best halving from"], "epochs")

# %% slideshow={"slide_type": "subslide"} tags=["claim-speed-up"] jupyter={"source_hidden": true}
medians = {name: np.median(np.nan_to_num(regrets[name], nan=1.0), axis=0) for name in NAMES}
goal = medians["random search"][-1]
# Regret may rise again when the incumbent by validation accuracy changes: so from when on does the median stay there?
last_above = {name: int(np.flatnonzero(np.append(True, line > goal))[-1]) for name, line in medians.items()}
since = {name: np.append(SECONDS, np.inf)[place] for name, place in last_above.items()}
print(f"random search ends at a median regret of {goal:.2%}; from when on has a method's median been as low?")
for name, seconds in sorted(since.items(), key=lambda pair: pair[1]):
    speed = f"{seconds:4.0f} s, {since['random search'] / seconds:.1f} times as fast as random search"
    print(f"    {name:24}{speed if np.isfinite(seconds) else ' not within 400 s'}")

# %% [markdown]
# Read it soberly. *Looked at* is what is bought: for the same money halving from one epoch sees more than three times as many cells as
# random search. After 400 seconds all medians but one are a little lower than that of random search. But with 30 seeds and the correction only
# **evolution**, with and without the curve model, passes. Halving from one epoch after 100 seconds, and ASHA, are near the border of
# 5 %, but not below it; many seeds are ties, for with the same seed the methods that draw at random draw the same cells in the
# same order. As a speed: what random search has at the end, evolution has in about half of its time or less, ASHA and
# halving from one epoch in some 70 % of it; medians only, without a test. So the claim that lower fidelities speed up the search shows
# here as a tendency, hardly as a proof.
#
# Halving from **1 epoch** has the lowest median of the three beginnings (not a proven difference), although over all functions its
# ranks are the worst. To throw away hopeless cells it need not be right about good ones, and what it saves pays for many more
# draws. Early termination doubles what random search looks at, and yet no gain can be seen; it does little for evolution, whose
# children are seldom bad enough to be stopped.
#
# Why less than in the papers? In those of Hyperband the longest training is 81 to 256 times the shortest, here 10; and our schedule
# hides until late who wins.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Meta-learning: a portfolio
#
# What was good on other data sets is tried first. But not simply the best on average: **each data set should find one good
# member**. Greedy takes, again and again, whoever adds most to $\frac{1}{D}\sum_d \max_{a \in S} \text{acc}(a, d)$. By hand, with
# three architectures:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_strategies.portfolio import best_portfolio, greedy_portfolio, utility

accuracy = np.array([[0.90, 0.89, 0.10], [0.30, 0.31, 0.60]])  # two data sets, three architectures
print("means            ", accuracy.mean(axis=0))
print(
    "greedy order     ",
    greedy_portfolio(accuracy, 3),
    "(1 has the same mean as 0, but adds little to it; 2 helps where 0 fails)",
)
trap = np.array([[0.6, 0.9, 0.0], [0.6, 0.0, 0.9]])
greedy, best = greedy_portfolio(trap, 2), best_portfolio(trap, 2)
print(
    f"where greedy errs: {greedy} reaches {utility(trap, greedy):.2f}, the best pair {best} {utility(trap, best):.2f}"
)

# %% [markdown]
# There is a bound: the utility is monotone and submodular (what a member adds can only shrink as the portfolio grows), so greedy
# reaches at least $1 - 1/e \approx 63\,\%$ of the utility of the best portfolio of its size [@nemhauser1978]; a test of this package
# tries all portfolios of small random matrices. It holds on the data sets that the portfolio was built on. On a new one nothing is
# guaranteed.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **On NAS-Bench-201**: one of its three data sets is left out, the portfolio is made of the two others, and tried on it. Regret in
# validation accuracy after $k$ trainings; random search as median and quartiles. Stored: `make experiments NAMES="portfolio_without"`,
# with the table, which is no part of this package.

# %% slideshow={"slide_type": "fragment"} tags=["claim-portfolio"]
from nas_edu.core.experiment import file_named_by
from nas_edu.nas_bench.nas_bench_201 import DATASETS, NASBench201
from nas_edu.search_strategies import portfolio_search

SIZES = [1, 2, 3, 5, 10, 20]


@experiment(version=1)
def portfolio_without(left_out: str):
    """Regret after so many trainings on this data set: of the portfolio made on the others, and 200 times of luck."""
    tables = {name: NASBench201.from_csv(file_named_by("NAS_EDU_NB201"), name) for name in DATASETS}
    accuracy = {name: one.column("validation_accuracy") for name, one in tables.items()}
    others = np.stack([values / values.max() for name, values in accuracy.items() if name != left_out])

    def regret(places):
        cells, rng = [space[place] for place in places], random.Random(0)
        tried = search(
            portfolio_search(space, tables[left_out].evaluate, portfolio=cells, rng=rng), Budget(evaluations=SIZES[-1])
        )
        return np.array([accuracy[left_out].max() - tried.incumbents[size - 1].score for size in SIZES])

    drawn = [random.Random(seed).choices(range(len(space)), k=SIZES[-1]) for seed in range(200)]
    return {
        "portfolio": regret(greedy_portfolio(others, SIZES[-1])),
        "random": np.stack([regret(one) for one in drawn]),
    }


for left_out in DATASETS:
    print(f"left out: {left_out}")
    one = portfolio_without(left_out)
    lows, middles, highs = np.quantile(one["random"], [0.25, 0.5, 0.75], axis=0)
    for size, ours, low, middle, high in zip(SIZES, one["portfolio"], lows, middles, highs, strict=True):
        print(f"    {size:2} trainings   portfolio {ours:6.2%}   random {middle:6.2%} [{low:5.2%}, {high:6.2%}]")

# %% slideshow={"slide_type": "subslide"} tags=["claim-portfolio-ours"]
from nas_edu import stored

# What lecture 2 trained: 40 random cells come first.
ours = {
    name: np.array(stored("cells_on_task", task=name)["test"][:40])
    for name in ("mnist1d", "mnist1d-shuffled", "digits")
}
print("the same on our tasks, among 40 random cells, each trained on all three (test accuracy):")
for left in ours:
    others = np.stack([values for name, values in ours.items() if name != left])
    members = greedy_portfolio(others, 3)
    regret = [ours[left].max() - ours[left][members[:k]].max() for k in (1, 2, 3)]
    luck = np.array([random.Random(seed).sample(list(ours[left]), 3) for seed in range(500)])
    by_luck = [np.median(ours[left].max() - luck[:, :k].max(axis=1)) for k in (1, 2, 3)]
    print(
        f"    {left:18} portfolio {'  '.join(f'{x:6.2%}' for x in regret)}    random {'  '.join(f'{x:6.2%}' for x in by_luck)}"
    )

# %% [markdown]
# The first member is already better than 20 random trainings are in the middle: on NAS-Bench-201 the data sets are three sorts of
# small images, trained in the same way, and their ranks agree. On ours even the shuffled signals profit, among only 40 cells. With two data
# sets behind it, a portfolio has no more than two members that complement each other; then greedy goes on by the mean.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Network morphisms
#
# A network that has learnt something is made larger **without changing what it computes**, and trained on. Wider, by hand: one
# hidden layer of two ReLU units; the second is copied, and the copies share its outgoing weight.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
incoming, outgoing, x = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[4.0, 5.0]]), np.array([1.0, 0.5])
copied = [0, 1, 1]
wide_in, wide_out = incoming[copied], outgoing[:, copied] / np.array([copied.count(unit) for unit in copied])
for name, w_in, w_out in (
    ("before", incoming, outgoing),
    ("after", wide_in, wide_out),
    ("undivided", wide_in, outgoing[:, copied]),
):
    hidden = np.maximum(w_in @ x, 0)
    print(f"{name:10} hidden {hidden}, outgoing {w_out[0]}, output {w_out @ hidden}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# Deeper: a new layer that is the identity. ReLU lets it pass, for what comes out of a ReLU is not negative. Batch normalization
# would not: so its scale and shift are set to the deviation and mean of what it normalizes. On a real network, trained for a moment:

# %% slideshow={"slide_type": "fragment"} tags=["claim-morphism-function"]
import torch

from nas_edu.data import load
from nas_edu.networks.morphisms import add_skip, deepen, widen
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import Chain

mnist1d = load("mnist1d")
inputs = torch.from_numpy(mnist1d.train.inputs[:500])
small = Chain().parse("conv5-8 > maxpool > conv3-16")
parent = Train(mnist1d, recipe=TrainingRecipe(epochs=1))(small)
network = parent.checkpoint.network.eval()


def logits(network):
    with torch.no_grad():
        return network.eval()(inputs)


before = logits(network)
wide_chain, wide = widen(small, network, 0, 12, rng=random.Random(0))
deep_chain, deep = deepen(wide_chain, wide, 2, inputs)
skipping = add_skip(deep, 3)
noisy = widen(small, network, 0, 12, noise=0.01, rng=random.Random(0))[1]
for name, chain, other in (
    ("wider", wide_chain, wide),
    ("and deeper", deep_chain, deep),
    ("and a skip", "(no chain)", skipping),
    ("wider, noise 0.01", wide_chain, noisy),
):
    print(f"{name:18} {chain!s:44} largest difference of a logit {(logits(other) - before).abs().max():.1e}")

# %% slideshow={"slide_type": "subslide"}
draw.graph(Chain().to_graph(small), title="before")

# %% slideshow={"slide_type": "fragment"}
draw.graph(
    Chain(channels=(8, 12, 16)).to_graph(deep_chain),
    title="after: the first layer is wider, a layer is new, the outputs are equal",
)

# %% [markdown]
# Copies of a unit get equal gradients, and would stay copies for ever. So Net2Net [@chen2016] adds a little noise, and pays with a
# function that is only nearly the same.

# %% [markdown] slideshow={"slide_type": "slide"}
# ### Is it worth it? At equal total cost
#
# A chain is trained for 6 epochs, made wider twice and deeper once, and trained for 4 epochs more. The rivals: the large chain **from
# scratch for the same total cost** (multiply-accumulates, the parent's included, rounded to whole epochs); from scratch for 4
# epochs; and with the layers of the parent that still fit ([lecture 3](03_evolution.ipynb)). Who continues begins at a learning
# rate of 0.05 without warm-up, who starts from scratch has 0.1 with warm-up. Stored: `make experiments NAMES="four_ways_to_a_larger_chain"`.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.networks import build, count_macs


def macs(chain):
    return count_macs(build(chain, mnist1d), mnist1d.input_shape)


@experiment(version=1, trains=True)
def four_ways_to_a_larger_chain(seed: int):
    """Test accuracy and learning curve, the parent's too; "epochs paid" is what the parent cost, in epochs of the child."""
    rng, start = random.Random(seed), Chain().parse("conv5-8 > maxpool > conv5-16 > maxpool > conv3-16")
    parent = Train(mnist1d, seed=seed, recipe=TrainingRecipe(epochs=6))(start)
    chain, larger = widen(start, parent.checkpoint.network, 2, 32, noise=0.01, rng=rng)
    chain, larger = widen(chain, larger, 4, 32, noise=0.01, rng=rng)
    chain, larger = deepen(chain, larger, 4, inputs)
    paid = 6 * macs(start) / macs(chain)
    again = TrainingRecipe(epochs=4, learning_rate=0.05, warm_up=0.0)
    ways = {
        "morphism": (again, larger),
        "inherited layers": (again, parent),
        "scratch, equal cost": (TrainingRecipe(epochs=round(paid + 4)), None),
        "scratch, 4 epochs": (TrainingRecipe(epochs=4), None),
    }
    found = {"chain": str(chain), "parent": {"test": Train(mnist1d, seed=seed).test(parent)[1], "epochs paid": paid}}
    for way, (recipe, inherited) in ways.items():
        train = Train(mnist1d, seed=seed, recipe=recipe)
        evaluation = train(chain, inherit=inherited)
        curve = [[point.epoch, point.validation_accuracy] for point in evaluation.curve]
        found[way] = {"test": train.test(evaluation)[1], "curve": curve}
    return found


# %% slideshow={"slide_type": "subslide"} tags=["claim-morphism-training"]
runs = [four_ways_to_a_larger_chain(seed) for seed in range(8)]
ways = ["morphism", "inherited layers", "scratch, equal cost", "scratch, 4 epochs"]
print(f"{runs[0]['chain']}; {len(runs)} seeds")
paid, fair = runs[0]["parent"]["epochs paid"], runs[0]["scratch, equal cost"]["curve"][-1][0]
print(f"the parent cost {paid:.2f} epochs of the large chain; with 4 more the morphism costs {paid + 4:.2f}")
print(f"'equal cost' is {fair:g} epochs, so this rival pays {fair / (paid + 4) - 1:.0%} more")
print(
    f"{'test accuracy, median':22} [quartiles]\n{'parent':22} {np.median([run['parent']['test'] for run in runs]):.1%}"
)
for name in ways:
    tests = np.array([run[name]["test"] for run in runs])
    low, middle, high = np.quantile(tests, [0.25, 0.5, 0.75])
    early = np.median([run[name]["curve"][1][1] for run in runs])
    own = np.array([run["morphism"]["test"] for run in runs])
    text = (
        ""
        if name == "morphism"
        else f"   morphism better in {(own > tests).sum()} of {len(runs)}, p = {signed_rank_p(own - tests):.3f}"
    )
    print(f"{name:22} {middle:.1%} [{low:.1%}, {high:.1%}]   after 1 epoch {early:.1%}{text}")

# %% [markdown]
# At the beginning the morphism is far ahead: after one epoch the others are still learning what it kept. For the same *additional*
# cost it beats training from scratch in nearly every seed. **Inherited layers** that do not fit together are ahead of scratch after
# one epoch and below it after four: their head start is lost again (under a lower learning rate, so this compares more than the
# beginnings).
#
# **At equal total cost the morphism loses**, in every seed here: the large network, trained for the parent's time as well, is better
# than one that was grown. So growing pays where the parent had been trained anyway, as in a search, and not as a way to train
# one network. The rival pays a little more, by rounding, and has the better schedule: one long cycle with warm-up, where the grown
# one has two short ones.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Grow while you train** ([@elsken2018]): hill climbing. Each generation is the best network as it is and three random morphisms of it,
# all trained for two epochs more; the best goes on. Real trainings, stored: `make experiments NAMES="grown_by_hill_climbing"`.

# %% slideshow={"slide_type": "fragment"} tags=["claim-growing"]
from nas_edu.search_spaces import LayerChain
from nas_edu.search_spaces.chain import parse_layer
from nas_edu.search_strategies.morphism_search import morphism_search


class AnyChain:
    """Reads chains of any width."""

    def parse(self, text):
        return LayerChain(tuple(parse_layer(k, part) for k, part in enumerate(text.split(" > "), 1)))


@experiment(version=1, space=AnyChain(), trains=True)
def grown_by_hill_climbing(seed: int):
    train = Train(mnist1d, recipe=TrainingRecipe(epochs=2, learning_rate=0.05, warm_up=0.0))
    start = Chain().parse("conv5-8 > maxpool > conv3-8")
    growing = morphism_search(start, train, inputs=inputs, children=3, rng=random.Random(seed))
    return search(growing, Budget(evaluations=25))


for seed in range(3):
    grown = grown_by_hill_climbing(seed)
    generations = [grown.trials[:1], *(grown.trials[k : k + 4] for k in range(1, len(grown.trials), 4))]
    line = "  ".join(f"{max(trial.score for trial in generation):.1%}" for generation in generations)
    print(f"seed {seed}: {line}\n        {grown.trials[0].architecture}  ->  {grown.best.architecture}")
    ancestors = [grown.best]
    while ancestors[-1].parents:
        ancestors.append(ancestors[-1].parents[0])
    along = sum(trial.evaluation.epochs for trial in ancestors)
    print(f"        {grown.used['epochs']:g} epochs in all, {along:g} of them along the line to the best")

# %% [markdown]
# All three grow, and each generation is better than the one before. But they end clearly below the chain that was chosen by hand and
# trained from scratch above, in far fewer epochs, though of a larger network (its accuracy is on test data, these on validation
# data). Two things cost: most epochs go to children that are thrown away, and every generation restarts the learning rate, so that
# no network is trained through one long schedule.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails
#
# | way | fails when | how you notice |
# | --- | --- | --- |
# | halving, Hyperband, ASHA | early ranks lie: curves cross, as under a one-cycle schedule while its rate is high | $\tau$ between a rung and the end, *among the good ones* |
# | learning-curve prediction | this curve is of another kind than the families, or than the curves learnt from | the end lies outside its interval too often |
# | portfolio | the new data set is unlike the old ones | the first members are no better than random |
# | morphisms | the function is kept, and with it the solution that the small network found; they only grow | from scratch at equal cost is as good |

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Successive halving with n = 16, η = 4, from 1 epoch. Which rungs, and how many epochs with and without
# resuming?</summary>
#
# 16 for 1, 4 for 4, 1 for 16 epochs: 48; with resuming 16 + 4·3 + 1·12 = 40.
# </details>
#
# <details><summary><b>2.</b> Why does Hyperband contain random search?</summary>
#
# Its last bracket trains everybody to the end. If no early rank can be trusted, that one still works, at one part in (s_max + 1) of the
# cost.
# </details>
#
# <details><summary><b>3.</b> The best so far is 0.90; predicted are 0.80 ± 0.10 for A and 0.84 ± 0.02 for B. Which is stopped at
# δ = 0.05?</summary>
#
# B: three deviations below, P = 0.001. A is one deviation below, P = 0.16, and goes on, although its mean is lower.
# </details>
#
# <details><summary><b>4.</b> A unit is there three times after widening. What happens to its outgoing weights, and to its incoming
# ones?</summary>
#
# Outgoing: a third each. Incoming: copied as they are.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. rungs and brackets | 9 → 3 → 1; Hyperband's brackets; quiz 1 and 2 |
# | 2. curve prediction | three predictors; termination; quiz 3 |
# | 3. portfolio | by hand; NAS-Bench-201 |
# | 4. morphisms | wider by hand; deeper on a real network; quiz 4 |
# | 5. can it be trusted? | $\tau$ over epochs, and where to begin to halve |
#
# **What this does not say.** One small space and one schedule; one training seed of each cell; simulated seconds of one machine.
# A portfolio needs many data sets to shine, and we have three.

# %% [markdown] slideshow={"slide_type": "slide"}
# **Now write it yourself:** [exercises 6](../exercises/06_speeding_up.ipynb): successive halving, and a wider layer that
# computes the same.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** picture, question and guesses (6) - 9 → 3 → 1 on the blackboard (8) - Hyperband's brackets (5) - live (3) - the
# fidelity that lies (6) - predictors and termination (6) - the experiment (5) - wider by hand (4) - quiz 3 (2).
#
# **90 minutes:** everything; groups choose `min_epochs` and `eta`, and defend their choice on the table (20).
#
# **Three demonstrations:** (1) `live` with `count=9, min_epochs=1, max_epochs=9` and seed 2, which is the 9 → 3 → 1 of the
# blackboard: the best of the nine, G, falls at epoch 1; with `count=9, min_epochs=3` it wins; (2) `deepen` behind a pooling of the
# bare input, and read the message; (3) the predictors with `seen = 1`.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "A longer partial training always says more": not while the learning rate is still rising (compare epoch 2
# with epoch 1 here). "Hyperband finds out which bracket is best": it does not, it pays for all. "The identity layer does nothing":
# until it is trained. "Early termination changes the search": it changes what a training costs, and for what is stopped, a score
# that is predicted.
