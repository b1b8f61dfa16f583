"""`live` and `replay`: in a script, in a headless kernel, and behind a widget that a test stands in for."""

import base64
import json
import os
import random
import time

import nbformat
import pytest
from nbclient import NotebookClient
from widget_histories import evolution, evolved, quick

from nas_edu.core import Budget, History, Step, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search
from nas_edu.widgets import Axis, Lines, Panel, incumbent_curve, live, population, replay
from nas_edu.widgets.dashboard import Dashboard, progress_text
from nas_edu.widgets.present import still_bundle


class Browser:
    """Stands in for the widget: notes what is sent and answers that it was painted."""

    def __init__(self, kind, title, whole_frame, on_click):
        self.title, self.click = title, on_click
        self.status = whole_frame()["status"]
        self.panels = whole_frame()["panels"]
        self.messages = []

    def send(self, message):
        json.dumps(message)
        self.messages.append(message)
        if "whole" in message:
            return
        self.status = message.get("status", self.status)
        self.panels |= message["panels"]
        self.click({"type": "painted", "value": message["frame"]})

    def press(self, button):
        assert button in self.status["buttons"], f"{button} is not enabled in {self.status}"
        self.click({"type": button})


def shown(strategy, budget=None, views=(incumbent_curve, population), **more):
    stills = []
    dashboard = Dashboard(strategy, budget or Budget(evaluations=10**9), list(views), "A search", **more)
    browser = dashboard.show(Browser, lambda: stills.append(dashboard.history))
    return dashboard, browser, stills


def wait_for(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def slow_evolution():
    return evolution(lambda cell: time.sleep(0.01) or quick(cell))


def test_in_a_script_it_runs_to_the_budget_and_equals_search():
    dashboard = live(evolution, Budget(evaluations=30))
    assert dashboard.state == "finished"
    assert dashboard.history == search(evolution(), Budget(evaluations=30))
    assert dashboard.wait() is dashboard.history
    assert dashboard.title == "Regularized evolution"


def test_in_a_script_errors_are_raised():
    def broken_search():
        yield from evolved(3)
        raise KeyError("oldest")

    with pytest.raises(KeyError, match="oldest"):
        live(broken_search, Budget(evaluations=30))

    def broken_view(history):
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        live(evolution, Budget(evaluations=3), [broken_view])


def test_wrong_arguments_get_a_clear_error():
    with pytest.raises(TypeError, match="needs a budget such as"):
        live(evolution, 100)
    with pytest.raises(TypeError, match="function that makes a generator"):
        live([1, 2], Budget(evaluations=3))
    with pytest.raises(TypeError, match="must make a generator of events; it made NoneType"):
        live(lambda: None, Budget(evaluations=3))
    with pytest.raises(TypeError, match="views must be functions"):
        live(evolution, Budget(evaluations=3), ["population"])
    with pytest.raises(TypeError, match="rng"):
        live(lambda: random_search(TinyCell(), quick), Budget(evaluations=3))
    with pytest.raises(TypeError, match=r"replay needs a History, such as History\.load"):
        replay([])


def test_steps_are_counted_and_a_thinned_recording_says_what_it_holds():
    def progress(*indices):
        return progress_text(History(Step(index, {"train": 1.0}) for index in indices), None)

    assert [progress(0), progress(0, 1), progress(7, 8, 9)] == ["1 step", "2 steps", "3 steps"]
    assert progress(*range(4, 500, 5)) == "100 records of steps 5 to 500"


def test_the_buttons_do_what_they_say():
    dashboard, browser, stills = shown(slow_evolution)
    assert browser.status["state"] == "ready"
    browser.press("run")
    wait_for(lambda: len(dashboard.history) > 5 and browser.status["state"] == "running")
    browser.press("pause")
    wait_for(lambda: browser.status["state"] == "paused" and stills)
    seen = len(dashboard.history)
    browser.press("step")
    wait_for(lambda: browser.status["progress"].startswith(f"{seen + 1} trials"))
    wait_for(lambda: "run" in browser.status["buttons"])
    browser.press("run")
    wait_for(lambda: len(dashboard.history) > seen + 5 and "stop" in browser.status["buttons"])
    started = time.monotonic()
    browser.press("stop")
    wait_for(lambda: browser.status["state"] == "stopped")
    assert time.monotonic() - started < 0.5
    assert browser.status["buttons"] == ["reset"]
    browser.press("reset")
    wait_for(lambda: browser.status["state"] == "ready")
    assert len(dashboard.history) == 0
    browser.click({"type": "speed", "value": 1})
    browser.press("run")
    wait_for(lambda: browser.status["speed"] == 1 and len(dashboard.history) == 1)
    time.sleep(0.3)
    assert len(dashboard.history) == 1
    dashboard.stop()


def test_a_run_after_reset_is_the_same_run():
    dashboard, browser, _ = shown(evolution, Budget(evaluations=25))
    histories = []
    for _ in range(2):
        browser.press("run")
        wait_for(lambda: browser.status["state"] == "finished")
        histories.append(dashboard.history)
        browser.press("reset")
        wait_for(lambda: browser.status["state"] == "ready")
    assert histories[0] == histories[1]
    assert histories[0] is not histories[1]


def test_the_last_frame_always_comes():
    _, browser, stills = shown(evolution, Budget(evaluations=200))
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "finished")
    assert browser.status["progress"].startswith("200 trials")
    wait_for(lambda: stills)
    assert len(browser.messages) < 50


def test_a_bare_generator_runs_but_reset_says_why_it_cannot():
    dashboard = live(evolution(), Budget(evaluations=5))
    browser = dashboard.show(Browser, lambda: None)
    browser.press("reset")
    wait_for(lambda: browser.status["problem"])
    assert "runs only once, so Reset cannot start it again" in browser.status["problem"]["line"]
    assert len(dashboard.history) == 5


def test_an_error_in_a_view_stays_in_its_panel():
    def fragile(history):
        if len(history) > 3:
            raise IndexError("no fourth trial")
        return Panel("fragile", [Lines([])], Axis("x"), Axis("y"))

    def wrong(history):
        return "not a panel"

    dashboard, browser, _ = shown(evolution, Budget(evaluations=10), [fragile, incumbent_curve, wrong])
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "finished")
    problem = browser.panels["0"]["problem"]
    assert problem["line"] == "view fragile: IndexError: no fourth trial"
    assert "in fragile" in problem["traceback"]
    assert "a view returns a Panel, got str" in browser.panels["2"]["problem"]["line"]
    assert "problem" not in browser.panels["1"]
    assert len(dashboard.history) == 10


def test_an_error_in_the_search_is_shown_and_reset_starts_again():
    attempts = []

    def search_that_fails_once():
        attempts.append(1)
        yield from evolved(4)
        if len(attempts) == 1:
            raise RuntimeError("population is empty")

    dashboard, browser, _ = shown(search_that_fails_once)
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "failed")
    assert browser.status["problem"]["line"] == "search: RuntimeError: population is empty"
    assert "search_that_fails_once" in browser.status["problem"]["traceback"]
    with pytest.raises(RuntimeError, match="population is empty"):
        dashboard.wait()
    browser.press("reset")
    wait_for(lambda: browser.status["state"] == "ready")
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "finished")
    assert browser.status["problem"] is None


def test_a_page_that_opens_late_or_lost_something_gets_the_whole_frame():
    _, browser, _ = shown(evolution, Budget(evaluations=20))
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "finished")
    browser.click({"type": "whole"})
    message = browser.messages[-1]
    assert message["frame"] == message["whole"]["frame"]
    assert message["whole"]["status"]["progress"].startswith("20 trials")
    assert set(message["whole"]["panels"]) == {"0", "1"}


def test_replay_shows_the_end_first_and_any_moment_on_demand():
    recorded = evolved(30)
    views_saw = []

    def spy(history):
        views_saw.append(len(history))
        return incumbent_curve(history)

    dashboard, browser, _ = shown(lambda: iter(recorded), None, [spy], recorded=recorded)
    assert browser.status["position"] == browser.status["total"] == 30
    assert views_saw == [30]
    browser.click({"type": "seek", "value": 7})
    wait_for(lambda: browser.status["position"] == 7)
    assert dashboard.history == History(recorded[:7])
    browser.press("step")
    wait_for(lambda: browser.status["position"] == 8)
    browser.click({"type": "speed", "value": 0})
    browser.press("run")
    wait_for(lambda: browser.status["state"] == "finished")
    assert dashboard.history == recorded
    assert list(recorded) == list(dashboard.history)
    browser.click({"type": "speed", "value": 50})
    browser.press("run")
    wait_for(lambda: 0 < browser.status["position"] < 30)
    dashboard.stop()


def test_wait_says_when_the_time_is_up():
    dashboard, _, _ = shown(slow_evolution)
    dashboard.run()
    with pytest.raises(TimeoutError, match=r"still runs after 0\.1 s"):
        dashboard.wait(0.1)
    dashboard.stop()
    assert dashboard.wait() is dashboard.history


def test_the_still_picture_comes_in_three_versions():
    bundle = still_bundle(live(evolution, Budget(evaluations=12)))
    assert bundle["image/svg+xml"].startswith("<svg")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"].startswith("Regularized evolution: 12 trials, best ")


CELLS = [
    "import random, os\n"
    "from nas_edu.core import Budget, Evaluation\n"
    "from nas_edu.search_spaces import TinyCell\n"
    "from nas_edu.search_strategies import regularized_evolution\n"
    "from nas_edu.widgets import live\n"
    "def evaluate(cell, **_):\n"
    "    return Evaluation(len(cell.live_edges) / 6)\n"
    "def strategy():\n"
    "    return regularized_evolution(TinyCell(), evaluate, rng=random.Random(0))",
    "dashboard = live(strategy, Budget(evaluations=25))",
    "first = dashboard\ndashboard.run(); dashboard.wait(20)\nlen(dashboard.history)",
]


def executed(cells, headless):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    environment = {name: value for name, value in os.environ.items() if name != "NAS_EDU_HEADLESS"}
    NotebookClient(notebook, timeout=60).execute(env=environment | ({"NAS_EDU_HEADLESS": "1"} if headless else {}))
    return [cell.outputs for cell in notebook.cells]


def test_a_headless_kernel_leaves_the_still_picture_and_no_widget():
    outputs = executed(CELLS, headless=True)
    assert [sorted(output.data) for output in outputs[1]] == [["image/png", "image/svg+xml", "text/plain"]]
    assert "25 trials" in outputs[1][0].data["text/plain"]
    assert outputs[2][0].data["text/plain"] == "25"


def test_a_kernel_shows_the_widget_and_keeps_a_still_picture_beside_it():
    view = "application/vnd.jupyter.widget-view+json"
    again = [
        "from nas_edu.widgets.present import _shown\n"
        "slow = live(lambda: regularized_evolution(TinyCell(), lambda c: evaluate(c), rng=random.Random(0)),"
        " Budget(seconds=600))\n"
        "slow.set_speed(5); slow.run(); states = globals().setdefault('states', []); states.append(slow)",
    ] * 2 + [
        "import time\nwhile first._painter._thread: time.sleep(0.05)",
        "print([dashboard.state for dashboard in states])",
    ]
    outputs = executed(CELLS + again, headless=False)
    assert [sorted(output.data) for output in outputs[1]] == [
        [view, "text/plain"],
        ["image/png", "image/svg+xml", "text/plain"],
    ]
    assert "25 trials" in outputs[1][1].data["text/plain"]  # the last still, made once the search had come to rest
    assert outputs[2][-1].data["text/plain"] == "25"
    # nbclient sends no cell id, so the two cells of equal source count as one that was run again
    assert outputs[-1][0].text.strip() == "['stopped', 'running']"


def test_random_search_has_a_live_view_too():
    dashboard = live(lambda: random_search(TinyCell(), quick, rng=random.Random(0)), Budget(evaluations=10))
    assert len(dashboard.history) == 10
