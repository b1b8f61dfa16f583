"""Wrong answers to task 04.2."""

from wrong_answers import WrongAnswers

EPISODE_LOSSES = WrongAnswers()


def right(log_probabilities, rewards, decay):
    baseline, losses = rewards[0], []
    for log_probability, reward in zip(log_probabilities, rewards, strict=True):
        losses.append(-(reward - baseline) * log_probability)
        baseline = decay * baseline + (1 - decay) * reward
    return losses


@EPISODE_LOSSES.gets("an optimizer makes a loss *smaller*")
def climbs_down(log_probabilities, rewards, decay):
    return [-loss for loss in right(log_probabilities, rewards, decay)]


@EPISODE_LOSSES.gets("There is no baseline in it")
def has_no_baseline(log_probabilities, rewards, decay):
    return [-reward * g for reward, g in zip(rewards, log_probabilities, strict=True)]


@EPISODE_LOSSES.gets("Old and new are exchanged")
def exchanges_old_and_new(log_probabilities, rewards, decay):
    return right(log_probabilities, rewards, 1 - decay)


@EPISODE_LOSSES.gets("Use it first, then update it")
def updates_first(log_probabilities, rewards, decay):
    baseline, losses = rewards[0], []
    for log_probability, reward in zip(log_probabilities, rewards, strict=True):
        baseline = decay * baseline + (1 - decay) * reward
        losses.append(-(reward - baseline) * log_probability)
    return losses


@EPISODE_LOSSES.gets("The baseline starts at 0")
def starts_at_zero(log_probabilities, rewards, decay):
    return right([0.0, *log_probabilities], [0.0, *rewards], decay)[1:]


@EPISODE_LOSSES.gets("That is one number")
def adds_them(log_probabilities, rewards, decay):
    return sum(right(log_probabilities, rewards, decay))
