# %% [markdown] slideshow={"slide_type": "slide"}
# # Start here
#
# **Neural Architecture Search** (NAS) lets a program design a neural network. This course shows you how such programs
# work. You will watch them search, read them line by line, change them, and measure them.
#
# After this notebook you can
#
# 1. say whether your installation is complete, and what each missing part would cost you;
# 2. run a lecture from top to bottom, start a live view, and find the exercises that belong to it;
# 3. say in one sentence each what $\alpha$, $w$, $\xi$ and $\tau$ stand for;
# 4. name what you need to know beforehand, and check that you do;
# 5. start a first real search, and say which part of it was the search space, which the search strategy and which the
#    performance estimation.
#
# Time: about 20 minutes. Now choose *Run > Run All Cells* in the menu.

# %% slideshow={"slide_type": "fragment"}
from nas_edu import draw
from nas_edu.search_spaces import Cell

cell = Cell(("nor_conv_3x3", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1", "nor_conv_3x3"))
draw.cell(cell, title="This is what we search for")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you see
#
# The picture shows a **cell**, a small piece of a neural network. A network is a stack of such cells.
#
# - The circles are tensors: the data on its way through the cell, from the input x0 to the output x3.
# - The arrows are **operations**: a convolution, an average pooling, a skip connection (which passes its input on
#   unchanged), or none at all. Where several arrows meet, their results are added.
#
# Six arrows, five operations to choose from for each: that is $5^6$ cells. Somebody has to choose. Until a few
# years ago that was always a person, with experience and patience. Here it is a program.

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.search_spaces import TinyCell

space = TinyCell()
print(f"5 ** 6 = {5**6:,}, and the space itself says: {space}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is everything installed?
#
# The course brings its own doctor. It looks at all parts and says for each missing one what it costs you and how to
# mend it. In a terminal the same is `make doctor`.

# %%
from nas_edu.tools import doctor

findings = doctor.examine()
not_well = [finding for finding in findings if not finding.ok]
print(f"{len(findings)} parts were looked at, {len(findings) - len(not_well)} of them are well.\n")
print(doctor.report(not_well) if not_well else "Ready: nothing is missing.")

# %% [markdown]
# *MISSING* means that the course cannot do without it; *without* means that you can, at the price that is named.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How to use the course
#
# **If you learn:** open a lecture, *Run > Run All Cells*, and read from the top. Some cells ask you to **predict** a
# result first. Do write your guess down: you remember what surprised you. A live view waits for you to press *Run*;
# *Pause*, *Step* and *Stop* do what they say, and *Reset* starts anew. Then do the exercises of the same number in the
# folder [exercises](../exercises). Each task has a check that says what is wrong, and hints that grow stronger.
#
# **If you teach:** each lecture is also a deck of slides. Its last cells hold a 45- and a 90-minute route,
# demonstrations, and the usual misconceptions.
#
# **Broke something?** *Kernel > Restart Kernel and Run All Cells* puts everything back in order.
#
# | Folder | What is in it |
# | --- | --- |
# | [lectures](.) | the notebooks, numbered; this one is number 00 |
# | [exercises](../exercises) | tasks that check themselves |
# | [solutions](../solutions) | the same, solved. Look here last |
# | [nas_edu](../nas_edu) | all algorithms, one a file, written to be read |

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three parts
#
# Every NAS method has three parts, and the folders of the package have their names:
#
# | Part | The question | In this notebook |
# | --- | --- | --- |
# | **search space** | What may be built? | `TinyCell`: the cells from above |
# | **search strategy** | Which one do we try next? | random search |
# | **performance estimation** | How good is it? | train it briefly, then measure on data kept aside |
#
# Written as a formula, NAS looks for the architecture $a$ that does best on validation data *after* its weights $w$ were
# trained:
#
# $$ a^* = \arg\min_{a \in \mathcal{A}} \; \mathcal{L}_{\text{val}}\bigl(w^*(a),\, a\bigr)
# \qquad \text{where} \qquad w^*(a) = \arg\min_{w} \; \mathcal{L}_{\text{train}}(w, a) $$
#
# Read it from the inside: *for each* $a$ there is a complete training. That is what makes NAS expensive, and most of this
# course is about making it cheaper.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The symbols
#
# They mean the same in all lectures. You do not need all of them now; come back when one turns up.
#
# | Symbol | Say | What it is | First used in |
# | --- | --- | --- | --- |
# | $a$, $\mathcal{A}$ | "a", "script A" | one architecture; the search space, the set of all that are allowed | here |
# | $w$ | "w" | the **weights** of a network: what training changes | here |
# | $\mathcal{L}_{\text{train}}$, $\mathcal{L}_{\text{val}}$ | "training loss", "validation loss" | how wrong the network is, on the data it learns from and on data kept aside | here |
# | $\alpha$ | "alpha" | **architecture weights**: one number for each operation on each edge, so that the choice itself can be trained | lecture 8 |
# | $\xi$ | "xi" | the step size of the one training step with which DARTS looks ahead; 0 means it does not | lecture 8 |
# | $\tau$ | "tau" | **temperature**: how sharply a random choice prefers the largest $\alpha$. *Kendall's* $\tau$, a measure of how far two rankings agree, has the same letter: we always say which | lecture 9; lecture 2 |
#
# A picture for two of them: $w$ is what the network *knows*, $\alpha$ is what it *is*.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you need to know, and do you?
#
# Python with functions, loops and lists; what a neural network and its training are; what a convolution roughly does.
# You do *not* need to have seen NAS, or to have a GPU.
#
# Answer each question in your head, then open it.
#
# <details><summary><b>1.</b> Why do we need <em>validation</em> data if we already have training and test data?</summary>
#
# To choose with. If we chose an architecture by its training accuracy, we would prefer the one that memorizes. If we chose
# by test accuracy, the test would no longer be a test of anything new.
# </details>
#
# <details><summary><b>2.</b> Ten classes, equally frequent. What accuracy does a network reach that has learned nothing?</summary>
#
# About 10 %: chance. Remember this number, we will meet networks that do not get beyond it.
# </details>
#
# <details><summary><b>3.</b> A 1x1 convolution in a signal of length 40: which positions influence the output at position 7?</summary>
#
# Position 7 alone. It mixes channels, not positions. A 3x3 convolution (three neighbours wide, in a signal) also sees
# positions 6 and 8.
# </details>
#
# <details><summary><b>4.</b> What does a skip connection cost, in parameters?</summary>
#
# Nothing: it passes its input on unchanged.
# </details>
#
# <details><summary><b>5.</b> What does <code>yield</code> do in a Python function?</summary>
#
# It hands out a value and pauses the function there until somebody asks for the next one. All search strategies of this
# course are written so: whoever asks for the next trial decides when to pause, and that is how the *Pause* button works.
# </details>
#
# Four or five right: go on. Fewer: go on as well, but keep a good introduction to deep learning open beside this.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question, and your guess
#
# In a moment a program draws twelve cells **at random**, builds a network from each, trains it on small images of
# handwritten digits, and measures it on images that it has not seen. We change nothing but the cell.
#
# How good will the best one be, how good the worst? Chance is 10 %. Change the two numbers, then run on.

# %%
guess_best, guess_worst = 0.60, 0.40  # your guesses: fractions from 0 to 1

# %% slideshow={"slide_type": "fragment"}
# NBVAL_CHECK_OUTPUT
from nas_edu.data import load

digits = load("digits")
print(
    f"images to learn from: {len(digits.train)}, to validate: {len(digits.validation)}, for the end: {len(digits.test)}"
)
print(f"each has {digits.input_shape[1]} x {digits.input_shape[2]} pixels; {digits.classes} classes")

# %% jupyter={"source_hidden": true}
import matplotlib.pyplot as plt

figure, places = plt.subplots(1, 8, figsize=(8.4, 1.6))
for image, target, place in zip(digits.train.inputs, digits.train.targets, places, strict=False):
    place.imshow(image[0], cmap="gray_r")
    place.set_title(str(target), fontsize=16)
    place.axis("off")
figure.patch.set_facecolor("white")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Your first search, live
#
# Three parts, three lines. Press **Run**. Twelve real trainings take some five to twenty seconds, depending on the
# machine and on what else it does.

# %% slideshow={"slide_type": "fragment"}
import random

from IPython.display import display

from nas_edu import Budget
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_strategies import random_search
from nas_edu.widgets import current_cell, incumbent_curve, live

evaluate = Train(digits, recipe=TrainingRecipe(epochs=2, batch_size=50))  # performance estimation
first = live(
    lambda: random_search(space, evaluate, rng=random.Random(3)),  # search strategy, on the search space
    Budget(evaluations=12),
    views=[incumbent_curve, current_cell],
    title="A first search",
)

# %% [markdown]
# The search is over? Then run the next cell (click on it and press *Shift + Enter*).

# %% slideshow={"slide_type": "subslide"}
trials = sorted(first.history.trials, key=lambda trial: trial.score)
if len(trials) < 12:
    print(f"{len(trials)} of 12 trials are done: press Run above, wait for the end, and run this cell again")
else:
    worst, best = trials[0], trials[-1]
    print(f"best:  {best.score:.1%}, you guessed {guess_best:.0%}")
    print(f"worst: {worst.score:.1%}, you guessed {guess_worst:.0%}")
    seconds = sum(trial.seconds for trial in trials)
    print(f"the twelve trainings took {'less than a minute' if seconds < 60 else f'{seconds:.0f} s'} on this machine")
    captions = [f"worst: {worst.score:.1%}", f"best: {best.score:.1%}"]
    display(draw.cells([worst.architecture, best.architecture], captions=captions))

# %% [markdown]
# The same task, the same training, the same number of cells in each network: nearly all of a difference as large as this one comes
# from six choices, and little from luck. This is why anybody cares about architecture.
#
# **Now break it.** Change the seed from 3 to another number, or the budget, and press *Run* again. And notice what random
# search does *not* do: it learns nothing from the cells that it has already tried. Lecture 3 begins there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quiz
#
# <details><summary><b>1.</b> In the search above, which line was the search strategy, and what would you change to train longer?</summary>
#
# <code>random_search(...)</code> is the strategy. Training longer is a matter of performance estimation:
# <code>TrainingRecipe(epochs=...)</code>. The strategy would not notice.
# </details>
#
# <details><summary><b>2.</b> The best of twelve cells had the highest validation accuracy. Is that number a fair promise for new images?</summary>
#
# No, it is a little too good. We took the largest of twelve measurements, and part of being the largest is luck. That is
# what the test images are kept for.
# </details>
#
# <details><summary><b>3.</b> You run the search again with the same seed. What changes?</summary>
#
# Only the measured times. The same seed gives the same cells, the same weights at the start, the same order of images,
# and so the same scores.
# </details>
#
# <details><summary><b>4.</b> Which symbol changes when a network is trained, and which when a search goes on?</summary>
#
# Training changes $w$. A search changes $a$ (and in lectures 8 and 9, $\alpha$).
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you can do now
#
# | Objective | Where you saw it |
# | --- | --- |
# | 1. say whether the installation is complete | the doctor's answer |
# | 2. run a lecture, a live view, find the exercises | "How to use the course"; you pressed *Run* |
# | 3. say what the symbols stand for | the table of symbols; quiz 4 |
# | 4. check what you need to know | the five questions |
# | 5. run a search and name its three parts | your first search; quiz 1 |
#
# **Next:** [lecture 1, what is NAS?](01_what_is_nas.ipynb): the problem itself, solved completely on a small table. In its
# [exercises](../exercises/01_what_is_nas.ipynb) you solve it yourself.

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# ## For the instructor
#
# **45 minutes:** picture and "What you see" (5) - three parts and the formula (10) - guess, then the live search (10) - a
# second seed, discuss (5) - quiz in pairs (10) - where the exercises are (5). Symbols: as a reference, do not read them out.
#
# **90 minutes:** the same, and before it everybody runs the doctor on their own machine (20, the slowest step is somebody's
# network); after it everybody changes one thing in the live search, budget, seed or epochs, and says beforehand what will
# happen (25).
#
# **Three demonstrations:** (1) Press *Step* instead of *Run* and let the room guess each score from the picture of the
# cell. (2) `TrainingRecipe(epochs=1, batch_size=50)`: does the order of the cells stay the same? (3) Two seeds side by side: how
# much of "best" is luck?

# %% [markdown] tags=["instructor"] slideshow={"slide_type": "skip"}
# **Usual misconceptions.** "The search trains one network": no, one *each* time. "Random search is stupid, so it is bad":
# it is hard to beat in good search spaces, and every method has to be compared with it. "The best validation accuracy is
# the result": it is what we chose by. "An arrow is a layer of weights": pooling and skips have none. "*none* means a
# mistake": leaving a connection out is a choice like any other.
