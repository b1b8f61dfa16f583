"""The checks of exercise set 03: right answers pass, and each typical wrong one gets the message meant for it."""

import random
from collections import Counter, deque
from typing import ClassVar

import pytest
from check_contract import CheckContract
from wrong_answers.aging import AGING
from wrong_answers.mutate import MUTATE
from wrong_answers.tournament import TOURNAMENT

from nas_edu.check import CheckError
from nas_edu.check.evolution import births, check_aging, check_mutate, check_tournament, make_population
from nas_edu.check.evolution.tournament import winning_chances
from nas_edu.core import run_trial, score
from nas_edu.search_spaces import Cell, TinyCell


def mutate_by_neighbours(cell, rng):
    return rng.choice(TinyCell().neighbors(cell))


def mutate_by_trial_and_error(cell, rng):
    edge = rng.randrange(6)
    operation = cell.operations[edge]
    while operation == cell.operations[edge]:
        operation = rng.choice(TinyCell.operations)
    operations = list(cell.operations)
    operations[edge] = operation
    return Cell(tuple(operations))


def tournament_by_sample(population, sample_size, rng):
    return max(rng.sample(population, sample_size), key=score)


def tournament_by_sorting(population, sample_size, rng):
    return sorted(rng.sample(list(population), sample_size), key=score, reverse=True)[0]


def tournament_by_shuffling(population, sample_size, rng):
    drawn = list(population)
    rng.shuffle(drawn)
    return max(drawn[:sample_size], key=score)


def evolve_with_a_list(space, evaluate, *, population_size=20, sample_size=10, select=tournament_by_sample, rng):
    population = []
    while True:
        if len(population) < population_size:
            trial = run_trial(evaluate, space.sample(rng))
        else:
            parent = select(population, sample_size, rng)
            child = space.mutate(parent.architecture, rng)
            trial = run_trial(evaluate, child, parents=[parent], replaces=population.pop(0))
        population.append(trial)
        yield trial


def evolve_youngest_first(space, evaluate, *, population_size=20, sample_size=10, select=tournament_by_sample, rng):
    population = deque()
    while len(population) < population_size:
        population.appendleft(run_trial(evaluate, space.sample(rng)))
        yield population[0]
    while True:
        parent = select(population, sample_size, rng)
        oldest = population.pop()
        child = space.mutate(parent.architecture, rng)
        population.appendleft(run_trial(evaluate, child, parents=[parent], replaces=oldest))
        yield population[0]


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_mutate, TinyCell().mutate),
        (check_mutate, mutate_by_neighbours),
        (check_mutate, mutate_by_trial_and_error),
        (check_tournament, tournament_by_sample),
        (check_tournament, tournament_by_sorting),
        (check_tournament, tournament_by_shuffling),
        (check_aging, evolve_with_a_list),
        (check_aging, evolve_youngest_first),
    ]
    wrong: ClassVar = [(check_mutate, MUTATE), (check_tournament, TOURNAMENT), (check_aging, AGING)]


def test_untouched_generator_is_not_written_yet():
    def evolve(space, evaluate, *, population_size, sample_size, select, rng):
        for _ in range(population_size):
            yield run_trial(evaluate, space.sample(rng))
        raise NotImplementedError()

    with pytest.raises(CheckError, match="not written yet"):
        check_aging(evolve)


def test_checks_do_not_move_the_global_generator():
    state = random.getstate()
    for check, function in ((check_mutate, TinyCell().mutate), (check_tournament, tournament_by_sample)):
        check.examine(function)
    assert random.getstate() == state


def test_winning_chances_by_hand():
    assert winning_chances({"A": 0.9, "B": 0.5, "C": 0.1}, 2) == pytest.approx({"A": 2 / 3, "B": 1 / 3, "C": 0})
    assert winning_chances({"A": 1, "B": 1}, 2) == {"A": 0.5, "B": 0.5}
    assert winning_chances({"A": 1, "B": 0}, 1) == {"A": 0.5, "B": 0.5}


def test_winning_chances_agree_with_a_simulation():
    scores = {"A": 0.2, "B": 0.8, "C": 0.8, "D": 0.1, "E": 0.5}
    population, rng = make_population(**scores), random.Random(0)
    counts = Counter(tournament_by_sample(population, 3, rng).architecture for _ in range(20_000))
    for name, chance in winning_chances(scores, 3).items():
        assert counts[name] / 20_000 == pytest.approx(chance, abs=0.015)


def test_make_population_makes_failed_trials_too():
    good, failed = make_population(A=0.5, B=None)
    assert (good.architecture, good.score) == ("A", 0.5)
    assert failed.failed
    assert failed.score == float("-inf")


def test_births_by_hand():
    assert births(evolve_with_a_list, 3, scores=[0.4, 0.9, 0.5, 0.1, 0.2, 0.3, 0.6]) == [
        "A", "B", "C", "D from B", "E from B", "F from C", "G from F",
    ]  # fmt: skip
