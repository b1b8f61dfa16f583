"""Task 09.2: `most_missed(validate, weights, edge)`: one decision of perturbation-based selection."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import rounded

Weights = list[list[float]]
Validate = Callable[[Weights], float]
MostMissed = Callable[[Validate, Weights, int], Any]
Table = tuple[tuple[float, ...], ...]


def accuracy_of(worth: Table) -> Validate:
    """A supernet in one line: its accuracy grows with the worth of what is mixed, less and less."""

    def validate(weights: Weights) -> float:
        total = sum(w * v for row, values in zip(weights, worth, strict=True) for w, v in zip(row, values, strict=True))
        return round(total / (1 + total), 9)

    return validate


def by_sorting(validate: Validate, weights: Weights, edge: int) -> int:
    """The oracle: all supernets with one operation missing, written out, then sorted by accuracy and number."""
    without = []
    for o in range(len(weights[edge])):
        row = [0.0 if other == o else weight for other, weight in enumerate(weights[edge])]
        without.append((validate([*weights[:edge], row, *weights[edge + 1 :]]), o))
    return sorted(without)[0][1]


def _case(weights: Table, worth: Table, edge: int) -> Case:
    text = f"most_missed(validate, {[list(row) for row in weights]}, {edge})"
    return Case(text, (weights, worth, edge), size=len(weights) * len(weights[0]))


def _copy(weights: Table) -> Weights:
    return [list(row) for row in weights]


def _returns_a_number(function: MostMissed, weights: Table, worth: Table, edge: int) -> Finding | None:
    got = function(accuracy_of(worth), _copy(weights), edge)
    if isinstance(got, int) and not isinstance(got, bool) and 0 <= got < len(weights[edge]):
        return None
    if got is None:
        cause = "`most_missed` returns nothing: `return` the number of the operation."
    elif isinstance(got, float):
        cause = "That is an accuracy. What is asked for is *which* operation, by its number."
    else:
        cause = "The number of an operation is asked for, from 0."
    return Finding(described(got), f"a whole number from 0 to {len(weights[edge]) - 1}", cause)


def _agrees(function: MostMissed, weights: Table, worth: Table, edge: int) -> Finding | None:
    validate = accuracy_of(worth)
    got, expected = function(validate, _copy(weights), edge), by_sorting(validate, _copy(weights), edge)
    if got == expected:
        return None
    return Finding(str(got), str(expected), _cause(got, validate, weights, edge))


def _cause(got: int, validate: Validate, weights: Table, edge: int) -> str:
    row = weights[edge]
    without = []
    for gone in range(len(row)):
        left = [0.0 if o == gone else weight for o, weight in enumerate(row)]
        without.append(validate([left if e == edge else list(other) for e, other in enumerate(weights)]))
    shown = f"Without each operation the accuracy is {[round(value, 3) for value in without]}. "
    if without[got] == min(without):
        return shown + "Of equals, the first one is kept."
    if got == row.index(max(row)):
        return shown + "You took the largest mixing weight. That is what DARTS does; here the accuracies decide."
    if got == without.index(max(without)):
        return shown + "You took the operation that is missed least: the *lowest* accuracy without it shows its worth."
    return shown + "Set the weight of one operation to 0, validate, and put it back before the next one."


def _leaves_the_weights_alone(function: MostMissed, weights: Table, worth: Table, edge: int) -> Finding | None:
    given, calls = _copy(weights), []

    def validate(tried: Weights) -> float:
        calls.append(_copy(tuple(map(tuple, tried))))
        return accuracy_of(worth)(tried)

    function(validate, given, edge)
    if given != _copy(weights):
        cause = (
            "The caller's weights have been changed, and the supernet goes on with them: change a copy, or put it back."
        )
        return Finding(f"afterwards weights = {given}", f"weights = {_copy(weights)}", cause)
    for tried in calls:
        zeros = [o for o, (now, before) in enumerate(zip(tried[edge], weights[edge], strict=True)) if now != before]
        if len(zeros) > 1:
            cause = (
                "More than one weight of the edge differs from before: only the removed one becomes 0. The others keep "
                "theirs: they are not divided by their sum, and one that was removed earlier is back."
            )
            wanted = "the edge as it was, with one weight set to 0"
            return Finding(f"validated with the edge {rounded(tried[edge])}", wanted, cause)
    return None


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        edges, operations = rng.randint(1, 4), rng.randint(3, 5)
        weights = tuple(tuple(round(rng.uniform(0.05, 1), 2) for _ in range(operations)) for _ in range(edges))
        worth = tuple(tuple(round(rng.uniform(0, 1), 2) for _ in range(operations)) for _ in range(edges))
        cases.append(_case(weights, worth, rng.randrange(edges)))
    return cases


_SMALL = _case(((0.5, 0.3, 0.2),), ((0.3, 0.9, 0.1),), 0)

check_most_missed = Check(
    task="09.2",
    function="most_missed",
    stages=(
        Stage(
            "shape",
            "the number of an operation",
            (_case(((0.5, 0.3, 0.2),), ((0.3, 0.9, 0.1),), 0),),
            _returns_a_number,
        ),
        Stage(
            "by hand",
            "the largest weight is not what is missed most; of equals the first is kept",
            (
                _SMALL,
                _case(((0.2, 0.6, 0.2, 0.3),), ((0.9, 0.1, 0.9, 0.5),), 0),
            ),
            _agrees,
        ),
        Stage("property", "one weight is 0; afterwards all are as before", _random_cases, _leaves_the_weights_alone),
        Stage("oracle", "the same as with every supernet written out", _random_cases, _agrees),
    ),
    hints=(
        "For each operation on the edge: the accuracy without it. The lowest of them shows what is missed most.",
        "Copy the weights for each operation: `tried = [list(row) for row in weights]`, then one entry becomes 0.",
        "Collect `validate(tried)` in a list `without`; `return without.index(min(without))` takes the first.",
    ),
)
