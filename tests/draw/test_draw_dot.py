"""Architectures for Graphviz: what it is told, and that its program understands it."""

import json
import random

import pytest

from nas_edu import draw
from nas_edu.draw.graphviz_dot import dot_programs
from nas_edu.search_spaces import Chain, DARTSCell, Hierarchical, Macro, NASNetCell, StageCells, TinyCell

SPACES = {
    type(space).__name__: space
    for space in (TinyCell(), Chain(), DARTSCell(), NASNetCell(), Macro(), Hierarchical(), StageCells())
}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_graphviz_places_every_edge_of_every_architecture(space):
    architecture = space.sample(random.Random(1))
    graph = architecture.to_graph()
    told = json.loads(draw.dot(architecture).pipe("json", encoding="utf-8"))
    assert len(told.get("edges", ())) == graph.number_of_edges()
    names = [node["name"] for node in told["objects"]]
    placed = [(names[edge["tail"]], names[edge["head"]]) for edge in told["edges"]]
    assert sorted(placed) == sorted(
        (f"x{i}", f"x{j}")
        if isinstance(i, int) and isinstance(j, int)
        else (f"x{i}" if isinstance(i, int) else str(i), f"x{j}" if isinstance(j, int) else str(j))
        for i, j in graph.edges()
    )


def test_operations_look_as_in_all_pictures_and_dead_ones_are_grey():
    cell = TinyCell().parse("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|")
    source = draw.dot(cell, title="a cell", direction="TB").source
    assert 'label="3x3 conv"' in source
    assert "#009E73" in source  # the skip, which is alive
    assert "#0072B2" not in source  # the convolution leads nowhere
    assert "rankdir=TB" in source
    assert 'label="a cell"' in source


def test_a_notebook_shows_it():
    assert dot_programs()
    bundle = draw.dot(TinyCell()[7777])._repr_mimebundle_()
    assert "<svg" in bundle["image/svg+xml"]


def test_a_graph_will_do_and_anything_else_will_not():
    graph = TinyCell()[7777].to_graph()
    assert draw.dot(graph).source == draw.dot(TinyCell()[7777]).source
    with pytest.raises(TypeError, match="cannot draw a int"):
        draw.dot(7777)
