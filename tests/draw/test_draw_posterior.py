"""The picture of a belief: the right places are marked, and nothing is hidden from a reader who sees no picture."""

import numpy as np
import pytest
from matplotlib.markers import MarkerStyle

from nas_edu import draw

X = np.linspace(0, 1, 11)


def test_the_triangle_stands_where_the_acquisition_function_is_highest():
    worth = {"EI": -((X - 0.3) ** 2), "UCB": X}
    plot = draw.posterior(X, X, 0.1 + 0 * X, (X[:2], X[:2]), worth, truth=X, title="Example")
    assert [axes.lines[-1].get_xdata() for axes in plot.axes[1:]] == [[pytest.approx(0.3)], [1.0]]
    assert repr(plot) == "Example: 2 points seen; EI looks next at 0.30, UCB looks next at 1.00"
    assert len(plot.axes[0].lines) == 3


def test_the_triangle_lies_above_what_it_marks():
    plot = draw.posterior(X, X, X, (X[:1], X[:1]), {"EI": -((X - 0.3) ** 2)})
    marker = plot.axes[1].lines[-1]
    shape = marker.get_marker()
    outline = MarkerStyle(shape).get_path().transformed(MarkerStyle(shape).get_transform()).vertices
    assert outline[:, 1].min() == pytest.approx(0)  # its tip is the point itself
    assert outline[:, 1].max() > 0
    assert not marker.get_clip_on()


def test_without_an_acquisition_function_there_is_nothing_to_choose():
    with pytest.raises(ValueError, match="acquisition function"):
        draw.posterior(X, X, X, (X[:1], X[:1]), {})
