# %% [markdown] slideshow={"slide_type": "slide"}
# # 11. Search with zero-cost proxies
#
# A proxy orders networks before any training, roughly. Lecture 10 measured how roughly. Now: what is such an order worth *inside
# a search*?
#
# After this lecture you can
#
# 1. name four places in a search at which a proxy can help, and say what each of them costs;
# 2. combine proxies by rank sum and by rank vote with pencil and paper;
# 3. compare an augmented search with its plain version fairly: by total cost, over seeds, and with the size as a rival proxy;
# 4. explain zero-cost perturbation in a supernet, and what it saves;
# 5. say when a proxy harms.

# %% jupyter={"source_hidden": true} slideshow={"slide_type": "skip"}
# All searches of this lecture: the section "The experiment" explains them, and shows this code.
import random
from functools import cache, partial

import numpy as np

from nas_edu import Budget, draw, experiment, search, show
from nas_edu.nas_bench import REGRET, NASBenchEdu
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import (
    Comparison,
    area,
    forest_search,
    learn,
    prefilter,
    random_search,
    rank_sum,
    rank_vote,
    regularized_evolution,
    zero_cost_search,
)
from nas_edu.search_strategies.comparison import objective

table, space = NASBenchEdu.load("mnist1d"), TinyCell()
THREE = ("nwot", "synflow", "jacob_cov")
FIVE = ("params", "nwot", "synflow", "jacob_cov", "snip")
PLACES = (  # 40 cells, by their places in the space; drawn once, at random
    2577, 653, 7841, 6634, 12713, 13596, 1953, 1904, 1303, 13097, 11553, 13341, 4949, 7371, 7253, 14177, 8989, 10471,
    8772, 9588, 13514, 12862, 10947, 14214, 11964, 12689, 9298, 2527, 3909, 1954, 1354, 14337, 8322, 3592, 8969, 9627,
    4692, 9769, 4194, 3288,
)  # fmt: skip


@cache
def learned_elsewhere():
    """The weights of five proxies where accuracies are known: of 40 random cells on the shuffled signals."""
    there = NASBenchEdu.load("mnist1d-shuffled")
    proxies = np.stack([there.column(name)[list(PLACES)] for name in FIVE])
    return learn(FIVE, proxies, np.array([there.test_accuracy(space[place], seed=0) for place in PLACES]))


def searchers(space, evaluate, proxy, rng):
    """`proxy(name)` is an estimator. These are generators: none does anything before it is asked for a trial."""
    nwot, params = [proxy("nwot")], [proxy("params")]
    three, five = [proxy(name) for name in THREE], [proxy(name) for name in FIVE]
    return {
        "random search": random_search(space, evaluate, rng=rng),
        "evolution": regularized_evolution(space, evaluate, rng=rng),
        "forest": forest_search(space, evaluate, rng=rng),
        "pre-filtered random": prefilter(random_search, space, evaluate, proxies=nwot, rng=rng),
        "pre-filtered evolution": prefilter(regularized_evolution, space, evaluate, proxies=nwot, rng=rng),
        "assisted evolution": area(space, evaluate, proxies=nwot, rng=rng),
        "assisted, params": area(space, evaluate, proxies=params, rng=rng),
        "zero-cost, nwot": zero_cost_search(space, evaluate, proxies=nwot, rng=rng),
        "zero-cost, params": zero_cost_search(space, evaluate, proxies=params, rng=rng),
        "zero-cost, rank sum": zero_cost_search(space, evaluate, proxies=three, combine=rank_sum, rng=rng),
        "zero-cost, rank vote": zero_cost_search(space, evaluate, proxies=three, combine=rank_vote, rng=rng),
        "zero-cost, learned": zero_cost_search(space, evaluate, proxies=five, combine=learned_elsewhere(), rng=rng),
        "forest with proxies": forest_search(space, evaluate, proxies=five, rng=rng),
    }


@experiment(version=1)
def search_with_proxies(strategy: str, seed: int) -> dict:
    """60 trainings, looked up with what they cost then, proxies included; score and regret are those of the incumbent."""
    rng = random.Random(seed)
    searcher = searchers(space, table.evaluate, table.proxies.estimator, rng)[strategy]
    history = search(searcher, Budget(evaluations=60))
    scores, costs = [trial.score for trial in history.incumbents], [t.evaluation.cost for t in history.trials]
    return {"score": np.float32(scores), "regret": np.float32(table.regret(history)), "cost": np.float32(costs)}


# %% slideshow={"slide_type": "fragment"}
def compared(*names, seeds=30):
    return Comparison.from_arrays({name: [search_with_proxies(name, seed) for seed in range(seeds)] for name in names})


PLAIN = ["random search", "evolution"]
AUGMENTED = ["pre-filtered evolution", "assisted evolution", "zero-cost, nwot"]
regret = objective("regret")
frame = compared(*PLAIN, *AUGMENTED).anytime(regret, x="cost", lower_is_better=True)
AS_REGRET = {"label": "regret of the best so far", "percent": True, "definition": REGRET}
draw.anytime(frame, **AS_REGRET, log=True, title="nwot inside a search, MNIST-1D")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Each line is the mean over seeds of a search on our table of all cells: downwards is better (regret: how much test
# accuracy is missing to the best cell), to the right is what was paid, trainings *and* proxies, in CPU seconds.
#
# > Where in a search does an untrained network's score pay for itself?
#
# | place | what changes | proxies asked for each training | source |
# | --- | --- | --- | --- |
# | pre-filter | of $k$ proposals only the best by proxy is trained | $k$, always | [@abdelfattah2021] |
# | initialization | the first population is the best of a pool | many, once | [@mellor2021] |
# | pure zero-cost search | the best of a pool by proxy, trained in that order | many, once | [@mellor2021] |
# | surrogate features | a predictor learns from proxies as well | one for each candidate | [@white2021predictors] |
# | selection in a supernet | a proxy decides the edges, in place of $\alpha$ | one for each operation | below |

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# Which of the lines is the lowest after the first 50 CPU seconds (about ten trainings of random search, fewer where proxies are
# paid)? Which after 200? And: would it make a difference to ask for the number of **parameters** in place of nwot?

# %%
guess = {
    "after 50 s": "assisted evolution",
    "after 200 s": "evolution",
    "params instead of nwot": "worse",
}  # your guesses

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Pre-filter and initialization: the code
#
# A strategy draws and mutates; so both are *spaces* that propose better, and the strategy stays as it is.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
show(prefilter)
show(area)

# %% [markdown]
# `charged` adds what the proxies cost to the next training, so that a proxy is never free in any of the pictures.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Combine by hand: rank sum and rank vote
#
# Three proxies, four cells. Scales cannot be added (one is in the hundreds, one in the trillions), ranks can. **Rank sum**: the mean
# rank. **Rank vote**: a cell beats another one if most of the proxies say so; count whom it beats. On paper first.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
values = np.array(
    [
        [480.0, 470.0, 460.0, 450.0],  # one proxy, of the cells A, B, C, D
        [2e12, 3e12, 1e12, 5e9],
        [-30.0, -20.0, -25.0, -10.0],
    ]
)
print("cells           A     B     C     D")
print("rank sum  ", "".join(f"{x:6.3f}" for x in rank_sum(values)))
print("rank vote ", "".join(f"{x:6.3f}" for x in rank_vote(values)))

# %% [markdown]
# B is second, first and second, and wins by both rules. C and D show the difference: the vote asks *how often* a cell is ahead,
# the sum also *how far*. A third way is to **learn** the weights where accuracies are known, on another task; here they come
# from 40 cells on the shuffled signals ([@krishnakumar2022] learn from proxies in that way).

# %% slideshow={"slide_type": "subslide"}
for name, weight in zip(*vars(learned_elsewhere()).values(), strict=True):
    print(f"{name:10} {weight:6.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: pre-filtered evolution
#
# Press **Run**. Each training is a lookup, each proxy as well, so it takes seconds. Watch where the first dots lie.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import current_cell, incumbent_curve, live, population

nwot = [table.proxies.estimator("nwot")]
live_search = live(
    lambda: prefilter(regularized_evolution, space, table.evaluate, proxies=nwot, rng=random.Random(0)),
    Budget(evaluations=60),
    views=[incumbent_curve, population, current_cell],
)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment: each way against its plain version
#
# All cells of the table, 60 trainings a search. Stored; `make experiments NAMES=search_with_proxies` makes it anew. Regret at
# equal **total cost**; in brackets the interval of the mean over seeds, and how far single seeds spread (quartiles). *Wins*: in how
# many seeds the regret is lower than that of the plain version.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
show(searchers)
show(search_with_proxies)

# %% slideshow={"slide_type": "fragment"} tags=["claim-augmented-search"] jupyter={"source_hidden": true}
from nas_edu.search_strategies.comparison import signed_rank_p

AGAINST = {
    "random search": "random search",
    "pre-filtered random": "random search",
    "zero-cost, nwot": "random search",
    "zero-cost, params": "random search",
    "zero-cost, rank sum": "random search",
    "zero-cost, rank vote": "random search",
    "zero-cost, learned": "random search",
    "evolution": "evolution",
    "pre-filtered evolution": "evolution",
    "assisted evolution": "evolution",
    "assisted, params": "evolution",
    "forest": "forest",
    "forest with proxies": "forest",
}
seeds = 30


def figures(name):
    """For each figure an array (seeds, trainings)."""
    runs = [search_with_proxies(name, seed) for seed in range(seeds)]
    return {figure: np.array([run[figure] for run in runs], dtype=float) for figure in runs[0]}


rows_of = {name: figures(name) for name in AGAINST}


def regret_at(name, cost):
    """(seeds,) The regret when so many seconds are spent; 100 % before the first training is done."""
    rows = rows_of[name]
    spent = rows["cost"].cumsum(axis=1)
    done = (spent <= cost).sum(axis=1)
    return np.array([rows["regret"][s, n - 1] if n else 1.0 for s, n in enumerate(done[:seeds])])


def told(name, cost):
    own, plain = regret_at(name, cost), regret_at(AGAINST[name], cost)
    means = np.random.default_rng(0).choice(own, (1000, seeds)).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    quartiles = np.quantile(own, [0.25, 0.75])
    text = f"{own.mean():6.2%} ({low:5.2%},{high:6.2%}) [{quartiles[0]:5.2%},{quartiles[1]:6.2%}]"
    if name == AGAINST[name]:
        return text + " " * 18
    return text + f" {(own < plain).sum():3} wins p={signed_rank_p(own - plain):.3f}"


for cost in (50, 200):
    print(f"after {cost} CPU seconds, {seeds} seeds")
    for name in AGAINST:
        print(f"  {name if name == AGAINST[name] else '  ' + name:26}{told(name, cost)}")
print("\nYour guesses:", guess)

# %% [markdown]
# The p-values are those of single comparisons, and there are many: read a p of 0.02 as a hint, not as a proof.
#
# What stands out: early on filters, first populations and above all pure zero-cost search pay; the forest cannot gain yet, since its
# first trainings are random anyway. Later the advantage shrinks. But compare each nwot line with its `params` line before you thank
# nwot: the number of parameters does about as well here, and costs next to nothing. And no combination is clearly ahead of the best
# single proxy.

# %% slideshow={"slide_type": "subslide"}
pure = ["random search", "zero-cost, nwot", "zero-cost, params", "zero-cost, rank sum", "zero-cost, rank vote"]
pure_frame = compared(*pure[:3]).anytime(regret, lower_is_better=True)
draw.anytime(pure_frame, **AS_REGRET, log=True, title="Pure zero-cost search")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Pure zero-cost search: train only the first
#
# The extreme is to train one network, the one that the proxy puts first of a pool of 500. What does that leave?

# %% slideshow={"slide_type": "fragment"} tags=["claim-pure-zero-cost"]
for name in (*pure, "zero-cost, learned"):
    rows = rows_of[name]
    first, cost = rows["regret"][:, 0], rows["cost"][:, 0]
    print(
        f"{name:22} one training: regret {first.mean():6.2%}, seeds {first.min():5.2%} to {first.max():6.2%}, {cost.mean():5.1f} CPU s"
    )
learned, params = (rows_of[f"zero-cost, {name}"]["regret"][:, 0] for name in ("learned", "params"))
lower, higher, p = (learned < params).sum(), (learned > params).sum(), signed_rank_p(learned - params)
print(f"\nlearned weights against params: lower in {lower} seeds, higher in {higher}, p = {p:.2f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Proxies as features of a surrogate
#
# A filter must believe its proxy. A predictor need not: a random forest that is fitted to the trainings so far learns how much each
# proxy is worth *here*, and in which direction ([@white2021predictors] do this with stronger predictors).

# %% slideshow={"slide_type": "fragment"} tags=["claim-surrogate-features"]
forests = compared("random search", "forest", "forest with proxies")
forest_frame = forests.anytime(regret, x="cost", lower_is_better=True)
draw.anytime(forest_frame, **AS_REGRET, log=True, title="A random forest, with and without proxies")

# %% [markdown]
# On this space proxies add nothing that can be seen to what the forest learns from the cell itself: one-hot codes of six edges tell it
# nearly all, the size included. Where the encoding says less, or trainings are fewer, it may be otherwise.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Zero-cost perturbation in a supernet
#
# DARTS (lecture 8) trains a supernet and its $\alpha$, then takes the largest $\alpha$. Perturbation-based selection ([@wang2021]) asks
# instead: what does the supernet *lose* without an operation? Xiang and others ask this of a supernet that is **not trained at
# all**, with a proxy in place of the accuracy:
#
# $$ o^*_e = \arg\min_o \; S\left(\text{supernet without } o \text{ on edge } e\right) $$
#
# edge after edge, in random order; the others of a decided edge are dropped.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.data import load
from nas_edu.one_shot import TinyCellSupernet, zero_cost_perturbation

mnist1d = load("mnist1d")
supernet = TinyCellSupernet(mnist1d)
for step in zero_cost_perturbation(supernet, mnist1d, proxy="nwot", rng=random.Random(0)):
    without = "  ".join(f"{name} {value:.1f}" for name, value in step.info["score_without"].items())
    print(f"edge {step.info['edge']}: keep {step.info['kept']}\n    nwot without {without}")
print("\n", step.architecture)

# %% [markdown] slideshow={"slide_type": "subslide"}
# Measured; whatever cell comes out is looked up (`make experiments NAMES=selection_in_a_supernet` makes it anew):

# %% slideshow={"slide_type": "fragment"} tags=["claim-zero-cost-perturbation"]
import time

from nas_edu.one_shot import FastTinyCellSupernet, darts, perturbation_selection


@experiment(version=1, trains=True)
def selection_in_a_supernet(way: str, seed: int) -> dict:
    """The cell, and CPU seconds of the search."""
    rng, began = random.Random(seed), time.process_time()
    if way.startswith("DARTS"):
        supernet = FastTinyCellSupernet(mnist1d, seed=seed)
        *_, last = darts(supernet, mnist1d, steps=300, rng=rng)
        if way == "DARTS, perturbation":
            *_, last = perturbation_selection(supernet, mnist1d, tuning_steps=20, rng=rng)
    else:
        supernet, proxy = TinyCellSupernet(mnist1d, seed=seed), way.removeprefix("zero-cost perturbation, ")
        *_, last = zero_cost_perturbation(supernet, mnist1d, proxy=proxy, rng=rng)
    return {"cell": str(last.architecture), "seconds": round(time.process_time() - began, 2)}


ways = ("DARTS, argmax", "DARTS, perturbation", "zero-cost perturbation, nwot", "zero-cost perturbation, synflow")
print("2 seeds                       test accuracy, each seed                  CPU s of the search")
for way in ways:
    own = [selection_in_a_supernet(way, seed) for seed in range(2)]
    each = "  ".join(f"{table.test_accuracy(space.parse(one['cell']), seed=0):6.1%}" for one in own)
    print(f"{way:32} {each}   {np.mean([one['seconds'] for one in own]):8.1f}")
try:
    next(zero_cost_perturbation(supernet, mnist1d, proxy="params", rng=random.Random(0)))
except ValueError as error:
    print(f"\n{error}")

# %% [markdown]
# With nwot or synflow the cells are close to those of DARTS, for a small part of its cost; look at the number of seeds before you
# rank them. The last line says what such a proxy must be able to do: a removed operation keeps its parameters, so to `params` all
# removals are equal, and the first operation (`none`) would be kept everywhere: a dead cell.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same on NAS-Bench-201
#
# Its CIFAR-10 accuracies and its published proxies, on the 9,445 cells that have proxies. That table holds no seconds here, so the
# comparison is by trainings, and proxies are free: read it in favour of the proxies. It is stored; where you have the table,
# `make experiments NAMES=search_with_proxies_on_nas_bench_201` makes it: NAS_EDU_NB201 names the file of the accuracies,
# NAS_EDU_NB201_PROXIES one with the columns `net_str`, `nwot` and `params`.

# %% slideshow={"slide_type": "fragment"} tags=["claim-nb201-augmented"]
import pandas as pd

from nas_edu import Evaluation
from nas_edu.core.experiment import file_named_by
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import Subspace


@cache
def published_cells():
    """The table, the cells that have proxies, the proxies by name, and the best validation accuracy."""
    there = NASBench201.from_csv(file_named_by("NAS_EDU_NB201"), "cifar10")
    frame = pd.read_csv(file_named_by("NAS_EDU_NB201_PROXIES"))
    cells = [space.parse(text) for text in frame["net_str"]]
    proxies = {name: dict(zip(cells, frame[name].tolist(), strict=True)) for name in ("nwot", "params")}
    return there, cells, proxies, max(there.query(cell).validation_accuracy for cell in cells)


@experiment(version=1)
def search_with_proxies_on_nas_bench_201(strategy: str, seed: int) -> dict:
    there, cells, proxies, best = published_cells()

    def proxy(name):
        return lambda cell, *, epochs=None, resume=None: Evaluation(score=proxies[name][cell])

    searcher = searchers(Subspace(space, cells), there.evaluate, proxy, random.Random(seed))[strategy]
    history = search(searcher, Budget(evaluations=100))
    scores = np.array([trial.score for trial in history.incumbents])
    return {"score": np.float32(scores), "regret": np.float32(best - scores)}


names = [*PLAIN, "assisted evolution", "pre-filtered evolution", "zero-cost, nwot", "zero-cost, params"]
nb201 = Comparison.from_arrays(
    {name: [search_with_proxies_on_nas_bench_201(name, seed) for seed in range(100)] for name in names}
)
print(f"{len(nb201.seeds)} seeds; regret in validation accuracy: mean (95 % interval), quartiles")
summary = nb201.summary([1, 10, 100], regret, lower_is_better=True)
for (count, name), row in summary.iterrows():
    print(
        f"{count:4} trainings  {name:24}{row['mean']:6.2%} ({row['low']:5.2%}, {row['high']:5.2%})  "
        f"[{row['lower quartile']:5.2%}, {row['upper quartile']:5.2%}]"
    )

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Beside published figures.** Table 2(a) of [@mellor2021] has means of 500 runs on the same benchmark: 12,000 GPU seconds of
# training for the first three, none for the last. What can be compared is how far each is from random search:

# %% slideshow={"slide_type": "fragment"} tags=["claim-nb201-published"]
published = {  # validation accuracy on CIFAR-10 in per cent; what stands for it above, and after how many trainings
    "RS": (90.93, "random search", 100),
    "REA": (91.19, "evolution", 100),
    "AREA": (91.20, "assisted evolution", 100),
    "NASWOT, N = 1000": (89.69, "zero-cost, nwot", 1),
}
print(f"{'minus random search, in points':32}published   here")
for name, (value, ours, trainings) in published.items():
    gap = 100 * (summary.loc[(100, "random search"), "mean"] - summary.loc[(trainings, ours), "mean"])
    print(f"{name:32}{value - published['RS'][0]:+9.2f}{gap:+7.2f}")

# %% [markdown]
# The signs and the order are theirs. The sizes need not be: they count seconds and we trainings, we search among the cells that
# have proxies, none of which is dead, our evolution has other settings, and our pool holds 500 cells, not 1,000.

# %% [markdown]
# On a real benchmark, too, proxies give a head start, and the size a larger one than nwot. What our 60 trainings were too few to
# show: after 100 it is evolution, which learns from trainings, that is in front of those that only believe a proxy.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails
#
# A filter is wrong at every step in the same direction: what it dislikes is seldom trained, and no training ever corrects the
# filter. Take `snip`, which points the wrong way on this space (lecture 10):

# %% slideshow={"slide_type": "fragment"} tags=["claim-wrong-proxy"]
snip = [table.proxies.estimator("snip")]
trials = {
    "evolution": regularized_evolution,
    "pre-filtered by snip": partial(prefilter, regularized_evolution, proxies=snip),
    "assisted by snip": partial(area, proxies=snip),
}
print(f"{'mean regret of 30 seeds, after':30}{20:8}{60:8}{200:8} trainings")
for name, strategy in trials.items():
    histories = [
        search(strategy(space, table.evaluate, rng=random.Random(seed)), Budget(evaluations=200)) for seed in range(30)
    ]
    means = np.mean([table.regret(history) for history in histories], axis=0)
    print(f"{name:30}" + "".join(f"{means[n - 1]:8.2%}" for n in (20, 60, 200)))

# %% [markdown]
# Initialization forgives, in time: the first population is much poorer, but evolution goes on from it and is level in the end.
# The filter is asked at every step, and its search stays behind.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> A pre-filter asks 5 proxies of 0.02 s for each training of 5 s. What part of the cost is that? What if a
# training takes 0.2 s?</summary>
#
# 2 %; and a third: then five proxies cost half a training.
# </details>
#
# <details><summary><b>2.</b> Rank sum and rank vote differ. Which one lets a single proxy bury a cell?</summary>
#
# The sum: a last rank of many costs a lot. In a vote one proxy has one voice, however far apart it puts two cells.
# </details>
#
# <details><summary><b>3.</b> Assisted evolution with nwot beats evolution. What must you show before you credit nwot?</summary>
#
# That it also beats assisted evolution with the number of parameters, at equal total cost, over seeds.
# </details>
#
# <details><summary><b>4.</b> What does zero-cost perturbation save, and what not?</summary>
#
# The training of the supernet. Not the final training of the cell that is found.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. four places | the table of places; their code |
# | 2. rank sum and vote | by hand; quiz 2 |
# | 3. a fair comparison | the experiment; quiz 1 and 3 |
# | 4. perturbation without training | the supernet; quiz 4 |
# | 5. when it harms | snip as a filter |
#
# **What this does not say.** One small space, one training seed of each cell, and few seeds of DARTS.

# %% [markdown] slideshow={"slide_type": "slide"}
# **Now write it yourself:** [exercises 11](../exercises/11_zero_cost_search.ipynb): the sum of ranks, and the first
# population of assisted evolution; then they start a search.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** picture and places (6) - guesses (3) - the code of the pre-filter (6) - rank sum and vote on the blackboard (10) - the
# experiment (8) - perturbation (7) - snip as a filter (3) - quiz 3 (2).
#
# **90 minutes:** everything; groups choose a proxy each, run `live` with it, and defend it against `params` (20).
#
# **Three demonstrations:** (1) the live search with `"snip"` in place of `"nwot"`; (2) the example by hand with one proxy turned round;
# (3) zero-cost perturbation with `proxy="synflow"`: does it agree with nwot on an edge?

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "A better tau gives a better search": what counts is the order among the best. "Proxies are free": count them.
# "The filter only speeds up": it also decides what can be found. "Without training there is no cost": the final one remains.
