"""Explorers: a pure state, what a click makes of it, and a browser that a test stands in for."""

import json
import threading
import time
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_widgets_drawing import applied

from nas_edu.draw.panel import lay_out
from nas_edu.widgets import (
    Axis,
    Bars,
    Button,
    Explorer,
    Graph,
    GraphEdge,
    HeatMap,
    Panel,
    Scatter,
    Select,
    Slider,
    StageBox,
    Stages,
    TextField,
    TextTable,
    present,
)


@dataclass(frozen=True)
class Counter:
    """Something to click: a number, a word, and how often a key was clicked."""

    number: int = 0
    word: str = "one"
    text: str = "free"
    clicks: tuple[str, ...] = ()


def graph_view(state):
    edges = [
        GraphEdge(0, 1, "skip_connect", key="edge 0-1"),
        GraphEdge(1, 2, "none", marked=state.number > 3, key="edge 1-2"),
    ]
    return Panel("Graph", [Graph(["a", "b", "c"], edges, keys=["", "node b", ""])], subtitle=f"{state.number}")


def bars_view(state):
    if state.number == 13:
        raise ZeroDivisionError("thirteen")
    return Panel("Bars", [Bars(["x", "y"], [state.number, 5], ["#0072B2"] * 2, keys=["bar x", "bar y"])])


def controls(state):
    def parse(state, text):
        if not text.isalpha():
            raise ValueError("letters only")
        return replace(state, text=text)

    return [
        Button("More", lambda s: replace(s, number=s.number + 1), main=True),
        Button("Broken", lambda s: 1 / 0),
        Button("Never", lambda s: s, enabled=False),
        Select("word", ["one", "two"], state.word, lambda s, word: replace(s, word=word), label="The word"),
        Slider("number", 0, 20, state.number, lambda s, number: replace(s, number=number)),
        TextField("text", state.text, parse),
    ]


def clicked(state, key):
    return replace(state, clicks=(*state.clicks, key))


def explorer(**more):
    given = {"title": "Counter", "on_click": clicked, "status": lambda s: f"{s.number} {s.word}", **more}
    return Explorer(Counter(), [graph_view, bars_view], controls, **given)


class Browser:
    """Stands in for the widget: keeps the pictures up to date by the patches alone, and answers that it painted."""

    def __init__(self, kind, title, whole_frame, hear):
        self.hear, self.frames = hear, 0
        whole = json.loads(json.dumps(whole_frame()))
        self.status = whole["status"]
        self.panels = {index: panel.get("whole") for index, panel in whole["panels"].items()}
        self.problems = {}

    def send(self, message):
        message = json.loads(json.dumps(message))
        self.status = message.get("status", self.status)
        for index, change in message["panels"].items():
            self.problems[index] = change.get("problem")
            if "patches" in change:
                self.panels[index] = applied(self.panels[index], change["patches"])
            else:
                self.panels[index] = change.get("whole")
        self.frames += 1
        self.hear({"type": "painted", "value": message["frame"]})

    def does(self, kind, value):
        before = self.frames
        self.hear({"type": kind, "value": value})
        end = time.monotonic() + 5
        while self.frames == before:
            assert time.monotonic() < end, f"no answer to {kind} {value}"
            time.sleep(0.002)


def shown(one=None):
    one = one or explorer()
    stills = []
    return one, one.show(Browser, lambda: stills.append(one.state)), stills


def test_python_drives_it_by_the_names_that_a_person_sees():
    one = explorer()
    assert one.clickable == ["edge 0-1", "edge 1-2", "node b", "bar x", "bar y"]
    one.click("edge 1-2")
    one.press("More")
    one.set("word", "two")
    one.set("number", 7)
    one.set("text", "abc")
    assert one.state == Counter(7, "two", "abc", ("edge 1-2",))
    assert one.text == "7 two"
    assert one.panels[0].marks[0].edges[1].marked


def test_undo_goes_back_change_by_change_and_a_slider_that_moves_is_one_change():
    one = explorer()
    one.press("More")
    for number in (2, 3, 4):
        one.set("number", number)
    one.set("word", "one")  # the same: no change
    one.set("number", 9)
    one.click("bar x")
    wanted = [Counter(9), Counter(4), Counter(1), Counter()]
    for state in wanted:
        assert one.controls["Undo"].enabled
        assert one.press("Undo") == state
    assert not one.controls["Undo"].enabled
    with pytest.raises(ValueError, match="nothing to undo"):
        one.undo()


def test_undo_may_keep_what_was_seen():
    one = explorer(on_undo=lambda earlier, now: replace(earlier, clicks=now.clicks))
    one.press("More")
    one.click("bar x")
    one.click("bar y")
    one.undo()
    assert one.undo() == Counter(1, clicks=("bar x", "bar y"))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda one: one.click("edge 0-2"),
            r"'edge 0-2' cannot be clicked now; did you mean 'edge 1-2'\?; what can be",
        ),
        (lambda one: one.press("more"), r"no control 'more'; did you mean 'More'\?"),
        (lambda one: one.press("word"), r"word is no button; set\('word', value\)"),
        (lambda one: one.press("Never"), "Never cannot be used now"),
        (lambda one: one.press("Undo"), "nothing to undo"),
        (lambda one: one.set("word", "tow"), r"word can be one, two; got 'tow'; did you mean 'two'\?"),
        (lambda one: one.set("number", 21), "number goes from 0 to 20; got 21"),
        (lambda one: one.set("number", "3"), "number goes from 0 to 20; got '3'"),
        (lambda one: one.set("text", 3), "text takes a text; got 3"),
        (lambda one: one.set("text", "1"), "letters only"),
        (lambda one: one.set("More", 1), r"More is a button, which has no value: press\('More'\)"),
    ],
)
def test_wrong_input_gets_a_clear_error_and_changes_nothing(act, message):
    one = explorer()
    with pytest.raises(ValueError, match=message):
        act(one)
    assert one.state == Counter()
    assert not one.controls["Undo"].enabled


def test_a_handler_must_return_a_state():
    one = explorer(on_click=lambda state, key: None)
    with pytest.raises(TypeError, match="the next state must be a Counter, got None"):
        one.click("bar x")
    with pytest.raises(ValueError, match="what can be: nothing"):
        explorer(on_click=None).click("bar x")


def test_keys_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="Bars has 2 things and 1 keys; give one for each, or none"):
        Panel("p", [Bars(["x", "y"], [1, 2], ["#000000"] * 2, keys=["only"])])
    with pytest.raises(ValueError, match="HeatMap has 2 things and 1 keys"):
        Panel("p", [HeatMap(["x"], ["y", "z"], [[1, 2]], keys=[["only"]])])


ALL_MARKS = [
    Panel("s", [Scatter([(0, 0), (1, float("-inf"))], keys=["point a", "point <b>"])], Axis("x"), Axis("y")),
    Panel("b", [Bars(["x"], [1], ["#0072B2"], keys=["bar x"])]),
    Panel("t", [TextTable([("a", "1"), ("b", "2")], keys=["", "row b"])]),
    Panel("h", [HeatMap(["r"], ["c", "d"], [[0.5, float("nan")]], keys=[["r c", "r d"]], marked=[(0, 1)])]),
    Panel("g", [Graph(["a", "b"], [GraphEdge(0, 1, "none", key="edge 0-1")], keys=["node a", ""])]),
    Panel("c", [Stages([("8 x 40", [StageBox("stem"), StageBox("N", says="cell", key="cell 0")]), ("end", [])])]),
]
KEYS = [["point a", "point <b>"], ["bar x"], ["row b"], ["r c", "r d"], ["edge 0-1", "node a"], ["cell 0"]]


@pytest.mark.parametrize(
    ("panel", "keys"), list(zip(ALL_MARKS, KEYS, strict=True)), ids=[panel.title for panel in ALL_MARKS]
)
def test_what_has_a_key_can_be_clicked_is_named_and_lies_on_top(panel, keys):
    elements = list(lay_out(panel).elements.values())
    hits = elements[-len(keys) :]
    assert [element.key for element in hits] == keys
    assert all(element.key is None for element in elements[: -len(keys)])
    for element in hits:
        assert element.attributes["role"] == "button"
        assert element.attributes["aria-label"]


def test_the_still_picture_leaves_out_what_only_the_mouse_needs():
    one = explorer()
    one.press("More")
    svg = one.still().svg
    ElementTree.fromstring(svg)
    assert "data-click" not in svg
    assert "transparent" not in svg
    assert one.still().label.startswith("Counter: 1 one. Graph")
    assert one.still().png.startswith(b"\x89PNG")


def test_controls_alone_have_a_still_picture_too():
    svg = Explorer(Counter(), [], controls, title="Settings").still().svg
    assert ElementTree.fromstring(svg).get("aria-label") == "Settings"
    assert "Settings" in ElementTree.fromstring(svg).find(".//{*}text").text


def test_in_a_script_it_is_drawn_once_and_errors_are_raised():
    assert present(explorer()).state == Counter()
    with pytest.raises(ZeroDivisionError):
        present(Explorer(Counter(13), [bars_view], controls, title=""))


def test_the_browser_gets_the_changes_and_the_still_picture_follows():
    one, browser, stills = shown()
    browser.does("press", "More")
    browser.does("click", "edge 1-2")
    browser.does("set", ["number", 5])
    assert one.state == Counter(5, clicks=("edge 1-2",))
    assert browser.status["text"] == "5 one"
    assert {c["name"]: c.get("value") for c in browser.status["controls"]} == {
        **dict.fromkeys(["More", "Broken", "Never", "Undo"]),
        **{"word": "one", "number": 5, "text": "free"},
    }
    browser.does("press", "Undo")
    browser.does("press", "Undo")
    assert one.state == Counter(1)
    deadline = time.monotonic() + 5
    while stills[-1:] != [Counter(1)]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    one.press("More")  # from Python, while the browser watches
    deadline = time.monotonic() + 5
    while browser.status["text"] != "2 one":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_click_need_not_wait_for_the_still_picture():
    one, making, go_on = explorer(), threading.Event(), threading.Event()

    def still():
        making.set()
        go_on.wait(10)

    browser = one.show(Browser, still)
    browser.does("press", "More")
    assert making.wait(5)
    browser.does("press", "More")
    assert browser.status["text"] == "2 one"
    go_on.set()


def test_in_the_browser_errors_are_shown_and_the_state_stays():
    one, browser, _ = shown()
    browser.does("press", "Broken")
    assert browser.status["problem"]["line"] == "ZeroDivisionError: division by zero"
    assert "lambda s: 1 / 0" in browser.status["problem"]["traceback"]
    assert "widgets/explorer.py" not in browser.status["problem"]["traceback"]
    browser.does("press", "More")
    assert browser.status["problem"] is None
    browser.does("set", ["number", 13])  # a view raises, and the other one goes on
    assert browser.problems["1"]["line"] == "view bars_view: ZeroDivisionError: thirteen"
    assert browser.panels["0"]["label"] == "Graph. 13"
    browser.does("press", "More")
    assert browser.problems["1"] is None
    assert one.state == Counter(14)


def test_a_click_on_an_older_picture_is_ignored():
    one, browser, _ = shown()
    browser.hear({"type": "click", "value": "gone"})
    time.sleep(0.05)
    assert one.state == Counter()
    assert browser.status["problem"] is None


def test_broken_controls_are_shown_too():
    one = Explorer(Counter(), [graph_view], lambda state: 1 / 0, title="")
    _, browser, _ = shown(one)
    assert browser.status["problem"]["line"] == "ZeroDivisionError: division by zero"
    with pytest.raises(ZeroDivisionError):
        one.run_here()


actions = st.sampled_from([("press", "More"), ("press", "Undo"), ("set", ["word", "two"]), ("click", "bar y")])


@settings(deadline=None, max_examples=30)
@given(st.lists(actions | st.tuples(st.just("set"), st.tuples(st.just("number"), st.integers(0, 6))), max_size=6))
def test_whatever_is_done_the_patches_add_up_to_the_picture(done):
    one = explorer()
    browser = one.show(Browser, lambda: None)
    for kind, value in done:
        one._heard({"type": kind, "value": list(value) if isinstance(value, tuple) else value})
        with one._sending:  # the painter may be sending, too
            browser.send(one._screen.update(*one._look()))
    whole = json.loads(json.dumps(one._screen.whole()))["panels"]
    assert {index: {"whole": picture} for index, picture in browser.panels.items()} == whole
