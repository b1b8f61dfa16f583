"""The alpha theatre without a browser: a search has the settings, and the edge in colour can change at any time."""

from __future__ import annotations

import numpy as np
from tiny_task import tiny_task

from nas_edu.widgets.alpha_theatre import OPERATION_SETS, Settings, alpha_theatre


def test_the_search_runs_with_the_settings():
    theatre = alpha_theatre(
        tiny_task(), steps=3, batch_size=20, settings=Settings(operations="without none", order="2")
    )
    history = theatre.search.history
    assert len(history.steps) == 3
    assert history.steps[-1].info["operations"] == list(OPERATION_SETS["without none"])
    assert np.shape(history.steps[-1].alpha["cell"]) == (6, 4)


def test_settings_changed_after_a_search_are_those_of_the_next_one():
    theatre = alpha_theatre(tiny_task(), steps=2, batch_size=20)
    first = theatre.search.history
    theatre.settings.set("operations", "skip, 3x3 conv")
    theatre.settings.set("alpha_rate", "0.03")
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
