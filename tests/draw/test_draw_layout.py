"""Where graphs are placed: complete, without overlap, the same for the same edges, for any graph without cycles."""

import math
import random

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_edu import draw
from nas_edu.draw.graph_layout import GraphSize, fitting, grid, place
from nas_edu.draw.graphs import SIZES, Structure, _in_panel, graph_mark, legend_entries
from nas_edu.draw.picture import HEIGHT, WIDTH
from nas_edu.search_spaces import TinyCell

TINY = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
LENGTHS = {"half": 60.0, "lane": 40.0, "radius": 16.0, "arrow": 12.0}


def chain(length: int) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    for k in range(length):
        graph.add_edge(k, k + 1, operation=f"conv{(1, 3, 5)[k % 3]}-16", live=True)
    return graph


def assert_complete(nodes, edges, found, radius):
    assert len(found.nodes) == nodes
    assert len(found.edges) == len(edges)
    for k, (x, y) in enumerate(found.nodes):
        assert radius - 1 <= x <= found.width - radius + 1
        assert radius - 1 <= y <= found.height - radius + 1
        assert all(math.dist((x, y), other) > 2 * radius for other in found.nodes[:k])
    for (i, j), path in zip(edges, found.edges, strict=True):
        assert len(path.points) % 3 == 1
        assert math.dist(path.points[0], found.nodes[i]) == pytest.approx(radius, abs=1)
        assert math.dist(path.tip, found.nodes[j]) == pytest.approx(radius, abs=1)
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in path.points)


def test_a_tiny_cell_is_a_line_with_nested_arcs():
    found = grid(4, TINY)
    assert found.columns == (0, 2, 4, 6)
    assert found.rows == (0, 0, 0, 0)
    assert dict(zip(TINY, found.edge_rows, strict=True)) == {
        (0, 1): 0, (1, 2): 0, (2, 3): 0, (0, 2): -1, (1, 3): 1, (0, 3): -2,
    }  # fmt: skip
    assert_complete(4, TINY, place(found, 4, **LENGTHS), LENGTHS["radius"])


@st.composite
def graphs(draw):
    nodes = draw(st.integers(1, 9))
    names = draw(st.permutations(range(nodes)))
    pairs = [(names[i], names[j]) for j in range(nodes) for i in range(j)]
    return nodes, tuple(draw(st.lists(st.sampled_from(pairs), max_size=16))) if pairs else ()


@settings(max_examples=100, deadline=None)
@given(graphs(), st.integers(1, 9))
def test_any_graph_without_cycles_is_placed_on_one_line_or_several(graph, layers):
    nodes, edges = graph
    found = grid(nodes, edges)
    assert_complete(nodes, edges, place(found, min(layers, found.layers), **LENGTHS), LENGTHS["radius"])
    for (i, j), row in zip(edges, found.edge_rows, strict=True):
        assert found.columns[i] < found.columns[j]
        between = [k for k in range(nodes) if found.columns[i] < found.columns[k] < found.columns[j]]
        assert all(found.rows[k] != row or row == found.rows[i] == found.rows[j] for k in between)


def test_labels_do_not_lie_on_each_other_or_on_nodes():
    placed = place(grid(4, TINY), 4, **LENGTHS)
    labels = [path.label for path in placed.edges]
    for k, (x, y) in enumerate(labels):
        assert all(abs(x - a) > 90 or abs(y - b) > 20 for a, b in labels[:k])
        assert all(abs(x - a) > 45 or abs(y - b) > 30 for a, b in placed.nodes)


def test_the_same_cell_lies_the_same_live_and_drawn():
    space = TinyCell()
    found = set()
    for number in (0, 7777, 15624):
        mark = graph_mark(space.to_graph(space[number]))
        size, placed, _ = _in_panel(Structure.of(mark), legend_entries([mark]))
        assert size.words
        found.add(placed)
    assert len(found) == 1, "no operation moves anything"


@pytest.mark.parametrize("length", [5, 20, 40])
def test_a_long_chain_is_folded_and_fits_into_a_panel(length):
    mark = graph_mark(chain(length))
    size, placed, bottom = _in_panel(Structure.of(mark), legend_entries([mark]))
    assert placed.width <= WIDTH
    assert placed.height <= bottom <= HEIGHT
    assert size.radius >= 9, "its names can be read"
    assert_complete(length + 1, Structure.of(mark).edges, placed, size.radius)


def test_a_graph_is_folded_only_where_one_edge_turns():
    edges = tuple((i, j) for j in range(12) for i in (j - 1, j - 2) if i >= 0)
    size, layers = next(fitting(grid(12, edges), SIZES, 390, 250, 80))
    assert (size.words, layers) == (False, 12)
    small = GraphSize(16, 14, True)
    assert next(fitting(grid(41, tuple((k, k + 1) for k in range(40))), [small], 390, 900, 60))[1] < 41


def test_a_cycle_is_refused_and_named():
    graph = nx.MultiDiGraph()
    for i, j in ((0, 1), (1, 2), (2, 1)):
        graph.add_edge(i, j, operation="none", live=False)
    with pytest.raises(ValueError, match="no cycle, but this one has 1 -> 2"):
        draw.graph(graph)


def test_a_large_graph_is_placed_in_little_time():
    import time

    rng = random.Random(0)
    edges = tuple(sorted({tuple(sorted(rng.sample(range(40), 2))) for _ in range(80)}))
    started = time.thread_time()
    grid(40, edges)
    assert time.thread_time() - started < 0.2
