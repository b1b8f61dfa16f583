"""Motifs: small graphs whose edges carry operations, which are primitives or motifs themselves.

A motif of n nodes is the tuple of what its n(n-1)/2 edges carry, in the order 0-1, 0-2, 1-2, 0-3, ...: `none`, a
primitive, or the name of a motif one level below, such as "2.1". Node 0 is its input, node n - 1 its output.

Source: Liu et al., "Hierarchical Representations for Efficient Architecture Search", ICLR 2018, section 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

NONE = "none"
PRIMITIVES: tuple[str, ...] = (
    "skip_connect",
    "nor_conv_1x1",
    "depthwise_conv_3x3",
    "sep_conv_3x3",
    "max_pool_3x3",
    "avg_pool_3x3",
)
Motif = tuple[str, ...]
Motifs = Mapping[str, Motif]
"""All motifs of a hierarchy by their names, lower levels first."""
Edge = tuple[int, int]


def motif_name(level: int, number: int) -> str:
    """Motif `number` (from 1) of `level` (from 2)."""
    return f"{level}.{number}"


def level_of(operation: str) -> int:
    """The level of what an edge carries: 0 for none, 1 for a primitive."""
    if operation in PRIMITIVES:
        return 1
    return 0 if operation == NONE else int(operation.split(".")[0])


def node_count(motif: Motif) -> int:
    """The n for which there are n(n-1)/2 edges. Raises ValueError where there is none."""
    for n in range(2, len(motif) + 2):
        if n * (n - 1) // 2 == len(motif):
            return n
    raise ValueError(f"a motif of 2, 3, 4, 5 nodes has 1, 3, 6, 10 edges, and none has {len(motif)}: {motif}")


def edges(nodes: int) -> list[Edge]:
    """All edges (i, j) in the order of a motif's operations."""
    return [(i, j) for j in range(1, nodes) for i in range(j)]


def live_edges(name: str, motifs: Motifs) -> dict[Edge, str]:
    """The edges of a motif that matter: something flows through them, from its input, to its output.

    Nothing flows through `none`, nor through a motif that has no live edge. A motif without any is dead.
    """
    motif = motifs[name]
    nodes = node_count(motif)
    passing = {
        edge: operation
        for edge, operation in zip(edges(nodes), motif, strict=True)
        if level_of(operation) == 1 or (operation != NONE and live_edges(operation, motifs))
    }
    from_input, to_output = {0}, {nodes - 1}
    from_input.update(j for i, j in passing if i in from_input)  # edges are sorted by their end: one pass is enough
    for i, j in sorted(passing, reverse=True):
        if j in to_output:
            to_output.add(i)
    return {(i, j): operation for (i, j), operation in passing.items() if i in from_input and j in to_output}


def flatten(name: str, motifs: Motifs, level: int = 1) -> list[tuple[int, int, str]]:
    """A motif as one flat graph of operations of `level` or below: live edges (i, j, operation), each i before its j.

    Every motif above that level is replaced by what it consists of. Its input and its output become the two nodes that
    it connected: what it adds up and what they add up is one sum. So there may be several edges from i to j. Node 0 is
    the input, the last node the output; a dead motif has no edges.
    """
    if not live_edges(name, motifs):
        return []
    fresh = itertools.count(2)

    def expand(name: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        live = live_edges(name, motifs)
        place = {0: start, node_count(motifs[name]) - 1: end}
        for edge in live:
            for node in edge:
                if node not in place:
                    place[node] = next(fresh)
        for (i, j), operation in live.items():
            if level_of(operation) <= level:
                yield place[i], place[j], operation
            else:
                yield from expand(operation, place[i], place[j])

    return _in_order(list(expand(name, 0, 1)))


def _in_order(graph: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Nodes renumbered so that every edge leads to a larger number; edges sorted by their end."""
    order: list[int] = []
    waiting = dict.fromkeys(node for i, j, _ in graph for node in (i, j))
    while waiting:
        ready = next(node for node in waiting if not any(j == node and i in waiting for i, j, _ in graph))
        order.append(ready)
        del waiting[ready]
    rank = {node: place for place, node in enumerate(order)}
    return sorted(((rank[i], rank[j], operation) for i, j, operation in graph), key=lambda edge: (edge[1], edge[0]))
