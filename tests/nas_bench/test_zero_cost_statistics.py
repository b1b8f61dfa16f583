"""Statistics of proxies against counted pairs, residuals of a regression, all tie-breakings, a known distribution."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nas_edu.nas_bench import statistics as zs


def columns(seed, count=40, levels=None):
    rng = np.random.default_rng(seed)
    size = rng.integers(0, 4, count).astype(float)
    accuracy = size + rng.normal(size=count)
    proxy = size + 0.5 * accuracy + rng.normal(size=count)
    if levels:
        proxy, accuracy = np.round(proxy * levels) / levels, np.round(accuracy * levels) / levels
    return proxy, accuracy, size


def tau_by_counting(x, y):
    alike = unlike = tied_x = tied_y = 0
    for (a, b), (c, d) in itertools.combinations(zip(x, y, strict=True), 2):
        product = np.sign(a - c) * np.sign(b - d)
        alike += product > 0
        unlike += product < 0
        tied_x += a == c and b != d
        tied_y += a != c and b == d
    return (alike - unlike) / math.sqrt((alike + unlike + tied_x) * (alike + unlike + tied_y))


@pytest.mark.parametrize("levels", [None, 1])
def test_kendall_equals_counting_pairs_and_spearman_equals_scipy(levels):
    proxy, accuracy, _ = columns(0, levels=levels)
    assert zs.kendall(proxy, accuracy) == pytest.approx(tau_by_counting(proxy, accuracy))
    assert zs.spearman(proxy, accuracy) == pytest.approx(stats.spearmanr(proxy, accuracy).statistic)


def test_a_flagged_proxy_is_the_lowest_rank():
    proxy, accuracy, _ = columns(1)
    lowest = proxy.copy()
    proxy[3], lowest[3] = -math.inf, proxy.min() - 1
    for statistic in (zs.kendall, zs.spearman, zs.top_precision, zs.bottom_recall):
        assert statistic(proxy, accuracy) == statistic(lowest, accuracy)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=4), st.data())
def test_top_precision_is_the_mean_over_all_ways_to_break_ties(pairs, data):
    proxy, accuracy = np.array(pairs, dtype=float).T
    k = data.draw(st.integers(1, len(pairs)))

    def memberships(values):
        for keys in itertools.permutations(range(len(values))):
            members = np.zeros(len(values))
            members[sorted(range(len(values)), key=lambda i: (values[i], keys[i]))[-k:]] = 1
            yield members

    ways = [p @ a / k for p in memberships(proxy) for a in memberships(accuracy)]
    assert zs.top_precision(proxy, accuracy, k) == pytest.approx(np.mean(ways))


def test_top_precision_and_bottom_recall_by_hand():
    accuracy = np.arange(10.0)
    proxy = np.array([0, 9, 1, 2, 3, 4, 5, 6, 8, 7.0])
    assert zs.top_precision(proxy, accuracy, 3) == pytest.approx(2 / 3)  # 9, 8 and the wrongly praised 1
    assert zs.bottom_recall(proxy, accuracy, 0.2) == pytest.approx(1 / 2)
    assert zs.top_precision(accuracy, accuracy) == zs.bottom_recall(accuracy, accuracy) == 1
    assert zs.top_precision(np.zeros(10), accuracy, 3) == pytest.approx(0.3)  # a constant proxy is chance


@pytest.mark.parametrize("seed", range(3))
def test_partial_spearman_equals_the_correlation_of_residuals(seed):
    proxy, accuracy, size = map(stats.rankdata, columns(seed))
    residuals = []
    for values in (proxy, accuracy):
        line = np.polynomial.Polynomial.fit(size, values, 1)
        residuals.append(values - line(size))
    assert zs.partial_spearman(proxy, accuracy, size) == pytest.approx(np.corrcoef(*residuals)[0, 1])


def test_a_proxy_that_is_only_size_has_nothing_left_when_size_is_known():
    _, accuracy, size = columns(4, count=400)
    assert zs.kendall(size, accuracy) > 0.3
    assert math.isnan(zs.partial_spearman(size, accuracy, size))
    assert math.isnan(zs.within_strata(zs.kendall, size, accuracy, size))
    noisy = size + 0.1 * np.random.default_rng(0).normal(size=400)
    assert abs(zs.within_strata(zs.kendall, noisy, accuracy, size)) < 0.1


def test_within_strata_weighs_by_pairs():
    proxy, accuracy, size = columns(5)
    total = weight = 0
    for stratum in set(size):
        own = size == stratum
        pairs = math.comb(int(own.sum()), 2)
        total, weight = total + pairs * tau_by_counting(proxy[own], accuracy[own]), weight + pairs
    assert zs.within_strata(zs.kendall, proxy, accuracy, size) == pytest.approx(total / weight)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Bivariate normal with correlation r: Spearman's rho = 6 / pi * arcsin(r / 2)."""
    r, hits = 0.5, 0
    truth = 6 / math.pi * math.asin(r / 2)
    for seed in range(100):
        x, y = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, r], [r, 1]], 60).T
        found = zs.estimate(zs.spearman, x, y, resamples=60, seed=seed)
        assert found.low <= found.value <= found.high
        hits += found.low <= truth <= found.high
    assert 85 <= hits <= 100


def test_unknown_values_are_left_out_and_the_same_seed_gives_the_same():
    proxy, accuracy, _ = columns(6)
    proxy[0], accuracy[5] = math.nan, math.nan
    kept = np.delete(np.arange(40), [0, 5])
    found = zs.estimate(zs.kendall, proxy, accuracy)
    assert found == zs.estimate(zs.kendall, proxy[kept], accuracy[kept])
    assert found.count == 38
    assert found != zs.estimate(zs.kendall, proxy, accuracy, seed=1)


def test_agreement_holds_all_of_it():
    proxy, accuracy, size = columns(7, count=80)
    frame = zs.agreement({"mine": proxy, "size": size}, accuracy, size, resamples=30)
    assert list(frame.columns) == ["value", "low", "high", "count"]
    assert frame.loc[("mine", "all", "kendall"), "value"] == zs.kendall(proxy, accuracy)
    best = accuracy >= np.quantile(accuracy, 0.9)
    assert frame.loc[("mine", "top tenth", "spearman"), "value"] == zs.spearman(proxy[best], accuracy[best])
    assert frame.loc[("mine", "top tenth", "kendall"), "count"] == best.sum() == 8
    assert frame.loc[("mine", "given size", "spearman"), "value"] == zs.partial_spearman(proxy, accuracy, size)
    assert math.isnan(frame.loc[("size", "equal size", "kendall"), "value"])
    assert set(frame.index.get_level_values("subset")) == {"all", "top tenth", "equal size", "given size"}


def test_a_top_tenth_of_too_few_is_refused_before_anything_is_computed():
    proxy, accuracy, size = columns(6, count=21)
    assert zs._top_tenth(accuracy).sum() == 3
    with pytest.raises(ValueError, match=r"top tenth of 20 architectures has only 2; .* 21 architectures or more"):
        zs.agreement({"mine": proxy[1:]}, accuracy[1:], size[1:])


def test_bad_input_says_what_is_wrong():
    with pytest.raises(ValueError, match="differ in length: 3, 4"):
        zs.estimate(zs.kendall, np.arange(3), np.arange(4))
    with pytest.raises(ValueError, match="2 architectures have all of these columns"):
        zs.estimate(zs.kendall, np.array([1, 2, np.nan]), np.arange(3))
    with pytest.raises(ValueError, match=r"k must lie in 1 to 3, .* got 9"):
        zs.top_precision(np.arange(3), np.arange(3), 9)
    with pytest.raises(ValueError, match="quantile must be more than 0 and at most 1, got 2"):
        zs.bottom_recall(np.arange(3), np.arange(3), 2)
