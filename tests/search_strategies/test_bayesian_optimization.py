"""Bayesian optimization: acquisition functions against integrals, every combination of its parts, and TPE by hand."""

import importlib
import itertools
import math
import random
from collections import Counter
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from nas_edu.core import Budget, Evaluation, search
from nas_edu.core.search_space import Hyperparameter
from nas_edu.search_spaces import Chain, NASNetCell, TinyCell
from nas_edu.search_strategies import bayesian_optimization, random_search, tpe
from nas_edu.search_strategies.acquisition import (
    climb,
    expected_improvement,
    mutations_of_the_best,
    probability_of_improvement,
    random_pool,
    thompson_sampling,
    upper_confidence_bound,
)
from nas_edu.search_strategies.bayesian_optimization import untried
from nas_edu.search_strategies.surrogates import (
    ArcKernel,
    GaussianProcess,
    NetworkEnsemble,
    OTMANNKernel,
    RandomForest,
    WeisfeilerLehmanKernel,
)
from nas_edu.search_strategies.tpe import drawn_from, frequencies, log_density

ACQUISITIONS = (expected_improvement, probability_of_improvement, upper_confidence_bound, thompson_sampling)
MAXIMIZERS = (random_pool, mutations_of_the_best, climb)
SURROGATES = {
    "Hamming": GaussianProcess,
    "Weisfeiler-Lehman": partial(GaussianProcess, kernel=WeisfeilerLehmanKernel),
    "Arc": partial(GaussianProcess, kernel=ArcKernel),
    "forest": RandomForest,
    "networks": NetworkEnsemble,
}
SPACES = {"TinyCell": TinyCell(), "Chain": Chain(), "NASNetCell": NASNetCell()}
RNG = random.Random(0)


def convolutions(architecture, *, epochs=None, resume=None):
    """How often a convolution is named; one in ten fails."""
    if random.Random(str(architecture)).random() < 0.1:
        raise RuntimeError("no memory left")
    return Evaluation(float(str(architecture).count("conv")))


def one(value):
    return np.array([value], dtype=float)


@given(mean=st.floats(-2, 2), deviation=st.floats(0.05, 2), best=st.floats(-2, 2))
@settings(max_examples=50, deadline=None)
def test_expected_and_probable_improvement_are_the_integrals(mean, deviation, best):
    belief = norm(mean, deviation)
    top = max(best, mean) + 12 * deviation
    integral = quad(lambda f: (f - best) * belief.pdf(f), best, top, points=[max(best, mean)], limit=200)[0]
    assert expected_improvement(one(mean), one(deviation), best, RNG)[0] == pytest.approx(integral, abs=1e-6)
    assert probability_of_improvement(one(mean), one(deviation), best, RNG)[0] == pytest.approx(1 - belief.cdf(best))


def test_where_nothing_is_uncertain_improvement_is_what_it_is():
    mean, nothing = np.array([0.2, 0.5, 0.9]), np.zeros(3)
    assert expected_improvement(mean, nothing, 0.5, RNG) == pytest.approx([0, 0, 0.4])
    assert probability_of_improvement(mean, nothing, 0.5, RNG).tolist() == [0, 0, 1]


def test_the_confidence_bound_by_hand():
    assert upper_confidence_bound(one(0.5), one(0.1), 0, RNG)[0] == pytest.approx(0.7)
    assert upper_confidence_bound(one(0.5), one(0.1), 0, RNG, beta=1)[0] == pytest.approx(0.6)


def wins_at(place, mean, deviation, f):
    """The density of: this one draws f, and all others less."""
    below = math.prod(norm(mean[k], deviation[k]).cdf(f) for k in range(len(mean)) if k != place)
    return norm(mean[place], deviation[place]).pdf(f) * below


def test_thompson_sampling_chooses_each_as_often_as_it_is_the_best():
    mean, deviation, rng = np.array([0.0, 0.5, 0.2]), np.array([1.0, 0.5, 0.1]), random.Random(0)
    wins = Counter(int(thompson_sampling(mean, deviation, 0, rng).argmax()) for _ in range(4000))
    for place in range(3):
        chance = quad(partial(wins_at, place, mean, deviation), -8, 8, points=[0, 0.2, 0.5])[0]
        assert abs(wins[place] / 4000 - chance) < 4 * (chance * (1 - chance) / 4000) ** 0.5


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("acquisition", ACQUISITIONS)
@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=SURROGATES)
def test_every_surrogate_with_every_acquisition_function_repeats_itself(surrogate, acquisition, space):
    parts = {"surrogate": surrogate, "acquisition": acquisition, "maximizer": random_pool, "initial": 4}
    runs = [
        search(bayesian_optimization(space, convolutions, **parts, rng=random.Random(1)), Budget(evaluations=8))
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    architectures = [trial.architecture for trial in runs[0].trials]
    assert len(architectures) == len(set(architectures)) == 8


@pytest.mark.parametrize("maximizer", MAXIMIZERS)
def test_a_maximizer_finds_more_than_a_random_cell_and_nothing_that_was_tried(maximizer):
    space, rng = TinyCell(), random.Random(0)
    known = search(random_search(space, convolutions, rng=rng), Budget(evaluations=10)).trials
    known = [trial for trial in known if not trial.failed]

    def phi(cells):
        return np.array([str(cell).count("nor_conv_3x3") for cell in cells], dtype=float)

    tried = {trial.architecture for trial in known}
    for _ in range(6):
        found = maximizer(space, phi, known, tried, rng)
        assert found not in tried
        assert phi([found])[0] >= 3
        tried.add(found)


def test_climbing_reaches_the_top():
    space = TinyCell()
    known = search(random_search(space, convolutions, rng=random.Random(0)), Budget(evaluations=3)).trials
    top = climb(space, lambda cells: np.array([str(c).count("nor_conv_3x3") for c in cells]), known, set(), RNG)
    assert set(top.operations) == {"nor_conv_3x3"}


def test_otmann_searches_too():
    parts = {"surrogate": partial(GaussianProcess, kernel=OTMANNKernel), "maximizer": random_pool, "initial": 3}
    history = search(bayesian_optimization(TinyCell(), convolutions, **parts, rng=RNG), Budget(evaluations=4))
    assert len(history.trials) == 4


class Little(TinyCell):
    """Of TinyCell only the cells whose first four edges are `none`: 25."""

    @property
    def hyperparameters(self):
        *fixed, one, other = super().hyperparameters
        return (*(Hyperparameter(h.name, ("none",)) for h in fixed), one, other)

    def sample(self, rng):
        return TinyCell.__getitem__(self, rng.randrange(25))

    def neighbors(self, cell):
        return [other for other in super().neighbors(cell) if other in set(self)]

    def mutate(self, cell, rng):
        return rng.choice(self.neighbors(cell))

    def __iter__(self):
        return itertools.islice(super().__iter__(), 25)


@pytest.mark.parametrize("strategy", [bayesian_optimization, tpe])
def test_a_small_space_is_searched_to_its_end(strategy):

    def picky(cell, *, epochs=None, resume=None):
        if cell.operations[-1] == "none":
            raise RuntimeError("no last edge")
        return convolutions(cell)

    history = search(strategy(Little(), picky, initial=4, rng=random.Random(0)), Budget(evaluations=100))
    assert {trial.architecture for trial in history.trials} == set(Little())
    assert len(history.trials) == 25
    assert any(trial.failed for trial in history.trials)


def test_if_everything_fails_the_search_goes_on_at_random():
    def broken(architecture, *, epochs=None, resume=None):
        raise RuntimeError("no")

    for strategy in (bayesian_optimization, tpe):
        history = search(strategy(TinyCell(), broken, initial=2, rng=random.Random(0)), Budget(evaluations=5))
        assert [trial.failed for trial in history.trials] == [True] * 5


@pytest.mark.parametrize("strategy", [bayesian_optimization, tpe])
def test_it_beats_random_search_where_there_is_something_to_learn(strategy):
    """The mean best of 8 seeds after 30 trials, of the number of 3x3 convolutions: at least one more."""

    def count(cell, *, epochs=None, resume=None):
        return Evaluation(float(str(cell).count("nor_conv_3x3")))

    def mean_best(strategy):
        runs = [search(strategy(TinyCell(), count, rng=random.Random(n)), Budget(evaluations=30)) for n in range(8)]
        return np.mean([run.best.score for run in runs])

    assert mean_best(strategy) > mean_best(random_search) + 0.5


@pytest.mark.parametrize("strategy", [bayesian_optimization, tpe])
def test_too_few_initial_trials_are_refused(strategy):
    with pytest.raises(ValueError, match="initial = 2"):
        next(strategy(TinyCell(), convolutions, initial=1, rng=RNG))


def test_untried_is_none_when_all_were():
    assert untried(Little(), set(Little()), RNG) is None


def test_no_failed_trial_is_among_the_good_ones_of_tpe(monkeypatch):
    """Of 25 trials three would be good, but only one has succeeded."""
    groups = []

    def watched(group, hyperparameters, rng):
        groups.append(group)
        return drawn_from(group, hyperparameters, rng)

    first = TinyCell().sample(random.Random(0))

    def only_the_first(cell, *, epochs=None, resume=None):
        if cell != first:
            raise RuntimeError("no")
        return Evaluation(1.0)

    monkeypatch.setattr(importlib.import_module("nas_edu.search_strategies.tpe"), "drawn_from", watched)
    search(tpe(TinyCell(), only_the_first, initial=25, rng=random.Random(0)), Budget(evaluations=30))
    assert groups
    assert all(group == [TinyCell().to_config(first)] for group in groups)


COIN = Hyperparameter("coin", ("head", "tail"))
SIDE = Hyperparameter("side", (1, 2, 3, 4), ("coin", ("head",)))


def test_tpe_densities_by_hand():
    group = [{"coin": "head", "side": 1}, {"coin": "head", "side": 4}, {"coin": "tail"}]
    assert frequencies(group, COIN) == pytest.approx([2.5 / 4, 1.5 / 4])
    assert frequencies(group, SIDE) == pytest.approx([1.25 / 3, 0.25 / 3, 0.25 / 3, 1.25 / 3])
    assert log_density({"coin": "tail"}, group, (COIN, SIDE)) == pytest.approx(math.log(1.5 / 4))
    assert log_density({"coin": "head", "side": 2}, group, (COIN, SIDE)) == pytest.approx(math.log(2.5 / 4 * 0.25 / 3))
    everything = [{"coin": "tail"}, *({"coin": "head", "side": side} for side in SIDE.choices)]
    assert sum(math.exp(log_density(x, group, (COIN, SIDE))) for x in everything) == pytest.approx(1)
    rng = random.Random(0)
    draws = Counter(str(drawn_from(group, (COIN, SIDE), rng)) for _ in range(2000))
    for x in everything:
        chance = math.exp(log_density(x, group, (COIN, SIDE)))
        assert abs(draws[str(x)] / 2000 - chance) < 4.5 * (chance * (1 - chance) / 2000) ** 0.5


def test_the_lecture_s_edge_for_tpe():
    """What nobody tried has the largest ratio: the prior weighs more among the few good trials."""
    h = Hyperparameter("op", ("none", "skip", "conv1", "conv3", "pool"))
    rest = [{"op": choice} for choice, count in zip(h.choices, (6, 5, 4, 3, 0), strict=True) for _ in range(count)]
    good = frequencies([{"op": "conv3"}] * 2, h)
    ratio = dict(zip(h.choices, np.divide(good, frequencies(rest, h)), strict=True))
    assert ratio["conv3"] == pytest.approx((2.2 / 3) / (3.2 / 19))
    assert sorted(ratio, key=ratio.get)[-2:] == ["conv3", "pool"]


def test_tpe_densities_are_those_of_optuna_but_for_the_smoothing():
    """Optuna smooths each observation before it mixes them: (one_hot + w) / (1 + C w), w = 1 / n with the prior's 1.

    n counts the prior as one more observation, which is uniform. We smooth the counts; otherwise both are the same.
    """
    pytest.importorskip("optuna")
    from optuna.distributions import CategoricalDistribution
    from optuna.samplers._tpe import parzen_estimator
    from optuna.samplers._tpe.sampler import default_weights

    h, observed = Hyperparameter("op", tuple("abcde")), [0, 0, 0, 1, 1, 4]
    fields = {"prior_weight": 1.0, "weights": default_weights, "multivariate": False}
    others = dict.fromkeys(parzen_estimator._ParzenEstimatorParameters._fields, False)
    theirs = parzen_estimator._ParzenEstimator(
        {"op": np.array(observed)},
        {"op": CategoricalDistribution(h.choices)},
        parzen_estimator._ParzenEstimatorParameters(**(others | fields)),
    )
    density = np.exp([theirs.log_pdf({"op": np.array([place])})[0] for place in range(5)])
    ours = np.array(frequencies([{"op": h.choices[place]} for place in observed], h))
    n, w, c = len(observed), 1 / (len(observed) + 1), 5
    counts = (n + 1) * ours - 1 / c  # what was counted, without our prior
    smoothed = (counts + n * w) / (1 + c * w) / (n + 1) + 1 / c / (n + 1)
    np.testing.assert_allclose(density, smoothed, atol=1e-9)
