"""TinyCell against numbers that were published, and against a numeric oracle that knows nothing of strings."""

from __future__ import annotations

import itertools
import pickle
import random
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chisquare

from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS, cell_function, nas_bench_201_string

SPACE = TinyCell()
cells = st.integers(0, len(SPACE) - 1).map(SPACE.__getitem__)
GOOD = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"

# --- the space -------------------------------------------------------------------------------------------------------


def test_it_has_the_published_numbers_of_cells_and_strings():
    assert len(SPACE) == len(set(SPACE)) == 15_625
    assert len({str(cell) for cell in SPACE}) == 15_625
    assert len({nas_bench_201_string(cell) for cell in SPACE}) == 6_466  # Dong & Yang 2020, section 2.1


def test_it_has_the_operations_and_edges_of_nas_bench_201_in_that_order():
    assert OPERATIONS == ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    assert EDGES == ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
    cell = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "nor_conv_1x1", "none"))
    assert str(cell) == GOOD
    assert cell.edges[1, 2] == "skip_connect"
    assert cell.edges[0, 3] == "avg_pool_3x3"


@given(cells)
def test_a_cell_prints_and_parses_pickles_and_hashes(cell):
    assert SPACE.parse(str(cell)) == cell
    assert hash(SPACE.parse(str(cell))) == hash(cell)
    assert pickle.loads(pickle.dumps(cell)) == cell
    assert cell in SPACE
    assert SPACE[SPACE.index(cell)] == cell
    with pytest.raises(AttributeError):
        cell.operations = ()


def test_iteration_and_index_agree():
    assert all(SPACE[number] == cell and SPACE.index(cell) == number for number, cell in enumerate(SPACE))


@pytest.mark.parametrize("index", [-1, 15_625])
def test_an_index_outside_is_refused(index):
    with pytest.raises(IndexError, match="0 to 15624"):
        SPACE[index]


# --- strings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "'|'"),
        ("none~0|", 0, "'|'"),
        (GOOD[:-1], 78, "'|', found the end"),
        (GOOD + " ", len(GOOD), "the end"),
        (GOOD + "+", len(GOOD), "the end"),
        (GOOD.replace("+|none", "|none"), 16, "'+|'"),
        (GOOD.replace("skip_connect~1", "skip_connect~2"), 38, "'1|'"),
        (GOOD.replace("skip_connect", "skip_conect"), 25, "one of none, skip_connect"),
        (GOOD.replace("avg_pool_3x3", "max_pool_3x3"), 42, "one of none, skip_connect"),
        (GOOD.replace("none~0", "~0"), 18, "one of none, skip_connect"),
        (GOOD.upper(), 1, "one of none, skip_connect"),
    ],
)
def test_a_malformed_string_is_refused_with_position_and_expectation(text, position, expected):
    with pytest.raises(ValueError, match="not a TinyCell") as refusal:
        SPACE.parse(text)
    assert f"at position {position} expected " in str(refusal.value)
    assert expected in str(refusal.value)


@pytest.mark.parametrize(("wrong", "meant"), [("skip_conect", "skip_connect"), ("nor_conv_3", "nor_conv_3x3")])
def test_a_misspelt_operation_is_recognised(wrong, meant):
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        SPACE.parse(GOOD.replace(meant, wrong))
    with pytest.raises(ValueError, match=f"unknown operation '{wrong}' on edge .*did you mean '{meant}'"):
        Cell((wrong, *["none"] * 5))


@given(cells, st.data())
def test_any_change_of_a_character_is_refused_or_gives_another_cell(cell, data):
    text = str(cell)
    place = data.draw(st.integers(0, len(text)))
    remove = data.draw(st.integers(0, 2))
    changed = text[:place] + data.draw(st.text("|+~0123_acenopx", max_size=2)) + text[place + remove :]
    assume(changed != text)
    try:
        other = SPACE.parse(changed)
    except ValueError as refusal:
        assert "expected" in str(refusal)  # noqa: PT017  (either outcome is right, and both are checked)
    else:
        assert str(other) == changed
        assert other != cell


@given(st.text())
def test_any_text_but_a_cell_is_refused(text):
    with pytest.raises(ValueError, match=r"at position \d+ expected"):
        SPACE.parse(text)


@pytest.mark.parametrize("value", [None, 3, b"|none~0|", Cell(("none",) * 6)])
def test_what_is_no_text_is_refused_by_type(value):
    with pytest.raises(TypeError, match="parse takes the string of a cell"):
        SPACE.parse(value)


@pytest.mark.parametrize("count", [0, 5, 7])
def test_a_wrong_number_of_operations_is_refused(count):
    with pytest.raises(ValueError, match=f"a cell has 6 operations.*got {count}"):
        Cell(("none",) * count)


def test_a_list_of_operations_is_refused_because_a_cell_is_immutable():
    with pytest.raises(TypeError, match="tuple"):
        Cell(["none"] * 6)


# --- sample, mutate, neighbors ---------------------------------------------------------------------------------------


@given(cells)
def test_the_neighbours_differ_in_exactly_one_edge(cell):
    neighbours = SPACE.neighbors(cell)
    assert len(neighbours) == len(set(neighbours)) == 24
    for neighbour in neighbours:
        assert sum(a != b for a, b in zip(cell.operations, neighbour.operations, strict=True)) == 1
        assert cell in SPACE.neighbors(neighbour)


@given(cells, st.integers(0, 2**32))
def test_a_mutation_is_a_neighbour_and_depends_on_the_seed_only(cell, seed):
    mutated = SPACE.mutate(cell, random.Random(seed))
    assert mutated in SPACE.neighbors(cell)
    random.seed(seed + 1)
    assert SPACE.mutate(cell, random.Random(seed)) == mutated


@pytest.mark.parametrize("index", [0, 8_888])
def test_mutations_are_uniform_over_the_neighbours(index):
    rng, cell = random.Random(7), SPACE[index]
    counts = Counter(SPACE.mutate(cell, rng) for _ in range(4800))
    assert chisquare([counts[neighbour] for neighbour in SPACE.neighbors(cell)]).pvalue > 0.01


def test_samples_are_uniform_over_the_space_and_independent_between_edges():
    rng = random.Random(7)
    drawn = [SPACE.sample(rng) for _ in range(15_625)]
    assert chisquare(np.bincount([SPACE.index(cell) // 25 for cell in drawn], minlength=625)).pvalue > 0.01
    for one, other in itertools.combinations(range(6), 2):
        pairs = Counter((cell.operations[one], cell.operations[other]) for cell in drawn)
        assert chisquare([pairs[pair] for pair in itertools.product(OPERATIONS, repeat=2)]).pvalue > 0.001
    assert len(set(drawn)) == pytest.approx(15_625 * (1 - np.exp(-1)), rel=0.02)  # drawn with replacement


# --- graphs and live edges -------------------------------------------------------------------------------------------


@given(cells)
def test_live_edges_are_those_on_a_path_from_input_to_output(cell):
    present = nx.DiGraph([edge for edge, operation in cell.edges.items() if operation != "none"])
    present.add_nodes_from(range(4))
    on_a_path = {edge for path in nx.all_simple_paths(present, 0, 3) for edge in itertools.pairwise(path)}
    assert cell.live_edges == {edge: cell.edges[edge] for edge in EDGES if edge in on_a_path}


@given(cells)
def test_the_graph_has_four_tensors_and_six_operations(cell):
    graph = SPACE.to_graph(cell)
    assert isinstance(graph, nx.MultiDiGraph)
    assert sorted(graph.nodes) == [0, 1, 2, 3]
    assert {(i, j): data["operation"] for i, j, data in graph.edges(data=True)} == cell.edges
    assert {(i, j) for i, j, data in graph.edges(data=True) if data["live"]} == set(cell.live_edges)


# --- which cells compute the same function? --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outputs():
    """Every cell with numbers: an opaque scalar function for each operation, under all 720 ways to hand out weights.

    Pooling is one fixed function, a convolution one function with a weight, one weight an edge. Two cells are the same
    function of input and weights if, for the same set of weights, they reach the same set of outputs. Rows: cells.
    """
    weights = np.random.default_rng(0).uniform(1, 2, (6, 2))
    orders = np.array(list(itertools.permutations(range(6))))

    def deliver(operation, x, edge):
        if operation == "none":
            return np.zeros_like(x)
        if operation == "skip_connect":
            return x
        if operation == "avg_pool_3x3":
            return x * np.cos(0.3 * x) + 0.17 * x**2
        w = weights[orders[:, edge], OPERATIONS.index(operation) - 2]
        return 1.3 * np.sin(w * x) + 0.21 * w * x**2

    x = np.full(len(orders), 0.7)
    rows = []
    for first in OPERATIONS:
        one = deliver(first, x, 0)
        for second, third in itertools.product(OPERATIONS, repeat=2):
            two = deliver(second, x, 1) + deliver(third, one, 2)
            last = [[deliver(o, node, edge) for o in OPERATIONS] for node, edge in ((x, 3), (one, 4), (two, 5))]
            rows += [a + b + c for a, b, c in itertools.product(*last)]
    return np.sort(np.array(rows), axis=1)


def test_equal_numbers_and_equal_canonical_cells_are_the_same_thing(outputs):
    summary = np.stack([outputs[:, 0], outputs[:, -1], outputs.sum(1) / 720], axis=1).round(8)
    by_numbers, by_string = {}, {}
    for cell, key in zip(SPACE, map(tuple, summary), strict=True):
        by_numbers.setdefault(key, set()).add(cell)
        by_string.setdefault(SPACE.canonical(cell), set()).add(cell)
    assert len(by_numbers) == 5_260
    assert sorted(map(sorted_indices, by_numbers.values())) == sorted(map(sorted_indices, by_string.values()))


def sorted_indices(group):
    return sorted(map(SPACE.index, group))


@given(st.data())
def test_a_cell_reaches_the_same_outputs_as_its_canonical_cell(outputs, data):
    cell = data.draw(cells)
    same = SPACE.canonical(cell)
    np.testing.assert_allclose(outputs[SPACE.index(cell)], outputs[SPACE.index(same)], rtol=0, atol=1e-9)


def test_dead_cells_are_one_class_of_341(outputs):
    dead = [cell for cell in SPACE if not cell.live_edges]
    assert len(dead) == 341
    assert {SPACE.canonical(cell) for cell in dead} == {Cell(("none",) * 6)}
    assert [SPACE.index(cell) for cell in dead] == np.flatnonzero(~outputs.any(1)).tolist()


def test_distinct_has_the_first_cell_of_each_function_in_the_order_of_the_space():
    distinct = SPACE.distinct()
    assert len(distinct) == len(set(distinct)) == 5_260
    assert [SPACE.index(cell) for cell in distinct] == sorted(SPACE.index(cell) for cell in distinct)
    assert set(distinct) == {SPACE.canonical(cell) for cell in SPACE}
    assert all(SPACE.index(SPACE.canonical(cell)) <= SPACE.index(cell) for cell in SPACE)


@given(cells)
def test_canonical_is_idempotent_and_the_same_through_the_cell(cell):
    assert SPACE.canonical(SPACE.canonical(cell)) == SPACE.canonical(cell) == cell.canonical


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # conv(x) at node 1, copied to the output over two routes, is f(x) + f(x); two convolutions are f(x) + g(x)
        ("3 n s n s s", "3 3 n n s s", False),
        ("3 n s n s n", "n n n 3 n n", True),  # a skip is not a function of its own
        ("n n 3 1 3 n", "n n n 1 n n", True),  # convolutions that lead nowhere
        ("3 n 3 n n s", "n 3 n n n 3", True),  # a chain of two, through node 1 or through node 2
        ("3 n 1 n n s", "1 n 3 n n s", False),  # their order matters
        ("p n s n s s", "p p n n s s", True),  # pooling has no weights: twice the same is the same
    ],
)
def test_examples_by_hand(one, other, same):
    names = {"n": "none", "s": "skip_connect", "1": "nor_conv_1x1", "3": "nor_conv_3x3", "p": "avg_pool_3x3"}
    one, other = (Cell(tuple(names[letter] for letter in letters.split())) for letters in (one, other))
    assert (SPACE.canonical(one) == SPACE.canonical(other)) is same


def test_pooling_is_linear_and_distributing_it_merges_some_of_the_forms():
    import torch
    from tiny_task import tiny_task

    from nas_edu.one_shot import TinyCellSupernet

    groups = {}
    for cell in SPACE:
        groups.setdefault(cell_function(cell.operations, distribute_pooling=True), []).append(cell)
    assert len(groups) == 5044
    merged = [group for group in groups.values() if len(set(map(SPACE.canonical, group))) > 1]
    assert len(merged) == 208
    assert sum(len(set(map(SPACE.canonical, group))) for group in groups.values()) == len(SPACE.distinct())

    supernet = TinyCellSupernet(tiny_task()).double().eval()
    inputs = torch.from_numpy(tiny_task().train.inputs[:20]).double()
    compared = 0
    for group in random.Random(0).sample(merged, 60):
        weighted = {}  # cells that have the same convolutions on the same edges, so that they share all weights
        for cell in group:
            weighted.setdefault(tuple("conv" in o and o for o in cell.operations), {})[SPACE.canonical(cell)] = cell
        for cells in weighted.values():
            outputs = [supernet(inputs, architecture=cell) for cell in cells.values()]
            compared += len(outputs) - 1
            assert all(torch.allclose(outputs[0], other, atol=1e-9) for other in outputs)
    assert compared > 20


def test_the_authors_rule_merges_functions_only_where_it_forgets_whose_weights_they_are():
    classes = {}
    for cell in SPACE:
        classes.setdefault(nas_bench_201_string(cell), []).append(cell)
    mixed = [group for group in classes.values() if len(set(map(SPACE.canonical, group))) > 1]
    assert len(mixed) == 430
    tied = {cell: with_tied_weights(cell) for cell in SPACE}
    for group in classes.values():
        values = [tied[cell] for cell in group]
        assert max(values) - min(values) < 1e-9


def with_tied_weights(cell):
    """The output for one number, where every 1x1 convolution is one function and every 3x3 convolution another."""
    functions = {
        "none": lambda x: 0.0,
        "skip_connect": lambda x: x,
        "nor_conv_1x1": lambda x: 1.3 * np.sin(1.7 * x),
        "nor_conv_3x3": lambda x: 1.1 * np.sin(1.2 * x) + 0.3 * x**2,
        "avg_pool_3x3": lambda x: x * np.cos(0.3 * x),
    }
    nodes = [0.7, 0.0, 0.0, 0.0]
    for (i, j), operation in cell.edges.items():
        nodes[j] += functions[operation](nodes[i])
    return float(nodes[3])
