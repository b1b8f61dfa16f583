"""Local and exhaustive search against brute force over the whole of TinyCell."""

from __future__ import annotations

import itertools
import random

import pytest

from nas_edu.core import Evaluation
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies.exhaustive import exhaustive
from nas_edu.search_strategies.local_search import local_search

SPACE = TinyCell()
SCORES = [random.Random(number).random() for number in range(len(SPACE))]  # rugged: many local optima


def rugged(cell, **_):
    return Evaluation(SCORES[SPACE.index(cell)])


def climbs(improvement, seed, count=400):
    """The trials of each finished climb."""
    stream = local_search(SPACE, rugged, improvement=improvement, rng=random.Random(seed))
    found = []
    for trial in itertools.islice(stream, count):
        if not trial.parents:
            found.append([])
        found[-1].append(trial)
    return found[:-1]


def test_exhaustive_search_looks_at_every_cell_once_and_ends():
    trials = list(exhaustive(SPACE, rugged))
    assert [trial.architecture for trial in trials] == list(SPACE)
    assert max(trial.score for trial in trials) == max(SCORES)


@pytest.mark.parametrize("improvement", ["first", "best"])
@pytest.mark.parametrize("seed", range(5))
def test_a_climb_ends_in_a_local_optimum_and_repeats_nothing(improvement, seed):
    finished = climbs(improvement, seed)
    assert len(finished) >= 2
    for climb in finished:
        cells = [trial.architecture for trial in climb]
        assert len(cells) == len(set(cells))
        top = max(climb, key=lambda trial: trial.score)
        assert all(rugged(neighbor).score <= top.score for neighbor in SPACE.neighbors(top.architecture))


@pytest.mark.parametrize("seed", range(5))
def test_best_improvement_climbs_the_path_that_brute_force_climbs(seed):
    for climb in climbs("best", seed):
        here = climb[0].architecture
        while (step := max(SPACE.neighbors(here), key=lambda c: rugged(c).score)) and (
            rugged(step).score > rugged(here).score
        ):
            here = step
        assert max(climb, key=lambda trial: trial.score).architecture == here


@pytest.mark.parametrize("seed", range(5))
def test_first_improvement_moves_at_the_first_neighbour_that_is_better(seed):
    for climb in climbs("first", seed):
        here, better = climb[0], None
        for trial in climb[1:]:
            assert trial.parents == (better or here,)
            here, better = better or here, None
            if trial.score > here.score:
                better = trial


def test_equal_seeds_give_equal_searches_and_a_plateau_ends_a_climb():
    def run(evaluate):
        stream = local_search(SPACE, evaluate, rng=random.Random(3))
        return [(trial.architecture, len(trial.parents)) for trial in itertools.islice(stream, 60)]

    assert run(rugged) == run(rugged)
    flat = run(lambda cell, **_: Evaluation(0.5))
    assert [index for index, (_, parents) in enumerate(flat) if not parents] == [0, 25, 50]


def test_an_unknown_improvement_is_refused():
    with pytest.raises(ValueError, match="'first' or 'best', got 'steepest'"):
        next(local_search(SPACE, rugged, improvement="steepest", rng=random.Random(0)))
