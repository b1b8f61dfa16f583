"""NAS-Bench-201 behind our table's interface: a file of its own form, the authors' object, and the real numbers."""

import os
import random
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nas_edu.core import Budget, search
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search

SPACE = TinyCell()
CELLS = [str(cell) for cell in SPACE]


def percentages(seed=0):
    """A table of random percentages in a random order of cells, as a frame."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(CELLS))
    columns = {"index": range(len(CELLS)), "cellstr": [CELLS[place] for place in order]}
    names = [f"{kind}_{dataset}" for dataset in ("cifar10", "cifar100") for kind in ("val200", "val12", "test200")]
    return pd.DataFrame(columns | {name: draw.uniform(0, 100, len(CELLS)).round(3) for name in names})


@pytest.fixture(scope="module")
def frame():
    return percentages()


@pytest.fixture(scope="module")
def file(frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("nb201") / "table.csv.gz"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def table(file):
    return NASBench201.from_csv(file, "cifar100")


def test_every_line_is_found_by_its_cell_and_percentages_become_fractions(frame, table):
    for _, line in frame.sample(300, random_state=1).iterrows():
        cell = SPACE.parse(line["cellstr"])
        assert table.query(cell).validation_accuracy == pytest.approx(line["val200_cifar100"] / 100)
        assert table.query(cell, epoch=12).validation_accuracy == pytest.approx(line["val12_cifar100"] / 100)
        assert table.test_accuracy(cell) == pytest.approx(line["test200_cifar100"] / 100)
    best = frame["cellstr"][frame["test200_cifar100"].idxmax()]
    assert str(table.optimum) == best


def test_equal_functions_are_not_merged_for_each_was_trained(table):
    dead = [SPACE[0], SPACE[1]]
    assert dead[0].canonical == dead[1].canonical
    assert table.query(dead[0]) != table.query(dead[1])


def test_its_fidelities_are_trainings_of_their_own(table):
    short, full = table.evaluate(SPACE[7], epochs=12), table.evaluate(SPACE[7])
    assert (short.epochs, full.epochs) == (12, 200)
    assert len(short.curve) == len(full.curve) == 1
    assert full.cost == 0  # the file has no times
    assert full.validation_loss is None
    with pytest.raises(ValueError, match=r"epoch 50 was not measured; there are 12, 200"):
        table.evaluate(SPACE[7], epochs=50)
    with pytest.raises(ValueError, match="nothing to resume"):
        table.evaluate(SPACE[7], resume=short)


def test_without_test_results_there_is_no_optimum(frame, tmp_path):
    path = tmp_path / "no_test.csv"
    frame.drop(columns=["test200_cifar10"]).to_csv(path, index=False)
    table = NASBench201.from_csv(path)
    assert np.isnan(table.test_accuracy(SPACE[3]))
    with pytest.raises(LookupError, match="no test accuracy"):
        table.optimum  # noqa: B018


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns="val12_cifar10"), "no column val12_cifar10; it has index, cellstr"),
        (lambda f: f.assign(val200_cifar10=f["val200_cifar10"] + 1), "val200_cifar10 must be percentages"),
        (lambda f: f.iloc[:-1], r"is missing; each of 15,625 must be there once"),
        (lambda f: pd.concat([f, f.iloc[[5]]]), r"is there 2 times"),
        (lambda f: f.assign(cellstr=["|nor_conv_5x5~0|", *f["cellstr"][1:]]), r"line 2: not a TinyCell: at position 1"),
        (lambda f: f.assign(cellstr=[float("nan"), *f["cellstr"][1:]]), "line 2: parse takes the string of a cell"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(frame, tmp_path, spoil, message):
    path = tmp_path / "spoiled.csv"
    spoil(frame).to_csv(path, index=False)
    with pytest.raises(ValueError, match=message):
        NASBench201.from_csv(path)


def test_an_unknown_dataset_is_refused(file):
    with pytest.raises(ValueError, match="unknown dataset 'imagenet'; NAS-Bench-201 has cifar10, cifar100"):
        NASBench201.from_csv(file, "imagenet")


# --- the real table --------------------------------------------------------------------------------------------------

REAL = Path(os.environ.get("NAS_EDU_NB201", Path(__file__).parents[3] / "shared/data/nb201/nb201_accuracies.csv.gz"))


@pytest.fixture(scope="module")
def real():
    if not REAL.exists():
        pytest.skip("no NAS-Bench-201 table: set NAS_EDU_NB201 to a file of the form that NASBench201.from_csv reads")
    return NASBench201.from_csv(REAL)


def test_the_real_table_has_the_published_optimum(real):
    accuracy = real.column("validation_accuracy")
    assert len(accuracy) == 15_625
    assert abs(accuracy.max() - 0.9161) < 0.002  # the paper's table 5 says 91.61 for the mean over seeds; this is one
    assert accuracy.min() < 0.11  # chance
    best = SPACE[int(accuracy.argmax())]
    assert real.rank(best) == 1
    assert real.percentile(best) > 99.9


def test_random_search_in_the_real_table_gets_what_probability_says(real):
    """The expected maximum of n draws with replacement, exactly, against the mean over seeds."""
    accuracy = np.sort(real.column("validation_accuracy"))
    n, size, seeds = 25, len(accuracy), 200
    below = (np.arange(size + 1) / size) ** n
    expected = float((accuracy * np.diff(below)).sum())
    best = [
        search(random_search(SPACE, real.evaluate, rng=random.Random(seed)), Budget(evaluations=n)).best.score
        for seed in range(seeds)
    ]
    error = statistics.stdev(best) / seeds**0.5
    assert abs(statistics.mean(best) - expected) < 4 * error
