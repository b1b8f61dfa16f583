"""Boxes, arrows and prose, and the explorers of lecture 1: components, timeline, budget."""

import re

import numpy as np
import pytest

from nas_edu.bibliography import MILESTONES
from nas_edu.draw.panel import lay_out
from nas_edu.draw.picture import HEIGHT, WIDTH
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.search_spaces import TinyCell
from nas_edu.widgets import Arrow, Box, Diagram, Panel, Prose
from nas_edu.widgets.explorers.budget import BudgetViews, explore_budget
from nas_edu.widgets.explorers.components import explore_components
from nas_edu.widgets.explorers.timeline import explore_timeline


def numbers(path):
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def assert_inside(picture):
    for key, element in picture.elements.items():
        place = {name: float(element.attributes.get(name, 1)) for name in ("x", "y")}
        assert 0 <= place["x"] <= WIDTH, key
        assert 0 <= place["y"] <= HEIGHT, key


TWO = [Box("one", 0, 0, 0.3, 0.2, key="first"), Box("two\nlines", 0.6, 0, 0.3, 0.2)]


def test_arrows_go_from_border_to_border_and_a_pair_does_not_meet():
    picture = lay_out(Panel("x", [Diagram(TWO, [Arrow(0, 1, "there", 14), Arrow(1, 0, "back", 14)])]))
    left, right = (picture.elements[f"block {i}"].attributes for i in (0, 1))
    there, back = (numbers(picture.elements[f"arrow {i}"].attributes["d"]) for i in (0, 1))
    border, other = float(left["x"]) + float(left["width"]), float(right["x"])
    middle = float(left["y"]) + float(left["height"]) / 2
    assert border < there[0] < there[2] < other
    assert other > back[0] > back[2] > border
    assert there[1] == pytest.approx(middle - 14)  # on its left, which is above where it points to the right
    assert back[1] == pytest.approx(middle + 14)
    labels = [float(picture.elements[f"arrow {i} label"].attributes["y"]) for i in (0, 1)]
    assert labels[0] < there[1] < back[1] < labels[1]
    assert_inside(picture)


def test_what_has_a_key_can_be_clicked():
    picture = lay_out(Panel("x", [Diagram(TWO)]))
    assert [element.key for element in picture.elements.values() if element.key] == ["first"]


def test_prose_is_wrapped_and_its_link_opens_a_page():
    picture = lay_out(Panel("x", [Prose(["word " * 30, "end"], "https://arxiv.org/abs/1")]))
    lines = [element for key, element in picture.elements.items() if key.startswith("paragraph 0")]
    assert len(lines) > 2
    assert "".join(line.text + " " for line in lines).split() == ["word"] * 30
    link = picture.elements["link"]
    assert link.text == "arxiv.org/abs/1"
    assert link.attributes["data-href"] == "https://arxiv.org/abs/1"
    assert_inside(picture)


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="a panel holds about 12 lines"):
        lay_out(Panel("x", [Prose(["word " * 200])]))


def test_components_couple_two_of_three():
    diagram = explore_components()
    assert {"space", "strategy", "estimation"} == set(diagram.clickable)
    for one_shot in (False, True):
        assert diagram.state.one_shot is one_shot
        seen = set()
        for key in ("space", "strategy", "estimation"):
            diagram.click(key)
            blocks, details = diagram.panels
            assert sum(block.marked for block in blocks.marks[0].boxes) == 1
            assert any(block.frame for block in blocks.marks[0].boxes) is one_shot
            assert_inside(lay_out(details))
            seen.add(details.alt)
        assert len(seen) == 3
        diagram.press("one-shot")
    assert "search strategy" in diagram.still().svg


def test_every_milestone_can_be_looked_at():
    timeline = explore_timeline()
    for milestone in MILESTONES:
        timeline.click(milestone.key)
        details = timeline.panels[-1]
        assert details.title == milestone.name
        assert milestone.brought in details.alt
        assert details.marks[0].link == milestone.reference.url
        assert_inside(lay_out(details))  # each text fits
    timeline.click("real2019")
    assert "3,150 GPU days (450 K40 GPUs for about 7 days" in timeline.panels[-1].alt
    timeline.click("stanley2002")
    assert "none stated" in timeline.panels[-1].alt
    assert timeline.still().png.startswith(b"\x89PNG")


def test_the_timeline_steps_through_the_years():
    timeline = explore_timeline("tenorio1988")
    with pytest.raises(ValueError, match="Earlier cannot be used now"):
        timeline.press("Earlier")
    dates = [timeline.state.milestone.date]
    while timeline.controls["Later"].enabled:
        timeline.press("Later")
        dates.append(timeline.state.milestone.date)
    assert dates == sorted(dates)
    assert len(dates) == len(MILESTONES)


def test_an_unknown_milestone_is_refused():
    with pytest.raises(ValueError, match="'darts' is no milestone; there are tenorio1988"):
        explore_timeline("darts")


@pytest.fixture(scope="module")
def table():
    return NASBenchEdu.load("mnist1d")


def test_the_budget_chooses_as_a_loop_over_all_cells_does(table):
    explorer, chosen = explore_budget(table, epochs=2), BudgetViews(table).chosen
    for place in (0, 3, 9, 19):
        explorer.set("t", place)
        epoch = table.epochs[place]
        best, lowest = None, float("inf")
        for cell, loss in zip(TinyCell(), table.column("validation_loss", 0, epoch), strict=True):
            if loss < lowest and not np.isnan(table.query(cell, seed=0).validation_accuracy):
                best, lowest = cell, loss
        assert TinyCell()[chosen[place]].canonical == best.canonical
        rows = dict(explorer.panels[2].marks[0].rows)
        assert rows["L_val at t"] == f"{lowest:.3f}"
        assert rows["Accuracy at the end"] == f"{table.query(best, seed=0).validation_accuracy:.1%}"


def test_a_longer_budget_costs_more_and_ends_with_the_best(table):
    explorer = explore_budget(table)
    hours = []
    for place in range(len(table.epochs)):
        explorer.set("t", place)
        hours.append(float(dict(explorer.panels[2].marks[0].rows)["CPU hours for all"]))
    assert hours == sorted(hours)
    assert hours[-1] > 5 * hours[1] > 0
    assert explorer.panels[1].subtitle == "the same cell"
    assert explorer.still().png.startswith(b"\x89PNG")


def test_epochs_that_were_not_measured_are_refused(table):
    with pytest.raises(ValueError, match=r"measured at the epochs 0.5, 1, 1.5.*got 0.7"):
        explore_budget(table, epochs=0.7)
