"""How long does a bilevel step of DARTS take: with the plain mixed operation, and with the fast supernet?

    python benchmarks/darts_step.py [--steps 30] [--rounds 7] [--task mnist1d]

Both search the same task from the same weights in one process, in turns, on one thread.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time

import torch

from nas_edu.data import load
from nas_edu.one_shot import TinyCellSupernet, darts
from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--task", default="mnist1d")
    parser.add_argument("--order", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    task = load(options.task)
    kinds = (TinyCellSupernet, FastTinyCellSupernet)
    seconds: dict[type, list[float]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind in kinds:
            search = darts(kind(task), task, steps=10**6, order=options.order, rng=random.Random(0))
            next(search)
            started = time.perf_counter()
            for _ in itertools.islice(search, options.steps):
                pass
            seconds[kind].append((time.perf_counter() - started) / options.steps)
    for kind in kinds:
        low, middle, high = (1000 * value for value in statistics.quantiles(seconds[kind], n=4))
        print(f"{kind.__name__:22} {middle:6.1f} ms a step ({low:.1f} to {high:.1f})")
    ratios = [plain / fast for plain, fast in zip(*seconds.values(), strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"plain / fast           {middle:6.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
