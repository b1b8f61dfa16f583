"""Wrong answers to task 08.2."""

from wrong_answers import WrongAnswers

SECOND_ORDER = WrongAnswers()


def move(start, direction, size):
    return [a + size * d for a, d in zip(start, direction, strict=True)]


def product(train, alpha, w, v, width=2.0):
    norm = sum(x * x for x in v) ** 0.5
    if norm == 0:
        return [0.0] * len(alpha)
    eps = 0.01 / norm
    plus, minus = (train(alpha, move(w, v, sign * eps))[0] for sign in (1, -1))
    return [(a - b) / (width * eps) for a, b in zip(plus, minus, strict=True)]


def right(train, validation, alpha, w, xi):
    first, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(first, product(train, alpha, w, v), -xi)


@SECOND_ORDER.gets("That is first order")
def stays_at_w(train, validation, alpha, w, xi):
    return validation(alpha, w)[0]


@SECOND_ORDER.gets("The second term is missing")
def forgets_the_second_term(train, validation, alpha, w, xi):
    return validation(alpha, move(w, train(alpha, w)[1], -xi))[0]


@SECOND_ORDER.gets("v is the validation gradient at w.")
def takes_v_at_w(train, validation, alpha, w, xi):
    first, _ = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(first, product(train, alpha, w, validation(alpha, w)[1]), -xi)


@SECOND_ORDER.gets("not of the training loss")
def takes_v_of_the_training_loss(train, validation, alpha, w, xi):
    by_w = train(alpha, w)[1]
    first, _ = validation(alpha, move(w, by_w, -xi))
    return move(first, product(train, alpha, w, by_w), -xi)


@SECOND_ORDER.gets("has the wrong sign")
def adds_the_second_term(train, validation, alpha, w, xi):
    first, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(first, product(train, alpha, w, v), xi)


@SECOND_ORDER.gets("The factor xi of the second term")
def forgets_xi(train, validation, alpha, w, xi):
    first, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(first, product(train, alpha, w, v), -1.0)


@SECOND_ORDER.gets("divided by 2 eps, not by eps")
def divides_by_eps(train, validation, alpha, w, xi):
    first, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(first, product(train, alpha, w, v, width=1.0), -xi)


@SECOND_ORDER.gets("The first term is taken at w")
def takes_the_first_term_at_w(train, validation, alpha, w, xi):
    _, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    return move(validation(alpha, w)[0], product(train, alpha, w, v), -xi)


@SECOND_ORDER.gets("eps = 0.01 / |v| has no value")
def divides_by_zero(train, validation, alpha, w, xi):
    first, v = validation(alpha, move(w, train(alpha, w)[1], -xi))
    eps = 0.01 / sum(x * x for x in v) ** 0.5
    plus, minus = (train(alpha, move(w, v, sign * eps))[0] for sign in (1, -1))
    return [f - xi * (p - m) / (2 * eps) for f, p, m in zip(first, plus, minus, strict=True)]


@SECOND_ORDER.gets("The caller's lists have been changed")
def moves_the_callers_w(train, validation, alpha, w, xi):
    found = right(train, validation, alpha, w, xi)
    w[:] = [value + 0.1 for value in w]
    return found
