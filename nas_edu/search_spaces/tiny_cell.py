"""TinyCell: the cell of NAS-Bench-201, small enough to know every answer, rich enough to search in.

Four nodes are tensors, six edges are operations; node j is the sum of what its incoming edges deliver:

    x_j = sum over i < j of o_(i,j)(x_i),    o_(i,j) one of five operations

so there are 5^6 = 15,625 cells. Node 0 is the input, node 3 the output.

Source: Dong & Yang, "NAS-Bench-201", ICLR 2020, section 2.1. The names work for signals too, where `nor_conv_3x3` has
three taps and `avg_pool_3x3` averages three neighbours.

When do two cells compute the same function? Write out what reaches the output, and compare.

A node is a sum of terms. `none` adds nothing, a skip adds the terms of its source (so skips vanish), and any other
operation adds one term: itself, applied to the source's sum. A term on an empty sum is dead and dropped.

    node 0 = [x]
    node j = sum over i < j:   []  for none,   node i  for a skip,   [o(node i)]  otherwise

Convolutions have weights, and weights have an identity: `f(x) + f(x)`, where one convolution reaches the output twice,
is not `f(x) + g(x)`, where two do. So each convolution carries a label. Labels are names only, so of all ways to hand
them out to convolutions that look alike, the smallest string is taken.

Pooling counts as a black box, as in NAS-Bench-201's own rule. But average pooling is linear: pool(a + b) = pool(a) +
pool(b). With `distribute_pooling` such cells get one string, too: 208 groups of TinyCell's 5,260 forms are merged.

As a vector of zeros and ones, for whatever learns from architectures, there are three encodings:

    one_hot      6 edges x 5 operations, a one for the operation that is there: 30 numbers
    adjacency    which of the 6 edges are there, then for each its operation, one of the four that are not `none`: 30
                 numbers (White et al., "A Study on Encodings for Neural Architecture Search", NeurIPS 2020)
    path         for each sequence of operations whether some path from input to output has it: 4 + 4^2 + 4^3 = 84
                 numbers, shortest first (White, Neiswanger & Savani, "BANANAS", AAAI 2021, section 3)

The first two tell all cells apart. The third one forgets: `none` breaks a path, so whatever lies on no path leaves no
trace, and the two paths of length two are not told apart. Where it forgets what does not matter, that helps to learn.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from nas_edu.core.names import did_you_mean
from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
NODES = 4
SIZE: int = len(OPERATIONS) ** len(EDGES)
_OPERATION_SET = frozenset(OPERATIONS)


@dataclass(frozen=True, slots=True)
class Cell(Architecture):
    """One cell: the operation of each edge, in the order 0-1, 0-2, 1-2, 0-3, 1-3, 2-3.

    Prints in the form of NAS-Bench-201, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`: a group for each of nodes 1, 2, 3.
    Raises ValueError for a wrong number of operations or an unknown name, TypeError for anything but a tuple.
    """

    operations: tuple[str, ...]

    def __post_init__(self) -> None:
        if type(self.operations) is not tuple:
            raise TypeError(f"a cell takes a tuple of {len(EDGES)} operations, got {self.operations!r}")
        if len(self.operations) != len(EDGES) or not _OPERATION_SET.issuperset(self.operations):
            _refuse(self.operations)

    def __str__(self) -> str:
        a, b, c, d, e, f = self.operations
        return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"

    @property
    def edges(self) -> dict[tuple[int, int], str]:
        """The operation of each edge (i, j)."""
        return dict(zip(EDGES, self.operations, strict=True))

    @property
    def live_edges(self) -> dict[tuple[int, int], str]:
        """The edges that matter: not `none`, reached from the input, and leading to the output."""
        edges = {edge: operation for edge, operation in self.edges.items() if operation != "none"}
        from_input, to_output = {0}, {NODES - 1}
        for i, j in sorted(edges):
            if i in from_input:
                from_input.add(j)
        for i, j in sorted(edges, reverse=True):
            if j in to_output:
                to_output.add(i)
        return {(i, j): o for (i, j), o in edges.items() if i in from_input and j in to_output}

    @property
    def canonical(self) -> Cell:
        """The first cell, in the order of the space, with the same `cell_function` of input and weights."""
        return _representatives()[cell_function(self.operations)]

    def to_graph(self) -> nx.MultiDiGraph:
        """Nodes 0 to 3 are tensors; each edge carries `operation` and `live` (False where it cannot matter)."""
        import networkx as nx

        graph = nx.MultiDiGraph(name=str(self))
        graph.add_nodes_from(range(NODES))
        live = self.live_edges
        for (i, j), operation in self.edges.items():
            graph.add_edge(i, j, operation=operation, live=(i, j) in live)
        return graph


class TinyCell(SearchSpace[Cell]):
    """The space of all 15,625 cells: `len(space)`, `for cell in space`, `space[i]`, `cell in space`.

    Iteration goes through the operations like an odometer, the last edge fastest; `index` is the place in it.
    """

    operations = OPERATIONS
    edges = EDGES

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """The operation of each edge, `edge_0_1` and so on; none has a condition."""
        return tuple(Hyperparameter(f"edge_{i}_{j}", OPERATIONS) for i, j in EDGES)

    def from_config(self, values: Config) -> Cell:
        """The cell that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        return Cell(tuple(values[f"edge_{i}_{j}"] for i, j in EDGES))

    def to_config(self, cell: Cell) -> dict[str, Value]:
        """The values of all hyperparameters."""
        return {f"edge_{i}_{j}": operation for (i, j), operation in cell.edges.items()}

    def sample(self, rng: random.Random) -> Cell:
        """One cell, every one equally likely."""
        return self[rng.randrange(len(self))]

    def mutate(self, cell: Cell, rng: random.Random) -> Cell:
        """One edge gets another operation: a neighbour drawn uniformly (Real et al. 2019, "op mutation")."""
        operations = list(cell.operations)
        edge = rng.randrange(len(EDGES))
        choices = [operation for operation in OPERATIONS if operation != operations[edge]]
        operations[edge] = choices[rng.randrange(len(choices))]
        return Cell(tuple(operations))

    def neighbors(self, cell: Cell) -> list[Cell]:
        """All 24 cells that differ in exactly one edge."""
        return [
            Cell((*cell.operations[:edge], operation, *cell.operations[edge + 1 :]))
            for edge in range(len(EDGES))
            for operation in OPERATIONS
            if operation != cell.operations[edge]
        ]

    def parse(self, text: str) -> Cell:
        """The inverse of `str(cell)`. Raises ValueError with the position and what was expected there."""
        if not isinstance(text, str):
            raise TypeError(f"parse takes the string of a cell, got {type(text).__name__} {text!r}")
        operations, position = [], 0
        for j in range(1, NODES):
            position = _expect(text, position, "|" if j == 1 else "+|")
            for i in range(j):
                match = re.compile(r"[^|~+]*").match(text, position)
                name = match.group() if match else ""
                if name not in _OPERATION_SET:
                    _fail(text, position, f"an operation, one of {', '.join(OPERATIONS)}", _suggest(name))
                operations.append(name)
                position = _expect(text, position + len(name), f"~{i}|")
        if position != len(text):
            _fail(text, position, "the end")
        return Cell(tuple(operations))

    def encode(self, cell: Cell, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """The cell as a vector: "one_hot" (30), "adjacency" (30) or "path" (84); see above."""
        return _encode(cell.operations, encoding, OPERATIONS)

    def distinct(self) -> list[Cell]:
        """One cell for each distinct `cell_function`, in the order of the space."""
        return list(_representatives().values())

    def index(self, cell: Cell) -> int:
        number = 0
        for operation in cell.operations:
            number = number * len(OPERATIONS) + OPERATIONS.index(operation)
        return number

    def __getitem__(self, index: int) -> Cell:
        if not 0 <= index < len(self):
            raise IndexError(f"TinyCell has cells 0 to {len(self) - 1}; there is no cell {index}")
        operations = []
        for _ in EDGES:
            index, digit = divmod(index, len(OPERATIONS))
            operations.append(OPERATIONS[digit])
        return Cell(tuple(reversed(operations)))

    def __len__(self) -> int:
        return SIZE

    def __iter__(self) -> Iterator[Cell]:
        return (Cell(operations) for operations in itertools.product(OPERATIONS, repeat=len(EDGES)))

    def check(self, architecture: object) -> None:
        if not isinstance(architecture, Cell):
            raise TypeError(f"TinyCell holds Cells, got {type(architecture).__name__} {architecture!r}")

    def __repr__(self) -> str:
        return f"TinyCell({len(self):,} cells)"


@cache
def _representatives() -> dict[str, Cell]:
    """The first cell of each function, in the order of the space. Takes 0.2 s, once."""
    first: dict[str, Cell] = {}
    for cell in TinyCell():
        first.setdefault(cell_function(cell.operations), cell)
    return first


def nas_bench_201_string(cell: Cell) -> str:
    """The authors' own rule for "the same cell": 6,466 distinct strings (NAS-Bench-201, section 2.1).

    Nodes are written out as sums of what they receive, `none` as '#', skips as their source. Mostly it merges less than
    `TinyCell.canonical` does, as '#' stays in a sum. But it does not see whose weights a term has: 430 of the strings
    stand for more than one function, such as f(x) + f(x), one convolution over two routes, and f(x) + g(x).
    """
    nodes = ["0"]
    for j in range(1, NODES):
        terms = []
        for i in range(j):
            operation = cell.operations[EDGES.index((i, j))]
            if operation == "none" or nodes[i] == "#":
                terms.append("#")
            elif operation == "skip_connect":
                terms.append(nodes[i])
            else:
                terms.append(f"({nodes[i]})@{operation}")
        nodes.append("+".join(sorted(terms)))
    return nodes[-1]


def _refuse(operations: tuple[str, ...]) -> None:
    if len(operations) != len(EDGES):
        raise ValueError(
            f"a cell has {len(EDGES)} operations, one for each of the edges {EDGES}; got {len(operations)}"
        )
    for edge, name in zip(EDGES, operations, strict=True):
        if name not in _OPERATION_SET:
            allowed = ", ".join(OPERATIONS)
            raise ValueError(f"unknown operation {name!r} on edge {edge}; allowed: {allowed}{_suggest(name)}")


def _expect(text: str, position: int, expected: str) -> int:
    for offset, character in enumerate(expected):
        if text[position + offset : position + offset + 1] != character:
            _fail(text, position + offset, repr(expected[offset:]))
    return position + len(expected)


def _fail(text: str, position: int, expected: str, hint: str = "") -> NoReturn:
    found = repr(text[position : position + 12]) if position < len(text) else "the end of the string"
    raise ValueError(f"not a TinyCell: at position {position} expected {expected}, found {found}{hint}; in {text!r}")


def _suggest(name: object) -> str:
    return did_you_mean(name, OPERATIONS)


# Edges by the node that they enter: (source node, place in the tuple of operations).
_INCOMING = (((0, 0),), ((0, 1), (1, 2)), ((0, 3), (1, 4), (2, 5)))
_WEIGHTED = {"nor_conv_1x1": "c1", "nor_conv_3x3": "c3"}


def cell_function(operations: tuple[str, ...], *, distribute_pooling: bool = False) -> str:
    """A string; cells with equal ones are the same function of input and weights. '' if nothing reaches the output.

    TinyCell has 5,260 strings, 5,044 with `distribute_pooling`.
    """
    by_edge = {edge: f"<{edge}>" for edge in range(len(operations))}
    shapes: dict[int, str] = {}
    written = _output(operations, by_edge, distribute_pooling)
    _output(operations, dict.fromkeys(by_edge, ""), distribute_pooling, shapes)
    alike: dict[str, list[int]] = {}
    for edge, shape in shapes.items():
        if by_edge[edge] in written:  # it reaches the output
            alike.setdefault(shape, []).append(edge)
    groups = list(alike.values())
    candidates = []
    for orders in itertools.product(*map(itertools.permutations, groups)):
        labels = dict.fromkeys(by_edge, "")
        labels.update({edge: str(label) for order in orders for label, edge in enumerate(order)})
        candidates.append(_output(operations, labels, distribute_pooling))
    return min(candidates)


def _output(
    operations: tuple[str, ...], labels: dict[int, str], distribute: bool, shapes: dict[int, str] | None = None
) -> str:
    """The output node's sum, written out; `shapes` collects each convolution's own term."""
    nodes: list[list[str]] = [["x"]]
    for incoming in _INCOMING:
        terms: list[str] = []
        for source, edge in incoming:
            operation = operations[edge]
            if operation == "none" or not nodes[source]:
                continue
            if operation == "skip_connect":
                terms += nodes[source]
                continue
            if operation == "avg_pool_3x3" and distribute:
                terms += [f"pool({term})" for term in nodes[source]]
                continue
            term = f"({'+'.join(nodes[source])})"
            if operation in _WEIGHTED:
                term = f"{_WEIGHTED[operation]}{labels[edge]}{term}"
                if shapes is not None:
                    shapes[edge] = term
            else:
                term = f"pool{term}"
            terms.append(term)
        nodes.append(sorted(terms))
    return "+".join(nodes[-1])


PATHS = ((3,), (0, 4), (1, 5), (0, 2, 5))  # places of the edges on each path from node 0 to node 3: 0-3, 0-1-3, ...
LONGEST = 3


def _encode(operations: Sequence[str], encoding: str, vocabulary: Sequence[str]) -> np.ndarray:
    """The vector of a cell, as float32; `vocabulary` holds all operations, `none` first.

    Raises ValueError for an unknown encoding.
    """
    import numpy as np

    writers = {"one_hot": _one_hot, "adjacency": _adjacency, "path": _path}
    if encoding not in writers:
        raise ValueError(f"TinyCell has the encodings {', '.join(writers)}, not {encoding!r}")
    return np.fromiter(writers[encoding](operations, vocabulary), dtype=np.float32)


def _one_hot(operations: Sequence[str], vocabulary: Sequence[str]) -> Iterator[bool]:
    return (operation == name for operation in operations for name in vocabulary)


def _adjacency(operations: Sequence[str], vocabulary: Sequence[str]) -> Iterator[bool]:
    there = (operation != "none" for operation in operations)
    return itertools.chain(there, _one_hot(operations, vocabulary[1:]))


def _path(operations: Sequence[str], vocabulary: Sequence[str]) -> Iterator[bool]:
    found = {tuple(operations[edge] for edge in path) for path in PATHS}
    for length in range(1, LONGEST + 1):
        for sequence in itertools.product(vocabulary[1:], repeat=length):
            yield sequence in found
