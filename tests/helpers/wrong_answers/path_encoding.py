"""Wrong answers to task 02.1."""

import itertools

from nas_edu.search_spaces import TinyCell
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from wrong_answers import WrongAnswers

PATH_ENCODING = WrongAnswers()
SEQUENCES = [s for length in (1, 2, 3) for s in itertools.product(OPERATIONS[1:], repeat=length)]
WAYS = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]


def sequences(cell, ways=WAYS):
    return [tuple(cell.edges[edge] for edge in way) for way in ways]


@PATH_ENCODING.gets("`none` was left out of a path. It breaks the path")
def drops_none_from_the_sequence(cell):
    found = {tuple(operation for operation in sequence if operation != "none") for sequence in sequences(cell)}
    return [int(sequence in found) for sequence in SEQUENCES]


@PATH_ENCODING.gets("A path with a `none` on it is no path")
def looks_up_a_sequence_with_none(cell):
    bits = [0] * len(SEQUENCES)
    for sequence in sequences(cell):
        bits[SEQUENCES.index(sequence)] = 1
    return bits


@PATH_ENCODING.gets("A path is missing: 0-2-3")
def forgets_the_way_over_node_2(cell):
    found = sequences(cell, [WAYS[0], WAYS[1], WAYS[3]])
    return [int(sequence in found) for sequence in SEQUENCES]


@PATH_ENCODING.gets("A path is missing: 0-1-3")
def looks_at_the_direct_edge_only(cell):
    return [int(sequence == (cell.edges[0, 3],)) for sequence in SEQUENCES]


@PATH_ENCODING.gets("The sequences are backwards")
def goes_from_the_output_to_the_input(cell):
    found = [sequence[::-1] for sequence in sequences(cell)]
    return [int(sequence in found) for sequence in SEQUENCES]


@PATH_ENCODING.gets("1 or 0, even where two paths have the same sequence")
def counts_the_paths(cell):
    found = sequences(cell)
    return [found.count(sequence) for sequence in SEQUENCES]


@PATH_ENCODING.gets("as long as the one-hot encoding")
def makes_the_one_hot_encoding(cell):
    return list(TinyCell().encode(cell, "one_hot"))


@PATH_ENCODING.gets("These are the sequences")
def returns_the_sequences(cell):
    return [sequence for sequence in sequences(cell) if "none" not in sequence]


@PATH_ENCODING.gets("`path_encoding` returns nothing")
def forgets_to_return(cell):
    [int(sequence in sequences(cell)) for sequence in SEQUENCES]


@PATH_ENCODING.gets("The numbers are in the opposite order")
def puts_the_longest_first(cell):
    found = sequences(cell)
    return [int(sequence in found) for sequence in reversed(SEQUENCES)]


@PATH_ENCODING.gets("The cell has no edge (1, 0)")
def reads_an_edge_the_wrong_way_round(cell):
    return [int(sequence == (cell.edges[1, 0],)) for sequence in SEQUENCES]
