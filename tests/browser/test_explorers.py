"""Explorers as a student meets them: real JupyterLab, real Chromium, marks clicked, controls moved."""

import os
import time

from conftest import ARTIFACTS
from lab import wait_until

from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.networks import StackedCellNetwork, count_parameters
from nas_edu.networks.stacked_cells import plans_of
from nas_edu.search_spaces.published_cells import DARTS_V2
from nas_edu.widgets.explorers.cell import FIRST, SPACE

SMALL = """
from dataclasses import dataclass, replace
from nas_edu.widgets import *

@dataclass(frozen=True)
class State:
    number: int = 3
    word: str = "one"
    text: str = "letters"
    key: str = "nothing"

def graph(state):
    edges = [GraphEdge(i, j, "skip_connect", key=f"edge {i}-{j}", marked=state.key == f"edge {i}-{j}")
             for j in range(1, 4) for i in range(j)]
    return Panel("Graph", [Graph(list("abcd"), edges, keys=[f"node {n}" for n in "abcd"])], subtitle=state.key)

def bars(state):
    return Panel("Bars", [Bars(["x", "y"], [state.number, 5], ["#0072B2"] * 2, keys=["bar x", "bar y"])])

def points(state):
    some = [(i, (i * 7) % 5) for i in range(8)]
    return Panel("Points", [Scatter(some, "#0072B2", keys=[f"point {i}" for i in range(8)])], Axis("i"), Axis("y"))

def parse(state, text):
    if not text.isalpha():
        raise ValueError("letters only")
    return replace(state, text=text)

def controls(state):
    return [
        Button("More", lambda s: replace(s, number=s.number + 1), main=True),
        Button("Broken", lambda s: 1 / 0),
        Select("word", ["one", "two"], state.word, lambda s, word: replace(s, word=word)),
        Slider("number", 0, 20, state.number, lambda s, number: replace(s, number=number)),
        TextField("text", state.text, parse, lines=2),
    ]
"""
SHOW = """explorer = present(Explorer(
    State(), [graph, bars, points], controls, title="Something to click",
    on_click=lambda s, key: replace(s, key=key), status=lambda s: f"{s.number} {s.word} {s.text} {s.key}"))"""


class Explorer:
    """What `present` shows, as a person uses it."""

    def __init__(self, notebook, index=0):
        self.notebook = notebook
        self.root = notebook.page.locator(".nas-live").nth(index)
        self.root.wait_for(timeout=30_000)

    @property
    def text(self):
        return self.root.locator(".nas-status").inner_text()

    def mark(self, key):
        return self.root.locator(f'[data-click="{key}"]')

    def click(self, key):
        """In the middle of what is seen of it: the middle of a curve's box does not lie on the curve."""
        mark = self.mark(key)
        mark.scroll_into_view_if_needed()
        middle = """node => {
            const { x, y, width, height } = node.getBBox();
            const centre = { x: x + width / 2, y: y + height / 2 };
            const at = node.tagName === "path" ? node.getPointAtLength(node.getTotalLength() / 2) : centre;
            const place = new DOMPoint(at.x, at.y).matrixTransform(node.getScreenCTM());
            return [place.x, place.y];
        }"""
        self.notebook.page.mouse.click(*mark.evaluate(middle))

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click(timeout=10_000)

    def control(self, name):
        return self.root.get_by_label(name, exact=True)

    def wait_for(self, text, seconds=2):
        """Until the status line says so; returns the seconds that it took."""
        return wait_until(lambda: text in self.text, f"{text!r}, is {self.text!r}", seconds, every=0.005)


def at_once() -> float:
    """0.2 s on a machine that does nothing else; as much longer as others are waiting for its processors, too."""
    return 0.2 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_marks_controls_undo_keyboard_and_errors(open_lab):
    notebook = open_lab([SMALL, SHOW, "print(explorer.state); explorer.set('word', 'two'); 6 * 7"])
    notebook.run_all()
    explorer = Explorer(notebook)
    explorer.wait_for("3 two letters nothing")  # driven from Python, seen in the browser
    answers = []
    for key in ("edge 0-2", "edge 1-3", "node c", "bar y", "point 4"):
        explorer.click(key)
        answers.append(explorer.wait_for(key))
    assert sorted(answers)[2] < at_once(), answers
    explorer.control("word").select_option("one")
    explorer.wait_for("3 one letters point 4")
    slider = explorer.control("number")
    slider.fill("12")
    explorer.wait_for("12 one")
    for _ in range(5):
        slider.press("ArrowRight")
    explorer.wait_for("17 one")
    assert slider.input_value() == "17"
    explorer.press("Undo")
    explorer.wait_for("3 one")  # all moves of the slider are one change
    wait_until(lambda: slider.input_value() == "3", "the slider goes back too", 2)
    explorer.press("Undo")
    explorer.wait_for("3 two letters point 4")

    # one mark a picture is reached by Tab, the arrow keys lead to the others, Enter and Space click
    explorer.mark("edge 0-1").focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("Enter")
    explorer.wait_for("edge 0-2")
    assert notebook.page.evaluate("() => document.activeElement.dataset.click") == "edge 0-2"
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("Space")
    explorer.wait_for("edge 1-2")
    assert explorer.root.locator("[data-click][tabindex='0']").count() == 3

    explorer.press("Broken")
    problem = explorer.root.locator(".nas-problem summary")
    wait_until(lambda: problem.count() == 1, "the error is shown", 2)
    assert problem.inner_text() == "ZeroDivisionError: division by zero"
    explorer.press("More")
    explorer.wait_for("4 two")
    assert problem.count() == 0
    field = explorer.control("text")
    field.fill("not 1 word")
    field.blur()
    wait_until(lambda: problem.count() == 1, "the wrong text is refused", 2)
    assert problem.inner_text() == "ValueError: letters only"
    assert field.input_value() == "not 1 word"  # and can be mended
    field.fill("word")
    field.blur()
    explorer.wait_for("4 two word")
    notebook.run_cell(2)
    notebook.wait_for_kernel()
    assert "42" in notebook.page.locator(".jp-Cell").nth(2).inner_text()
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"explorer_{theme}.png", explorer.root)
    notebook.assert_no_errors()


CELL = """
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import explore_cell

explorer = explore_cell(NASBenchEdu.load("mnist1d"))
"""


def test_the_cell_explorer_answers_a_click_at_once(open_lab):
    notebook = open_lab([CELL, "print(explorer.state.cell)"])
    notebook.run_all()
    explorer = Explorer(notebook)
    figures = explorer.root.locator("svg").nth(1)

    def accuracy():
        return figures.locator("text").filter(has_text="%").first.text_content()

    def becomes(cell):
        wanted = f"{table.query(SPACE.parse(cell)).validation_accuracy:.2%}"
        return wait_until(lambda: accuracy() == wanted, f"the accuracy {wanted}, is {accuracy()}", 2, every=0.005)

    table = NASBenchEdu.load("mnist1d")
    first, second = (FIRST.replace("avg_pool_3x3", name) for name in ("avg_pool_3x3", "nor_conv_3x3"))
    becomes(first)
    explorer.click("edge 2-3")
    wait_until(lambda: explorer.control("Edge").input_value() == "2-3", "the edge is selected", 2)
    answers = []
    for cell, operation in [(second, "nor_conv_3x3"), (first, "avg_pool_3x3")] * 2 + [(second, "nor_conv_3x3")]:
        explorer.control("Operation").select_option(operation)
        answers.append(becomes(cell))
        time.sleep(0.5)
    assert sorted(answers)[2] < at_once(), answers
    assert "2 cells tried" in explorer.text
    notebook.run_cell(1)
    notebook.wait_for_kernel()
    assert "nor_conv_3x3~2|" in notebook.page.locator(".jp-Cell").nth(1).inner_text()

    explorer.press("Neighbours")
    wait_until(lambda: explorer.root.locator("[data-click^='neighbour']").count() == 30, "the neighbours", 2)
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"explore_cell_{theme}.png", explorer.root)
    notebook.page.set_viewport_size({"width": 800, "height": 1000})
    assert explorer.root.evaluate("node => node.scrollWidth <= node.clientWidth")
    for panel in explorer.root.locator("svg").all():
        assert panel.evaluate("node => node.clientWidth") >= 390  # not shrunk, so that text keeps its size
    notebook.screenshot(ARTIFACTS / "explore_cell_narrow.png", explorer.root)
    notebook.page.set_viewport_size({"width": 1440, "height": 1000})
    explorer.click("neighbour 2-3 avg_pool_3x3")
    becomes(first)
    explorer.press("Undo")
    becomes(second)
    for _ in range(3):
        drawing = explorer.root.locator(".nas-panels").inner_html()
        explorer.press("Random")
        wait_until(lambda: explorer.root.locator(".nas-panels").inner_html() != drawing, "another cell", 2)  # noqa: B023
    notebook.assert_no_errors()

    time.sleep(1.5)  # until the still picture is made
    outputs = notebook.save()["cells"][0]["outputs"]
    assert sorted(outputs[1]["data"]) == ["image/png", "image/svg+xml", "text/plain"]
    assert "cells tried" in "".join(outputs[1]["data"]["text/plain"])
    tried = explorer.text
    notebook.reload()  # a page that opens late finds the state, and goes on
    explorer = Explorer(notebook)
    explorer.wait_for(tried)
    explorer.press("New game")
    wait_until(lambda: explorer.text != tried, "a new game", 2)
    notebook.assert_no_errors()


STACK = """
from nas_edu.search_spaces.published_cells import DARTS_V2
from nas_edu.widgets import stack_cells

explorer = stack_cells(DARTS_V2)
"""


def test_the_stacker_follows_its_sliders(open_lab):
    notebook = open_lab([STACK, "print(explorer.text)"])
    notebook.run_all()
    explorer = Explorer(notebook)
    data, (normal, reduce) = load("mnist1d"), plans_of(DARTS_V2)

    def becomes(normal_cells, reductions, channels=8):
        network = StackedCellNetwork(normal, reduce, data.input_shape, data.classes, channels, normal_cells, reductions)
        return explorer.wait_for(f"{count_parameters(network):,} parameters", 10)

    becomes(1, 2)
    first = explorer.text
    explorer.control("N cells a stage").fill("3")
    becomes(3, 2)
    explorer.control("Reductions").press("ArrowRight")
    becomes(3, 3)
    explorer.control("Channels").fill("12")
    becomes(3, 3, 12)
    assert explorer.root.locator("[data-click^='part']").count() == 3 + 4 * 3 + 2
    explorer.click("part cells.7")
    figures = explorer.root.locator("svg").nth(1)
    wait_until(lambda: "192 × 10" in figures.inner_html(), "the feature map of the third stage", 2)
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        notebook.screenshot(ARTIFACTS / f"stacker_{theme}.png", explorer.root)
    for _ in range(4):
        explorer.press("Undo")
    explorer.wait_for(first)
    notebook.run_cell(1)
    notebook.wait_for_kernel()
    assert first in notebook.page.locator(".jp-Cell").nth(1).inner_text()
    notebook.assert_no_errors()
