"""What regularized evolution itself costs for each trial, with an evaluation that costs nothing.

    python benchmarks/evolution_overhead.py

Beside it, in the same run, the peer: the same algorithm over individuals that carry their torch network along and copy
it for each child, as research libraries do that keep the search space as a torch graph.
"""

from __future__ import annotations

import copy
import random
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from nas_edu.core import Evaluation, Task
from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import regularized_evolution

RUNS = 7


class CopiesTheNetwork:
    """TinyCell with individuals (cell, network): a child gets a copy of its parent's network before it is changed."""

    def __init__(self, task: Task) -> None:
        self.space, self.task = TinyCell(), task

    def sample(self, rng: random.Random) -> tuple[Any, Any]:
        cell = self.space.sample(rng)
        return cell, build(cell, self.task)

    def mutate(self, individual: tuple[Any, Any], rng: random.Random) -> tuple[Any, Any]:
        cell, network = individual
        return self.space.mutate(cell, rng), copy.deepcopy(network)


def microseconds_per_trial(trials: Iterator[Any], count: int) -> float:
    started = time.perf_counter()
    for _ in islice(trials, count):
        pass
    return (time.perf_counter() - started) / count * 1e6


def main() -> None:
    answer = Evaluation(score=0.5)
    evaluate = lambda architecture, **fidelity: answer  # noqa: E731
    ours, peer = [], []
    task = load("digits")
    for seed in range(RUNS):
        ours.append(
            microseconds_per_trial(regularized_evolution(TinyCell(), evaluate, rng=random.Random(seed)), 20_000)
        )
        copies = regularized_evolution(CopiesTheNetwork(task), evaluate, rng=random.Random(seed))
        peer.append(microseconds_per_trial(copies, 200))
    for name, values in (("nas_edu", ours), ("copying a torch network a child", peer)):
        median, low, high = statistics.median(values), min(values), max(values)
        print(f"{name:32s} {median:9.1f} microseconds a trial, {low:.1f} to {high:.1f} in {RUNS} runs")


if __name__ == "__main__":
    main()
