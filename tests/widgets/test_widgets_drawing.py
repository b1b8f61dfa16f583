"""From marks to pictures: axes, layout, the difference between two pictures, and the still picture."""

import copy
import io
import json
import math
from dataclasses import asdict
from xml.etree import ElementTree

import matplotlib.image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.draw.axes import round_step, ticks_for
from nas_edu.draw.drawing import sheet
from nas_edu.draw.marks import Axis, Bars, Graph, GraphEdge, HeatMap, Lines, Panel, Scatter, TextTable
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import HEIGHT, WIDTH
from nas_edu.widgets.screen import patches, whole

numbers = st.floats(allow_nan=False, allow_infinity=False)
points = st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9) | st.just(-math.inf)), max_size=20)
names = st.lists(st.text("abc<&\"' é", max_size=30), min_size=1, max_size=6)


@st.composite
def plots(draw):
    shapes = st.sampled_from(["dot", "ring", "cross"])
    scatter = st.builds(Scatter, points, shape=shapes, label=st.sampled_from(["", "one", "two"]))
    lines = st.builds(Lines, st.lists(points, max_size=3), label=st.sampled_from(["", "a line"]))
    marks = draw(st.lists(scatter | lines, max_size=5))
    return Panel(draw(st.text(max_size=80)), marks, Axis("x", whole_numbers=True), Axis("y"), subtitle="now")


@st.composite
def figures(draw):
    labels = draw(names)
    values = draw(st.lists(st.floats(0, 1), min_size=len(labels), max_size=len(labels)))
    edges = [GraphEdge(i, j, "nor_conv_3x3", marked=i == 0) for j in range(len(labels)) for i in range(j)]
    mark = draw(
        st.sampled_from(
            [
                Bars(labels, values, ["#0072B2"] * len(labels)),
                HeatMap(labels, labels, [values] * len(labels)),
                Graph(labels, edges),
                TextTable([(label, str(value)) for label, value in zip(labels, values, strict=True)]),
            ]
        )
    )
    return Panel("Figures", [mark])


panels = plots() | figures()


@given(st.lists(numbers, max_size=10), st.none() | numbers, st.booleans())
def test_an_axis_covers_its_data_with_a_few_even_ticks(values, low, whole_numbers):
    result = ticks_for(Axis("", low=low, whole_numbers=whole_numbers), values, 0, 100)
    assert 2 <= len(result.ticks) <= 9
    a, b = result.linear
    for value in values if low is None else [*values, low]:
        if abs(value) < 1e100:
            assert -1 <= a + b * value <= 101
    if whole_numbers and max(map(abs, result.ticks)) < 1e9:
        assert all(tick == round(tick) for tick in result.ticks)


@given(st.floats(1e-12, 1e12))
def test_a_round_step_is_1_2_or_5_times_a_power_of_ten_and_not_smaller(size):
    step = round_step(size)
    mantissa = float(f"{step:e}".split("e")[0])
    assert round(mantissa, 6) in (1, 2, 5)
    assert size * (1 - 1e-8) <= step < 2.51 * size


def test_tick_labels_have_the_digits_that_the_step_needs():
    assert ticks_for(Axis(""), [0.1, 0.93], 0, 1).labels == ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")
    assert ticks_for(Axis("", whole_numbers=True), [0, 3], 0, 1).labels == ("0", "1", "2", "3")


@given(panels)
def test_a_panel_is_plain_data_and_any_panel_becomes_well_formed_svg(panel):
    json.dumps(asdict(panel))
    picture = lay_out(panel)
    json.dumps(whole(picture))
    root = ElementTree.fromstring(sheet([picture], "A < heading").svg)
    for element in root.iter():
        for name in ("x", "cx"):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= WIDTH + 1
        for name in ("y", "cy"):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= HEIGHT + 1


def applied(picture, changes):
    """What live_view.js does with a picture's changes."""
    result = copy.deepcopy(picture)
    elements = result["elements"]
    for kind, *rest in changes:
        keys = [element[0] for element in elements]
        if kind == "label":
            result["label"] = rest[0]
        elif kind == "remove":
            del elements[keys.index(rest[0])]
        elif kind == "add":
            key, before, tag, attributes, text = rest
            place = len(keys) if before is None else keys.index(before)
            elements.insert(place, [key, tag, dict(attributes), text])
        elif kind == "set":
            elements[keys.index(rest[0])][2] |= rest[1]
            elements[keys.index(rest[0])][3] = rest[2]
        elif kind == "splice":
            key, name, kept, tail = rest
            attributes = elements[keys.index(key)][2]
            attributes[name] = attributes[name][:kept] + tail
    return result


@given(panels, panels)
def test_changes_turn_any_picture_into_any_other(old, new):
    old, new = lay_out(old), lay_out(new)
    changes = patches(old, new)
    if changes is not None:
        assert applied(whole(old), json.loads(json.dumps(changes))) == whole(new)
    assert patches(new, copy.deepcopy(new)) == []


@given(points, points)
def test_one_more_point_is_the_difference_of_one_point(some, more):
    axes = Axis("x", low=-1e9, high=1e9), Axis("y", low=-1e9, high=1e9)
    old = lay_out(Panel("", [Scatter([(0, 0), *some])], *axes))
    new = lay_out(Panel("", [Scatter([(0, 0), *some, *more])], *axes))
    changes = patches(old, new)
    assert applied(whole(old), changes) == whole(new)
    if len(some) > 2:
        assert len(json.dumps(changes)) <= 60 + 20 * len(more)


def test_the_png_shows_the_marks():
    axes = Axis("", 0, 1), Axis("", 0, 1)
    dark = []
    for points in ([], [(0.5, 0.5)]):
        picture = lay_out(Panel("", [Scatter(points, size=60)], *axes))
        image = matplotlib.image.imread(io.BytesIO(sheet([picture], "").png))
        assert image.shape[1] == 2 * WIDTH
        dark.append((image[..., :3].sum(axis=2) < 1).sum())
    # a dot of 60 pixels across, at twice the size
    assert dark[1] - dark[0] == pytest.approx(math.pi * 60**2, rel=0.05)


def test_marks_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="need both axes"):
        Panel("p", [Lines([])])
    with pytest.raises(ValueError, match="a panel of their own"):
        Panel("p", [TextTable([]), Lines([])], Axis("x"), Axis("y"))
    with pytest.raises(TypeError, match="is not a mark; allowed"):
        Panel("p", ["a line"])
