"""The checks of sets 10 and 11: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import numpy as np
import pytest
from check_contract import CheckContract
from scipy import stats
from wrong_answers.zero_cost import (
    FIRST_POPULATION,
    KENDALL_TAU,
    KERNEL,
    SUM_OF_RANKS,
    first_population,
    kendall_tau,
    kernel,
    sum_of_ranks,
)

from nas_edu.check.zero_cost import check_first_population, check_kendall_tau, check_kernel, check_sum_of_ranks
from nas_edu.check.zero_cost.kendall_tau import tau_by_signs
from nas_edu.check.zero_cost.sum_of_ranks import means_of_ranks


def kernel_by_numpy(codes):
    codes = np.array(codes)
    return (codes[:, None] == codes).sum(-1).tolist()


def tau_as_a_mean_of_signs(proxy, accuracy):
    return float(np.mean([np.sign((p - q) * (a - b)) for p, q, a, b in _pairs(proxy, accuracy)]))


def _pairs(proxy, accuracy):
    places = [(i, j) for i in range(len(proxy)) for j in range(len(proxy)) if i < j]
    return [(proxy[i], proxy[j], accuracy[i], accuracy[j]) for i, j in places]


def ranks_by_scipy(proxies):
    return stats.rankdata(proxies, axis=1).mean(axis=0).tolist()


def population_with_a_table_of_scores(pool, proxy, size):
    scores = {one: proxy(one) for one in set(pool)}
    return sorted(dict.fromkeys(pool), key=lambda one: -scores[one])[:size]


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_kernel, kernel),
        (check_kernel, kernel_by_numpy),
        (check_kendall_tau, kendall_tau),
        (check_kendall_tau, tau_as_a_mean_of_signs),
        (check_sum_of_ranks, sum_of_ranks),
        (check_sum_of_ranks, ranks_by_scipy),
        (check_first_population, first_population),
        (check_first_population, population_with_a_table_of_scores),
    ]
    wrong: ClassVar = [
        (check_kernel, KERNEL),
        (check_kendall_tau, KENDALL_TAU),
        (check_sum_of_ranks, SUM_OF_RANKS),
        (check_first_population, FIRST_POPULATION),
    ]


def test_the_oracles_agree_with_scipy():
    proxy, accuracy = (3.0, 1.0, 4.0, 1.5, 9.0), (0.2, 0.1, 0.5, 0.7, 0.6)
    assert tau_by_signs(proxy, accuracy) == pytest.approx(stats.kendalltau(proxy, accuracy).statistic)
    assert means_of_ranks((proxy, accuracy)) == pytest.approx(ranks_by_scipy([proxy, accuracy]))
