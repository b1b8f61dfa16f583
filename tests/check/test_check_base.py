"""The machinery of a check: stages in order, the smallest failing case, answers, hints, time limit, comparisons."""

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.check import Case, Check, CheckError, Finding, Stage, chance, described, hint
from nas_edu.check.time_limit import TimeLimitError, time_limit


def is_integer(double, number):
    got = double(number)
    return None if isinstance(got, int) else Finding(repr(got), "an int", "Return a number.")


def is_double(double, number):
    got = double(number)
    return None if got == number + number else Finding(str(got), str(2 * number), "Take it twice.")


def even(double, number):
    return None if double(number) % 2 == 0 else Finding("odd", "even", "Twice a number is even.")


def case(number):
    return Case(f"double({number})", (number,), size=abs(number))


def busy(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def make_check(task="99.1"):
    return Check(
        task=task,
        function="double",
        stages=(
            Stage("shape", "`double` returns an int", (case(1),), is_integer),
            Stage("by hand", "twice three is six", (case(3),), is_double),
            Stage("property", "the result is even", (case(7), case(-5), case(2)), even),
            Stage("oracle", "adding", lambda rng: [case(rng.randint(-50, 50)) for _ in range(20)], is_double),
        ),
        hints=("What is 2 times x?", "`return 2 * x`"),
    )


def test_a_right_answer_passes_all_stages_silently(capsys):
    assert make_check()(lambda x: 2 * x) is None
    output = capsys.readouterr()
    assert output.out.count("✓") == 5
    assert output.err == ""


def test_the_first_stage_that_fails_ends_the_check():
    report = make_check().examine(lambda x: None)
    assert report.failed.kind == "shape"
    assert report.passed == ()


@given(st.integers(min_value=4, max_value=45))
def test_the_smallest_failing_case_is_reported(limit):
    cases = tuple(case(number) for number in random.Random(limit).sample(range(51), 51))
    stages = make_check().stages
    check = replace(make_check(), stages=(*stages[:2], replace(stages[2], cases=cases, judge=is_double), stages[3]))
    report = check.examine(lambda x: 2 * x if abs(x) < limit else -1)
    assert report.finding.input == f"double({limit})"


def test_the_answer_tells_everything():
    with pytest.raises(CheckError) as caught:
        make_check()(lambda x: 2 * x if x < 7 else 13)
    text = str(caught.value)
    for part in (
        "99.1 double is not yet right: the result is even",
        "✓ twice three is six (small case by hand, 1 case)",
        "you called:   double(7)",
        "got:          odd",
        "expected:     even",
        "likely cause: Twice a number is even.",
        'hint("99.1") shows hint 1 of 2',
    ):
        assert part in text
    assert isinstance(caught.value, AssertionError)
    assert caught.value._render_traceback_() == [f"CheckError: {caught.value.headline} (the answer is above)"]


def test_html_is_escaped_and_complete():
    finding = Finding("<script>", "1 < 2", "Use `a < b`.", "f(<x>)")
    report = replace(make_check().examine(lambda x: None), finding=finding)
    bundle = replace(report.answer(), next_hint=(1, 2, "see `<b>`"))._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert ">a &lt; b</code>" in bundle["text/html"]
    assert "Hint 1 of 2" in bundle["text/html"]
    assert "<script>" in bundle["text/plain"]


def test_an_untouched_exercise_is_not_written_yet():
    def double(x):
        # YOUR CODE HERE
        raise NotImplementedError()

    with pytest.raises(CheckError, match="not written yet") as caught:
        make_check()(double)
    assert "NotImplementedError: replace that line" in str(caught.value)


def test_an_error_shows_the_students_own_line():
    def double(x):
        half = x // 0
        return half

    finding = make_check().examine(double).finding
    assert "ZeroDivisionError" in finding.got
    assert "half = x // 0" in finding.got
    assert finding.input == "double(1)"


def test_an_error_while_looking_at_the_result_is_not_blamed_on_a_line():
    cell = {}
    exec(compile("def double(x):\n    return {1: 1, 3: 6}.get(x)", "<cell>", "exec"), cell)
    finding = make_check().examine(cell["double"]).finding
    assert "could not be used" in finding.cause
    assert "in line" not in finding.got


def test_what_is_not_a_function_is_refused_in_words():
    finding = make_check().examine(3).finding
    assert "double should be a function, but it is 3" in finding.got


def test_an_endless_loop_ends_and_is_explained():
    def double(x):
        busy(30)  # not really endless, should the time limit fail

    started = time.monotonic()
    finding = replace(make_check(), seconds=0.3).examine(double).finding
    assert "not finished" in finding.got
    assert "loop never ends" in finding.cause
    assert time.monotonic() - started < 10


def test_time_limit_leaves_quick_code_and_real_interrupts_alone():
    with time_limit(5):
        pass
    with pytest.raises(KeyboardInterrupt), time_limit(5):
        raise KeyboardInterrupt
    with pytest.raises(TimeLimitError, match=r"0\.05 seconds"), time_limit(0.05):
        busy(10)
    time.sleep(0.1)  # nothing arrives late


def test_a_check_needs_all_kinds_of_stages_in_order_and_two_hints():
    stages = make_check().stages
    for wrong in (stages[:3], stages[::-1], ()):
        with pytest.raises(ValueError, match=r"shape.*by hand.*property.*oracle"):
            replace(make_check(), stages=wrong)
    with pytest.raises(ValueError, match="at least two hints"):
        replace(make_check(), hints=("one",))


def test_hints_come_one_after_another(capsys):
    check = make_check("99.2")
    hint("99.2")
    first = capsys.readouterr().out
    assert "1 of 2: What is 2 times x?" in first
    assert "return 2 * x" not in first
    with pytest.raises(CheckError, match="shows hint 2 of 2"):
        check(lambda x: None)
    capsys.readouterr()
    hint("99.2")
    assert "2 of 2: `return 2 * x`" in capsys.readouterr().out
    hint("99.2")
    assert "That was the last one." in capsys.readouterr().out
    with pytest.raises(CheckError) as caught:
        check(lambda x: None)
    assert "hint(" not in str(caught.value)


def test_an_unknown_task_has_no_hints():
    make_check("99.3")
    with pytest.raises(ValueError, match=r"no hints for '99\.33'.*did you mean '99\.3'"):
        hint("99.33")


def test_chance_agrees_with_scipy():
    from scipy.stats import chisquare

    counts, chances = {"a": 30, "b": 50, "c": 20}, {"a": 0.25, "b": 0.5, "c": 0.25}
    assert chance(counts, chances) == pytest.approx(chisquare([30, 50, 20], [25, 50, 25]).pvalue)


def test_chance_of_the_impossible_and_of_the_certain():
    assert chance({"a": 10, "b": 1}, {"a": 1.0, "b": 0.0}) == 0
    assert chance({"a": 10, "z": 1}, {"a": 1.0}) == 0
    assert chance({"a": 10}, {"a": 1.0}) == 1


@given(st.integers(0, 1000))
def test_chance_of_fair_dice_is_rarely_small(seed):
    rolls = random.Random(seed).choices(range(6), k=600)
    assert chance({face: rolls.count(face) for face in range(6)}, dict.fromkeys(range(6), 1 / 6)) > 1e-6


def test_described_is_short():
    assert described([1, 2]) == "[1, 2], a list"
    assert len(described(list(range(10_000)))) < 200
