"""When does it help that the oldest dies, and not the worst? A measurement under noise, made once and stored.

    python lectures/histories/aging.py --seeds 100        # makes 03_aging.csv.gz; about three minutes on one free core

Real et al. (AAAI 2019) give as a reason for aging that training is noisy: where the worst dies, one lucky evaluation
holds its place for ever and goes on having children. So, in the manner of the simulation in their appendix: an
architecture is D = 100 bits, its true accuracy the fraction of ones, a mutation flips one bit and so changes the
accuracy by 0.01, and each evaluation adds Normal(0, sigma^2). What is reported is the true accuracy of the incumbent.

`measure` does the same in any other space, such as TinyCell with a table.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_edu.core import Budget, Evaluate, Evaluation
from nas_edu.search_strategies import compare, regularized_evolution
from nas_edu.search_strategies.comparison import signed_rank_p
from nas_edu.search_strategies.noisy import noiseless, noisy

if TYPE_CHECKING:
    import pandas as pd

FILE = Path(__file__).parent / "03_aging.csv.gz"
SIGMAS = (0.0, 0.01, 0.02, 0.05, 0.1)
EVALUATIONS = (300, 1000, 3000)


class BitStrings:
    """All numbers of D bits; a mutation flips one of them."""

    def __init__(self, bits: int = 100) -> None:
        self.bits = bits

    def sample(self, rng: random.Random) -> int:
        return rng.getrandbits(self.bits)

    def mutate(self, number: int, rng: random.Random) -> int:
        return number ^ (1 << rng.randrange(self.bits))

    def ones(self, number: int, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        """An estimator: the fraction of ones."""
        fraction = number.bit_count() / self.bits
        return Evaluation(score=fraction, validation_accuracy=fraction)


def measure(
    space: Any,
    evaluate: Evaluate,
    *,
    sigmas: Iterable[float] = SIGMAS,
    evaluations: Sequence[int] = EVALUATIONS,
    seeds: Iterable[int],
    executor: Executor | None = None,
    **sizes: int,
) -> pd.DataFrame:
    """One row for each sigma, who dies, seed and number of evaluations: the incumbent's score without noise.

    `sizes` are population_size and sample_size of `regularized_evolution`.
    """
    import pandas as pd

    seeds, budget = list(seeds), Budget(evaluations=max(evaluations))
    rows = []
    for sigma in sigmas:
        strategies = {
            dies: partial(noisy, strategy=partial(regularized_evolution, dies=dies, **sizes), sigma=sigma)
            for dies in ("oldest", "worst")
        }
        comparison = compare(strategies, space, evaluate, budget, seeds=seeds, executor=executor)
        for count in evaluations:
            for dies, values in comparison.at(count, metric=noiseless).items():
                rows += [(sigma, dies, seed, count, value) for seed, value in zip(seeds, values, strict=True)]
    return pd.DataFrame(rows, columns=["sigma", "dies", "seed", "evaluations", "value"])


def stored() -> pd.DataFrame:
    """What `measure` gave for bit strings with the defaults of `regularized_evolution`."""
    import pandas as pd

    return pd.read_csv(FILE)


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """For each sigma and number of evaluations: the means, what aging gains (paired by seed), and Wilcoxon's p for it,
    corrected for the number of tests (Benjamini & Yekutieli)."""
    from scipy.stats import false_discovery_control

    wide = frame.pivot(index=["sigma", "evaluations", "seed"], columns="dies", values="value")
    wide["gain"] = wide["oldest"] - wide["worst"]
    groups = wide.groupby(level=["sigma", "evaluations"])
    table = groups[["oldest", "worst", "gain"]].mean()
    table["standard error"] = groups["gain"].sem()
    p = groups["gain"].apply(signed_rank_p)
    table["p corrected"] = false_discovery_control(p, method="by")
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    space = BitStrings()
    with ProcessPoolExecutor(options.workers) as pool:
        frame = measure(space, space.ones, seeds=range(options.seeds), executor=pool)
    frame.to_csv(FILE, index=False, compression={"method": "gzip", "mtime": 0}, lineterminator="\n")
    print(differences(frame).round(4).to_string())
