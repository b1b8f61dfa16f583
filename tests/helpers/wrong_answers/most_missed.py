"""Wrong answers to task 09.2."""

from wrong_answers import WrongAnswers

MOST_MISSED = WrongAnswers()


def accuracies(validate, weights, edge):
    without = []
    for o in range(len(weights[edge])):
        tried = [list(row) for row in weights]
        tried[edge][o] = 0.0
        without.append(validate(tried))
    return without


def right(validate, weights, edge):
    without = accuracies(validate, weights, edge)
    return without.index(min(without))


@MOST_MISSED.gets("You took the largest mixing weight")
def takes_argmax(validate, weights, edge):
    return weights[edge].index(max(weights[edge]))


@MOST_MISSED.gets("the operation that is missed least")
def takes_the_highest_accuracy(validate, weights, edge):
    without = accuracies(validate, weights, edge)
    return without.index(max(without))


@MOST_MISSED.gets("Of equals, the first one is kept")
def takes_the_last_of_equals(validate, weights, edge):
    without = accuracies(validate, weights, edge)
    return max(o for o, accuracy in enumerate(without) if accuracy == min(without))


@MOST_MISSED.gets("The caller's weights have been changed")
def forgets_to_restore(validate, weights, edge):
    chosen = right(validate, weights, edge)
    weights[edge][0] = 0.0
    return chosen


@MOST_MISSED.gets("they are not divided by their sum")
def normalizes_the_others(validate, weights, edge):
    for o in range(len(weights[edge])):
        tried = [list(row) for row in weights]
        tried[edge][o] = 0.0
        tried[edge] = [weight / sum(tried[edge]) for weight in tried[edge]]
        validate(tried)
    return right(validate, weights, edge)


@MOST_MISSED.gets("That is an accuracy")
def returns_the_accuracy(validate, weights, edge):
    return min(accuracies(validate, weights, edge))
