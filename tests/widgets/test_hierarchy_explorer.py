"""The hierarchy explorer: clicks open what lies on an edge, and everything shown agrees with the space."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_edu.draw.panel import lay_out
from nas_edu.search_spaces.hierarchical import Hierarchical, flatten, level_of, live_edges
from nas_edu.widgets.explorers.hierarchy import (
    HierarchyState,
    carried,
    count_uses,
    explore_hierarchy,
    flat_view,
    mutate,
)

SPACE = Hierarchical()
DEEP = Hierarchical(motifs=(2, 2, 1), nodes=(3, 3, 3))
KNOWN = (
    "2.1=|nor_conv_1x1~0|+|none~0|sep_conv_3x3~1| 2.2=|skip_connect~0|+|skip_connect~0|avg_pool_3x3~1| "
    "2.3=|none~0|+|none~0|none~1| 3.1=|2.1~0|+|2.2~0|none~1|+|2.3~0|2.1~1|2.2~2|"
)
few = settings(max_examples=30, deadline=None)


def test_a_click_opens_a_motif_and_a_second_one_closes_it():
    explorer = explore_hierarchy(hierarchy=KNOWN)
    assert explorer.text == "Open: 3.1."
    explorer.click("open 3.1 0-2")
    assert explorer.text == "Open: 3.1 > 2.2. Opened 2.2, from x0 to x2 in motif 3.1."
    top, inner, _ = explorer.panels
    assert [edge.marked for edge in top.marks[0].edges] == [(e.source, e.target) == (0, 2) for e in top.marks[0].edges]
    assert inner.title == "Level 2: motif 2.2"
    assert [edge.operation for edge in inner.marks[0].edges] == ["skip_connect", "skip_connect", "avg_pool_3x3"]
    explorer.click("open 3.1 1-3")  # another one on the same level takes its place
    assert explorer.panels[1].title == "Level 2: motif 2.1"
    explorer.click("open 3.1 1-3")
    assert explorer.state.opened == ()
    assert "click a motif of level 2" in explorer.panels[1].subtitle


def test_primitives_and_nothing_end_the_way_down():
    explorer = explore_hierarchy(hierarchy=KNOWN)
    explorer.click("open 3.1 0-1")
    explorer.click("open 2.1 1-2")
    assert explorer.state.opened == ((0, 1),)
    assert "sep_conv_3x3, a primitive: there is nothing to open" in explorer.text
    explorer.click("open 3.1 1-2")
    assert explorer.state.opened == ()
    assert "carries nothing: there is nothing to open" in explorer.text


def test_four_levels_open_one_after_another_and_go_back():
    hierarchy = next(h for h in map(DEEP.sample, map(random.Random, range(99))) if h.motifs["4.1"][0] != "none")
    explorer = explore_hierarchy(DEEP, hierarchy)
    assert len(explorer.panels) == 4
    explorer.click("open 4.1 0-1")
    name = hierarchy.motifs["4.1"][0]
    edge, inner = next((edge, o) for edge, o in carried(hierarchy.motifs[name]).items() if o != "none")
    explorer.click(f"open {name} {edge[0]}-{edge[1]}")
    assert [explorer.state.shown(place) for place in range(3)] == ["4.1", name, inner]
    assert explorer.text.startswith(f"Open: 4.1 > {name} > {inner}.")
    explorer.undo()
    assert explorer.state.shown(2) is None
    explorer.press("Close all")
    assert explorer.state.opened == ()


@few
@given(st.integers(0, 10**6))
def test_what_is_shown_agrees_with_the_space(seed):
    hierarchy = SPACE.sample(random.Random(seed))
    state = HierarchyState(hierarchy)
    explorer = explore_hierarchy(SPACE, hierarchy)
    for edge in explorer.panels[0].marks[0].edges:
        place = edge.source, edge.target
        assert carried(hierarchy.motifs["3.1"])[place] == edge.operation
        assert edge.faded == (place not in live_edges("3.1", hierarchy.motifs))
    flat = flatten("3.1", hierarchy.motifs)
    written = flat_view(state).alt
    assert written.count("(x") == len(flat)
    for name in ("2.1", "2.2", "2.3"):  # counted a second way: the live edges of the top motif that carry it
        assert count_uses(hierarchy, name) == list(live_edges("3.1", hierarchy.motifs).values()).count(name)


@few
@given(st.integers(0, 10**6), st.sampled_from([2, 3]))
def test_a_mutation_changes_one_edge_and_never_leaves_open_what_is_gone(seed, level):
    rng = random.Random(seed)
    state = HierarchyState(SPACE.sample(rng), draws=seed)
    motif_edges = [edge for edge, o in carried(state.hierarchy.motifs["3.1"]).items() if level_of(o) == 2]
    if motif_edges:
        state = HierarchyState(state.hierarchy, (motif_edges[0],), draws=seed)
    child = mutate(SPACE, level, state)
    assert child.hierarchy in SPACE.neighbors(state.hierarchy)
    assert f"motif {level}." in child.news
    assert all(child.shown(place) for place in range(len(child.opened) + 1))


@few
@given(st.integers(0, 10**6), st.sampled_from([SPACE, DEEP, Hierarchical((6, 1), (4, 5))]))
def test_every_picture_can_be_drawn_the_paper_s_size_too(seed, space):
    explorer = explore_hierarchy(space, space.sample(random.Random(seed)))
    for panel in explorer.panels:
        lay_out(panel)


def test_random_hierarchies_let_something_through_and_undo_does_not_repeat_them():
    explorer = explore_hierarchy()
    seen = [explorer.state.hierarchy]
    for _ in range(4):
        explorer.press("Random")
        assert live_edges("3.1", explorer.state.hierarchy.motifs)
        seen.append(explorer.state.hierarchy)
    explorer.undo()
    explorer.press("Random")
    assert len({*seen, explorer.state.hierarchy}) == 6


def test_bad_input_says_what_is_wrong():
    with pytest.raises(ValueError, match="did you mean 'sep_conv_3x3'"):
        explore_hierarchy(hierarchy=KNOWN.replace("sep_conv_3x3", "sep_conv_3x4"))
    with pytest.raises(ValueError, match="this space has"):
        explore_hierarchy(DEEP, KNOWN)
    with pytest.raises(ValueError, match="cannot be clicked now"):
        explore_hierarchy().click("open 9.1 0-1")


def test_the_still_picture_tells_it_all():
    explorer = explore_hierarchy(hierarchy=KNOWN)
    explorer.click("open 3.1 0-1")
    svg = explorer.still().svg
    for words in ("Hierarchy explorer", "Level 3: motif 3.1", "Level 2: motif 2.1", "Flattened", "3x3 sep conv"):
        assert words in svg
    assert explorer.still().png[:4] == b"\x89PNG"
