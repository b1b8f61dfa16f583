"""Wrong answers to task 09.1."""

from math import exp, log

from wrong_answers import WrongAnswers

STRAIGHT_THROUGH = WrongAnswers()


def softmax(logits):
    powers = [exp(logit - max(logits)) for logit in logits]
    return [power / sum(powers) for power in powers]


def parts(alpha, uniform, tau):
    soft = softmax([(a - log(-log(u))) / tau for a, u in zip(alpha, uniform, strict=True)])
    return [int(p == max(soft)) for p in soft], soft


def through(p, slopes, tau):
    mean = sum(a * b for a, b in zip(p, slopes, strict=True))
    return [a * (b - mean) / tau for a, b in zip(p, slopes, strict=True)]


def right(alpha, uniform, tau, slopes):
    h, soft = parts(alpha, uniform, tau)
    return h, through(soft, slopes, tau)


@STRAIGHT_THROUGH.gets("In value h is one-hot")
def returns_the_soft_sample(alpha, uniform, tau, slopes):
    _, soft = parts(alpha, uniform, tau)
    return soft, through(soft, slopes, tau)


@STRAIGHT_THROUGH.gets("The noise has the wrong sign")
def subtracts_the_noise(alpha, uniform, tau, slopes):
    soft = softmax([(a + log(-log(u))) / tau for a, u in zip(alpha, uniform, strict=True)])
    return [int(p == max(soft)) for p in soft], through(soft, slopes, tau)


@STRAIGHT_THROUGH.gets("so nothing is random")
def takes_the_largest_alpha(alpha, uniform, tau, slopes):
    return [int(a == max(alpha)) for a in alpha], right(alpha, uniform, tau, slopes)[1]


@STRAIGHT_THROUGH.gets("The factor 1/tau is missing")
def forgets_tau(alpha, uniform, tau, slopes):
    h, soft = parts(alpha, uniform, tau)
    return h, through(soft, slopes, 1)


@STRAIGHT_THROUGH.gets("goes through the hard h")
def differentiates_the_hard_sample(alpha, uniform, tau, slopes):
    h, _ = parts(alpha, uniform, tau)
    return h, through(h, slopes, tau)


@STRAIGHT_THROUGH.gets("taken at softmax(alpha)")
def forgets_the_noise_in_the_gradient(alpha, uniform, tau, slopes):
    return parts(alpha, uniform, tau)[0], through(softmax(alpha), slopes, tau)


@STRAIGHT_THROUGH.gets("Two things are asked for")
def returns_the_sample_only(alpha, uniform, tau, slopes):
    return parts(alpha, uniform, tau)[0]
