"""Wrong answers to task 03.3. Each is the loop after the initial population, which all have in common."""

from collections import deque

from nas_edu.core import run_trial, score
from wrong_answers import WrongAnswers

AGING = WrongAnswers()


def initial(space, evaluate, population_size, rng):
    return deque(run_trial(evaluate, space.sample(rng)) for _ in range(population_size))


def evolution(step):
    """`step(population, space, evaluate, select, sample_size, rng)` makes one birth and returns what is yielded."""

    def evolve(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
        population = deque()
        while len(population) < population_size:
            trial = run_trial(evaluate, space.sample(rng))
            population.append(trial)
            yield trial
        while True:
            yield step(population, space, evaluate, lambda: select(population, sample_size, rng), rng)

    evolve.__name__ = step.__name__
    return evolve


@AGING.gets("The worst, C, died. The oldest should, however good it is: A")
@evolution
def removes_the_worst(population, space, evaluate, select, rng):
    parent = select()
    child = space.mutate(parent.architecture, rng)
    population.append(run_trial(evaluate, child, parents=[parent], replaces=min(population, key=score)))
    population.remove(min(population, key=score))
    return population[-1]


@AGING.gets("The youngest, D, died")
@evolution
def removes_the_youngest(population, space, evaluate, select, rng):
    parent = select()
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population[0])
    population.append(trial)
    population.pop()
    return trial


@AGING.gets("Nobody died")
@evolution
def forgets_to_remove(population, space, evaluate, select, rng):
    parent = select()
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population[0])
    population.append(trial)
    return trial


@AGING.gets("The oldest died before the tournament")
@evolution
def removes_before_the_tournament(population, space, evaluate, select, rng):
    oldest = population.popleft()
    parent = select()
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=oldest)
    population.append(trial)
    return trial


@AGING.gets("The child D is missing")
@evolution
def forgets_the_child(population, space, evaluate, select, rng):
    parent = select()
    child = space.mutate(parent.architecture, rng)
    return run_trial(evaluate, child, parents=[parent], replaces=population.popleft())


@AGING.gets("B died, but the oldest is A")
@evolution
def removes_the_second_oldest(population, space, evaluate, select, rng):
    parent = select()
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population[1])
    del population[1]
    population.append(trial)
    return trial


@AGING.gets("`space.mutate`, not `space.sample`")
@evolution
def goes_on_at_random(population, space, evaluate, select, rng):
    trial = run_trial(evaluate, space.sample(rng), parents=[select()], replaces=population.popleft())
    population.append(trial)
    return trial


@AGING.gets("what is mutated is its architecture")
@evolution
def mutates_the_trial(population, space, evaluate, select, rng):
    parent = select()
    trial = run_trial(evaluate, space.mutate(parent, rng), parents=[parent], replaces=population.popleft())
    population.append(trial)
    return trial


@AGING.gets("Yield what `run_trial` returns")
@evolution
def yields_the_architecture(population, space, evaluate, select, rng):
    parent = select()
    child = space.mutate(parent.architecture, rng)
    population.append(run_trial(evaluate, child, parents=[parent], replaces=population.popleft()))
    return child


@AGING.gets("Let `select` hold the tournament")
@evolution
def holds_no_tournament(population, space, evaluate, select, rng):
    parent = max(population, key=score)
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population.popleft())
    population.append(trial)
    return trial


@AGING.gets("Hand `parents=[parent]` to `run_trial`")
@evolution
def hides_the_parent(population, space, evaluate, select, rng):
    trial = run_trial(evaluate, space.mutate(select().architecture, rng), replaces=population.popleft())
    population.append(trial)
    return trial


@AGING.gets("Hand `replaces=oldest` to `run_trial`")
@evolution
def names_the_wrong_place(population, space, evaluate, select, rng):
    parent = select()
    population.popleft()
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population[0])
    population.append(trial)
    return trial


@AGING.gets("Each parent should win a tournament")
@evolution
def ignores_the_winner(population, space, evaluate, select, rng):
    select()
    parent = population[-1]
    trial = run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population.popleft())
    population.append(trial)
    return trial


@AGING.gets("Hand on what `evolve` was given")
def draws_everybody(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
    population = deque()
    while len(population) < population_size:
        population.append(run_trial(evaluate, space.sample(rng)))
        yield population[-1]
    while True:
        parent = select(population, population_size, rng)
        child = space.mutate(parent.architecture, rng)
        population.append(run_trial(evaluate, child, parents=[parent], replaces=population.popleft()))
        yield population[-1]


@AGING.gets("The loop never yields")
def never_yields_children(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
    population = deque()
    while len(population) < population_size:
        population.append(run_trial(evaluate, space.sample(rng)))
        yield population[-1]
    while True:
        parent = select(population, sample_size, rng)
        child = space.mutate(parent.architecture, rng)
        population.append(run_trial(evaluate, child, parents=[parent], replaces=population.popleft()))


@AGING.gets("One birth, one `yield`")
def yields_the_initial_population_late(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
    yield from initial(space, evaluate, population_size, rng)


@AGING.gets("The loop should go on for ever")
def stops_after_one_child(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
    population = deque()
    while len(population) < population_size:
        population.append(run_trial(evaluate, space.sample(rng)))
        yield population[-1]
    parent = select(population, sample_size, rng)
    yield run_trial(evaluate, space.mutate(parent.architecture, rng), parents=[parent], replaces=population.popleft())


@AGING.gets("must be a generator")
def collects_the_trials(space, evaluate, *, population_size=20, sample_size=10, select=None, rng):
    return list(initial(space, evaluate, population_size, rng))
