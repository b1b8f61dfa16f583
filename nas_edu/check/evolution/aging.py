"""Task 03.3: `evolve` lets the oldest individual die with each birth, however good it is."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.core import Evaluation, Trial, score

Evolve = Callable[..., Any]
_TOO_MANY = 1000


class _NobodyLeftError(Exception):
    """A tournament was asked for in an empty population."""


class _ScriptedEvolution:
    """A space, an evaluation and a tournament without chance, which write down what the student's loop does with them.

    Individuals are named A, B, C, ... in order of birth, and their scores are given. The tournament lets everybody take
    part, so that this task does not depend on the one before.
    """

    def __init__(self, population_size: int, scores: Sequence[float]) -> None:
        self.population_size = population_size
        self.scores = scores
        self.rng = random.Random(0)
        self.parents: list[str | None] = []  # of each individual, in order of birth
        self.alive: dict[str, list[str]] = {}  # who took part in the tournament before each birth
        self.asked: list[tuple[int, bool]] = []  # sample_size, and whether rng was the one given

    def start(self, evolve: Evolve, sample_size: int) -> Any:
        sizes = {"population_size": self.population_size, "sample_size": sample_size}
        return evolve(self, self.evaluate, select=self.select, rng=self.rng, **sizes)

    def run(self, evolve: Evolve) -> list[Trial]:
        """One trial for each score; fewer if nobody is left to be a parent."""
        trials: list[Trial] = []
        with suppress(_NobodyLeftError):
            trials.extend(itertools.islice(self.start(evolve, self.population_size), len(self.scores)))
        return trials

    def sample(self, rng: random.Random) -> str:
        return self._born(None)

    def mutate(self, architecture: str, rng: random.Random) -> str:
        if not isinstance(architecture, str):
            raise TypeError(f"space.mutate takes an architecture, not a {type(architecture).__name__}")
        return self._born(architecture)

    def evaluate(self, architecture: str, **_: object) -> Evaluation:
        number = _number(architecture)
        return Evaluation(score=self.scores[number] if number < len(self.scores) else 0.0)

    def select(self, population: Sequence[Trial], sample_size: int, rng: random.Random) -> Trial:
        self.alive[_name(len(self.parents))] = [str(trial.architecture) for trial in population]
        self.asked.append((sample_size, rng is self.rng))
        if not population:
            raise _NobodyLeftError("the population is empty, so nobody can be a parent")
        return max(population, key=score)

    def _born(self, parent: str | None) -> str:
        if len(self.parents) >= _TOO_MANY:
            raise RuntimeError(f"{_TOO_MANY} individuals were born without a pause: is there a `yield trial`?")
        self.parents.append(parent)
        return _name(len(self.parents) - 1)


def _name(number: int) -> str:
    """A to Z, then A1 to Z1, and so on."""
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26] + (str(number // 26) if number >= 26 else "")


def _number(name: str) -> int:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(name[0]) + 26 * int(name[1:] or 0)


def births(evolve: Evolve, population_size: int, scores: Sequence[float]) -> list[str]:
    """Who begat whom, where everybody alive takes part in each tournament: ["A", "B", "C from A"].

    Individuals are named in order of birth; the first score is A's.
    """
    script = _ScriptedEvolution(population_size, scores)
    script.run(evolve)
    return _told(script.parents)


def _told(parents: Sequence[str | None]) -> list[str]:
    return [_name(n) + (f" from {parent}" if parent else "") for n, parent in enumerate(parents)]


def _case(population_size: int, scores: Sequence[float]) -> Case:
    text = f"births(evolve, {population_size}, scores={list(scores)})"
    return Case(text, (population_size, tuple(scores)), size=population_size * 100 + len(scores))


def _yields_trials(evolve: Evolve, population_size: int, scores: Sequence[float]) -> Finding | None:
    script = _ScriptedEvolution(population_size, scores)
    strategy = script.start(evolve, population_size)
    if not isinstance(strategy, Iterator):
        cause = "`evolve` must be a generator: `yield` each trial; do not collect or return them."
        return Finding(described(strategy), "a generator of trials", cause)
    for born in range(1, len(scores) + 1):
        trial = next(strategy, None)
        if trial is None:
            cause = "The loop should go on for ever: whoever consumes the trials decides when to stop."
            return Finding(f"an end after {born - 1} trials", "one trial after another, without end", cause)
        if not isinstance(trial, Trial):
            cause = "Yield what `run_trial` returns: a `Trial`."
            return Finding(described(trial), "a Trial", cause)
        if len(script.parents) != born:
            cause = "One birth, one `yield`: yield each trial as soon as it is evaluated."
            return Finding(f"{len(script.parents)} births when trial {born} came", f"{born} births", cause)
        if born > population_size and script.parents[-1] is None:
            cause = "After the initial population every child comes from a parent: `space.mutate`, not `space.sample`."
            return Finding(f"{_name(born - 1)} drawn at random", f"{_name(born - 1)} made from a parent", cause)
    return None


def _right_ones_live(evolve: Evolve, population_size: int, scores: Sequence[float]) -> Finding | None:
    script = _ScriptedEvolution(population_size, scores)
    script.run(evolve)
    for number in range(population_size, len(scores)):
        child = _name(number)
        expected = [_name(n) for n in range(number - population_size, number)]
        if child not in script.alive:
            cause = "Let `select` hold the tournament, once a birth: `parent = select(population, sample_size, rng)`."
            return Finding(f"no tournament before {child} was born", f"one among {', '.join(expected)}", cause)
        got = script.alive[child]
        if sorted(got) != sorted(expected):
            cause = _who_died(got, expected, number, scores)
            return Finding(f"{', '.join(got)} alive at the tournament for {child}", ", ".join(expected), cause)
    return None


def _who_died(got: list[str], expected: list[str], number: int, scores: Sequence[float]) -> str:
    """Who died instead of the oldest. All was well until the birth before, so one death explains the difference."""
    first = number == len(expected)
    if len(got) < len(expected) and first:
        return "The oldest died before the tournament, so it could not be a parent once more. Choose the parent first."
    if len(got) < len(expected):
        return f"The child {expected[-1]} is missing: after its evaluation its trial joins the population."
    if len(got) > len(expected):
        return "Nobody died: with each birth the oldest must leave the population."
    if first:
        return "Before the first tournament nobody joins and nobody leaves."
    candidates = [_name(number - len(expected) - 1), *expected]
    dead = next((name for name in candidates if name not in got), None)
    oldest, youngest = candidates[0], candidates[-1]
    worst = min(candidates, key=lambda name: scores[_number(name)])
    if dead == youngest:
        return f"The youngest, {youngest}, died. The oldest should: {oldest}. Which end of the deque is the oldest at?"
    if dead == worst:
        return f"The worst, {worst}, died. The oldest should, however good it is: {oldest}."
    return f"{dead} died, but the oldest is {oldest}. A child joins at the end; the oldest leaves at the front."


def _knows_its_family(evolve: Evolve, population_size: int, scores: Sequence[float]) -> Finding | None:
    script = _ScriptedEvolution(population_size, scores)
    trials = script.run(evolve)
    for number, trial in enumerate(trials[population_size:], population_size):
        if [str(parent.architecture) for parent in trial.parents] != [script.parents[number]]:
            cause = "Hand `parents=[parent]` to `run_trial`, with the trial that won the tournament."
            got = f"{_name(number)} with the parents {[str(p.architecture) for p in trial.parents]}"
            return Finding(got, f"{[script.parents[number]]}", cause)
        if trial.replaces is not trials[number - population_size]:
            cause = "Hand `replaces=oldest` to `run_trial`, with the trial that has just left the population."
            got = f"{_name(number)} in the place of {trial.replaces and trial.replaces.architecture}"
            return Finding(got, f"in the place of {_name(number - population_size)}", cause)
    return None


def _asks_for_a_sample(evolve: Evolve, population_size: int, sample_size: int) -> Finding | None:
    script = _ScriptedEvolution(population_size, [])
    list(itertools.islice(script.start(evolve, sample_size), population_size + 3))
    if all(asked == (sample_size, True) for asked in script.asked):
        return None
    asked, own_rng = script.asked[0]
    got = f"select(population, {asked}, {'rng' if own_rng else 'another generator'})"
    cause = "Hand on what `evolve` was given: `select(population, sample_size, rng)`."
    return Finding(got, f"select(population, {sample_size}, rng)", cause)


def _story_is_right(evolve: Evolve, population_size: int, scores: Sequence[float]) -> Finding | None:
    script = _ScriptedEvolution(population_size, scores)
    script.run(evolve)
    # The oracle knows no population: a parent is the best of the last `population_size` births.
    windows = (range(n - population_size, n) for n in range(population_size, len(scores)))
    parents = [_name(max(window, key=lambda n: scores[n])) for window in windows]
    expected = [None] * population_size + parents
    got = script.parents[: len(scores)]
    if got == expected:
        return None
    cause = "Each parent should win a tournament among the last births, as many as the population is large."
    return Finding(", ".join(_told(got)), ", ".join(_told(expected)), cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for _ in range(30):
        population_size = rng.randint(1, 6)
        scores = [n / 100 for n in rng.sample(range(100), 4 * population_size)]
        cases.append(_case(population_size, scores))
    return cases


def _explain(error: Exception) -> str | None:
    if "space.mutate takes an architecture" in str(error):
        return "`select` returns a trial; what is mutated is its architecture: `parent.architecture`."
    if "without a pause" in str(error):
        return "The loop never yields. `yield trial` hands each trial to whoever runs the search."
    return None


_SHORT = _case(3, (0.8, 0.5, 0.1, 0.3, 0.9))
_BY_HAND = _case(3, (0.8, 0.5, 0.1, 0.3, 0.9, 0.2, 0.6))
check_aging = Check(
    task="03.3",
    function="evolve",
    stages=(
        Stage("shape", "`evolve` yields one trial a birth, without end", (_SHORT,), _yields_trials),
        Stage("by hand", "with each birth the oldest leaves, after the tournament", (_BY_HAND,), _right_ones_live),
        Stage("property", "each child knows its parent and whose place it takes", (_BY_HAND,), _knows_its_family),
        Stage(
            "property",
            "tournaments have the size asked for and draw from `rng`",
            (Case("evolve(..., population_size=4, sample_size=2, rng=rng)", (4, 2)),),
            _asks_for_a_sample,
        ),
        Stage("oracle", "who begat whom", _random_cases, _story_is_right),
    ),
    hints=(
        "A birth has five steps: choose the parent, mutate it, let the oldest leave, evaluate the child, let it join.",
        "New trials join at the right end of the deque, so the oldest is at the left. `deque.popleft()` removes and "
        "returns it. In which order do tournament and death come, if the oldest may still be a parent?",
        "`parent = select(population, sample_size, rng)`, `child = space.mutate(parent.architecture, rng)`, `oldest = "
        "population.popleft()`, then `run_trial(evaluate, child, parents=[parent], replaces=oldest)`, append, yield.",
    ),
    explain=_explain,
)
