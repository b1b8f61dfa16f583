"""Wrong answers to task 05.2."""

import numpy as np

from wrong_answers import WrongAnswers

POSTERIOR = WrongAnswers()


def right(gram, k, y, noise):
    noisy = gram + noise * np.eye(len(y))
    return k @ np.linalg.solve(noisy, y), 1 - k @ np.linalg.solve(noisy, k)


@POSTERIOR.gets("The noise is missing")
def forgets_the_noise(gram, k, y, noise):
    return right(gram, k, y, 0)


@POSTERIOR.gets("That is the standard deviation")
def takes_the_root(gram, k, y, noise):
    mean, variance = right(gram, k, y, noise)
    return mean, variance**0.5


@POSTERIOR.gets("by how much the variance shrinks")
def returns_what_was_learned(gram, k, y, noise):
    mean, variance = right(gram, k, y, noise)
    return mean, 1 - variance


@POSTERIOR.gets("K_y^-1 is missing")
def does_not_solve(gram, k, y, noise):
    return k @ y, right(gram, k, y, noise)[1]


@POSTERIOR.gets("The noise was added to every entry of K")
def adds_noise_everywhere(gram, k, y, noise):
    return k @ np.linalg.solve(gram + noise, y), 1 - k @ np.linalg.solve(gram + noise, k)


@POSTERIOR.gets("Two numbers are asked for")
def returns_the_mean_only(gram, k, y, noise):
    return right(gram, k, y, noise)[0]


@POSTERIOR.gets("returns nothing")
def forgets_to_return(gram, k, y, noise):
    right(gram, k, y, noise)
