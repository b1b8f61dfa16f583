"""Histories are equal, saved, pickled and tabulated as promised; failures do not end a search; budgets stop it."""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import math
import pickle
import random
import sys
import time
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.core import Budget, CurvePoint, Evaluation, History, Step, Trial, run_trial, score, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search, regularized_evolution

SPACE = TinyCell()
numbers = st.floats(allow_nan=False, width=32) | st.integers(-5, 5)
any_numbers = st.floats(width=32)
plain = st.recursive(
    st.none() | st.booleans() | any_numbers | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
evaluations = st.builds(
    Evaluation,
    score=st.floats(allow_nan=False, allow_infinity=False),
    validation_accuracy=st.none() | any_numbers,
    validation_loss=st.none() | any_numbers,
    cost=st.floats(0, 10),
    epochs=st.integers(0, 9) | st.floats(0, 9),
    curve=st.lists(st.builds(CurvePoint, *[any_numbers] * 5), max_size=2).map(tuple),
    objectives=st.dictionaries(st.sampled_from(["parameters", "macs"]), any_numbers),
    info=st.dictionaries(st.text(max_size=2), plain, max_size=2),
)
cells = st.integers(0, len(SPACE) - 1).map(SPACE.__getitem__)
alphas = st.none() | st.sampled_from([(2, 3), (1, 5)]).flatmap(
    lambda shape: st.lists(any_numbers, min_size=math.prod(shape), max_size=math.prod(shape)).map(
        lambda values: np.array(values).reshape(shape)
    )
)
steps = st.builds(
    Step,
    st.integers(0, 99),
    st.dictionaries(st.sampled_from(["train", "validation"]), any_numbers),
    alphas | st.dictionaries(st.sampled_from(["normal", "reduction"]), alphas.filter(lambda a: a is not None)),
    st.none() | cells,
    st.dictionaries(st.text(max_size=2), plain, max_size=2),
)


def returning(evaluation):
    return lambda cell, **_: evaluation


def failing(message="out of memory"):
    def evaluate(cell, **_):
        raise RuntimeError(message)

    return evaluate


def trial(value=0.5, cell=SPACE[7], **relations):
    evaluation = value if isinstance(value, Evaluation) else Evaluation(value)
    return run_trial(returning(evaluation), cell, **relations)


@st.composite
def histories(draw):
    history = History()
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            history.append(draw(steps))
            continue
        earlier = history.trials
        parents = draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []
        replaces = draw(st.none() | st.sampled_from(earlier)) if earlier else None
        evaluate = draw(evaluations.map(returning) | st.text(max_size=3).map(failing))
        history.append(run_trial(evaluate, draw(cells), parents=parents, replaces=replaces))
    return history


def evaluate_quickly(cell, **_):
    return Evaluation(sum(map(len, cell.live_edges.values())) / 72, epochs=2, cost=0.5)


def evolve(evaluations, seed=0, evaluate=evaluate_quickly):
    strategy = regularized_evolution(SPACE, evaluate, population_size=6, sample_size=3, rng=random.Random(seed))
    return search(strategy, Budget(evaluations=evaluations))


# --- run_trial -------------------------------------------------------------------------------------------------------


def test_a_trial_keeps_what_the_evaluation_said_and_how_long_it_took():
    def evaluate(cell, *, epochs, resume):
        time.sleep(0.02)
        return Evaluation(epochs + resume)

    made = run_trial(evaluate, SPACE[3], epochs=2, resume=0.25)
    assert (made.architecture, made.score, made.failed, made.failure) == (SPACE[3], 2.25, False, None)
    assert 0.02 <= made.seconds < 5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_a_score_that_is_no_finite_number_fails_the_trial(value):
    made = trial(Evaluation(value))
    assert made.failed
    assert made.score == -math.inf
    assert made.evaluation is None
    assert "not a finite number" in made.failure


@pytest.mark.parametrize("returned", [0.5, None, "good", (0.5, 2.0)])
def test_an_evaluation_of_the_wrong_type_fails_the_trial_and_says_what_to_return(returned):
    made = run_trial(returning(returned), SPACE[0])
    assert made.score == -math.inf
    assert made.evaluation is None
    assert "must return an Evaluation" in made.failure
    assert repr(returned) in made.failure


@pytest.mark.parametrize("value", [None, "0.5"])
def test_a_score_of_the_wrong_type_fails_the_trial(value):
    made = run_trial(returning(Evaluation(value)), SPACE[0])
    assert made.failed
    assert made.score == -math.inf


def test_an_exception_fails_the_trial_with_reason_and_traceback():
    made = run_trial(failing("no memory left"), SPACE[0])
    assert made.failure == "RuntimeError: no memory left"
    assert "in evaluate" in made.failure_traceback
    assert made.score == -math.inf


def test_a_keyboard_interrupt_is_no_failed_trial():
    def interrupted(cell):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_trial(interrupted, SPACE[0])


def test_trials_are_individuals():
    one, other = trial(), trial()
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("strategy", [random_search, regularized_evolution])
def test_a_search_survives_failing_evaluations(strategy):
    calls = itertools.count()

    def sometimes(cell, **_):
        call = next(calls)
        if call % 3 == 1:
            raise ValueError("bad luck")
        return Evaluation(math.nan if call % 3 == 2 else call)

    history = search(strategy(SPACE, sometimes, rng=random.Random(1)), Budget(evaluations=90))
    assert [made.failed for made in history.trials] == [False, True, True] * 30
    assert history.best is history[87]


def test_a_search_survives_nothing_but_failures():
    history = evolve(40, evaluate=failing())
    assert len(history) == 40
    with pytest.raises(ValueError, match="all 40 trials failed; the first because of RuntimeError: out of memory"):
        history.best  # noqa: B018


# --- History ---------------------------------------------------------------------------------------------------------


@given(histories())
def test_a_saved_history_is_the_same_history(tmp_path_factory, history):
    folder = tmp_path_factory.mktemp("saved")
    for name in ("history.json", "history.json.gz"):
        again = History.load(history.save(folder / name), SPACE)
        assert again == history
        assert repr(again) == repr(history)
        assert again.used == pytest.approx(history.used)
        for old, new in zip(history, again, strict=True):
            assert type(new) is type(old)
            if isinstance(old, Trial):
                assert (new.score, new.failure, new.failure_traceback) == (
                    old.score,
                    old.failure,
                    old.failure_traceback,
                )
                assert new.seconds == old.seconds
                if old.evaluation is not None:
                    same_evaluation(new.evaluation, old.evaluation)
            else:
                same_numbers(new.losses, old.losses)
                same_alpha(new.alpha, old.alpha)
    assert json.loads((folder / "history.json").read_text()) == json.loads(
        gzip.decompress((folder / "history.json.gz").read_bytes())
    )


def same_evaluation(new, old):
    for name in ("score", "validation_accuracy", "validation_loss", "cost", "epochs"):
        same_numbers({name: getattr(new, name)}, {name: getattr(old, name)})
    same_numbers(new.objectives, old.objectives)
    assert len(new.curve) == len(old.curve)
    for ours, theirs in zip(new.curve, old.curve, strict=True):
        same_numbers(vars(ours), vars(theirs))


def same_numbers(new, old):
    assert new.keys() == old.keys()
    for name, value in old.items():
        if value is None:
            assert new[name] is None
        else:
            assert isinstance(new[name], (int, float))
            np.testing.assert_array_equal(new[name], value)


def same_alpha(new, old):
    if isinstance(old, dict):
        assert new.keys() == old.keys()
        for name in old:
            same_alpha(new[name], old[name])
    elif old is None:
        assert new is None
    else:
        assert new.dtype == np.float64
        np.testing.assert_array_equal(new, old)


def test_a_saved_history_is_strict_json_without_nan_and_the_same_bytes_each_time(tmp_path):
    history = History([trial(Evaluation(0.5, validation_loss=math.inf)), Step(0, {"train": math.nan})])

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    text = history.save(tmp_path / "one.json").read_text()
    json.loads(text, parse_constant=refuse)
    history.save(tmp_path / "one.json.gz")
    time.sleep(1.1)  # gzip's header holds a time in whole seconds
    history.save(tmp_path / "two.json.gz")
    assert (tmp_path / "one.json.gz").read_bytes() == (tmp_path / "two.json.gz").read_bytes()


def test_info_of_arrays_and_tuples_is_stored_as_lists(tmp_path):
    info = MappingProxyType({"gradient": np.arange(3), "pair": (1, np.float32(0.5))})
    history = History([trial(Evaluation(0.5, info=info))])
    again = History.load(history.save(tmp_path / "history.json"), SPACE)
    assert again[0].evaluation.info == {"gradient": [0, 1, 2], "pair": [1, 0.5]}
    assert again == history


def test_info_that_is_no_plain_data_is_refused_by_type(tmp_path):
    history = History([trial(Evaluation(0.5, info={"network": object()}))])
    with pytest.raises(TypeError, match="plain data only; found a object"):
        history.save(tmp_path / "history.json")


def test_a_checkpoint_is_never_saved(tmp_path):
    history = History([trial(Evaluation(0.5, checkpoint=object()))])
    text = history.save(tmp_path / "history.json").read_text()
    assert "checkpoint" not in text
    assert History.load(tmp_path / "history.json", SPACE)[0].evaluation.checkpoint is None


def test_equality_looks_at_order_results_and_family_but_not_at_times():
    first, second = trial(0.1), trial(0.2, SPACE[8])
    child = trial(0.3, SPACE[9], parents=[first], replaces=second)
    history = History([first, second, child])
    slow = Trial(SPACE[7], Evaluation(0.1, cost=99.0), seconds=99.0)
    assert History([slow, second, trial(0.3, SPACE[9], parents=[slow], replaces=second)]) == history
    assert History([second, first, child]) != history
    assert History([first, second]) != history
    assert History([first, second, trial(0.3, SPACE[9], parents=[second], replaces=second)]) != history
    assert History([first, second, trial(0.3, SPACE[9], parents=[first], replaces=first)]) != history
    assert History([first, second, trial(0.3, SPACE[9], parents=[first])]) != history
    assert History([first, second, trial(0.31, SPACE[9], parents=[first], replaces=second)]) != history
    assert History([first, second, trial(0.3, SPACE[10], parents=[first], replaces=second)]) != history
    assert history != [first, second, child]


def test_equality_of_curves_ignores_measured_seconds_only():
    def history(loss=1.0, seconds=1.0):
        return History([trial(Evaluation(0.5, curve=(CurvePoint(1, loss, 1.0, 0.5, seconds),)))])

    assert history() == history(seconds=2.0)
    assert history() != history(loss=1.5)


def test_equality_of_steps_looks_at_alpha():
    def history(value=0.0):
        return History([Step(0, {"train": 1.0}, {"normal": np.array([[0.5, value]])}, SPACE[4])])

    assert history() == history()
    assert history() != history(1e-12)
    assert history(math.nan) == history(math.nan)


def test_failures_count_in_equality():
    assert History([run_trial(failing("a"), SPACE[0])]) == History([run_trial(failing("a"), SPACE[0])])
    assert History([run_trial(failing("a"), SPACE[0])]) != History([run_trial(failing("b"), SPACE[0])])


def pedigree(generations):
    line = [trial(0.0)]
    for generation in range(1, generations):
        line.append(trial(float(generation), SPACE[generation], parents=[line[-1]], replaces=line[-1]))
    return History(line)


def test_a_pedigree_of_three_thousand_generations_can_be_pickled_copied_compared_and_saved(tmp_path):
    history = pedigree(3000)
    assert len(history) > sys.getrecursionlimit()
    for again in (
        pickle.loads(pickle.dumps(history)),
        copy.deepcopy(history),
        History.load(history.save(tmp_path / "pedigree.json.gz"), SPACE),
    ):
        assert again == history
        assert all(child.parents == (parent,) for parent, child in itertools.pairwise(again.trials))
        assert all(child.replaces is parent for parent, child in itertools.pairwise(again.trials))
        assert list(again.frame()["parents"][:3]) == [(), (0,), (1,)]


def test_pickled_steps_keep_their_arrays():
    history = History([Step(3, {"train": 0.5}, {"normal": np.eye(2)}, SPACE[1], {"lr": 0.1})])
    again = pickle.loads(pickle.dumps(history))
    assert again == history
    np.testing.assert_array_equal(again.steps[0].alpha["normal"], np.eye(2))


@given(histories())
def test_the_incumbent_is_the_first_of_the_best_so_far(history):
    trials = history.trials
    assert len(history.incumbents) == len(trials)
    for count, incumbent in enumerate(history.incumbents, start=1):
        best = max(made.score for made in trials[:count])
        assert incumbent is next(made for made in trials if made.score == best)
    if any(not made.failed for made in trials):
        assert history.best is max(trials, key=score)


def test_an_empty_history_has_no_best_and_says_so():
    with pytest.raises(ValueError, match="no trials yet"):
        History().best  # noqa: B018
    assert repr(History()) == "History(0 trials, 0 steps)"


def test_a_history_holds_events_only():
    with pytest.raises(TypeError, match="Trial and Step events, got float"):
        History([0.5])


def test_the_frame_has_one_row_an_event():
    first = trial(Evaluation(0.5, 0.5, 1.25, cost=2, epochs=3, objectives={"macs": 12.0}))
    history = History([first, run_trial(failing(), SPACE[5], parents=[first], replaces=first), Step(4, {"train": 1.5})])
    frame = history.frame()
    assert list(frame["kind"]) == ["trial", "trial", "step"]
    assert list(frame["score"][:2]) == [0.5, -math.inf]
    assert frame["architecture"][1] == str(SPACE[5])
    assert (frame["validation_loss"][0], frame["cost"][0], frame["epochs"][0], frame["macs"][0]) == (1.25, 2, 3, 12)
    assert (frame["parents"][1], frame["replaces"][1]) == ((0,), 0)
    assert frame["failure"][1] == "RuntimeError: out of memory"
    assert (frame["step"][2], frame["train"][2]) == (4, 1.5)


HEAD = b'{"format":"nas_edu history 1",'
STEP = b'{"step":0,"architecture":null,"losses":{},"alpha":null,"info":{}}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a saved history"),
        (b"\x80\x04\x95 a pickle", "not a saved history"),
        (b"[]", "not a saved history"),
        (b"{}", "'format' is missing"),
        (HEAD[:-1] + b"}", "'events' is missing"),
        (HEAD + b'"events":3}', "events are no list"),
        (b'{"format":"nas_edu history 0","events":[]}', "has format 'nas_edu history 0'; this version reads"),
        (HEAD + b'"events":[' + STEP + b",{}]}", "damaged at event 1: 'architecture' is missing"),
        (HEAD + b'"events":[' + STEP + b",7]}", "damaged at event 1"),
        (HEAD + b'"events":[{"trial":"|nine~0|"}]}', "damaged at event 0: 'evaluation' is missing"),
        (
            HEAD + b'"events":[{"trial":"|nine~0|","evaluation":null,"failure":null,"traceback":null,"seconds":0}]}',
            "damaged at event 0: not a TinyCell: at position 1",
        ),
    ],
)
def test_a_damaged_file_is_refused_with_its_path_and_the_reason(tmp_path, content, message):
    path = tmp_path / "history.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as refusal:
        History.load(path, SPACE)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("row", [-1, 1, 5, "0", 0.5])
@pytest.mark.parametrize("relation", ["parents", "replaces"])
def test_relations_to_events_that_are_not_earlier_are_refused(tmp_path, row, relation):
    first = trial()
    path = History([first, trial(parents=[first], replaces=first)]).save(tmp_path / "history.json")
    content = json.loads(path.read_text())
    content["events"][1][relation] = [row] if relation == "parents" else row
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="damaged at event 1"):
        History.load(path, SPACE)


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_a_gzipped_history_with_foreign_bytes_is_refused_or_read_in_full(tmp_path_factory, place, foreign):
    path = tmp_path_factory.mktemp("damaged") / "history.json.gz"
    history = evolve(20)
    data = bytearray(history.save(path).read_bytes())
    place %= len(data)
    data[place : place + len(foreign)] = foreign
    path.write_bytes(data)
    try:
        again = History.load(path, SPACE)
    except ValueError as refusal:
        assert str(path) in str(refusal)  # noqa: PT017  (either outcome is right, and both are checked)
    else:
        assert again == history


# --- Budget and search -----------------------------------------------------------------------------------------------


def stream(*, steps=False):
    for number in itertools.count():
        yield Step(number, {}) if steps else trial(Evaluation(0.5, epochs=2, cost=0.5))


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(evaluations=7), 7),
        (Budget(epochs=8), 4),
        (Budget(epochs=7), 4),  # the event that reaches it is the last one
        (Budget(epochs=6.5), 4),
        (Budget(cost=3.0), 6),
        (Budget(cost=2.9), 6),
        (Budget(evaluations=7, epochs=6), 3),
        (Budget(evaluations=2, epochs=6, cost=100), 2),
        (Budget(steps=1, evaluations=5), 5),  # trials are no steps
    ],
)
def test_a_search_stops_after_the_event_that_reaches_a_limit(budget, expected):
    assert len(search(stream(), budget)) == expected


def test_steps_are_counted_apart():
    history = search(stream(steps=True), Budget(steps=9, evaluations=1))
    assert len(history) == len(history.steps) == 9
    assert history.used == {"evaluations": 0, "epochs": 0, "steps": 9, "cost": 0.0}


def test_failed_trials_count_as_evaluations():
    assert len(evolve(12, evaluate=failing())) == 12


def test_a_search_stops_by_the_clock():
    def slow():
        for event in stream():
            time.sleep(0.02)
            yield event

    started = time.perf_counter()
    history = search(slow(), Budget(seconds=0.2))
    assert time.perf_counter() - started >= 0.2
    assert 1 <= len(history) <= 10


def test_a_search_ends_when_its_strategy_ends():
    assert len(search(itertools.islice(stream(), 3), Budget(evaluations=100))) == 3


def test_a_search_asks_for_no_event_beyond_its_budget():
    asked = []

    def counted():
        for event in stream():
            asked.append(event)
            yield event

    search(counted(), Budget(evaluations=5))
    assert len(asked) == 5


def test_on_event_sees_each_event_and_the_history_that_contains_it():
    seen = []
    history = search(stream(), Budget(evaluations=4), on_event=lambda event, h: seen.append((event, len(h))))
    assert seen == [(event, row) for row, event in enumerate(history, start=1)]


@pytest.mark.parametrize("limits", [{"evaluations": 0}, {"epochs": -1}, {"cost": math.nan}, {"seconds": "3"}])
def test_a_limit_that_is_no_positive_number_is_refused(limits):
    with pytest.raises(ValueError, match=f"Budget\\({next(iter(limits))}=.*positive number"):
        Budget(**limits)


def test_a_budget_without_a_limit_is_refused():
    with pytest.raises(ValueError, match="at least one limit of evaluations, epochs, steps, seconds, cost"):
        Budget()


@given(st.integers(1, 20), st.integers(0, 40))
def test_what_is_left_runs_from_one_to_zero(limit, done):
    history = History([trial() for _ in range(done)])
    assert Budget(evaluations=limit).left(history, 0.0) == pytest.approx(1 - done / limit)
    assert Budget(evaluations=limit, seconds=10).left(history, 9.0) == pytest.approx(min(0.1, 1 - done / limit))


@given(st.integers(0, 10**6))
def test_same_seed_same_history_and_it_depends_on_the_seed(seed):
    assert evolve(15, seed) == evolve(15, seed)
    assert evolve(15, seed) != evolve(15, seed + 1)
