"""Task 07.2: `path_step(weights, velocity, gradient, path, rate)`: one step of SGD on the sampled path only."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described

Values = Mapping[str, float]
PathStep = Callable[[dict[str, float], dict[str, float], Callable[..., dict[str, float]], tuple[str, ...], float], Any]
MOMENTUM, DECAY = 0.9, 0.01


def gradient_at(weights: Values, path: tuple[str, ...]) -> dict[str, float]:
    """Of (product of the path's weights - 1)^2 / 2: a path of scalar operations that should pass its input on."""
    product = 1.0
    for name in path:
        product *= weights[name]
    found = dict.fromkeys(weights, 0.0)
    for place, name in enumerate(path):
        others = 1.0
        for other in path[:place] + path[place + 1 :]:
            others *= weights[other]
        found[name] = (product - 1) * others
    return found


def stepped(
    weights: Values,
    velocity: Values,
    path: tuple[str, ...],
    rate: float,
    moving: tuple[str, ...] | None = None,
    **changed,
) -> tuple[dict[str, float], dict[str, float]]:
    """The oracle, and with `changed` what typical mistakes give. `moving`: the weights that are updated."""
    momentum, decay = changed.get("momentum", MOMENTUM), changed.get("decay", DECAY)
    gradient = gradient_at(weights, path)
    new_weights, new_velocity = dict(weights), dict(velocity)
    for name in path if moving is None else moving:
        new_velocity[name] = momentum * velocity[name] + gradient[name] + decay * weights[name]
        new_weights[name] = weights[name] - rate * new_velocity[name]
    return new_weights, new_velocity


def _case(weights: Values, velocity: Values, path: tuple[str, ...], rate: float) -> Case:
    text = f"path_step({dict(weights)}, {dict(velocity)}, gradient, {path}, {rate})"
    return Case(text, (dict(weights), dict(velocity), path, rate), size=len(weights))


def _call(function: PathStep, weights: Values, velocity: Values, path: tuple[str, ...], rate: float) -> Any:
    return function(dict(weights), dict(velocity), gradient_at, path, rate)


def _returns_two_dictionaries(
    function: PathStep, weights: Values, velocity: Values, path: tuple[str, ...], rate: float
) -> Finding | None:
    got = _call(function, weights, velocity, path, rate)
    expected = f"(weights, velocity): two dictionaries with the keys {sorted(weights)}"
    if got is None:
        return Finding("None", expected, "`path_step` returns nothing: `return weights, velocity`, both new.")
    if not isinstance(got, tuple) or len(got) != 2 or not all(isinstance(part, dict) for part in got):
        return Finding(described(got), expected, "Two dictionaries are asked for: the new weights, the new velocity.")
    for part in got:
        if set(part) != set(weights):
            cause = "What is not on the path belongs into the result as well, with its old value."
            return Finding(f"the keys {sorted(part)}", expected, cause)
    return None


def _agrees(
    function: PathStep, weights: Values, velocity: Values, path: tuple[str, ...], rate: float
) -> Finding | None:
    got, expected = _call(function, weights, velocity, path, rate), stepped(weights, velocity, path, rate)
    for part, right, name in zip(got, expected, ("weights", "velocity"), strict=True):
        if not _close(part, right):
            return Finding(
                f"{name} = {_shown(part)}", f"{name} = {_shown(right)}", _cause(got, weights, velocity, path, rate)
            )
    return None


def _cause(got: Any, weights: Values, velocity: Values, path: tuple[str, ...], rate: float) -> str:
    def is_(**changed: Any) -> bool:
        return all(map(_close, got, stepped(weights, velocity, path, rate, **changed)))

    others = [name for name in weights if name not in path]
    if is_(moving=tuple(weights)):
        return (
            "Weights that are not on the path have moved: their gradient is 0, but momentum and decay go on. Update "
            "the path's names only."
        )
    if is_(momentum=0.0):
        return "The momentum is missing: the new velocity contains 0.9 times the old one."
    if is_(decay=0.0):
        return "The weight decay is missing: 0.01 times the weight is added to its gradient."
    if is_(moving=tuple(others)):
        return "The weights that are *not* on the path were updated, and those of the path were not."
    if _close(got[0], {n: 2 * weights[n] - w for n, w in stepped(weights, velocity, path, rate)[0].items()}):
        return "The sign is wrong: rate times velocity is subtracted, as the loss shall fall."
    if any(got[1][name] != velocity[name] for name in others):
        return "The velocity of a weight that is not on the path has changed: it waits, as it is, for its next turn."
    return "On the path: velocity = 0.9 velocity + gradient + 0.01 weight, then weight = weight - rate * velocity."


def _leaves_the_rest_alone(
    function: PathStep, weights: Values, velocity: Values, path: tuple[str, ...], rate: float
) -> Finding | None:
    given, moving = dict(weights), dict(velocity)
    got = function(given, moving, gradient_at, path, rate)
    if given != dict(weights) or moving != dict(velocity):
        cause = "The caller's dictionaries have been changed: begin with copies, `dict(weights)`."
        return Finding("dictionaries that are changed afterwards", "the caller's, as they were", cause)
    for name in weights:
        if name not in path and (got[0][name], got[1][name]) != (weights[name], velocity[name]):
            return Finding(
                f"{name}: weight {got[0][name]:.4f}, velocity {got[1][name]:.4f}",
                f"{name}: weight {weights[name]:.4f}, velocity {velocity[name]:.4f}",
                _cause(got, weights, velocity, path, rate),
            )
    return None


def _close(one: Values, other: Values) -> bool:
    return all(abs(one[name] - other[name]) < 1e-9 for name in other)


def _shown(values: Values) -> str:
    return str({name: round(value, 4) for name, value in values.items()})


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(25):
        edges, operations = rng.randint(1, 3), rng.randint(2, 3)
        names = [f"{e}{'abc'[o]}" for e in range(edges) for o in range(operations)]
        path = tuple(f"{e}{'abc'[rng.randrange(operations)]}" for e in range(edges))
        weights = {name: round(rng.uniform(-2, 2), 1) for name in names}
        velocity = {name: round(rng.uniform(0.1, 1), 1) for name in names}
        cases.append(_case(weights, velocity, path, rng.choice((0.1, 0.5))))
    return cases


_FOUR = {"0a": 1.0, "0b": 3.0, "1a": -1.0, "1b": 0.5}
_STILL = dict.fromkeys(_FOUR, 0.0)
_MOVING = {"0a": 1.0, "0b": -1.0, "1a": 2.0, "1b": 0.0}

check_path_step = Check(
    task="07.2",
    function="path_step",
    stages=(
        Stage(
            "shape",
            "two dictionaries with all names",
            (_case(_FOUR, _STILL, ("0a", "1b"), 0.1),),
            _returns_two_dictionaries,
        ),
        Stage("by hand", "four weights, two of them on the path", (_case(_FOUR, _MOVING, ("0a", "1b"), 0.1),), _agrees),
        Stage("property", "what is not on the path stays as it was", _random_cases, _leaves_the_rest_alone),
        Stage("oracle", "the same as by the formula, name by name", _random_cases, _agrees),
    ),
    hints=(
        "Copy both dictionaries, ask `gradient(weights, path)` once, and go through the names *of the path*.",
        "For each of them: velocity = 0.9 * velocity + gradient + 0.01 * weight, then weight -= rate * velocity.",
        "On the copies, for each name of the path: `v[name] = 0.9 * v[name] + g[name] + 0.01 * w[name]`, and "
        "`w[name] -= rate * v[name]`.",
    ),
)
