"""One hierarchy for all that differ in what cannot matter.

    edges through which nothing flows               become `none`
    the inner nodes of a motif                      are put into the order that makes the smallest motif
    motifs of one level that have become equal      become one
    motifs that nothing uses                        become empty, and come last
    motifs of one level                             are sorted

Hierarchies with the same canonical form have the same network, up to the names of its weights and the order of sums, as
each use of a motif has weights of its own. The converse does not hold: two hierarchies may cut the same flat graph into
different motifs.

Motifs are compared by what they consist of, not by names, which depend on the order. So a motif is written out as
nested tuples: its *form* has for each edge (0,) for none, (1, name) for a primitive, (l, form) for a motif of level l.
"""

from __future__ import annotations

import itertools
from typing import Any

from nas_edu.search_spaces.motif import NONE, Motif, Motifs, edges, level_of, live_edges, motif_name, node_count

Level = tuple[Motif, ...]
Form = tuple[Any, ...]


def canonical_levels(motifs: Motifs, top: str) -> tuple[Level, ...]:
    """The levels of the hierarchy that stands for all that are the same as this one."""
    forms: dict[str, Form] = {}
    for name in motifs:  # lower levels first
        forms[name] = _smallest_form(name, motifs, forms)
    used: dict[int, set[Form]] = {level_of(name): set() for name in motifs}
    used[level_of(top)].add(forms[top])
    for level in sorted(used, reverse=True):
        for form in used[level]:
            for operation in form:
                if operation[0] >= 2:
                    used[operation[0]].add(operation[1])
    names = {
        (level, form): motif_name(level, number)
        for level, found in used.items()
        for number, form in enumerate(sorted(found), start=1)
    }
    levels = []
    for level, found in used.items():
        motifs_here = [motif for name, motif in motifs.items() if level_of(name) == level]
        written = [tuple(_written(operation, names) for operation in form) for form in sorted(found)]
        empty = tuple(NONE for _ in motifs_here[0])
        levels.append((*written, *[empty] * (len(motifs_here) - len(written))))
    return tuple(levels)


def _smallest_form(name: str, motifs: Motifs, forms: dict[str, Form]) -> Form:
    """The motif written out, its inner nodes in the order that makes this smallest."""
    nodes, live = node_count(motifs[name]), live_edges(name, motifs)
    candidates = []
    for inner in itertools.permutations(range(1, nodes - 1)):
        place = {node: rank for rank, node in enumerate((0, *inner, nodes - 1))}
        moved = {(place[i], place[j]): operation for (i, j), operation in live.items()}
        if all(i < j for i, j in moved):
            candidates.append(tuple(_entry(moved.get(edge, NONE), forms) for edge in edges(nodes)))
    return min(candidates)


def _entry(operation: str, forms: dict[str, Form]) -> Form:
    level = level_of(operation)
    return (level,) if level == 0 else (level, operation if level == 1 else forms[operation])


def _written(operation: Form, names: dict[tuple[int, Form], str]) -> str:
    if operation[0] == 0:
        return NONE
    return operation[1] if operation[0] == 1 else names[operation]
