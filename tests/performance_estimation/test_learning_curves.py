"""Learning-curve prediction: exact where the truth is known, and honest about its spread on the table's curves."""

import random
from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from nas_edu.core import Budget, CurvePoint, Evaluation, search
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.performance_estimation.early_termination import EarlyTermination, chance_to_beat
from nas_edu.performance_estimation.learning_curves import FAMILIES, CurveModel, last_seen, parametric
from nas_edu.search_spaces import Subspace, TinyCell
from nas_edu.search_strategies import random_search, successive_halving


def a_curve(values, step=0.5):
    return tuple(CurvePoint(step * (n + 1), 0.0, 0.0, float(y), float(n + 1)) for n, y in enumerate(values))


TRUE = {
    "pow3": lambda t: 0.9 - 0.5 * t**-0.8,
    "log power": lambda t: 0.95 / (1 + (t / np.exp(0.2)) ** -1.1),
    "exp3": lambda t: 0.9 - 0.6 * np.exp(-0.4 * t),
    "vapor pressure": lambda t: np.exp(-0.2 - 0.8 / t + 0.02 * np.log(t)),
    "logarithm": lambda t: 0.4 + 0.1 * np.log(t + 1.5),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_curve_of_a_family_without_noise_is_continued(family):
    t = np.arange(1, 21) / 2
    truth = TRUE[family](t)
    mean, spread = parametric(a_curve(truth[:12]), 10)
    assert mean == pytest.approx(truth[-1], abs=0.01)
    assert abs(truth[-1] - truth[11]) > abs(truth[-1] - mean), "no better than the last value"
    assert spread < 0.05


def test_the_more_noise_the_less_sure():
    rng = np.random.default_rng(0)
    clean = TRUE["exp3"](np.arange(1, 13) / 2)
    spreads = [
        np.median([parametric(a_curve(clean + rng.normal(0, noise, 12)), 10)[1] for _ in range(5)])
        for noise in (0.0, 0.02, 0.2)
    ]
    assert spreads[0] < spreads[1] < spreads[2]


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1, 0.1], [0.1] * 10, [0.9, 0.1] * 5, [0.0] * 6, [1.0] * 6])
def test_any_curve_has_a_prediction(values):
    for predict in (last_seen, parametric):
        mean, spread = predict(a_curve(values), 10)
        assert 0 <= mean <= 1
        assert 0 < spread < 2


def test_the_model_finds_the_rule_that_its_curves_follow():
    """The end is a linear function of two early points and of the architecture: no curve alone tells it."""
    rng = np.random.default_rng(1)

    def example():
        bit = float(rng.integers(2))
        first, second = rng.uniform(0.1, 0.4, 2)
        return bit, a_curve([first, second, 0.3 * first + 0.5 * second + 0.2 * bit])

    model, blind = CurveModel(lambda bit: np.array([bit])), CurveModel()
    for _ in range(9):
        bit, curve = example()
        model.add(bit, curve)
    assert model.predict(1.0, a_curve([0.3]))[1] == 1.0, "too few to say anything"
    for _ in range(60):
        bit, curve = example()
        model.add(bit, curve)
        blind.add(bit, curve)
    errors, blind_errors = [], []
    for _ in range(50):
        bit, curve = example()
        errors.append(model.predict(bit, curve[:2])[0] - curve[-1].validation_accuracy)
        blind_errors.append(blind.predict(bit, curve[:2])[0] - curve[-1].validation_accuracy)
    assert np.abs(errors).max() < 0.01
    assert np.std(blind_errors) == pytest.approx(blind.predict(0.0, a_curve([0.2, 0.3]))[1], rel=0.4)
    assert np.std(blind_errors) > 0.05


def test_on_the_table_the_model_beats_the_last_value_and_its_spread_is_honest():
    table, space = NASBenchEdu.load("mnist1d"), TinyCell()
    known = np.flatnonzero(~np.isnan(table.column("validation_accuracy", seed=table.seed))).tolist()
    drawn = random.Random(0).sample(known, 300)
    model = CurveModel(partial(space.encode, encoding="one_hot"))
    for place in drawn[:150]:
        model.add(space[place], table.evaluate(space[place]).curve)
    errors, plain, inside = [], [], []
    for place in drawn[150:]:
        curve = table.evaluate(space[place]).curve
        end = curve[-1].validation_accuracy
        mean, spread = model.predict(space[place], curve[:8])
        errors.append(abs(mean - end))
        plain.append(abs(last_seen(curve[:8], 10)[0] - end))
        inside.append(abs(mean - end) < 1.96 * spread)
    assert np.mean(errors) < np.mean(plain) / 2
    assert 0.85 < np.mean(inside) <= 1


@pytest.mark.parametrize(("best", "mean", "spread"), [(0.9, 0.8, 0.1), (0.5, 0.5, 0.2), (0.2, 0.9, 0.3)])
def test_the_chance_to_beat_is_that_of_a_normal_distribution(best, mean, spread):
    assert chance_to_beat(best, (mean, spread)) == pytest.approx(norm.sf(best, mean, spread))


def trained(architecture, *, epochs=None, resume=None):
    """`architecture` is its final accuracy; the curve rises evenly. Counts epochs as a training does."""
    stop = 10 if epochs is None else epochs
    done = 0 if resume is None else resume.checkpoint
    curve = a_curve([architecture * t / 10 for t in range(1, stop + 1)], step=1)
    cost = float(stop - done)
    return Evaluation(curve[-1].validation_accuracy, cost=cost, epochs=stop - done, curve=curve, checkpoint=stop)


def oracle(architecture, curve):
    return architecture, 0.02


def test_only_what_will_not_become_the_best_is_stopped_and_charged_for_what_it_used():
    evaluate = EarlyTermination(trained, oracle, looks=(2, 5))
    first = evaluate(0.5)
    assert (first.cost, first.epochs, first.score) == (10, 10, 0.5)
    worse = evaluate(0.4)
    assert (worse.cost, worse.epochs, worse.score) == (2, 2, 0.4)
    assert worse.info == {"stopped": 2, "predicted": 0.4}
    close = evaluate(0.48)  # 16 % to be the best: goes on
    assert (close.cost, close.score) == (10, 0.48)
    better = evaluate(0.6)
    assert (better.cost, better.score) == (10, 0.6)
    assert evaluate(0.5).cost == 2


def test_a_strategy_that_sets_the_epochs_itself_is_not_cut_short():
    class Numbers:
        def sample(self, rng):
            return rng.random()

    def run(evaluate):
        strategy = successive_halving(Numbers(), evaluate, count=9, min_epochs=1, max_epochs=9, rng=random.Random(0))
        return search(strategy, Budget(evaluations=13))

    evaluate = EarlyTermination(trained, oracle, looks=(2, 5))
    evaluate(0.99)  # without epochs, whatever follows would be stopped after two
    assert not any(trial.failed for trial in run(evaluate).trials)
    assert run(evaluate) == run(trained)


def test_a_stopped_training_never_becomes_the_incumbent():
    table = NASBenchEdu.load("mnist1d")
    known = ~np.isnan(table.column("validation_accuracy", seed=table.seed))
    space = Subspace(TinyCell(), [TinyCell()[int(place)] for place in np.flatnonzero(known)[::7]])
    evaluate = EarlyTermination(table.evaluate, CurveModel(partial(TinyCell().encode, encoding="one_hot")))
    history = search(random_search(space, evaluate, rng=random.Random(0)), Budget(evaluations=60))
    plain = search(random_search(space, table.evaluate, rng=random.Random(0)), Budget(evaluations=60))
    assert any("stopped" in trial.evaluation.info for trial in history.trials)
    assert all("stopped" not in trial.evaluation.info for trial in history.incumbents)
    assert history.used["epochs"] < 0.9 * plain.used["epochs"]
    assert [one.architecture for one in history.trials] == [one.architecture for one in plain.trials]


@pytest.mark.parametrize(
    ("setting", "message"), [({"delta": 0}, "probability"), ({"looks": (4, 2)}, "rising"), ({"looks": ()}, "rising")]
)
def test_impossible_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        EarlyTermination(trained, oracle, **setting)
