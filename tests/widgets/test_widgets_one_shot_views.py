"""Views of one-shot searches: any steps have a picture, and what is drawn is what the steps hold."""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest

from nas_edu.core import History, Step
from nas_edu.draw.panel import lay_out
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import Cell, DARTSCell
from nas_edu.search_spaces.darts_cell import CELLS
from nas_edu.search_spaces.darts_cell import OPERATIONS as DARTS_OPERATIONS
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.widgets.views import (
    alpha_curves,
    alpha_heat_map,
    argmax_verdict,
    by_kind,
    losses,
    memory_bars,
    mixed_cell,
    operation_counts,
    perturbation,
)
from nas_edu.widgets.views.mixture import POINTS, edges_of, mixing, thinned

NAMES = list(DARTS_OPERATIONS)


def searched(steps):
    rng = np.random.default_rng(0)
    alphas = np.cumsum(rng.normal(0, 0.1, (steps, 6, 5)), axis=0)
    return History(
        Step(
            n,
            {"train": 2.0 - n / 1000, "validation": 2.1 - n / 1000},
            {"cell": alpha},
            Cell(tuple(OPERATIONS[o] for o in alpha.argmax(1))),
            {"operations": list(OPERATIONS)},
        )
        for n, alpha in enumerate(alphas)
    )


def a_table(known=lambda cell: True):
    def query(cell):
        if not known(cell):
            raise LookupError("not trained")
        return SimpleNamespace(validation_accuracy=0.5 + 0.05 * cell.operations.count("nor_conv_3x3"))

    return SimpleNamespace(query=query, percentile=lambda cell: 73.2)


VIEWS = [alpha_curves(), alpha_curves(lambda: "2-3"), alpha_heat_map, mixed_cell, losses, argmax_verdict(a_table())]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("steps", [0, 1, 2, 70, 700])
def test_every_length_of_search_has_a_picture(view, steps):
    history = searched(steps)
    assert view(history) == view(history)
    lay_out(view(history))


def test_curves_are_softmax_alpha_of_the_chosen_edge_in_colour():
    history = searched(30)
    grey, *coloured = alpha_curves(lambda: "1-3")(history).marks
    assert len(grey.paths) == 5 * 5
    for o, line in enumerate(coloured):
        for (x, y), step in zip(line.paths[0], history.steps, strict=True):
            alpha = step.alpha["cell"][EDGES.index((1, 3))]
            assert x == step.index + 1
            assert y == pytest.approx(np.exp(alpha[o]) / np.exp(alpha).sum())


def test_the_heat_map_frames_argmax_and_the_cell_is_that_of_argmax():
    history = searched(12)
    [heat_map] = alpha_heat_map(history).marks
    [graph] = mixed_cell(history).marks
    last = history.steps[-1]
    for e, edge in enumerate(graph.edges):
        assert edge.operation == last.architecture.operations[e]
        assert (e, OPERATIONS.index(edge.operation)) in heat_map.marked
        assert edge.strength == pytest.approx(mixing(last)[e].max(), abs=0.005)
        assert sum(heat_map.values[e]) == pytest.approx(1)


def test_the_verdict_is_the_tables_and_a_gap_where_it_has_none():
    history = searched(20)
    line, dots, now, unknown = argmax_verdict(a_table(lambda cell: cell.operations[0] != "none"))(history).marks
    known = [step for step in history.steps if step.architecture.operations[0] != "none"]
    assert 0 < len(known) < 20
    assert [x for x, _ in dots.points] == [step.index + 1 for step in known]
    assert [point for path in line.paths for point in path] == list(dots.points)
    for path in line.paths:  # no line leads over a step that the table does not know
        assert [x for x, _ in path] == list(range(path[0][0], path[-1][0] + 1))
    assert len(unknown.points) == 20 - len(known)
    assert bool(now.points) == (known[-1] is history.steps[-1])
    assert "better than 73% of all cells" in argmax_verdict(a_table())(history).subtitle
    assert "not trained yet" in argmax_verdict(a_table(lambda cell: False))(history).subtitle


def test_a_long_search_is_thinned_and_keeps_its_last_step():
    for length in (1, 2, POINTS, POINTS + 1, 10 * POINTS + 3):
        steps = searched(length).steps
        kept = thinned(steps)
        assert len(kept) <= POINTS + 1
        assert kept[0] is steps[0]
        assert kept[-1] is steps[-1]


def test_perturbation_marks_the_operation_that_is_kept():
    without = dict(zip(OPERATIONS, (0.9, 0.8, 0.3, 0.7, 0.85), strict=True))
    info = {"operations": list(OPERATIONS), "edge": [0, 2], "accuracy_without": without, "kept": "nor_conv_1x1"}
    history = History([Step(0, {"validation": 1.0}, {"cell": np.zeros((6, 5))}, None, info)])
    panel = perturbation(history)
    [bars] = panel.marks
    assert bars.values == list(without.values())
    assert len({colour for colour, value in zip(bars.colours, bars.values, strict=True) if value > 0.3}) == 1
    assert bars.colours[2] not in (*bars.colours[:2], *bars.colours[3:])
    assert "0-2" in panel.title
    lay_out(panel)
    lay_out(perturbation(History()))


def test_a_search_over_fewer_operations_is_drawn_with_these():
    names = ["skip_connect", "nor_conv_3x3"]
    step = Step(0, {"train": 1.0}, {"cell": np.array([[0.0, 1.0]] * 6)}, None, {"operations": names})
    history = History([step])
    assert alpha_heat_map(history).marks[0].columns == ["skip", "3x3 conv"]
    assert {edge.operation for edge in mixed_cell(history).marks[0].edges} == {"nor_conv_3x3"}
    assert len(alpha_curves()(history).marks) == 3


def test_memory_is_drawn_in_megabytes_beside_that_of_the_first_method():
    panel = memory_bars({"DARTS": 20e6, "GDAS": 5e6, "PC-DARTS": 8e6})
    [bars] = panel.marks
    assert bars.values == [20, 5, 8]
    assert bars.names == ["DARTS", "GDAS (0.25)", "PC-DARTS (0.40)"]
    assert bars.colours[0] not in bars.colours[1:]
    assert "GDAS 25%" in panel.alt
    for one in (panel, memory_bars({}), memory_bars({"DARTS": 1.0})):
        lay_out(one)


@pytest.mark.parametrize("peak", [0, -1, float("nan")])
def test_a_step_that_kept_nothing_was_not_measured(peak):
    with pytest.raises(ValueError, match="GDAS has a peak of"):
        memory_bars({"DARTS": 20e6, "GDAS": peak})


def searched_darts_cell(steps):
    rng = np.random.default_rng(0)
    history = History()
    for n in range(steps):
        alpha = {kind: rng.normal(0, 1, (14, 8)) for kind in CELLS}
        history.append(Step(n, {"train": 2.0}, alpha, DARTSCell().sample(random.Random(n)), {"operations": NAMES}))
    return history


@pytest.mark.parametrize("steps", [0, 1, 70])
def test_each_view_draws_each_kind_of_cell(steps):
    history = searched_darts_cell(steps)
    for view in (alpha_curves(), alpha_curves(lambda: "3-5"), alpha_heat_map, mixed_cell, operation_counts):
        normal, reduction = (one(history) for one in by_kind(view))
        assert normal.title.startswith("Normal cell: ")
        assert reduction.title.startswith("Reduction cell: ")
        for panel in (normal, reduction):
            lay_out(panel)
        if steps:
            assert normal.marks != reduction.marks
            with pytest.raises(ValueError, match="has the cells normal, reduce: show each by"):
                view(history)


def test_a_kind_that_is_not_there_is_refused_and_an_edge_gives_way_to_the_first():
    history = searched_darts_cell(1)
    with pytest.raises(ValueError, match=r"no cell 'reduction' .* normal, reduce; did you mean 'reduce'"):
        mixed_cell(history, kind="reduction")
    assert "edge 0-2" in alpha_curves(lambda: "0-1")(history, kind="normal").title


def test_the_mixed_darts_cell_is_the_genotype_with_its_weights():
    history = searched_darts_cell(3)
    last, edges = history.steps[-1], DARTSCell().edges
    for kind in CELLS:
        [graph] = mixed_cell(history, kind=kind).marks
        drawn = [(edge.operation, edge.source, edge.target) for edge in graph.edges]
        assert drawn == [(o, i, 2 + n // 2) for n, (o, i) in enumerate(getattr(last.architecture, kind))]
        p = mixing(last, kind)
        for edge in graph.edges:
            expected = p[edges.index((edge.source, edge.target)), NAMES.index(edge.operation)]
            assert edge.strength == pytest.approx(expected, abs=0.005)


def test_the_rows_of_alpha_are_the_edges_of_the_spaces():
    assert tuple(edges_of(6)) == EDGES
    assert tuple(edges_of(14)) == DARTSCell().edges
    with pytest.raises(ValueError, match="alpha has 7 rows"):
        edges_of(7)


def test_perturbation_of_a_node_marks_the_edges_that_are_kept():
    info = {"kind": "reduce", "node": 4, "score_without": {"0-4": 3.0, "1-4": 1.0, "2-4": 2.0}, "kept": ["1-4", "2-4"]}
    panel = perturbation(History([Step(0, {}, None, None, {**info, "proxy": "nwot"})]))
    [bars] = panel.marks
    assert "Reduction cell, node 4: nwot" in panel.title
    assert bars.colours[1] == bars.colours[2] != bars.colours[0]
    assert "1-4 and 2-4 are missed most" in panel.subtitle
    lay_out(panel)


def test_a_cell_of_another_space_leaves_a_gap_in_the_verdict():
    history = searched_darts_cell(2)
    table = NASBenchEdu.load("digits")
    assert "not trained yet" in argmax_verdict(table)(history).subtitle


def test_operations_of_the_argmax_cell_are_counted():
    history = searched(20)
    panel = operation_counts(history)
    last = history.steps[-1].architecture.operations
    assert sum(line.paths[0][-1][1] for line in panel.marks) == 6
    assert f"{last.count('skip_connect')} of 6 edges are skips" in panel.subtitle
    assert "of 8 edges" in operation_counts(searched_darts_cell(2), kind="reduce").subtitle
