"""Hill climbing by morphisms: children begin where their parent is, and the best goes on."""

import random
from itertools import islice

import pytest
import torch
from tiny_task import tiny_task

from nas_edu.core import History
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import Chain
from nas_edu.search_strategies.morphism_search import morphism_search

TASK = tiny_task()
START = Chain(channels=(4,)).parse("conv3-4 > maxpool > conv3-4")


def growing(learning_rate, count, seed=0):
    recipe = TrainingRecipe(epochs=1, batch_size=50, learning_rate=learning_rate, warm_up=0.0, points_per_epoch=1)
    inputs = torch.from_numpy(TASK.train.inputs)
    strategy = morphism_search(START, Train(TASK, recipe=recipe), inputs=inputs, children=2, rng=random.Random(seed))
    return list(islice(strategy, count))


def test_each_generation_comes_from_the_best_of_the_last_and_never_shrinks():
    trials = growing(0.05, 10)
    assert History(trials) == History(growing(0.05, 10))
    parent = trials[0]
    for k in range(1, 10, 3):
        generation = trials[k : k + 3]
        assert all(trial.parents == (parent,) for trial in generation)
        assert generation[0].architecture == parent.architecture
        for child in generation[1:]:
            assert child.architecture != parent.architecture
            assert len(child.architecture.layers) >= len(parent.architecture.layers)
        parent = max(generation, key=lambda trial: trial.score)


def test_without_learning_all_of_them_compute_what_the_first_one_does():
    """Up to the noise between copies, and to running averages that move a little."""
    trials = growing(1e-9, 7)
    assert max(t.score for t in trials[1:]) - min(t.score for t in trials[1:]) <= 0.2
    assert not any(trial.failed for trial in trials)


def test_impossible_starts_are_refused():
    pooling = Chain().parse("maxpool")
    with pytest.raises(ValueError, match="a start with a convolution"):
        next(morphism_search(pooling, lambda chain: None, inputs=None, rng=random.Random(0)))
