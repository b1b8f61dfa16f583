"""The live view as a student meets it: real JupyterLab, real Chromium, buttons pressed, the picture seen to change."""

import time

from conftest import ARTIFACTS
from lab import wait_until

SEARCH = """
import random, time
from nas_edu.core import Budget, Evaluation
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import regularized_evolution
from nas_edu.widgets import *

space = TinyCell()

def evaluate(cell, seconds=0.03):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))
    live_operations = list(cell.live_edges.values())
    accuracy = (1 + live_operations.count("nor_conv_3x3") + 0.5 * live_operations.count("nor_conv_1x1")) / 8
    return Evaluation(accuracy, validation_accuracy=accuracy)

def evolution(evaluate=evaluate):
    return regularized_evolution(space, evaluate, rng=random.Random(0))
"""


def test_buttons_picture_themes_and_the_saved_notebook(open_lab):
    notebook = open_lab([SEARCH, "dashboard = live(evolution, Budget(evaluations=3000), title='Evolution')"])
    notebook.run_all()
    dashboard = notebook.dashboard()
    assert dashboard.state == "ready"
    empty = dashboard.drawing()

    dashboard.press("Run")
    dashboard.wait_for_state("running", 2)
    wait_until(lambda: dashboard.events > 25, "25 trials")
    assert dashboard.drawing() != empty
    assert not dashboard.stands_still()

    dashboard.press("Pause")
    wait_until(lambda: dashboard.state == "paused", "paused", 2)
    assert dashboard.stands_still()

    seen, before = dashboard.events, dashboard.drawing()
    dashboard.press("Step")
    wait_until(lambda: dashboard.events == seen + 1, "one more trial", 2)
    dashboard.wait_for_state("paused", 2)
    assert dashboard.drawing() != before
    assert dashboard.stands_still()
    assert dashboard.events == seen + 1
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"live_{theme}.png", dashboard.root)

    dashboard.root.get_by_label("Speed").select_option("5 a second")
    dashboard.press("Run")
    start = dashboard.events
    time.sleep(1.5)
    assert 3 <= dashboard.events - start <= 11
    dashboard.root.get_by_label("Speed").select_option("as fast as possible")
    time.sleep(0.5)

    pressed = time.monotonic()
    dashboard.press("Stop")
    dashboard.wait_for_state("stopped", 2)
    assert time.monotonic() - pressed < 0.5
    stopped = dashboard.events
    assert dashboard.stands_still()
    notebook.assert_no_errors()

    time.sleep(1.5)  # until the still picture is made
    outputs = notebook.save()["cells"][1]["outputs"]
    assert [sorted(output["data"]) for output in outputs] == [
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
        ["image/png", "image/svg+xml", "text/plain"],
    ]
    assert f"{stopped} trials" in "".join(outputs[1]["data"]["text/plain"])
    assert "widgets" not in notebook.save()["metadata"]
    still = notebook.page.locator(".jp-OutputArea-child").nth(1)
    assert not still.is_visible()  # the widget stands for it while it is there

    # the drawing that grew by differences is the drawing that a page gets which opens now
    grown = dashboard.drawing()
    notebook.reload()
    dashboard = notebook.dashboard()
    assert dashboard.events == stopped
    assert dashboard.drawing() == grown

    dashboard.press("Reset")
    dashboard.wait_for_state("ready", 2)
    assert dashboard.events == 0
    dashboard.press("Run")
    wait_until(lambda: dashboard.events > 3, "a new run")
    dashboard.press("Stop")
    dashboard.wait_for_state("stopped", 2)
    notebook.assert_no_errors()

    # without its kernel, the notebook shows the still picture
    notebook.save()
    notebook.shut_down_kernel()
    notebook.reload()
    wait_until(lambda: notebook.page.locator(".jp-OutputArea-child img").first.is_visible(), "the still picture")
    notebook.screenshot(ARTIFACTS / "live_without_kernel.png")


def test_two_dashboards_and_a_cell_that_is_run_again(open_lab):
    notebook = open_lab(
        [
            SEARCH + "started = []",
            "started.append(live(evolution, Budget(seconds=600), [incumbent_curve]))",
            "live(evolution, Budget(seconds=600), [current_cell]);",
            "print([dashboard.state for dashboard in started])",
        ]
    )
    notebook.run_all()
    first, second = notebook.dashboard(0), notebook.dashboard(1)
    first.press("Run")
    second.press("Run")
    wait_until(lambda: first.events > 3 and second.events > 3, "both run")
    second.press("Pause")
    wait_until(lambda: second.state == "paused", "the second one pauses")
    assert second.stands_still()
    assert not first.stands_still()

    notebook.run_cell(1)  # again: the search that it started before stops
    notebook.wait_for_kernel()
    assert notebook.dashboard(0).state == "ready"
    notebook.run_cell(3)
    notebook.wait_for_kernel()
    assert "['stopped', 'ready']" in notebook.page.locator(".jp-Cell").nth(3).inner_text()
    notebook.assert_no_errors()


def test_errors_are_shown_and_the_rest_goes_on(open_lab):
    notebook = open_lab(
        [
            SEARCH,
            "def fragile(history):\n"
            "    if len(history) >= 3:\n"
            "        raise IndexError('no fourth trial')\n"
            "    return incumbent_curve(history)\n"
            "def short():\n"
            "    for trial, _ in zip(evolution(), range(12)):\n"
            "        yield trial\n"
            "    raise RuntimeError('the population is empty')\n"
            "live(short, Budget(seconds=600), [fragile, incumbent_curve]);",
            "print(6 * 7)",
        ]
    )
    notebook.run_all()
    dashboard = notebook.dashboard()
    dashboard.press("Run")
    dashboard.wait_for_state("failed")
    search_problem, view_problem = dashboard.root.locator(".nas-problem").all()
    assert search_problem.locator("summary").inner_text() == "search: RuntimeError: the population is empty"
    assert view_problem.locator("summary").inner_text() == "view fragile: IndexError: no fourth trial"
    assert not view_problem.locator("pre").is_visible()
    view_problem.locator("summary").click()
    traceback = view_problem.locator("pre").inner_text()
    assert "in fragile" in traceback
    assert "nas_edu" not in traceback  # it begins with the student's own code
    assert dashboard.root.locator("svg").count() == 1  # the other view goes on
    notebook.screenshot(ARTIFACTS / "live_errors.png", dashboard.root)
    notebook.run_cell(2)
    notebook.wait_for_kernel()
    assert "42" in notebook.page.locator(".jp-Cell").nth(2).inner_text()
    dashboard.press("Reset")
    dashboard.wait_for_state("ready", 2)
    notebook.assert_no_errors()


def test_a_recorded_search_is_replayed_with_a_slider(open_lab):
    notebook = open_lab(
        [
            SEARCH,
            "from nas_edu.core import search\n"
            "history = search(evolution(lambda cell: evaluate(cell, 0)), Budget(evaluations=200))\n"
            "replay(history, [incumbent_curve, population, current_cell]);",
        ]
    )
    notebook.run_all()
    dashboard = notebook.dashboard()
    assert dashboard.events == 200
    end = dashboard.drawing()
    slider = dashboard.root.locator("input[type=range]")
    slider.fill("42")
    wait_until(lambda: dashboard.events == 42, "the slider's trial", 2)
    assert dashboard.drawing() != end
    slider.press("ArrowRight")
    wait_until(lambda: dashboard.events == 43, "one trial more by the keyboard", 2)
    dashboard.press("Run")
    wait_until(lambda: dashboard.events > 46, "it plays")
    dashboard.press("Pause")
    wait_until(lambda: dashboard.state == "paused", "paused", 2)
    slider.fill("200")
    wait_until(lambda: dashboard.events == 200, "the end", 2)
    assert dashboard.state == "finished"
    assert dashboard.drawing() == end
    notebook.screenshot(ARTIFACTS / "replay.png", dashboard.root)
    notebook.assert_no_errors()


def test_a_notebook_on_a_narrow_page_and_the_keyboard(open_lab):
    notebook = open_lab([SEARCH, "live(evolution, Budget(evaluations=30));"], width=800)
    notebook.run_all()
    dashboard = notebook.dashboard()
    dashboard.button("Run").focus()
    notebook.page.keyboard.press("Enter")
    dashboard.wait_for_state("finished")
    assert dashboard.events == 30
    labels = [panel.get_attribute("aria-label") for panel in dashboard.root.locator("svg").all()]
    assert labels[0].startswith("Best so far. best 0.")
    assert "x3 = " in labels[2]
    assert dashboard.root.evaluate("node => node.scrollWidth <= node.clientWidth")
    for panel in dashboard.root.locator("svg").all():
        assert panel.evaluate("node => node.tabIndex") == 0
        # real text of at least 14 pixels: drawn in its own size, not shrunk
        assert panel.evaluate("node => node.clientWidth") >= 390
    notebook.screenshot(ARTIFACTS / "live_narrow.png")
    notebook.assert_no_errors()
