"""The kernels of the Gaussian process, but for OTMANN's: which architectures are alike?

**On a vector**: near are those whose vectors differ in few places.

    Hamming    k(a, b) = exp(-h(a, b) / l)               h: the share of the hyperparameters that differ
    encoding   k(a, b) = exp(-|e(a) - e(b)|^2 / l)       e: "one_hot", "adjacency" or "path", over sqrt(its length)

Both are positive semi-definite for every l > 0. The second is the squared-exponential kernel. The first is a product,
over the hyperparameters, of a kernel that is 1 for equal values and c = exp(-1 / (l H)) for others; the matrix of such
a factor, (1 - c) I + c J, has no negative eigenvalue, and products of such kernels have none either. For a space
without conditions the two are one: where a value differs, two bits of the one-hot vector do.

Sources: Hutter, Hoos & Leyton-Brown, LION 2011 (the Hamming distance, for categories); White et al., "A Study on
Encodings for Neural Architecture Search", NeurIPS 2020.

The details that matter: a hyperparameter that does not exist (in a conditional space) counts as one more value here;
the Arc kernel does better.

**Arc**: two architectures are compared on what both of them have, and pay a fixed price for the rest.

In a conditional space layer 5 has a kernel size only if there are five layers. Each hyperparameter i is put on an arc
of radius omega in the plane, and into its centre where it does not exist:

    g_i(a) = (0, 0)                                                      if a has no hyperparameter i
             omega (sin(pi rho x), cos(pi rho x))                        otherwise, x in [0, 1] its value      section 2
    k(a, b) = exp(-sum over i of |g_i(a) - g_i(b)|^2)

So a pair costs 0 where neither has i, omega^2 where one has it, and 2 omega^2 (1 - cos(pi rho |x - x'|)) where both do.
As the g_i are points of a Euclidean space, this is a squared-exponential kernel and positive semi-definite.

Source: Swersky, Duvenaud, Snoek, Hutter & Osborne, "Raiders of the Lost Architecture", 2013. Simplified: all
hyperparameters share one omega and one rho.

The details that matter: numbers lie on the arc in the order of `choices`. Values without order are all as far from
each other as the ends of the arc. With more than two of them no arc does that; but unit vectors with equal inner
products cos(pi rho) do, where cos(pi rho) >= 0. So rho <= 1/2 here. Beyond, with four kinds of layer, say, the kernel
has negative eigenvalues: a test shows one.

**Weisfeiler-Lehman**: two architectures are alike if their graphs share many small subtrees.

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


class HammingKernel:
    """Compares the values of all hyperparameters of `space`, one by one."""

    start = (0.5,)
    bounds = ((0.02, 20.0),)

    def __init__(self, space: Any) -> None:
        self.space = space
        self._places = {h.name: {value: place for place, value in enumerate(h.choices)} for h in space.hyperparameters}
        self._codes: dict[Any, list[int]] = {}

    def codes(self, architectures: Sequence[Any]) -> np.ndarray:
        """The place of each value among its choices, -1 where the hyperparameter does not exist: (n, H)."""
        for one in architectures:
            if one not in self._codes:
                values = self.space.to_config(one)
                self._codes[one] = [self._places[n][values[n]] if n in values else -1 for n in self._places]
        return np.array([self._codes[one] for one in architectures], dtype=int)

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """The share of the hyperparameters that differ: (n, m)."""
        return (self.codes(one)[:, None] != self.codes(other)[None]).mean(axis=-1)

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return np.exp(-distances / theta[0])


class EncodingKernel:
    """Compares the vectors `space.encode(architecture, encoding)`."""

    start = (0.1,)
    bounds = ((0.002, 10.0),)

    def __init__(self, space: Any, encoding: str = "path") -> None:
        self.space, self.encoding = space, encoding
        self._vectors: dict[Any, np.ndarray] = {}

    def vectors(self, architectures: Sequence[Any]) -> np.ndarray:
        for one in architectures:
            if one not in self._vectors:
                self._vectors[one] = self.space.encode(one, self.encoding).astype(float)
        return np.stack([self._vectors[one] for one in architectures])

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """The mean over the vector's places of the squared difference: (n, m)."""
        from scipy.spatial.distance import cdist

        x, y = self.vectors(one), self.vectors(other)
        return cdist(x, y, "sqeuclidean") / x.shape[1]

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return np.exp(-distances / theta[0])


class ArcKernel:
    """The hyperparameters of `space`, which may have conditions; theta = (omega, rho)."""

    start = (0.5, 0.25)
    bounds = ((0.02, 5.0), (0.01, 0.5))

    def __init__(self, space: Any) -> None:
        self._codes = HammingKernel(space).codes
        # How far one step in the order of the choices leads along the arc; without an order any step leads to its end.
        self._steps = np.array(
            [1 / max(1, len(h.choices) - 1) if _is_ordered(h.choices) else 1.0 for h in space.hyperparameters]
        )

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """|x - x'| for each hyperparameter that both have, -1 for those that only one has, else 0: (n, m, H)."""
        x, y = self._codes(one)[:, None], self._codes(other)[None]
        apart = np.abs(x - y)
        gaps = np.minimum(1.0, apart * self._steps)
        return np.where((x < 0) & (y < 0), 0.0, np.where((x < 0) | (y < 0), -1.0, gaps))

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        omega, rho = theta
        squared = np.where(distances < 0, 1.0, 2 * (1 - np.cos(np.pi * rho * distances)))
        return np.exp(-(omega**2) * squared.sum(axis=-1))


def _is_ordered(choices: Sequence[Any]) -> bool:
    return all(isinstance(choice, int) and not isinstance(choice, bool) for choice in choices)


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
            self._counts[architecture] = subtree_labels(graph)
            if hasattr(architecture, "reduce"):  # a normal and a reduction cell: labels of the second are marked
                second = subtree_labels(self.space.to_graph(architecture, "reduce"))
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


def subtree_labels(graph: Any) -> Counter[Any]:
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
