"""Wrong answers to task 05.1."""

from statistics import NormalDist

from wrong_answers import WrongAnswers

EXPECTED_IMPROVEMENT = WrongAnswers()
NORMAL = NormalDist()


def right(mean, deviation, best):
    if deviation == 0:
        return max(0.0, mean - best)
    z = (mean - best) / deviation
    return (mean - best) * NORMAL.cdf(z) + deviation * NORMAL.pdf(z)


@EXPECTED_IMPROVEMENT.gets("of something that is minimised")
def minimises(mean, deviation, best):
    return right(-mean, deviation, -best) if deviation else max(0.0, mean - best)


@EXPECTED_IMPROVEMENT.gets("it does not ask by how much")
def takes_the_probability(mean, deviation, best):
    return NORMAL.cdf((mean - best) / deviation)


@EXPECTED_IMPROVEMENT.gets("its factor `deviation` is missing")
def forgets_the_factor(mean, deviation, best):
    z = (mean - best) / deviation
    return (mean - best) * NORMAL.cdf(z) + NORMAL.pdf(z)


@EXPECTED_IMPROVEMENT.gets("Only the first term is there")
def forgets_the_second_term(mean, deviation, best):
    return (mean - best) * NORMAL.cdf((mean - best) / deviation)


@EXPECTED_IMPROVEMENT.gets("z is not divided by the deviation")
def does_not_standardise(mean, deviation, best):
    if deviation == 0:
        return max(0.0, mean - best)
    return (mean - best) * NORMAL.cdf(mean - best) + deviation * NORMAL.pdf(mean - best)


@EXPECTED_IMPROVEMENT.gets("Do not divide by it")
def divides_by_zero(mean, deviation, best):
    z = (mean - best) / deviation
    return (mean - best) * NORMAL.cdf(z) + deviation * NORMAL.pdf(z)


@EXPECTED_IMPROVEMENT.gets("returns nothing")
def forgets_to_return(mean, deviation, best):
    right(mean, deviation, best)
