"""What the searches with proxies share: several proxies make one score, architectures are ranked by it, costs charged.

A proxy is any `evaluate`, such as `ZeroCost("nwot", task)` or `Proxies.load("mnist1d").estimator("nwot")`; its score is
no accuracy, so its trials are no trials of the search. What they cost is added to the next evaluation of the search.

Several proxies make one score by the sum of ranks, by vote, or with weights learned on another task:

    rank_sum(a)   = mean over proxies of rank(a) / N
    rank_vote(a)  = number of others that a beats on most of the proxies, / (N - 1); a draw counts one half
    learned(a)    = sum over proxies of w_p rank_p(a) / N,   w by least squares from the ranks of accuracy elsewhere

Ranks, because the scales of proxies have nothing in common; and ranks are among the architectures at hand, so a
combination is of a pool. Sources: Chen et al. 2021 and 2022 (TE-NAS and TEG-NAS, the sum of ranks); Abdelfattah et al.
2021 (vote of three); Krishnakumar et al. 2022 (learned from proxies of other tasks).

P proxies, N architectures. A flagged proxy (-inf) is the lowest rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nas_edu.core import Evaluate, Evaluation, run_trial


def rank_sum(proxies: np.ndarray) -> np.ndarray:
    """(P, N) -> (N,), from 1 / N to 1: the mean of the ranks. With one proxy, its order."""
    return _ranks(proxies).mean(axis=0)


def rank_vote(proxies: np.ndarray) -> np.ndarray:
    """(P, N) -> (N,), from 0 to 1: the part of all others that an architecture beats by majority (Copeland's count)."""
    ranks = _ranks(proxies)
    count = ranks.shape[1]
    if count == 1:
        return np.zeros(1)
    wins = np.zeros(count)
    for place in range(count):  # one row at a time: all pairs at once would be N^2 numbers
        votes = np.sign(ranks[:, place : place + 1] - ranks).sum(axis=0)
        wins[place] = ((np.sign(votes) + 1) / 2).sum() - 0.5  # without the draw against itself
    return wins / (count - 1)


@dataclass(frozen=True)
class Learned:
    """A weighted sum of ranks; `weights` say what each of `names` counts, negative ones that more is worse."""

    names: tuple[str, ...]
    weights: np.ndarray

    def __call__(self, proxies: np.ndarray) -> np.ndarray:
        """(P, N) in the order of `names` -> (N,). Raises ValueError for another number of proxies."""
        if len(proxies) != len(self.names):
            raise ValueError(f"learned from {len(self.names)} proxies, {', '.join(self.names)}; got {len(proxies)}")
        return self.weights @ _ranks(proxies)


def learn(names: Sequence[str], proxies: np.ndarray, accuracy: np.ndarray) -> Learned:
    """Fit the weights on architectures whose accuracy is known; those with a NaN are left out.

    Ridge regression with a weak penalty: proxies that say the same share their weight. Raises ValueError where names
    and proxies differ in number, or less than 10 architectures are known.
    """
    from sklearn.linear_model import Ridge

    proxies, accuracy = np.asarray(proxies, dtype=float), np.asarray(accuracy, dtype=float)
    if len(names) != len(proxies):
        raise ValueError(f"{len(names)} names for {len(proxies)} proxies")
    known = ~np.isnan(np.vstack([proxies, accuracy])).any(axis=0)
    if known.sum() < 10:
        raise ValueError(f"{known.sum()} architectures have all proxies and an accuracy; to learn takes 10 or more")
    ranks = _ranks(proxies[:, known])
    fitted = Ridge(alpha=1.0).fit(ranks.T, _ranks(accuracy[None, known])[0])
    return Learned(tuple(names), fitted.coef_)


def _ranks(proxies: np.ndarray) -> np.ndarray:
    """Ranks of each row, divided by N; equal ones share the mean of their places."""
    from scipy.stats import rankdata

    proxies = np.asarray(proxies, dtype=float)
    if proxies.ndim != 2 or np.isnan(proxies).any():
        raise ValueError("a combination takes proxies as (proxies, architectures) without NaN")
    return rankdata(proxies, axis=1) / proxies.shape[1]


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
