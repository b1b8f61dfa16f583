"""Anytime curves and ranks: what is drawn is what was measured, legible, and named at the lines."""

from functools import partial

import numpy as np
import pytest
from legible import assert_legible, visible_texts

from nas_edu import draw
from nas_edu.core import Budget, Evaluation
from nas_edu.draw import figure
from nas_edu.nas_bench import REGRET
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import compare, local_search, random_search, regularized_evolution
from nas_edu.search_strategies.comparison import regret

SPACE = TinyCell()


def accuracy(cell, **_):
    share = sum(o.startswith("nor_conv") for o in cell.operations) / 6 + SPACE.index(cell) / 1e6
    return Evaluation(share * 0.9, share * 0.9, cost=1 + SPACE.index(cell) % 3)


@pytest.fixture(scope="module")
def comparison():
    strategies = {"random_search": random_search, "regularized evolution": regularized_evolution, "local": local_search}
    return compare(strategies, SPACE, accuracy, Budget(evaluations=40), seeds=range(6))


@pytest.fixture(scope="module")
def frame(comparison):
    return comparison.anytime(partial(regret, best=0.95), lower_is_better=True)


def pictures(comparison, frame):
    yield draw.anytime(frame, label="regret", log=True, percent=True, title="Compared")
    yield draw.anytime(comparison.anytime(x="cost"))
    yield draw.mean_ranks(frame, title="Ranks")


def test_every_picture_is_legible_and_labelled_at_the_lines(comparison, frame):
    for plot in pictures(comparison, frame):
        assert_legible(plot)
        assert {"random search", "regularized evolution", "local"} <= {t.get_text() for t in visible_texts(plot)}
        assert plot.axes[0].get_xlabel()
        assert plot.axes[0].get_ylabel()
        assert "6 seeds" in plot.alt
        assert plot._repr_mimebundle_()[0]["text/plain"] == plot.alt


def test_lines_and_bands_are_the_numbers_of_the_frame(frame):
    axes = draw.anytime(frame).axes[0]
    assert len(axes.lines) == len(axes.collections) == 3
    for line, band, (_, own) in zip(axes.lines, axes.collections, frame.groupby("strategy", sort=False), strict=True):
        np.testing.assert_allclose(line.get_ydata(), own["mean"])
        np.testing.assert_allclose(line.get_xdata(), own["evaluations"])
        corners = band.get_paths()[0].vertices[:, 1]
        assert {*np.round(own["low"], 9), *np.round(own["high"], 9)} <= set(np.round(corners, 9))
    styles = [(line.get_color(), line.get_linestyle()) for line in axes.lines]
    assert len(set(styles)) == 3


def test_a_definition_is_printed_whole(comparison):
    plot = draw.anytime(comparison.anytime(partial(regret, best=0.95)), definition=REGRET)
    assert_legible(plot)
    assert plot.get_supxlabel().replace(",\n", ", ").endswith(REGRET)


def test_evaluations_are_counted_in_steps_that_a_text_speaks_of(frame):
    for last in (20, 40, 60, 100, 500):
        stretched = frame.assign(evaluations=frame["evaluations"] * last // 40)
        (step,) = set(np.diff(draw.anytime(stretched).axes[0].get_xticks()))
        assert step in {1, 2, 5, 10, 20, 50, 100, 200}


def test_ranks_have_the_best_on_top_and_names_keep_their_order(frame):
    plot = draw.mean_ranks(frame)
    axes = plot.axes[0]
    assert axes.yaxis_inverted()
    for line, (_, own) in zip(axes.lines, frame.groupby("strategy", sort=False), strict=True):
        np.testing.assert_allclose(line.get_ydata(), own["rank"])
    plot.draw_without_rendering()
    ends = {str(name).replace("_", " "): own["rank"].iloc[-1] for name, own in frame.groupby("strategy")}
    heights = {t.get_text(): t.get_window_extent().y0 for t in visible_texts(plot) if t.get_text() in ends}
    assert sorted(ends, key=ends.get) == sorted(heights, key=heights.get, reverse=True)


def test_labels_on_an_inverted_axis_stay_at_their_lines():
    with figure.house_style():
        plot = figure.Plot("")
        axes = plot.subplots()
        axes.plot([0, 1], [1, 1], [0, 1], [3, 3])
        axes.set_ylim(3.2, 0.8)
        figure.label_ends(axes, [(1, 1, "top", "black"), (1, 3, "bottom", "black")])
    plot.draw_without_rendering()
    for text in axes.texts:
        own = axes.transData.transform(text.xy)[1]
        box = text.get_bbox_patch() or text
        assert abs(super(type(text), text).get_window_extent().y0 - own) < 25, box


def test_what_cannot_be_drawn_is_refused(comparison, frame):
    with pytest.raises(ValueError, match="means above 0"):
        draw.anytime(comparison.anytime(partial(regret, best=0.1)), log=True)
    with pytest.raises(ValueError, match=r"no frame of Comparison\.anytime: its 40 rows"):
        draw.mean_ranks(comparison.frame().head(40))
