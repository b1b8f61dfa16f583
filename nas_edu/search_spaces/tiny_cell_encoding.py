"""A TinyCell as a vector of zeros and ones, for whatever learns from architectures.

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
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

PATHS = ((3,), (0, 4), (1, 5), (0, 2, 5))  # places of the edges on each path from node 0 to node 3: 0-3, 0-1-3, ...
LONGEST = 3


def encode(operations: Sequence[str], encoding: str, vocabulary: Sequence[str]) -> np.ndarray:
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
