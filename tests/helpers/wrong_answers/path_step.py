"""Wrong answers to task 07.2."""

from wrong_answers import WrongAnswers

PATH_STEP = WrongAnswers()


def step(weights, velocity, gradient, path, rate, momentum=0.9, decay=0.01, sign=-1, names=None):
    w, v, g = dict(weights), dict(velocity), gradient(weights, path)
    for name in path if names is None else names:
        v[name] = momentum * v[name] + g[name] + decay * w[name]
        w[name] += sign * rate * v[name]
    return w, v


def right(weights, velocity, gradient, path, rate):
    return step(weights, velocity, gradient, path, rate)


@PATH_STEP.gets("returns nothing")
def forgets_to_return(*arguments):
    step(*arguments)


@PATH_STEP.gets("Two dictionaries are asked for")
def returns_the_weights_only(*arguments):
    return step(*arguments)[0]


@PATH_STEP.gets("belongs into the result as well")
def returns_the_path_only(weights, velocity, gradient, path, rate):
    w, v = step(weights, velocity, gradient, path, rate)
    return {name: w[name] for name in path}, {name: v[name] for name in path}


@PATH_STEP.gets("momentum and decay go on")
def updates_everything(weights, velocity, gradient, path, rate):
    return step(weights, velocity, gradient, path, rate, names=weights)


@PATH_STEP.gets("The momentum is missing")
def forgets_momentum(*arguments):
    return step(*arguments, momentum=0.0)


@PATH_STEP.gets("The weight decay is missing")
def forgets_decay(*arguments):
    return step(*arguments, decay=0.0)


@PATH_STEP.gets("The sign is wrong")
def climbs(*arguments):
    return step(*arguments, sign=1)


@PATH_STEP.gets("were updated, and those of the path were not")
def updates_the_rest(weights, velocity, gradient, path, rate):
    return step(weights, velocity, gradient, path, rate, names=[name for name in weights if name not in path])


@PATH_STEP.gets("waits, as it is, for its next turn")
def lets_other_velocities_fade(weights, velocity, gradient, path, rate):
    w, v = step(weights, velocity, gradient, path, rate)
    return w, {name: value if name in path else 0.9 * value for name, value in v.items()}


@PATH_STEP.gets("The caller's dictionaries have been changed")
def changes_what_it_was_given(weights, velocity, gradient, path, rate):
    g = gradient(dict(weights), path)
    for name in path:
        velocity[name] = 0.9 * velocity[name] + g[name] + 0.01 * weights[name]
        weights[name] -= rate * velocity[name]
    return weights, velocity
