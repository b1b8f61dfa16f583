"""Task 6.1: `halving(candidates, validate, rungs, eta)`: train all a little, promote the best, train these longer."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described

Curves = tuple[tuple[float, ...], ...]  # for each candidate its accuracy at each rung
Halving = Callable[[list[str], Callable[[str, int], float], list[int], int], Any]


def by_tournament(curves: Curves, eta: int) -> list[list[str]]:
    """The oracle, without sorting: from each rung take the best one out again and again, as often as allowed."""
    left, taken = list(range(len(curves))), []
    for rung in range(len(curves[0])):
        taken.append([_name(one) for one in left])
        pool, left = list(left), []
        while len(left) < len(taken[-1]) // eta:
            best = max(pool, key=lambda one: curves[one][rung])
            pool.remove(best)
            left.append(best)
    return taken


def _name(number: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[number]


def _case(curves: Sequence[Sequence[float]], eta: int) -> Case:
    frozen = tuple(tuple(curve) for curve in curves)
    names = [_name(number) for number in range(len(frozen))]
    epochs = _epochs(frozen, eta)
    known = {name: dict(zip(epochs, curve, strict=True)) for name, curve in zip(names, frozen, strict=True)}
    text = f"halving({names}, validate, {epochs}, {eta}) with accuracies {known}"
    return Case(text, (frozen, eta), size=len(frozen) * len(epochs))


def _epochs(curves: Curves, eta: int) -> list[int]:
    return [eta**rung for rung in range(len(curves[0]))]


def _call(function: Halving, curves: Curves, eta: int) -> tuple[Any, list[tuple[str, int]]]:
    """What it returns, and what it trained for how long, in order."""
    names, epochs, asked = [_name(number) for number in range(len(curves))], _epochs(curves, eta), []

    def validate(candidate: str, trained: int) -> float:
        asked.append((candidate, trained))
        return curves[names.index(candidate)][epochs.index(trained)]

    return function(list(names), validate, list(epochs), eta), asked


def _is_list(function: Halving, curves: Curves, eta: int) -> Finding | None:
    got, _ = _call(function, curves, eta)
    if isinstance(got, list) and all(isinstance(rung, list) for rung in got) and len(got) == len(curves[0]):
        return None
    if got is None:
        cause = "`halving` returns nothing: `return` the list of rungs."
    elif isinstance(got, list):
        cause = "One list of candidates for each rung is asked for, the first rung included."
    else:
        cause = "A list is asked for: for each rung the list of those that were trained there."
    return Finding(described(got), f"a list of {len(curves[0])} lists", cause)


def _agrees(function: Halving, curves: Curves, eta: int) -> Finding | None:
    got, _ = _call(function, curves, eta)
    expected = by_tournament(curves, eta)
    if [sorted(rung) for rung in got] == [sorted(rung) for rung in expected]:
        return None
    sizes, right = [len(rung) for rung in got], [len(rung) for rung in expected]
    if any(one not in below for below, rung in itertools.pairwise(got) for one in rung):
        cause = "Somebody comes back who was dropped before. Choose among those of the rung, not among all candidates."
    elif sizes == [len(curves)] * len(sizes) and len(sizes) > 1:
        cause = "Nobody is dropped. After each rung only one of `eta` goes on."
    elif sizes != right and all(a >= b for a, b in zip(sizes, right, strict=True)):
        cause = "Too many go on: of n, n // eta do, rounded down."
    elif sizes != right:
        cause = "Too few go on: of n, n // eta do, counted among those of this rung."
    elif [sorted(r) for r in got] == [sorted(r) for r in by_tournament(_negative(curves), eta)]:
        cause = "The worst go on. Accuracies: higher is better."
    elif [sorted(r) for r in got] == [sorted(r) for r in by_tournament(_frozen(curves), eta)]:
        cause = (
            "Every rung is decided by the accuracies of the first one. Ask `validate` again after the longer training."
        )
    else:
        cause = "On each rung: validate everybody there with that many epochs, sort by it, keep the first n // eta."
    return Finding(str(got), str(expected), cause)


def _negative(curves: Curves) -> Curves:
    return tuple(tuple(-value for value in curve) for curve in curves)


def _frozen(curves: Curves) -> Curves:
    return tuple((curve[0],) * len(curve) for curve in curves)


def _trains_no_more_than_needed(function: Halving, curves: Curves, eta: int) -> Finding | None:
    _, asked = _call(function, curves, eta)
    epochs = _epochs(curves, eta)
    expected = sorted(
        (one, trained) for rung, trained in zip(by_tournament(curves, eta), epochs, strict=True) for one in rung
    )
    if sorted(asked) == expected:
        return None
    cause = "Each call of `validate` is a training. Call it once for each candidate of a rung, and for nobody else."
    return Finding(f"{len(asked)} trainings: {asked}", f"{len(expected)} trainings", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    """Without equal accuracies; learning curves that cross."""
    cases = []
    for _ in range(30):
        eta, levels = rng.choice([2, 3]), rng.randint(1, 3)
        count = rng.randint(eta ** (levels - 1), 14)
        columns = [[x / 100 for x in rng.sample(range(10, 99), count)] for _ in range(levels)]
        cases.append(_case(list(zip(*columns, strict=True)), eta))
    return cases


_CROSSING = ((0.2, 0.9, 0.8), (0.3, 0.5, 0.6), (0.5, 0.6, 0.9), (0.4, 0.7, 0.7))

check_halving = Check(
    task="06.1",
    function="halving",
    stages=(
        Stage("shape", "one list for each rung", (_case(((0.5, 0.6), (0.4, 0.7)), 2),), _is_list),
        Stage(
            "by hand", "four, the best two of them, then the better one; curves cross", (_case(_CROSSING, 2),), _agrees
        ),
        Stage(
            "by hand",
            "of seven, 7 // 3 = 2 go on",
            (_case([(x / 10, x / 9) for x in (3, 1, 7, 5, 2, 6, 4)], 3),),
            _agrees,
        ),
        Stage("property", "nobody is trained who need not be", _random_cases, _trains_no_more_than_needed),
        Stage("oracle", "the same as taking the best out again and again", _random_cases, _agrees),
    ),
    hints=(
        "One loop over `rungs`; `candidates` shrinks in it. Keep what it was before it shrinks.",
        "`ranked = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)` validates each once.",
        "In the loop: append `candidates` to the result; rank; `candidates = ranked[: len(candidates) // eta]`.",
    ),
)
