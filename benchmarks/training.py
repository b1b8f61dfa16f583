"""Training one TinyCell network after another: the plain torch network against the fast forward pass that `Train` uses.

    python benchmarks/training.py

Both train the same cells from the same weights on the same mini-batches for one epoch, in turn, on one thread each.
Printed: CPU seconds an epoch and their ratio cell by cell, and by how much the validation losses differ in the end.
"""

from __future__ import annotations

import random
import statistics
import time
from unittest import mock

from nas_edu.data import load
from nas_edu.performance_estimation import Train, training
from nas_edu.search_spaces import TinyCell

CELLS = 20


def main() -> None:
    task, space, rng = load("mnist1d"), TinyCell(), random.Random(0)
    train = Train(task, epochs=1, device="cpu", clock=time.process_time)
    train(space.sample(rng))  # warm up
    fast, plain, differences = [], [], []
    for _ in range(CELLS):
        cell = space.sample(rng)
        ours = train(cell)
        with mock.patch.object(training, "supports", return_value=False):
            theirs = train(cell)
        fast.append(ours.cost)
        plain.append(theirs.cost)
        differences.append(abs(ours.validation_loss - theirs.validation_loss))
    ratios = [p / f for p, f in zip(plain, fast, strict=True)]
    for name, values in (("plain", plain), ("fast", fast)):
        print(f"{name:6s} {statistics.median(values):.2f} CPU seconds an epoch (median of {CELLS} random cells)")
    quarters = statistics.quantiles(ratios)
    print(f"ratio  {quarters[1]:.2f}, quartiles {quarters[0]:.2f} and {quarters[2]:.2f}")
    print(f"in sum {sum(plain) / sum(fast):.2f}")
    print(
        f"validation losses after one epoch: {statistics.median(differences):.1e} apart, {max(differences):.1e} at most"
    )


if __name__ == "__main__":
    main()
