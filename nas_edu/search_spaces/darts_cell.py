"""DARTSCell: the cell space of DARTS. Two inputs, four nodes, 14 edges; every node keeps two of its inputs.

States 0 and 1 are the outputs of the last but one and of the last cell; node j adds two operations on earlier states,
and the cell's output is the concatenation of all its nodes:

    x_j = sum over the two kept i < j of o_(i,j)(x_i),    j = 2, 3, 4, 5;    output = concat(x_2, x_3, x_4, x_5)

How many are there? Two numbers are in use, and they count different things.

- Node j has j possible inputs, of which it keeps two, each with one of 7 operations (`none` is for the search only). So
  there are prod over j = 2..5 of (j choose 2) * 7^2 = (1 * 3 * 6 * 10) * 49^4 = 180 * 5,764,801 = 1,037,664,180 cells
  (about 10^9), and pairs of a normal and a reduction cell the square of it: about 1.08 * 10^18 discrete genotypes. This
  is `size`.
- One of 7 operations on each of all 2 * 14 edges, before any edge is dropped, gives 7^28 = 4.6 * 10^23: the "more than
  10^23" of lectures. This is `size_before_pruning`. The paper's appendix counts `none`, too: (7 + 1)^14 for a cell,
  about 10^25 for both.

Neither merges isomorphic cells (nodes renamed, `canonical`).

Source: Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, sections 2.1, 2.4 and 3.1.

As a vector of zeros and ones there are two encodings; neither depends on the order of a node's two edges:

    one_hot      for each of the 2 * 14 edges one of the 8 operations, `none` where it was dropped: 224 numbers, the
                 shape of the search's alpha
    adjacency    for each cell its adjacency matrix (14 possible edges), then for each kept edge one of 7 operations, by
                 node and then by input: 2 * (14 + 8 * 7) = 140 numbers (White et al., "A Study on Encodings for
                 Neural Architecture Search", NeurIPS 2020)

Paths are not meaningful here, as the cell concatenates its nodes.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas_edu.core.names import did_you_mean
from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.cell_pairs import (
    INPUTS,
    Edge,
    Node,
    canonical_order,
    changed_in_one_cell,
    is_published,
    pairs,
    parse_cells,
    parse_published,
    print_cells,
)

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

NONE = "none"
OPERATIONS = (
    NONE,
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
CELLS = ("normal", "reduce")
KEPT_OPERATIONS = OPERATIONS[1:]
"""What an edge of a finished cell may be. DARTS drops the weakest edges instead of keeping a `none`."""


@dataclass(frozen=True, slots=True, repr=False)
class Genotype(Architecture):
    """A normal and a reduction cell, each a tuple of edges (operation, state): two for node 2, two for node 3, ...

    `str` is short, `repr` the literal in which papers publish; `DARTSCell.parse` reads both. The order of a node's two
    edges is kept as written and means nothing: `canonical` forgets it.

    Raises ValueError for an unknown operation, a state that does not exist yet, or a node that reads one state twice;
    TypeError for anything but tuples.
    """

    normal: tuple[Edge, ...]
    reduce: tuple[Edge, ...]

    def __post_init__(self) -> None:
        for name, cell in (("normal", self.normal), ("reduce", self.reduce)):
            _check(name, cell)
        if len(self.normal) != len(self.reduce):
            raise ValueError(f"both cells need as many edges; got {len(self.normal)} and {len(self.reduce)}")

    def __str__(self) -> str:
        return print_cells(_nodes(self.normal), _nodes(self.reduce))

    def __repr__(self) -> str:
        concat = list(range(INPUTS, INPUTS + self.nodes))
        return (
            f"Genotype(normal={list(self.normal)}, normal_concat={concat}, "
            f"reduce={list(self.reduce)}, reduce_concat={concat})"
        )

    @property
    def nodes(self) -> int:
        """The number of nodes in each cell."""
        return len(self.normal) // 2

    @property
    def canonical(self) -> Genotype:
        """The smallest genotype that is isomorphic: nodes renamed, edges of a node in another order.

        Networks of isomorphic genotypes compute the same functions once their weights are renamed. That is all that is
        merged: cells that agree for another reason, such as two nodes that both add up the two inputs, stay apart.
        """
        return _from_nodes(*(canonical_order(_nodes(cell)) for cell in (self.normal, self.reduce)))

    def to_graph(self, cell: str = "normal") -> nx.MultiDiGraph:
        """The "normal" or the "reduce" cell: states 0 and 1, the nodes, and the output, which all nodes lead to."""
        import networkx as nx

        if cell not in CELLS:
            raise ValueError(f"a genotype has the cells 'normal' and 'reduce', not {cell!r}")
        output = INPUTS + self.nodes
        graph = nx.MultiDiGraph(name=f"{cell} cell")
        graph.add_nodes_from(range(output + 1))
        for place, (operation, state) in enumerate(getattr(self, cell)):
            graph.add_edge(state, INPUTS + place // 2, operation=operation, live=True)
        for node in range(INPUTS, output):
            graph.add_edge(node, output, operation="concatenate", live=True)
        return graph


class DARTSCell(SearchSpace[Genotype]):
    """All genotypes with `nodes` nodes a cell, each edge one of `operations`. Too many to list: see `size`."""

    def __init__(self, nodes: int = 4, operations: tuple[str, ...] = KEPT_OPERATIONS) -> None:
        if not (isinstance(nodes, int) and 1 <= nodes <= 6):
            raise ValueError(f"a DARTS cell has 1 to 6 nodes, 4 in the paper; got {nodes!r}")
        if not operations or len(set(operations)) != len(operations) or not set(operations) <= set(KEPT_OPERATIONS):
            raise ValueError(f"operations must be different ones of {', '.join(KEPT_OPERATIONS)}; got {operations}")
        self.nodes = nodes
        self.operations = tuple(operations)
        self.edges = tuple((i, j) for j in range(INPUTS, INPUTS + nodes) for i in range(j))

    @property
    def size(self) -> int:
        """The number of genotypes, exactly; the order of a node's two edges does not count."""
        cell = math.prod(math.comb(j, 2) * len(self.operations) ** 2 for j in range(INPUTS, INPUTS + self.nodes))
        return cell**2

    @property
    def size_before_pruning(self) -> int:
        """One operation on each edge of both cells, as if all were kept: 7^28 with the paper's cells."""
        return math.prod(len(self.operations) for _ in range(2 * len(self.edges)))

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """For each node of both cells the pair of states that it reads, such as "0+2", and their two operations."""
        listed = []
        for cell, j in itertools.product(CELLS, range(INPUTS, INPUTS + self.nodes)):
            pairs_of_states = tuple(f"{a}+{b}" for a, b in itertools.combinations(range(j), 2))
            listed.append(Hyperparameter(f"{cell}_{j}_states", pairs_of_states))
            listed += [
                Hyperparameter(f"{cell}_{j}_{which}_operation", self.operations) for which in ("first", "second")
            ]
        return tuple(listed)

    def from_config(self, values: Config) -> Genotype:
        """The genotype that these values describe, each node's smaller state first. So it is one to one, up to the
        order of a node's two edges, which means nothing. Raises ValueError that says what was wrong.
        """
        check_config(self.hyperparameters, values)
        chosen = iter(values[h.name] for h in self.hyperparameters)
        edges = []
        for states, *operations in zip(*[chosen] * 3, strict=True):
            edges += [(o, int(state)) for o, state in zip(operations, states.split("+"), strict=True)]
        return Genotype(tuple(edges[: len(edges) // 2]), tuple(edges[len(edges) // 2 :]))

    def to_config(self, genotype: Genotype) -> dict[str, Value]:
        """The values of all hyperparameters."""
        self.check(genotype)
        chosen: list[Value] = []
        for edges in pairs([*genotype.normal, *genotype.reduce]):
            (o, a), (p, b) = sorted(edges, key=lambda edge: edge[1])
            chosen += [f"{a}+{b}", o, p]
        return {h.name: choice for h, choice in zip(self.hyperparameters, chosen, strict=True)}

    def sample(self, rng: random.Random) -> Genotype:
        """One genotype, every one equally likely: for each node two different inputs and two operations."""
        return Genotype(self._sample_cell(rng), self._sample_cell(rng))

    def _sample_cell(self, rng: random.Random) -> tuple[Edge, ...]:
        return tuple(
            (rng.choice(self.operations), state)
            for j in range(INPUTS, INPUTS + self.nodes)
            for state in sorted(rng.sample(range(j), 2))
        )

    def mutate(self, genotype: Genotype, rng: random.Random) -> Genotype:
        """A neighbour drawn uniformly: one edge gets another operation, or another input (Real et al. 2019)."""
        self.check(genotype)
        return Genotype(*rng.choice(changed_in_one_cell(genotype, self._cell_neighbors)))

    def neighbors(self, genotype: Genotype) -> list[Genotype]:
        """All genotypes in which exactly one edge has another operation, or another input: 120 in the full space."""
        self.check(genotype)
        return [Genotype(*cells) for cells in changed_in_one_cell(genotype, self._cell_neighbors)]

    def _cell_neighbors(self, cell: tuple[Edge, ...]) -> list[tuple[Edge, ...]]:
        changed = []
        for place, (operation, state) in enumerate(cell):
            twin = cell[place ^ 1][1]  # the state that the node's other edge reads
            edges = [(other, state) for other in self.operations if other != operation]
            edges += [(operation, i) for i in range(INPUTS + place // 2) if i not in (state, twin)]
            changed += [(*cell[:place], edge, *cell[place + 1 :]) for edge in edges]
        return changed

    def parse(self, text: str) -> Genotype:
        """Reads `str(genotype)` and the published literal `Genotype(normal=[('sep_conv_3x3', 1), ...], ...)`.

        Raises ValueError that says what was wrong, TypeError for what is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"parse takes the text of a genotype, got {type(text).__name__} {text!r}")
        if is_published(text):
            edges, concats = parse_published(text)
            genotype = Genotype(tuple(edges[0]), tuple(edges[1]))
            for concat in concats:
                if concat != list(range(INPUTS, INPUTS + genotype.nodes)):
                    raise ValueError(f"a DARTS cell concatenates all its nodes in order; this text says {concat}")
        else:
            cells = parse_cells(text)
            for *_, combine in (node for cell in cells for node in cell):
                if combine:
                    raise ValueError(f"a node of a DARTS cell adds, there is nothing to choose; found {combine!r}")
            genotype = _from_nodes(*cells)
        self.check(genotype)
        return genotype

    def encode(self, genotype: Genotype, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """The genotype as a vector: "one_hot" (224 in the full space) or "adjacency" (140); see above."""
        self.check(genotype)
        return _encode((genotype.normal, genotype.reduce), encoding, self.edges, OPERATIONS)

    def to_graph(self, genotype: Genotype, cell: str = "normal") -> nx.MultiDiGraph:
        """The "normal" or the "reduce" cell; see `Genotype.to_graph`."""
        self.check(genotype)
        return genotype.to_graph(cell)

    def check(self, genotype: object) -> None:
        if not isinstance(genotype, Genotype):
            raise TypeError(f"DARTSCell holds Genotypes, got {type(genotype).__name__} {genotype!r}")
        if genotype.nodes != self.nodes:
            raise ValueError(f"this space has cells of {self.nodes} nodes; the genotype has {genotype.nodes}")
        for operation, _ in (*genotype.normal, *genotype.reduce):
            if operation not in self.operations:
                raise ValueError(f"this space has the operations {', '.join(self.operations)}; not {operation}")

    def __repr__(self) -> str:
        return f"DARTSCell({self.nodes} nodes, {self.size:,} genotypes)"


def _nodes(cell: tuple[Edge, ...]) -> list[Node]:
    return [(first, second, "") for first, second in pairs(list(cell))]


def _from_nodes(normal: list[Node], reduce: list[Node]) -> Genotype:
    return Genotype(*(tuple(edge for *edges, _ in cell for edge in edges) for cell in (normal, reduce)))


def _check(name: str, cell: tuple[Edge, ...]) -> None:
    if type(cell) is not tuple or not all(type(edge) is tuple and len(edge) == 2 for edge in cell):
        raise TypeError(f"the {name} cell must be a tuple of pairs (operation, state), got {cell!r}")
    if not cell:
        raise ValueError(f"the {name} cell has no edges; it needs two for each node")
    for node, edges in enumerate(pairs(list(cell)), start=INPUTS):
        for operation, state in edges:
            if operation not in KEPT_OPERATIONS:
                hint = did_you_mean(operation, KEPT_OPERATIONS)
                allowed = ", ".join(KEPT_OPERATIONS)
                raise ValueError(f"unknown operation {operation!r} at node {node} of {name}; allowed: {allowed}{hint}")
            if type(state) is not int or not 0 <= state < node:
                raise ValueError(f"node {node} of {name} reads the states 0 to {node - 1}; there is no {state!r} yet")
        if edges[0][1] == edges[1][1]:
            raise ValueError(f"node {node} of {name} must read two different states; it reads {edges[0][1]} twice")


def _encode(
    cells: Sequence[Sequence[Edge]], encoding: str, edges: Sequence[tuple[int, int]], vocabulary: Sequence[str]
) -> np.ndarray:
    """The vector of both cells, as float32; `vocabulary` holds all operations, `none` first.

    Raises ValueError for an unknown encoding.
    """
    import numpy as np

    if encoding not in ("one_hot", "adjacency"):
        raise ValueError(f"DARTSCell has the encodings 'one_hot' and 'adjacency', not {encoding!r}")
    none, *kept_operations = vocabulary
    bits: list[bool] = []
    for cell in cells:
        kept = {(state, INPUTS + place // 2): operation for place, (operation, state) in enumerate(cell)}
        if encoding == "one_hot":
            bits += [kept.get(edge, none) == operation for edge in edges for operation in vocabulary]
        else:
            bits += [edge in kept for edge in edges]
            bits += [kept[edge] == operation for edge in edges if edge in kept for operation in kept_operations]
    return np.array(bits, dtype=np.float32)
