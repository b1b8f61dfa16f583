"""Wrong answers to task 08.1."""

from math import exp

from wrong_answers import WrongAnswers

MIXED_OPERATION = WrongAnswers()


def softmax(alpha):
    powers = [exp(a) for a in alpha]
    return [power / sum(powers) for power in powers]


def mix(outputs, p):
    return [sum(a * b for a, b in zip(p, values, strict=True)) for values in zip(*outputs, strict=True)]


def gradient(outputs, p, slopes, mixture):
    by_o = [sum(s * (v - m) for s, v, m in zip(slopes, signal, mixture, strict=True)) for signal in outputs]
    return [a * b for a, b in zip(p, by_o, strict=True)]


def right(outputs, alpha, slopes):
    p = softmax(alpha)
    mixture = mix(outputs, p)
    return mixture, gradient(outputs, p, slopes, mixture)


@MIXED_OPERATION.gets("weighted by alpha itself")
def weighs_by_alpha(outputs, alpha, slopes):
    return mix(outputs, alpha), right(outputs, alpha, slopes)[1]


@MIXED_OPERATION.gets("not divided by their sum")
def forgets_to_normalize(outputs, alpha, slopes):
    return mix(outputs, [exp(a) for a in alpha]), right(outputs, alpha, slopes)[1]


@MIXED_OPERATION.gets("alpha is not used")
def takes_the_mean(outputs, alpha, slopes):
    return mix(outputs, [1 / len(alpha)] * len(alpha)), right(outputs, alpha, slopes)[1]


@MIXED_OPERATION.gets("the strongest operation alone")
def takes_the_argmax(outputs, alpha, slopes):
    return outputs[alpha.index(max(alpha))], right(outputs, alpha, slopes)[1]


@MIXED_OPERATION.gets("The softmax lies between p and alpha")
def differentiates_in_p(outputs, alpha, slopes):
    mixture = right(outputs, alpha, slopes)[0]
    return mixture, [sum(s * v for s, v in zip(slopes, signal, strict=True)) for signal in outputs]


@MIXED_OPERATION.gets("raising one alpha lowers all other weights")
def forgets_the_other_weights(outputs, alpha, slopes):
    mixture = right(outputs, alpha, slopes)[0]
    return mixture, gradient(outputs, softmax(alpha), slopes, [0.0] * len(slopes))


@MIXED_OPERATION.gets("The factor p_o is missing")
def forgets_p(outputs, alpha, slopes):
    mixture = right(outputs, alpha, slopes)[0]
    return mixture, gradient(outputs, [1.0] * len(alpha), slopes, mixture)


@MIXED_OPERATION.gets("The sign is wrong")
def goes_downhill(outputs, alpha, slopes):
    mixture, found = right(outputs, alpha, slopes)
    return mixture, [-x for x in found]


@MIXED_OPERATION.gets("Two things are asked for")
def returns_the_mixture_only(outputs, alpha, slopes):
    return right(outputs, alpha, slopes)[0]
