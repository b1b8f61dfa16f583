"""The hierarchy explorer: open motifs by click, level by level down to primitives, and close them again.

    explore_hierarchy(Hierarchical())

One picture a level, the top level first: click an edge that carries a motif, and the next picture shows what it
consists of; click it again, and it is closed. Beside them the whole network, flattened and written out. A mutation on
a low level changes every place in which its motif is used.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from nas_edu.draw.graphs import node_name
from nas_edu.draw.marks import Graph, GraphEdge, Panel, Prose
from nas_edu.search_spaces.hierarchical import (
    NONE,
    Hierarchical,
    Hierarchy,
    edges,
    flatten,
    level_of,
    live_edges,
    node_count,
)
from nas_edu.widgets.controls import Button, Control
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

LINES, LETTERS = 13, 44  # that fit into a picture; a paragraph needs 0.3 lines more than it has
_SHORT = {
    "skip_connect": "skip",
    "nor_conv_1x1": "1x1",
    "depthwise_conv_3x3": "dw3x3",
    "sep_conv_3x3": "sep3x3",
    "max_pool_3x3": "max",
    "avg_pool_3x3": "avg",
}


@dataclass(frozen=True)
class HierarchyState:
    """`opened`: the edge opened on the top level, the one inside that motif, ...; `draws` counts random choices."""

    hierarchy: Hierarchy
    opened: tuple[tuple[int, int], ...] = ()
    news: str = ""
    draws: int = 0

    def shown(self, place: int) -> str | None:
        """The motif in picture `place`, 0 for the top; None where nothing is opened that far."""
        name, motifs = self.hierarchy.top, self.hierarchy.motifs
        for edge in self.opened[:place]:
            name = carried(motifs[name])[edge]
        return name if place <= len(self.opened) else None


def explore_hierarchy(
    space: Hierarchical | None = None, hierarchy: Hierarchy | str | None = None
) -> Explorer[HierarchyState]:
    """Explore a hierarchy of motifs by hand; Python drives it too: `explorer.click("open 3.1 0-2")`.

    space      by default `Hierarchical()`, three motifs on level 2 and one on level 3
    hierarchy  where to begin, or its string; by default one drawn at random that is not dead

    Raises ValueError for a string that is no hierarchy, or a hierarchy that is not of this space.
    """
    space = Hierarchical() if space is None else space
    start = draw_alive(space, 0) if hierarchy is None else space.parse(str(hierarchy))
    pictures = [motif_view(space, place) for place in range(len(space.levels))]
    return present(
        Explorer(
            HierarchyState(start),
            [*pictures, flat_view],
            lambda state: _controls(space, state),
            title="Hierarchy explorer",
            on_click=on_click,
            status=status,
            on_undo=lambda earlier, now: replace(earlier, draws=now.draws),
        )
    )


def carried(motif: tuple[str, ...]) -> dict[tuple[int, int], str]:
    """What each edge of a motif carries."""
    return dict(zip(edges(node_count(motif)), motif, strict=True))


def draw_alive(space: Hierarchical, seed: int) -> Hierarchy:
    """A random hierarchy through which something flows."""
    rng = random.Random(seed)
    while True:
        hierarchy = space.sample(rng)
        if live_edges(hierarchy.top, hierarchy.motifs):
            return hierarchy


# --- what a click and a button make of the state ----------------------------------------------------------------------


def on_click(state: HierarchyState, key: str) -> HierarchyState:
    """`open 3.1 0-2` opens what lies there, or closes it where it is open; a primitive cannot be opened."""
    _, name, text = key.split(" ")
    i, j = map(int, text.split("-"))
    place = level_of(state.hierarchy.top) - level_of(name)
    operation = carried(state.hierarchy.motifs[name])[i, j]
    if state.opened[place : place + 1] == ((i, j),):
        return replace(state, opened=state.opened[:place], news=f"closed {operation}")
    where = f"{node_name(i)} to {node_name(j)} in motif {name}"
    if level_of(operation) < 2:
        what = "nothing" if operation == NONE else f"{operation}, a primitive"
        return replace(state, opened=state.opened[:place], news=f"{where} carries {what}: there is nothing to open")
    return replace(state, opened=(*state.opened[:place], (i, j)), news=f"opened {operation}, from {where}")


def draw_another(space: Hierarchical, state: HierarchyState) -> HierarchyState:
    drawn = draw_alive(space, state.draws + 1)
    return HierarchyState(drawn, news="a random hierarchy", draws=state.draws + 1)


def mutate(space: Hierarchical, level: int, state: HierarchyState) -> HierarchyState:
    """One edge of one motif of `level` changes; what can no longer be open is closed."""
    child = space.mutate(state.hierarchy, random.Random(state.draws), level=level)
    before, after = state.hierarchy.motifs, child.motifs
    [name] = [one for one in before if before[one] != after[one]]
    [(edge, old, new)] = [
        (edge, old, carried(after[name])[edge])
        for edge, old in carried(before[name]).items()
        if old != carried(after[name])[edge]
    ]
    uses = _times(count_uses(child, name))
    news = f"motif {name}, {node_name(edge[0])} to {node_name(edge[1])}: {old} became {new}; the network uses it {uses}"
    kept = replace(state, hierarchy=child, news=news, draws=state.draws + 1)
    while kept.opened and level_of(_opened_last(kept)) < 2:
        kept = replace(kept, opened=kept.opened[:-1])
    return kept


def _opened_last(state: HierarchyState) -> str:
    """What the edge carries that was opened last."""
    name = state.shown(len(state.opened) - 1)
    assert name is not None
    return carried(state.hierarchy.motifs[name])[state.opened[-1]]


def count_uses(hierarchy: Hierarchy, name: str) -> int:
    """In how many places of the whole network a motif is used and matters."""
    if name == hierarchy.top:
        return int(bool(live_edges(name, hierarchy.motifs)))
    flat = flatten(hierarchy.top, hierarchy.motifs, level_of(name))
    return sum(operation == name for *_, operation in flat)


def _times(number: int) -> str:
    return {0: "nowhere", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _controls(space: Hierarchical, state: HierarchyState) -> list[Control]:
    close = Button("Close all", lambda now: replace(now, opened=(), news=""), enabled=bool(state.opened))
    mutations: list[Control] = [
        Button(f"Mutate level {level}", partial(mutate, space, level)) for level in reversed(space.levels)
    ]
    return [Button("Random", lambda now: draw_another(space, now)), *mutations, close]


# --- pictures ---------------------------------------------------------------------------------------------------------


def motif_view(space: Hierarchical, place: int) -> Callable[[HierarchyState], Panel]:
    """The view of picture `place`: the motif that is open on this level."""
    level = space.levels[-1] - place

    def view(state: HierarchyState) -> Panel:
        name = state.shown(place)
        if name is None:
            return Panel(f"Level {level}", [Graph([], [])], subtitle=f"click a motif of level {level} to open it")
        motifs = state.hierarchy.motifs
        live = live_edges(name, motifs)
        open_here = state.opened[place] if place < len(state.opened) else None
        marks = [
            GraphEdge(i, j, operation, (i, j) not in live, (i, j) == open_here, f"open {name} {i}-{j}")
            for (i, j), operation in carried(motifs[name]).items()
        ]
        nodes = [node_name(node) for node in range(node_count(motifs[name]))]
        inside = "click an edge to open its motif" if level > 2 else "primitives: here it ends"
        subtitle = inside if place == 0 else f"used {_times(count_uses(state.hierarchy, name))}; {inside}"
        written = "; ".join(f"{o} from {nodes[i]} to {nodes[j]}" for (i, j), o in live.items()) or "dead"
        return Panel(f"Level {level}: motif {name}", [Graph(nodes, marks)], subtitle=subtitle, alt=written)

    return view


def flat_view(state: HierarchyState) -> Panel:
    """The network without any motif: each tensor as the sum of what its edges deliver."""
    flat = flatten(state.hierarchy.top, state.hierarchy.motifs)
    terms: dict[int, list[str]] = {}
    for i, j, operation in flat:
        terms.setdefault(j, []).append(f"{_SHORT[operation]}({node_name(i)})")
    lines = [f"{node_name(j)} = {' + '.join(parts)}" for j, parts in sorted(terms.items())]
    shown = lines
    while sum(1.3 + len(line) // LETTERS for line in shown) > LINES:
        kept = len(shown) - 2
        shown = [*lines[:kept], f"... and {len(lines) - kept} tensors more"]
    subtitle = f"{len(flat)} primitives; dw: depthwise, sep: separable" if flat else "dead: nothing gets through"
    return Panel("Flattened: primitives only", [Prose(shown)], subtitle=subtitle, alt=f"{subtitle}: {'; '.join(lines)}")


def status(state: HierarchyState) -> str:
    path = " > ".join(filter(None, map(state.shown, range(len(state.opened) + 1))))
    return f"Open: {path}." + f" {state.news[:1].upper()}{state.news[1:]}." * bool(state.news)
