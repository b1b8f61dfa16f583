# %% [markdown] slideshow={"slide_type": "slide"}
# # 4. Reinforcement learning
#
# Evolution keeps a population of architectures. Reinforcement learning keeps **none**: it keeps a *policy*, a way to write
# architectures, and changes it so that what scored well becomes more probable. This is how NAS became famous
# ([@zoph2017]). Today the lecture deck calls it an outdated and suboptimal use of reinforcement learning. Is it?
#
# After this lecture you can
#
# 1. say what a controller is, and write the probability of an architecture as a product;
# 2. compute the REINFORCE gradient of a policy with two decisions, with pencil and paper;
# 3. say what a baseline changes (the variance) and what it leaves alone (the expectation), and by how much;
# 4. compare strategies at equal budget with intervals and a corrected test, and say what "suboptimal" means in numbers;
# 5. name two reasons why the policy gradient is a poor fit for NAS, one with a measurement, one with a computation.

# %% slideshow={"slide_type": "fragment"}
import random

from nas_edu import draw
from nas_edu.search_spaces import Cell, TinyCell

space = TinyCell()
written = space.sample(random.Random(2)).operations
steps = [Cell(written[:count] + ("none",) * (6 - count)) for count in (2, 4, 6)]
draw.cells(steps, captions=[f"{count} decisions" for count in (2, 4, 6)])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# An architecture can be *written*, piece by piece: first the operation of edge 0-1, then that of 0-2, and so on. Whoever
# writes has a probability for each choice. We do not know which choices are good; all we get is one number, when the cell is
# complete and trained.
#
# > From which of its six decisions did a good score come? And is there a way to learn that needs fewer trainings than
# > evolution?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# On NAS-Bench-201, CIFAR-10, the best of the 15,625 cells has a validation accuracy of about 91.6 %. Each strategy may look
# at 500 cells. Give the mean of the best validation accuracy that each will have found, in percent. Then: of the 500
# cells that an LSTM controller writes, how many are different ones?

# %%
guess = {"random search": 91.0, "regularized evolution": 91.3, "RL, table": 91.0, "RL, LSTM": 91.2}  # your guesses
guess_different = 400

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The controller
#
# $$ \pi(a;\theta) = \prod_t \pi(a_t \mid a_1, \dots, a_{t-1}; \theta), \qquad \text{each factor a softmax} $$
#
# The controller of [@zoph2017] is an LSTM: it reads the choice that it has just made, and has an output layer for the next
# decision. Beside it stands the simplest policy there is: one table of logits for each decision, whatever was chosen
# before. Ours has one layer of 32 units where the paper has two of 35, and no anchor points. The writing is the same for both:

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
from nas_edu import show
from nas_edu.search_strategies.controller import Controller, LSTMController, TabularController
from nas_edu.search_strategies.reinforce import reinforce, reinforce_loss

show(Controller.write)
show(LSTMController.logits)
show(TabularController.logits)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## REINFORCE
#
# What we want is $J(\theta) = E_{a \sim \pi}[R(a)]$, with $R(a)$ the validation accuracy. Its gradient is an expectation
# too ([@williams1992]), because $\nabla \pi = \pi \, \nabla \log \pi$:
#
# $$ \nabla J = E_{a \sim \pi}\big[(R(a) - b)\, \nabla \log \pi(a;\theta)\big] \approx \frac1m \sum_k (R(a_k) - b)\, \nabla \log \pi(a_k;\theta) $$
#
# for **any** baseline $b$ that does not depend on $a$, since $E[\nabla \log \pi] = \nabla \sum_a \pi(a) = 0$. No gradient of
# the *training* is needed: $R$ may be any number.
#
# | General NAS with RL (Algorithm 1 of [@white2023]) | In the code below |
# | --- | --- |
# | initialize the controller's weights $\theta$ | `policy = controller(...)` |
# | **for** $t = 1, \dots, T$: | `while True` |
# | draw $a \sim \pi(a;\theta)$, train it | `policy.sample`, `run_trial` |
# | gradient step on $E_{a \sim \pi}[\mathcal{L}_{val}(a)]$ | `reinforce_loss`, `optimizer.step` |
# | **Output:** an architecture from the trained policy | `architecture` of a step: the most probable one |

# %% slideshow={"slide_type": "subslide"}
# NBVAL_CHECK_OUTPUT
show(reinforce)
show(reinforce_loss)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## By hand: two decisions, four architectures
#
# Two edges of a cell are free, 0-1 and 1-3, each `skip` or `conv 3x3`; all other edges are `none`. So there are four cells,
# each a chain of two operations. Each is trained on MNIST-1D, two epochs: those are the rewards. The policy is a table
# with $\theta_1 = (0, 0)$ and $\theta_2 = (\ln 3, 0)$: edge 1-3 prefers the skip, three to one.
#
# For a softmax, $\partial \log \pi / \partial \theta_{t,c} = 1[a_t = c] - p_t(c)$. On paper first: the probabilities, then
# the gradient of each $\log \pi(a)$, then the sum.

# %% slideshow={"slide_type": "fragment"}
from itertools import product

import numpy as np

from nas_edu.data import load
from nas_edu.performance_estimation import Remembered, Train, TrainingRecipe

evaluate = Remembered(Train(load("mnist1d"), recipe=TrainingRecipe(epochs=2)))
choices = ("skip_connect", "nor_conv_3x3")
short = {"skip_connect": "skip", "nor_conv_3x3": "conv"}


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum()


theta = np.log([[1.0, 1.0], [3.0, 1.0]])
p = np.array([softmax(row) for row in theta])
cells = list(product(range(2), repeat=2))
R = [evaluate(Cell((choices[i], "none", "none", "none", choices[j], "none"))).score for i, j in cells]
pi = [p[0, i] * p[1, j] for i, j in cells]
slope = [np.eye(2)[[i, j]] - p for i, j in cells]  # of log pi(a): (decisions, choices)
for (i, j), probability, reward, g in zip(cells, pi, R, slope, strict=True):
    name = f"{short[choices[i]]}, {short[choices[j]]}"
    print(f"{name}   pi = {probability:.3f}   R = {reward:.4f}   grad log pi = {g.round(2).tolist()}")
J = np.dot(pi, R)
exact = sum(probability * reward * g for probability, reward, g in zip(pi, R, slope, strict=True))
print(f"\nJ = {J:.4f}, exact gradient = {exact.round(4).tolist()}")

# %% [markdown]
# Each row of a gradient sums to zero: raising all logits of a softmax changes nothing. Now the estimate, from architectures
# that the policy draws; and the library's own loss, differentiated by autograd and weighted by the exact probabilities:

# %% slideshow={"slide_type": "fragment"}
import torch

from nas_edu.core.search_space import Hyperparameter

draws = np.random.default_rng(0).choice(4, size=100_000, p=pi)
for m in (1, 10, 100, 1000, 100_000):
    estimate = np.mean([R[k] * slope[k] for k in draws[:m]], axis=0)
    print(f"estimate from {m:7,} draws: {estimate.round(4).tolist()}")

policy = TabularController((Hyperparameter("0-1", choices), Hyperparameter("1-3", choices)), rng=random.Random(0))
for table, row in zip(policy.tables, theta, strict=True):
    table.data = torch.tensor(row)
losses = [
    probability * reinforce_loss([policy.replay({"0-1": choices[i], "1-3": choices[j]})], [reward], baseline=0.0)
    for (i, j), probability, reward in zip(cells, pi, R, strict=True)
]
sum(losses).backward()
by_autograd = [[-round(g, 4) + 0.0 for g in table.grad.tolist()] for table in policy.tables]
print(f"by autograd, exact:         {by_autograd}")
assert np.allclose(by_autograd, exact, atol=1e-4)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A baseline: the same expectation, less variance
#
# All rewards are positive. Without a baseline *whatever* is drawn becomes more probable, a bad cell as well; only in the
# mean does it come right. With $b$ near the usual reward, a bad cell becomes less probable at once. What does that save? The
# variance of one draw's estimate, summed over its entries, exactly and from 100,000 draws:

# %% slideshow={"slide_type": "fragment"} tags=["claim-baseline-variance"]
for name, b in {"no baseline": 0.0, "b = J": J, "b = 1 (too high)": 1.0}.items():
    one = np.array([(reward - b) * g for reward, g in zip(R, slope, strict=True)])
    mean = np.tensordot(pi, one, axes=1)
    variance = np.dot(pi, ((one - mean) ** 2).sum(axis=(1, 2)))
    seen = one[draws]
    error = np.abs(seen.mean(axis=0) - exact).max()
    print(f"{name:18} variance {variance:.4f}, measured {seen.var(axis=0).sum():.4f};", end=" ")
    print(f"mean off the exact gradient by at most {error:.4f}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **And on a whole space?** Random search of lecture 3 has trained 50 cells in each of ten seeds. They were drawn uniformly,
# which is just how a controller begins. So here are 500 draws of the first policy, with their real rewards. The table has
# $6 \times 5$ logits; $\lVert \nabla \log \pi \rVert^2 = 6\,(1 - 1/5)$ for every cell.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import stored

operations = space.operations
totals = {"no baseline": [], "b = mean": []}
needed = []
for seed in range(10):
    history = stored("evolution_on_mnist1d", space, strategy="random search", seed=seed)
    s = np.array([[[o == c for c in operations] for o in t.architecture.operations] for t in history.trials]) - 0.2
    rewards = np.array([t.score for t in history.trials])
    for name, b in {"no baseline": 0.0, "b = mean": rewards.mean()}.items():
        totals[name].append(((rewards - b)[:, None, None] * s).var(axis=0, ddof=1).sum())
    mean = ((rewards - rewards.mean())[:, None, None] * s).mean(axis=0)
    signal = (mean**2).sum() - totals["b = mean"][-1] / len(rewards)  # without the part that is only noise
    needed.append((signal, totals["b = mean"][-1]))
for name, values in totals.items():
    print(f"{name:12} variance {np.mean(values):.4f} (over 10 seeds: {min(values):.4f} to {max(values):.4f})")
ratio = np.divide(totals["no baseline"], totals["b = mean"])
print(f"the baseline divides it by {np.mean(ratio):.1f} ({min(ratio):.1f} to {max(ratio):.1f})")
signal, noise = np.mean(needed, axis=0)
print(f"squared length of the gradient: {signal:.4f}; draws until its error is as short: {noise / signal:.0f}")

# %% [markdown]
# Read the last line again. With the baseline in place, one needs that many *trainings* for **one** gradient that is longer
# than its own error. A controller that updates after each training walks nearly at random, and learns because the
# steps add up.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Live: a controller on networks that are really trained
#
# A table as the policy, so that you can see all of it. *Policy*: each row an edge, each column an operation; the frames mark
# what has just been drawn. *Reward*: above the baseline, what was drawn is pushed up; below it, down. (The optimizer is Adam,
# which also remembers earlier gradients: close to the baseline, what was drawn may move the other way.) The learning rate is
# 0.1, a large one, for only 24 trainings. Press **Run**.

# %% slideshow={"slide_type": "fragment"}
from functools import partial

from nas_edu import Budget
from nas_edu.widgets import current_cell, incumbent_curve, live, policy_view
from nas_edu.widgets import reward as reward_view

tabular = partial(reinforce, controller=TabularController, learning_rate=0.1)
writing = live(
    lambda: tabular(space, evaluate, rng=random.Random(1)),
    Budget(evaluations=24),
    views=[policy_view(space.hyperparameters), reward_view, current_cell, incumbent_curve],
)

# %% [markdown]
# Which operations has the policy come to like, and is that justified or luck? 24 rewards decide about 30 logits. One run
# cannot tell. So:

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The experiment: equal budget, 100 seeds
#
# NAS-Bench-201 ([@dong2020]): every one of the 15,625 cells, really trained on CIFAR-10 by its authors, so an evaluation is
# a lookup: the validation accuracy after 200 epochs. 500 evaluations for each strategy and seed. All strategies have the library's defaults; the table learns with
# rate 0.03. The table of the benchmark is not part of this package, so stored are numbers over time. To make them anew, the
# variable `NAS_EDU_NB201` must name a file that `NASBench201.from_csv` reads.

# %% slideshow={"slide_type": "fragment"}
from functools import cache

from nas_edu import experiment, search
from nas_edu.core.experiment import file_named_by
from nas_edu.nas_bench import NASBench201
from nas_edu.search_strategies import Comparison, local_search, random_search, regularized_evolution

RACERS = {
    "random search": random_search,
    "regularized evolution": regularized_evolution,
    "local search": local_search,
    "RL, table": partial(reinforce, controller=TabularController, learning_rate=0.03),
    "RL, LSTM": reinforce,
}
BLOCK = 50  # evaluations over which the mean score of what was tried is taken


@cache
def nas_bench_201():
    return NASBench201.from_csv(file_named_by("NAS_EDU_NB201"), "cifar10")


@experiment(version=1)
def controllers_on_nas_bench_201(strategy: str, seed: int) -> dict[str, np.ndarray]:
    """The best score so far and how many different cells were seen, at each evaluation; the mean score, block by block."""
    running = RACERS[strategy](space, nas_bench_201().evaluate, rng=random.Random(seed))
    history = search(running, Budget(evaluations=500))
    tried = [trial.architecture for trial in history.trials]
    return {
        "score": np.array([trial.score for trial in history.incumbents], dtype=np.float32),
        "different": np.array([len(set(tried[:count])) for count in range(1, 501)], dtype=np.int16),
        "tried": np.reshape([trial.score for trial in history.trials], (-1, BLOCK)).mean(axis=1).astype(np.float32),
    }


runs = {name: [controllers_on_nas_bench_201(name, seed) for seed in range(100)] for name in RACERS}

# %% slideshow={"slide_type": "subslide"} tags=["claim-rl-against-evolution"]
race = Comparison.from_arrays({name: [run["score"] for run in found] for name, found in runs.items()})
draw.anytime(
    race.anytime().query("evaluations >= 10"),
    label="best validation accuracy so far",
    percent=True,
    title=f"NAS-Bench-201, CIFAR-10: {len(race.seeds)} seeds",
)

# %% slideshow={"slide_type": "subslide"}
table = 100 * race.summary([25, 100, 200, 500])[["mean", "low", "high"]]
table.round(2).unstack("evaluations").swaplevel(axis=1).sort_index(axis=1, level=0, sort_remaining=False)

# %% [markdown]
# `low` and `high` are a 95 % bootstrap interval of the mean. And the tests, seed by seed: Wilcoxon's signed-rank test, with
# the correction of Benjamini and Yekutieli for all ten pairs. Differences are in points.

# %% slideshow={"slide_type": "subslide"}
tests = race.tests(500)
tests["mean difference"] *= 100
tests.style.format(
    {"mean difference": "{:+.2f}", "higher": "{:.0%}", "lower": "{:.0%}"}
    | dict.fromkeys(["p", "p corrected"], "{:.1e}")
)

# %% slideshow={"slide_type": "subslide"}
final = race.at(500)
for name in RACERS:
    guessed = f"   (you guessed {guess[name]:.1f})" if name in guess else ""
    print(f"{name:22} {100 * final[name].mean():.2f}{guessed}")
mean = race.anytime().pivot(index="evaluations", columns="strategy", values="mean")
for name in ("RL, table", "RL, LSTM"):
    needs = int((mean["regularized evolution"] >= mean[name].iloc[-1]).idxmax())
    print(f"what {name} reaches on average after 500 evaluations, evolution has after {needs}")

# %% [markdown]
# So RL does learn: both controllers end above random search. And it is suboptimal: evolution and local search, which need
# no controller, no optimizer and no baseline, are as far with a fraction of the evaluations.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What do they look at?
#
# Beside the best cell that each strategy has found: what it *tries* in the last 50 evaluations, on average, and how many
# *different* cells it has looked at in all 500.

# %% slideshow={"slide_type": "fragment"} tags=["claim-rl-repeats"]
print(f"{'mean over seeds':24}best so far   last {BLOCK} tried   different cells (median, range)")
for name in RACERS:
    tried = np.array([run["tried"][-1] for run in runs[name]], dtype=float)
    different = [run["different"][-1] for run in runs[name]]
    counts = f"{np.median(different):.0f} ({min(different)} to {max(different)})"
    print(f"{name:24}{100 * final[name].mean():8.2f}{100 * tried.mean():15.1f}         {counts}")
print(f"\nyou guessed {guess_different} different cells for the LSTM")

# %% [markdown]
# The LSTM has become sure of itself: it writes the same cells again. Its *average* cell is the best of all strategies, its best
# cell worse than that of the table, which is less sure. REINFORCE maximizes $E[R]$; NAS wants the **best** cell, a maximum. Those
# are two different aims, and this is a first reason why policy gradients fit badly.
#
# It does not explain everything: evolution repeats itself more than the table does, with a better average and a better best
# cell as well. The table has simply not learned enough by then.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails: blind to decisions that depend on each other
#
# Let two decisions be good only **together**: both A, or both B, and bad otherwise. The table chooses them independently. Start
# uniform. By the formula above:

# %% slideshow={"slide_type": "fragment"} tags=["claim-table-cannot-see-interactions"]
# NBVAL_CHECK_OUTPUT
together = [1.0, 0.0, 0.0, 1.0]  # R of AA, AB, BA, BB


def gradient(theta):
    p = np.array([softmax(row) for row in theta])
    terms = [
        p[0, i] * p[1, j] * reward * (np.eye(2)[[i, j]] - p) for (i, j), reward in zip(cells, together, strict=True)
    ]
    return sum(terms)


for start in ([[0.0, 0.0], [0.0, 0.0]], [[0.1, 0.0], [0.0, 0.0]], [[0.1, 0.0], [0.1, 0.0]]):
    print(f"theta = {start}   exact gradient = {np.round(gradient(np.array(start)), 3).tolist()}")

# %% [markdown]
# Where it starts, the exact gradient is **zero**: no number of trainings would tell the table which way to go. Only chance
# moves it. Rows two and three: once one decision leans towards A, the other is drawn after it, then both grow. So the table does get to a
# good cell, but it begins blind. An LSTM can say "the same as before" in one step, but has to learn its memory first, by the same
# noisy estimates: in the race above it ended behind the table.
#
# **What else is against it.** Mutation keeps five of six decisions of a good cell *exactly*. A gradient estimate multiplies
# $\nabla \log \pi$ of all decisions with the same $R - b$, whoever deserves the praise.
#
# **What this does not say.** One small space, 500 evaluations, one setting each. [@zoph2017] trained 12,800 networks. RL
# may do well where a policy is used *again* on other tasks, or where feedback comes at each step: here the whole episode has
# only one reward, at its end, and the "environment" has no states but what was just written. That is what is meant by a
# suboptimal use of RL.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> A policy has two decisions, each with two choices, all equally likely. A cell is drawn; R = 0.9, b = 0.7. What is the estimate for the logit of a choice that was made? Of one that was not?</summary>
#
# (0.9 - 0.7) (1 - 0.5) = 0.1 and 0.2 (0 - 0.5) = -0.1.
# </details>
#
# <details><summary><b>2.</b> Without a baseline, all rewards between 0.5 and 0.9: what does one step do to a cell that scored 0.5?</summary>
#
# It makes it more probable. Only on average, because better ones are pushed harder, does it lose.
# </details>
#
# <details><summary><b>3.</b> May b be the mean of the batch's rewards, this one included?</summary>
#
# Then b depends on a, and the estimate is biased (it shrinks by the factor 1 - 1/m). A moving average of *earlier* rewards is
# not, nor the mean of the others in the batch.
# </details>
#
# <details><summary><b>4.</b> A controller's last 50 cells are better than those of evolution, and its best cell is worse. How can that be?</summary>
#
# It maximizes the mean, and the best cell is not what it is paid for. Evolution's children are worse on average, but each is a
# neighbour of a good cell, and some are better. How many different cells a strategy writes decides nothing alone: random search has the most.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. a controller | the product of softmaxes and `Controller.write` |
# | 2. the gradient by hand | four cells; quiz 1 |
# | 3. the baseline | two tables of variances; quiz 2 and 3 |
# | 4. a fair comparison | the experiment and its corrected tests |
# | 5. why it fits badly | means and maxima, repeated cells, decisions that depend on each other |
#
# **Now write it yourself:** [exercises 4](../exercises/04_reinforcement_learning.ipynb): the gradient of a softmax policy, and
# the loss of an episode with its moving baseline. In the end your own code searches.

# %% [markdown] slideshow={"slide_type": "skip"}
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions (5) - controller (5) - REINFORCE: the equation, then the source (8) - four cells on the
# blackboard (10) - baseline (5) - the experiment and who guessed what (8) - quiz 2 and 4 (4). Leave out: the variance on the
# whole space, the LSTM.
#
# **90 minutes:** everything; the room derives $E[\nabla \log \pi] = 0$ (10); in pairs, another learning rate in the live cell, said
# first, then run (15); the first task of the exercises in class (15).
#
# **Three demonstrations:** (1) *Step* through the live search: is the reward above the baseline, and what does the heat map do?
# (2) `learning_rate=0.5`: sure after ten trainings, and of what? (3) `entropy_weight=0.1`: the policy stays open.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The controller is trained by backpropagation through the child": no gradient passes the reward. "A
# baseline makes rewards fairer": it changes no expectation, only the variance. "RL finds the best policy, so the best cell": it
# maximizes a mean. "The LSTM is what makes it strong": compare it with the table. "More probable means better": after 24 rewards,
# hardly.
