"""Dominance, fronts, crowding and hypervolume against brute force; NSGA-II against its definition; resources."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.networks import build, count_macs, count_parameters
from nas_edu.performance_estimation.resources import InfeasibleError, WithResources, latency, macs, parameters
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies.nsga2 import crowding_distance, non_dominated_sorting, nsga2
from nas_edu.search_strategies.pareto import hypervolume, hypervolumes, pareto_front, point
from nas_edu.search_strategies.random_search import random_search
from nas_edu.search_strategies.regularized_evolution import regularized_evolution
from nas_edu.search_strategies.reinforce import reinforce

SPACE = TinyCell()
dimensions = st.integers(1, 3)
clouds = dimensions.flatmap(lambda d: st.lists(st.tuples(*[st.integers(0, 4)] * d), min_size=1, max_size=14))


def dominates(p, q):
    """The definition, once more."""
    return not any(x > y for x, y in zip(p, q, strict=True)) and p != q


def size(cell):
    return sum({"nor_conv_3x3": 3, "nor_conv_1x1": 1}.get(o, 0) for o in cell.operations)


WORTH = {(edge, o): random.Random(f"{edge} {o}").random() for edge in range(6) for o in SPACE.operations}


def judged(cell, **_):
    """Each operation is worth something of its own on each edge; fails where little is left."""
    if cell.operations.count("none") > 2:
        raise RuntimeError("nothing left")
    return Evaluation(sum(WORTH[pair] for pair in enumerate(cell.operations)) / 6, objectives={"size": size(cell)})


@given(clouds)
def test_fronts_are_what_brute_force_peels_off(points):
    fronts = non_dominated_sorting(points)
    left = list(range(len(points)))
    for front in fronts:
        assert front == [i for i in left if not any(dominates(points[j], points[i]) for j in left)]
        left = [i for i in left if i not in front]
    assert left == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_crowding_is_the_size_of_the_box_between_the_neighbours(points):
    points = list(dict.fromkeys(points))
    points = [points[i] for i in non_dominated_sorting(points)[0]]
    distances = crowding_distance(points)
    # In two dimensions a front without equal points is a staircase: neighbours are the same in both objectives.
    stairs = sorted(range(len(points)), key=lambda i: points[i])
    spans = [max(v) - min(v) for v in zip(*points, strict=True)]
    for place, i in enumerate(stairs):
        if place in (0, len(stairs) - 1):
            assert distances[i] == math.inf
        else:
            a, b = points[stairs[place - 1]], points[stairs[place + 1]]
            assert distances[i] == pytest.approx(abs(b[0] - a[0]) / spans[0] + abs(b[1] - a[1]) / spans[1])


def test_crowding_by_hand():
    # spans 8 and 4: (6 - 0) / 8 + (4 - 1) / 4 and (8 - 2) / 8 + (2 - 0) / 4
    assert crowding_distance([(0, 4), (2, 2), (6, 1), (8, 0)]) == [math.inf, 1.5, 1.25, math.inf]
    assert crowding_distance([(1, 1), (1, 1), (1, 1)]) == [math.inf, 0, math.inf]
    assert crowding_distance([(3, 3)]) == [math.inf]


@given(clouds)
def test_hypervolume_counts_the_unit_cubes_that_are_dominated(points):
    reference = (5,) * len(points[0])
    cubes = itertools.product(range(5), repeat=len(reference))  # each by its lower corner
    expected = sum(any(all(x <= c for x, c in zip(p, cube, strict=True)) for p in points) for cube in cubes)
    assert hypervolume(points, reference) == pytest.approx(expected)


def test_what_is_beyond_the_reference_adds_nothing():
    assert hypervolume([(6, 0), (5, 5), (math.inf, math.inf)], (5, 5)) == 0
    assert hypervolume([(6, -100), (3, 3)], (5, 5)) == 4


def random_trials(count=60, seed=0):
    return search(random_search(SPACE, judged, rng=random.Random(seed)), Budget(evaluations=count))


def test_hypervolumes_of_a_history_are_those_of_its_beginnings():
    history, objectives, reference = random_trials(), ("score", "size"), (-0.2, 15)
    volumes = hypervolumes(history, objectives, reference)
    for count, volume in enumerate(volumes, 1):
        points = [point(trial, objectives) for trial in history.trials[:count]]
        assert volume == pytest.approx(hypervolume(points, reference))
    assert volumes == sorted(volumes)
    assert volumes[-1] > volumes[5] > 0


def test_the_front_of_a_history_by_brute_force():
    history, objectives = random_trials(), ("score", "size")
    assert any(trial.failed for trial in history.trials)
    points = {trial: (-trial.score, size(trial.architecture)) for trial in history.trials if not trial.failed}
    expected = [t for t, p in points.items() if not any(dominates(q, p) for q in points.values())]
    assert pareto_front(history.trials, objectives) == expected
    assert pareto_front([t for t in history.trials if t.failed], objectives) == []
    with pytest.raises(ValueError, match=r"no objective 'latency'; it has score, size\. WithResources adds"):
        pareto_front(history.trials, ("score", "latency"))


def evolve(evaluations=200, seed=0, population_size=8, objectives=("score", "size")):
    stream = nsga2(SPACE, judged, objectives=objectives, population_size=population_size, rng=random.Random(seed))
    return search(stream, Budget(evaluations=evaluations))


@pytest.mark.parametrize("seed", range(3))
def test_generations_are_the_best_of_parents_and_children_by_front_and_crowding(seed):
    trials, living = evolve(80, seed).trials, []
    for start in range(0, 80, 8):
        children = trials[start : start + 8]
        assert all(child.parents == () or child.parents[0] in living for child in children)
        everybody = living + children
        points = [(math.inf, math.inf) if t.failed else (-t.score, size(t.architecture)) for t in everybody]
        fronts, left = [], list(range(len(points)))
        while left:
            fronts.append([i for i in left if not any(dominates(points[j], points[i]) for j in left)])
            left = [i for i in left if i not in fronts[-1]]
        living = []
        for front in fronts:
            distances = crowding_distance([points[i] for i in front])
            order = sorted(range(len(front)), key=lambda k: -distances[k])
            living += [everybody[front[k]] for k in order]
        living = living[:8]


def test_it_beats_random_search_by_hypervolume():
    def volume(history):
        return hypervolumes(history, ("score", "size"), (0, 19))[-1]

    wins = [volume(evolve(seed=seed)) > volume(random_trials(200, seed)) for seed in range(12)]
    assert sum(wins) >= 10  # of 12 by chance once in 50 times


def best_possible():
    return sum(max(WORTH[edge, o] for o in SPACE.operations) for edge in range(6)) / 6


def test_with_one_objective_it_maximises_the_score():
    assert evolve(300, objectives=("score",)).best.score > 0.9 * best_possible()
    assert evolve() == evolve() != evolve(seed=1)


@pytest.mark.parametrize(("sizes", "objectives"), [(1, ("score",)), (8, ())])
def test_impossible_settings_are_refused(sizes, objectives):
    with pytest.raises(ValueError, match="needs 2 individuals and 1 objective"):
        evolve(population_size=sizes, objectives=objectives)


TASK = tiny_task()


def test_resources_are_those_of_the_network_that_is_trained():
    cell = SPACE.parse("|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|none~2|")  # only a skip is live
    network = build(cell.canonical, TASK)
    assert parameters(cell, TASK) == count_parameters(network)
    assert macs(cell, TASK) == count_macs(network, TASK.input_shape)


def test_latency_is_the_median_after_warming_up():
    ticks = itertools.accumulate(itertools.chain.from_iterable((1, s) for s in [100, *[1, 2, 3, 50]]), initial=0)
    next(ticks)
    assert latency(SPACE[777], TASK, repeats=4, clock=lambda: next(ticks)) == 2.5
    assert 0 < latency(SPACE[777], TASK, repeats=3) < 5


def limited(limit):
    return WithResources(judged_plain, {"size": size}, limits={"size": limit})


def judged_plain(cell, *, epochs=None, resume=None):
    return Evaluation(size(cell) / 18, objectives={"old": 1.0}, epochs=epochs or 0)


@pytest.mark.parametrize("strategy", [random_search, regularized_evolution, reinforce])
def test_every_strategy_obeys_a_limit_and_what_is_infeasible_counts_but_is_not_evaluated(strategy):
    calls = []

    def counted(cell, **fidelity):
        calls.append(cell)
        return judged_plain(cell, **fidelity)

    evaluate = WithResources(counted, {"size": size}, limits={"size": 7})
    history = search(strategy(SPACE, evaluate, rng=random.Random(0)), Budget(evaluations=60))
    assert len(history.trials) == 60
    refused = [trial for trial in history.trials if trial.failed]
    assert refused
    assert all(size(t.architecture) > 7 and t.failure.startswith("InfeasibleError: size") for t in refused)
    assert calls == [t.architecture for t in history.trials if not t.failed]
    assert all(size(cell) <= 7 for cell in calls)
    assert history.used["cost"] == 0


def test_figures_join_the_objectives_and_fidelities_are_passed_on():
    evaluation = limited(100)(SPACE[9], epochs=3)
    assert evaluation.objectives == {"old": 1.0, "size": size(SPACE[9])}
    assert evaluation.epochs == 3
    with pytest.raises(InfeasibleError, match="size 18, allowed are 6"):
        limited(6)(Cell(("nor_conv_3x3",) * 6))
    with pytest.raises(ValueError, match="limit for 'sizes', but measured are: size; did you mean 'size'"):
        WithResources(judged_plain, {"size": size}, limits={"sizes": 3})


def test_it_goes_to_other_processes():
    evaluate = WithResources(judged_plain, {"parameters": partial(parameters, task=TASK)})
    again = pickle.loads(pickle.dumps(evaluate))
    assert again(SPACE[5]).objectives == evaluate(SPACE[5]).objectives


def test_real_networks_on_a_front():
    resources = {"parameters": partial(parameters, task=TASK), "macs": partial(macs, task=TASK)}
    evaluate = WithResources(judged_plain, resources)
    trials = [run_trial(evaluate, SPACE[index]) for index in range(0, 15625, 701)]
    front = pareto_front(trials, ("score", "parameters", "macs"))
    assert 1 < len(front) < len(trials)
    assert history_roundtrip(trials) == [t.evaluation.objectives for t in trials]


def history_roundtrip(trials):
    frame = History(trials).frame()
    return [{"old": 1.0, "parameters": row["parameters"], "macs": row["macs"]} for _, row in frame.iterrows()]


def test_numpy_is_understood():
    points = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    assert non_dominated_sorting(points) == [[0, 1], [2]]
    assert crowding_distance(points[:2]) == [math.inf, math.inf]
