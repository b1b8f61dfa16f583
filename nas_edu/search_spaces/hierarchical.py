"""Hierarchical: motifs made of motifs. Level 1 are primitive operations, and each level assembles the one below.

A motif of level l is a graph without cycles. Node 0 is its input, its last node its output, and each edge carries an
operation of level l - 1: a primitive on level 2, a motif of level 2 on level 3, and so on; or `none`, so nothing:

    x_i = sum over j < i of o_(j,i)(x_j)

The top level has one motif, and that is the architecture. A motif may be used many times, and each use has its own
weights: what is shared is the wiring. Replacing motifs by what they consist of, down to primitives, is *flattening*.

With p primitives there are (p + 1)^edges motifs on level 2; with m motifs on level l there are (m + 1)^edges on level
l + 1. The space is the product over all motifs of all levels (`size`). Different hierarchies may be the same network
(`canonical`): motifs in another order, motifs that nothing uses.

A hierarchy prints as `2.1=|nor_conv_1x1~0|+|none~0|sep_conv_3x3~1| ... 3.1=|2.1~0|+|...|`: motif 1 of level 2, and for
each of its nodes 1, 2, ... what comes from the nodes 0, 1, ..., as in `TinyCell`.

Source: Liu, Simonyan, Vinyals, Fernando, Kavukcuoglu, "Hierarchical Representations for Efficient Architecture Search",
ICLR 2018, sections 2 and 3. The paper has six motifs of four nodes on level 2 and one of five nodes on level 3: this is
`Hierarchical(motifs=(6, 1), nodes=(4, 5))`, and our default is smaller. Simplified: tensors that meet are added, where
the paper concatenates them by channels; so all of them keep the same channels.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from nas_edu.core.search_space import Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.hierarchy import Hierarchy, parse_hierarchy
from nas_edu.search_spaces.motif import NONE, PRIMITIVES, edges, live_edges, motif_name, node_count

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt


class Hierarchical(SearchSpace[Hierarchy]):
    """All hierarchies with `motifs[0]` motifs of `nodes[0]` nodes on level 2, and so on; one motif on the last level.

    Finite: `size`, `for hierarchy in space`, and `len(space)` where that fits a machine's integer.

    Raises ValueError for numbers of motifs or nodes that make no hierarchy, and for primitives that there are not.
    """

    def __init__(
        self,
        motifs: tuple[int, ...] = (3, 1),
        nodes: tuple[int, ...] = (3, 4),
        primitives: tuple[str, ...] = PRIMITIVES,
    ) -> None:
        if not motifs or len(motifs) != len(nodes) or min(motifs) < 1 or motifs[-1] != 1:
            raise ValueError(f"motifs and nodes are numbers, one a level, 1 motif on the last; got {motifs}, {nodes}")
        if not all(2 <= n <= 6 for n in nodes):
            raise ValueError(f"a motif has 2 to 6 nodes, 4 and 5 in the paper; got {nodes}")
        if not primitives or len(set(primitives)) != len(primitives) or not set(primitives) <= set(PRIMITIVES):
            raise ValueError(f"primitives must be different ones of {', '.join(PRIMITIVES)}; got {primitives}")
        self.motifs, self.nodes, self.primitives = tuple(motifs), tuple(nodes), tuple(primitives)
        self.levels = range(2, 2 + len(motifs))

    @cached_property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:  # type: ignore[override]
        """One for each edge of each motif, `edge_2.1_0_1`: what it carries. None of them is conditional."""
        listed, operations = [], self.primitives
        for level, motifs, nodes in zip(self.levels, self.motifs, self.nodes, strict=True):
            names = tuple(motif_name(level, number) for number in range(1, motifs + 1))
            for name in names:
                for i, j in edges(nodes):
                    listed.append(Hyperparameter(_edge_name(name, i, j), (NONE, *operations)))
            operations = names
        return tuple(listed)

    def _hierarchy(self, operations: Iterable[str]) -> Hierarchy:
        """The hierarchy whose edges carry these, in the order of `hyperparameters`."""
        queue = iter(operations)
        return Hierarchy(
            tuple(
                tuple(tuple(itertools.islice(queue, math.comb(nodes, 2))) for _ in range(motifs))
                for motifs, nodes in zip(self.motifs, self.nodes, strict=True)
            )
        )

    def from_config(self, values: Config) -> Hierarchy:
        """The hierarchy that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        return self._hierarchy(str(values[h.name]) for h in self.hyperparameters)

    def to_config(self, hierarchy: Hierarchy) -> dict[str, Value]:
        """What each edge of each motif carries."""
        return {h.name: o for h, o in zip(self.hyperparameters, self._operations(hierarchy), strict=True)}

    def sample(self, rng: random.Random) -> Hierarchy:
        """One hierarchy, every one equally likely.

        The paper starts from chains of identities and makes a thousand random mutations, which comes near to it.
        """
        return self._hierarchy(rng.choice(h.choices) for h in self.hyperparameters)

    def mutate(self, hierarchy: Hierarchy, rng: random.Random, *, level: int | None = None) -> Hierarchy:
        """One edge carries something else (section 3.1): an edge is added, altered or, with `none`, removed.

        Drawn uniformly, one after the other: a level (unless it is given), a motif of it, a node i > 0 of the motif, a
        node j < i, and what the edge from j to i carries now. Raises ValueError for a level that there is not.
        """
        if level is None:
            level = rng.choice(self.levels)
        elif level not in self.levels:
            raise ValueError(f"this space has the levels {', '.join(map(str, self.levels))}; not {level!r}")
        motif = motif_name(level, rng.randint(1, self.motifs[level - 2]))
        i = rng.randrange(1, self.nodes[level - 2])
        name = _edge_name(motif, rng.randrange(i), i)
        values = self.to_config(hierarchy)
        [choices] = (h.choices for h in self.hyperparameters if h.name == name)
        values[name] = rng.choice([operation for operation in choices if operation != values[name]])
        return self.from_config(values)

    def parse(self, text: str) -> Hierarchy:
        """The inverse of `str(hierarchy)`. Raises ValueError that says what was wrong, TypeError for no string."""
        hierarchy = parse_hierarchy(text)
        self.check(hierarchy)
        return hierarchy

    def encode(self, hierarchy: Hierarchy, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """A vector of zeros and ones; both tell all hierarchies apart.

        one_hot     what each edge of each motif carries, one-hot, in the order of `hyperparameters`
        adjacency   which of these edges are there, then for each what it carries, one of those that are not `none`
                    (White et al. 2020, NeurIPS)

        Raises ValueError for another encoding: the paths of the flat graph are too many, and differ in length.
        """
        import numpy as np

        operations = self._operations(hierarchy)
        if encoding not in ("one_hot", "adjacency"):
            raise ValueError(f"Hierarchical has the encodings 'one_hot' and 'adjacency', not {encoding!r}")
        there = [operation != NONE for operation in operations] if encoding == "adjacency" else []
        skipped = len(there) > 0  # `none` has no bit of its own then
        pairs = zip(self.hyperparameters, operations, strict=True)
        bits = [operation == choice for h, operation in pairs for choice in h.choices[skipped:]]
        return np.array(there + bits, dtype=np.float32)

    def to_graph(self, hierarchy: Hierarchy, level: int = 1) -> nx.MultiDiGraph:
        """Flattened to operations of `level`, primitives by default; see `Hierarchy.to_graph`."""
        self.check(hierarchy)
        return hierarchy.to_graph(level)

    def motif_graph(self, hierarchy: Hierarchy, motif: str) -> nx.MultiDiGraph:
        """One motif such as "2.1" with all its edges, `none` and dead ones included. ValueError for an unknown name."""
        import networkx as nx

        self.check(hierarchy)
        motifs = hierarchy.motifs
        if motif not in motifs:
            raise ValueError(f"this hierarchy has the motifs {', '.join(motifs)}; not {motif!r}")
        graph, live = nx.MultiDiGraph(name=f"motif {motif}"), live_edges(motif, motifs)
        for (i, j), operation in zip(edges(node_count(motifs[motif])), motifs[motif], strict=True):
            graph.add_edge(i, j, operation=operation, live=(i, j) in live)
        return graph

    @property
    def size(self) -> int:
        """The number of hierarchies, exactly, equal networks counted apart; 7^46 = 7.5 * 10^38 in the paper."""
        return math.prod(len(h.choices) for h in self.hyperparameters)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Hierarchy]:
        """Like an odometer, the last edge of the top motif fastest."""
        return map(self._hierarchy, itertools.product(*(h.choices for h in self.hyperparameters)))

    def _operations(self, hierarchy: Hierarchy) -> tuple[str, ...]:
        """What the edges carry, in the order of `hyperparameters`."""
        self.check(hierarchy)
        return tuple(operation for motif in hierarchy.motifs.values() for operation in motif)

    def check(self, hierarchy: object) -> None:
        if not isinstance(hierarchy, Hierarchy):
            raise TypeError(f"Hierarchical holds Hierarchies, got {type(hierarchy).__name__} {hierarchy!r}")
        motifs = tuple(map(len, hierarchy.levels))
        nodes = tuple(node_count(level[0]) for level in hierarchy.levels)
        if (motifs, nodes) != (self.motifs, self.nodes):
            raise ValueError(
                f"this space has {self.motifs} motifs of {self.nodes} nodes on its levels; "
                f"the hierarchy has {motifs} of {nodes}"
            )
        for motif in hierarchy.levels[0]:
            for operation in motif:
                if operation not in (NONE, *self.primitives):
                    raise ValueError(f"this space has the primitives {', '.join(self.primitives)}; not {operation}")

    def __repr__(self) -> str:
        return f"Hierarchical({self.motifs} motifs of {self.nodes} nodes, {self.size:,} hierarchies)"


def _edge_name(motif: str, i: int, j: int) -> str:
    return f"edge_{motif}_{i}_{j}"
