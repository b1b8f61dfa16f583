"""The history of NAS: every stated cost has its source, and the pictures show what the data say."""

import re

import pytest
from legible import assert_legible

from nas_edu import draw
from nas_edu.bibliography import FINAL_TRAINING, IMAGENET_RESULTS, MILESTONES, Milestone, load
from nas_edu.draw.timeline import FAMILY_STYLES, cost, gpu_days

REFERENCES = load()
COSTLY = [milestone for milestone in MILESTONES if milestone.gpu_days]
GPUS_AND_DAYS = re.compile(r"([\d,]+) (?:\w+ )?GPUs for (?:about )?(\d+)(?: to (\d+))? days")


@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda one: one.name)
def test_a_milestone_is_in_the_bibliography_and_its_cost_has_a_source(milestone):
    assert milestone.key in REFERENCES
    assert milestone.family in FAMILY_STYLES
    assert milestone.brought.endswith(".")
    if milestone.gpu_days:
        assert milestone.gpu_days[0] <= milestone.gpu_days[1]
        assert milestone.source in REFERENCES
        assert milestone.where
        assert milestone.basis
    else:
        assert milestone.source == milestone.where == milestone.basis == ""


def test_costs_are_gpus_times_days():
    found = 0
    for milestone in COSTLY:
        if match := GPUS_AND_DAYS.search(milestone.basis):
            gpus, low, high = int(match[1].replace(",", "")), int(match[2]), int(match[3] or match[2])
            assert milestone.gpu_days == (gpus * low, gpus * high)
            found += 1
        if match := re.search(r"([\d,]+|four) GPU hours", milestone.basis):
            hours = 4 if match[1] == "four" else int(match[1].replace(",", ""))
            assert milestone.gpu_days == pytest.approx((hours / 24, hours / 24))
            found += 1
    assert found >= 8


def test_costs_in_words():
    words = {milestone.name: gpu_days(milestone) for milestone in MILESTONES}
    assert words["NAS with RL"] == "22,400 GPU days"
    assert words["MetaQNN"] == "80 to 100 GPU days"
    assert words["DARTS"] == "1.5 to 4 GPU days"
    assert words["GDAS"] == "0.17 GPU days"
    assert words["NEAT"] == ""
    assert cost(Milestone("zoph2017", "x", "other", "x.", (1, 100))) == 10  # the middle of a logarithmic axis


def positions(axes):
    return {tuple(map(float, offset)) for points in axes.collections for offset in points.get_offsets()}


def names(axes):
    return [text for text in axes.texts if text.get_text()]


def test_the_timeline_shows_each_milestone_once():
    plot = draw.timeline(title="NAS")
    above, below = plot.axes[:2]
    assert positions(above) == {(one.date, cost(one)) for one in COSTLY}
    assert above.get_yscale() == "log"
    assert len(positions(below)) == len(MILESTONES) - len(COSTLY)
    shown = [text.get_text() for axes in (above, below) for text in names(axes)]
    assert all(shown.count(milestone.name) == 1 for milestone in MILESTONES)
    assert FINAL_TRAINING["gpu_days"] in {line.get_ydata()[0] for line in above.lines}
    assert "29 milestones from 1988 to 2025" in repr(plot)
    assert "22,400 GPU days (NAS with RL)" in repr(plot)


def test_imagenet_shows_each_network_and_says_who_made_it():
    plot = draw.imagenet()
    (axes,) = plot.axes
    assert positions(axes) == {(one.date, one.top1) for one in IMAGENET_RESULTS}
    assert [len(points.get_offsets()) for points in axes.collections] == [
        sum(not one.searched for one in IMAGENET_RESULTS),
        sum(one.searched for one in IMAGENET_RESULTS),
    ]
    assert all(one.key in REFERENCES and one.source in REFERENCES and one.where for one in IMAGENET_RESULTS)
    assert "best made by hand: SENet, 82.7%" in repr(plot)


@pytest.mark.parametrize("picture", [draw.timeline, draw.imagenet])
def test_the_pictures_are_legible(picture):
    assert_legible(picture())


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="none of these milestones states a cost"):
        draw.timeline([milestone for milestone in MILESTONES if not milestone.gpu_days])
    with pytest.raises(ValueError, match="at least one network"):
        draw.imagenet([])
