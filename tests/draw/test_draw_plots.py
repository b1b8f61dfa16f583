"""Learning curves and search traces: what is plotted is what happened, and it can be read from the last row."""

import itertools
import random
from base64 import b64decode
from functools import cache
from io import BytesIO

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legible import assert_legible
from PIL import Image

from nas_edu import draw
from nas_edu.core import Budget, CurvePoint, Evaluation, History, run_trial, search
from nas_edu.draw import figure
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import Subspace, TinyCell
from nas_edu.search_strategies import compare, local_search, random_search


def evaluation(score: float, *, cost: float = 2.0, accuracy: bool = True) -> Evaluation:
    curve = tuple(CurvePoint(epoch, 2 / epoch, 2.2 / epoch, score * (1 - 0.5**epoch)) for epoch in range(1, 6))
    return Evaluation(score, score if accuracy else None, 0.5, cost=cost, epochs=5, curve=curve)


def history(scores: list[float | None], **options) -> History:
    """A history with these scores; None is a failed trial."""

    def evaluate(score):
        if score is None:
            raise RuntimeError("out of memory")
        return evaluation(score, **options)

    return History(run_trial(evaluate, score) for score in scores)


def random_history(seed: int, evaluations: int = 30) -> History:
    def evaluate(cell, *, epochs=None, resume=None):
        return evaluation(random.Random(str(cell)).random(), cost=1 + random.Random(str(cell)).random())

    return search(random_search(TinyCell(), evaluate, rng=random.Random(seed)), Budget(evaluations=evaluations))


TABLE = NASBenchEdu.load("mnist1d")


@cache
def table_searches():
    known = np.flatnonzero(~np.isnan(TABLE.column("validation_accuracy")))
    trained = Subspace(TinyCell(), [TinyCell()[int(place)] for place in known[::50]])
    strategies = {"random search": random_search, "local search": local_search}
    return compare(strategies, trained, TABLE.evaluate, Budget(evaluations=15), seeds=range(5)).histories


PLOTS = {
    "regrets": lambda: draw.regrets(TABLE, table_searches(), title="On a table"),
    "trace": lambda: draw.trace(history([0.1, None, 0.4, 0.3, 0.9, None]), title="One search"),
    "trace over cost": lambda: draw.trace(random_history(0), x="cost"),
    "all failed": lambda: draw.trace(history([None, None])),
    "one trial": lambda: draw.trace(history([0.5])),
    "traces": lambda: draw.traces(
        {
            name: [random_history(10 * k + seed) for seed in range(4)]
            for k, name in enumerate(["random search", "b", "c"])
        },
        title="Compared",
    ),
    "equal traces": lambda: draw.traces({name: [random_history(1)] for name in ("random_search", "mine", "yours")}),
    "curve": lambda: draw.curve(evaluation(0.8), title="One training"),
    "curves": lambda: draw.curves({f"cell {k}": evaluation(0.5 + k / 100) for k in range(6)}, title="Six"),
    "many curves": lambda: draw.curves({f"cell {k}": evaluation(k / 30) for k in range(30)}, y="validation_loss"),
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_is_legible_labelled_and_shown_once(name):
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    plot = PLOTS[name]()
    assert dict(matplotlib.rcParams) == before, "the reader's own matplotlib settings stay as they are"
    assert plt.get_fignums() == [], "pyplot does not show it a second time"
    assert_legible(plot)
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in plot.axes)
    data, metadata = plot._repr_mimebundle_()
    assert Image.open(BytesIO(b64decode(data["image/png"]))).width == 2 * metadata["image/png"]["width"]
    assert data["text/plain"] == plot.alt
    assert len(plot.alt) > 20


def test_trace_shows_each_trial_the_best_so_far_and_failures_on_the_axis():
    plot = draw.trace(history([0.1, None, 0.4, 0.3, 0.9]))
    dots, best, failed = plot.axes[0].lines
    assert list(zip(*dots.get_data(), strict=True)) == [(1, 0.1), (3, 0.4), (4, 0.3), (5, 0.9)]
    assert list(zip(*best.get_data(), strict=True)) == [(1, 0.1), (2, 0.1), (3, 0.4), (4, 0.4), (5, 0.9)]
    assert list(failed.get_xdata()) == [2]
    assert failed.get_transform().transform((2, 0))[1] == pytest.approx(plot.axes[0].bbox.y0)
    assert plot.alt == "Search trace: 5 trials, 1 failed, best score 90.0%"


def test_trace_over_cost_adds_up_what_evaluations_report():
    dots, best = draw.trace(history([0.1, 0.2, 0.3], cost=2.5), x="cost").axes[0].lines
    assert list(dots.get_xdata()) == list(best.get_xdata()) == [2.5, 5.0, 7.5]


def test_a_score_that_is_no_accuracy_is_called_a_score():
    accuracy, other = draw.trace(history([0.1])), draw.trace(history([-3.0], accuracy=False))
    assert accuracy.axes[0].get_ylabel() == "validation accuracy"
    assert other.axes[0].get_ylabel() == "score"
    assert other.alt.endswith("best score -3")


def test_traces_show_median_and_quartiles_of_the_incumbents():
    scores = [[0.1, 0.5, 0.2], [0.2, 0.3, 0.9], [0.4, 0.4, 0.4], [0.0, 0.8, 0.1]]
    plot = draw.traces({"random search": [history(s) for s in scores]})
    incumbents = np.maximum.accumulate(np.array(scores), axis=1)
    (line,) = plot.axes[0].lines
    assert np.allclose(line.get_data(), ([1, 2, 3], np.median(incumbents, axis=0)))
    (band,) = plot.axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(np.quantile(incumbents, 0.25, axis=0).min())
    assert heights.max() == pytest.approx(np.quantile(incumbents, 0.75, axis=0).max())


def test_regrets_are_those_of_the_table_over_the_cost_then():
    searches = table_searches()
    plot = draw.regrets(TABLE, searches, x="evaluations")
    for line, histories in zip(plot.axes[0].lines, searches.values(), strict=True):
        by_hand = [
            TABLE.test_accuracy(TABLE.optimum) - TABLE.test_accuracy(h.incumbents[-1].architecture) for h in histories
        ]
        assert line.get_ydata()[-1] == pytest.approx(np.median(by_hand))
    assert "mean test accuracy of the best cell" in plot.get_supxlabel()
    seconds = draw.regrets(TABLE, searches).axes[0].lines[0].get_xdata()
    assert seconds[-1] == pytest.approx(
        min(sum(t.evaluation.cost for t in h.trials) for h in searches["random search"])
    )


def test_traces_cover_the_stretch_that_all_seeds_share():
    histories = [history([None, 0.2, 0.3, 0.4]), history([0.5, 0.6, 0.7])]
    (line,) = draw.traces({"mine": histories}).axes[0].lines
    assert np.allclose(line.get_data(), ([2, 3], [(0.2 + 0.6) / 2, (0.3 + 0.7) / 2]))


def test_traces_over_cost_hold_each_incumbent_until_the_next():
    histories = [history([0.1, 0.2], cost=3.0), history([0.5, 0.6, 0.7], cost=2.0)]
    (line,) = draw.traces({"mine": histories}, x="cost").axes[0].lines
    assert np.allclose(line.get_data(), ([3, 4, 6], [(0.1 + 0.5) / 2, (0.1 + 0.6) / 2, (0.2 + 0.7) / 2]))


def test_traces_of_another_quantity_follow_the_incumbent_by_score():
    (line,) = draw.traces({"mine": [history([0.9, 0.1])]}, y="validation_loss").axes[0].lines
    assert list(line.get_ydata()) == [0.5, 0.5]


def test_curve_shows_losses_and_accuracy():
    points = evaluation(0.8).curve
    plot = draw.curve(evaluation(0.8))
    training, validation = plot.axes[0].lines
    assert list(training.get_ydata()) == [point.train_loss for point in points]
    assert list(validation.get_ydata()) == [point.validation_loss for point in points]
    assert list(plot.axes[1].lines[0].get_ydata()) == [point.validation_accuracy for point in points]
    labels = {text.get_text() for axes in plot.axes for text in axes.texts}
    assert labels == {"training", "validation", f"{points[-1].validation_accuracy:.1%}"}


def test_of_many_curves_only_the_best_is_labelled():
    few = draw.curves({f"cell {k}": evaluation(k / 10) for k in range(7)})
    assert {text.get_text() for text in few.axes[0].texts} == {f"cell {k}" for k in range(7)}
    many = draw.curves({f"cell {k}": evaluation(k / 10) for k in range(8)})
    assert [text.get_text() for text in many.axes[0].texts] == ["cell 7"]
    assert many.alt == "Learning curves: validation accuracy of 8 trainings, best at the end: cell 7"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: draw.trace(History()), ValueError, "holds no trials"),
        (lambda: draw.trace(history([1.0]), x="time"), ValueError, "x must be one of evaluations, cost; got 'time'"),
        (lambda: draw.traces({}), ValueError, "at least one strategy"),
        (lambda: draw.regrets(TABLE, {}), ValueError, "at least one strategy"),
        (lambda: draw.regrets(TABLE, table_searches(), x="time"), ValueError, "x must be one of evaluations, cost"),
        (lambda: draw.traces({"a": history([1.0])}), TypeError, r"write \[history\]"),
        (lambda: draw.traces({"a": []}), ValueError, "'a' has no histories"),
        (lambda: draw.traces({"a": [history([None])]}), ValueError, "history 0 of 'a' has no successful trial"),
        (lambda: draw.traces({"a": [history([1.0])]}, y="loss"), ValueError, "y must be one of score"),
        (
            lambda: draw.traces({"a": [history([1.0], accuracy=False)]}, y="validation_accuracy"),
            ValueError,
            "has no validation_accuracy",
        ),
        (
            lambda: draw.traces({"a": [history([1.0]), history([None, 1.0])]}),
            ValueError,
            "no stretch of evaluations in common",
        ),
        (lambda: draw.curve(Evaluation(0.5)), ValueError, "no learning curve"),
        (lambda: draw.curves({}), ValueError, "at least one evaluation"),
        (lambda: draw.curves({"a": evaluation(0.1)}, y="accuracy"), ValueError, "y must be one of validation_accuracy"),
    ],
)
def test_bad_input_gets_a_clear_error(call, error, message):
    with pytest.raises(error, match=message):
        call()


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_labels_are_pushed_apart_but_keep_their_order_and_stay_inside(heights):
    heights = sorted(heights)
    placed = figure._apart(heights, 10, 0, 100)
    assert all(b - a >= 10 - 1e-6 for a, b in itertools.pairwise(placed))
    assert placed[0] >= -1e-6
    assert placed[-1] <= 100 + 1e-6


def test_labels_that_have_room_stay_where_they_are_and_a_crowd_spreads_evenly():
    assert figure._apart([5, 50, 95], 10, 0, 100) == [5, 50, 95]
    assert figure._apart([50, 50, 50], 10, 0, 100) == pytest.approx([40, 50, 60])
