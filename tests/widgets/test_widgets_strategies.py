"""Views of black-box searches: family tree, Pareto front, a controller's policy, a race, the wheel."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from nas_edu.core import Budget, Evaluation, History, search
from nas_edu.draw.drawing import sheet
from nas_edu.draw.panel import lay_out
from nas_edu.search_spaces import Chain, TinyCell
from nas_edu.search_strategies import local_search, random_search, regularized_evolution, reinforce
from nas_edu.widgets import Lines, Race, Scatter, explore_wheel, live
from nas_edu.widgets.views import family_tree, pareto_view, policy_view, reward

SPACE = TinyCell()


def judge(cell, **fidelity):
    if cell.operations[0] == "none":
        raise ArithmeticError("it fails")
    convolutions = sum("conv" in name for name in cell.operations)
    accuracy = 0.1 + 0.1 * convolutions + 0.01 * cell.operations.count("skip_connect")
    return Evaluation(accuracy, accuracy, objectives={"parameters": float(convolutions)})


def evolved(trials=40):
    strategy = regularized_evolution(SPACE, judge, population_size=6, sample_size=3, rng=random.Random(0))
    return search(strategy, Budget(evaluations=trials))


def marks_of(panel, kind, label):
    return next(mark for mark in panel.marks if isinstance(mark, kind) and mark.label.startswith(label))


@pytest.mark.parametrize("view", [family_tree, pareto_view(), policy_view(SPACE.hyperparameters), reward])
def test_an_empty_history_has_a_picture(view):
    lay_out(view(History()))


def test_the_family_tree_counts_generations_and_marks_the_dead():
    history = evolved()
    panel = family_tree(history)
    births = {id(trial): n for n, trial in enumerate(history.trials, 1)}

    def generation(trial):
        return 1 + generation(trial.parents[0]) if trial.parents else 0

    dead = {id(trial.replaces) for trial in history.trials if trial.replaces is not None}
    expected = {(births[id(t)], generation(t)) for t in history.trials if id(t) not in dead and not t.failed}
    assert set(marks_of(panel, Scatter, "alive").points) == expected
    assert len(marks_of(panel, Scatter, "died").points) == len(dead)
    [line] = marks_of(panel, Lines, "line of the best").paths
    assert line[0] == (births[id(history.best)], generation(history.best))
    assert line[-1][1] == 0
    assert all(before[1] == after[1] + 1 for before, after in itertools.pairwise(line))
    lay_out(panel)


def test_the_front_is_what_brute_force_finds():
    history = evolved()
    points = {(t.evaluation.objectives["parameters"], t.score) for t in history.trials if not t.failed}
    front = {p for p in points if not any((q[0] <= p[0] and q[1] >= p[1]) and q != p for q in points)}
    drawn = pareto_view()(history).marks[2]
    assert set(drawn.points) == front


def test_large_objectives_are_told_in_thousands_so_that_labels_have_room():
    evaluation = Evaluation(0.8, objectives={"MACs": 250_000.0})
    history = search(random_search(SPACE, lambda cell, **_: evaluation, rng=random.Random(0)), Budget(evaluations=3))
    panel = pareto_view("MACs")(history)
    assert panel.x.title == "thousand MACs"
    assert panel.marks[2].points == [(250.0, 0.8)] * 3


def test_the_policy_shows_what_was_drawn_from_which_probabilities():
    history = search(reinforce(SPACE, judge, rng=random.Random(0)), Budget(evaluations=12))
    [heat_map] = policy_view(SPACE.hyperparameters)(history).marks
    step = history.steps[-1]
    assert [sum(row) for row in heat_map.values] == pytest.approx([1] * 6)
    for (i, j), hyperparameter in zip(heat_map.marked, SPACE.hyperparameters, strict=True):
        assert hyperparameter.choices[j] == step.info["values"][hyperparameter.name]
        assert heat_map.values[i][j] == pytest.approx(step.alpha[hyperparameter.name][j])
    rewards, baseline, _ = reward(history).marks
    assert [y for _, y in rewards.points] == [one.losses["reward"] for one in history.steps]
    assert [y for _, y in baseline.paths[0]] == [one.losses["baseline"] for one in history.steps]
    with pytest.raises(ValueError, match="same choices"):
        policy_view(Chain().hyperparameters)


def test_in_a_race_every_strategy_has_its_turn_and_its_own_history():
    makers = {
        "random search": lambda: random_search(SPACE, judge, rng=random.Random(1)),
        "local search": lambda: local_search(SPACE, judge, rng=random.Random(2)),
        "short": lambda: itertools.islice(random_search(SPACE, judge, rng=random.Random(3)), 4),
    }
    race = Race(makers)
    history = search(race(), Budget(evaluations=40))
    best = race.best_scores(history)
    assert [len(values) for values in best.values()] == [18, 18, 4]
    for name, maker in makers.items():
        alone = search(maker(), Budget(evaluations=len(best[name])))
        assert best[name] == [trial.score for trial in alone.incumbents]
    for view in (race.incumbents, race.standings):
        lay_out(view(history))
        lay_out(view(History()))
    [bars] = race.standings(history).marks
    assert list(bars.values) == sorted((values[-1] for values in best.values()), reverse=True)
    assert live(race, Budget(evaluations=4), [race.standings]).title == "Race"
    with pytest.raises(ValueError, match="two strategies"):
        Race({"alone": makers["short"]})


def test_the_wheel_draws_in_proportion_to_fitness():
    explorer = explore_wheel((0.9, 0.6, 0.3))
    for _ in range(20):
        explorer.press("Spin 100 times")
    drawn = np.array(explorer.panels[1].marks[0].values)
    expected = 2000 * np.array([0.5, 1 / 3, 1 / 6])
    assert drawn.sum() == 2000
    assert ((drawn - expected) ** 2 / expected).sum() < 13.8  # chi-square with 2 degrees of freedom: p = 0.001
    explorer.set("subtract", 0.5)
    assert explorer.state.stops == ()
    explorer.press("Spin 100 times")
    assert explorer.panels[1].marks[0].values[2] == 0  # nothing is left of its sector
    assert explorer.panels[0].marks[0].chosen in (0, 1)
    assert explorer.still().png
    assert sheet([lay_out(panel) for panel in explore_wheel().panels], "not spun").png
    eight = lay_out(explore_wheel([0.3704, 0.1912, 0.2252, 0.1888, 0.2632, 0.288, 0.2112, 0.2324]).panels[1])
    assert any(element.text.endswith("0.29 0.21 0.23") for element in eight.elements.values())  # nothing is cut off
    with pytest.raises(ValueError, match="positive"):
        explore_wheel((0.5, 0.0))
