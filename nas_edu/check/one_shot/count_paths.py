"""Task 07.1: `count_paths(layers, scales)`: how many architectures a convolutional neural fabric holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described

CountPaths = Callable[[int, int], Any]


def by_walking(layers: int, scales: int, *, first: bool = True, last: bool = True, reach: int = 1) -> int:
    """The oracle: walk every path to its end, one after the other. `first`, `last`: whether edges lead down there."""

    def walk(layer: int, scale: int) -> int:
        if (layer, scale) == (layers - 1, scales - 1):
            return 1
        found = 0
        if layer < layers - 1:
            found += sum(walk(layer + 1, s) for s in range(scale - reach, scale + reach + 1) if 0 <= s < scales)
        if scale < scales - 1 and ((layer == 0 and first) or (layer == layers - 1 and last)):
            found += walk(layer, scale + 1)
        return found

    return walk(0, 0)


def _case(layers: int, scales: int) -> Case:
    return Case(f"count_paths({layers}, {scales})", (layers, scales), size=layers * scales)


def _returns_an_integer(function: CountPaths, layers: int, scales: int) -> Finding | None:
    got = function(layers, scales)
    if got is None:
        return Finding("None", "an int", "`count_paths` returns nothing: `return` the number of paths to the output.")
    if type(got) is int:
        return None
    return Finding(described(got), "an int", "A number of paths is a whole number: one int, that of the output node.")


def _agrees(function: CountPaths, layers: int, scales: int) -> Finding | None:
    got, expected = function(layers, scales), by_walking(layers, scales)
    return None if got == expected else Finding(str(got), str(expected), _cause(got, layers, scales))


def _cause(got: int, layers: int, scales: int) -> str:
    if got == by_walking(layers, scales, first=False, last=False):
        return "The edges that lead down in the first and in the last layer are missing."
    if got == by_walking(layers, scales, last=False):  # as many as without those of the first: a fabric is symmetric
        return "Edges lead down in the first *and* in the last layer; those of one of the two are missing."
    if got == by_walking(layers, scales, reach=scales):
        return "An edge changes the scale by one at most: (l-1, s-1), (l-1, s) and (l-1, s+1) lead to (l, s)."
    edges = sum(
        sum(0 <= t < scales for t in (s - 1, s, s + 1)) for _ in range(layers - 1) for s in range(scales)
    ) + 2 * (scales - 1)
    if got == edges:
        return "That is the number of *edges*. A path is a way from the input (0, 0) to the output (L-1, S-1)."
    return (
        "paths(v) is the sum of paths(u) over all edges (u, v): from the layer before at scales s-1, s, s+1, and from "
        "scale s-1 of the same layer if it is the first or the last. paths of the input is 1."
    )


def _longer_is_more(function: CountPaths, layers: int, scales: int) -> Finding | None:
    """Every path of a fabric continues into a longer one."""
    short, long = function(layers, scales), function(layers + 1, scales)
    if scales == 1 and short != 1:
        return Finding(str(short), "1", "With one scale there is nowhere to turn: one path.")
    if scales == 1 or long > short:
        return None
    cause = "With one more layer there are more paths. Does your sum go over all layers, the last one included?"
    return Finding(f"{short}, and with one more layer {long}", "more paths with one more layer", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    return [_case(rng.randint(2, 6), rng.randint(1, 4)) for _ in range(12)]


check_count_paths = Check(
    task="07.1",
    function="count_paths",
    stages=(
        Stage("shape", "one whole number", (_case(2, 2),), _returns_an_integer),
        Stage("by hand", "two layers, two scales: four paths", (_case(2, 2), _case(3, 2), _case(2, 3)), _agrees),
        Stage("property", "one more layer, more paths; one scale, one path", _random_cases, _longer_is_more),
        Stage("oracle", "the same as walking every path", _random_cases, _agrees),
    ),
    hints=(
        "Keep a dictionary from node (layer, scale) to its number of paths, and fill it layer by layer.",
        "A node adds up the numbers of its sources: three in the layer before, and in the first and the last layer one "
        "more, the node above. `paths.get(source, 0)` is 0 for what does not exist.",
        "`paths[0, 0] = 1`; for every other node `sum(paths.get((l - 1, t), 0) for t in (s - 1, s, s + 1))`, plus "
        "`paths.get((l, s - 1), 0)` if l is 0 or layers - 1.",
    ),
)
