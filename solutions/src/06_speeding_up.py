# %% [markdown]
# # Exercises 6: speeding up black-box search
#
# You write two pieces: **successive halving**, which decides early who is worth a longer training, and a **wider layer** that
# computes what the narrow one did. At the end your halving searches our table.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("06.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops, lists and functions as arguments.

# %%
from nas_edu.check import hint
from nas_edu.check.speeding_up import check_halving, check_wider

# %% [markdown] nas_edu={"task": "06.1", "difficulty": 2, "minutes": 15}
# ## Task 1: who is trained for longer?
#
# Write `halving(candidates, validate, rungs, eta)`:
#
# - `candidates` is a list of names; `rungs` a list of epochs, rising, such as `[1, 3, 9]`;
# - `validate(candidate, epochs)` trains a candidate up to so many epochs and returns its validation accuracy. It is the expensive part:
#   call it once for each candidate that is on a rung;
# - of the `n` candidates of a rung the best `n // eta` go on to the next one; no two accuracies are equal;
# - it returns a list with one list for each rung: the candidates that were trained there, in any order.


# %% nbgrader={"schema_version": 3, "grade_id": "halving", "grade": false, "solution": true, "locked": false}
def halving(candidates: list[str], validate, rungs: list[int], eta: int) -> list[list[str]]:
    """For each rung the candidates that were trained there."""
    ### BEGIN SOLUTION
    trained = []
    for epochs in rungs:
        trained.append(candidates)
        ranked = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)
        candidates = ranked[: len(candidates) // eta]
    return trained
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_halving", "grade": true, "solution": false, "locked": true, "points": 3}
check_halving(halving)

# %% [markdown] nas_edu={"task": "06.2", "difficulty": 2, "minutes": 15}
# ## Task 2: wider, and still the same function
#
# A network with one hidden layer computes $y = W_{out}\,\mathrm{ReLU}(W_{in} x)$. Write `wider(incoming, outgoing, copied)`:
#
# - `incoming` has one row of weights for each hidden unit, `outgoing` one row for each output, with one weight for each hidden unit;
# - `copied` says for each unit of the wider layer which old unit it is a copy of: `[0, 1, 1]` copies unit 1 once; every old unit is
#   there at least once;
# - it returns the new `incoming` and the new `outgoing`, as lists of rows, such that the outputs are the same for every input;
# - the copies of a unit share its outgoing weight evenly; the old lists stay as they are.


# %% nbgrader={"schema_version": 3, "grade_id": "wider", "grade": false, "solution": true, "locked": false}
def wider(
    incoming: list[list[float]], outgoing: list[list[float]], copied: list[int]
) -> tuple[list[list[float]], list[list[float]]]:
    """Net2WiderNet: the weights of a wider layer that computes the same."""
    ### BEGIN SOLUTION
    shared = [[row[unit] / copied.count(unit) for unit in copied] for row in outgoing]
    return [list(incoming[unit]) for unit in copied], shared
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_wider", "grade": true, "solution": false, "locked": true, "points": 3}
check_wider(wider)

# %% [markdown]
# ## Your halving searches the table
#
# 27 random cells, from three different first rungs up to 10 epochs. How good is the winner among the 27, and what did it cost?

# %%
import random

from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell

table, space = NASBenchEdu.load("mnist1d"), TinyCell()


def place_of_winner(rungs: list[int], seed: int) -> int:
    """Among 27 random cells, by their accuracy at the end: 1 is the best."""
    rng = random.Random(seed)
    cells = {str(n): space.sample(rng) for n in range(27)}
    trained = halving(list(cells), lambda name, epochs: table.evaluate(cells[name], epochs=epochs).score, rungs, 3)
    final = {name: table.evaluate(cell).score for name, cell in cells.items()}
    winner = max(trained[-1], key=final.__getitem__)
    return 1 + sum(score > final[winner] for score in final.values())


for rungs in ([1, 3, 10], [3, 10], [5, 10]):
    counts = [27 // 3**n for n in range(len(rungs))]
    epochs = sum(count * (new - old) for count, old, new in zip(counts, [0, *rungs[:-1]], rungs, strict=True))
    places = sorted(place_of_winner(rungs, seed) for seed in range(20))
    print(f"rungs {rungs!s:11} {epochs:3} epochs instead of 270; the winner's place among the 27, 20 times: {places}")

# %% [markdown]
# ## To think about
#
# - From `[5, 10]` to `[1, 3, 10]` the epochs fall from 180 to 66, and the winner is hardly worse. How does that go together with the
#   small $\tau$ among the best tenth that the lecture measures? (Nine of 27 go on: what must the first rung get right?)
# - Your `wider` gives equal outputs. Do the copies of a unit also get equal gradients? What follows for training?
# - What would `wider` have to do with the batch normalization of the layer?
