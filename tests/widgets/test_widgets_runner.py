"""Run, Pause, Step, Stop: when the next event is asked for, and that a stop is a stop."""

import gc
import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from widget_histories import SPACE, evolution, quick

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.widgets.painter import FRAMES_PER_SECOND, IN_FLIGHT, PATIENCE, SHARE, Pacer, Painter
from nas_edu.widgets.runner import Runner, SearchStopped
from nas_edu.widgets.screen import ErrorReport


def runner(events, evaluations=10**9, on_change=lambda: None):
    return Runner(events, Budget(evaluations=evaluations), History(), on_change)


def busy(seconds):
    """Computes in Python for so long, as a slow evaluation does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))


def wait_for(true, seconds=5):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_it_runs_to_the_budget_and_gives_what_search_gives():
    run = runner(evolution(), evaluations=40)
    run.run()
    assert run.wait(20)
    assert run.state == "finished"
    assert run.history == search(evolution(), Budget(evaluations=40))
    assert run.left() == 0


def test_nothing_is_asked_for_before_run_and_one_event_a_step():
    asked = []

    def events():
        for n in range(100):
            asked.append(n)
            yield run_trial(lambda a: Evaluation(0.5), n)

    run = runner(events())
    time.sleep(0.05)
    assert asked == []
    for steps in (1, 2, 3):
        run.step()
        assert run.wait(5)
        time.sleep(0.02)
        assert (len(asked), len(run.history), run.state) == (steps, steps, "paused")
    run.run()
    wait_for(lambda: run.state == "finished")
    assert len(run.history) == 100


def test_pause_finishes_the_evaluation_under_way_and_asks_for_no_other():
    run = runner(evolution(lambda cell: busy(0.05) or quick(cell)))
    run.run()
    wait_for(lambda: len(run.history) >= 2)
    run.pause()
    wait_for(lambda: not run.asking)
    time.sleep(0.01)
    seen = len(run.history)
    time.sleep(0.2)
    assert len(run.history) == seen
    assert run.state == "paused"
    run.run()
    wait_for(lambda: len(run.history) > seen + 1)
    run.stop()


def test_stop_ends_a_long_evaluation_within_half_a_second():
    cleaned_up = []

    def evaluate(cell):
        try:
            busy(30)
        finally:
            cleaned_up.append(True)

    run = runner(evolution(evaluate))
    run.run()
    wait_for(lambda: run.asking)
    time.sleep(0.1)
    started = time.monotonic()
    run.stop()
    wait_for(lambda: not run.alive)
    assert time.monotonic() - started < 0.5
    assert (run.state, len(run.history), cleaned_up, run.error) == ("stopped", 0, [True], None)
    run.run()
    run.step()
    assert run.state == "stopped"


def test_what_cannot_be_interrupted_is_abandoned():
    may_end = threading.Event()

    def evaluate(cell):
        may_end.wait()
        return Evaluation(0.5)

    run = runner(evolution(evaluate))
    run.run()
    wait_for(lambda: run.asking)
    started = time.monotonic()
    run.stop()
    assert time.monotonic() - started < 0.5
    assert run.state == "stopped"
    may_end.set()
    wait_for(lambda: not run.alive)
    assert len(run.history) == 0


def test_a_search_that_swallows_the_interruption_still_ends():
    def events():
        while True:
            try:
                busy(10)
            except BaseException:  # what nobody should write
                yield run_trial(lambda a: Evaluation(0.5), 0)

    run = runner(events())
    run.run()
    wait_for(lambda: run.asking)
    time.sleep(0.05)
    run.stop()
    wait_for(lambda: not run.alive)
    assert len(run.history) == 0


# Python ignores, with this warning, what arrives inside a destructor. The run is stopped all the same.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopping_at_any_moment_leaves_no_lock_held_and_no_half_event():
    for moment in range(150):
        run = runner(evolution())
        run.run()
        time.sleep(moment * 2e-5)
        run.stop()
        wait_for(lambda: not run.alive)  # noqa: B023
        assert run.lock.acquire(timeout=1)
        run.lock.release()
        assert len(run.history.trials) == len(run.history.incumbents) == len(run.history)


def test_the_speed_is_kept_and_a_slow_one_does_not_delay_stop():
    run = runner(evolution())
    run.set_speed(20)
    run.run()
    time.sleep(0.5)
    assert 6 <= len(run.history) <= 12
    run.set_speed(0.01)
    time.sleep(0.1)
    run.stop()
    started = time.monotonic()
    wait_for(lambda: not run.alive)
    assert time.monotonic() - started < 0.5


def test_pauses_do_not_count_as_seconds_of_the_budget():
    run = Runner(evolution(lambda cell: busy(0.01) or quick(cell)), Budget(seconds=0.3), History(), lambda: None)
    run.step()
    run.wait(5)
    time.sleep(0.4)
    assert run.left() > 0.5
    run.run()
    run.wait(5)
    assert run.state == "finished"
    assert len(run.history) > 5


def test_an_error_of_the_search_is_kept_with_its_traceback():
    def broken():
        yield run_trial(quick, SPACE[0])
        raise KeyError("population")

    run = runner(broken())
    run.run()
    wait_for(lambda: run.state == "failed")
    assert isinstance(run.error, KeyError)
    problem = ErrorReport.of(run.error, "search: ")
    assert problem.line == "search: KeyError: 'population'"
    assert "in broken" in problem.traceback
    assert "widgets/runner.py" not in problem.traceback
    assert len(run.history) == 1


def test_what_is_no_event_is_refused_with_a_reason():
    run = runner(iter([1]))
    run.run()
    wait_for(lambda: run.state == "failed")
    assert "a history holds Trial and Step events, got int" in str(run.error)


def test_search_stopped_passes_through_run_trial():
    def evaluate(architecture):
        raise SearchStopped

    with pytest.raises(SearchStopped):
        run_trial(evaluate, 0)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_pacer_waits_for_the_browser_but_not_for_ever():
    clock = Clock()
    pacer = Pacer(clock)
    assert pacer.seconds_to_wait() == 0
    for frame in range(1, IN_FLIGHT):
        pacer.sent(frame, 0.0)
        assert pacer.seconds_to_wait() == pytest.approx(1 / FRAMES_PER_SECOND)
    pacer.sent(IN_FLIGHT, 0.0)
    assert pacer.seconds_to_wait() == pytest.approx(PATIENCE)
    clock.now += 0.01
    pacer.painted(1)
    assert pacer.seconds_to_wait() == pytest.approx(1 / FRAMES_PER_SECOND - 0.01)
    clock.now += 1 / FRAMES_PER_SECOND - 0.01
    assert pacer.seconds_to_wait() == pytest.approx(0)
    pacer.sent(IN_FLIGHT + 1, 0.0)
    clock.now += PATIENCE
    assert pacer.seconds_to_wait() == pytest.approx(0)


@given(st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 2)), min_size=3, max_size=50))
@settings(deadline=None)
def test_pacer_keeps_its_two_promises_whatever_happens(frames):
    """At most 10 frames a second, and at most 5 % of the time for frames that are all slow."""
    clock = Clock()
    pacer = Pacer(clock)
    times, costs = [], []
    for number, (cost, answers_after) in enumerate(frames, 1):
        clock.now += pacer.seconds_to_wait()
        times.append(clock.now)
        costs.append(cost)
        pacer.sent(number, cost)
        clock.now += min(answers_after, pacer.seconds_to_wait())
        pacer.painted(number)
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap >= 1 / FRAMES_PER_SECOND - 1e-9 for gap in gaps)
    for before, cost, gap in zip([0.0, *costs], costs, gaps, strict=False):
        assert min(before, cost) / gap <= SHARE + 1e-9


def test_painter_paints_the_last_change_and_then_rests():
    painted, rested, state = [], [], {"changes": 0, "idle": False}

    def paint():
        painted.append(state["changes"])
        return len(painted)

    painter = Painter(paint, lambda: state["idle"], lambda: rested.append(len(painted)), Pacer())
    started = time.monotonic()
    while time.monotonic() - started < 1:
        state["changes"] += 1
        painter.changed()
        painter.painted(len(painted))
        time.sleep(0.0005)
    state["idle"] = True
    state["changes"] += 1
    painter.changed()
    painter.painted(len(painted))
    wait_for(lambda: rested)
    assert painted[-1] == state["changes"]
    assert 5 <= len(painted) <= FRAMES_PER_SECOND + 3
    assert rested == [len(painted)]
    wait_for(lambda: not any(thread.name == "nas_edu painter" for thread in threading.enumerate()))
    assert gc.get_freeze_count() == 0  # the garbage collector looks at everything again
    state["changes"] += 1
    painter.changed()
    wait_for(lambda: painted[-1] == state["changes"])
