"""NASBOT's distance (OTMANN): what does it cost to match the layers of one network to those of another?

    d(a, b) = min over Z >= 0 of  sum_ij Z_ij (M_ij + nu C_ij) + sum_i (m_i - sum_j Z_ij) + sum_j (m'_j - sum_i Z_ij)
              subject to  sum_j Z_ij <= m_i,  sum_i Z_ij <= m'_j                                         eq. 3

    M_ij    label mismatch: 0 for equal operations, 1/4 for relatives (two convolutions, two poolings), else 2
    C_ij    structure: |difference| of the path lengths from the input and to the output, mean over six of them:
            the shortest, the longest, and that of a random walk, from either end
    m_i     the mass of a layer; what is not matched costs its mass

It is a linear program of optimal transport; scipy solves it. The kernel of the paper:

    k(a, b) = 1/2 exp(-d / l) + 1/2 exp(-d' / l'),    d' = d / (sum of all masses of both)

Source: Kandasamy, Neiswanger, Schneider, Poczos & Xing, "Neural Architecture Search with Bayesian Optimisation and
Optimal Transport", NeurIPS 2018, section 3. Simplified: each live operation is a layer of mass 1 (in the paper a
layer's mass is its share of the computation), skip connections too; relatives are all as related.

The details that matter: to match unlike operations costs no less than to leave both alone (2), so they never pay. d is
symmetric, and 0 for graphs that differ in names only, but also for some that are not equal. The kernel is *not*
positive semi-definite for certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

NU = 0.5
RELATED, UNLIKE = 0.25, 2.0
REDUCE = "reduce/"  # marks the layers of a reduction cell

PlacedLayer = tuple[str, tuple[float, ...]]  # the operation, and its six path lengths


def layers(graph: Any, prefix: str = "") -> list[PlacedLayer]:
    """All live operations of a graph with their path lengths, both ends included, in a fixed order."""
    import networkx as nx

    edges = [(u, v, str(data["operation"])) for u, v, data in graph.edges(data=True) if data.get("live", True)]
    live = nx.MultiDiGraph([(u, v) for u, v, _ in edges])
    order = list(nx.topological_sort(live))
    ahead, behind = _path_lengths(live.reverse(), order), _path_lengths(live, order[::-1])
    return sorted((prefix + name, tuple(1 + n for n in (*ahead[u], *behind[v]))) for u, v, name in edges)


def _path_lengths(graph: Any, order: Sequence[Any]) -> dict[Any, tuple[float, float, float]]:
    """From each node to where `graph` ends: the shortest way, the longest, and a random walk's. Ends come first."""
    lengths: dict[Any, tuple[float, float, float]] = {}
    for node in order:
        ahead = [lengths[v] for _, v in graph.out_edges(node)]
        if ahead:
            shortest, longest, walk = zip(*ahead, strict=True)
            lengths[node] = (1 + min(shortest), 1 + max(longest), 1 + sum(walk) / len(walk))
        else:
            lengths[node] = (0, 0, 0.0)
    return lengths


def matching_costs(one: Sequence[PlacedLayer], other: Sequence[PlacedLayer]) -> np.ndarray:
    """M + nu C: what it costs to match a unit of layer i to layer j, (n, m)."""
    return np.array([[_mismatch(a, b) + NU * np.abs(np.subtract(x, y)).mean() for b, y in other] for a, x in one])


def _mismatch(one: str, other: str) -> float:
    if one == other:
        return 0.0
    same_cell = one.startswith(REDUCE) == other.startswith(REDUCE)
    related = any(kind in one and kind in other for kind in ("conv", "pool"))
    return RELATED if same_cell and related else UNLIKE


def transport(costs: np.ndarray, masses: np.ndarray, other_masses: np.ndarray) -> float:
    """The optimal value of the linear program: costs (n, m), masses (n,) and (m,)."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, kron, vstack

    n, m = costs.shape
    rows = kron(eye_array(n), csr_array(np.ones((1, m))))  # sum over j of Z_ij
    columns = kron(csr_array(np.ones((1, n))), eye_array(m))  # sum over i of Z_ij
    # What is matched saves the mass that would be left alone, on both sides: hence the 2.
    found = linprog(
        (costs - 2).ravel(), A_ub=vstack([rows, columns]), b_ub=np.concatenate([masses, other_masses]), method="highs"
    )
    return float(masses.sum() + other_masses.sum() + found.fun)


@cache
def _distance(one: tuple[PlacedLayer, ...], other: tuple[PlacedLayer, ...]) -> float:
    if one == other:
        return 0.0
    if not one or not other:
        return float(len(one) + len(other))
    distance = transport(matching_costs(one, other), np.ones(len(one)), np.ones(len(other)))
    return max(0.0, distance)  # a solver rounds


def otmann_distance(space: Any, one: Any, other: Any) -> float:
    """d(one, other). Of spaces with a normal and a reduction cell both count, and match their own kind only."""
    first, second = sorted((_all_layers(space, one), _all_layers(space, other)))
    return _distance(first, second)


def _all_layers(space: Any, architecture: Any) -> tuple[PlacedLayer, ...]:
    found = layers(space.to_graph(architecture))
    if hasattr(architecture, "reduce"):
        found += layers(space.to_graph(architecture, "reduce"), REDUCE)
    return tuple(found)


class OTMANNKernel:
    """theta = (l, l')."""

    start = (2.0, 0.3)
    bounds = ((0.1, 50.0), (0.01, 5.0))

    def __init__(self, space: Any) -> None:
        self.space = space
        self._layers: dict[Any, tuple[PlacedLayer, ...]] = {}

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """Both d and d': (n, m, 2)."""
        for architecture in (*one, *other):
            if architecture not in self._layers:
                self._layers[architecture] = _all_layers(self.space, architecture)
        x, y = [[self._layers[a] for a in group] for group in (one, other)]
        d = np.array([[_distance(*sorted((a, b))) for b in y] for a in x])
        masses = np.array([[max(1, len(a) + len(b)) for b in y] for a in x])
        return np.stack([d, d / masses], axis=-1)

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        return np.exp(-distances / theta).mean(axis=-1)
