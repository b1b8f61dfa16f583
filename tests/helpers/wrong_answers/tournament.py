"""Wrong answers to task 03.2."""

import math
import random

from nas_edu.core import score
from wrong_answers import WrongAnswers

TOURNAMENT = WrongAnswers()


@TOURNAMENT.gets("the sample is drawn with replacement")
def draws_with_replacement(population, sample_size, rng):
    return max(rng.choices(population, k=sample_size), key=score)


@TOURNAMENT.gets("The lowest score wins")
def picks_the_worst(population, sample_size, rng):
    return min(rng.sample(population, sample_size), key=score)


@TOURNAMENT.gets("The best of the whole population always wins")
def compares_the_whole_population(population, sample_size, rng):
    rng.sample(population, sample_size)
    return max(population, key=score)


@TOURNAMENT.gets("a generator made inside with a fixed seed takes its place")
def makes_its_own_seeded_generator(population, sample_size, rng):
    numbers = random.Random(len(population))
    return max(numbers.sample(population, sample_size), key=score)


@TOURNAMENT.gets("The best of the whole population always wins")
def draws_nothing(population, sample_size, rng):
    return max(population, key=score)


@TOURNAMENT.gets("Everybody wins equally often")
def does_not_compare(population, sample_size, rng):
    return rng.sample(population, sample_size)[0]


@TOURNAMENT.gets("global generator of the module `random`")
def uses_the_global_generator(population, sample_size, rng):
    return max(random.sample(population, sample_size), key=score)


@TOURNAMENT.gets("Return the trial itself, not its architecture, its score or its position")
def returns_the_score(population, sample_size, rng):
    return max(trial.score for trial in rng.sample(population, sample_size))


@TOURNAMENT.gets("One winner is asked for")
def returns_all_drawn(population, sample_size, rng):
    return sorted(rng.sample(population, sample_size), key=score)


@TOURNAMENT.gets("returns nothing")
def forgets_to_return(population, sample_size, rng):
    max(rng.sample(population, sample_size), key=score)


@TOURNAMENT.gets("The population was changed")
def shuffles_the_population(population, sample_size, rng):
    rng.shuffle(population)
    return max(population[:sample_size], key=score)


@TOURNAMENT.gets("take the first drawn as the best so far")
def finds_no_winner_where_all_failed(population, sample_size, rng):
    best, highest = None, -math.inf
    for trial in rng.sample(population, sample_size):
        if trial.score > highest:
            best, highest = trial, trial.score
    return best


@TOURNAMENT.gets("A tie favours somebody")
def prefers_the_oldest_among_equals(population, sample_size, rng):
    positions = sorted(rng.sample(range(len(population)), sample_size))
    return max((population[position] for position in positions), key=score)


@TOURNAMENT.gets("Not every sample is equally likely")
def draws_neighbours_only(population, sample_size, rng):
    start = rng.randrange(len(population) - sample_size + 1)
    return max(rng.sample(population[start : start + sample_size], sample_size), key=score)
