"""Task 03.2: `tournament(population, sample_size, rng)` draws some individuals and returns the best of these."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.check.compare import chance, draws_from_rng_only
from nas_edu.core import Evaluation, Trial, run_trial

Tournament = Callable[[list[Trial], int, random.Random], Any]
Scores = Mapping[str, float]
_DRAWS = 2000
_SEEDS = 240


def make_population(**scores: float | None) -> list[Trial]:
    """Trials with the names and scores given; None makes a failed one: `make_population(A=0.9, B=0.5, C=None)`."""

    def evaluate(architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        value = scores[architecture]
        if value is None:
            raise ArithmeticError("the training diverged")
        return Evaluation(score=value, validation_accuracy=value)

    return [run_trial(evaluate, name) for name in scores]


def _call(scores: Mapping[str, float | None], sample_size: int, seed: int) -> str:
    written = ", ".join(f"{name}={value}" for name, value in scores.items())
    return f"tournament(make_population({written}), {sample_size}, random.Random({seed}))"


def _case(scores: Mapping[str, float | None], sample_size: int, seed: int = 0) -> Case:
    ties = len(set(scores.values())) < len(scores)
    size = len(scores) * 100 + sample_size + 10_000 * ties
    return Case(_call(scores, sample_size, seed), (scores, sample_size, seed), size)


def _name(winner: Trial) -> str:
    return f"{winner.architecture} (score {winner.score:g})"


def _returns_a_member(play: Tournament, scores: Scores, sample_size: int, seed: int) -> Finding | None:
    population = make_population(**scores)
    winner = play(population, sample_size, random.Random(seed))
    if any(winner is trial for trial in population):
        return None
    if winner is None:
        cause = "`tournament` returns nothing: `return` the winner."
    elif isinstance(winner, (list, tuple)):
        cause = "One winner is asked for, not all who were drawn."
    elif winner in scores or isinstance(winner, (int, float)):
        cause = "Return the trial itself, not its architecture, its score or its position."
    else:
        cause = "Return one of the trials in `population`, as it is."
    return Finding(described(winner), "one trial of the population", cause)


def _right_ones_win(play: Tournament, scores: Scores, sample_size: int, seed: int) -> Finding | None:
    # In all six orders, so that a place in the population cannot be mistaken for a score.
    orders = [dict(order) for order in itertools.permutations(scores.items())] * (_SEEDS // 6)
    winners = [play(make_population(**order), sample_size, random.Random(n)) for n, order in enumerate(orders, seed)]
    worst = min(scores, key=lambda name: scores[name])
    lost = [n for n, winner in enumerate(winners) if winner.architecture == worst]
    if not lost and len({winner.architecture for winner in winners}) > 1:
        return None
    if not lost:
        cause = "The best of the whole population always wins, although only two of three should be drawn."
        return Finding(f"{_name(winners[0])}, in all {_SEEDS} tournaments", "B, where B and C were drawn", cause)
    # With replacement C meets itself in 1 of 9 samples; not compared it wins 1 of 3; compared upside down, 2 of 3.
    if len(lost) < _SEEDS / 5:
        cause = "C was drawn twice: the sample is drawn with replacement. `rng.sample` draws without."
    elif len(lost) < _SEEDS / 2:
        cause = "Everybody wins equally often: are those drawn compared, by `trial.score`, and are there two of them?"
    else:
        cause = "The lowest score wins. The highest should: compare with `max`, by `trial.score`."
    got = f"{_name(winners[lost[0]])}, as in {len(lost)} of {_SEEDS} tournaments"
    return Finding(
        got, "never C: the other one drawn is better", cause, _call(orders[lost[0]], sample_size, seed + lost[0])
    )


def _leaves_population_alone(play: Tournament, scores: Scores, sample_size: int, seed: int) -> Finding | None:
    population = make_population(**scores)
    before = list(population)
    play(population, sample_size, random.Random(seed))
    if len(population) == len(before) and all(a is b for a, b in zip(population, before, strict=True)):
        return None
    names = ", ".join(str(trial.architecture) for trial in population)
    cause = "The population was changed. Its order is everybody's age: draw from it without removing or shuffling."
    return Finding(f"a population of {names}", ", ".join(scores), cause)


def _survives_failures(play: Tournament, scores: Mapping[str, None], sample_size: int, seed: int) -> Finding | None:
    population = make_population(**scores)
    winner = play(population, sample_size, random.Random(seed))
    if any(winner is trial for trial in population):
        return None
    cause = "A failed trial has score -inf, and `-inf > -inf` is False: take the first drawn as the best so far."
    return Finding(repr(winner), "one of those drawn, even if all have failed (score -inf)", cause)


def _repeatable(play: Tournament) -> Finding | None:
    population = make_population(**{name: i / 10 for i, name in enumerate("ABCDEFGH")})
    return draws_from_rng_only(lambda rng: play(population, 2, rng).architecture)


def winning_chances(scores: Scores, sample_size: int) -> dict[str, float]:
    """The oracle: of all ordered ways to draw, in how many does each one win, if a tie goes to the first drawn?"""
    wins: Counter[str] = Counter()
    for drawn in itertools.permutations(scores, sample_size):
        best = max(scores[name] for name in drawn)
        wins[next(name for name in drawn if scores[name] == best)] += 1
    return {name: float(Fraction(wins[name], wins.total())) for name in scores}


def _wins_as_often_as_it_should(play: Tournament, scores: Scores, sample_size: int, seed: int) -> Finding | None:
    population, rng = make_population(**scores), random.Random(seed)
    counts = Counter(play(population, sample_size, rng).architecture for _ in range(_DRAWS))
    chances = winning_chances(scores, sample_size)
    if chance(counts, chances) > 1e-6:
        return None
    got = ", ".join(f"{name} {counts[name]}" for name in scores)
    expected = ", ".join(f"{name} {_DRAWS * chances[name]:.0f}" for name in scores)
    if len(set(scores.values())) < len(scores):  # without ties all was well: these cases come last
        cause = "A tie favours somebody, such as the oldest. Keep the order of drawing: the first drawn wins a tie."
    else:
        cause = "Not every sample is equally likely: draw `sample_size` different individuals uniformly."
    return Finding(f"wins in {_DRAWS} tournaments: {got}", f"about {expected}", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    cases = []
    for seed in range(8):
        names = "ABCDEF"[: rng.randint(2, 6)]
        values = rng.sample(range(1, 10), len(names)) if seed % 2 else rng.choices((2, 5, 8), k=len(names))
        scores = {name: value / 10 for name, value in zip(names, values, strict=True)}
        cases.append(_case(scores, rng.randint(1, len(names)), seed))
    return cases


_THREE = {"A": 0.9, "B": 0.5, "C": 0.1}
check_tournament = Check(
    task="03.2",
    function="tournament",
    stages=(
        Stage("shape", "`tournament` returns a member of the population", (_case(_THREE, 2),), _returns_a_member),
        Stage(
            "by hand",
            "two of three are drawn: the worst never wins, the second sometimes",
            (_case(_THREE, 2),),
            _right_ones_win,
        ),
        Stage(
            "property",
            "the population stays as it was",
            (_case(_THREE, 2), _case(dict(zip("ABCDEFGH", (0.3, 0.8, 0.1, 0.5, 0.9, 0.2, 0.7, 0.4), strict=True)), 4)),
            _leaves_population_alone,
        ),
        Stage(
            "property",
            "somebody wins even if all have failed",
            (_case({"A": None, "B": None}, 2),),
            _survives_failures,
        ),
        Stage(
            "property",
            "the same `rng`, the same winner, and no other source of chance",
            (Case("tournament(population, 2, random.Random(0))  # eight individuals, and more seeds"),),
            _repeatable,
        ),
        Stage(
            "oracle",
            "each wins as often as counting all samples says",
            lambda rng: [_case(_THREE, 1), _case({"A": 0.5, "B": 0.5, "C": 0.5}, 2), *_random_cases(rng)],
            _wins_as_often_as_it_should,
        ),
    ),
    hints=(
        "Two steps: draw `sample_size` different individuals, then find the best among these. Nobody else takes part.",
        "`rng.sample(population, k)` draws k different members, in random order. `max` accepts `key=`, and returns the "
        "first of equals.",
        "`drawn = rng.sample(population, sample_size)`, then `return max(drawn, key=score)`.",
    ),
)
