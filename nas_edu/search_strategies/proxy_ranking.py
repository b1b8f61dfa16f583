"""What the searches with proxies share: rank architectures by proxies that cost little, and charge what they cost.

A proxy is any `evaluate`, such as `ZeroCost("nwot", task)` or `Proxies.load("mnist1d").estimator("nwot")`; its score is
no accuracy, so its trials are no trials of the search. What they cost is added to the next evaluation of the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nas_edu.core import Evaluate, Evaluation, run_trial
from nas_edu.search_strategies.proxy_combinations import rank_sum

Combine = Callable[[np.ndarray], np.ndarray]  # from proxies (proxies, architectures) to scores (architectures,)


class WithProxyCost:
    """`evaluate`, whose next call is charged for all proxies that were asked since the last one."""

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate, self.due = evaluate, 0.0

    def __call__(self, architecture: Any, **fidelity: Any) -> Evaluation:
        evaluation = self.evaluate(architecture, **fidelity)
        if isinstance(evaluation, Evaluation):  # anything else is run_trial's to complain about
            evaluation = replace(evaluation, cost=evaluation.cost + self.due)
            self.due = 0.0
        return evaluation

    def ask(self, proxies: Sequence[Evaluate], architecture: Any) -> np.ndarray:
        """What each proxy says, (proxies,); -inf where it has no value."""
        trials = [run_trial(proxy, architecture) for proxy in proxies]
        self.due += sum(trial.seconds if trial.evaluation is None else trial.evaluation.cost for trial in trials)
        return np.array([trial.score for trial in trials])


def best_first(
    architectures: Iterable[Any], proxies: Sequence[Evaluate], charged: WithProxyCost, combine: Combine = rank_sum
) -> list[Any]:
    """The architectures, repeated ones once, from the best to the worst by `combine` of the proxies.

    Ties keep their order. Raises ValueError without a proxy.
    """
    if not proxies:
        raise ValueError("to rank architectures takes at least one proxy, such as [ZeroCost('nwot', task)]")
    pool = list(dict.fromkeys(architectures))
    scores = combine(np.stack([charged.ask(proxies, architecture) for architecture in pool], axis=1))
    return [pool[place] for place in np.argsort(-scores, kind="stable")]
