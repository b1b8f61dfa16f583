# %% [markdown] slideshow={"slide_type": "slide"}
# # 2. Search spaces
#
# A search can only find what its space contains. So before any algorithm comes the question: **which architectures do we
# consider at all, and how do we write one down?**
#
# After this lecture you can
#
# 1. tell chain, macro, cell, hierarchical and grammar spaces apart, and write an architecture of each as text;
# 2. count a search space, and say what "more than $10^{23}$ architectures" counts and what it does not;
# 3. write a cell as a vector in three ways, and say what each of them forgets;
# 4. name two advantages and two drawbacks of cell spaces, and say which of them were seen here, in numbers;
# 5. read a grammar, derive an architecture from it step by step, and say why another grammar is ill-formed.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import draw
from nas_edu.search_spaces import DARTSCell
from nas_edu.search_spaces.published_cells import DARTS_V2

darts = DARTSCell()
draw.graph(darts.to_graph(DARTS_V2), title="The normal cell that DARTS found on CIFAR-10")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# Somebody decided that this picture has two inputs, four inner nodes, two arrows into each of them, and seven operations to
# choose from. Everything else was searched. Had these people allowed three arrows, or other operations, the search would
# have had other answers, and perhaps never found this one.
#
# A space is a trade. **Small** and full of good architectures: easy to search, and everything new is outside.
# **Large** and free: the new is inside, and so is a sea of rubbish.
#
# > How much does the space alone decide, before any search has begun?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Predict before you run
#
# Four questions that we will answer by training networks. Write your guesses down.
#
# 1. From each of several spaces we draw architectures *at random* and train each for two epochs. The median accuracy of the
#    worst space is about 30 % (chance is 10 %). What is the median of the best one?
# 2. Of all cells that were trained on MNIST-1D we take the best eight to another task. What share of *random* cells will
#    beat a typical one of them there?
# 3. Instead of one cell everywhere, each of three stages may have a cell of its own. In what share of the searches is the
#    best of 30 trainings better than with one cell everywhere?
# 4. DARTS is said to search among "more than $10^{23}$" architectures. How many *different* pairs of cells are there in fact?

# %%
guess_best_median = 0.50  # your guesses
guess_beaten_by = 0.30
guess_own_cell_wins = 0.60
guess_darts = 10**20

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Chains: one layer after another
#
# The simplest space has a number of layers $L$, and each layer its hyperparameters: kind, kernel size, channels. Those of
# layer $k$ **exist only if** $L \ge k$, and a pooling has no kernel to choose. These are *conditional* hyperparameters:
# the space is a tree, not a box.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
import random

from nas_edu.search_spaces import Chain

chains = Chain(max_layers=6)
for hyperparameter in chains.hyperparameters[:7]:
    print(hyperparameter)
print("\nthree chains, drawn at random:")
rng = random.Random(5)
for _ in range(3):
    print("  ", chains.sample(rng))

# %%
vgg = chains.parse("conv3-16 > maxpool > conv3-32 > maxpool > conv1-32")
draw.graph(chains.to_graph(vgg), title="A chain in the manner of VGG", legend=False)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Counting one, by hand and by code
#
# With $m$ ways to choose one layer there are $m^L$ chains of $L$ layers, so
#
# $$ |\mathcal{A}| = \sum_{L=1}^{L_{\max}} m^L . $$
#
# The smallest case that is still interesting: up to two layers, one kernel size, one number of channels. Then $m = 3$ (one
# convolution, two poolings), and $3 + 9 = 12$. Here they all are:

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from IPython.display import Markdown

from nas_edu import show

little = Chain(max_layers=2, kernels=(3,), channels=(8,))
show(Chain.size.fget)
print(f"{little.size} chains: " + ",  ".join(map(str, little)))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Macro: layers choose what they read
#
# Let each layer also choose *which* earlier layers feed it. Now there are branches and skip connections, as in the first
# search with reinforcement learning [@zoph2017]. Each pair of layers is connected or not:
#
# $$ |\mathcal{A}| = \sum_{L=1}^{L_{\max}} m^L \cdot 2^{L(L-1)/2} . $$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Macro

macro = Macro(max_layers=6)
branches = macro.parse("conv3-16(input) | conv5-16(input) | maxpool(1) | conv3-32(2,3) | conv1-32(1,4)")
print(f"up to 6 layers: {chains.size:,} chains, {macro.size:,} graphs")

# %%
draw.graph(macro.to_graph(branches), title=str(branches), legend=False)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. Cells: search one part, repeat it
#
# Good networks made by hand repeat themselves: [@he2016; @szegedy2015]. So search only the repeated part, a **cell**, and
# stack it. A *normal* cell keeps the number of positions; a *reduction* cell halves it [@zoph2018].
#
# ### NASNet: five choices a block
#
# A cell has $B$ blocks ($B = 5$). For each one: two hidden states, an operation for each, and how to combine the two results
# (add or concatenate). So a cell is $5B$ categorical hyperparameters. States that no block reads become the output.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import NASNetCell

nasnet = NASNetCell(blocks=2)
genotype = nasnet.sample(random.Random(3))
for number, block in enumerate(genotype.normal, start=2):
    (first, i), (second, j), combine = block
    print(f"block -> state {number}:  1. state {i}  2. state {j}  3. {first}  4. {second}  5. {combine}")
print(f"normal and reduction cell with 5 blocks each: {len(NASNetCell().hyperparameters)} categorical hyperparameters")

# %%
draw.graph(nasnet.to_graph(genotype))

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### DARTS: four nodes, two arrows each
#
# $$ x_j = \sum_{\text{two kept } i < j} o_{(i,j)}(x_i), \quad j = 2, 3, 4, 5, \qquad
#    \text{output} = \text{concat}(x_2, x_3, x_4, x_5) $$
#
# **TinyCell**, our workhorse, is the cell of NAS-Bench-201 [@dong2020]: four nodes, one operation on *each* of the six
# edges, `none` allowed, $5^6 = 15{,}625$ cells. It is small enough to know all answers.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.search_spaces import TinyCell

tiny = TinyCell()
rng = random.Random(2)
draw.cells([tiny.sample(rng) for _ in range(3)], captions=["a random TinyCell", "another", "one more"])

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### From a cell to a network
#
# A cell is no network yet. Somebody decides how many cells follow each other, where reductions come, and how many channels
# there are: this **macro architecture** is *not* searched. Move the sliders. Where positions halve, channels double: what does
# that do to the parameters of a cell, and what to its multiplications (MACs)?

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import stack_cells

stacker = stack_cells(DARTS_V2, task="digits")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How large is the space of DARTS?
#
# One reads "more than $10^{23}$". Two numbers are in use, and **they count different things**:
#
# - Both cells have 14 edges, 28 together. One of 7 operations on *every* edge: $7^{28}$.
# - But in the end node $j$ keeps only 2 of its $j$ possible inputs. Then there are
#   $\displaystyle \prod_{j=2}^{5} \binom{j}{2}\, 7^2$ cells, and as many again for the second one.

# %% slideshow={"slide_type": "fragment"} tags=["claim-darts-size"]
# NBVAL_CHECK_OUTPUT
from math import comb, log10, prod

operations, edges, nodes = 7, 28, range(2, 6)
before = operations**edges
one_cell = prod(comb(j, 2) * operations**2 for j in nodes)
print(f"one of 7 operations on each of 28 edges:  {before:,}  (about 10^{log10(before):.1f})")
print(f"cells, two inputs a node:                 {one_cell:,}")
print(f"pairs of cells (genotypes):               {one_cell**2:,}  (about 10^{log10(one_cell**2):.1f})")
print(f"your guess:                               about 10^{log10(guess_darts):.1f}")
assert (before, one_cell**2) == (darts.size_before_pruning, darts.size)

# %% [markdown]
# So the first number is that of what the *search* looks at (a supernet in which each edge has its operation), the second that
# of what it can *return*. Do you trust the formula? Take a space small enough to walk through: start anywhere, go to
# every neighbour, and on, until nothing new turns up.


# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
def nodes_of(genotype):
    """Its nodes, each the set of its two edges: their order means nothing."""
    edges = genotype.normal + genotype.reduce
    return tuple(frozenset(edges[place : place + 2]) for place in range(0, len(edges), 2))


def reachable(space, start):
    seen, waiting = {nodes_of(start)}, [start]
    while waiting:
        for neighbor in space.neighbors(waiting.pop()):
            if nodes_of(neighbor) not in seen:
                seen.add(nodes_of(neighbor))
                waiting.append(neighbor)
    return len(seen)


small = DARTSCell(nodes=2, operations=("skip_connect", "max_pool_3x3"))
print(f"formula {small.size:,}, walked through {reachable(small, small.sample(random.Random(0))):,}")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **And not all of these are different.** TinyCell shows by how much: of its 15,625 cells many compute the same function of
# input and weights, because an edge is dead, or a skip does nothing, or two nodes have changed names.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces.tiny_cell import cell_function

functions = tiny.distinct()
dead = sum(not cell.live_edges for cell in tiny)
linear = {cell_function(cell.operations, distribute_pooling=True) for cell in functions}
print(f"{len(tiny):,} cells, {len(functions):,} different functions; {dead} cells are dead: nothing reaches the output")
print(f"who also uses that average pooling is linear, pool(a + b) = pool(a) + pool(b), counts {len(linear):,}")

# %% slideshow={"slide_type": "fragment"} jupyter={"source_hidden": true}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Hierarchical, StageCells
from nas_edu.search_spaces.ready_grammars import FUNCTIONS, STAGED_CELLS

rows = [
    ("Chain, up to 6 layers", chains.size),
    ("Macro, up to 6 layers", macro.size),
    ("TinyCell: one cell everywhere", len(tiny)),
    ("a TinyCell for each of 3 stages", StageCells().size),
    ("NASNetCell, 5 blocks", NASNetCell().size),
    ("DARTSCell, genotypes", darts.size),
    ("Hierarchical (section 4)", Hierarchical().size),
    ("a grammar of functions (section 5)", FUNCTIONS.size),
    ("a grammar of stages and cells", STAGED_CELLS.size),
]
Markdown(
    "| space | architectures | |\n|---|--:|--:|\n"
    + "\n".join(
        f"| {name} | {size:,} | $10^{{{log10(size):.1f}}}$ |" for name, size in sorted(rows, key=lambda row: row[1])
    )
)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### A cell in your hands
#
# Click an edge, choose another operation: the network's size and what it achieved on MNIST-1D answer at once.
# Can you find a cell that beats 95 %? Count your tries: that is a search, and you are the strategy.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import explore_cell

cell_explorer = explore_cell(NASBenchEdu.load("mnist1d"))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. Hierarchical: motifs of motifs
#
# A cell is reused, but it is one level. A **hierarchical** space has choices on several levels [@liu2018hierarchical]:
#
# - **level 1:** primitives, such as a 3x3 convolution;
# - **level 2:** motifs: little graphs whose *edges* are primitives;
# - **level 3:** a graph whose edges are motifs of level 2, and so on.
#
# Each is a directed acyclic graph: a node is a tensor, the sum of what arrives, and an edge is an operation *or a motif*.
# A Transformer is such a thing: layers of blocks of heads. With $p$ primitives and $m$ motifs on level 2:
#
# $$ |\mathcal{A}| = \underbrace{\left((p+1)^{e_2}\right)^m}_{m \text{ motifs of } e_2 \text{ edges}} \cdot
#    \underbrace{(m+1)^{e_3}}_{\text{the top motif}}, \qquad \text{+1 for "no edge"} $$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Hierarchical

hierarchical = Hierarchical(motifs=(3, 1), nodes=(3, 4))  # 3 motifs of 3 nodes on level 2; the top has 4 nodes
p, m, e2, e3 = 6, 3, 3, 6
print(f"{((p + 1) ** e2) ** m * (m + 1) ** e3:,} by the formula, {hierarchical.size:,} says the space")
top = hierarchical.parse(
    "2.1=|nor_conv_1x1~0|+|skip_connect~0|sep_conv_3x3~1| 2.2=|max_pool_3x3~0|+|none~0|nor_conv_1x1~1| "
    "2.3=|none~0|+|avg_pool_3x3~0|none~1| 3.1=|2.1~0|+|none~0|2.1~1|+|2.3~0|none~1|2.2~2|"
)

# %%
draw.graph(hierarchical.motif_graph(top, "3.1"), title="Level 3: its edges are motifs")

# %% [markdown] slideshow={"slide_type": "subslide"}
# **Flattening** replaces each motif by what it consists of, down to primitives. Motif 2.1 is used twice: its wiring is shared,
# its weights are not.

# %% slideshow={"slide_type": "fragment"}
draw.graph(hierarchical.to_graph(top), title="The same architecture, flattened to level 1")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Open it yourself
#
# Click an edge of level 3, and its motif opens; click it again, and it closes. Then press *Mutate level 2*: how many places
# of the network change at once? And with *Mutate level 3*?

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_hierarchy

hierarchy_explorer = explore_hierarchy(hierarchical, top)
# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Grammars: rules instead of a fixed form
#
# A **context-free grammar** says how an architecture may be written. Names that can still be replaced are *non-terminals*
# (here `S`); a rule says by what. One applies rules until no non-terminal is left [@schrodi2023]:
#
# $S \Rightarrow \text{Linear}(S, S, S) \Rightarrow \text{Linear}(\text{Residual}(S,S,S), \text{Residual}(S,S,S),
# \text{linear}) \Rightarrow \dots$
#
# `Linear(a, b, c)` applies its arguments one after another; `Residual(a, b, c)` computes $c(a(x)) + b(x)$.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import Grammar

functions_grammar = Grammar(
    """
    S -> Linear(S, S, S) | Residual(S, S, S)
    S -> conv | id | linear
    """,
    max_depth=3,
)
word = functions_grammar.parse("Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)")
for step in word.steps():
    print("=>", step)
print(f"\n{functions_grammar.size:,} architectures from five rules, if the tree may have three levels")

# %% slideshow={"slide_type": "subslide"}
draw.graph(word.to_graph(), title="What was derived: two residual blocks and a linear layer")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Counting the words
#
# Let $N_d(S)$ be the number of derivation trees of $S$ with at most $d$ levels: add over the rules, multiply over the
# non-terminals in a rule. With the five rules above:
#
# $$ N_d(S) = \underbrace{N_{d-1}(S)^3 + N_{d-1}(S)^3}_{\text{Linear, Residual}} + \underbrace{3}_{\text{conv, id, linear}},
#    \qquad N_0 = 0 $$

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
count = 0
for depth in range(1, 5):
    count = 2 * count**3 + 3
    print(f"up to {depth} levels: {count:,}")
assert Grammar("S -> Linear(S, S, S) | Residual(S, S, S) | conv | id | linear", max_depth=4).size == count

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Rules that describe nothing
#
# A grammar can be **ill-formed**. Before you run it: what is wrong with each of these?

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
for rules in (
    "S -> Linear(S, conv) | Residual(S, id, S)",
    "S -> conv | id \n BLOCK -> Residual(conv, id, conv)",
    "S -> Linear(conv, T) \n T -> S | T",
    "S -> Residual(conv, id)",
):
    try:
        Grammar(rules)
    except ValueError as error:
        print(f"{rules!r}\n   {error}\n")

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Derive one yourself
#
# Click a rule: it is applied to the marked `S`. Click another open `S` to mark that one, or a derived node to open it again.
# Or let chance do it. The rules are yours to edit: take away `conv | id | linear`, and see.

# %% slideshow={"slide_type": "fragment"}
from nas_edu.widgets import explore_grammar

deriver = explore_grammar(functions_grammar)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An architecture as a vector: three encodings
#
# Whatever is to *learn* from architectures (a surrogate, a neural predictor) needs numbers. One cell, three ways:
#
# - **one-hot:** for each edge, which of the five operations: $6 \cdot 5 = 30$ numbers.
# - **adjacency:** which edges are there at all, then for each one the operation: $6 + 6 \cdot 4 = 30$.
# - **path:** for each sequence of operations, is there a *path* from input to output that has it [@white2021bananas]:
#   $4 + 4^2 + 4^3 = 84$.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
import itertools

from nas_edu.search_spaces import Cell

cell = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1"))
print("one-hot      none skip  1x1  3x3 pool")
for edge, bits in zip(tiny.edges, tiny.encode(cell, "one_hot").reshape(6, 5), strict=True):
    print(f"  edge {edge[0]}-{edge[1]} " + "".join(f"{int(bit):5}" for bit in bits))

adjacency = tiny.encode(cell, "adjacency")
print("\nadjacency   there  skip  1x1  3x3 pool")
for edge, there, bits in zip(tiny.edges, adjacency[:6], adjacency[6:].reshape(6, 4), strict=True):
    print(f"  edge {edge[0]}-{edge[1]} {int(there):5} " + "".join(f"{int(bit):5}" for bit in bits))

sequences = [s for length in (1, 2, 3) for s in itertools.product(tiny.operations[1:], repeat=length)]
path = tiny.encode(cell, "path")
print(f"\npath: {len(path)} numbers, all zero but")
for place in path.nonzero()[0]:
    print(f"  number {place:2}: {' -> '.join(sequences[place])}")

# %%
draw.cell(cell, legend=False)

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### What an encoding forgets
#
# Predict: of the 15,625 cells, how many different vectors does each encoding make? And are two cells with the same vector
# the same function?

# %% slideshow={"slide_type": "fragment"} tags=["claim-path-encoding-forgets"]
# NBVAL_CHECK_OUTPUT
from collections import defaultdict

cells = list(tiny)
for name in ("one_hot", "adjacency", "path"):
    print(f"{name:10} {len({tiny.encode(cell, name).tobytes() for cell in cells}):6,} different vectors")

by_path = defaultdict(set)
for cell in functions:  # one cell for each different function
    by_path[tiny.encode(cell, "path").tobytes()].add(cell)
print(f"functions   {len(functions):6,}")
mixed = sum(len(group) > 1 for group in by_path.values())
print(f"{mixed:,} of {len(by_path):,} path vectors stand for more than one function")

# %% [markdown]
# The path encoding forgets what lies on no path (good: it does not matter), and *which* edges share a node (a pity:
# sometimes it does). It also keeps something that does not matter: a skip within a path. Whether forgetting helps to
# predict accuracy is measured in the lecture on Bayesian optimization.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Experiment 1: what a random architecture is worth, space by space
#
# No search yet. From each space we draw architectures at random and train each one, all with the same recipe: MNIST-1D, two
# epochs, the same mini-batches. These are minutes of training, so this is an **experiment**: a function whose results are
# stored beside the lecture. A call reads them, and where there are none, it computes and stores them
# (`make experiments NAMES=random_architectures` makes them anew).

# %% slideshow={"slide_type": "fragment"}
from functools import partial

from nas_edu import Budget, experiment, search, stored
from nas_edu.data import load
from nas_edu.performance_estimation import Train, TrainingRecipe, WithResources
from nas_edu.performance_estimation.resources import macs, parameters
from nas_edu.search_strategies import random_search

mnist1d = load("mnist1d")
two_epochs = Train(mnist1d, recipe=TrainingRecipe(epochs=2))
networks = {  # how many of each space: fewer where a network takes ten times as long
    "Chain": (Chain(), 25),
    "Macro": (Macro(), 25),
    "TinyCell": (TinyCell(), 25),
    "Hierarchical": (Hierarchical(), 25),
    "Grammar of functions": (FUNCTIONS, 25),
    "Grammar of staged cells": (STAGED_CELLS, 25),
    "NASNetCell": (NASNetCell(), 5),
    "DARTSCell": (DARTSCell(), 5),
}


@experiment(version=1, trains=True)
def random_architectures(space: str, count: int) -> list[dict]:
    sizes = {"parameters": partial(parameters, task=mnist1d), "macs": partial(macs, task=mnist1d)}
    evaluate = WithResources(two_epochs, sizes)
    history = search(random_search(networks[space][0], evaluate, rng=random.Random(0)), Budget(evaluations=count))
    return [
        {"architecture": str(trial.architecture), "validation_accuracy": trial.score, **trial.evaluation.objectives}
        for trial in history.trials
    ]


samples = {name: random_architectures(name, count) for name, (_, count) in networks.items()}

# %% [markdown]
# Do you trust stored numbers? Here is a random one of them, trained again, now (on another kind of processor sums are rounded
# otherwise, and a few signals more or less are classified correctly):

# %%
again = random.Random(len(samples)).choice(samples["TinyCell"])
now = two_epochs(tiny.parse(again["architecture"]))
print(f"{again['architecture']}\n  stored {again['validation_accuracy']:.2%}, trained again {now.score:.2%}")

# %% slideshow={"slide_type": "subslide"} tags=["claim-space-decides"] jupyter={"source_hidden": true}
from statistics import median

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import bootstrap, kendalltau

from nas_edu.draw.style import MATPLOTLIB


def interval(values, statistic=np.median):
    """95 % bootstrap interval, the values drawn again 2,000 times."""
    found = bootstrap((np.array(values),), statistic, n_resamples=2000, method="percentile", rng=0)
    return found.confidence_interval


with plt.rc_context(MATPLOTLIB):
    figure, axes = plt.subplots(figsize=(8.5, 4.6))
    for place, found in enumerate(samples.values()):
        scores = [network["validation_accuracy"] for network in found]
        shift = np.random.default_rng(0).uniform(-0.18, 0.18, len(scores))
        axes.scatter(scores, place + shift, s=40, color="#0072B2", alpha=0.6, edgecolors="none")
        axes.plot([median(scores)] * 2, [place - 0.32, place + 0.32], color="#1a1a1a", linewidth=3)
    axes.set(yticks=range(len(samples)), yticklabels=samples, xlim=(0, 1), xlabel="validation accuracy, two epochs")
    axes.axvline(0.1, color="#808080", linestyle=":", linewidth=2)
    axes.invert_yaxis()
    axes.set_title("Random architectures; bar: the median; dotted: chance")
    plt.show()

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
rows = []
medians = {}
for name, found in samples.items():
    scores = [network["validation_accuracy"] for network in found]
    medians[name] = median(scores)
    low, high = interval(scores)
    thousand_macs = median(network["macs"] for network in found) / 1e3
    rows.append(
        f"| {name} | {len(scores)} | {median(scores):.0%} ({low:.0%} to {high:.0%}) | {min(scores):.0%} | {max(scores):.0%} "
        f"| {median(network['parameters'] for network in found):,.0f} | {thousand_macs:,.0f} |"
    )
best_median = max(medians.values())
Markdown(
    "| space | networks | median (95 % interval) | worst | best | parameters, median | thousand MACs, median |\n"
    "|---|--:|--:|--:|--:|--:|--:|\n"
    + "\n".join(rows)
    + f"\n\nThe best median is {best_median:.0%}; you guessed {guess_best_median:.0%}."
)

# %% [markdown]
# So before any search has begun, the space has decided much: a typical network of cells is better than nearly all random
# chains. Part of that is size, see the last two columns, but not all: random hierarchies do better than random TinyCells with
# fewer parameters. And before you praise the cell: around it we put three stages and 8 to 32 channels, by hand. **What is fixed
# is part of the space, too.** Of a grammar the same holds for its rules *and* for how words are drawn: short words come more
# often, and short words are weak.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Pros of cells: small, and transferable?
#
# Two advantages are usually named: the space is small, and a cell that was found on one data set can serve another one. The
# second one often comes with a warning: be careful with that. So let us see.
#
# ## Experiment 2: does the best cell of one task serve another?
#
# **MNIST-1D** has signals of 40 numbers; neighbours belong together. **Shuffled** are the same signals, their 40 positions mixed
# by one fixed permutation: neighbours mean nothing. **Digits** are images of 8 x 8 pixels: neighbours count again, in two
# dimensions. On each task we train the same 48 cells for ten epochs: 40 drawn at random, and the eight that were best on
# MNIST-1D among the 1,610 functions that its table had when these cells were chosen (it has all 5,260 now).
#
# All accuracies below are on *test* data; the eight were chosen by validation accuracy on MNIST-1D alone. MNIST-1D itself is
# looked up.

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
RANDOM_CELLS = 40
THE_48_CELLS = [  # their places in TinyCell: 40 drawn at random, each another function; and the eight best
    *(2577, 653, 7841, 6634, 12713, 13596, 1953, 1904, 1303, 13097, 11553, 13341, 4949, 7371, 7253, 14177),
    *(8989, 10471, 8772, 9588, 13514, 12862, 10947, 14214, 11964, 12689, 9298, 2527, 3909, 1954, 1354, 14337),
    *(8322, 3592, 8969, 9627, 4692, 9769, 4194, 3288),
    *(11688, 12337, 9872, 11032, 9868, 9797, 11723, 12338),
]

# %% slideshow={"slide_type": "fragment"}
table = NASBenchEdu.load("mnist1d")


@experiment(version=1, trains=True)
def cells_on_task(task: str) -> dict[str, list[float]]:
    cells = [tiny[place] for place in THE_48_CELLS]
    if task == "mnist1d":
        validation = [table.evaluate(cell).score for cell in cells]
        return {"validation": validation, "test": [table.test_accuracy(cell, seed=0) for cell in cells]}
    train = Train(load(task), recipe=TrainingRecipe(epochs=10))
    trained = [train(cell) for cell in cells]
    return {"validation": [one.score for one in trained], "test": [train.test(one)[1] for one in trained]}


def on_task(task, split="test"):
    return cells_on_task(task)[split]


# %% slideshow={"slide_type": "subslide"} tags=["claim-transfer"] jupyter={"source_hidden": true}
tasks = {"mnist1d-shuffled": "MNIST-1D, positions shuffled", "digits": "digits, 8 x 8 images"}
home = np.array(on_task("mnist1d"))
with plt.rc_context(MATPLOTLIB):
    figure, panels = plt.subplots(1, 2, figsize=(10, 4.8))
    for axes, (task, title) in zip(panels, tasks.items(), strict=True):
        there = np.array(on_task(task))
        axes.set(xlabel="test accuracy on MNIST-1D", ylabel="test accuracy there", xlim=(0.25, 1.02))
        axes.set_title(title, fontsize=15)
        views = [axes]
        if task == "digits":  # the best lie on one spot there: once more, enlarged
            views.append(axes.inset_axes((0.68, 0.12, 0.3, 0.36), xlim=(0.948, 0.983), ylim=(0.964, 0.986)))
            views[1].set(xticks=(0.95, 0.97), yticks=(0.97, 0.98))
            views[1].tick_params(labelsize=13)
            axes.indicate_inset_zoom(views[1], edgecolor="#1a1a1a")
        for view in views:
            view.scatter(home[:RANDOM_CELLS], there[:RANDOM_CELLS], s=44, color="#0072B2", alpha=0.6, edgecolors="none")
            view.scatter(
                home[RANDOM_CELLS:], there[RANDOM_CELLS:], s=90, color="#D55E00", marker="^", edgecolors="none"
            )
    figure.suptitle("Dots: random cells. Triangles: the best 8 of 1,610 on MNIST-1D")
    plt.show()


# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
def tau(chosen, there):
    """Kendall's tau between the two tasks over these random cells, and its 95 % bootstrap interval."""
    pairs = np.stack([home[chosen], there[chosen]], axis=1)
    generator = np.random.default_rng(0)
    again = [pairs[generator.integers(len(pairs), size=len(pairs))] for _ in range(500)]
    low, high = np.nanquantile([kendalltau(*sample.T).statistic for sample in again], [0.025, 0.975])
    return f"{kendalltau(*pairs.T).statistic:.2f} ({low:.2f} to {high:.2f})"


everyone = np.arange(RANDOM_CELLS)
better_half = np.argsort(-home[:RANDOM_CELLS])[: RANDOM_CELLS // 2]
lines = []
for task, title in tasks.items():
    there = np.array(on_task(task))
    random_there, best_there = there[:RANDOM_CELLS], there[RANDOM_CELLS:]
    beaten = (random_there > np.median(best_there)).mean()
    own = there[int(np.argmax(on_task(task, "validation")[:RANDOM_CELLS]))]
    lines.append(
        f"| {title} | {tau(everyone, there)} | {tau(better_half, there)} | {np.median(random_there):.1%} | {own:.1%} "
        f"| {np.median(best_there):.1%} ({best_there.min():.1%} to {best_there.max():.1%}) | {beaten:.1%} |"
    )
Markdown(
    "| task | tau to MNIST-1D, random cells | tau, the better half of these | random, median | best of 40 random, chosen there "
    "| the 8 from MNIST-1D, median (range) | random cells above that |\n|---|--:|--:|--:|--:|--:|--:|\n"
    + "\n".join(lines)
    + f"\n\nYou guessed that {guess_beaten_by:.0%} of the random cells beat a typical one of the eight."
)

# %% [markdown]
# Between these tasks the best cells **do** transfer: hardly any random cell beats a typical one of the eight, even where
# neighbours mean nothing. Two reservations. Among the *better half* of the cells the ranks agree less on the digits (on the
# shuffled signals the intervals leave it open), so *which* good cell is the best is a question to each task. And the eight are the
# best of a far larger number than 40: they had more luck on their side than one search has.
#
# ### "Be careful with that": careful with what?
#
# Is 58 % on the shuffled signals any good? Ask somebody who is not in our space: an ordinary network of two fully connected
# layers of 100 units, which knows nothing of neighbours. Predict: better or worse than the best cell, on each task?

# %% slideshow={"slide_type": "fragment"} tags=["claim-space-does-not-transfer"]
import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier


def fully_connected(task, seed):
    """Test accuracy after 40 epochs of Adam."""
    network = MLPClassifier((100, 100), max_iter=40, learning_rate_init=2e-3, batch_size=125, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 40 epochs are meant
        network.fit(task.train.inputs[:, 0], task.train.targets)
    return network.score(task.test.inputs[:, 0], task.test.targets)


for task, seeds in {"mnist1d": 1, "mnist1d-shuffled": 3}.items():
    accuracies = [fully_connected(load(task), seed) for seed in range(seeds)]
    best = max(on_task(task)[RANDOM_CELLS:])
    print(f"{task:17} best transferred cell {best:.1%}, fully connected: {', '.join(f'{a:.1%}' for a in accuracies)}")

# %% [markdown]
# With positions in order the cells win by far. With positions shuffled, **every cell that we transferred loses** to the plain
# network. So the *cell* transferred, and the *space* did not: it was built of operations that believe in neighbours, and no
# search inside it can repair that. The ranking within a space says nothing about whether it is the right space.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Cons of cells: the same one everywhere
#
# Two drawbacks are usually named. Somebody must still decide by hand how cells are connected: how many, with how many
# channels, where to halve. (Our network has three stages of one cell each, and that was our decision.) And perhaps
# **different parts of a network want different cells**.
#
# ## Experiment 3: a cell of its own for each stage
#
# Now each of the three stages may have its own TinyCell: $15{,}625^3 \approx 3.8 \cdot 10^{12}$ architectures, and every
# network of the old space is among them. Same strategies, same number of trainings (30), same recipe (two epochs); "one cell"
# are the first 30 trainings of the searches that lecture 3 compares.
#
# Predict: the new space contains the old one, so its best is at least as good. Does a search with 30 trainings *find* it?

# %% slideshow={"slide_type": "fragment"}
from nas_edu import History
from nas_edu.performance_estimation import Remembered
from nas_edu.search_strategies import regularized_evolution

three_cells = StageCells()
remembered = Remembered(two_epochs)  # what was trained before is not trained again


@experiment(version=1, space=three_cells, trains=True)
def a_cell_for_each_stage(strategy: str, seed: int) -> History:
    rng, budget = random.Random(seed), Budget(evaluations=30)
    if strategy == "random search":
        return search(random_search(three_cells, remembered, rng=rng), budget)
    running = regularized_evolution(three_cells, remembered, population_size=10, sample_size=4, rng=rng)
    return search(running, budget)


# %% slideshow={"slide_type": "subslide"} tags=["claim-one-cell-everywhere"]
pairs = {}
for name in ("random search", "regularized evolution"):  # the same seeds, and of each search as many trainings
    own = [a_cell_for_each_stage(name, seed) for seed in range(4)]
    one = [stored("evolution_on_mnist1d", tiny, strategy=name, seed=seed) for seed in range(4)]
    pairs[name] = ([History(history.trials[:30]) for history in one], own)
searches = {}
for name, (one_cell, own_cells) in pairs.items():
    searches |= {f"one cell, {name}": one_cell, f"own cells, {name}": own_cells}
draw.traces(searches, title="One cell everywhere, or one for each stage")

# %% slideshow={"slide_type": "subslide"} jupyter={"source_hidden": true}
lines = []
for name, (one_cell, own_cells) in pairs.items():
    gains = [100 * (b.best.score - a.best.score) for a, b in zip(one_cell, own_cells, strict=True)]
    lines.append(
        f"| {name} | {median(h.best.score for h in one_cell):.1%} | {median(h.best.score for h in own_cells):.1%} | "
        f"{', '.join(f'{gain:+.1f}' for gain in gains)} | {sum(gain > 0 for gain in gains)} of {len(gains)} |"
    )
wins = [b.best.score > a.best.score for two in pairs.values() for a, b in zip(*two, strict=True)]
quartiles = [
    "{:.0%}, {:.0%}, {:.0%}".format(
        *np.quantile([trial.score for h in histories for trial in h.trials], [0.25, 0.5, 0.75])
    )
    for histories in pairs["random search"]
]
Markdown(
    "| strategy | one cell: best, median | own cells: best, median | difference, seed by seed (points) | own cells win |\n"
    "|---|--:|--:|--:|--:|\n"
    + "\n".join(lines)
    + f"\n\nOwn cells win in {np.mean(wins):.0%} of the searches; you guessed {guess_own_cell_wins:.0%}. All random networks, "
    f"lower quartile, median, upper quartile: one cell {quartiles[0]}; own cells {quartiles[1]}."
)

# %% [markdown]
# The larger space contains every network of the smaller one, and yet evolution with so few trainings ends behind in it; for
# random search the seeds do not agree. A typical random network is as good in both spaces, so it is the *search* that
# suffers: three times as many edges to get right, one change at a time. **That is the first advantage of cells, seen from
# the other side:** a choice that is repeated in three places is one choice, not three. These few seeds show a direction, no
# more; and what own cells give with thousands of trainings, where the larger space must catch up, we have not measured.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ### Do the stages want different operations?
#
# The random networks with own cells answer this directly. In each of them, stage 1, 2 and 3 were drawn independently. So
# compare, for each stage and operation: the networks in whose stage the operation is on an edge that matters, with those in
# which it is not.

# %% slideshow={"slide_type": "fragment"} tags=["claim-stages-differ"] jupyter={"source_hidden": true}
trials = [trial for history in pairs["random search"][1] for trial in history.trials]


def effects(operation, trials):
    """For each stage: mean accuracy with the operation on an edge that matters, minus without; 95 % interval."""
    scores = np.array([trial.score for trial in trials])
    generator, found = np.random.default_rng(0), []
    for stage in range(3):
        has = np.array([operation in trial.architecture.cells[stage].live_edges.values() for trial in trials])
        picks = (generator.integers(len(trials), size=len(trials)) for _ in range(1000))
        again = [scores[pick][has[pick]].mean() - scores[pick][~has[pick]].mean() for pick in picks]
        low, high = np.quantile(again, [0.025, 0.975])
        found.append(f"{100 * (scores[has].mean() - scores[~has].mean()):+.0f} ({100 * low:+.0f} to {100 * high:+.0f})")
    return " | ".join(found)


lines = [
    f"| {name} | {effects(name, trials)} |" for name in ("nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3", "skip_connect")
]
lines.append(f"| nor_conv_3x3, the first 60 networks only | {effects('nor_conv_3x3', trials[:60])} |")
Markdown(
    f"Mean accuracy with the operation minus without, in points (95 % interval), {len(trials)} random networks:\n\n"
    "| operation | stage 1: 40 positions | stage 2: 20 positions | stage 3: 10 positions |\n|---|--:|--:|--:|\n"
    + "\n".join(lines)
)

# %% [markdown]
# A 3x3 convolution is worth about ten points, in *every* stage, and the intervals overlap widely: **that the stages want
# different operations was not seen here**, as far as so few networks can tell. Look at the last line. After 60 networks it
# seemed that the third stage needs no such convolution; the next ones took that back. Differences of this size need
# hundreds of networks, and so does the claim. (Our stages differ in 40, 20 and 10 positions. Those of a network for large
# images differ more.)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## When it fails, and what this does not say
#
# - **The space has no good architecture.** No search can help. Ask a random sample first: it costs 20 trainings.
# - **The space has nothing but good ones.** Then every search "works", and random search as well as any. A comparison of
#   strategies in such a space says nothing about the strategies.
# - **Counting is not searching.** $10^{18}$ or $10^{23}$: the most expensive searches trained some ten thousand networks.
#   What counts is whether neighbours resemble each other (lecture 3), not the exponent.
# - **Not settled here:** all networks were trained for two epochs, or ten for the transfer. Spaces whose networks are larger
#   mostly learn more in two epochs (the hierarchical one is an exception), and their networks cost more (the last column
#   of the table). Three tasks are three, and small; what a cell found on CIFAR-10 does on ImageNet is another question.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> Layer 5 has a kernel size. When does this hyperparameter exist, in the chain space?</summary>
#
# If there are five layers or more, <i>and</i> layer 5 is a convolution. Both are conditions on other hyperparameters.
# </details>
#
# <details><summary><b>2.</b> A NASNet cell has <i>B</i> = 5 blocks. How many categorical hyperparameters have both cells together?</summary>
#
# 5 choices a block, 5 blocks, 2 cells: 50.
# </details>
#
# <details><summary><b>3.</b> A paper says: "our method searches among 10<sup>23</sup> architectures". What do you ask?</summary>
#
# What is counted: assignments of operations to all edges, or what the search can return? Are equal functions counted
# once? And how good is a random one?
# </details>
#
# <details><summary><b>4.</b> Two cells have the same path encoding. Must they be the same function?</summary>
#
# No. Paths do not show which edges they share: f(x) on two routes, once with one and once with two convolutions.
# </details>
#
# <details><summary><b>5.</b> <code>S -> Linear(S, conv) | Residual(S, id, S)</code>: what is wrong with it?</summary>
#
# Every rule for S contains S again, so no derivation ever ends. It needs a rule without, such as S -> conv.
# </details>
#
# <details><summary><b>6.</b> In a hierarchical space one edge of a level-2 motif changes. How many places of the network change?</summary>
#
# As many as the network uses this motif. That is what sharing means, and why a change on a low level is a larger step.
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. five kinds of spaces, each with its text | sections 1 to 5 |
# | 2. count a space; what $10^{23}$ counts | the formulas, the walk through a small space; quiz 3 |
# | 3. three encodings and what they forget | the table of one cell; quiz 4 |
# | 4. for and against cells, in numbers | experiments 1 to 3 |
# | 5. derive, and see what is ill-formed | the grammar section; quiz 5 |
#
# **Now write it yourself:** [exercises 2](../exercises/02_search_spaces.ipynb): the path encoding of a cell, and the number of
# genotypes of DARTS.
#
# **Sources**
#
# [@references]

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** question and predictions, on paper (5) - chains, counted by hand (5) - cells: NASNet's five choices on the
# blackboard, DARTS, the two numbers (10) - hierarchy explorer (5) - grammar: derive a word together (5) - experiment 1 and
# who guessed what (5) - experiments 2 and 3 (7) - quiz 3 (3). Leave out: macro, encodings, the walk through a small space.
#
# **90 minutes:** everything; the room counts DARTS's cells before the cell is run (10); encodings with a cell that the room
# chooses (10); each pair edits the grammar until it describes TinyCell (15); the first task of the exercises in class (15).
#
# **Three demonstrations:** (1) In the hierarchy explorer open motif 2.1 twice, then *Mutate level 2* until it hits: both
# places change. (2) In the grammar deriver delete `conv | id | linear` and read the answer aloud; then let the room mend it.
# (3) Take the cell of the encodings, put `none` on edge 2-3, and let the room say which of the 84 numbers change.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "More architectures make a better space": what counts is how good they are and how well neighbours
# resemble each other. "The search of DARTS tries $10^{23}$ networks": it trains one supernet. "A normal cell is simpler than
# a reduction cell": both come from the same choices; the second one halves the positions. "Sharing a motif shares weights": it
# shares the wiring. "A cell space is not a hyperparameter space": it is one, with $5B$ categorical hyperparameters a cell.
