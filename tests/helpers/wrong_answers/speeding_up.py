"""Wrong answers to the tasks of set 6."""

import math

from wrong_answers import WrongAnswers

HALVING, WIDER = WrongAnswers(), WrongAnswers()


def halving(candidates, validate, rungs, eta):
    trained = []
    for epochs in rungs:
        trained.append(candidates)
        candidates = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)[: len(candidates) // eta]
    return trained


@HALVING.gets("The worst go on")
def keeps_the_worst(candidates, validate, rungs, eta):
    return halving(candidates, lambda one, epochs: -validate(one, epochs), rungs, eta)


@HALVING.gets("decided by the accuracies of the first one")
def ranks_once(candidates, validate, rungs, eta):
    ranked = sorted(candidates, key=lambda one: validate(one, rungs[0]), reverse=True)
    return [ranked[: len(ranked) // eta**place] for place in range(len(rungs))]


@HALVING.gets("Too many go on")
def rounds_up(candidates, validate, rungs, eta):
    trained = []
    for epochs in rungs:
        trained.append(candidates)
        ranked = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)
        candidates = ranked[: math.ceil(len(candidates) / eta)]
    return trained


@HALVING.gets("Nobody is dropped")
def trains_all(candidates, validate, rungs, eta):
    return [sorted(candidates, key=lambda one: validate(one, epochs), reverse=True) for epochs in rungs]


@HALVING.gets("comes back who was dropped")
def ranks_everybody_again(candidates, validate, rungs, eta):
    trained, count = [], len(candidates)
    left = candidates
    for epochs in rungs:
        trained.append(left)
        count //= eta
        left = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)[:count]
    return trained


@HALVING.gets("Each call of `validate` is a training")
def validates_twice(candidates, validate, rungs, eta):
    trained = []
    for epochs in rungs:
        trained.append(candidates)
        scores = [validate(one, epochs) for one in candidates]
        assert len(scores) == len(candidates)
        candidates = sorted(candidates, key=lambda one: validate(one, epochs), reverse=True)[: len(candidates) // eta]
    return trained


@HALVING.gets("One list of candidates for each rung")
def returns_the_winner(candidates, validate, rungs, eta):
    return halving(candidates, validate, rungs, eta)[-1]


def wider(incoming, outgoing, copied):
    shared = [[row[unit] / copied.count(unit) for unit in copied] for row in outgoing]
    return [list(incoming[unit]) for unit in copied], shared


@WIDER.gets("counted twice")
def does_not_divide(incoming, outgoing, copied):
    return [list(incoming[unit]) for unit in copied], [[row[unit] for unit in copied] for row in outgoing]


@WIDER.gets("All are divided by 2")
def divides_all_by_two(incoming, outgoing, copied):
    return [list(incoming[unit]) for unit in copied], [[row[unit] / 2 for unit in copied] for row in outgoing]


@WIDER.gets("divided by the same number")
def divides_by_the_growth(incoming, outgoing, copied):
    growth = len(copied) / len(incoming)
    return [list(incoming[unit]) for unit in copied], [[row[unit] / growth for unit in copied] for row in outgoing]


@WIDER.gets("as it is, not divided")
def divides_what_comes_in(incoming, outgoing, copied):
    shared = [[weight / copied.count(unit) for weight in incoming[unit]] for unit in copied]
    return shared, [[row[unit] for unit in copied] for row in outgoing]


@WIDER.gets("weights of zero compute nothing")
def adds_dead_units(incoming, outgoing, copied):
    new = len(copied) - len(incoming)
    dead = [[0.0] * len(incoming[0]) for _ in range(new)]
    return [*incoming, *dead], [[*row, *([1.0] * new)] for row in outgoing]


@WIDER.gets("belongs to an output")
def forgets_who_reads(incoming, outgoing, copied):
    return [list(incoming[unit]) for unit in copied], outgoing


@WIDER.gets("were changed")
def changes_the_parent(incoming, outgoing, copied):
    result = wider(incoming, outgoing, copied)
    incoming[:], outgoing[:] = result
    return result
