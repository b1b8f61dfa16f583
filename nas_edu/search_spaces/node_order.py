"""One form for cells that differ only in the order in which their nodes and inputs are written down.

A cell with inputs 0 and 1 and nodes 2, 3, ... names its nodes in some topological order. Another such order, or the two
edges of a node swapped, is the same graph, and so the same network once its weights are renamed along: sums commute,
and where results are concatenated, the next layer's weights follow their channels.

    canonical(nodes) = min over topological orders p of relabel(nodes, p), the edges of each node sorted

Two cells are isomorphic (inputs fixed, operations and combinations kept) exactly if their canonical forms are equal.
Five nodes have at most 120 orders, so they are simply all tried.
"""

from __future__ import annotations

import itertools

from nas_edu.search_spaces.genotype_text import Node

INPUTS = 2


def canonical_order(nodes: list[Node]) -> list[Node]:
    """The smallest relabelled copy of `nodes`; a smaller state comes first, then a smaller name."""
    candidates = []
    for order in itertools.permutations(range(len(nodes))):
        place = {INPUTS + node: INPUTS + rank for rank, node in enumerate(order)}
        relabelled = []
        for rank, node in enumerate(order):
            *edges, combine = nodes[node]
            moved = sorted((place.get(state, state), operation) for operation, state in edges)
            if moved[-1][0] >= INPUTS + rank:  # a node would be read before it is computed
                break
            relabelled.append((tuple(moved), combine))
        else:
            candidates.append(relabelled)
    return [((a, i), (b, j), combine) for ((i, a), (j, b)), combine in min(candidates)]
