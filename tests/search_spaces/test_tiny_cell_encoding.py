"""The encodings of TinyCell against graph search and counting."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

SPACE = TinyCell()
CELLS = list(SPACE)
indices = st.integers(0, len(SPACE) - 1)


def paths_by_search(cell):
    """All sequences of operations from node 0 to node 3, found by networkx in the graph without `none`."""
    graph = nx.DiGraph([(i, j, {"operation": o}) for (i, j), o in cell.edges.items() if o != "none"])
    if not {0, 3} <= set(graph):
        return set()
    return {tuple(graph.edges[edge]["operation"] for edge in path) for path in nx.all_simple_edge_paths(graph, 0, 3)}


def sequences():
    """All sequences in the order of the vector, written out another way: numbers in base four."""
    for length in (1, 2, 3):
        for number in range(4**length):
            yield tuple(OPERATIONS[1 + number // 4**place % 4] for place in reversed(range(length)))


@given(indices)
def test_a_path_is_there_when_a_search_finds_it(index):
    vector = SPACE.encode(CELLS[index], "path")
    assert vector.shape == (84,)
    assert vector.dtype == np.float32
    assert {sequence for sequence, bit in zip(sequences(), vector, strict=True) if bit} == paths_by_search(CELLS[index])


@given(indices)
def test_one_hot_and_adjacency_can_be_read_back(index):
    cell = CELLS[index]
    table = SPACE.encode(cell, "one_hot").reshape(6, 5)
    assert (table.sum(1) == 1).all()
    assert Cell(tuple(OPERATIONS[place] for place in table.argmax(1))) == cell
    vector = SPACE.encode(cell, "adjacency")
    there, names = vector[:6], vector[6:].reshape(6, 4)
    read = {edge: OPERATIONS[1 + row.argmax()] for edge, bit, row in zip(EDGES, there, names, strict=True) if bit}
    assert read == {edge: operation for edge, operation in cell.edges.items() if operation != "none"}
    assert (names.sum(1) == there).all()


def test_which_encodings_tell_all_cells_apart():
    counts = {
        name: len({SPACE.encode(cell, name).tobytes() for cell in CELLS}) for name in ("one_hot", "adjacency", "path")
    }
    assert counts["one_hot"] == counts["adjacency"] == len(SPACE)
    assert counts["path"] == len({frozenset(paths_by_search(cell)) for cell in CELLS})
    assert counts["path"] < len(SPACE)


@given(indices)
def test_paths_ignore_what_is_dead(index):
    cell = CELLS[index]
    live = Cell(tuple(operation if edge in cell.live_edges else "none" for edge, operation in cell.edges.items()))
    np.testing.assert_array_equal(SPACE.encode(cell, "path"), SPACE.encode(live, "path"))


@given(indices, st.randoms(use_true_random=False))
def test_a_mutation_moves_one_hot_by_two_numbers(index, rng):
    cell = CELLS[index]
    difference = SPACE.encode(cell, "one_hot") - SPACE.encode(SPACE.mutate(cell, rng), "one_hot")
    assert sorted(difference[difference != 0]) == [-1, 1]


def test_an_unknown_encoding_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="one_hot, adjacency, path, not 'onehot'"):
        SPACE.encode(CELLS[0], "onehot")
