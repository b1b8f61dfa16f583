"""What a complete table knows that no search does: the worth of each choice, and how rough the landscape is.

Both ask about the five operations on six edges, so they see a column of a table as a tensor of shape
(5, 5, 5, 5, 5, 5), one axis an edge. Cells that were not trained are left out of every mean.
"""

from __future__ import annotations

from math import comb

import numpy as np

from nas_edu.nas_bench.table import Table
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

SHAPE = (len(OPERATIONS),) * len(EDGES)


def operation_effects(table: Table, name: str = "validation_accuracy") -> np.ndarray:
    """Mean of the column over all cells with operation o on edge e, minus the mean over all cells. (edges, operations)

    In the statistics of experiments this is the main effect of a factor (the edge) at a level (the operation).
    """
    values = table.column(name).reshape(SHAPE)
    overall = np.nanmean(values)
    by_edge = [
        np.nanmean(np.moveaxis(values, edge, 0).reshape(len(OPERATIONS), -1), axis=1) for edge in range(len(EDGES))
    ]
    return np.asarray(np.array(by_edge) - overall)


def correlation_by_distance(table: Table, name: str = "validation_accuracy") -> np.ndarray:
    """Correlation of two cells that differ on d edges, over all such pairs, for d = 0 to 6. (7,)

        rho(d) = mean of (f(a) - m) (f(b) - m) over the pairs (a, b) at distance d, divided by the variance of f

    with m the mean of f. It is exact, no sample: rho(1) is what one mutation keeps of a cell's quality; a value near 0
    says that mutating so often is as good as drawing anew (Weinberger 1990, correlated landscapes).

    Raises LookupError where a cell was not trained: in an unfinished table, cells of one function are neighbours too
    often.
    """
    values = table.column(name).astype(float).reshape(SHAPE)
    if missing := int(np.isnan(values).sum()):
        raise LookupError(
            f"the landscape needs the complete table; {missing:,} of {values.size:,} cells have no {name}"
        )
    centered = values - values.mean()
    others = len(OPERATIONS) - 1
    pairs = [values.size * comb(len(EDGES), distance) * others**distance for distance in range(len(EDGES) + 1)]
    sums = [(centered * shifted).sum() for shifted in _sums_at_each_distance(centered)]
    return np.asarray(np.array(sums) / pairs / centered.var())


def _sums_at_each_distance(values: np.ndarray) -> list[np.ndarray]:
    """For each distance d and cell: the sum of `values` over all cells that differ from it on exactly d edges.

    Edge by edge: either it stays (d unchanged), or it becomes one of the other four (d + 1). So 7 tensors do for what
    are 244 million pairs.
    """
    by_distance = [values]
    for axis in range(values.ndim):
        others = [one.sum(axis=axis, keepdims=True) - one for one in by_distance]
        nothing = np.zeros_like(values)
        by_distance = [same + moved for same, moved in zip([*by_distance, nothing], [nothing, *others], strict=True)]
    return by_distance
