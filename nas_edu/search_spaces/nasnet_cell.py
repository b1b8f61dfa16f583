"""NASNetCell: the cell space of NASNet. A normal and a reduction cell, each of B blocks, each block five choices.

A cell starts with two hidden states: 0, the output of the last but one cell, and 1, that of the last. Block b adds one:

    1. choose a hidden state i        3. choose an operation o for i       5. choose how to combine them:
    2. choose a hidden state j        4. choose an operation p for j          add or concatenate

    h_(b+2) = combine(o(h_i), p(h_j)),    i, j < b + 2

States that no later block reads are concatenated: they are the cell's output. So a cell is 5B categorical
hyperparameters, and with 13 operations it has prod over b = 0..B-1 of (b+2)^2 * 13^2 * 2 settings: 2.3 * 10^18 with
B = 5, and the two cells the square of it (`size`). That counts settings, as a controller or an HPO tool sees them; many
of these are the same graph (`canonical`).

Source: Zoph, Vasudevan, Shlens, Le, "Learning Transferable Architectures for Scalable Image Recognition", CVPR 2018,
section 3. Operations have the names that `DARTSCell` and `TinyCell` give them, where these have them.

As a vector of numbers, for whatever learns from architectures, there are two encodings:

    one_hot      every choice one-hot: for block b of each cell two states of b + 2, two operations of 13, one
                 combination of 2; 2 * (40 + 130 + 10) = 360 numbers with B = 5
    adjacency    for each cell how many edges (0, 1 or 2) lead from state i to block j, then for each edge its
                 operation, by block and then by state, then the combinations; the order of a block's two edges is
                 forgotten: 2 * (20 + 130 + 10) = 320 numbers with B = 5 (White et al., "A Study on Encodings for
                 Neural Architecture Search", NeurIPS 2020)

Paths are not meaningful here, as the cell concatenates states.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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

OPERATIONS = (
    "skip_connect",
    "conv_3x1_1x3",
    "conv_7x1_1x7",
    "dil_conv_3x3",
    "avg_pool_3x3",
    "max_pool_3x3",
    "max_pool_5x5",
    "max_pool_7x7",
    "nor_conv_1x1",
    "nor_conv_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
)
COMBINATIONS = ("add", "concatenate")
CELLS = ("normal", "reduce")


class Block(NamedTuple):
    """Two edges (operation, state), and how their results are combined."""

    first: Edge
    second: Edge
    combine: str


@dataclass(frozen=True, slots=True)
class NASNetGenotype(Architecture):
    """A normal and a reduction cell, each a tuple of blocks.

    Raises ValueError for an unknown operation or combination, or a state that does not exist yet; TypeError for
    anything but tuples of `Block`.
    """

    normal: tuple[Block, ...]
    reduce: tuple[Block, ...]

    def __post_init__(self) -> None:
        for name, cell in (("normal", self.normal), ("reduce", self.reduce)):
            _check(name, cell)
        if len(self.normal) != len(self.reduce):
            raise ValueError(f"both cells need as many blocks; got {len(self.normal)} and {len(self.reduce)}")

    def __str__(self) -> str:
        return print_cells(list(self.normal), list(self.reduce))

    @property
    def blocks(self) -> int:
        """The number of blocks in each cell."""
        return len(self.normal)

    @property
    def canonical(self) -> NASNetGenotype:
        """The smallest genotype that is isomorphic: blocks renamed, the two halves of a block swapped.

        Networks of isomorphic genotypes compute the same functions once their weights are renamed. That is all that is
        merged: cells that agree for another reason, such as two blocks that copy the same sum, stay apart.
        """
        cells = (canonical_order(list(cell)) for cell in (self.normal, self.reduce))
        return NASNetGenotype(*(tuple(Block(*block) for block in cell) for cell in cells))

    def to_graph(self, cell: str = "normal") -> nx.MultiDiGraph:
        """The "normal" or the "reduce" cell: states 0 and 1, one node a block with its `combine`, and the output."""
        import networkx as nx

        if cell not in CELLS:
            raise ValueError(f"a genotype has the cells 'normal' and 'reduce', not {cell!r}")
        blocks = getattr(self, cell)
        output = INPUTS + len(blocks)
        graph = nx.MultiDiGraph(name=f"{cell} cell")
        graph.add_nodes_from((0, 1))
        for node, (first, second, combine) in enumerate(blocks, start=INPUTS):
            graph.add_node(node, combine=combine)
            for operation, state in (first, second):
                graph.add_edge(state, node, operation=operation, live=True)
        for state in unused_states(blocks):
            graph.add_edge(state, output, operation="concatenate", live=True)
        return graph


def unused_states(cell: tuple[Block, ...]) -> tuple[int, ...]:
    """The states made in this cell that no block of it reads: what the cell concatenates. Its inputs never count."""
    used = {state for block in cell for _, state in (block.first, block.second)}
    return tuple(state for state in range(INPUTS, INPUTS + len(cell)) if state not in used)


class NASNetCell(SearchSpace[NASNetGenotype]):
    """All genotypes with `blocks` blocks a cell, each edge one of `operations`. Too many to list: see `size`."""

    def __init__(self, blocks: int = 5, operations: tuple[str, ...] = OPERATIONS) -> None:
        if not (isinstance(blocks, int) and 1 <= blocks <= 6):
            raise ValueError(f"a NASNet cell has 1 to 6 blocks, 5 in the paper; got {blocks!r}")
        if not operations or len(set(operations)) != len(operations) or not set(operations) <= set(OPERATIONS):
            raise ValueError(f"operations must be different ones of {', '.join(OPERATIONS)}; got {operations}")
        self.blocks = blocks
        self.operations = tuple(operations)

    @property
    def size(self) -> int:
        """The number of settings of the 2 * 5B hyperparameters, exactly."""
        states = range(INPUTS, INPUTS + self.blocks)
        return math.prod(i**2 * len(self.operations) ** 2 * len(COMBINATIONS) for i in states) ** 2

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """The 2 * 5B choices in the order in which the paper makes them; none has a condition."""
        return tuple(
            Hyperparameter(f"{cell}_{node}_{choice}", choices)
            for cell in CELLS
            for node in range(INPUTS, INPUTS + self.blocks)
            for choice, choices in (
                ("first_state", tuple(range(node))),
                ("second_state", tuple(range(node))),
                ("first_operation", self.operations),
                ("second_operation", self.operations),
                ("combine", COMBINATIONS),
            )
        )

    def from_config(self, values: Config) -> NASNetGenotype:
        """The genotype that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        chosen = iter(values[h.name] for h in self.hyperparameters)
        blocks = [Block((o, i), (p, j), combine) for i, j, o, p, combine in zip(*[chosen] * 5, strict=True)]
        return NASNetGenotype(tuple(blocks[: self.blocks]), tuple(blocks[self.blocks :]))

    def to_config(self, genotype: NASNetGenotype) -> dict[str, Value]:
        """The values of all hyperparameters."""
        self.check(genotype)
        blocks = (*genotype.normal, *genotype.reduce)
        chosen = (choice for (o, i), (p, j), combine in blocks for choice in (i, j, o, p, combine))
        return {h.name: choice for h, choice in zip(self.hyperparameters, chosen, strict=True)}

    def sample(self, rng: random.Random) -> NASNetGenotype:
        """One genotype, every one equally likely: five independent choices a block."""
        return NASNetGenotype(self._sample_cell(rng), self._sample_cell(rng))

    def _sample_cell(self, rng: random.Random) -> tuple[Block, ...]:
        return tuple(
            Block(
                (rng.choice(self.operations), rng.randrange(states)),
                (rng.choice(self.operations), rng.randrange(states)),
                rng.choice(COMBINATIONS),
            )
            for states in range(INPUTS, INPUTS + self.blocks)
        )

    def mutate(self, genotype: NASNetGenotype, rng: random.Random) -> NASNetGenotype:
        """A neighbour drawn uniformly: one of all the choices is made anew (Real et al. 2019)."""
        self.check(genotype)
        return NASNetGenotype(*rng.choice(changed_in_one_cell(genotype, self._cell_neighbors)))

    def neighbors(self, genotype: NASNetGenotype) -> list[NASNetGenotype]:
        """All genotypes that differ in exactly one choice: 310 in the paper's setting."""
        self.check(genotype)
        return [NASNetGenotype(*cells) for cells in changed_in_one_cell(genotype, self._cell_neighbors)]

    def _cell_neighbors(self, cell: tuple[Block, ...]) -> list[tuple[Block, ...]]:
        changed = []
        for place, (first, second, combine) in enumerate(cell):
            blocks = [Block(edge, second, combine) for edge in self._edge_neighbors(first, INPUTS + place)]
            blocks += [Block(first, edge, combine) for edge in self._edge_neighbors(second, INPUTS + place)]
            blocks += [Block(first, second, other) for other in COMBINATIONS if other != combine]
            changed += [(*cell[:place], block, *cell[place + 1 :]) for block in blocks]
        return changed

    def _edge_neighbors(self, edge: Edge, states: int) -> list[Edge]:
        operation, state = edge
        changed = [(other, state) for other in self.operations if other != operation]
        return changed + [(operation, other) for other in range(states) if other != state]

    def parse(self, text: str) -> NASNetGenotype:
        """Reads `str(genotype)`, and the published literal `Genotype(normal=[('sep_conv_5x5', 1), ...], ...)`.

        The literal has no combination: all its blocks add. What it concatenates must be the unused states.
        Raises ValueError that says what was wrong, TypeError for what is no string.
        """
        if not isinstance(text, str):
            raise TypeError(f"parse takes the text of a genotype, got {type(text).__name__} {text!r}")
        if is_published(text):
            cells, concats = parse_published(text)
            adding = (tuple(Block(first, second, "add") for first, second in pairs(cell)) for cell in cells)
            genotype = NASNetGenotype(*adding)
            for cell, concat in zip((genotype.normal, genotype.reduce), concats, strict=True):
                if concat != list(unused_states(cell)):
                    expected = list(unused_states(cell))
                    raise ValueError(
                        f"a NASNet cell concatenates its unused states {expected}; this text says {concat}"
                    )
        else:
            genotype = NASNetGenotype(*(tuple(Block(*node) for node in cell) for cell in parse_cells(text)))
        self.check(genotype)
        return genotype

    def encode(self, genotype: NASNetGenotype, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """The genotype as a vector: "one_hot" (360 with B = 5) or "adjacency" (320); see above."""
        self.check(genotype)
        return _encode((genotype.normal, genotype.reduce), encoding, OPERATIONS, COMBINATIONS)

    def to_graph(self, genotype: NASNetGenotype, cell: str = "normal") -> nx.MultiDiGraph:
        """The "normal" or the "reduce" cell; see `NASNetGenotype.to_graph`."""
        self.check(genotype)
        return genotype.to_graph(cell)

    def check(self, genotype: object) -> None:
        if not isinstance(genotype, NASNetGenotype):
            raise TypeError(f"NASNetCell holds NASNetGenotypes, got {type(genotype).__name__} {genotype!r}")
        if genotype.blocks != self.blocks:
            raise ValueError(f"this space has cells of {self.blocks} blocks; the genotype has {genotype.blocks}")
        for first, second, _ in (*genotype.normal, *genotype.reduce):
            for operation in (first[0], second[0]):
                if operation not in self.operations:
                    raise ValueError(f"this space has the operations {', '.join(self.operations)}; not {operation}")

    def __repr__(self) -> str:
        return f"NASNetCell({self.blocks} blocks, {self.size:,} genotypes)"


def _check(name: str, cell: tuple[Block, ...]) -> None:
    if type(cell) is not tuple or not all(type(block) is Block for block in cell):
        raise TypeError(f"the {name} cell must be a tuple of Block, got {cell!r}")
    if not cell:
        raise ValueError(f"the {name} cell has no blocks")
    for node, (first, second, combine) in enumerate(cell, start=INPUTS):
        for edge in (first, second):
            if type(edge) is not tuple or len(edge) != 2:
                raise TypeError(f"block {node} of {name} takes pairs (operation, state), got {edge!r}")
            _refuse_unknown(edge[0], OPERATIONS, f"operation {edge[0]!r} at block {node} of {name}")
            if type(edge[1]) is not int or not 0 <= edge[1] < node:
                raise ValueError(
                    f"block {node} of {name} reads the states 0 to {node - 1}; there is no {edge[1]!r} yet"
                )
        _refuse_unknown(combine, COMBINATIONS, f"combination {combine!r} at block {node} of {name}")


def _refuse_unknown(name: object, allowed: tuple[str, ...], what: str) -> None:
    if name not in allowed:
        hint = did_you_mean(name, allowed)
        raise ValueError(f"unknown {what}; allowed: {', '.join(allowed)}{hint}")


def _encode(
    cells: Sequence[Sequence[Node]], encoding: str, operations: Sequence[str], combinations: Sequence[str]
) -> np.ndarray:
    """The vector of both cells, as float32. Raises ValueError for an unknown encoding."""
    import numpy as np

    writers = {"one_hot": _one_hot, "adjacency": _adjacency}
    if encoding not in writers:
        raise ValueError(f"NASNetCell has the encodings 'one_hot' and 'adjacency', not {encoding!r}")
    return np.array([n for cell in cells for n in writers[encoding](cell, operations, combinations)], np.float32)


def _one_hot(cell: Sequence[Node], operations: Sequence[str], combinations: Sequence[str]) -> list[int]:
    bits: list[int] = []
    for states, (first, second, combine) in enumerate(cell, start=INPUTS):
        bits += [state == choice for _, state in (first, second) for choice in range(states)]
        bits += [operation == choice for operation, _ in (first, second) for choice in operations]
        bits += [combine == choice for choice in combinations]
    return bits


def _adjacency(cell: Sequence[Node], operations: Sequence[str], combinations: Sequence[str]) -> list[int]:
    counts: list[int] = []
    bits: list[int] = []
    for states, (first, second, _) in enumerate(cell, start=INPUTS):
        edges = sorted((state, operation) for operation, state in (first, second))
        counts += [sum(state == i for state, _ in edges) for i in range(states)]
        bits += [operation == choice for _, operation in edges for choice in operations]
    return counts + bits + [combine == choice for _, _, combine in cell for choice in combinations]
