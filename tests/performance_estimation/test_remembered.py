"""An estimator that remembers asks once for each function."""

import random

from nas_edu.core import Budget, Evaluation, search
from nas_edu.performance_estimation import Remembered
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies import random_search


def test_each_function_is_evaluated_once_and_in_its_canonical_form():
    asked = []

    def evaluate(cell, *, epochs=None, resume=None):
        asked.append((cell, epochs))
        return Evaluation(score=float(len(asked)))

    remembered = Remembered(evaluate)
    dead = Cell(("nor_conv_3x3", "none", "none", "none", "none", "none"))  # nothing reaches its output
    also_dead = Cell(("none", "nor_conv_1x1", "none", "none", "none", "none"))
    assert remembered(dead) is remembered(also_dead)
    assert asked == [(dead.canonical, None)]
    assert remembered(dead, epochs=3).score == 2.0
    assert asked[-1] == (dead, 3)
    assert remembered(dead).score == 1.0


def test_it_learns_from_searches():
    def evaluate(cell, *, epochs=None, resume=None):
        return Evaluation(score=1.0)

    history = search(random_search(TinyCell(), evaluate, rng=random.Random(0)), Budget(evaluations=5))
    remembered = Remembered(None)
    remembered.learn([history])
    assert all(remembered(trial.architecture) is not None for trial in history.trials)
    assert set(remembered.known) == {trial.architecture.canonical for trial in history.trials}
