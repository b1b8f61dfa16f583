"""Known numbers: what our strategies reach on the real NAS-Bench-201, CIFAR-10, where its table is at hand."""

import os
from pathlib import Path

import numpy as np
import pytest

from nas_edu.core import Budget
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import compare, local_search, random_search, regularized_evolution

REAL = Path(os.environ.get("NAS_EDU_NB201", Path(__file__).parents[3] / "shared/data/nb201/nb201_accuracies.csv.gz"))
SEEDS = range(60)
# Mean best validation accuracy in per cent after so many evaluations; 500 seeds of another implementation.
AT_LEAST = {
    "random search": {25: 90.2, 100: 90.7, 200: 90.85},
    "evolution": {25: 90.25, 100: 91.2, 200: 91.35},
    "local search": {25: 90.5, 100: 91.25, 200: 91.35},
}


@pytest.fixture(scope="module")
def table():
    if not REAL.exists():
        pytest.skip("no NAS-Bench-201 table: set NAS_EDU_NB201 to a file of the form that NASBench201.from_csv reads")
    return NASBench201.from_csv(REAL)


@pytest.fixture(scope="module")
def comparison(table):
    strategies = {"random search": random_search, "evolution": regularized_evolution, "local search": local_search}
    return compare(strategies, TinyCell(), table.evaluate, Budget(evaluations=200), seeds=SEEDS)


@pytest.mark.parametrize("name", AT_LEAST)
@pytest.mark.parametrize("evaluations", [25, 100, 200])
def test_each_reaches_what_is_known_within_its_standard_error(comparison, name, evaluations):
    values = 100 * comparison.at(evaluations)[name]
    error = values.std(ddof=1) / len(values) ** 0.5
    assert values.mean() > AT_LEAST[name][evaluations] - 3 * error
    assert 3 * error < 0.3, "a mean so uncertain tests nothing"


@pytest.mark.parametrize("evaluations", [1, 25, 100, 200])
def test_random_search_agrees_with_the_exact_expectation_of_a_maximum(table, comparison, evaluations):
    """E[max of n draws] = sum over i of v_(i) * ((i / N)^n - ((i - 1) / N)^n), v_(1) <= ... <= v_(N)."""
    values = np.sort(table.column("validation_accuracy"))
    share = np.arange(len(values) + 1) / len(values)
    exact = values @ np.diff(share**evaluations)
    found = comparison.at(evaluations)["random search"]
    assert abs(found.mean() - exact) < 4 * found.std(ddof=1) / len(found) ** 0.5


def test_evolution_and_local_search_beat_random_search_beyond_doubt(comparison):
    tests = comparison.tests(200).set_index(["one", "other"])
    assert tests.loc[("random search", "evolution")]["p corrected"] < 1e-4
    assert tests.loc[("random search", "local search")]["p corrected"] < 1e-4
