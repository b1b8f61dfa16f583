"""Views of a training that samples paths: what is drawn is what the steps hold, and any length has a picture."""

from __future__ import annotations

import random

import pytest
from scipy.stats import kendalltau

from nas_edu.core import History, Step
from nas_edu.draw.panel import lay_out
from nas_edu.search_spaces import TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.widgets.views import sampled_paths, shared_against_alone, shared_tau

ALONE = [0.2, 0.5, 0.7, 0.9]


def searched(steps, every=5):
    rng = random.Random(0)
    found = []
    for n in range(steps):
        info = {"shared": [rng.random() for _ in ALONE]} if (n + 1) % every == 0 else {}
        found.append(Step(n, {"train": 1.0}, None, TinyCell().sample(rng), info))
    return History(found)


@pytest.mark.parametrize("view", [sampled_paths, shared_against_alone(ALONE), shared_tau(ALONE)])
@pytest.mark.parametrize("steps", [0, 1, 5, 40])
def test_every_length_has_a_picture(view, steps):
    history = searched(steps)
    assert view(history) == view(history)
    lay_out(view(history))


def test_paths_are_counted_and_the_newest_is_framed():
    history = searched(30)
    [heat_map] = sampled_paths(history).marks
    live = [step.architecture.live_edges for step in history.steps]
    drawn = [operation for step in history.steps for operation in step.architecture.operations if operation != "none"]
    assert sum(map(len, live)) < len(drawn)  # some of what was drawn is dead
    for e, edge in enumerate(EDGES):
        names = [edges.get(edge) for edges in live]
        assert heat_map.values[e] == [names.count(name) for name in OPERATIONS[1:]]
        framed = [o for row, o in heat_map.marked if row == e]
        assert [OPERATIONS[1:][o] for o in framed] == [names[-1]] * (names[-1] is not None)
    assert live[-1]
    assert all(len(column) <= len("3x3 pool") for column in heat_map.columns)
    theta = Step(30, {"reward": 0.5}, None, TinyCell()[7], {"phase": "theta"})
    assert sampled_paths(History([*history.steps, theta])) == sampled_paths(history)


def test_tau_and_dots_are_those_of_the_probes():
    history = searched(23)
    tau, _, means = shared_tau(ALONE)(history).marks
    probes = [step for step in history.steps if "shared" in step.info]
    assert [x for x, _ in tau.paths[0]] == [5, 10, 15, 20]
    for (_, y), step in zip(tau.paths[0], probes, strict=True):
        assert y == pytest.approx(kendalltau(ALONE, step.info["shared"])[0])
    assert means.paths[0][-1][1] == pytest.approx(sum(probes[-1].info["shared"]) / 4)
    _, dots = shared_against_alone(ALONE)(history).marks
    assert list(dots.points) == list(zip(ALONE, probes[-1].info["shared"], strict=True))


def test_a_cell_that_could_not_be_judged_is_left_out():
    step = Step(0, {"train": 1.0}, None, TinyCell()[0], {"shared": [0.1, float("nan"), 0.3, 0.4]})
    assert len(shared_against_alone(ALONE)(History([step])).marks[1].points) == 3
    lay_out(shared_tau(ALONE)(History([step])))
