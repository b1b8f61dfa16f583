"""The reader of tables: what a search may look up, what it costs, and what only the report may know."""

import dataclasses
import json
import math
import os
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from nas_edu.core import Budget, History, run_trial, search
from nas_edu.nas_bench import NASBenchEdu, Table
from nas_edu.nas_bench.nas_bench_edu import TABLES
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution
from nas_edu.tools.build_table import stratified_cells

SPACE = TinyCell()
ROW_OF_CELL = np.random.default_rng(0).integers(0, 40, 15_625)  # 40 made-up functions


def made_up(**changes):
    """Random numbers in the form of a table: 2 seeds, 40 rows, 4 points; seed 1 lacks 30 to 39, and 39 failed."""
    draw = np.random.default_rng(1)
    curves = {name: draw.random((2, 40, 4)) for name in ("train_loss", "validation_loss", "validation_accuracy")}
    curves["seconds"] = draw.random((2, 40, 4)).cumsum(-1)
    test = draw.random((2, 40))
    for values in (*curves.values(), test):
        values[1, 30:] = np.nan
        values[0, 39] = np.nan
    given_arrays = {
        "seeds": np.array([0, 5]),
        "epochs": np.array([0.5, 1.0, 1.5, 2.0]),
        "curves": curves,
        "test": test,
        "row_of_cell": ROW_OF_CELL,
        "sizes": {"parameters": draw.random(40), "macs": draw.random(40)},
        "failures": {(0, 39): "the loss is inf"},
    }
    return Table("made up", **(given_arrays | changes)), curves, test


TABLE, CURVES, TEST = made_up()


def cell_of(row):
    return SPACE[int(np.flatnonzero(row == ROW_OF_CELL)[0])]


# --- looking up ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 15_624), st.sampled_from([None, 0, 5]), st.sampled_from([None, 0, 1, 2, 3]))
def test_a_query_is_the_number_of_the_array_or_the_mean_of_the_seeds_that_are_there(index, seed, point):
    row = ROW_OF_CELL[index]
    places = [0, 1] if seed is None else [[0, 5].index(seed)]
    places = [place for place in places if not math.isnan(TEST[place, row])]
    epoch = None if point is None else (point + 1) / 2
    if not places:
        with pytest.raises((LookupError, ArithmeticError)):
            TABLE.query(SPACE[index], seed, epoch)
        return
    result = TABLE.query(SPACE[index], seed, epoch)
    assert result.epoch == (2.0 if epoch is None else epoch)
    for name, values in CURVES.items():
        expected = sum(values[place, row, 3 if point is None else point] for place in places) / len(places)
        assert getattr(result, name) == pytest.approx(expected, rel=1e-12)
        assert TABLE.column(name, seed, epoch)[index] == getattr(result, name)


def test_every_cell_is_accepted_and_no_result_of_a_search_says_test():
    for index in range(0, 15_625, 7):
        cell = SPACE[index]
        if ROW_OF_CELL[index] == 39:
            continue
        evaluation = TABLE.evaluate(cell)
        assert (
            evaluation.validation_accuracy
            == evaluation.score
            == CURVES["validation_accuracy"][0, ROW_OF_CELL[index], 3]
        )
    assert "test" not in repr([field.name for field in dataclasses.fields(evaluation)])
    assert not any("test" in name for name in TABLE.frame().columns)
    assert "test" not in " ".join(TABLE.query(cell)._fields)
    known = {float(value) for value in TEST.ravel()}
    values = [evaluation.score, evaluation.validation_loss, evaluation.cost, *TABLE.query(cell)]
    assert known.isdisjoint(values)


def test_a_training_that_is_not_there_and_one_that_failed_say_so():
    with pytest.raises(LookupError, match="was not trained with seed 5 on made up yet"):
        TABLE.query(cell_of(35), seed=5)
    with pytest.raises(ArithmeticError, match=r"failed: the loss is inf"):
        TABLE.query(cell_of(39))
    failed = run_trial(TABLE.evaluate, cell_of(39))
    assert failed.failed
    assert failed.score == -math.inf
    assert "the loss is inf" in failed.failure


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: TABLE.query(SPACE[0], seed=1), ValueError, "no seed 1; there are 0, 5"),
        (lambda: TABLE.query(SPACE[0], epoch=0.7), ValueError, "epoch 0.7 was not measured; there are 0.5, 1, 1.5, 2"),
        (lambda: TABLE.query(str(SPACE[0])), TypeError, r"TinyCell\(\)\.parse"),
        (lambda: TABLE.evaluate(17), TypeError, "cells of TinyCell, not 17"),
        (lambda: TABLE.evaluate(SPACE[0], epochs=0.4), ValueError, "0.5 to 2"),
        (lambda: TABLE.evaluate(SPACE[0], epochs=3), ValueError, "0.5 to 2"),
        (lambda: TABLE.evaluate(SPACE[0], epochs=math.nan), ValueError, "0.5 to 2"),
        (lambda: TABLE.column("accuracy"), ValueError, "no column 'accuracy'; there are train_loss"),
        (lambda: made_up(seed=3), ValueError, "no seed 3"),
        (lambda: NASBenchEdu.load("mnist"), ValueError, "no table for the task 'mnist'; there are: .*mnist1d"),
    ],
)
def test_bad_questions_are_answered_with_what_is_there(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


# --- as an estimator -------------------------------------------------------------------------------------------------


@given(
    st.integers(0, 28), st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0]), min_size=1, max_size=4), st.sampled_from([0, 5])
)
def test_resuming_costs_what_it_adds_and_ends_where_one_training_would(row, stops, seed):
    table, cell = made_up(seed=seed)[0], cell_of(row)
    evaluation, cost, epochs = None, 0.0, 0.0
    for stop in sorted(stops):
        evaluation = table.evaluate(cell, epochs=stop, resume=evaluation)
        cost, epochs = cost + evaluation.cost, epochs + evaluation.epochs
    at_once = table.evaluate(cell, epochs=max(stops))
    assert evaluation.curve == at_once.curve
    assert evaluation.score == at_once.score
    assert cost == pytest.approx(at_once.cost)
    assert epochs == at_once.epochs == max(stops)


def test_epochs_between_two_points_end_at_the_earlier_one():
    evaluation = TABLE.evaluate(cell_of(3), epochs=1.9)
    assert (evaluation.epochs, len(evaluation.curve)) == (1.5, 3)
    assert evaluation.cost == CURVES["seconds"][0, 3, 2]


def test_what_cannot_be_resumed_is_refused():
    done = TABLE.evaluate(cell_of(3), epochs=1)
    with pytest.raises(ValueError, match="belongs to another training"):
        TABLE.evaluate(cell_of(4), resume=done)
    with pytest.raises(ValueError, match="belongs to another training"):
        made_up(seed=5)[0].evaluate(cell_of(3), resume=done)
    with pytest.raises(ValueError, match=r"at epoch 1 already, behind 0\.5"):
        TABLE.evaluate(cell_of(3), epochs=0.5, resume=done)
    with pytest.raises(ValueError, match="no checkpoint"):
        TABLE.evaluate(cell_of(3), resume=dataclasses.replace(done, checkpoint=None))


# --- the report ------------------------------------------------------------------------------------------------------


def test_rank_percentile_and_optimum_agree_with_counting():
    finals = [np.nanmean(CURVES["validation_accuracy"][:, row, 3]) for row in range(39)]
    for row in range(39):
        assert TABLE.rank(cell_of(row)) == 1 + sum(other > finals[row] for other in finals)
        cells = [finals[one] for one in ROW_OF_CELL if one != 39]
        below = sum(one < finals[row] for one in cells) + sum(one == finals[row] for one in cells) / 2
        assert TABLE.percentile(cell_of(row)) == pytest.approx(100 * below / len(cells))
    tests = [np.nanmean(TEST[:, row]) for row in range(39)]
    assert ROW_OF_CELL[SPACE.index(TABLE.optimum)] == int(np.argmax(tests))
    assert TABLE.test_accuracy(TABLE.optimum) == max(tests)


def test_regret_follows_the_incumbent_by_validation_and_knows_its_test_accuracy():
    cells = [cell_of(row) for row in (39, 4, 8, 15, 16, 23)]
    history = History(run_trial(TABLE.evaluate, cell) for cell in cells)
    expected, incumbent = [], None
    for cell in cells:
        row = ROW_OF_CELL[SPACE.index(cell)]
        score = CURVES["validation_accuracy"][0, row, 3]  # of the seed that the search sees
        if not math.isnan(score) and (incumbent is None or score > incumbent[0]):
            incumbent = (score, np.nanmean(TEST[:, row]))
        expected.append(math.nan if incumbent is None else max(np.nanmean(TEST[:, :39], axis=0)) - incumbent[1])
    assert math.isnan(expected[0])
    np.testing.assert_allclose(TABLE.regret(history), expected)
    assert (TABLE.regret(history)[1:] >= 0).all()


def test_a_frame_has_one_row_a_cell_and_tells_which_are_one_function():
    frame = TABLE.frame(seed=0, epoch=1.0)
    assert frame["cell"].tolist() == [str(cell) for cell in SPACE]
    assert frame["function"].nunique() == 40
    by_function = frame.groupby("function")["validation_loss"].agg(["min", "max", "first"])
    np.testing.assert_array_equal(by_function["first"], CURVES["validation_loss"][0, :, 1])
    np.testing.assert_array_equal(by_function["min"], by_function["max"])


# --- the table of the package ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mnist1d():
    return NASBenchEdu.load("mnist1d")


def test_cells_that_are_one_function_have_one_result(mnist1d):
    for cell in random.Random(0).sample(list(SPACE), 300):
        row = mnist1d.row_of_cell[SPACE.index(cell)]
        assert row == mnist1d.row_of_cell[SPACE.index(cell.canonical)]
    assert len(mnist1d.functions) == 5260
    assert mnist1d.row_of_cell[mnist1d.functions].tolist() == list(range(5260))
    assert all((mnist1d.row_of_cell[:place] != mnist1d.row_of_cell[place]).all() for place in mnist1d.functions[:99])


def test_the_table_says_how_it_was_trained_and_matches_the_protocol_of_the_code(mnist1d):
    from nas_edu.performance_estimation import TrainingRecipe

    assert TrainingRecipe(**mnist1d.recipe) == TrainingRecipe()
    assert mnist1d.epochs == tuple(point / 2 for point in range(1, 21))


def test_the_protocol_keeps_what_the_datasheet_promises(mnist1d):
    """Accuracies spread, curves cross, and a partial curve predicts the better the longer it is."""
    low, high = np.nanpercentile(mnist1d.column("validation_accuracy"), [5, 95])
    assert high > 0.95
    assert high - low > 0.4
    first = mnist1d.functions
    accuracy = np.stack([mnist1d.column("validation_accuracy", 0, epoch)[first] for epoch in mnist1d.epochs], axis=1)
    accuracy = accuracy[~np.isnan(accuracy[:, -1])]
    agreement = [spearmanr(accuracy[:, point], accuracy[:, -1]).statistic for point in (1, 9, 13, 16)]
    assert agreement == sorted(agreement)
    assert agreement[0] < 0.8 < agreement[1]
    assert agreement[2] > 0.9
    one, other = np.triu_indices(len(accuracy), 1)
    middle, end = (accuracy[one, point] > accuracy[other, point] for point in (9, 19))
    assert (middle != end).mean() > 0.05
    places = [SPACE.index(cell) for cell in stratified_cells(mnist1d, best=0)]
    by_seed = np.stack([mnist1d.column("validation_accuracy", seed)[places] for seed in mnist1d.seeds])
    assert (spearmanr(by_seed, axis=1).statistic > 0.95).all()


def test_all_that_could_be_the_best_have_as_many_seeds(mnist1d):
    seeds = mnist1d.trained.sum(axis=0)[mnist1d.row_of_cell]
    test = np.array([mnist1d.test_accuracy(cell) for cell in SPACE])
    assert test[seeds < 3].max() < test[seeds == 3].max() == mnist1d.test_accuracy(mnist1d.optimum)
    one_seed = np.array([mnist1d.test_accuracy(cell, seed=0) for cell in SPACE])
    assert np.isin(np.argsort(-one_seed)[:100], np.flatnonzero(seeds == 3)).all()


def test_test_accuracy_of_a_seed_is_what_the_mean_is_made_of(mnist1d):
    cell = mnist1d.optimum
    by_seed = [mnist1d.test_accuracy(cell, seed) for seed in (0, 1, 2)]
    assert len(set(by_seed)) > 1
    assert mnist1d.test_accuracy(cell) == pytest.approx(np.mean(by_seed))
    with pytest.raises(ValueError, match="no seed 7; there are 0, 1, 2"):
        mnist1d.test_accuracy(cell, seed=7)


def test_reading_needs_no_torch_and_unpickles_nothing():
    code = (
        "import sys; from nas_edu.nas_bench import NASBenchEdu as B; B.load('mnist1d'); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
    for path in TABLES.glob("*.npz"):
        with np.load(path, allow_pickle=False) as packed:
            assert not any(packed[name].dtype.hasobject for name in packed.files)


def test_a_table_goes_to_another_process_as_its_path(mnist1d):
    text = pickle.dumps(mnist1d.evaluate)
    assert len(text) < 2000
    evaluate, again = pickle.loads(text), pickle.loads(text)
    assert evaluate.__self__ is again.__self__  # read once a process
    assert (evaluate.__self__.task, evaluate.__self__.seed) == (mnist1d.task, mnist1d.seed)
    np.testing.assert_array_equal(evaluate.__self__.column("validation_loss"), mnist1d.column("validation_loss"))


def test_strategies_search_in_the_table_as_they_search_in_trainings(mnist1d):
    trained = set(np.flatnonzero(mnist1d.trained[0]))
    for strategy in (random_search, regularized_evolution):
        histories = [
            search(strategy(SPACE, mnist1d.evaluate, rng=random.Random(7)), Budget(evaluations=300)) for _ in range(2)
        ]
        assert histories[0] == histories[1]
        for trial in histories[0].trials:
            assert trial.failed == (mnist1d.row_of_cell[SPACE.index(trial.architecture)] not in trained)


TRAIN_AGAIN = """
import json, sys
from nas_edu.tools.build_table import platform_name, train_cell

for cell in json.loads(sys.argv[3]):
    print(json.dumps({"here": platform_name(), **train_cell(sys.argv[1], int(sys.argv[2]), cell)}))
"""


@pytest.mark.parametrize("task", sorted(path.stem for path in TABLES.glob("*.npz")))
def test_stored_trainings_repeat(task, record_property):
    """On the kind of processor where the table was built, exactly. Elsewhere sums are rounded otherwise: at the first
    point of the curve, half an epoch on, that has hardly grown yet; at the end, seed noise is the limit. (What is
    shipped was built before the kind of processor was written down.)"""
    table = NASBenchEdu.load(task)
    for place, seed in enumerate(table.seeds):
        rows = np.flatnonzero(table.trained[place]).tolist()
        rows = random.Random(3).sample(rows, int(os.environ.get("NAS_EDU_RETRAIN", 2)))
        cells = [SPACE[int(np.flatnonzero(table.row_of_cell == row)[0])].canonical for row in rows]
        asked = json.dumps([SPACE.index(cell) for cell in cells])
        trained = subprocess.run(
            [sys.executable, "-c", TRAIN_AGAIN, task, str(seed), asked],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        for row, cell, line in zip(rows, cells, trained.stdout.splitlines(), strict=True):
            record = json.loads(line)
            exactly = table.platforms[place, row] == record["here"]
            record_property("compared", "exactly" if exactly else "within seed noise")
            curve = NASBenchEdu.load(task, seed=seed).evaluate(cell).curve
            for name in ("train_loss", "validation_loss", "validation_accuracy"):
                assert getattr(curve[0], name) == pytest.approx(record[name][0], abs=2e-2), cell
                if exactly:
                    assert [np.float32(value) for value in record[name]] == [getattr(point, name) for point in curve]
            assert abs(record["validation_accuracy"][-1] - curve[-1].validation_accuracy) <= 0.06, cell
            assert record["parameters"] == table.column("parameters")[SPACE.index(cell)]
            assert record["macs"] == table.column("macs")[SPACE.index(cell)]
