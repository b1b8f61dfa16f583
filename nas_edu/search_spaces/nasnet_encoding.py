"""A pair of NASNet cells as a vector of numbers, for whatever learns from architectures.

    one_hot      every choice one-hot: for block b of each cell two states of b + 2, two operations of 13, one
                 combination of 2; 2 * (40 + 130 + 10) = 360 numbers with B = 5
    adjacency    for each cell how many edges (0, 1 or 2) lead from state i to block j, then for each edge its
                 operation, by block and then by state, then the combinations; the order of a block's two edges is
                 forgotten: 2 * (20 + 130 + 10) = 320 numbers with B = 5 (White et al., "A Study on Encodings for
                 Neural Architecture Search", NeurIPS 2020)

Paths are not meaningful here, as the cell concatenates states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_edu.search_spaces.genotype_text import Node
from nas_edu.search_spaces.node_order import INPUTS

if TYPE_CHECKING:
    import numpy as np


def encode(
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
