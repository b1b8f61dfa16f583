"""The Weisfeiler-Lehman kernel: two architectures are alike if their graphs share many small subtrees.

    label_0(v)     = whether v is the input, the output, or neither
    label_(i+1)(v) = (label_i(v), the sorted list of (operation, label_i(u)) over the edges u -> v)
    f(a)           = how often each label occurs, over the iterations 0, ..., h
    k(a, b)        = (f(a) . f(b) / (|f(a)| |f(b)|))^gamma

It does not ask for the place of an operation, but for its surroundings: nodes that were only renamed look the same, and
so does what is dead, for it is left out.

Sources: Shervashidze et al., "Weisfeiler-Lehman Graph Kernels", JMLR 2011; for NAS: Ru, Wan, Dong & Osborne,
"Interpretable Neural Architecture Search via Bayesian Optimisation with Weisfeiler-Lehman Kernels", ICLR 2021.

The details that matter: operations are labels of edges, so they join when labels are gathered. The cosine and its
powers with whole exponents are positive semi-definite (products of kernels); gamma is fitted, and may be any number
from 1 to 8, for which that is not proved: the Gaussian process adds to the diagonal where it has to. Of spaces with a
normal and a reduction cell both are compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

ITERATIONS = 2


class WeisfeilerLehmanKernel:
    """Compares `space.to_graph(architecture)`; theta = (gamma,)."""

    start = (1.0,)
    bounds = ((1.0, 8.0),)

    def __init__(self, space: Any) -> None:
        self.space = space
        self._counts: dict[Any, Counter[Any]] = {}

    def counts(self, architecture: Any) -> Counter[Any]:
        """How often each label occurs."""
        if architecture not in self._counts:
            graph = self.space.to_graph(architecture)
            self._counts[architecture] = labels(graph)
            if hasattr(architecture, "reduce"):  # a normal and a reduction cell: labels of the second are marked
                second = labels(self.space.to_graph(architecture, "reduce"))
                self._counts[architecture].update({("reduce", label): n for label, n in second.items()})
        return self._counts[architecture]

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """The cosine of the angle between the counts: (n, m)."""
        x, y = [[self.counts(a) for a in group] for group in (one, other)]
        places = {label: place for place, label in enumerate(dict.fromkeys(label for c in (*x, *y) for label in c))}
        vectors = []
        for group in (x, y):
            matrix = np.zeros((len(group), len(places)))
            for row, counts in enumerate(group):
                matrix[row, [places[label] for label in counts]] = list(counts.values())
            vectors.append(matrix / np.linalg.norm(matrix, axis=1, keepdims=True))
        return np.clip(vectors[0] @ vectors[1].T, 0.0, 1.0)

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return distances ** theta[0]


def labels(graph: Any) -> Counter[Any]:
    """The labels of all nodes in all iterations, counted. Dead edges, and what only they reach, are gone."""
    edges = [(u, v, str(data["operation"])) for u, v, data in graph.edges(data=True) if data.get("live", True)]
    nodes = list(graph.nodes)
    ends = {nodes[0]: "input", nodes[-1]: "output"}
    there = {node for u, v, _ in edges for node in (u, v)} | set(ends)
    now: dict[Any, Any] = {v: (ends.get(v, ""), graph.nodes[v].get("combine", "")) for v in nodes if v in there}
    found = Counter(now.values())
    for _ in range(ITERATIONS):
        gathered: dict[Any, list[Any]] = {v: [] for v in now}
        for u, v, operation in edges:
            gathered[v].append((operation, now[u]))
        now = {v: (label, tuple(sorted(gathered[v], key=repr))) for v, label in now.items()}
        found.update(now.values())
    return found
