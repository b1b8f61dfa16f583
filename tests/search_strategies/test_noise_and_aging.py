"""Who dies, and what noise does to it: a second implementation, the law of the noise, and the stored experiment."""

from __future__ import annotations

import inspect
import random
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nas_edu.core import Budget, Evaluation, search
from nas_edu.core.experiment import stored
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution
from nas_edu.search_strategies.comparison import signed_rank_p
from nas_edu.search_strategies.noisy import noiseless, noisy

SPACE = TinyCell()
seeds = st.integers(0, 2**32)


def flat(cell, **_):
    """Many ties: the number of convolutions; fails where there is none."""
    count = sum(operation.startswith("nor_conv") for operation in cell.operations)
    if count == 0:
        raise RuntimeError("no convolution")
    return Evaluation(float(count))


def test_the_default_is_that_the_oldest_dies():
    assert inspect.signature(regularized_evolution).parameters["dies"].default == "oldest"
    with pytest.raises(ValueError, match="dies must be 'oldest' or 'worst', got 'random'"):
        next(regularized_evolution(SPACE, flat, dies="random", rng=random.Random(0)))


@given(seeds, st.integers(1, 8).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_where_the_worst_dies_it_is_the_oldest_of_the_worst(seed, sizes):
    population_size, sample_size = sizes
    stream = regularized_evolution(
        SPACE,
        flat,
        population_size=population_size,
        sample_size=sample_size,
        dies="worst",
        rng=random.Random(seed),
    )
    trials = search(stream, Budget(evaluations=40)).trials
    living = trials[:population_size]
    for trial in trials[population_size:]:
        assert trial.parents[0] in living
        lowest = min(one.score for one in living)
        assert trial.replaces is next(one for one in living if one.score == lowest)
        living = [one for one in living if one is not trial.replaces] + [trial]
        assert len(living) == population_size


def test_both_draw_alike_until_somebody_dies():
    runs = [
        search(regularized_evolution(SPACE, flat, dies=dies, rng=random.Random(3)), Budget(evaluations=21))
        for dies in ("oldest", "worst")
    ]
    assert [t.architecture for t in runs[0].trials] == [t.architecture for t in runs[1].trials]


def test_noise_is_normal_independent_and_of_the_size_that_was_asked_for():
    stream = noisy(SPACE, lambda cell, **_: Evaluation(0.5), strategy=random_search, sigma=0.03, rng=random.Random(0))
    trials = search(stream, Budget(evaluations=4000)).trials
    noise = np.array([trial.score - 0.5 for trial in trials])
    assert stats.kstest(noise, stats.norm(0, 0.03).cdf).pvalue > 0.01
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 4 / 4000**0.5
    assert {trial.evaluation.info["noiseless"] for trial in trials} == {0.5}


def test_a_judge_reads_what_the_incumbent_is_really_worth():
    stream = noisy(SPACE, flat, strategy=random_search, sigma=2.0, rng=random.Random(4))
    history = search(stream, Budget(evaluations=60))
    for value, best in zip(noiseless(history), history.incumbents, strict=True):
        assert value == (flat(best.architecture).score if not best.failed else -np.inf)
    assert noiseless(history) != sorted(noiseless(history)), "luck replaced something better"


def test_without_noise_the_search_is_what_it_was_and_with_a_seed_it_repeats():
    def run(sigma, seed=5):
        strategy = partial(noisy, strategy=regularized_evolution, sigma=sigma)
        return search(strategy(SPACE, flat, rng=random.Random(seed)), Budget(evaluations=60))

    assert run(0.1) == run(0.1) != run(0.1, seed=6)
    rng = random.Random(5)
    rng.getrandbits(32)
    plain = search(regularized_evolution(SPACE, flat, rng=rng), Budget(evaluations=60))
    assert [t.architecture for t in run(0.0)] == [t.architecture for t in plain]
    with pytest.raises(ValueError, match="0 or more; got -1"):
        run(-1)


def test_aging_gains_where_noise_outweighs_a_mutation_and_costs_a_little_where_there_is_none():
    def gains(sigma):
        """In the experiment of lecture 3, on strings of 100 bits, after 3,000 evaluations."""
        found = {
            dies: [stored("aging_on_bit_strings", dies=dies, sigma=sigma, seed=seed)[-1] for seed in range(100)]
            for dies in ("oldest", "worst")
        }
        return np.subtract(found["oldest"], found["worst"])

    loud, silent = gains(0.05), gains(0.0)
    assert loud.mean() > 0.05
    assert signed_rank_p(loud) < 1e-6
    assert silent.mean() <= 0
