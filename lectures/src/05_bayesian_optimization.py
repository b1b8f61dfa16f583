# %% [markdown] slideshow={"slide_type": "slide"}
# # 5. Bayesian optimization
#
# Evolution learns from its trials by keeping the good ones. Bayesian optimization keeps **all** of them, and learns what to
# expect of cells that nobody has trained. Then it trains where that expectation promises most.
#
# After this lecture you can
#
# 1. compute the posterior of a Gaussian process for three points by hand;
# 2. say for a given belief where expected improvement looks next, and why;
# 3. find each line of Algorithm 3 in real code, and exchange its three parts;
# 4. say what "near" can mean for architectures, and compute one such likeness by hand;
# 5. say what TPE compares, and compute it for one choice;
# 6. compare Bayesian optimization fairly, its own cost included;
# 7. name a situation in which it gains nothing.

# %% slideshow={"slide_type": "fragment"}
import random

import numpy as np

from nas_edu import draw
from nas_edu.search_strategies.acquisition import (
    expected_improvement,
    probability_of_improvement,
    thompson_sampling,
    upper_confidence_bound,
)
from nas_edu.search_strategies.surrogates import GaussianProcess


class OnALine:
    """Points of a line, for once, in the place of architectures: near means near."""

    start, bounds = (0.02,), ((0.01, 0.05),)

    def __init__(self, space):
        pass

    def distances(self, one, other):
        return np.subtract.outer(one, other) ** 2

    def gram(self, distances, theta):
        return np.exp(-distances / theta[0])


def truth(x):
    return 0.6 + 0.25 * np.sin(7 * x) + 0.15 * np.cos(17 * x)


x, rng = np.linspace(0, 1, 201), random.Random(0)
seen = np.array([0.05, 0.4, 0.62, 0.95])


def believe(seen):
    process = GaussianProcess(None, kernel=OnALine)
    process.fit(seen, truth(seen), rng)
    return process.predict(x)


mean, deviation = believe(seen)
draw.posterior(
    x,
    mean,
    deviation,
    (seen, truth(seen)),
    {"EI": expected_improvement(mean, deviation, truth(seen).max(), rng)},
    title="Four trainings seen. Where would you look next?",
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# A training is expensive, thinking is cheap. From a few trainings a **surrogate** says two things of each cell: what score
# it expects (the line), and how unsure it is (the band). An **acquisition function** turns both into one number: what would it be
# worth to train this one?
#
# > With the same number of trainings: does thinking beat evolution's mutations? And what does the thinking cost?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# The search above goes on for three rounds: train where EI is highest, learn anew. The triangle marks
# where it looks first. Put your finger where it looks after that. Will it stay near the best point that it knows? After how many
# rounds is the best within 0.001 of the true maximum?

# %%
guess_second_place = 0.2
guess_rounds = 3  # until the best is within 0.001 of the true maximum

# %% slideshow={"slide_type": "fragment"}
places = seen
for number in range(3):
    mean, deviation = believe(places)
    ei = expected_improvement(mean, deviation, truth(places).max(), rng)
    place = x[ei.argmax()]
    places = np.append(places, place)
    missing = truth(x).max() - truth(places).max()
    print(
        f"round {number + 1}: looks at {place:.3f}, finds {truth(place):.3f}; "
        f"now the best is {missing:.4f} below the true maximum"
    )
print(f"the true maximum is {truth(x).max():.3f}, at {x[truth(x).argmax()]:.3f}")
print(f"you guessed {guess_second_place} for the second look, and {guess_rounds} rounds")
mean, deviation = believe(places)
draw.posterior(
    x,
    mean,
    deviation,
    (places, truth(places)),
    {"EI": expected_improvement(mean, deviation, truth(places).max(), rng)},
    truth=truth(x),
    title="Three rounds later",
)

# %% [markdown]
# One round was enough: its point is one grid step beside the maximum. EI could not know that. It spends the next two rounds
# on places where it is unsure, farther to the left and at the edge, and only then comes back: see the triangle.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A Gaussian process, small enough to check by hand
#
# Before any training, all scores are jointly normal; the **kernel** $k(a, b)$ says how much two of them rise and fall together.
# What was measured is conditioned on ([@rasmussen2006], equations 2.25 and 2.26):
#
# $$ m(a) = k_a^\top K_y^{-1} y, \qquad v(a) = \sigma_f^2 - k_a^\top K_y^{-1} k_a, \qquad K_y = \sigma_f^2 K + \sigma_n^2 I $$
#
# where $k_a$ holds $\sigma_f^2\, k(a, a_i)$ for each trained $a_i$, and $K$ holds $k$ for each pair of them.
#
# Three cells A, B, C were trained. Their (nearly) standardised scores are $y = (1.0,\ 0.4,\ -1.4)$. A fourth, D, was not trained.
# The kernel is a table here. It says that D is like A, half as much like B, and hardly like C: $k_D = (0.8,\ 0.4,\ 0.1)$. A and B
# are alike too: $k(A, B) = 0.5$. The signal is $\sigma_f^2 = 1$, the noise $\sigma_n^2 = 0.1$. Predict: will the weight of B in
# $m(D)$ be half of A's? Will $m(D)$ be above 0.5?

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
kernel = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
y = np.array([1.0, 0.4, -1.4])
likeness = np.array([0.8, 0.4, 0.1])
noisy = kernel + 0.1 * np.eye(3)
inverse = np.linalg.inv(noisy)
print("K_y =\n", noisy, "\nits inverse =\n", inverse.round(3))
print("weights of y in m(D): k_D K_y^-1 =", (likeness @ inverse).round(3))
print(
    "m(D) =",
    " + ".join(f"{w:.3f} * {v}" for w, v in zip(likeness @ inverse, y, strict=True)),
    f"= {likeness @ inverse @ y:.3f}",
)
learned = likeness @ inverse @ likeness
print(f"v(D) = 1 - {learned:.3f} = {1 - learned:.3f}; before any training it was 1")

# %% [markdown]
# B's weight is far less than half of A's: B is like A, so it tells little of D that A does not tell. The weights do not sum to 1.
# For a cell unlike all others they are all near 0, so it is expected to be average.
#
# And $v$ does not contain $y$. For given hyperparameters, *how unsure* we are depends only on *where* we looked. But they are
# fitted to the scores, anew in each round. That is why the band at the four old points was wider in the first picture than three
# rounds later.
#
# In real code nothing is inverted. A Cholesky factor is faster and safer, and gives the determinant as well, which the
# **evidence** needs: the hyperparameters of kernel and noise are those that make the scores seen most probable.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.search_strategies import bayesian_optimization

show(GaussianProcess)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is it worth to train this one?
#
# With $f^*$ the best score so far, $s = \sqrt{v}$ and $z = (m - f^*) / s$:
#
# $$ \mathrm{EI} = \mathbb{E}[\max(0, f - f^*)] = (m - f^*)\,\Phi(z) + s\,\varphi(z), \qquad \mathrm{PI} = \Phi(z), \qquad
# \mathrm{UCB} = m + \beta s $$
#
# These are the **expected improvement** ([@jones1998]), the **probability of improvement** ([@kushner1964]) and the **upper
# confidence bound** ([@srinivas2010]). **Thompson sampling** draws one number from $\mathcal{N}(m, s^2)$, for each candidate. The
# same belief, four opinions:

# %% slideshow={"slide_type": "fragment"}
mean, deviation = believe(seen)
best = truth(seen).max()
worth = {
    "EI": expected_improvement,
    "PI": probability_of_improvement,
    "UCB": upper_confidence_bound,
    "TS": thompson_sampling,
}
draw.posterior(
    x,
    mean,
    deviation,
    (seen, truth(seen)),
    {name: phi(mean, deviation, best, rng) for name, phi in worth.items()},
    title="One belief, four acquisition functions",
)

# %% [markdown]
# PI does not ask by how much the record is beaten, so it likes what is hardly better, and surely. UCB with $\beta = 2$ is an
# optimist. Thompson sampling is a lottery: each candidate draws from its own belief, and the highest draw wins. (Draws are
# independent, as in BANANAS [@white2021bananas]; that is why the curve is ragged, and why many unsure neighbours together win too
# often.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The algorithm
#
# The survey [@white2023] gives Algorithm 3. In our words, beside the code:
#
# | General Bayesian optimization | In the code below |
# | --- | --- |
# | **Input:** a space $\mathcal{A}$, a number of rounds $T$, an acquisition function $\phi$ | `space`, `acquisition`; whoever asks for trials decides on $T$ |
# | Draw some architectures at random, train them | the first `initial` rounds: `untried`, `run_trial` |
# | **for** $t = 1, \dots, T$: fit a surrogate to all trials | `model.fit` |
# | choose $a_t$ that maximizes $\phi$ | `maximizer(space, phi, ...)` |
# | train $a_t$, add it to the trials | `run_trial`, `trials.append` |
# | **Output:** the most accurate one | `history.best` |

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(bayesian_optimization)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is "near", for architectures?
#
# On a line it was clear. For cells there are several answers, and each is a kernel:
#
# - **Hamming:** in how many of the six edges do they differ ([@hutter2011])?
# - **path encoding:** in how many of the possible paths from input to output do they differ ([@white2021bananas])?
# - **Weisfeiler-Lehman:** how many small subtrees do their graphs share ([@ru2021])?
# - **OTMANN**, the distance of NASBOT: what does it cost to match the layers of one to those of the other? This is a problem of
#   optimal transport ([@kandasamy2018]).
# - **Arc**, where layers may not exist: how different is what both have? The rest costs a fixed price ([@swersky2013]).
#
# Below, *A* and its three relatives. Which is nearest to A, by what they compute? Say it, then run.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.search_spaces import Cell, Chain, TinyCell
from nas_edu.search_strategies.surrogates import (
    ArcKernel,
    EncodingKernel,
    HammingKernel,
    NetworkEnsemble,
    OTMANNKernel,
    RandomForest,
    WeisfeilerLehmanKernel,
)

space = TinyCell()
none, skip, conv1, conv3, pool = TinyCell.operations
relatives = {
    "A": Cell((conv3, none, none, none, skip, none)),
    "B": Cell((none, conv3, none, none, none, skip)),
    "C": Cell((conv3, none, none, none, skip, conv3)),
    "D": Cell((conv3, none, none, none, none, none)),
}
draw.cells(list(relatives.values()), captions=list(relatives), columns=2)

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
cells = list(relatives.values())
print(f"{'likeness to A':20}" + "".join(f"{name:>7}" for name in relatives))
kernels = {
    "Hamming": HammingKernel(space),
    "path": EncodingKernel(space, "path"),
    "Weisfeiler-Lehman": WeisfeilerLehmanKernel(space),
    "OTMANN": OTMANNKernel(space),
}
for name, kernel in kernels.items():
    row = kernel.gram(kernel.distances(cells[:1], cells), np.array(kernel.start))[0]
    print(f"{name:20}" + "".join(f"{value:7.2f}" for value in row))

# %% [markdown]
# B computes the same as A, in another node; so does C, with an edge that leads from nowhere. D is one edge from A, and computes
# nothing. Hamming holds D to be as near as C, and B to be far. The others see that A, B and C are one.
#
# By hand: B differs from A in 4 of 6 edges, so the Hamming kernel gives $\exp(-\frac{4}{6} / 0.5) = 0.26$. The kernels have their
# starting hyperparameters here, before any fit: compare within a row, not between rows.
#
# A Gaussian process needs a kernel that is **positive semi-definite**. Those built on vectors (Hamming, encodings, Arc) and the
# Weisfeiler-Lehman cosine are. For optimal transport it is not guaranteed. Now chains, where a layer may not exist:

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
chains = Chain()
texts = ["conv1-16", "conv3-16", "conv5-16", "conv1-16 > maxpool", "conv1-16 > conv3-16"]
some = [chains.parse(text) for text in texts]
print(f"likeness to {texts[0]}" + "".join(f"{text:>{len(text) + 3}}" for text in texts))
for name, kernel in {"Hamming": HammingKernel(chains), "Arc": ArcKernel(chains)}.items():
    row = kernel.gram(kernel.distances(some[:1], some), np.array(kernel.start))[0]
    print(f"{name:20}" + "".join(f"{value:{len(text) + 3}.2f}" for text, value in zip(texts, row, strict=True)))

# %% [markdown]
# For Hamming, kernel sizes 3 and 5 are equally far from 1, and a missing value is one more value. On an arc, 3 is nearer to 1 than 5
# is; and what one of the two chains does not have costs a fixed price.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live
#
# Bayesian optimization with the Hamming kernel on the table of real trainings. Press **Run**. After ten random cells the
# surrogate chooses. Are the cells that it chooses (from trial 11 on) better than the random ones? Always?

# %% slideshow={"slide_type": "fragment"}
from nas_edu import Budget
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import current_cell, incumbent_curve, live

table = NASBenchEdu.load("mnist1d")
optimization = live(
    lambda: bayesian_optimization(space, table.evaluate, rng=random.Random(0)),
    Budget(evaluations=30),
    views=[incumbent_curve, current_cell],
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How good is the surrogate?
#
# To find good cells a surrogate must above all *rank* them. Fit it to $n$ random cells, let it predict 200 others, and compare the
# ranks with the truth (Kendall's $\tau$: 1 is perfect, 0 is chance). Mean and range over three seeds. Predict: which is best with
# 20 cells? With 160? (EI also needs its deviations to be right, and the top matters most; $\tau$ over random cells measures neither.)

# %% slideshow={"slide_type": "fragment"} tags=["claim-surrogate-quality"]
from functools import partial

from scipy.stats import kendalltau

surrogates = {
    "GP, Hamming": GaussianProcess,
    "GP, path": partial(GaussianProcess, kernel=EncodingKernel),
    "GP, WL": partial(GaussianProcess, kernel=WeisfeilerLehmanKernel),
    "forest": RandomForest,
    "networks": NetworkEnsemble,
}
accuracy = table.column("validation_accuracy")
known = np.flatnonzero(~np.isnan(accuracy))
sizes, taus = (20, 40, 160), {}
print("cells to learn from" + "".join(f"{n:>22}" for n in sizes))
for name, surrogate in surrogates.items():
    line = f"{name:19}"
    for n in sizes:
        found = []
        for seed in range(3):
            drawn = np.random.default_rng(seed).choice(known, n + 200, replace=False)
            group = [space[int(place)] for place in drawn]
            model = surrogate(space)
            model.fit(group[:n], accuracy[drawn[:n]], random.Random(seed))
            found.append(kendalltau(model.predict(group[n:])[0], accuracy[drawn[n:]]).statistic)
        taus[name, n] = found
        line += f"{np.mean(found):8.2f} ({min(found):.2f} - {max(found):.2f})"
    print(line)
for n in sizes:
    first = max(surrogates, key=lambda name: np.mean(taus[name, n]))
    apart = min(taus[first, n]) > max(max(taus[name, n]) for name in surrogates if name != first)
    print(f"{n:3} cells: {first} leads; its range {'lies above all others' if apart else 'overlaps with others'}")

# %% [markdown]
# With few cells the Weisfeiler-Lehman kernel leads: it knows before any training which cells compute the same. With many cells the
# networks do, which have learned by then what matters. But with three seeds, ranges that overlap decide nothing. The race below
# uses the Hamming kernel all the same: it is the plainest.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Tree-based models: only a list of choices
#
# A Gaussian process needs to know what is near. One can do with less. A cell is **six categorical hyperparameters**, one for each
# edge, with five choices each; tools for hyperparameter optimization take such a list.
#
# - **SMAC3** ([@hutter2011; @lindauer2022]) fits a random forest: the mean of its trees is $m$, their spread is $s$.
# - **TPE** ([@bergstra2011; @bergstra2013]) models no score. It splits the trials into the best tenth and the rest, estimates how
#   frequent each choice is in either group, and trains where
#
# $$ \frac{l(a)}{g(a)} = \frac{p(a \mid \text{good})}{p(a \mid \text{rest})} $$
#
# is largest. This orders candidates as expected improvement does, if the scores are split at a quantile ([@bergstra2011],
# section 4.1). The candidates are drawn from $l$.
#
# By hand, for one edge after 20 trials. The two good ones have a 3x3 convolution there. Of the other 18, six have `none`, five
# `skip_connect`, four a 1x1 and three a 3x3 convolution; nobody has tried pooling. Counts are smoothed by one observation that is
# spread evenly over the five choices. Which choice has the largest ratio?

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_strategies import tpe
from nas_edu.search_strategies.tpe import frequencies

edge = space.hyperparameters[0]
good = [{edge.name: conv3}] * 2
rest = [{edge.name: choice} for choice, count in ((none, 6), (skip, 5), (conv1, 4), (conv3, 3)) for _ in range(count)]
print(f"one of {len(space.hyperparameters)} hyperparameters: {edge.name}\n")
print(f"{'choice':16}{'l':>8}{'g':>8}{'l / g':>8}")
for choice, of_good, of_rest in zip(edge.choices, frequencies(good, edge), frequencies(rest, edge), strict=True):
    print(f"{choice:16}{of_good:8.3f}{of_rest:8.3f}{of_good / of_rest:8.2f}")

# %% [markdown]
# For the 3x3 convolution $l = (2 + \frac15) / (2 + 1)$ and $g = (3 + \frac15) / (18 + 1)$. What nobody has tried has an even larger
# ratio: among so few good trials the one spread observation weighs more than among the rest. So TPE is curious too. But
# candidates are drawn from $l$, where this choice is rare.
#
# For a whole cell our code multiplies the ratios of its six edges. That two choices are good only together, it cannot see.

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(tpe)
show(frequencies)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment
#
# On the table: 60 evaluations, 20 seeds. Three forms of Bayesian optimization: a Gaussian process with the Hamming kernel,
# **BANANAS** ([@white2021bananas]: networks, Thompson sampling, mutations of the best), and **TPE** (Optuna's own beside it). What
# they must beat: random search, evolution, local search, REINFORCE. (Lecture 3 races SMAC3 on the same signals.) The searches are
# stored: `make experiments NAMES="searches_with_surrogates"` runs them anew.
#
# **Regret:** how far the *test* accuracy of the cell with the best *validation* accuracy so far lies below that of the best cell.
# So it can rise for a while, when a new best in validation is worse in test.

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
import time


def searched(strategy, regret):
    """Score and regret after each evaluation; the CPU seconds that the search took besides its (simulated) trainings."""
    started = time.process_time()
    history = search(strategy, Budget(evaluations=EVALUATIONS))
    seconds = time.process_time() - started
    scores = [trial.score for trial in history.incumbents]
    return {"score": np.float32(scores), "regret": np.float32(regret(history)), "seconds": seconds}


# %% slideshow={"slide_type": "subslide"}
from nas_edu import experiment, search
from nas_edu.search_strategies import local_search, optuna_search, random_search, regularized_evolution, reinforce
from nas_edu.search_strategies.acquisition import climb, mutations_of_the_best, random_pool

SEEDS, EVALUATIONS = range(20), 60
banana = {"surrogate": NetworkEnsemble, "acquisition": thompson_sampling, "maximizer": mutations_of_the_best}


def searchers(evaluate, rng):
    """Generators: none of them does anything before it is asked for a trial."""
    return {
        "random search": random_search(space, evaluate, rng=rng),
        "evolution": regularized_evolution(space, evaluate, rng=rng),
        "local search": local_search(space, evaluate, rng=rng),
        "REINFORCE": reinforce(space, evaluate, rng=rng),
        "GP, Hamming": bayesian_optimization(space, evaluate, rng=rng),
        "TPE": tpe(space, evaluate, rng=rng),
        "Optuna": optuna_search(space, evaluate, rng=rng),
        "BANANAS": bayesian_optimization(space, evaluate, **banana, rng=rng),
    }


@experiment(version=1)
def searches_with_surrogates(strategy: str, seed: int):
    return searched(searchers(table.evaluate, random.Random(seed))[strategy], table.regret)


# %% slideshow={"slide_type": "subslide"} tags=["claim-bo-against-others"]
from nas_edu.search_strategies import Comparison
from nas_edu.search_strategies.comparison import objective

names, regret = list(searchers(table.evaluate, rng)), objective("regret")
runs = {name: [searches_with_surrogates(name, seed) for seed in SEEDS] for name in names}
raced = Comparison.from_arrays(runs)
summary = raced.summary([20, 40, 60], regret, lower_is_better=True)
shown = summary[["mean", "low", "high", "lower quartile", "median", "upper quartile", "rank"]]
shown.style.format(dict.fromkeys(shown.columns[:-1], "{:.2%}") | {"rank": "{:.1f}"})

# %% slideshow={"slide_type": "subslide"}
few = ["random search", "evolution", "local search", "GP, Hamming", "TPE"]
draw.anytime(
    Comparison.from_arrays({name: runs[name] for name in few}).anytime(regret, lower_is_better=True),
    label="regret (test accuracy)",
    percent=True,
    log=True,
    title="Bayesian optimization and what it must beat",
)

# %% slideshow={"slide_type": "subslide"}
tests = raced.tests(60, regret)
ours = ["GP, Hamming", "TPE", "Optuna", "BANANAS"]
chosen = tests[
    tests["one"].isin(["random search", "evolution", "local search", "REINFORCE"]) & tests["other"].isin(ours)
]
chosen.style.hide(axis="index").format(
    {"mean difference": "{:+.2%}", "higher": "{:.0%}", "lower": "{:.0%}", "p": "{:.4f}", "p corrected": "{:.4f}"}
)

# %% [markdown]
# *Mean difference* is the regret of the first minus that of the second, so positive numbers favour Bayesian optimization; the last
# column is corrected for all pairs. The same against evolution, earlier in the race:

# %% slideshow={"slide_type": "fragment"}
for evaluations in (20, 40, 60):
    pairs = raced.tests(evaluations, regret).set_index(["one", "other"])["p corrected"]
    print(
        f"evolution after {evaluations} evaluations, corrected p: "
        + ", ".join(f"{name} {pairs['evolution', name]:.3f}" for name in ours)
    )

# %% [markdown]
# **What was seen.** All forms of Bayesian optimization beat random search, and REINFORCE, in the corrected test. Early in the race they are
# ahead of evolution: its first 20 cells are all random here, of theirs only ten. Where a printed p lies below 0.05, that is more
# than luck: see for which of them, and when. After 60 evaluations no difference to evolution passes the corrected test: evolution
# catches up. Of the differences to local search those of BANANAS and of the Gaussian process do.
#
# **What was reported.** That Bayesian optimization outdoes reinforcement learning: on NAS-Bench-101, by [@ying2019]. That it is
# very competitive: by [@zimmer2021], together with several fidelities, warm starts and ensembles, for tabular data.

# %% [markdown] slideshow={"slide_type": "subslide"}
# **And on another table?** NAS-Bench-201, CIFAR-10 (stored; the table is no part of this package), regret in validation accuracy:

# %% slideshow={"slide_type": "fragment"} tags=["claim-bo-nb201"]
from IPython.display import display

from nas_edu.core.experiment import file_named_by
from nas_edu.nas_bench import NASBench201


@experiment(version=1)
def surrogates_on_nas_bench_201(strategy: str, seed: int):
    there = NASBench201.from_csv(file_named_by("NAS_EDU_NB201"), "cifar10")
    best = float(there.column("validation_accuracy").max())
    chosen = searchers(there.evaluate, random.Random(seed))[strategy]
    return searched(chosen, lambda history: [best - trial.score for trial in history.incumbents])


elsewhere = Comparison.from_arrays({name: [surrogates_on_nas_bench_201(name, seed) for seed in SEEDS] for name in few})
there = elsewhere.summary([20, 60], regret, lower_is_better=True)
display(
    there[["mean", "low", "high", "rank"]].style.format(
        dict.fromkeys(["mean", "low", "high"], "{:.2%}") | {"rank": "{:.1f}"}
    )
)
pairs = elsewhere.tests(60, regret).set_index(["one", "other"])
for other in ("GP, Hamming", "TPE"):
    for one in ("random search", "evolution", "local search"):
        pair = pairs.loc[(one, other)]
        print(f"{one} - {other}: {pair['mean difference']:+.2%}, corrected p {pair['p corrected']:.3f}")

# %% [markdown]
# The same picture: both beat random search, and no difference to evolution or local search is more than luck.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Encoding, or how one looks for the maximum?
#
# The path encoding made BANANAS famous. But its performance on NAS-Bench-301, say [@schneider2021], is determined by *how it looks
# for the maximum* of the acquisition function: by small mutations of the best cell. So we cross both, with the same Gaussian
# process and EI. Which factor will move the mean more?

# %% slideshow={"slide_type": "fragment"} tags=["claim-local-search-or-encoding"]
from itertools import combinations

import pandas as pd

from nas_edu.search_strategies.comparison import signed_rank_p

MAXIMIZERS = {"random pool": random_pool, "mutations": mutations_of_the_best, "climb": climb}


@experiment(version=1)
def encodings_and_maximizers(encoding: str, maximizer: str, seed: int):
    surrogate = partial(GaussianProcess, kernel=partial(EncodingKernel, encoding=encoding))
    how = {"surrogate": surrogate, "maximizer": MAXIMIZERS[maximizer]}
    return searched(bayesian_optimization(space, table.evaluate, **how, rng=random.Random(seed)), table.regret)


def ablation(encodings):
    pairs = [(encoding, way) for encoding in encodings for way in MAXIMIZERS]
    found = {", ".join(pair): [encodings_and_maximizers(*pair, seed) for seed in SEEDS] for pair in pairs}
    return Comparison.from_arrays(found)


crossed = ablation(["one_hot", "adjacency", "path"])
finals = crossed.at(60, regret)
grid = pd.Series({tuple(name.split(", ")): 100 * values.mean() for name, values in finals.items()})
grid = grid.unstack(sort=False)
print(f"mean regret in points after 60 evaluations, {len(crossed.seeds)} seeds")
print(grid.round(2).to_string())
print("\neach factor for itself (without adjacency, which is a copy), Wilcoxon's p not corrected:")
encodings, ways = ("one_hot", "path"), tuple(MAXIMIZERS)
by_way = {way: np.mean([finals[f"{encoding}, {way}"] for encoding in encodings], axis=0) for way in ways}
by_encoding = {encoding: np.mean([finals[f"{encoding}, {way}"] for way in ways], axis=0) for encoding in encodings}
for factor in (by_way, by_encoding):
    for one, other in combinations(factor, 2):
        means, p = (100 * factor[one].mean(), 100 * factor[other].mean()), signed_rank_p(factor[one] - factor[other])
        print(f"   {one} {means[0]:.2f}, {other} {means[1]:.2f}: p = {p:.2f}")
corrected = ablation(encodings).tests(60, regret)["p corrected"]
print(f"pairs of the six searches with corrected p below 0.05: {(corrected < 0.05).sum()} of {len(corrected)}")

# %% [markdown]
# Two of the three encodings gave *the same searches*, number by number. Look at why: two one-hot vectors differ in two bits where an
# edge differs, and so do two adjacency vectors (one bit says whether the edge is there). For a kernel that counts bits they are one.
#
# The way to look moved the mean a little more than the encoding did, which is the direction that [@schneider2021] report for
# BANANAS on NAS-Bench-301. But no pair passes the corrected test, and with so few seeds either order could be luck: here neither
# factor is shown to matter. The path encoding, at least, did not help.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the thinking costs
#
# CPU seconds of a search of 60 evaluations besides its trainings, against what one training took when the table was made.

# %% slideshow={"slide_type": "fragment"} tags=["claim-bo-overhead"]
cost = np.median([table.evaluate(space[int(place)]).cost for place in known[:: len(known) // 100]])
print(f"one training: {cost:.1f} s (median of 100 cells)")
for name in names:
    seconds = np.median([run["seconds"] for run in runs[name]])
    print(f"{name:14} {seconds:8.2f} s a search, {seconds / 60 / cost:7.2%} of a training for each trial")

means = raced.anytime(regret, lower_is_better=True).pivot(index="evaluations", columns="strategy", values="mean")
goal = means["evolution"].iloc[-1]
print(f"\nevolution has a mean regret of {goal:.2%} after {means.index[-1]} evaluations; the same, for the first time:")
for name in ours:
    reached = means.index[means[name] <= goal]
    print(f"{name:14} after {reached[0]} evaluations" if len(reached) else f"{name:14} not yet")

# %% [markdown]
# Thinking costs a small part of a training, even for the slowest of them. Where a training takes seconds, as here, count it; where
# it takes hours, forget it. What it saves are trainings: the last lines say how many, where a form gets as far as evolution at all. (They compare means; whether such a
# difference is more than luck is what the tests above ask.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: nothing to learn
#
# Give each cell a lottery ticket as its score. Near cells are no longer alike, so no surrogate helps. We take TPE, because it is
# quick, against random search, with 20 seeds:

# %% slideshow={"slide_type": "fragment"} tags=["claim-bo-lottery"]
from nas_edu import Evaluation
from nas_edu.search_strategies import compare


def lottery(cell, *, epochs=None, resume=None):
    return Evaluation(random.Random(f"ticket of {cell}").random())


lost = compare({"random search": random_search, "TPE": tpe}, space, lottery, Budget(evaluations=40), seeds=range(20))
print({name: round(float(values.mean()), 3) for name, values in lost.at(40).items()}, end="; ")
print(f"p = {lost.tests(40)['p'][0]:.2f}")

# %% [markdown]
# Other limits: a Gaussian process costs $n^3$; the first `initial` trials are random, so small budgets gain nothing; a failed trial
# teaches our surrogates nothing (TPE counts it among the bad); and many workers at once would all get the same advice from EI,
# while Thompson sampling draws another for each.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Two candidates have the same mean, just below the record. One is sure, one unsure. Which has the larger EI? The larger PI?</summary>
#
# The unsure one, both times: with more spread more of its distribution lies above the record.
# </details>
#
# <details><summary><b>2.</b> And if both means lie above the record?</summary>
#
# PI prefers the sure one, EI still the unsure one: what it may win is more, what it may lose does not count.
# </details>
#
# <details><summary><b>3.</b> Your scores were all wrong by +0.1. What changes in <i>v</i>, what in <i>m</i>?</summary>
#
# Nothing in v. m rises by 0.1 (scores are standardised first), and so does the record: the next cell is the same.
# </details>
#
# <details><summary><b>4.</b> Why is a random forest no worse off in a space with conditions?</summary>
#
# It splits on one choice at a time, and never needs a distance between a cell with five layers and one with two.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. a posterior by hand | A, B, C and D |
# | 2. where EI looks | three rounds on a line; quiz 1 and 2 |
# | 3. Algorithm 3 | the table and the source below it |
# | 4. near | four relatives, four kernels, one number by hand |
# | 5. TPE | one edge by hand, and the source below it |
# | 6. a fair comparison | the experiment, its corrected tests, the overhead |
# | 7. when it fails | the lottery |
#
# **Now write it yourself:** [exercises 5](../exercises/05_bayesian_optimization.ipynb): expected improvement, and the posterior of
# a Gaussian process. In the end your own formulas search.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** the question and three rounds on a line, with fingers on the picture (10) - A, B, C and D on the blackboard (9) -
# Algorithm 3 and its source (7) - TPE for one edge (5) - the experiment (7) - overhead and lottery (4) - quiz 1 and 2 (3).
#
# **90 minutes:** everything; the room computes $v(D)$ (10) and one line of TPE's table (5), argues about the four relatives before
# the table is shown (10), and bets on the ablation (10).
#
# **Three demonstrations:** (1) other starting points `seen` on the line; (2) `beta=10` in UCB; (3) `acquisition=thompson_sampling`
# in the live cell.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The surrogate must be accurate": it must rank, near the top. "The band is the noise": it is what is not
# known; it shrinks where one looks. "EI looks where the mean is highest": only where it is equally unsure
# everywhere. "Bayesian optimization saves time": it saves *trainings*, and costs thinking.
