"""What students write for the tasks of set 12, right and typically wrong."""

from wrong_answers import WrongAnswers

FAIR_MEAN, EXPECTED_BEST = WrongAnswers(), WrongAnswers()


def _mean(values):
    return sum(values) / len(values)


def fair_mean(samples, sizes):
    return sum(n * _mean(sample) for sample, n in zip(samples, sizes, strict=True)) / sum(sizes)


@FAIR_MEAN.gets("a stratum of which more was measured counts more than it should")
def pools_everything(samples, sizes):
    return _mean([value for sample in samples for value in sample])


@FAIR_MEAN.gets("each counts the same here")
def takes_the_mean_of_means(samples, sizes):
    return _mean([_mean(sample) for sample in samples])


@FAIR_MEAN.gets("Divide by the number of all")
def sums_only(samples, sizes):
    return fair_mean(samples, sizes) * sum(sizes)


@FAIR_MEAN.gets("Divided by the number that was measured")
def divides_by_what_was_measured(samples, sizes):
    return sums_only(samples, sizes) / sum(map(len, samples))


@FAIR_MEAN.gets("one number for each stratum")
def returns_each_stratum(samples, sizes):
    return [_mean(sample) for sample in samples]


@FAIR_MEAN.gets("returns nothing")
def forgets_to_return_the_mean(samples, sizes):
    fair_mean(samples, sizes)


@FAIR_MEAN.gets("add up size times mean")
def weights_by_the_root(samples, sizes):
    weights = [n**0.5 for n in sizes]
    return sum(w * _mean(sample) for w, sample in zip(weights, samples, strict=True)) / sum(weights)


def expected_best(values, draws):
    count = len(values)
    return sum(x * ((k / count) ** draws - ((k - 1) / count) ** draws) for k, x in enumerate(sorted(values), 1))


@EXPECTED_BEST.gets("With few draws one may miss it")
def takes_the_best_of_all(values, draws):
    return max(values)


@EXPECTED_BEST.gets("That is the mean of one draw")
def takes_the_mean(values, draws):
    return _mean(values)


@EXPECTED_BEST.gets("That is the lowest of the draws")
def takes_the_lowest(values, draws):
    return -expected_best([-value for value in values], draws)


@EXPECTED_BEST.gets("Nothing is drawn twice here")
def draws_without_replacement(values, draws):
    from itertools import combinations

    return _mean([max(course) for course in combinations(values, min(draws, len(values)))])


@EXPECTED_BEST.gets("Equal values count once here")
def merges_equal_values(values, draws):
    return expected_best(list(set(values)), draws)


@EXPECTED_BEST.gets("Values come in any order")
def forgets_to_sort(values, draws):
    count = len(values)
    return sum(x * ((k / count) ** draws - ((k - 1) / count) ** draws) for k, x in enumerate(values, 1))


@EXPECTED_BEST.gets("there are values in between")
def sees_the_best_or_the_worst(values, draws):
    return min(values) + (max(values) - min(values)) * (1 - (1 - 1 / len(values)) ** draws)


@EXPECTED_BEST.gets("And the k-th is the best of them?")
def forgets_to_subtract(values, draws):
    count = len(values)
    return sum(x * (k / count) ** draws for k, x in enumerate(sorted(values), 1)) / count * draws


@EXPECTED_BEST.gets("returns nothing")
def forgets_to_return_the_best(values, draws):
    expected_best(values, draws)
