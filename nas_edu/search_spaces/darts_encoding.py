"""A pair of DARTS cells as a vector of zeros and ones; neither encoding depends on the order of a node's two edges.

    one_hot      for each of the 2 * 14 edges one of the 8 operations, `none` where it was dropped: 224 numbers, the
                 shape of the search's alpha
    adjacency    for each cell its adjacency matrix (14 possible edges), then for each kept edge one of 7 operations, by
                 node and then by input: 2 * (14 + 8 * 7) = 140 numbers (White et al., "A Study on Encodings for
                 Neural Architecture Search", NeurIPS 2020)

Paths are not meaningful here, as the cell concatenates its nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_edu.search_spaces.genotype_text import Edge
from nas_edu.search_spaces.node_order import INPUTS

if TYPE_CHECKING:
    import numpy as np


def encode(
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
