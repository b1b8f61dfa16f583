"""Views are pure functions from a history to a panel, cheap with a thousand events, and sent as small differences."""

import json
import math
import statistics
import time
from dataclasses import asdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from test_widgets_drawing import applied
from widget_histories import SPACE, evolution, evolved, histories

from nas_edu.core import Evaluation, History, Step, run_trial
from nas_edu.draw.panel import lay_out
from nas_edu.widgets import Graph, Lines, Scatter, current_cell, incumbent_curve, learning_curve, population
from nas_edu.widgets.screen import Screen, lay_out_all, look

VIEWS = [incumbent_curve, population, current_cell, learning_curve]


@pytest.mark.parametrize("view", VIEWS)
@settings(deadline=None)  # the first picture of a cell imports networkx
@given(history=histories())
def test_any_history_has_a_picture_and_looking_changes_nothing(view, history):
    before = list(history)
    panel = view(history)
    assert asdict(panel) == asdict(view(history))
    assert list(history) == before
    json.dumps(asdict(panel))
    lay_out(panel)


@pytest.mark.parametrize("view", VIEWS)
def test_a_one_shot_history_without_trials_is_no_error(view):
    lay_out(view(History([Step(0, {"train": 1.0})])))


@given(histories())
def test_incumbent_curve_shows_every_trial_and_never_falls(history):
    trials, steps, failed = incumbent_curve(history).marks
    assert len(trials.points) + len(failed.points) == len(history.trials)
    line = steps.paths[0]
    assert all(before[1] <= after[1] and before[0] <= after[0] for before, after in pairwise(line))
    if line:
        assert line[-1] == (len(history.trials), history.best.score)


def test_population_tells_the_living_from_the_dead_and_who_begat_whom():
    history = evolved(30)
    everyone, lines, alive, _, died, newest_line, parent, newest = population(history).marks
    births = {id(trial): n for n, trial in enumerate(history.trials, 1)}
    living = [trial for trial in history.trials[-8:] if not trial.failed]
    assert [x for x, _ in alive.points] == [births[id(trial)] for trial in living]
    assert len(everyone.points) == sum(not trial.failed for trial in history.trials)
    expected = {(births[id(t.parents[0])], births[id(t)]) for t in living if t.parents and not t.parents[0].failed}
    assert {(path[0][0], path[1][0]) for path in lines.paths} == expected
    last = history.trials[-1]
    assert newest.points == [(30, last.score)]
    assert parent.points == [(births[id(last.parents[0])], last.parents[0].score)]
    assert [path[-1] for path in newest_line.paths] == newest.points
    assert [x for x, _ in died.points] in ([22], [])
    assert f"child of {births[id(last.parents[0])]}" in population(history).subtitle


def test_without_replacements_everyone_lives():
    history = History([run_trial(lambda a: Evaluation(0.5), SPACE[i]) for i in range(5)])
    assert len(population(history).marks[2].points) == 5


def test_current_cell_marks_what_the_mutation_changed():
    history = evolved(12)
    graph = current_cell(history).marks[0]
    assert isinstance(graph, Graph)
    child = history.trials[-1]
    parent = child.parents[0]
    changed = {
        edge for edge, operation in child.architecture.edges.items() if parent.architecture.edges[edge] != operation
    }
    assert {(e.source, e.target) for e in graph.edges if e.marked} == changed
    assert len(changed) == 1
    assert {(e.source, e.target): e.operation for e in graph.edges} == child.architecture.edges
    assert {(e.source, e.target) for e in graph.edges if not e.faded} == set(child.architecture.live_edges)


def test_a_failed_cell_says_why():
    def broken(cell):
        raise MemoryError("too large")

    panel = current_cell(History([run_trial(broken, SPACE[0])]))
    assert "MemoryError: too large" in panel.subtitle


def test_scores_are_called_accuracy_only_where_they_are():
    accuracy = History([run_trial(lambda a: Evaluation(0.5, validation_accuracy=0.5), SPACE[0])])
    loss = History([run_trial(lambda a: Evaluation(-0.5, validation_accuracy=0.5), SPACE[0])])
    assert incumbent_curve(accuracy).y.title == "validation accuracy"
    assert incumbent_curve(loss).y.title == "score"


def test_failures_lie_on_the_lower_edge_and_do_not_stretch_the_axis():
    def broken(cell):
        raise ValueError("no")

    history = History([run_trial(lambda a: Evaluation(0.5), SPACE[0]), run_trial(broken, SPACE[1])])
    failed = incumbent_curve(history).marks[2]
    assert isinstance(failed, Scatter)
    assert failed.points == [(2, -math.inf)]
    assert all("inf" not in e.attributes.get("d", "") for e in lay_out(incumbent_curve(history)).elements.values())


def test_learning_curve_ends_where_the_newest_training_ended():
    history = evolved(5)
    newest = [trial for trial in history.trials if not trial.failed][-1]
    lines = learning_curve(history).marks[1]
    assert isinstance(lines, Lines)
    assert lines.paths[0][-1] == (3, newest.evaluation.curve[-1].validation_accuracy)


def test_a_thousand_events_are_cheap():
    """A frame of three views may take some milliseconds; the bound is loose, for a busy machine."""
    history = evolved(1000)
    costs = []
    for _ in range(5):
        started = time.thread_time()
        lay_out_all(VIEWS[:3], look(VIEWS[:3], history))
        costs.append(time.thread_time() - started)
    assert min(costs) < 0.02


@settings(deadline=None)
@given(histories(most=12))
def test_frames_are_small_differences_that_add_up(history):
    screen, shown, so_far = Screen(), {}, History()
    for event in [None, *history]:
        if event is not None:
            so_far.append(event)
        message = screen.update({}, lay_out_all(VIEWS, look(VIEWS, so_far)))
        for index, change in json.loads(json.dumps(message))["panels"].items():
            shown[index] = applied(shown[index], change["patches"]) if "patches" in change else change["whole"]
    assert {index: {"whole": picture} for index, picture in shown.items()} == screen.whole()["panels"]


def test_a_frame_is_some_hundred_bytes():
    """A panel's median difference while an evolution runs; the whole picture has some ten thousand."""
    so_far, screens = History(), {view: Screen() for view in VIEWS}
    sizes = {view: [] for view in VIEWS}
    for event, _ in zip(evolution(), range(300), strict=False):
        so_far.append(event)
        for view, screen in screens.items():
            sizes[view].append(len(json.dumps(screen.update({}, lay_out_all([view], look([view], so_far))))))
    medians = {view.__name__: statistics.median(values[100:]) for view, values in sizes.items()}
    assert max(medians.values()) < 2000, medians
    assert medians["incumbent_curve"] < 500, medians
