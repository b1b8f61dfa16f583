"""Random search and regularized evolution: the same events as a second implementation, whatever the evaluation does."""

from __future__ import annotations

import inspect
import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chisquare

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution

SPACE = TinyCell()
seeds = st.integers(0, 2**32)
sizes = st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size)))


def landscape(cell, **_):
    """A rugged function with many ties."""
    return Evaluation(hash_of(cell) % 7 + len(cell.live_edges), epochs=1)


def hash_of(cell):
    return (SPACE.index(cell) * 2_654_435_761) % 2**32 >> 7


def patchy(cell, **_):
    if hash_of(cell) % 4 == 0:
        raise RuntimeError("no memory left")
    return Evaluation(float("nan")) if hash_of(cell) % 4 == 1 else landscape(cell)


def evolve(evaluate=landscape, evaluations=60, seed=0, population_size=8, sample_size=4):
    strategy = regularized_evolution(
        SPACE, evaluate, population_size=population_size, sample_size=sample_size, rng=random.Random(seed)
    )
    return search(strategy, Budget(evaluations=evaluations))


def evolution_by_rows(evaluate, evaluations, seed, population_size, sample_size):
    """Regularized evolution without a queue: who lives at birth number t is whoever was born since t - P.

    Returns rows (architecture, score, row of the parent, row of the one that dies).
    """
    rng, born = random.Random(seed), []
    for birth in range(evaluations):
        oldest = birth - population_size
        if oldest < 0:
            parent, cell = None, SPACE.sample(rng)
        else:
            tournament = rng.sample(range(oldest, birth), sample_size)
            best = max(born[row][1] for row in tournament)
            parent = next(row for row in tournament if born[row][1] == best)
            cell = SPACE.mutate(born[parent][0], rng)
        try:
            value = evaluate(cell).score
        except RuntimeError:
            value = float("nan")
        value = value if value == value else float("-inf")
        born.append((cell, value, parent, oldest if oldest >= 0 else None))
    return born


def rows(history):
    number = {trial: row for row, trial in enumerate(history)}
    assert all(len(trial.parents) <= 1 for trial in history)
    return [
        (
            trial.architecture,
            trial.score,
            number[trial.parents[0]] if trial.parents else None,
            None if trial.replaces is None else number[trial.replaces],
        )
        for trial in history
    ]


@given(seeds, sizes, st.sampled_from([landscape, patchy]))
def test_evolution_equals_a_second_implementation(seed, size, evaluate):
    population_size, sample_size = size
    history = evolve(evaluate, 40, seed, population_size, sample_size)
    assert rows(history) == evolution_by_rows(evaluate, 40, seed, population_size, sample_size)


@given(seeds, sizes)
def test_nobody_stays_longer_than_as_many_births_as_the_population_has_members(seed, size):
    population_size, sample_size = size
    trials = evolve(landscape, 50, seed, population_size, sample_size).trials
    born = {trial: birth for birth, trial in enumerate(trials)}
    for birth, trial in enumerate(trials[population_size:], start=population_size):
        assert birth - born[trial.parents[0]] <= population_size
        assert birth - born[trial.replaces] == population_size
    assert len({trial.replaces for trial in trials[population_size:]}) == len(trials) - population_size
    assert all(trial.parents == () and trial.replaces is None for trial in trials[:population_size])


def test_the_best_one_dies_of_age_too():
    scores = itertools.count(100, -1)  # the first one is the best for ever
    history = evolve(lambda cell, **_: Evaluation(next(scores)), 60)
    assert history.best is history[0]
    assert history[8].replaces is history[0]
    assert all(history[0] not in trial.parents for trial in history.trials[9:])


@given(seeds)
def test_a_child_is_a_neighbour_of_its_parent(seed):
    for trial in evolve(seed=seed).trials[8:]:
        assert trial.architecture in SPACE.neighbors(trial.parents[0].architecture)


def test_with_a_sample_of_the_whole_population_the_best_living_one_is_always_the_parent():
    trials = evolve(population_size=6, sample_size=6).trials
    for birth in range(6, len(trials)):
        living = trials[birth - 6 : birth]
        assert trials[birth].parents[0].score == max(trial.score for trial in living)


def test_a_tournament_of_one_picks_parents_of_every_age_alike():
    trials = evolve(evaluations=4008, sample_size=1).trials
    born = {trial: birth for birth, trial in enumerate(trials)}
    ages = [birth - born[trials[birth].parents[0]] for birth in range(8, 4008)]
    assert chisquare([ages.count(age) for age in range(1, 9)]).pvalue > 0.01


def test_a_failed_trial_is_a_parent_only_where_all_of_the_tournament_failed():
    trials = evolve(patchy, 400, sample_size=3).trials
    assert any(trial.failed for trial in trials)
    wins = [trial.parents[0].failed for trial in trials[8:]]
    assert 0 < sum(wins) < len(wins) / 4  # three of three: about one in eight, if failures were independent


@pytest.mark.parametrize("strategy", [random_search, regularized_evolution])
@given(seed=seeds)
def test_same_seed_same_history_and_no_global_random_state(strategy, seed):
    def run():
        return search(strategy(SPACE, landscape, rng=random.Random(seed)), Budget(evaluations=40))

    state = random.getstate()
    first = run()
    assert random.getstate() == state
    random.seed(seed + 1)
    assert run() == first
    other = search(strategy(SPACE, landscape, rng=random.Random(seed + 1)), Budget(evaluations=40))
    assert other != first


@pytest.mark.parametrize("strategy", [random_search, regularized_evolution])
def test_a_longer_search_begins_like_a_shorter_one(strategy):
    short, long = (
        search(strategy(SPACE, landscape, rng=random.Random(5)), Budget(evaluations=evaluations))
        for evaluations in (30, 60)
    )
    assert History(long.trials[:30]) == short


@pytest.mark.parametrize("strategy", [random_search, regularized_evolution])
def test_a_strategy_evaluates_when_asked_and_not_before(strategy):
    calls = []

    def counted(cell, **_):
        calls.append(cell)
        return landscape(cell)

    stream = strategy(SPACE, counted, rng=random.Random(0))
    assert calls == []
    for number, trial in enumerate(itertools.islice(stream, 50), start=1):
        assert len(calls) == number
        assert calls[-1] == trial.architecture


def test_random_search_is_a_sequence_of_independent_draws():
    rng = random.Random(11)
    expected = [SPACE.sample(rng) for _ in range(50)]
    history = search(random_search(SPACE, landscape, rng=random.Random(11)), Budget(evaluations=50))
    assert [trial.architecture for trial in history] == expected
    assert all(trial.parents == () and trial.replaces is None for trial in history)


def test_defaults_are_a_population_of_twenty_and_tournaments_of_ten():
    parameters = inspect.signature(regularized_evolution).parameters
    assert (parameters["population_size"].default, parameters["sample_size"].default) == (20, 10)


@pytest.mark.parametrize(("population_size", "sample_size"), [(5, 6), (5, 0), (0, 0), (-1, 1)])
def test_impossible_sizes_are_refused(population_size, sample_size):
    stream = regularized_evolution(
        SPACE, landscape, population_size=population_size, sample_size=sample_size, rng=random.Random(0)
    )
    with pytest.raises(ValueError, match=f"1 to population_size = {population_size}, got {sample_size}"):
        next(stream)


def test_evolution_beats_random_search_where_neighbours_resemble_each_other():
    def smooth(cell, **_):
        return Evaluation(sum(a == "nor_conv_3x3" for a in cell.operations))

    def best(strategy, seed):
        return search(strategy(SPACE, smooth, rng=random.Random(seed)), Budget(evaluations=150)).best.score

    wins = [best(regularized_evolution, seed) - best(random_search, seed) for seed in range(30)]
    decided = [difference for difference in wins if difference]
    assert binomtest(sum(difference > 0 for difference in decided), len(decided), alternative="greater").pvalue < 0.01


def test_evolution_itself_takes_less_than_thirty_microseconds_a_trial():
    evaluation = Evaluation(0.5)

    def overhead():
        stream = regularized_evolution(SPACE, lambda cell: evaluation, rng=random.Random(0))
        started = time.process_time()
        for _ in itertools.islice(stream, 3000):
            pass
        return (time.process_time() - started) / 3000

    assert min(overhead() for _ in range(5)) < 30e-6


def test_a_replaced_trial_is_still_in_the_history_with_its_family(tmp_path):
    history = evolve(patchy, 30)
    again = History.load(history.save(tmp_path / "evolution.json.gz"), SPACE)
    assert rows(again) == rows(history)
    assert again == history


def test_any_space_with_sample_and_mutate_will_do():
    class Line:
        def sample(self, rng):
            return rng.randrange(100)

        def mutate(self, point, rng):
            return point + rng.choice([-1, 1])

    def evaluate(point, **_):
        return Evaluation(-abs(point - 50))

    stream = regularized_evolution(Line(), evaluate, population_size=5, sample_size=3, rng=random.Random(0))
    assert search(stream, Budget(evaluations=300)).best.architecture == 50
    assert run_trial(evaluate, 50).score == 0
