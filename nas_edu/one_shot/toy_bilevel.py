"""The bilevel problem with one weight and one alpha, in which every gradient is a line of school algebra.

    L_train(w, a) = w^2 - 2 a w + a^2        L_val(w, a) = a w - 2 a + 1

The best weight is w*(a) = a, so the true objective is L_val(a, a) = (a - 1)^2, with its minimum at (a, w) = (1, 1).
Three gradients in a, and where they lead:

    first order    dL_val/da at w                        = w - 2               forgets that w follows a, ends at (2, 2)
    second order   d/da L_val(w - xi dL_train/dw, a)     = w' - 2 + 2 xi a,    w' = w - xi (2 w - 2 a)
    exact          d/da L_val(w*(a), a)                  = 2 a - 2             ends at (1, 1)

With xi = 1/2 the inner step reaches w*(a) at once, and second order is exact; with less it ends in between.

Source: Liu, Simonyan & Yang, "DARTS", ICLR 2019, figure 2: the losses, and the start (a, w) = (2, -2).
"""

from __future__ import annotations

from collections.abc import Iterator

from nas_edu.core import Step

START = (2.0, -2.0)  # (a, w)
GRADIENTS = ("first order", "second order", "exact")


def train_loss(w: float, a: float) -> float:
    return w**2 - 2 * a * w + a**2


def validation_loss(w: float, a: float) -> float:
    return a * w - 2 * a + 1


def gradient(kind: str, w: float, a: float, xi: float) -> float:
    """The gradient of the validation loss in a. Raises ValueError for an unknown kind."""
    if kind == "first order":
        return w - 2
    if kind == "second order":
        unrolled = w - xi * (2 * w - 2 * a)
        return unrolled - 2 + 2 * xi * a
    if kind == "exact":
        return 2 * a - 2
    raise ValueError(f"unknown gradient {kind!r}; allowed: {', '.join(GRADIENTS)}")


def toy_bilevel(
    kind: str,
    *,
    steps: int,
    xi: float = 0.1,
    alpha_learning_rate: float = 0.1,
    weight_learning_rate: float = 0.1,
    start: tuple[float, float] = START,
) -> Iterator[Step]:
    """Descend in turns, a first, as DARTS does; each step holds both losses and in `info` the point (a, w) reached."""
    a, w = start
    for index in range(steps):
        a -= alpha_learning_rate * gradient(kind, w, a, xi)
        w -= weight_learning_rate * (2 * w - 2 * a)
        losses = {"train": train_loss(w, a), "validation": validation_loss(w, a)}
        yield Step(index, losses, alpha=[[a]], info={"a": a, "w": w})
