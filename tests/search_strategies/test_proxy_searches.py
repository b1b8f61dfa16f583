"""Searches with proxies: who is trained and in which order, against the same draws done by hand; nothing is free."""

import copy
import itertools
import math
import random
from functools import partial

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from nas_edu.core import Budget, Evaluation, search
from nas_edu.search_spaces import Subspace, TinyCell
from nas_edu.search_strategies import (
    area,
    compare,
    forest_search,
    learn,
    prefilter,
    random_search,
    rank_sum,
    rank_vote,
    regularized_evolution,
    zero_cost_search,
)

SPACE = TinyCell()


def quality(cell):
    """A lottery: neighbours have nothing in common, so that only a proxy can tell."""
    return random.Random(str(cell)).random()


def train(cell, *, epochs=None, resume=None):
    return Evaluation(quality(cell), cost=1.0)


def noisy(noise, cell, *, epochs=None, resume=None):
    """A proxy: the quality and some noise that belongs to the cell."""
    return Evaluation(quality(cell) + noise * random.Random(f"noise {cell}").gauss(0, 1), cost=1 / 64)


good_proxy = partial(noisy, 0.1)


def convolutions(cell, *, epochs=None, resume=None):
    if "none" in cell.operations:
        raise ValueError("no value for this one")
    return Evaluation(cell.operations.count("nor_conv_3x3"), cost=1 / 64)


def run(strategy, evaluations=30, seed=0, **settings):
    return search(strategy(SPACE, train, rng=random.Random(seed), **settings), Budget(evaluations=evaluations))


# --- each method, its draws done by hand -----------------------------------------------------------------------------


def test_zero_cost_search_trains_the_pool_in_the_order_of_the_proxy():
    rng = random.Random(3)
    pool = list(dict.fromkeys(SPACE.sample(rng) for _ in range(50)))
    expected = sorted(pool, key=lambda cell: good_proxy(cell).score, reverse=True)
    history = run(zero_cost_search, 1000, 3, proxies=[good_proxy], pool_size=50)
    assert [trial.architecture for trial in history.trials] == expected  # and then it ends
    assert history.trials[0].evaluation.cost == 1 + len(pool) / 64
    assert history.used["cost"] == len(pool) + len(pool) / 64


def test_a_proxy_without_a_value_comes_last_and_is_charged_what_it_took():
    history = run(zero_cost_search, 1000, 3, proxies=[convolutions], pool_size=50)
    flags = ["none" in trial.architecture.operations for trial in history.trials]
    assert flags == sorted(flags)
    assert True in flags
    assert history.used["cost"] > len(history.trials) + flags.count(False) / 64


def test_assisted_evolution_is_evolution_begun_with_the_best_of_the_pool():
    history = run(area, 40, 5, proxies=[good_proxy], pool_size=60, population_size=8, sample_size=4)
    rng = random.Random(5)
    pool = list(dict.fromkeys(SPACE.sample(rng) for _ in range(60)))
    start = sorted(pool, key=lambda cell: good_proxy(cell).score, reverse=True)[:8]

    class Scripted:
        first = iter(start)
        mutate = staticmethod(SPACE.mutate)

        def sample(self, rng):
            return next(self.first)

    plain = search(
        regularized_evolution(Scripted(), train, population_size=8, sample_size=4, rng=rng), Budget(evaluations=40)
    )
    assert history == plain
    assert history.used["cost"] == 40 + len(pool) / 64


def test_where_the_pool_is_short_of_different_cells_random_ones_fill_up():
    class Coin:
        def sample(self, rng):
            return rng.choice("ab")

        def mutate(self, one, rng):
            return one

    evaluate = lambda one, **_: Evaluation(ord(one))  # noqa: E731
    strategy = area(
        Coin(), evaluate, proxies=[evaluate], pool_size=9, population_size=6, sample_size=2, rng=random.Random(0)
    )
    letters = [trial.architecture for trial in itertools.islice(strategy, 6)]
    assert letters[:2] == ["b", "a"]


def test_prefilter_proposes_the_best_of_its_candidates_at_each_step():
    history = run(partial(prefilter, random_search), 20, 7, proxies=[good_proxy], candidates=4)
    rng, expected, asked = random.Random(7), [], 0
    for _ in range(20):
        drawn = list(dict.fromkeys(SPACE.sample(rng) for _ in range(4)))
        asked += len(drawn)
        expected.append(max(drawn, key=lambda cell: good_proxy(cell).score))
    assert [trial.architecture for trial in history.trials] == expected
    assert history.used["cost"] == 20 + asked / 64


def test_prefilter_filters_mutations_and_leaves_the_rest_of_the_space_alone():
    history = run(
        partial(prefilter, regularized_evolution), 30, 8, proxies=[good_proxy], candidates=6, population_size=5,
        sample_size=2,
    )  # fmt: skip
    for trial in history.trials[5:]:
        assert trial.architecture in SPACE.neighbors(trial.parents[0].architecture)
    one = run(partial(prefilter, regularized_evolution), 30, 8, proxies=[good_proxy], candidates=1, population_size=5,
              sample_size=2)  # fmt: skip
    assert one == run(regularized_evolution, 30, 8, population_size=5, sample_size=2)  # one candidate is no choice


def test_a_filtered_space_is_listed_and_copied_as_the_space_itself():
    def look(space, evaluate, *, rng):
        assert list(itertools.islice(space, 3)) == [SPACE[0], SPACE[1], SPACE[2]]
        assert len(space) == len(SPACE)
        assert copy.copy(space).hyperparameters == SPACE.hyperparameters
        yield from random_search(space, evaluate, rng=rng)

    assert len(run(partial(prefilter, look), 2, proxies=[good_proxy])) == 2

    class Unlisted:
        def sample(self, rng):
            return SPACE[0]

    only = prefilter(forest_search, Unlisted(), train, proxies=[good_proxy], rng=random.Random(0))
    assert len(search(only, Budget(evaluations=5))) == 1


def test_forest_search_trains_what_a_forest_of_the_same_features_predicts_best():
    history = run(forest_search, 12, 2, proxies=[good_proxy, convolutions], initial=10, candidates=20, refit=2)
    rng = random.Random(2)
    first = [SPACE.sample(rng) for _ in range(10)]
    assert [trial.architecture for trial in history.trials[:10]] == first

    def x(cell):
        second = np.nan if "none" in cell.operations else cell.operations.count("nor_conv_3x3")
        return [*SPACE.encode(cell, "one_hot"), good_proxy(cell).score, second]

    forest = RandomForestRegressor(100, max_features=0.5, random_state=rng.getrandbits(32))
    forest.fit(np.array([x(cell) for cell in first]), [quality(cell) for cell in first])
    drawn = [SPACE.sample(rng) for _ in range(10)]
    best = sorted(first, key=quality, reverse=True)[:5]
    drawn += [SPACE.mutate(rng.choice(best), rng) for _ in range(10)]
    new = [cell for cell in dict.fromkeys(drawn) if cell not in first]
    predicted = dict(zip(new, forest.predict(np.array([x(cell) for cell in new])), strict=True))
    expected = sorted(new, key=lambda cell: predicted[cell], reverse=True)[:2]
    assert [trial.architecture for trial in history.trials[10:]] == expected


def test_forest_search_survives_failures_and_never_repeats_itself():
    def fails(cell, **_):
        if cell.operations[0] == "none":
            raise RuntimeError("no memory left")
        return train(cell)

    history = search(
        forest_search(SPACE, fails, initial=5, candidates=10, refit=5, rng=random.Random(0)), Budget(evaluations=30)
    )
    assert any(trial.failed for trial in history.trials)
    everything = [trial.architecture for trial in history.trials]
    assert len(set(everything)) == len(everything)


def test_forest_search_trains_each_of_a_small_space_once_and_ends():
    part = Subspace(SPACE, [SPACE[place] for place in range(0, 15625, 1250)])
    strategy = forest_search(part, train, initial=6, candidates=8, refit=3, rng=random.Random(0))
    found = [trial.architecture for trial in search(strategy, Budget(evaluations=60)).trials]
    assert len(found) == len(part) == 13
    assert set(found) == set(part)


# --- what they promise -----------------------------------------------------------------------------------------------


def test_in_a_lottery_only_what_asks_the_proxy_finds_more():
    """Ten seeds, 40 trainings each; paired by seed."""
    plain = {"random": random_search, "evolution": partial(regularized_evolution, population_size=10, sample_size=4)}
    assisted = {
        "pool": partial(zero_cost_search, proxies=[good_proxy], pool_size=200),
        "assisted": partial(area, proxies=[good_proxy], pool_size=200, population_size=10, sample_size=4),
        "filtered": partial(prefilter, random_search, proxies=[good_proxy], candidates=5),
    }
    result = compare(plain | assisted, SPACE, train, Budget(evaluations=40), seeds=range(10))
    at_start = {name: np.mean([h.incumbents[9].score for h in hs]) for name, hs in result.histories.items()}
    for name in assisted:
        assert at_start[name] > at_start["random"], name
    assert np.median([h.best.score for h in result.histories["pool"]]) > 0.99


def test_proxies_as_features_help_a_forest_where_the_encoding_says_nothing():
    ends = {}
    for name, proxies in {"without": (), "with": (good_proxy,)}.items():
        runs = [run(forest_search, 30, seed, proxies=proxies, initial=20, candidates=50) for seed in range(3)]
        ends[name] = [np.mean([trial.score for trial in history.trials[20:]]) for history in runs]
    assert min(ends["with"]) > max(ends["without"])


@pytest.mark.parametrize(
    "strategy",
    [
        partial(zero_cost_search, proxies=[good_proxy], pool_size=40),
        partial(area, proxies=[good_proxy], pool_size=40),
        partial(prefilter, regularized_evolution, proxies=[good_proxy, convolutions], combine=rank_vote),
        partial(forest_search, proxies=[good_proxy]),
    ],
)
def test_the_same_seed_gives_the_same_search(strategy):
    assert run(strategy, 25, 1) == run(strategy, 25, 1)
    assert run(strategy, 25, 1) != run(strategy, 25, 2)


# --- combinations ----------------------------------------------------------------------------------------------------


def test_rank_sum_and_rank_vote_by_hand():
    proxies = np.array([[1, 2, 3, 4], [40, 10, 20, 30], [5, 7, 6, 8]])
    np.testing.assert_allclose(rank_sum(proxies), np.array([1 + 4 + 1, 2 + 1 + 3, 3 + 2 + 2, 4 + 3 + 4]) / 12)
    # 3 beats 0 (2:1), 1 (3:0) and 2 (3:0); 2 beats 0 (2:1), 1 (2:1); 1 beats 0 (2:1)
    np.testing.assert_allclose(rank_vote(proxies), np.array([0, 1, 2, 3]) / 3)


@pytest.mark.parametrize("seed", range(3))
def test_rank_vote_equals_counting_each_pair(seed):
    rng = np.random.default_rng(seed)
    proxies = rng.integers(0, 4, (3, 12)).astype(float)
    proxies[0, 3] = -math.inf
    expected = []
    for a in range(12):
        points = 0
        for b in set(range(12)) - {a}:
            balance = sum(np.sign(row[a] - row[b]) if row[a] != row[b] else 0 for row in proxies)
            points += 1 if balance > 0 else 0.5 if balance == 0 else 0
        expected.append(points / 11)
    np.testing.assert_allclose(rank_vote(proxies), expected)


def test_learned_weights_carry_over_to_another_task():
    rng = np.random.default_rng(0)

    def task(scale):
        accuracy = rng.normal(size=400)
        helpful, harmful, noise = (
            accuracy + rng.normal(size=400),
            -accuracy + rng.normal(size=400),
            rng.normal(size=400),
        )
        return np.stack([scale * helpful, np.exp(harmful), noise]), accuracy

    proxies, accuracy = task(1)
    accuracy[7] = np.nan  # not trained yet
    learned = learn(["helpful", "harmful", "noise"], proxies, accuracy)
    assert learned.weights[0] > 0.3 > 0.1 > abs(learned.weights[2])
    assert learned.weights[1] < -0.3
    other, truth = task(1000)
    agreement = [np.corrcoef(score, truth)[0, 1] for score in (learned(other), rank_sum(other), other[0])]
    assert agreement[0] == max(agreement)


def test_bad_input_says_what_is_wrong():
    with pytest.raises(ValueError, match="at least one proxy"):
        run(zero_cost_search, proxies=[])
    with pytest.raises(ValueError, match="pool_size must be at least 1, got 0"):
        run(zero_cost_search, proxies=[good_proxy], pool_size=0)
    with pytest.raises(ValueError, match="pool_size = 5 must be at least population_size = 20"):
        run(area, proxies=[good_proxy], pool_size=5)
    with pytest.raises(ValueError, match="candidates must be at least 1, got 0"):
        run(partial(prefilter, random_search), proxies=[good_proxy], candidates=0)
    with pytest.raises(ValueError, match="initial = 2 trials or more, got 1"):
        run(forest_search, initial=1)
    with pytest.raises(ValueError, match="refit must lie in 1 to candidates = 3, got 5"):
        run(forest_search, candidates=3)
    with pytest.raises(ValueError, match=r"\(proxies, architectures\) without NaN"):
        rank_sum(np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="2 names for 1 proxies"):
        learn(["a", "b"], np.ones((1, 20)), np.ones(20))
    with pytest.raises(ValueError, match="1 architectures have all proxies"):
        learn(["a"], np.ones((1, 1)), np.ones(1))
    learned = learn(["a"], np.arange(20.0)[None], np.arange(20.0))
    with pytest.raises(ValueError, match="learned from 1 proxies, a; got 2"):
        learned(np.ones((2, 5)))
