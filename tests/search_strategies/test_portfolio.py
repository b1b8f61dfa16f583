"""Portfolios against all portfolios of their size, and the guarantee of greedy."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.core import Budget, Evaluation, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import portfolio_search
from nas_edu.search_strategies.portfolio import best_portfolio, greedy_portfolio, utility

matrices = st.integers(0, 10**9).map(lambda seed: np.random.default_rng(seed).choice([0, 0.2, 0.5, 0.9, 1], (4, 7)))


@given(matrices, st.integers(1, 4))
def test_greedy_reaches_63_per_cent_of_the_best(accuracy, size):
    best = utility(accuracy, best_portfolio(accuracy, size))
    assert utility(accuracy, greedy_portfolio(accuracy, size)) >= (1 - 1 / math.e) * best - 1e-12


@given(matrices, st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)), st.integers(0, 6))
def test_the_utility_is_monotone_and_submodular(accuracy, some, more, new):
    """What makes the guarantee true: a newcomer adds at least as much to fewer."""
    few, many = sorted(some), sorted(some | more)
    gain_few = utility(accuracy, [*few, new]) - utility(accuracy, few)
    gain_many = utility(accuracy, [*many, new]) - utility(accuracy, many)
    assert gain_few >= gain_many - 1e-12
    assert gain_many >= -1e-12


def test_greedy_need_not_be_the_best():
    """The all-rounder comes first, and then no pair is as good as the two specialists."""
    accuracy = np.array([[0.6, 0.9, 0.0], [0.6, 0.0, 0.9]])
    assert greedy_portfolio(accuracy, 2)[0] == 0
    assert best_portfolio(accuracy, 2) == (1, 2)
    assert utility(accuracy, greedy_portfolio(accuracy, 2)) == pytest.approx(0.75)
    assert utility(accuracy, (1, 2)) == pytest.approx(0.9)


def test_the_second_is_the_one_that_helps_where_the_first_does_not():
    accuracy = np.array([[0.9, 0.89, 0.1], [0.3, 0.31, 0.6]])
    assert greedy_portfolio(accuracy, 2) == [0, 2]
    assert greedy_portfolio(accuracy, 3) == [0, 2, 1]


@pytest.mark.parametrize(
    ("matrix", "size"), [([[0.5, np.nan]], 1), ([0.5], 1), ([[0.5]], 2), ([[0.5]], 0), ([[-1.0]], 1)]
)
def test_bad_matrices_and_sizes_are_refused(matrix, size):
    with pytest.raises(ValueError, match=r"accuracies must be|size must lie"):
        greedy_portfolio(np.array(matrix), size)


def test_its_search_begins_with_the_members():
    space, rng = TinyCell(), random.Random(5)
    members = [space.sample(rng) for _ in range(3)]
    strategy = portfolio_search(space, lambda cell: Evaluation(0.5), portfolio=members, rng=random.Random(0))
    history = search(strategy, Budget(evaluations=5))
    assert [trial.architecture for trial in history.trials][:3] == members
    assert [trial.architecture for trial in history.trials][3:] == [
        space.sample(r) for r in [random.Random(0)] for _ in "ab"
    ]
