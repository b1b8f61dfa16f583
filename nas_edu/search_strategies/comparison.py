"""Compare strategies fairly: the same space, estimator and budget, many seeds, and a statement of how sure we are.

    comparison = compare({"random search": random_search, "evolution": regularized_evolution},
                         TinyCell(), table.evaluate, Budget(evaluations=200), seeds=range(200))
    comparison.summary([25, 100, 200])      comparison.tests(200)      draw.anytime(comparison.anytime())

Strategies are paired by seed: with the same seed, all draw from equal generators. One run shows nothing, and neither
does a mean without a spread: so each figure comes with a bootstrap interval, and each difference with a paired test.

Sources: Li & Talwalkar, UAI 2019 and Lindauer & Hutter, JMLR 2020 (why several runs); Demsar, JMLR 2006 (ranks, the
Wilcoxon test); Benjamini & Yekutieli 2001 (the correction for many comparisons, valid for dependent ones).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from nas_edu.core import Budget, Evaluate, Evaluation, Event, History, run_trial, search
from nas_edu.core.search_space import A, SearchSpace

if TYPE_CHECKING:
    import pandas as pd

Strategy = Callable[..., Iterator[Event]]
BUNDLES = 32  # more would balance the load of several workers hardly better
Metric = Callable[[History], Sequence[float]]  # a number after each trial, such as `table.regret`


def compare(
    strategies: Mapping[str, Strategy],
    space: SearchSpace[A],
    evaluate: Evaluate,
    budget: Budget,
    *,
    seeds: Iterable[int],
    executor: Executor | None = None,
) -> Comparison:
    """Run every strategy, called as `strategy(space, evaluate, rng=random.Random(seed))`, with every seed.

    Settings go in with `functools.partial`. With an `executor` many searches run at once; then strategies and
    `evaluate` must be picklable (functions of a module, methods of an object). Which it is changes no result. Many
    jobs are sent in bundles, so that a table does not travel with each; but where evaluations are look-ups, sending
    the histories back takes longer than searching, and no executor is fastest.

    Raises ValueError without strategies or seeds, or with a seed that is there twice.
    """
    seeds = list(seeds)
    if not strategies or not seeds:
        raise ValueError(
            "compare needs at least one strategy and one seed: compare({'name': strategy}, ..., seeds=[0])"
        )
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f"each seed may be there once, got {seeds}: a search repeated with its seed is no second sample"
        )
    jobs = [(strategy, seed) for strategy in strategies.values() for seed in seeds]
    run: Callable[..., Iterable[History]] = (
        map if executor is None else partial(executor.map, chunksize=max(1, len(jobs) // BUNDLES))
    )
    arguments = ([job[0] for job in jobs], *([one] * len(jobs) for one in (space, evaluate, budget)))
    histories = iter(list(run(_search, *arguments, [job[1] for job in jobs])))
    return Comparison({name: [next(histories) for _ in seeds] for name in strategies}, tuple(seeds))


def _search(strategy: Strategy, space: SearchSpace[A], evaluate: Evaluate, budget: Budget, seed: int) -> History:
    return search(strategy(space, evaluate, rng=random.Random(seed)), budget)


@dataclass(frozen=True, repr=False)
class Comparison:
    """For each strategy one history a seed, in the order of `seeds`.

    Figures are read off by a metric, a function from a history to a number after each trial: by default the
    incumbent's score (higher is better); with `metric=table.regret` its regret (lower is better).
    """

    histories: Mapping[str, Sequence[History]]
    seeds: tuple[int, ...]

    @classmethod
    def from_arrays(cls, runs: Mapping[str, Iterable[Any]]) -> Comparison:
        """What stored searches left, as a `Comparison`: for each strategy a run a seed, seeds counted from 0.

        A run is an array (evaluations,), the incumbent's score after each trial, or a mapping with the array "score"
        and, of the same length, "cost" (seconds of each trial) and whatever else was kept: read this by
        `objective(name)`. Single numbers in it are left out. A trial stands for the incumbent, and its number takes
        the architecture's place. Strategies with more seeds than others give their first ones.

        Raises ValueError without runs, without "score", or for arrays of unequal lengths.
        """
        histories = {name: [_from_arrays(name, run) for run in group] for name, group in runs.items()}
        seeds = min(map(len, histories.values()), default=0)
        if not seeds:
            raise ValueError("a comparison needs at least one strategy, and a run or more of each")
        return cls({name: group[:seeds] for name, group in histories.items()}, tuple(range(seeds)))

    def __repr__(self) -> str:
        return f"Comparison of {', '.join(self.histories)} with {len(self.seeds)} seeds each"

    def at(self, evaluations: int, metric: Metric | None = None) -> dict[str, np.ndarray]:
        """The metric's number after so many evaluations, for each strategy (seeds,).

        Raises ValueError where a search is shorter or, without a metric, all its trials so far have failed.
        """
        return {
            name: np.array(
                [
                    _number_after(history, evaluations, metric, f"{name!r} with seed {seed}")
                    for seed, history in zip(self.seeds, histories, strict=True)
                ]
            )
            for name, histories in self.histories.items()
        }

    def frame(self, metric: Metric | None = None) -> pd.DataFrame:
        """One row for each strategy, seed and evaluation: strategy, seed, evaluation, cost so far, value."""
        import pandas as pd

        parts = []
        for name, histories in self.histories.items():
            for seed, history in zip(self.seeds, histories, strict=True):
                costs = [0.0 if t.evaluation is None else t.evaluation.cost for t in history.trials]
                columns = {"evaluation": range(1, len(costs) + 1), "cost": np.cumsum(costs)}
                parts.append(
                    pd.DataFrame({"strategy": name, "seed": seed, **columns, "value": _values(history, metric)})
                )
        return pd.concat(parts, ignore_index=True)

    def anytime(
        self,
        metric: Metric | None = None,
        *,
        x: str = "evaluations",
        lower_is_better: bool = False,
        points: int = 200,
        resamples: int = 1000,
    ) -> pd.DataFrame:
        """The whole way: for each place on `x` and each strategy the mean over seeds, a 95 % bootstrap band, the rank.

        `x` is "evaluations", every one of them, or "cost", `points` places; between its trials a search keeps its
        number. Covered is what all searches have in common: from where each has a finite number until the first ends.
        The band is pointwise: at each place it covers the mean in 95 % of cases, not the whole line at once. Ranks as
        in `summary`. Raises ValueError for another `x`, or where the searches have no stretch in common.
        """
        import pandas as pd
        from scipy.stats import rankdata

        if x not in ("evaluations", "cost"):
            raise ValueError(f"x must be 'evaluations' or 'cost', got {x!r}")
        ways = {name: [_way(h, metric, x) for h in histories] for name, histories in self.histories.items()}
        everything = [way for group in ways.values() for way in group]
        start, stop = max(places[0] for places, _ in everything), min(places[-1] for places, _ in everything)
        if start > stop:
            raise ValueError(f"the searches have no stretch of {x} in common: one ends before another has a result")
        grid = np.arange(start, stop + 1) if x == "evaluations" else np.linspace(start, stop, points)
        table = np.array([[_on(grid, *way) for way in group] for group in ways.values()])  # (strategies, seeds, places)
        ranks = rankdata(table if lower_is_better else -table, axis=0).mean(axis=1)
        seeds = len(self.seeds)
        draws = np.random.default_rng(0).multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples) / seeds
        parts = []
        for name, values, rank in zip(ways, table, ranks, strict=True):
            low, high = np.quantile(draws @ values, [0.025, 0.975], axis=0)
            columns = {x: grid, "mean": values.mean(0), "low": low, "high": high, "rank": rank, "seeds": seeds}
            parts.append(pd.DataFrame({"strategy": name, **columns}))
        return pd.concat(parts, ignore_index=True)

    def summary(
        self, evaluations: Sequence[int], metric: Metric | None = None, *, lower_is_better: bool = False
    ) -> pd.DataFrame:
        """After each number of evaluations and for each strategy: mean with a 95 % bootstrap interval, quartiles, rank.

        The rank is the mean over seeds of the rank among the strategies of that seed: 1 is the best, ties share.
        """
        import pandas as pd
        from scipy.stats import bootstrap, rankdata

        rows = []
        for count in evaluations:
            values = self.at(count, metric)
            table = np.array(list(values.values()))
            ranks = rankdata(table if lower_is_better else -table, axis=0).mean(axis=1)
            for (name, numbers), rank in zip(values.items(), ranks, strict=True):
                low, high = numbers[0], numbers[0]
                if np.ptp(numbers) > 0:  # of equal numbers every resample has the same mean
                    resamples = bootstrap((numbers,), np.mean, method="percentile", rng=np.random.default_rng(0))
                    low, high = resamples.confidence_interval
                quartiles = np.quantile(numbers, [0.25, 0.5, 0.75])
                rows.append((count, name, numbers.mean(), low, high, *quartiles, rank))
        names = ["evaluations", "strategy", "mean", "low", "high", "lower quartile", "median", "upper quartile", "rank"]
        return pd.DataFrame(rows, columns=names).set_index(["evaluations", "strategy"])

    def tests(self, evaluations: int, metric: Metric | None = None) -> pd.DataFrame:
        """Each pair of strategies after so many evaluations: mean difference, in how many seeds the first is higher,
        and the p-value of Wilcoxon's signed-rank test over the seeds, as it is and corrected for all pairs.

        Raises ValueError for less than two strategies, and as `at` does.
        """
        import pandas as pd
        from scipy.stats import false_discovery_control

        if len(self.histories) < 2:
            raise ValueError(f"a test needs two strategies or more, got {', '.join(self.histories)}")
        values = self.at(evaluations, metric)
        rows = []
        for one, other in combinations(values, 2):
            difference = values[one] - values[other]
            p = signed_rank_p(difference)
            rows.append((one, other, difference.mean(), (difference > 0).mean(), (difference < 0).mean(), p))
        frame = pd.DataFrame(rows, columns=["one", "other", "mean difference", "higher", "lower", "p"])
        frame["p corrected"] = false_discovery_control(frame["p"], method="by")
        return frame


def signed_rank_p(differences: np.ndarray) -> float:
    """The p-value of Wilcoxon's signed-rank test for paired differences (seeds,); 1 where there are none.

    Zeros keep their ranks, split evenly between the two sides (Demsar 2006, section 3.1.3). Strategies that often end
    with the same cell have many, and without them the others would look surer than they are.
    """
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences, zero_method="zsplit").pvalue) if np.any(differences) else 1.0


def regret(history: History, best: float) -> list[float]:
    """After each trial how far the incumbent's score is below `best`: a metric, as `partial(regret, best=0.917)`."""
    return [best - trial.score for trial in history.incumbents]


def objective(name: str) -> Metric:
    """A metric: this figure of each trial's `objectives`, as `objective("regret")` in stored searches."""
    return partial(_objective, name=name)


def _objective(history: History, name: str) -> list[float]:
    return [np.nan if trial.evaluation is None else trial.evaluation.objectives[name] for trial in history.trials]


def _from_arrays(name: str, run: Any) -> History:
    given = run if isinstance(run, Mapping) else {"score": run}
    arrays = {key: np.asarray(values, dtype=float) for key, values in given.items() if np.ndim(values)}
    shapes = {key: values.shape for key, values in arrays.items()}
    if "score" not in arrays or len(set(shapes.values())) > 1 or arrays["score"].ndim != 1:
        raise ValueError(f"a run of {name!r} needs the array 'score' (evaluations,) and others like it, got {shapes}")

    def look_up(architecture: int, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        figures = {key: float(values[architecture]) for key, values in arrays.items()}
        return Evaluation(score=figures.pop("score"), cost=figures.pop("cost", 0.0), objectives=figures)

    # As in a search, a score that is not finite (there is no incumbent yet) is a failed trial.
    return History(run_trial(look_up, number) for number in range(len(arrays["score"])))


def _way(history: History, metric: Metric | None, x: str) -> tuple[np.ndarray, np.ndarray]:
    """Places on `x`, rising, and the metric's number at each, from the first finite one on."""
    values = np.array(_values(history, metric), dtype=float)
    costs = [0.0 if t.evaluation is None else t.evaluation.cost for t in history.trials]
    places = np.arange(1, len(values) + 1) if x == "evaluations" else np.cumsum(costs)
    first = np.flatnonzero(np.isfinite(values))
    if not len(first):
        raise ValueError("a search has no successful trial, so there is nothing to compare")
    return places[first[0] :], values[first[0] :]


def _on(grid: np.ndarray, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The step function at the places of `grid`, none of which lies before the first step."""
    return values[np.searchsorted(places, grid, side="right") - 1]


def _values(history: History, metric: Metric | None) -> Sequence[float]:
    return [trial.score for trial in history.incumbents] if metric is None else metric(history)


def _number_after(history: History, evaluations: int, metric: Metric | None, name: str) -> float:
    count = len(history.trials)
    if not 1 <= evaluations <= count:
        raise ValueError(f"the search by {name} has {count} evaluations, so there is no result after {evaluations}")
    if metric is None and history.incumbents[evaluations - 1].failed:
        raise ValueError(f"the search by {name} has no successful trial after {evaluations} evaluations")
    return float(_values(history, metric)[evaluations - 1])
