"""The checks of exercise set 05: right answers pass, and each typical wrong one gets the message meant for it."""

import random
from typing import ClassVar

import numpy as np
import pytest
from check_contract import CheckContract
from wrong_answers import expected_improvement as improvements
from wrong_answers import posterior as posteriors

from nas_edu.check import CheckError
from nas_edu.check.bayesian_optimization import check_expected_improvement, check_posterior
from nas_edu.check.bayesian_optimization.posterior import posterior_one_by_one
from nas_edu.search_strategies import acquisition


def library_improvement(mean, deviation, best):
    arrays = np.array([mean]), np.array([deviation])
    return float(acquisition.expected_improvement(*arrays, best, random.Random(0))[0])


def posterior_by_cholesky(gram, k, y, noise):
    factor = np.linalg.cholesky(gram + noise * np.eye(len(y)))
    half_k, half_y = np.linalg.solve(factor, k), np.linalg.solve(factor, y)
    return half_k @ half_y, 1 - half_k @ half_k


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_expected_improvement, improvements.right),
        (check_expected_improvement, library_improvement),
        (check_posterior, posteriors.right),
        (check_posterior, posterior_by_cholesky),
        (check_posterior, posterior_one_by_one),
    ]
    wrong: ClassVar = [
        (check_expected_improvement, improvements.EXPECTED_IMPROVEMENT),
        (check_posterior, posteriors.POSTERIOR),
    ]


@pytest.mark.parametrize("container", [list, np.array])
def test_two_numbers_that_are_no_tuple_get_the_right_cause(container):
    with pytest.raises(CheckError, match="Return a tuple"):
        check_posterior(lambda *arguments: container(posteriors.right(*arguments)))


@pytest.mark.parametrize("change", [lambda mean: np.array([mean]), lambda mean: np.array([mean, mean])])
def test_a_mean_that_is_a_vector_is_told_so(change):
    def wrong(*arguments):
        mean, variance = posteriors.right(*arguments)
        return change(mean), variance

    with pytest.raises(CheckError, match="single numbers"):
        check_posterior(wrong)


def test_the_lecture_s_example_by_the_oracle():
    gram = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]])
    arguments = gram, np.array([0.8, 0.4, 0.1]), np.array([1.0, 0.4, -1.4]), 0.1
    assert posterior_one_by_one(*arguments) == pytest.approx(posteriors.right(*arguments))
