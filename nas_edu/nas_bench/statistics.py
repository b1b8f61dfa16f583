"""How well a proxy agrees with accuracy: four numbers, each with a bootstrap interval, and what is left beside size.

    agreement({"nwot": table.column("nwot")[one], ...}, accuracy[one], size[one])

Kendall's tau      pairs ordered alike minus pairs ordered unlike, over all pairs (tau-b: corrected for ties)
Spearman's rho     correlation of the ranks
top precision      of the k that the proxy puts highest, which part is among the k most accurate
bottom recall      of the least accurate q, which part the proxy puts among its lowest q: can it exclude the poor ones?

The whole says little about the best: so tau and rho are also taken over the most accurate tenth. Larger networks are
often better, and most proxies grow with size: so they are also taken within strata of equal size, and rho as partial
correlation given size.

N architectures. Give one of each distinct function: copies would count one network several times. NaN is left out, -inf
(a flagged proxy) is the lowest rank. Ties at a border count by the expected share under random order.

Sources: Kendall 1938; Mellor et al. 2021 (tau); Abdelfattah et al. 2021 (rho, top tenth); White et al. 2022 and
Krishnakumar et al. 2022 (size as the baseline); Efron 1979 (bootstrap).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    import pandas as pd

Statistic = Callable[..., float]
FRACTION = 0.1  # the best or worst tenth
FEW = 200  # so many are compared pair by pair, which takes a tenth of the time of scipy's merge sort and p-value


class Estimate(NamedTuple):
    """A statistic of `count` architectures with the ends of its 95 % bootstrap interval; NaN where it has no value."""

    value: float
    low: float
    high: float
    count: int  # type: ignore[assignment]  # it takes the place of the method that every tuple has


def kendall(proxy: np.ndarray, accuracy: np.ndarray) -> float:
    """Kendall's tau-b; NaN where one of the two is constant."""
    if len(proxy) > FEW:
        return float(stats.kendalltau(proxy, accuracy).statistic)
    p, a = _signs(proxy), _signs(accuracy)
    differ = (p * p).sum() * (a * a).sum()
    return float((p * a).sum() / np.sqrt(differ)) if differ > 0 else float("nan")


def spearman(proxy: np.ndarray, accuracy: np.ndarray) -> float:
    """Spearman's rho: Pearson's correlation of the ranks; NaN where one of the two is constant."""
    return _correlation(stats.rankdata(proxy), stats.rankdata(accuracy))


class RunningKendall:
    """`kendall` of the first 1, 2, ... N architectures, which come one by one: each is compared with all before it.

    `taus` holds N numbers; NaN where one of the two is constant so far. A new architecture costs N comparisons.
    """

    def __init__(self) -> None:
        self.taus: list[float] = []
        self._pairs: list[tuple[float, float]] = []
        self._sums = np.zeros(3)  # over pairs of architectures: agree minus disagree, proxies differ, accuracies differ

    def extend(self, pairs: Sequence[tuple[float, float]]) -> None:
        """Add architectures, each as (proxy, accuracy); without NaN."""
        self._pairs += pairs
        values = np.array(self._pairs).reshape(-1, 2)
        for n in range(len(self.taus), len(values)):
            p, a = (values[n] > values[:n]).T.astype(int) - (values[n] < values[:n]).T
            self._sums += p @ a, p @ p, a @ a
            agree, p_differ, a_differ = self._sums
            self.taus.append(float(agree / np.sqrt(p_differ * a_differ)) if p_differ * a_differ > 0 else float("nan"))


def quick_interval(tau: np.ndarray | float, count: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of a 95 % interval of Kendall's tau without resampling, for what is drawn while a mouse moves.

        tanh(artanh(tau) -+ 1.96 sqrt(0.437 / (N - 4)))

    An approximation (Fieller, Hartley & Pearson 1957), made for |tau| up to 0.8 and few ties; NaN below 10
    architectures. What is stated in a text should come from `estimate`.
    """
    tau, count = np.asarray(tau, dtype=float), np.asarray(count, dtype=float)
    half = 1.96 * np.sqrt(0.437 / np.where(count < 10, np.nan, count - 4))
    centre = np.arctanh(np.clip(tau, -0.999, 0.999))
    return np.tanh(centre - half), np.tanh(centre + half)


def top_precision(proxy: np.ndarray, accuracy: np.ndarray, k: int | None = None) -> float:
    """Of the `k` highest by proxy (default: a tenth), the part that is among the `k` most accurate. Chance: k / N."""
    k = max(1, round(FRACTION * len(proxy))) if k is None else k
    if not 1 <= k <= len(proxy):
        raise ValueError(f"k must lie in 1 to {len(proxy)}, the number of architectures; got {k}")
    return float(_membership(proxy, k) @ _membership(accuracy, k) / k)


def bottom_recall(proxy: np.ndarray, accuracy: np.ndarray, quantile: float = FRACTION) -> float:
    """Of the least accurate `quantile`, the part that is in the lowest `quantile` by proxy. Chance: `quantile`."""
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile must be more than 0 and at most 1, got {quantile}")
    return top_precision(-np.asarray(proxy), -np.asarray(accuracy), max(1, round(quantile * len(proxy))))


def partial_spearman(proxy: np.ndarray, accuracy: np.ndarray, size: np.ndarray) -> float:
    """Spearman's rho of proxy and accuracy, given size: correlation of what a line in size's ranks leaves of theirs.

        (r_pa - r_ps r_as) / sqrt((1 - r_ps^2) (1 - r_as^2))

    NaN where size alone tells the ranks of one of them.
    """
    p, a, s = (stats.rankdata(one) for one in (proxy, accuracy, size))
    r_pa, r_ps, r_as = _correlation(p, a), _correlation(p, s), _correlation(a, s)
    rest = (1 - r_ps**2) * (1 - r_as**2)
    return float((r_pa - r_ps * r_as) / np.sqrt(rest)) if rest > 1e-12 else float("nan")


def within_strata(statistic: Statistic, proxy: np.ndarray, accuracy: np.ndarray, strata: np.ndarray) -> float:
    """Mean of `statistic` over groups of equal `strata`, weighted by their numbers of pairs.

    Groups in which it has no value are left out; NaN where it has none in any.
    """
    values, weights = [], []
    for stratum in np.unique(strata):
        own = strata == stratum
        count = int(own.sum())
        if count >= 2 and np.ptp(accuracy[own]) > 0 and not (proxy[own] == proxy[own][0]).all():
            values.append(statistic(proxy[own], accuracy[own]))
            weights.append(count * (count - 1) / 2)
    return float(np.average(values, weights=weights)) if values else float("nan")


def estimate(statistic: Statistic, *columns: np.ndarray, resamples: int = 200, seed: int = 0) -> Estimate:
    """`statistic(*columns)` with a 95 % percentile bootstrap over architectures; rows with a NaN are left out.

    Raises ValueError where the columns differ in length, or less than 3 architectures are left.
    """
    known = _known(*columns)
    count = len(known[0])
    value = statistic(*known)
    if np.isnan(value):
        return Estimate(value, np.nan, np.nan, count)
    drawn = stats.bootstrap(
        known, statistic, paired=True, vectorized=False, n_resamples=resamples, method="percentile", rng=seed
    ).bootstrap_distribution
    low, high = np.nanquantile(drawn, [0.025, 0.975])  # a resample of nothing but ties has no value
    return Estimate(value, float(low), float(high), count)


def agreement(
    proxies: Mapping[str, np.ndarray],
    accuracy: np.ndarray,
    size: np.ndarray,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """All of it: one row for each proxy, subset and statistic, with the columns value, low, high, count.

    Subsets: "all", "top tenth" by accuracy, "equal size" (within strata of `size`), "given size" (partial).

    Raises ValueError where the top tenth has less than 3 architectures.
    """
    import pandas as pd

    rows = {}
    for name, proxy in proxies.items():
        p, a, s = _known(proxy, accuracy, size)
        best = _top_tenth(a)
        wanted: dict[tuple[str, str], tuple[Statistic, tuple[np.ndarray, ...]]] = {
            ("all", "kendall"): (kendall, (p, a)),
            ("all", "spearman"): (spearman, (p, a)),
            ("all", "top precision"): (top_precision, (p, a)),
            ("all", "bottom recall"): (bottom_recall, (p, a)),
            ("top tenth", "kendall"): (kendall, (p[best], a[best])),
            ("top tenth", "spearman"): (spearman, (p[best], a[best])),
            ("equal size", "kendall"): (lambda *c: within_strata(kendall, *c), (p, a, s)),
            ("given size", "spearman"): (partial_spearman, (p, a, s)),
        }
        for (subset, label), (statistic, columns) in wanted.items():
            rows[name, subset, label] = estimate(statistic, *columns, resamples=resamples, seed=seed)
    index = pd.MultiIndex.from_tuples(rows, names=["proxy", "subset", "statistic"])
    return pd.DataFrame(rows.values(), index=index, columns=Estimate._fields)


def _top_tenth(accuracy: np.ndarray) -> np.ndarray:
    """Whether each one is among the most accurate tenth."""
    best = accuracy >= np.quantile(accuracy, 1 - FRACTION)
    if best.sum() < 3:
        raise ValueError(
            f"the top tenth of {len(accuracy)} architectures has only {best.sum()}; a correlation needs 3, so it takes "
            "21 architectures or more"
        )
    return np.asarray(best)


def _known(*columns: np.ndarray) -> list[np.ndarray]:
    """The columns as float without the rows in which one of them is NaN."""
    arrays = [np.asarray(column, dtype=float) for column in columns]
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"the columns differ in length: {', '.join(str(len(array)) for array in arrays)}")
    known = ~np.isnan(arrays).any(axis=0)
    if known.sum() < 3:
        raise ValueError(f"{known.sum()} architectures have all of these columns; a correlation needs 3 or more")
    return [array[known] for array in arrays]


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _signs(values: np.ndarray) -> np.ndarray:
    """(N, N): 1 where the row is higher than the column, -1 where lower, 0 where equal (-inf equals itself)."""
    column = np.asarray(values)[:, None]
    return (column > column.T).astype(float) - (column < column.T)


def _membership(values: np.ndarray, k: int) -> np.ndarray:
    """The probability of each one to be among the k highest, if ties are broken at random."""
    values = np.asarray(values)
    border = np.sort(values)[-k]
    above, at = values > border, values == border
    return np.asarray(above + at * (k - above.sum()) / at.sum())
