"""Wrong answers to task 04.1."""

from wrong_answers import WrongAnswers

SCORE_FUNCTION = WrongAnswers()


@SCORE_FUNCTION.gets("The signs are reversed")
def reverses_the_signs(probabilities, choice):
    return [p - (c == choice) for c, p in enumerate(probabilities)]


@SCORE_FUNCTION.gets("they are in the denominator of the softmax")
def forgets_the_other_logits(probabilities, choice):
    return [float(c == choice) for c in range(len(probabilities))]


@SCORE_FUNCTION.gets("the gradient of the probability, not of its logarithm")
def derives_the_probability(probabilities, choice):
    return [probabilities[choice] * ((c == choice) - p) for c, p in enumerate(probabilities)]


@SCORE_FUNCTION.gets("by the probability. It is asked for by the logits")
def derives_by_the_probability(probabilities, choice):
    return [(c == choice) / p for c, p in enumerate(probabilities)]


@SCORE_FUNCTION.gets("That is one number")
def derives_by_one_logit_only(probabilities, choice):
    return 1 - probabilities[choice]


@SCORE_FUNCTION.gets("returns nothing")
def forgets_to_return(probabilities, choice):
    [(c == choice) - p for c, p in enumerate(probabilities)]
