"""Wrong answers to the tasks of sets 10 and 11."""

from wrong_answers import WrongAnswers

KERNEL, KENDALL_TAU, SUM_OF_RANKS, FIRST_POPULATION = (WrongAnswers() for _ in range(4))


def kernel(codes):
    return [[sum(a == b for a, b in zip(one, other, strict=True)) for other in codes] for one in codes]


@KERNEL.gets("the Hamming distances")
def counts_what_differs(codes):
    return [[sum(a != b for a, b in zip(one, other, strict=True)) for other in codes] for one in codes]


@KERNEL.gets("that are off for both agree as well")
def counts_both_on(codes):
    return [[sum(a * b for a, b in zip(one, other, strict=True)) for other in codes] for one in codes]


@KERNEL.gets("Divided by the number of ReLUs")
def takes_the_share(codes):
    return [[value / len(codes[0]) for value in row] for row in kernel(codes)]


@KERNEL.gets("The diagonal is zero")
def leaves_the_diagonal_out(codes):
    return [[value * (i != j) for j, value in enumerate(row)] for i, row in enumerate(kernel(codes))]


@KERNEL.gets("one column for each ReLU")
def compares_relus(codes):
    return [list(code) for code in codes]


def kendall_tau(proxy, accuracy, tie=0):
    total = 0
    for i in range(len(proxy)):
        for j in range(i):
            product = (proxy[i] - proxy[j]) * (accuracy[i] - accuracy[j])
            total += (product > 0) - (product < 0) + tie * (product == 0)
    return total / (len(proxy) * (len(proxy) - 1) / 2)


@KENDALL_TAU.gets("The sign: pairs ordered alike count +1")
def turns_it_round(proxy, accuracy):
    return -kendall_tau(proxy, accuracy)


@KENDALL_TAU.gets("The sum is not divided yet")
def does_not_divide(proxy, accuracy):
    return kendall_tau(proxy, accuracy) * len(proxy) * (len(proxy) - 1) / 2


@KENDALL_TAU.gets("but each pair was counted once")
def divides_by_too_much(proxy, accuracy):
    return kendall_tau(proxy, accuracy) / 2


@KENDALL_TAU.gets("Each pair was counted twice")
def counts_twice(proxy, accuracy):
    return 2 * kendall_tau(proxy, accuracy)


@KENDALL_TAU.gets("Take off the part ordered the other way")
def takes_the_part_alike(proxy, accuracy):
    return (kendall_tau(proxy, accuracy, tie=-1) + 1) / 2


@KENDALL_TAU.gets("it counts 0, not -1")
def counts_ties_as_unlike(proxy, accuracy):
    return kendall_tau(proxy, accuracy, tie=-1)


@KENDALL_TAU.gets("returns nothing")
def forgets_to_return_tau(proxy, accuracy):
    kendall_tau(proxy, accuracy)


def sum_of_ranks(proxies):
    ranks = [[1 + sum(other < x for other in row) for x in row] for row in proxies]
    return [sum(column) / len(column) for column in zip(*ranks, strict=True)]


@SUM_OF_RANKS.gets("The best has rank 1 here")
def ranks_the_other_way(proxies):
    return sum_of_ranks([[-x for x in row] for row in proxies])


@SUM_OF_RANKS.gets("Ranks begin at 0 here")
def counts_from_zero(proxies):
    return [x - 1 for x in sum_of_ranks(proxies)]


@SUM_OF_RANKS.gets("That is the sum")
def sums_only(proxies):
    return [x * len(proxies) for x in sum_of_ranks(proxies)]


@SUM_OF_RANKS.gets("Rank first")
def takes_the_mean_of_values(proxies):
    return [sum(column) / len(column) for column in zip(*proxies, strict=True)]


@SUM_OF_RANKS.gets("one number for each proxy")
def goes_along_the_rows(proxies):
    return [sum(row) / len(row) for row in proxies]


def first_population(pool, proxy, size):
    return sorted(dict.fromkeys(pool), key=proxy, reverse=True)[:size]


@FIRST_POPULATION.gets("one that was drawn twice counts once")
def keeps_copies(pool, proxy, size):
    return sorted(pool, key=proxy, reverse=True)[:size]


@FIRST_POPULATION.gets("These are the lowest by proxy")
def takes_the_lowest(pool, proxy, size):
    return sorted(dict.fromkeys(pool), key=proxy)[:size]


@FIRST_POPULATION.gets("These are too many")
def takes_all(pool, proxy, size):
    return sorted(dict.fromkeys(pool), key=proxy, reverse=True)


@FIRST_POPULATION.gets("in the order in which they were drawn")
def does_not_rank(pool, proxy, size):
    return list(dict.fromkeys(pool))[:size]


@FIRST_POPULATION.gets("ask it once for each distinct architecture")
def asks_again_and_again(pool, proxy, size):
    left, chosen = list(dict.fromkeys(pool)), []
    while left and len(chosen) < size:
        best = max(left, key=proxy)
        chosen.append(best)
        left.remove(best)
    return chosen


@FIRST_POPULATION.gets("without their scores")
def returns_scores(pool, proxy, size):
    return [(proxy(one), one) for one in first_population(pool, proxy, size)]
