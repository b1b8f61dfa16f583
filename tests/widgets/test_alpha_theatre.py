"""The alpha theatre without a browser: a search has the settings, and what is looked at can change at any time."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_task import tiny_task

from nas_edu.draw.panel import lay_out
from nas_edu.widgets.alpha_theatre import METHODS, OPERATION_SETS, OWN, PRESETS, Settings, alpha_theatre, task_of

PAIRS = [(space, method) for space in ("TinyCell", "DARTSCell") for method in METHODS]


@pytest.mark.parametrize(("space", "method"), PAIRS)
def test_each_method_searches_each_space_or_says_why_not(space, method):
    settings = Settings(space=space, method=method, edge="1-2")
    if (space, method) == ("DARTSCell", "PC-DARTS"):
        with pytest.raises(ValueError, match="PC-DARTS is here for TinyCell only"):
            alpha_theatre(tiny_task(), steps=2, batch_size=8, settings=settings)
        return
    theatre = alpha_theatre(tiny_task(), steps=2, batch_size=8, settings=settings)
    history = theatre.search.history
    assert len(history.steps) == 2
    assert theatre.settings.text == ""
    for kind in ("normal", "reduction") if space == "DARTSCell" else ("normal",):
        if space == "DARTSCell":
            theatre.settings.set("cell", kind)
        for view in theatre.search.views:
            panel = view(history)
            lay_out(panel)
        assert "1-2" in theatre.search.views[0](history).title
        if space == "DARTSCell":
            assert theatre.search.views[2](history).title.lower().startswith(f"{kind} cell")


def test_the_search_runs_with_the_settings():
    settings = Settings(operations="without none", method="DARTS, second order")
    history = alpha_theatre(tiny_task(), steps=3, batch_size=20, settings=settings).search.history
    assert len(history.steps) == 3
    assert history.steps[-1].info["operations"] == list(OPERATION_SETS["without none"])
    assert np.shape(history.steps[-1].alpha["cell"]) == (6, 4)


def test_settings_changed_after_a_search_are_those_of_the_next_one():
    theatre = alpha_theatre(tiny_task(), steps=2, batch_size=20)
    first = theatre.search.history
    theatre.settings.set("operations", "skip, 3x3 conv")
    theatre.settings.set("alpha_rate", 0.03)
    assert theatre.settings.state.alpha_rate == 0.03
    theatre.search.reset()
    theatre.search.run()
    history = theatre.search.wait(60)
    theatre.search.stop()
    assert history.steps[-1].info["operations"] == ["skip_connect", "nor_conv_3x3"]
    assert first.steps[-1].info["operations"] == list(OPERATION_SETS["all five"])


def test_the_edge_in_colour_changes_at_once_and_the_same_settings_give_the_same_search():
    theatre, again = (alpha_theatre(tiny_task(), steps=2, batch_size=20) for _ in range(2))
    assert theatre.search.history == again.search.history
    curves = theatre.search.views[0]
    assert "0-1" in curves(theatre.search.history).title
    theatre.settings.set("edge", "2-3")
    assert "2-3" in curves(theatre.search.history).title


def test_a_preset_sets_all_and_another_choice_is_an_own_one():
    theatre = alpha_theatre(tiny_task(), steps=1, batch_size=20)
    theatre.settings.set("preset", "collapse to skips")
    assert theatre.settings.state == PRESETS["collapse to skips"]
    assert theatre.settings.controls["preset"].value == "collapse to skips"
    theatre.settings.set("edge", "0-2")  # only looked at
    assert theatre.settings.controls["preset"].value == "collapse to skips"
    theatre.settings.set("weight_decay", "0.05")
    assert theatre.settings.controls["preset"].value == OWN
    theatre.settings.set("method", "PC-DARTS")
    theatre.settings.set("space", "DARTSCell")
    assert "choose that space, or another method" in theatre.settings.text


def test_labels_are_drawn_by_chance_on_the_share_that_was_asked_for():
    task = tiny_task()
    same = task_of(Settings(), task)
    assert np.array_equal(same.train.targets, task.train.targets)
    wrong = task_of(Settings(wrong_labels=0.75), task)
    share = np.mean(wrong.train.targets != task.train.targets)
    assert 0.75 * (1 - 1 / task.classes) - 0.2 < share < 0.75
    assert np.array_equal(wrong.validation.targets, task.validation.targets)


def test_an_unknown_setting_is_named():
    with pytest.raises(ValueError, match=r"there is no method 'GDASS'; .* did you mean 'GDAS'"):
        alpha_theatre(tiny_task(), steps=1, settings=Settings(method="GDASS"))
