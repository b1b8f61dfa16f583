"""Successive halving, Hyperband and ASHA against counting by hand, brute force, and published brackets."""

import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.core import Budget, CurvePoint, Evaluation, search
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import asynchronous_halving, hyperband, successive_halving
from nas_edu.search_strategies.fidelity import incumbents, reached, regret_of_longest
from nas_edu.search_strategies.hyperband import brackets
from nas_edu.search_strategies.successive_halving import bracket, rungs


class Numbers:
    """A space of the numbers from 0 to 1; which curves they have, `learn` says."""

    def sample(self, rng):
        return rng.random()


def learn(number, *, epochs=10, resume=None):
    """A curve that rises to `number`; a tenth fails; charges what is added and refuses other people's states."""
    if str(number)[2] == "7":
        raise RuntimeError("no memory left")
    done = 0.0
    if resume is not None:
        owner, done = resume.checkpoint
        assert owner == number
        assert done < epochs
    accuracy = number * epochs / (1 + epochs)
    curve = (CurvePoint(epochs, 0.0, 0.0, accuracy),)
    return Evaluation(
        accuracy, accuracy, cost=epochs - done, epochs=epochs - done, curve=curve, checkpoint=(number, epochs)
    )


def test_the_brackets_follow_algorithm_1():
    """By its formula; the paper's own table 1 begins with 81, 27, 9, 6 and 5."""
    assert brackets(1, 81, 3) == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


def test_the_brackets_are_those_of_another_implementation():
    """The table in the manual of mlr3hyperband."""
    assert brackets(1, 8, 2) == [[(8, 1), (4, 2), (2, 4), (1, 8)], [(6, 2), (3, 4), (1, 8)], [(4, 4), (2, 8)], [(4, 8)]]


@given(st.integers(2, 5), st.integers(0, 5), st.floats(0.1, 3))
def test_every_bracket_uses_about_the_same_number_of_epochs(eta, s_max, min_epochs):
    """B = (s_max + 1) R of the paper, exceeded only by rounding n up: by less than one architecture a rung."""
    largest = min_epochs * eta**s_max
    for ladder in brackets(min_epochs, largest, eta):
        assert ladder[-1][1] == pytest.approx(largest)
        paid = sum(count * epochs for count, epochs in ladder)
        assert paid <= (s_max + 1) * largest + sum(epochs for _, epochs in ladder)


@pytest.mark.parametrize("wrong", [(0, 1, 9, 3), (9, 0, 9, 3), (9, 10, 9, 3), (9, 1, 9, 1)])
def test_impossible_brackets_are_refused(wrong):
    with pytest.raises(ValueError, match="a bracket needs"):
        rungs(*wrong)


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(2)])
def test_each_rung_holds_the_best_of_the_one_below_by_ranking_all_of_them(executor):
    drawn = [Numbers().sample(random.Random(seed)) for seed in range(27)]
    trials = list(bracket(drawn, learn, rungs(27, 1, 27, 3), executor=executor))
    left = drawn
    for count, epochs in rungs(27, 1, 27, 3):
        own, trials = trials[: len(left)], trials[len(left) :]
        assert {trial.architecture for trial in own} == set(left)
        assert all(trial.failed or reached(trial) == epochs for trial in own)
        alive = [number for number in left if str(number)[2] != "7"]
        left = sorted(alive, key=lambda number: -learn(number, epochs=epochs).score)[: int(count / 3)]
    assert trials == []


@pytest.mark.parametrize("strategy", [successive_halving, hyperband])
def test_in_other_processes_a_survivor_has_the_same_parent(strategy):
    def run(executor):
        trials = strategy(Numbers(), learn, min_epochs=1, max_epochs=9, executor=executor, rng=random.Random(1))
        return search(trials, Budget(evaluations=40))

    with ProcessPoolExecutor(1) as pool:
        history = run(pool)
    assert history == run(None)
    parents = [parent for trial in history.trials for parent in trial.parents]
    assert parents
    assert all(any(parent is trial for trial in history.trials) for parent in parents)


def test_a_survivor_pays_for_the_added_epochs_only():
    history = search(
        successive_halving(Numbers(), learn, count=9, min_epochs=1, max_epochs=9, rng=random.Random(1)),
        Budget(evaluations=13),
    )
    assert [reached(t) for t in history.trials if not t.failed][-4:] == [3, 3, 3, 9]
    last = history.trials[-1]
    assert last.evaluation.epochs == 6
    assert last.parents[0].evaluation.epochs == 2
    assert last.parents[0].parents[0].evaluation.epochs == 1
    fresh = sum(t.evaluation.epochs for t in history.trials if not t.failed and not t.parents)
    assert history.used["epochs"] == fresh + 3 * 2 + 6


def test_hyperband_runs_its_brackets_in_order():
    trials = list(
        islice(
            hyperband(
                Numbers(), lambda n, **k: learn(0.5 + n / 10, **k), min_epochs=1, max_epochs=9, rng=random.Random(0)
            ),
            21,
        )
    )
    assert [reached(t) for t in trials if not t.failed] == [1] * 9 + [3] * 3 + [9] + [3] * 5 + [9] + [9] * 2
    assert brackets(1, 9, 3) == [[(9, 1), (3, 3), (1, 9)], [(5, 3), (1, 9)], [(3, 9)]]


def test_asha_with_one_worker_promotes_as_soon_as_a_third_is_the_best():
    """By hand: after three at the bottom the best goes up; every third one later another promotion is due."""
    values = iter([0.11, 0.61, 0.31, 0.91, 0.21, 0.41, 0.15, 0.16, 0.81])

    class Listed:
        def sample(self, rng):
            return next(values)

    trials = list(islice(asynchronous_halving(Listed(), learn, min_epochs=1, max_epochs=9, rng=random.Random(0)), 13))
    told = [(trial.architecture, reached(trial)) for trial in trials]
    assert told == [
        (0.11, 1), (0.61, 1), (0.31, 1), (0.61, 3),
        (0.91, 1), (0.91, 3),  # one of four may go up, and that is 0.91 now: 0.61 went too early
        (0.21, 1), (0.41, 1), (0.15, 1), (0.16, 1), (0.81, 1), (0.81, 3),
        (0.91, 9),  # three on the second rung: its best goes on
    ]  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_asha_never_promotes_twice_or_more_than_its_share(workers):
    trials = list(
        islice(
            asynchronous_halving(Numbers(), learn, min_epochs=1, max_epochs=9, workers=workers, rng=random.Random(3)),
            200,
        )
    )
    for epochs in (3, 9):
        parents = [id(t.parents[0]) for t in trials if t.parents and (t.failed or reached(t) == epochs)]
        assert len(set(parents)) == len(parents)
    counts = [sum(reached(t) == epochs for t in trials) for epochs in (1, 3, 9)]
    failed = sum(t.failed for t in trials)
    for below, above in (counts[0] + failed, counts[1]), (counts[1], counts[2]):
        # A third, and those that went up before better ones came: about sqrt(n), section 3.3 of the paper.
        assert above <= below / 3 + 2 * below**0.5 + workers


def test_workers_end_their_jobs_in_the_order_of_list_scheduling():
    """With one rung, nothing is promoted: each worker takes the next architecture when it is free."""
    cost = {number: 1 + number for number in (Numbers().sample(random.Random(seed)) for seed in range(40))}
    drawn, left = iter(cost), [(0.0, worker) for worker in range(3)]

    class Listed:
        def sample(self, rng):
            return next(drawn)

    def evaluate(number, *, epochs, resume=None):
        return Evaluation(number, cost=cost[number], epochs=epochs)

    expected = []
    for number in cost:
        free, worker = min(left)
        left[worker] = (free + cost[number], worker)
        expected.append((free + cost[number], number))
    search_ = asynchronous_halving(Listed(), evaluate, min_epochs=1, max_epochs=1, workers=3, rng=random.Random(0))
    assert [t.architecture for t in islice(search_, 30)] == [number for _, number in sorted(expected)][:30]


def test_somebody_must_work():
    with pytest.raises(ValueError, match="workers must be 1"):
        next(asynchronous_halving(Numbers(), learn, workers=0, rng=random.Random(0)))


def test_the_incumbent_is_the_best_of_those_trained_for_longest():
    history = search(
        successive_halving(Numbers(), learn, count=9, min_epochs=1, max_epochs=9, rng=random.Random(2)),
        Budget(evaluations=30),
    )
    for place, one in enumerate(incumbents(history)):
        seen = history.trials[: place + 1]
        longest = max(map(reached, seen))
        assert one.score == max(trial.score for trial in seen if reached(trial) == longest)


@pytest.mark.parametrize("strategy", [successive_halving, hyperband, asynchronous_halving])
def test_the_table_is_charged_as_if_each_training_had_been_done_once(strategy):
    table, space = NASBenchEdu.load("mnist1d"), TinyCell()
    history = search(strategy(space, table.evaluate, rng=random.Random(0)), Budget(evaluations=120))
    ends = {id(parent) for trial in history.trials for parent in trial.parents}
    tops = [trial for trial in history.trials if not trial.failed and id(trial) not in ends]
    assert sum(t.evaluation.cost for t in history.trials if not t.failed) == pytest.approx(
        sum(t.evaluation.curve[-1].seconds for t in tops)
    )
    judged = regret_of_longest(history, table)
    assert all(value >= 0 for value in judged if value == value)


def test_a_paused_real_training_goes_on_as_if_it_had_never_stopped():
    train = Train(tiny_task(), recipe=TrainingRecipe(epochs=2, batch_size=50, points_per_epoch=2))
    strategy = partial(successive_halving, count=4, min_epochs=0.5, max_epochs=2, eta=2)
    trials = search(strategy(TinyCell(), train, rng=random.Random(0)), Budget(evaluations=7)).trials
    assert [reached(trial) for trial in trials] == [0.5] * 4 + [1.0] * 2 + [2.0]
    assert trials[-1].evaluation.curve == train(trials[-1].architecture).curve
    assert trials[-1].evaluation.epochs == pytest.approx(1.0)
