"""The checks of set 12: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import numpy as np
import pytest
from check_contract import CheckContract
from wrong_answers.nas_bench import EXPECTED_BEST, FAIR_MEAN, expected_best, fair_mean

from nas_edu.check.nas_bench import check_expected_best, check_fair_mean
from nas_edu.check.nas_bench.expected_best import by_enumeration
from nas_edu.check.nas_bench.fair_mean import by_copying


def mean_by_numpy(samples, sizes):
    return float(np.average([np.mean(sample) for sample in samples], weights=sizes))


def best_by_integrating(values, draws):
    """E[max] = lowest + the integral over x of P(max > x): another formula."""
    ordered = sorted(values)
    steps = np.diff(ordered)
    return float(ordered[0] + sum(step * (1 - ((k + 1) / len(ordered)) ** draws) for k, step in enumerate(steps)))


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_fair_mean, fair_mean),
        (check_fair_mean, mean_by_numpy),
        (check_expected_best, expected_best),
        (check_expected_best, best_by_integrating),
    ]
    wrong: ClassVar = [(check_fair_mean, FAIR_MEAN), (check_expected_best, EXPECTED_BEST)]


def test_the_oracles_agree_with_sampling():
    rng = np.random.default_rng(0)
    values = (0.1, 0.4, 0.4, 0.9)
    drawn = rng.choice(values, size=(200_000, 3)).max(axis=1)
    assert by_enumeration(values, 3) == pytest.approx(drawn.mean(), abs=5 * drawn.std() / len(drawn) ** 0.5)
    strata = [rng.normal(mean, 1, size=size) for mean, size in ((0, 300), (5, 100), (20, 20))]
    guesses = [
        by_copying(tuple(tuple(rng.choice(stratum, 10, replace=False)) for stratum in strata), (300, 100, 20))
        for _ in range(300)
    ]
    everyone = np.concatenate(strata)
    assert np.mean(guesses) == pytest.approx(everyone.mean(), abs=5 * np.std(guesses) / 300**0.5)
