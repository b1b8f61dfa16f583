"""Wrong answers to task 01.1."""

import math

from wrong_answers import WrongAnswers

BEST_AFTER = WrongAnswers()


def losses_within(curves, t, quantity="validation_loss"):
    """The right inner problem, which all have in common that are wrong elsewhere."""
    known = {}
    for name, curve in curves.items():
        points = [point for point in curve if point.epoch <= t]
        if points and not math.isnan(getattr(points[-1], quantity)):
            known[name] = getattr(points[-1], quantity)
    return known


@BEST_AFTER.gets("which lies beyond the budget t")
def ignores_the_budget(curves, t):
    return losses_within_end(curves)


def losses_within_end(curves):
    known = losses_within(curves, math.inf)
    return min(known, key=known.get)


@BEST_AFTER.gets("It has the highest validation loss")
def chooses_by_training_loss(curves, t):
    known = losses_within(curves, t, "train_loss")
    return min(known, key=known.get, default=None)


@BEST_AFTER.gets("It has the highest validation loss")
def takes_the_highest(curves, t):
    known = losses_within(curves, t)
    return max(known, key=known.get, default=None)


@BEST_AFTER.gets("It has the lowest loss at another epoch")
def takes_the_lowest_point_of_each_curve(curves, t):
    known = {name: min(point.validation_loss for point in curve) for name, curve in curves.items()}
    return min(known, key=known.get)


@BEST_AFTER.gets("not one with `epoch == t`")
def asks_for_exactly_t(curves, t):
    known = {name: p.validation_loss for name, curve in curves.items() for p in curve if p.epoch == t}
    return min(known, key=known.get, default=None)


@BEST_AFTER.gets("Is it `epoch <= t`, not `epoch == t`?")
def asks_for_exactly_t_and_raises(curves, t):
    known = {name: next(p.validation_loss for p in curve if p.epoch == t) for name, curve in curves.items()}
    return min(known, key=known.get)


@BEST_AFTER.gets("`epoch <= t`, not `epoch < t`")
def stops_before_t(curves, t):
    known = losses_within(curves, t - 1e-9)
    return min(known, key=known.get, default=None)


@BEST_AFTER.gets("`min` keeps a NaN that it meets first")
def keeps_what_diverged(curves, t):
    known = {name: [p for p in curve if p.epoch <= t][-1].validation_loss for name, curve in curves.items()}
    return min(known, key=known.get)


@BEST_AFTER.gets("There is nothing to choose from")
def expects_a_point_in_each_curve(curves, t):
    known = {name: [p for p in curve if p.epoch <= t][-1].validation_loss for name, curve in curves.items()}
    known = {name: loss for name, loss in known.items() if not math.isnan(loss)}
    return min(known, key=known.get, default=None)


@BEST_AFTER.gets("the first in `curves` wins")
def sorts_equals_by_name(curves, t):
    known = losses_within(curves, t)
    return min(sorted(known), key=known.get, default=None)


@BEST_AFTER.gets("the architecture (argmin), not for its loss (min)")
def returns_the_loss(curves, t):
    return min(losses_within(curves, t).values(), default=None)


@BEST_AFTER.gets("returns nothing")
def forgets_to_return(curves, t):
    min(losses_within(curves, t), default=None)


@BEST_AFTER.gets("Return the name of the architecture only")
def returns_name_and_loss(curves, t):
    return min(losses_within(curves, t).items(), key=lambda item: item[1], default=None)
