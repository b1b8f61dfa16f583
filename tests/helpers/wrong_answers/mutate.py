"""Wrong answers to task 03.1."""

import random

from nas_edu.search_spaces import Cell
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from wrong_answers import WrongAnswers

MUTATE = WrongAnswers()


def changed(cell, edge, operation):
    return Cell((*cell.operations[:edge], operation, *cell.operations[edge + 1 :]))


def others(cell, edge):
    return [operation for operation in OPERATIONS if operation != cell.operations[edge]]


@MUTATE.gets("The new operation may be the old one")
def may_return_the_parent(cell, rng):
    return changed(cell, rng.randrange(6), rng.choice(OPERATIONS))


@MUTATE.gets("2 edges were changed. Draw one edge")
def changes_two_edges(cell, rng):
    first, second = rng.sample(range(6), 2)
    cell = changed(cell, first, rng.choice(others(cell, first)))
    return changed(cell, second, rng.choice(others(cell, second)))


@MUTATE.gets("6 edges were changed. Draw one edge")
def changes_every_edge(cell, rng):
    return Cell(tuple(rng.choice(others(cell, edge)) for edge in range(6)))


@MUTATE.gets("global generator of the module `random`")
def uses_the_global_generator(cell, rng):
    edge = random.randrange(6)
    return changed(cell, edge, random.choice(others(cell, edge)))


@MUTATE.gets("global generator of the module `numpy.random`")
def uses_numpys_global_generator(cell, rng):
    import numpy as np

    edge = np.random.randint(6)
    return changed(cell, edge, rng.choice(others(cell, edge)))


@MUTATE.gets("a generator made inside with a fixed seed takes its place")
def makes_its_own_seeded_generator(cell, rng):
    rng = random.Random(0)
    edge = rng.randrange(6)
    return changed(cell, edge, rng.choice(others(cell, edge)))


@MUTATE.gets("depends on something besides its arguments")
def makes_its_own_unseeded_generator(cell, rng):
    rng = random.Random()
    edge = rng.randrange(6)
    return changed(cell, edge, rng.choice(others(cell, edge)))


@MUTATE.gets("A cell cannot be changed")
def mutates_the_operations_in_place(cell, rng):
    edge = rng.randrange(6)
    cell.operations[edge] = rng.choice(others(cell, edge))
    return cell


@MUTATE.gets("A cell cannot be changed")
def mutates_the_cell_in_place(cell, rng):
    edge = rng.randrange(6)
    cell.operations = changed(cell, edge, rng.choice(others(cell, edge))).operations
    return cell


@MUTATE.gets("`mutate` returns nothing")
def forgets_to_return(cell, rng):
    edge = rng.randrange(6)
    changed(cell, edge, rng.choice(others(cell, edge)))


@MUTATE.gets("These are operations, not yet a cell")
def returns_a_list(cell, rng):
    edge = rng.randrange(6)
    return list(changed(cell, edge, rng.choice(others(cell, edge))).operations)


@MUTATE.gets("Edge 2-3 never changes")
def never_changes_the_last_edge(cell, rng):
    edge = rng.randrange(5)
    return changed(cell, edge, rng.choice(others(cell, edge)))


@MUTATE.gets("An index is out of range")
def counts_edges_from_one(cell, rng):
    edge = rng.randint(1, 6)
    return changed(cell, edge, rng.choice([o for o in OPERATIONS if o != cell.operations[edge]]))


@MUTATE.gets("No edge ever becomes none")
def never_removes_an_edge(cell, rng):
    edge = rng.randrange(6)
    return changed(cell, edge, rng.choice([o for o in others(cell, edge) if o != "none"]))


@MUTATE.gets("Not all neighbours are equally likely")
def prefers_early_edges(cell, rng):
    edge = min(rng.randrange(6), rng.randrange(6))
    return changed(cell, edge, rng.choice(others(cell, edge)))
