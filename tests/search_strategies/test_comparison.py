"""Comparing strategies: the searches one would run by hand, figures against second formulas, clear errors."""

import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import compare, random_search, regularized_evolution
from nas_edu.search_strategies.comparison import Comparison, objective, regret
from nas_edu.search_strategies.exhaustive import exhaustive

SPACE = TinyCell()
EVOLUTION = partial(regularized_evolution, population_size=5, sample_size=3)
STRATEGIES = {"random search": random_search, "evolution": EVOLUTION}


def convolutions(cell, *, epochs=None, resume=None):
    """Between 0 and 1, with few ties; fails now and then."""
    if cell.operations[0] == "none" and cell.operations[1] == "none":
        raise RuntimeError("nothing here")
    return Evaluation(
        score=sum(o.startswith("nor_conv") for o in cell.operations) / 6 + SPACE.index(cell) / 1e6, cost=2.0
    )


@pytest.fixture(scope="module")
def comparison():
    return compare(STRATEGIES, SPACE, convolutions, Budget(evaluations=40), seeds=range(12))


def test_the_searches_are_those_that_one_would_run_by_hand(comparison):
    for seed in (0, 7):
        alone = search(EVOLUTION(SPACE, convolutions, rng=random.Random(seed)), Budget(evaluations=40))
        assert comparison.histories["evolution"][seed] == alone
    first = [histories[3].trials[0].architecture for histories in comparison.histories.values()]
    assert first[0] == first[1]  # paired by seed


def test_other_processes_change_nothing(comparison):
    with ProcessPoolExecutor(2) as pool:
        again = compare(STRATEGIES, SPACE, convolutions, Budget(evaluations=40), seeds=range(12), executor=pool)
    assert again == comparison


def test_the_frame_has_each_moment_of_each_search(comparison):
    frame = comparison.frame()
    assert len(frame) == 2 * 12 * 40
    one = frame[(frame["strategy"] == "evolution") & (frame["seed"] == 5)]
    history = comparison.histories["evolution"][5]
    assert one["value"].tolist() == [trial.score for trial in history.incumbents]
    succeeded = np.cumsum([not trial.failed for trial in history.trials])
    assert one["cost"].tolist() == (2.0 * succeeded).tolist()


def test_stored_arrays_say_what_the_searches_said(comparison):
    below = partial(regret, best=1.0)
    runs = {
        name: [
            {
                "score": [trial.score for trial in history.incumbents],
                "cost": [0.0 if trial.failed else 2.0 for trial in history.trials],
                "regret": below(history),
                "overhead": 0.5,
            }
            for history in histories
        ]
        for name, histories in comparison.histories.items()
    }
    again = Comparison.from_arrays(runs)
    pd.testing.assert_frame_equal(again.tests(40), comparison.tests(40))
    pd.testing.assert_frame_equal(again.anytime(objective("regret"), x="cost"), comparison.anytime(below, x="cost"))
    scores = {name: np.array([run["score"] for run in group]) for name, group in runs.items()}
    bare = Comparison.from_arrays(scores | {"evolution": scores["evolution"][:5]})
    assert bare.seeds == (0, 1, 2, 3, 4)
    np.testing.assert_array_equal(bare.at(40)["random search"], comparison.at(40)["random search"][:5])


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ({}, "at least one strategy"),
        ({"one": []}, "a run or more of each"),
        ({"one": [{"regret": [0.1]}]}, "a run of 'one' needs the array 'score'"),
        ({"one": [{"score": [0.1, 0.2], "regret": [0.1]}]}, "needs the array 'score'"),
        ({"one": [0.5]}, "needs the array 'score'"),
    ],
)
def test_arrays_that_are_no_runs_are_refused(runs, message):
    with pytest.raises(ValueError, match=message):
        Comparison.from_arrays(runs)


def test_means_quartiles_and_ranks_agree_with_counting(comparison):
    summary = comparison.summary([10, 40])
    values = {name: [h.incumbents[39].score for h in histories] for name, histories in comparison.histories.items()}
    wins = np.mean([
        1.0 if e > r else 1.5 if e == r else 2.0
        for r, e in zip(values["random search"], values["evolution"], strict=True)
    ])  # fmt: skip
    row = summary.loc[(40, "evolution")]
    assert row["mean"] == pytest.approx(np.mean(values["evolution"]))
    assert row["median"] == pytest.approx(sorted(values["evolution"])[5] / 2 + sorted(values["evolution"])[6] / 2)
    assert row["rank"] == pytest.approx(wins)
    assert summary.loc[(40, "random search")]["rank"] == pytest.approx(3 - wins)
    lower = comparison.summary([40], lower_is_better=True)
    assert lower.loc[(40, "evolution")]["rank"] == pytest.approx(3 - wins)


def normal(means, seeds, spread, draw):
    """A comparison whose only trial has a score drawn around each mean."""

    def history(score):
        return History([run_trial(lambda cell: Evaluation(score), SPACE[0])])

    return Comparison(
        {
            f"s{k}": [history(float(value)) for value in draw.normal(mean, spread, seeds)]
            for k, mean in enumerate(means)
        },
        tuple(range(seeds)),
    )


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    draw, covered = np.random.default_rng(0), 0
    for _ in range(60):
        row = normal([1.0], 40, 0.5, draw).summary([1]).iloc[0]
        covered += row["low"] <= 1.0 <= row["high"]
        expected = stats.norm.interval(0.95, row["mean"], 0.5 / 40**0.5)
        assert (row["low"], row["high"]) == pytest.approx(expected, abs=0.12)
    assert covered >= 50  # of 60; with 95 % each, fewer than 50 happen once in 100,000 times


def test_equal_numbers_have_an_interval_of_no_width():
    row = normal([0.5], 5, 0.0, np.random.default_rng(0)).summary([1]).iloc[0]
    assert row["low"] == row["mean"] == row["high"] == 0.5


def test_the_paired_test_finds_what_is_there_and_not_what_is_not():
    draw = np.random.default_rng(1)
    tests = normal([0.0, 0.0, 1.0], 50, 1.0, draw).tests(1).set_index(["one", "other"])
    assert tests.loc[("s0", "s1")]["p"] > 0.01
    assert tests.loc[("s0", "s2")]["p"] < 0.001
    assert tests.loc[("s0", "s2")]["mean difference"] < 0
    # Benjamini & Yekutieli by hand: p_(k) * m * (1 + 1/2 + 1/3) / k, made monotone from the largest down
    order = np.argsort(tests["p"].to_numpy())
    raw = tests["p"].to_numpy()[order] * 3 * (1 + 1 / 2 + 1 / 3) / np.arange(1, 4)
    expected = np.minimum(1, np.minimum.accumulate(raw[::-1])[::-1])
    np.testing.assert_allclose(tests["p corrected"].to_numpy()[order], expected)


def test_strategies_that_do_the_same_are_not_told_apart():
    same = compare({"a": random_search, "b": random_search}, SPACE, convolutions, Budget(evaluations=5), seeds=range(4))
    row = same.tests(5).iloc[0]
    assert (row["p"], row["higher"], row["lower"]) == (1.0, 0.0, 0.0)


def test_seeds_without_a_difference_count_for_both_in_the_test():
    """Demsar 2006, section 3.1.3, with the usual correction of the variance for ties."""
    difference = np.array([0.0] * 6 + [-1.0, 2.0, 3.0, 4.0, 5.0, -6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0])
    searches = {
        name: [History([run_trial(lambda _, s=s: Evaluation(s), SPACE[0])]) for s in scores]
        for name, scores in {"one": difference, "other": np.zeros(20)}.items()
    }
    ranks = stats.rankdata(abs(difference))
    lower = ranks[difference < 0].sum() + ranks[difference == 0].sum() / 2
    variance = 20 * 21 * 41 / 24 - (6**3 - 6) / 48
    expected = 2 * stats.norm.cdf((lower - 20 * 21 / 4) / variance**0.5)
    assert Comparison(searches, tuple(range(20))).tests(1)["p"][0] == pytest.approx(expected)


def test_exhaustive_search_can_be_compared_too():
    result = compare({"all": exhaustive}, SPACE, convolutions, Budget(evaluations=3), seeds=[0, 1])
    assert [trial.architecture for trial in result.histories["all"][1].trials] == [SPACE[0], SPACE[1], SPACE[2]]


def test_a_judge_reads_other_figures_off_the_same_searches(comparison):
    counts = comparison.at(40, metric=lambda history: list(range(len(history.trials))))
    assert set(counts["evolution"]) == {39}


def test_the_whole_way_agrees_with_the_summaries_of_its_places(comparison):
    frame = comparison.anytime(resamples=4000)
    everything = [history for histories in comparison.histories.values() for history in histories]
    start = max(next(i for i, best in enumerate(h.incumbents) if not best.failed) for h in everything)
    assert sorted(frame["evaluations"].unique()) == list(range(start + 1, 41))
    assert set(frame["seeds"]) == {12}
    for count in (start + 1, 20, 40):
        summary = comparison.summary([count])
        for _, row in frame[frame["evaluations"] == count].iterrows():
            expected = summary.loc[(count, row["strategy"])]
            assert row["mean"] == pytest.approx(expected["mean"])
            assert row["rank"] == pytest.approx(expected["rank"])
            values = comparison.at(count)[row["strategy"]]
            means = np.random.default_rng(1).choice(values, (20_000, 12)).mean(axis=1)  # resampled once more
            for below, bound in ((means, row["low"]), (-means, -row["high"])):
                # Few seeds make a distribution with steps, so the share may jump past 2.5 % at the bound itself.
                assert (below < bound - 1e-12).mean() < 0.035
                assert (below < bound + 1e-12).mean() > 0.018


def test_over_cost_each_search_keeps_its_number_until_its_next_trial():
    def costs(cell, **_):
        return Evaluation(SPACE.index(cell) / 1e5, cost=1 + SPACE.index(cell) % 7)

    comparison = compare(STRATEGIES, SPACE, costs, Budget(cost=60), seeds=range(5))
    frame = comparison.anytime(x="cost", points=37)
    for name, own in frame.groupby("strategy"):
        for _, row in own.iterrows():
            values = []
            for history in comparison.histories[name]:
                spent, value = 0.0, None
                for trial, best in zip(history.trials, history.incumbents, strict=True):
                    spent += trial.evaluation.cost
                    value = best.score if spent <= row["cost"] + 1e-9 else value
                values.append(value)
            assert row["mean"] == pytest.approx(np.mean(values))
            assert row["low"] <= row["mean"] <= row["high"]


def test_regret_is_what_is_missing_to_the_best(comparison):
    down = comparison.anytime(partial(regret, best=2.0), lower_is_better=True)
    up = comparison.anytime()
    np.testing.assert_allclose(down["mean"], 2.0 - up["mean"])
    np.testing.assert_allclose(down["rank"], up["rank"])
    with pytest.raises(ValueError, match="'evaluations' or 'cost', got 'time'"):
        comparison.anytime(x="time")


def test_searches_without_a_result_or_a_common_stretch_are_refused():
    def fails(cell, **_):
        raise RuntimeError("no")

    with pytest.raises(ValueError, match="no successful trial"):
        compare({"a": random_search}, SPACE, fails, Budget(evaluations=3), seeds=[0]).anytime()
    failed = compare({"a": random_search}, SPACE, fails, Budget(evaluations=3), seeds=[7])
    for ask in (lambda: failed.at(3), lambda: failed.summary([3])):
        with pytest.raises(ValueError, match="'a' with seed 7 has no successful trial after 3 evaluations"):
            ask()
    assert np.isinf(failed.at(3, partial(regret, best=1.0))["a"]).all()
    late = History(run_trial(f, SPACE[0]) for f in (fails, fails, lambda cell: Evaluation(1.0)))
    early = History([run_trial(lambda cell: Evaluation(1.0), SPACE[0])])
    with pytest.raises(ValueError, match="no stretch of evaluations in common"):
        Comparison({"late": [late], "early": [early]}, (0,)).anytime()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda c: compare({}, SPACE, convolutions, Budget(evaluations=5), seeds=[0]), "at least one strategy"),
        (lambda c: compare(STRATEGIES, SPACE, convolutions, Budget(evaluations=5), seeds=[]), "one seed"),
        (lambda c: compare(STRATEGIES, SPACE, convolutions, Budget(evaluations=5), seeds=[1, 1]), "no second sample"),
        (lambda c: c.at(41), "has 40 evaluations, so there is no result after 41"),
        (lambda c: c.at(0), "no result after 0"),
        (lambda c: Comparison({"one": c.histories["evolution"]}, c.seeds).tests(5), "two strategies or more, got one"),
    ],
)
def test_what_cannot_be_compared_is_refused(comparison, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(comparison)
