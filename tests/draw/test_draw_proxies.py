"""Pictures of proxies show the numbers of the table, and can be read."""

import numpy as np
import pytest
from legible import assert_legible

from nas_edu import draw
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.nas_bench.statistics import estimate, kendall


@pytest.fixture(scope="module")
def table():
    return NASBenchEdu.load("mnist1d")


def columns(table, *names):
    first = table.functions
    accuracy = table.column("validation_accuracy")[first]
    return [table.column(name)[first][~np.isnan(accuracy)] for name in names] + [accuracy[~np.isnan(accuracy)]]


def test_a_proxy_is_drawn_against_accuracy_with_its_tau_and_crosses_where_it_has_no_value(table):
    nwot, accuracy = columns(table, "nwot")
    figure = draw.proxy(table, "nwot", resamples=20)
    axes = figure.axes[0]
    (dots,) = axes.collections
    valued = np.isfinite(nwot)
    np.testing.assert_allclose(dots.get_offsets(), np.stack([nwot[valued], accuracy[valued]], axis=1), rtol=1e-6)
    (crosses,) = axes.lines
    assert len(crosses.get_ydata()) == (~valued).sum() > 0
    tau = estimate(kendall, nwot, accuracy, resamples=20)
    assert f"{tau.value:.2f} ({tau.low:.2f} to {tau.high:.2f})" in axes.get_title(loc="left") + axes.get_title()
    assert f"no value ({(~valued).sum()})" in figure.alt
    assert_legible(figure)


@pytest.mark.parametrize(("name", "scale"), [("params", "linear"), ("snip", "log"), ("plain", "symlog")])
def test_the_axis_spreads_the_values(table, name, scale):
    figure = draw.proxy(table, name, resamples=3)
    assert figure.axes[0].get_xscale() == scale
    assert_legible(figure)


def test_the_matrices_hold_kendalls_tau(table):
    names = ["params", "nwot", "snip"]
    figure = draw.proxy_correlations({"mnist1d": table, "proxies alone": table.proxies}, names)
    *found, accuracy = columns(table, *names)
    shown = [image.get_array() for axes in figure.axes for image in axes.images]
    assert [matrix.shape for matrix in shown] == [(4, 4), (3, 3)]
    np.testing.assert_allclose(shown[0], np.transpose(shown[0]))
    np.testing.assert_allclose(shown[0][0, 1:], [kendall(one, accuracy) for one in found])
    np.testing.assert_allclose(shown[0][1:, 1:], shown[1])  # among proxies all functions count, trained or not
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["accuracy", *names]
    assert_legible(figure)
    assert "params agrees best with accuracy" in figure.alt
    assert "nwot" in {text.get_text() for text in draw.proxy_correlations({"one": table}).axes[0].get_yticklabels()}


def test_kernels_are_sorted_by_class_and_say_their_determinant():
    targets = np.array([1, 0, 1])
    kernel = np.array([[4, 1, 3], [1, 4, 2], [3, 2, 4]])
    figure = draw.kernels({"mine": kernel, "singular": np.full((3, 3), 4)}, targets)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), kernel[np.ix_([1, 0, 2], [1, 0, 2])] / 4)
    assert f"log |det K| = {np.log(np.linalg.det(kernel)):.0f}" in figure.alt
    assert_legible(figure)
    assert "singular: K is singular" in figure.alt


def test_bad_input_says_what_is_wrong(table):
    with pytest.raises(ValueError, match="no column 'snap'"):
        draw.proxy(table, "snap")
    with pytest.raises(ValueError, match="at least one table"):
        draw.proxy_correlations({})
    with pytest.raises(ValueError, match="at least one: "):
        draw.kernels({}, np.zeros(3))
    with pytest.raises(ValueError, match=r"'mine': a kernel of 3 samples is square, got \(2, 2\)"):
        draw.kernels({"mine": np.eye(2)}, np.zeros(3))
