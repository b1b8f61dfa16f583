# %% [markdown]
# # Exercises 8: DARTS
#
# You write the two pieces that make DARTS what it is: the **mixed operation** with its gradient in alpha, and the
# **second-order gradient** that looks one training step ahead. At the end your gradient searches, in a problem small enough
# to draw, and shows what first order cannot see.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("08.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops and lists; from the lecture, the relaxation and the bilevel problem.

# %%
from math import exp

from nas_edu.check import hint
from nas_edu.check.darts import Problem, check_mixed_operation, check_second_order

# %% [markdown] nas_edu={"task": "08.1", "difficulty": 2, "minutes": 15}
# ## Task 1: all operations at once
#
# An edge has several operations, each with an output signal. With $p = \mathrm{softmax}(\alpha)$, the edge delivers, at each
# position $t$,
#
# $$ m_t = \sum_o p_o\, y_{o,t}, \qquad \text{and} \qquad \frac{\partial L}{\partial \alpha_o} = p_o \sum_t s_t\, (y_{o,t} - m_t) $$
#
# where $s_t = \partial L / \partial m_t$ is how the loss changes with the mixture. Write `mixed_operation(outputs, alpha, slopes)`:
#
# - `outputs[o][t]` is $y_{o,t}$, a list for each operation; `alpha` has a number for each operation, `slopes` one for each position;
# - return a tuple of two lists: the mixture $m$, and the gradient of $L$ in alpha.
#
# Before you write: an operation delivers exactly the mixture. What is its gradient?


# %% nbgrader={"schema_version": 3, "grade_id": "mixed_operation", "grade": false, "solution": true, "locked": false}
def mixed_operation(
    outputs: list[list[float]], alpha: list[float], slopes: list[float]
) -> tuple[list[float], list[float]]:
    """What a mixed edge delivers, and the gradient of the loss by its alphas."""
    ### BEGIN SOLUTION
    powers = [exp(a) for a in alpha]
    p = [power / sum(powers) for power in powers]
    mixture = [sum(weight * y for weight, y in zip(p, values, strict=True)) for values in zip(*outputs, strict=True)]
    gradient = [
        weight * sum(s * (y - m) for s, y, m in zip(slopes, signal, mixture, strict=True))
        for weight, signal in zip(p, outputs, strict=True)
    ]
    return mixture, gradient
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_mixed_operation", "grade": true, "solution": false, "locked": true, "points": 3}
check_mixed_operation(mixed_operation)

# %% [markdown]
# Gradient descent on alpha alone: the edge should deliver the signal 1, 2, and it has *none*, *skip* and *twice*
# of the input 0.8, 1.6. Which weights does it end with? Think of more than one answer before you run it.

# %%
outputs, target, alpha = [[0.0, 0.0], [0.8, 1.6], [1.6, 3.2]], [1.0, 2.0], [0.0, 0.0, 0.0]
for _step in range(400):
    mixture, _ = mixed_operation(outputs, alpha, [0.0, 0.0])
    mixture, gradient = mixed_operation(outputs, alpha, [m - t for m, t in zip(mixture, target, strict=True)])
    alpha = [a - 0.5 * g for a, g in zip(alpha, gradient, strict=True)]
powers = [exp(a) for a in alpha]
print(f"mixture {[round(m, 3) for m in mixture]}, p = {[round(x / sum(powers), 2) for x in powers]}")
print("argmax delivers", outputs[alpha.index(max(alpha))])

# %% [markdown] nas_edu={"task": "08.2", "difficulty": 3, "minutes": 25}
# ## Task 2: one step ahead
#
# The second-order gradient of DARTS, with one training step $w' = w - \xi\, \nabla_w L_{train}(w, \alpha)$, is
#
# $$ \nabla_\alpha L_{val}(w', \alpha) - \xi\, \frac{\nabla_\alpha L_{train}(w^+, \alpha) - \nabla_\alpha L_{train}(w^-, \alpha)}{2 \epsilon},
# \qquad w^\pm = w \pm \epsilon v, \quad v = \nabla_{w'} L_{val}(w', \alpha), \quad \epsilon = \frac{0.01}{\lVert v \rVert} $$
#
# Write `second_order(train, validation, alpha, w, xi)`:
#
# - `alpha` and `w` are lists of numbers, `xi` is the rate of the inner step;
# - `train(alpha, w)` returns two lists, the gradients of the training loss in alpha and in w; `validation(alpha, w)` those of
#   the validation loss;
# - return the list above, one number for each alpha. Where $v$ is 0, the second term is 0.
#
# `alpha` and `w` must afterwards be what they were. How often do you call `train`, how often `validation`? (Once each is
# first order; that is the price.) If the check finds something, it gives its problem as `p = Problem(...)`: paste both lines
# into a cell and look.


# %% nbgrader={"schema_version": 3, "grade_id": "second_order", "grade": false, "solution": true, "locked": false}
def second_order(train, validation, alpha: list[float], w: list[float], xi: float) -> list[float]:
    """The gradient in alpha of the validation loss, one training step ahead."""
    ### BEGIN SOLUTION
    _, by_w = train(alpha, w)
    unrolled = [x - xi * g for x, g in zip(w, by_w, strict=True)]
    first, v = validation(alpha, unrolled)
    norm = sum(x * x for x in v) ** 0.5
    if norm == 0:
        return first
    eps = 0.01 / norm
    plus, _ = train(alpha, [x + eps * d for x, d in zip(w, v, strict=True)])
    minus, _ = train(alpha, [x - eps * d for x, d in zip(w, v, strict=True)])
    return [f - xi * (p - m) / (2 * eps) for f, p, m in zip(first, plus, minus, strict=True)]
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_second_order", "grade": true, "solution": false, "locked": true, "points": 4}
check_second_order(second_order)

# %% [markdown]
# ## Your gradient searches
#
# One alpha $a$ and one weight $w$, from the lecture: $L_{train} = w^2 - 2aw + a^2$ and $L_{val} = aw - 2a + 1$. Trained to the end,
# $w = a$, so the validation loss is $a^2 - 2a + 1$, lowest at $a = 1$. Alternate one step of alpha and one of w, as DARTS
# does, with three values of $\xi$. Where does each end? Guess first.


# %%
def train(alpha, w):
    (a,), (x,) = alpha, w
    return [2 * (a - x)], [2 * (x - a)]


def validation(alpha, w):
    (a,), (x,) = alpha, w
    return [x - 2], [a]


for xi in (0.0, 0.1, 0.5):
    alpha, w = [2.0], [-2.0]
    for _step in range(500):
        alpha = [a - 0.1 * g for a, g in zip(alpha, second_order(train, validation, alpha, w, xi), strict=True)]
        w = [x - 0.1 * g for x, g in zip(w, train(alpha, w)[1], strict=True)]
    print(
        f"xi = {xi}: alpha = {alpha[0]:.3f}, w = {w[0]:.3f}, validation loss {alpha[0] * w[0] - 2 * alpha[0] + 1:.3f}"
    )

# %% [markdown]
# ## To think about
#
# - In the last cell, where does $\xi = 0.1$ end, on paper? (At rest $w = a$, so $w' = w$; then set the gradient to 0.)
# - In task 1, the mixture was right and the argmax was not. Which of the two losses of DARTS would have told you?
# - Give task 1 a fourth operation that delivers 1, 2 exactly, and start from equal alphas. Does it win? How long does it take?
