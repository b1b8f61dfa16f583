"""Which functions get more seeds: as many from each stratum, all of the best, the same ones each time."""

import numpy as np
import pytest

from nas_edu.nas_bench import Table
from nas_edu.search_spaces import TinyCell
from nas_edu.tools.build_table import stratified_cells

SPACE = TinyCell()


def table_of(accuracy, rows, test=None):
    curves = dict.fromkeys(("train_loss", "validation_loss", "validation_accuracy", "seconds"), accuracy[..., None])
    seeds, epochs = np.arange(len(accuracy)), np.array([1.0])
    return Table(
        "made up",
        seeds=seeds,
        epochs=epochs,
        curves=curves,
        test=accuracy if test is None else test,
        row_of_cell=rows,
        sizes={},
    )


@pytest.fixture
def made_up():
    """3,000 functions, 100 of them not trained; a cell's function is its place modulo 3,000."""
    accuracy = np.random.default_rng(0).random((1, 3000)).round(2)  # many ties
    accuracy[0, :100] = np.nan
    return accuracy, np.arange(len(SPACE)) % 3000


def test_strata_are_equal_and_the_best_are_all_there(made_up):
    accuracy, rows = made_up
    chosen = stratified_cells(table_of(accuracy, rows), drawn=200, best=0)
    functions = [rows[SPACE.index(cell)] for cell in chosen]
    assert len(functions) == len(set(functions)) == 200
    assert not np.isnan(accuracy[0, functions]).any()
    # Without looking at the strata: as many of the chosen lie in each twentieth of the ranking.
    order = np.argsort(-accuracy[0, 100:], kind="stable") + 100
    place = {function: number for number, function in enumerate(order)}
    assert set(np.bincount([place[f] * 20 // 2900 for f in functions])) == {10}

    with_best = {rows[SPACE.index(cell)] for cell in stratified_cells(table_of(accuracy, rows), drawn=200, best=150)}
    assert set(order[:150]) | set(functions) == with_best


def test_the_best_by_test_accuracy_are_there_too(made_up):
    accuracy, rows = made_up
    test = np.random.default_rng(2).random((1, 3000))
    test[np.isnan(accuracy)] = np.nan
    chosen = {rows[SPACE.index(c)] for c in stratified_cells(table_of(accuracy, rows, test), drawn=200, best=150)}
    before = {rows[SPACE.index(c)] for c in stratified_cells(table_of(accuracy, rows), drawn=200, best=150)}
    ranked = np.argsort(-np.where(np.isnan(test[0]), -1, test[0]))
    assert chosen == before | set(ranked[:150])


def test_seeds_that_are_added_later_change_nothing(made_up):
    accuracy, rows = made_up
    later = np.concatenate([accuracy, np.random.default_rng(1).random((1, 3000))])
    options = {"drawn": 100, "best": 30}
    assert stratified_cells(table_of(accuracy, rows), **options) == stratified_cells(table_of(later, rows), **options)


def test_what_cannot_be_drawn_is_refused(made_up):
    with pytest.raises(ValueError, match="multiple of the 20 strata, got 110"):
        stratified_cells(table_of(*made_up), drawn=110)
    with pytest.raises(ValueError, match="has 2900 trained functions; 4000 are asked for"):
        stratified_cells(table_of(*made_up), drawn=4000)
