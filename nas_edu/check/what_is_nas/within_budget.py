"""Task 01.2: `incumbents(trials, budget)`: the lowest loss so far, after each trial that a budget allows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.core import Evaluation, Trial, run_trial

Incumbents = Callable[[list[Trial], float], Any]
Made = tuple[float | None, float]  # loss (None: the training failed) and cost
Succeeded = tuple[float, float]


def make_trial(loss: float | None, cost: float = 1.0) -> Trial:
    """A trial with this validation loss and cost; None makes a failed one, which has no evaluation."""

    def evaluate(architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None) -> Evaluation:
        if loss is None:
            raise ArithmeticError("the training diverged")
        return Evaluation(score=loss / 10, validation_accuracy=loss / 10, validation_loss=loss, cost=cost)

    return run_trial(evaluate, f"architecture with L_val {loss}")


def _trials(made: Sequence[Made]) -> list[Trial]:
    return [make_trial(loss, cost) for loss, cost in made]


def _case(made: Sequence[Made], budget: float) -> Case:
    written = ", ".join(f"make_trial({loss}, cost={cost:g})" for loss, cost in made)
    failed = sum(loss is None for loss, _ in made)
    return Case(f"incumbents([{written}], {budget:g})", (tuple(made), budget), size=len(made) + 100 * failed)


def incumbents_by_prefixes(made: Sequence[Made], budget: float) -> list[float]:
    """The oracle: the longest prefix of the trials that the budget pays for, and the minima of all its prefixes."""
    paid = [0.0 if loss is None else cost for loss, cost in made]
    affordable = sum(total <= budget for total in accumulate(paid))
    losses = [math.inf if loss is None else loss for loss, _ in made[:affordable]]
    return [min(losses[: n + 1]) for n in range(affordable)]


def _returns_a_list(incumbents: Incumbents, made: Sequence[Made], budget: float) -> Finding | None:
    got = incumbents(_trials(made), budget)
    if isinstance(got, list) and all(isinstance(one, (int, float)) for one in got):
        return None
    if got is None:
        cause = "`incumbents` returns nothing: end it with `return`."
    elif isinstance(got, (int, float)):
        cause = "That is one number. Asked for is a list: the lowest loss so far after the first trial, the second, ..."
    elif isinstance(got, list):
        cause = "The list should hold losses: numbers, not trials."
    else:
        cause = "Return a list of losses."
    return Finding(described(got), "a list of numbers", cause)


def _best_so_far(incumbents: Incumbents, made: Sequence[Succeeded], budget: float) -> Finding | None:
    got, expected = incumbents(_trials(made), budget), incumbents_by_prefixes(made, budget)
    if got == expected:
        return None
    losses = [loss for loss, _ in made]
    if got == losses:
        cause = "These are the losses of the trials, one by one. The incumbent is the best so far: it never gets worse."
    elif got == [max(losses[: n + 1]) for n in range(len(losses))]:
        cause = "The highest loss is kept. A loss is minimised: keep the lowest."
    elif len(got) == len(losses) and set(got) == {min(losses)}:
        cause = "Each entry knows the end already: after the first trial only the first has been seen."
    else:
        cause = "After each trial: compare its validation loss with the lowest so far, and note the lower one."
    return Finding(repr(got), repr(expected), cause)


def _stays_within(incumbents: Incumbents, made: Sequence[Succeeded], budget: float) -> Finding | None:
    got, expected = incumbents(_trials(made), budget), incumbents_by_prefixes(made, budget)
    if got == expected:
        return None
    costs = [cost for _, cost in made]
    totals = list(accumulate(costs))
    alone = sum(cost <= budget for cost in costs)
    one_more = [min(loss for loss, _ in made[: n + 1]) for n in range(min(len(expected) + 1, len(made)))]
    if len(got) == len(made):
        whole = "The budget was not kept: the costs add up, and what was spent before counts too."
        cause = (
            whole if alone == len(made) else "The budget was not looked at: stop when the costs add up to more than it."
        )
    elif budget in totals and len(got) == sum(total < budget for total in totals):
        cause = "A trial that ends exactly at the budget still counts: `spent <= budget`."
    elif got == one_more:
        cause = "The last trial ends after the budget: it has no result by then. Check before you count it."
    elif len(got) > len(expected):
        cause = "It goes on after a trial that did not fit. The time for that one is gone: the search ends there."
    else:
        cause = "Add up the costs in the order of the trials, and stop at the first that ends after the budget."
    return Finding(repr(got), f"{expected!r}: the totals are {', '.join(f'{total:g}' for total in totals)}", cause)


def _survives_failures(incumbents: Incumbents, made: Sequence[Made], budget: float) -> Finding | None:
    got, expected = incumbents(_trials(made), budget), incumbents_by_prefixes(made, budget)
    if got == expected:
        return None
    if len(got) < len(expected):
        cause = "A failed trial is a trial: it has an entry too, the lowest loss so far; before any success, infinity."
    else:
        cause = "A failed trial changes nothing: its entry is the one before it; before any success it is `math.inf`."
    return Finding(repr(got), repr(expected), cause)


def _agrees(incumbents: Incumbents, made: Sequence[Made], budget: float) -> Finding | None:
    got, expected = incumbents(_trials(made), budget), incumbents_by_prefixes(made, budget)
    if got == expected:
        return None
    cause = "The steps as by hand: add the cost, stop if it is too much, keep the lower loss, note it."
    return Finding(repr(got), repr(expected), cause)


def _random_cases(rng: random.Random) -> list[Case]:
    def some() -> Made:
        return rng.choice((0.1, 0.2, 0.3, 0.5, 0.8, None)), float(rng.randint(1, 5))

    return [_case([some() for _ in range(rng.randint(1, 8))], rng.randint(0, 20)) for _ in range(60)]


def _explain(error: Exception) -> str | None:
    if isinstance(error, AttributeError) and "NoneType" in str(error):
        return "A failed trial has no evaluation: `trial.evaluation` is None. Ask `trial.failed` first."
    if isinstance(error, AttributeError):
        return "The numbers are in the evaluation: `trial.evaluation.validation_loss`, `trial.evaluation.cost`."
    return None


_FOUR = ((0.5, 2), (0.7, 3), (0.2, 1), (0.4, 1))
check_within_budget = Check(
    task="01.2",
    function="incumbents",
    stages=(
        Stage("shape", "`incumbents` returns a list of numbers", (_case(_FOUR[:2], 100),), _returns_a_list),
        Stage("by hand", "four trials and time enough: the lowest so far", (_case(_FOUR, 100),), _best_so_far),
        Stage(
            "property",
            "the search ends when the budget is spent",
            (_case(_FOUR, 5.5), _case(_FOUR, 5), _case(((0.5, 2), (0.4, 9), (0.3, 1)), 4), _case(_FOUR, 1)),
            _stays_within,
        ),
        Stage(
            "property",
            "a failed trial costs nothing and changes nothing",
            (_case(((0.5, 1), (None, 1), (0.3, 1)), 100), _case(((None, 1), (0.3, 1)), 100)),
            _survives_failures,
        ),
        Stage("oracle", "the same as the minima of all beginnings", _random_cases, _agrees),
    ),
    hints=(
        "Two numbers go along: what was spent so far, and the lowest loss so far. What are they before the first "
        "trial? (Every loss is lower than `math.inf`.)",
        "For each trial: if it did not fail, add its cost to `spent`; `break` if that is more than the budget; then "
        "`best = min(best, loss)`. Append `best` for each trial, failed ones too.",
        "`if not trial.failed: spent += trial.evaluation.cost`, `if spent > budget: break`, `best = min(best, "
        "trial.evaluation.validation_loss)`; then, outside of the `if not trial.failed`, `result.append(best)`.",
    ),
    explain=_explain,
)
