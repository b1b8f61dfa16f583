"""Wrong answers to task 01.2."""

import math

from wrong_answers import WrongAnswers

WITHIN_BUDGET = WrongAnswers()


def walk(trials, budget, *, keep=min, start=math.inf, over=lambda spent, budget: spent > budget):
    spent, best, result = 0.0, start, []
    for trial in trials:
        if not trial.failed:
            spent += trial.evaluation.cost
            if over(spent, budget):
                break
            best = keep(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


@WITHIN_BUDGET.gets("These are the losses of the trials, one by one")
def lists_each_loss(trials, budget):
    return walk(trials, budget, keep=lambda best, loss: loss)


@WITHIN_BUDGET.gets("The highest loss is kept")
def keeps_the_highest(trials, budget):
    return walk(trials, budget, keep=max, start=0.0)


@WITHIN_BUDGET.gets("Each entry knows the end already")
def knows_the_end(trials, budget):
    result = walk(trials, budget)
    return [min(result)] * len(result) if result else []


@WITHIN_BUDGET.gets("The budget was not looked at")
def ignores_the_budget(trials, budget):
    return walk(trials, math.inf)


@WITHIN_BUDGET.gets("A trial that ends exactly at the budget still counts")
def stops_at_the_budget(trials, budget):
    return walk(trials, budget, over=lambda spent, budget: spent >= budget)


@WITHIN_BUDGET.gets("The last trial ends after the budget")
def counts_the_one_that_is_too_late(trials, budget):
    spent, best, result = 0.0, math.inf, []
    for trial in trials:
        if spent > budget:
            break
        if not trial.failed:
            spent += trial.evaluation.cost
            best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


@WITHIN_BUDGET.gets("It goes on after a trial that did not fit")
def packs_what_fits(trials, budget):
    spent, best, result = 0.0, math.inf, []
    for trial in trials:
        if not trial.failed:
            if spent + trial.evaluation.cost > budget:
                continue
            spent += trial.evaluation.cost
            best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


@WITHIN_BUDGET.gets("the costs add up, and what was spent before counts too")
def looks_at_each_cost_alone(trials, budget):
    best, result = math.inf, []
    for trial in trials:
        if not trial.failed:
            if trial.evaluation.cost > budget:
                break
            best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


@WITHIN_BUDGET.gets("Ask `trial.failed` first")
def forgets_failures(trials, budget):
    spent, best, result = 0.0, math.inf, []
    for trial in trials:
        spent += trial.evaluation.cost
        if spent > budget:
            break
        best = min(best, trial.evaluation.validation_loss)
        result.append(best)
    return result


@WITHIN_BUDGET.gets("A failed trial is a trial: it has an entry too")
def leaves_failures_out(trials, budget):
    return walk([trial for trial in trials if not trial.failed], budget)


@WITHIN_BUDGET.gets("That is one number")
def returns_the_last_one(trials, budget):
    return walk(trials, budget)[-1]


@WITHIN_BUDGET.gets("The list should hold losses")
def returns_trials(trials, budget):
    return [trials[0]]


@WITHIN_BUDGET.gets("`trial.evaluation.validation_loss`")
def looks_in_the_trial(trials, budget):
    return [trial.validation_loss for trial in trials]
