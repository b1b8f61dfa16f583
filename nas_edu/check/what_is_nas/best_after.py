"""Task 01.1: `best_after(curves, t)` solves min over a of L_val(w_t(a), a) on a table of learning curves."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.core import CurvePoint

BestAfter = Callable[[dict[str, list[CurvePoint]], float], Any]
Losses = Mapping[str, Sequence[float | None]]  # None: the loss is not a number


def make_curve(*losses: float | None, epochs: Sequence[float] = ()) -> list[CurvePoint]:
    """A learning curve with these validation losses after 1, 2, 3, ... epochs (or after `epochs`); None is NaN.

    Training loss and accuracy run against it, so that whoever looks at them instead is found out.
    """
    values = [math.nan if loss is None else loss for loss in losses]
    at = epochs or range(1, len(values) + 1)
    return [
        CurvePoint(
            float(epoch), train_loss=9 - loss, validation_loss=loss, validation_accuracy=loss / 10, seconds=epoch
        )
        for epoch, loss in zip(at, values, strict=True)
    ]


def _curves(losses: Losses) -> dict[str, list[CurvePoint]]:
    return {name: make_curve(*values) for name, values in losses.items()}


def _call(losses: Losses, t: float) -> str:
    written = ", ".join(f'"{name}": make_curve({", ".join(map(str, values))})' for name, values in losses.items())
    return f"best_after({{{written}}}, {t:g})"


def _case(losses: Losses, t: float) -> Case:
    return Case(_call(losses, t), (losses, t), size=10 * len(losses) + sum(map(len, losses.values())))


def best_by_sorting(losses: Losses, t: float) -> str | None:
    """The oracle: sort all that can be compared by (loss at the last epoch not after t, place)."""
    known = [
        (values[: math.floor(t)][-1], place, name)
        for place, (name, values) in enumerate(losses.items())
        if values[: math.floor(t)] and values[: math.floor(t)][-1] is not None
    ]
    return sorted(known)[0][2] if known else None


def _returns_a_name(best_after: BestAfter, losses: Losses, t: float) -> Finding | None:
    got = best_after(_curves(losses), t)
    if isinstance(got, str) and got in losses:
        return None
    if got is None:
        cause = "`best_after` returns nothing, although an architecture was trained: `return` its name."
    elif isinstance(got, (int, float)):
        cause = "That is a number: the problem asks for the architecture (argmin), not for its loss (min)."
    elif isinstance(got, (list, tuple, CurvePoint)):
        cause = "Return the name of the architecture only: a key of `curves`."
    else:
        cause = "Return one of the names in `curves`."
    return Finding(described(got), f"one of {', '.join(map(repr, losses))}", cause)


def _by_hand(best_after: BestAfter, losses: Mapping[str, Sequence[float]], t: float) -> Finding | None:
    got, expected = best_after(_curves(losses), t), best_by_sorting(losses, t)
    if got == expected:
        return None
    seen = {name: values[: math.floor(t)][-1] for name, values in losses.items()}
    at_end = min(losses, key=lambda name: losses[name][-1])
    lowest_ever = min(losses, key=lambda name: min(losses[name]))
    if got is None:
        cause = "Nothing was measured at exactly t: take the last point with `epoch <= t`, not one with `epoch == t`."
    elif got == max(seen, key=lambda name: seen[name]):
        cause = (
            "It has the highest validation loss (and, here, the lowest training loss and the highest accuracy). The "
            "outer problem is `min`, and its loss is `validation_loss`."
        )
    elif got == lowest_ever:
        cause = "It has the lowest loss at another epoch. What counts is the loss after the last epoch within t."
    elif got == at_end:
        cause = (
            "It is the best after the last epoch measured, which lies beyond the budget t: look at epochs <= t only."
        )
    else:
        cause = "For each architecture take the last point with epoch <= t, then the lowest validation loss of these."
    return Finding(described(got), _told(losses, t), cause)


def _told(losses: Losses, t: float) -> str:
    values = {name: values[: math.floor(t)][-1] for name, values in losses.items()}
    written = ", ".join(f"{name} {value}" for name, value in values.items())
    return f"{best_by_sorting(losses, t)!r}: L_val at t = {t:g} is {written}"


def _exactly_t(best_after: BestAfter, losses: Losses, t: float) -> Finding | None:
    got, expected = best_after(_curves(losses), t), best_by_sorting(losses, t)
    if got == expected:
        return None
    cause = "A point measured exactly at t is within the budget: `epoch <= t`, not `epoch < t`."
    return Finding(described(got), _told(losses, t), cause)


def _skips_what_has_no_loss(best_after: BestAfter, losses: Losses, t: float) -> Finding | None:
    got, expected = best_after(_curves(losses), t), best_by_sorting(losses, t)
    if got == expected:
        return None
    if isinstance(got, str) and losses[got][: math.floor(t)][-1:] == [None]:
        cause = (
            "Its loss is NaN: the training has diverged. NaN < x and x < NaN are both False, so `min` keeps a NaN that "
            "it meets first: leave such architectures out."
        )
    elif expected is None:
        cause = "Nobody has a loss by then, so there is no best: return None."
    else:
        cause = "An architecture without a loss at t must not stop the search: leave it out."
    return Finding(described(got), repr(expected), cause)


def _first_of_equals(best_after: BestAfter, losses: Losses, t: float) -> Finding | None:
    got, expected = best_after(_curves(losses), t), best_by_sorting(losses, t)
    if got == expected:
        return None
    return Finding(described(got), repr(expected), "Of equally good ones the first in `curves` wins, as with `min`.")


def _agrees(best_after: BestAfter, losses: Losses, t: float) -> Finding | None:
    got, expected = best_after(_curves(losses), t), best_by_sorting(losses, t)
    if got == expected:
        return None
    cause = (
        "The same steps as by hand: the last point with epoch <= t, NaN left out, the lowest loss, the first of equals."
    )
    return Finding(described(got), repr(expected), cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(60):
        names = "ABCDEF"[: rng.randint(1, 6)]
        losses = {name: [rng.choice((0.2, 0.4, 0.6, 0.8, None)) for _ in range(rng.randint(1, 5))] for name in names}
        cases.append(_case(losses, rng.choice((0.5, 1, 2, 2.5, 3, 4, 5, 7))))
    return cases


def _explain(error: Exception) -> str | None:
    if isinstance(error, (IndexError, StopIteration)) or "empty" in str(error):
        return (
            "There is nothing to choose from. Is it `epoch <= t`, not `epoch == t`? Leave out an architecture that has "
            "no point yet, and return None where none is left."
        )
    if isinstance(error, AttributeError):
        return "A curve is a list of points; a point has `epoch`, `validation_loss` and more."
    return None


# At epoch 1 the best is A, at 2 C, at 3 B; D is the worst at each.
_CROSSING = {
    "A": [0.5, 0.4, 0.35, 0.35],
    "B": [0.8, 0.3, 0.2, 0.15],
    "C": [0.7, 0.1, 0.6, 0.5],
    "D": [0.95, 0.9, 0.9, 0.9],
}
check_best_after = Check(
    task="01.1",
    function="best_after",
    stages=(
        Stage(
            "shape", "`best_after` returns the name of an architecture", (_case({"A": [0.5, 0.4]}, 2),), _returns_a_name
        ),
        Stage(
            "by hand",
            "curves that cross: the best one depends on the budget",
            tuple(_case(_CROSSING, t) for t in (1.5, 2.5, 3.5)),
            _by_hand,
        ),
        Stage(
            "property",
            "a point measured exactly at t counts",
            tuple(_case(_CROSSING, t) for t in (1, 2, 3)),
            _exactly_t,
        ),
        Stage(
            "property",
            "a diverged training and one that has no point yet are left out",
            (
                _case({"A": [None], "B": [0.5]}, 1),
                _case({"A": [0.9, None], "B": [0.5, 0.6]}, 2),
                _case({"A": [None]}, 1),
                _case({"A": [0.5], "B": [0.4]}, 0.5),
            ),
            _skips_what_has_no_loss,
        ),
        Stage("property", "of equals the first wins", (_case({"B": [0.5], "A": [0.5]}, 1),), _first_of_equals),
        Stage("oracle", "the same answer as by sorting", _random_cases, _agrees),
    ),
    hints=(
        "Two levels. Inner: what is L_val of this architecture at t? It is the last point of its curve with "
        "`epoch <= t`. Outer: which architecture has the lowest of these?",
        "Collect them in a dictionary: `losses[name] = ...`, only where there is a point and its loss is a number "
        "(`math.isnan`). Then `min(losses, key=losses.get)`; and what if the dictionary is empty?",
        "`points = [point for point in curve if point.epoch <= t]`; `if points and not "
        "math.isnan(points[-1].validation_loss): losses[name] = points[-1].validation_loss`; at the end `return "
        "min(losses, key=losses.get, default=None)`.",
    ),
    explain=_explain,
)
