"""A term as one flat graph: its operators' graphs put into each other, primitives on the edges."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from nas_edu.search_spaces.grammar_term import PRIMITIVES, Term, check_symbol

if TYPE_CHECKING:
    import networkx as nx


def term_graph(term: Term) -> nx.MultiDiGraph:
    """Node 0 is the input, the last node the output; nodes are numbered in a topological order.

    Each edge carries `operation`, the primitive's name in the other spaces, and `live`, which is False where `zero`
    cuts it off. Raises ValueError for an unknown name.
    """
    import networkx as nx

    graph, inner_nodes = nx.MultiDiGraph(), itertools.count(2)

    def put(part: Term, source: int, target: int, live: bool) -> None:
        if not part.arguments:
            check_symbol(part)
            graph.add_edge(source, target, operation=PRIMITIVES[part.name], live=live)
            return
        last = max(j for _, j, _ in part.edges)
        node = {0: source, last: target, **{inner: next(inner_nodes) for inner in range(1, last)}}
        alive = {(i, j) for i, j, _ in part.live_edges}
        for i, j, argument in part.edges:
            put(argument, node[i], node[j], live and (i, j) in alive)

    put(term, 0, 1, live=not term.is_dead)
    order = nx.lexicographical_topological_sort(graph)
    graph = nx.relabel_nodes(graph, {old: new for new, old in enumerate(order)})
    graph.name = str(term)
    return graph
