"""The ladder dot -> graphviz-pure -> plain layout: each rung gives a full layout, each failure leads to the next."""

import math
import shutil
import stat
import sys

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_edu.draw import layout
from nas_edu.search_spaces import TinyCell

SIZES = {"node_radius": 20.0, "arrow_length": 12.0, "label_size": (100.0, 30.0)}


def tiny_graph() -> nx.MultiDiGraph:
    space = TinyCell()
    return space.to_graph(space[7777])


@pytest.fixture(params=["dot", "graphviz-pure", "plain"])
def rung(request, monkeypatch):
    """Leave only one rung of the ladder."""
    programs = {
        "dot": [path for path in [shutil.which("dot")] if path],
        "graphviz-pure": [program for program in layout.dot_programs() if "graphviz-pure" in program][:1],
        "plain": [],
    }[request.param]
    if request.param == "dot" and not programs:
        pytest.skip("this machine has no system dot")
    assert programs or request.param == "plain", "graphviz-pure is a requirement of the package"
    monkeypatch.setattr(layout, "dot_programs", lambda: programs)
    return request.param


def assert_complete(graph: nx.MultiDiGraph, found: layout.Layout) -> None:
    assert set(found.nodes) == set(graph.nodes)
    assert len(found.edges) == graph.number_of_edges()
    for x, y in found.nodes.values():
        assert SIZES["node_radius"] - 1 <= x <= found.width - SIZES["node_radius"] + 1
        assert SIZES["node_radius"] - 1 <= y <= found.height - SIZES["node_radius"] + 1
    for (i, j), path in zip(graph.edges(), found.edges, strict=True):
        assert found.nodes[i][0] < found.nodes[j][0], "time runs from left to right"
        assert len(path.points) % 3 == 1
        assert math.dist(path.points[0], found.nodes[i]) == pytest.approx(SIZES["node_radius"], abs=3)
        assert math.dist(path.tip, found.nodes[j]) == pytest.approx(SIZES["node_radius"], abs=3)
        assert 0 <= path.label[0] <= found.width
        assert 0 <= path.label[1] <= found.height


def test_each_rung_places_everything(rung):
    graph = tiny_graph()
    found = layout.lay_out(graph, **SIZES)
    assert_complete(graph, found)
    centres = list(found.nodes.values())
    assert all(math.dist(a, b) > 2 * SIZES["node_radius"] for k, a in enumerate(centres) for b in centres[:k])


def test_labels_do_not_lie_on_each_other_or_on_nodes(rung):
    found = layout.lay_out(tiny_graph(), **SIZES)
    labels = [path.label for path in found.edges]
    for k, (x, y) in enumerate(labels):
        assert all(abs(x - a) > 90 or abs(y - b) > 14 for a, b in labels[:k])
        assert all(abs(x - a) > 50 + 15 or abs(y - b) > 20 + 5 for a, b in found.nodes.values())


def test_same_edges_same_layout_whatever_the_operations(rung):
    space = TinyCell()
    assert layout.lay_out(space.to_graph(space[0]), **SIZES) == layout.lay_out(space.to_graph(space[15624]), **SIZES)


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 7))
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(f"n{k}" for k in range(size))
    pairs = [(i, j) for j in range(size) for i in range(j)]
    for i, j in draw(st.lists(st.sampled_from(pairs), max_size=12)) if pairs else []:
        graph.add_edge(f"n{i}", f"n{j}")
    return graph


@settings(max_examples=15, deadline=None)
@given(graphs())
def test_any_graph_without_cycles_goes_through_graphviz_pure(graph):
    assert_complete(graph, layout.lay_out(graph, **SIZES))


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_any_graph_without_cycles_gets_the_plain_layout(graph):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "dot_programs", list)
        assert_complete(graph, layout.lay_out(graph, **SIZES))


def test_a_dot_that_fails_leads_to_the_next_rung(monkeypatch, tmp_path):
    broken = tmp_path / "dot"
    broken.write_text(f"#!{sys.executable}\nimport sys; sys.exit('There is no layout engine support for \"dot\"')\n")
    broken.chmod(broken.stat().st_mode | stat.S_IEXEC)
    working = next(program for program in layout.dot_programs() if "graphviz-pure" in program)
    found = {}
    for programs in ([str(broken), working], [working], [str(tmp_path / "absent")], []):
        monkeypatch.setattr(layout, "dot_programs", lambda programs=programs: programs)
        found[tuple(programs)] = layout.lay_out(tiny_graph(), **SIZES)
    assert found[str(broken), working] == found[working,]
    assert found[str(tmp_path / "absent"),] == found[()]


def test_system_dot_comes_first_and_graphviz_pure_is_found_beside_python(monkeypatch, tmp_path):
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    first, second = layout.dot_programs()
    assert first == str(dot)
    assert "graphviz-pure" in second


def test_a_cycle_is_refused_and_named():
    graph = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("c", "b")])
    with pytest.raises(ValueError, match=r"no cycle.*b -> c|no cycle.*c -> b"):
        layout.lay_out(graph, **SIZES)
