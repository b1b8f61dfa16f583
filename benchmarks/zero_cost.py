"""Zero-cost proxies on one core: all of one network at once, each alone, and what all cells of TinyCell would take.

    OMP_NUM_THREADS=1 python benchmarks/zero_cost.py

Random cells on MNIST-1D and the digits, a batch of 64. Printed: seconds on the wall and CPU seconds, median over the
cells with the largest in brackets; then, from these, minutes for all distinct functions on two cores.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterable

import torch

from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.performance_estimation.zero_cost import PROXIES, score
from nas_edu.search_spaces import TinyCell

CELLS = 30
FEW = ("params", "macs", "nwot", "synflow", "jacob_cov")


def main() -> None:
    torch.set_num_threads(1)
    space = TinyCell()
    functions = len(space.distinct())
    for name in ("mnist1d", "digits"):
        task, rng = load(name), random.Random(0)
        inputs, targets = torch.as_tensor(task.train.inputs[:64]), torch.as_tensor(task.train.targets[:64])
        networks = [build(space.sample(rng), task) for _ in range(CELLS)]
        score(networks[0], inputs, targets)  # warm up

        def measure(
            proxies: Iterable[str], networks: list = networks, inputs=inputs, targets=targets
        ) -> tuple[list[float], list[float]]:
            wall, cpu = [], []
            for network in networks:
                at, cpu_at = time.perf_counter(), time.process_time()
                score(network, inputs, targets, proxies)
                wall.append(time.perf_counter() - at)
                cpu.append(time.process_time() - cpu_at)
            return wall, cpu

        print(f"{name}, {CELLS} random cells{'':12s} wall              CPU")
        for label, proxies in {"all proxies": PROXIES, ", ".join(FEW): FEW, **{one: [one] for one in PROXIES}}.items():
            wall, cpu = measure(proxies)
            figures = "   ".join(f"{statistics.median(one):.4f} ({max(one):.4f})" for one in (wall, cpu))
            print(f"  {label:38s} {figures}")
            if proxies is FEW:
                minutes = functions * statistics.mean(cpu) / 2 / 60
                print(f"  {'':38s} all {functions:,} functions on two cores: {minutes:.1f} minutes")


if __name__ == "__main__":
    main()
