"""Which cells are worth another seed: a fair sample of good and bad ones, and the best.

Noise between seeds differs with accuracy. So the functions are ranked by the accuracy of one seed, cut into strata of
equal size, and from each the same number is drawn (stratified sampling). The best are added, because which cell is
*the* best is decided among them.
"""

from __future__ import annotations

import random

import numpy as np

from nas_edu.nas_bench.table import Table
from nas_edu.search_spaces import Cell, TinyCell

STRATA = 20


def stratified_cells(table: Table, *, drawn: int = 1000, best: int = 300) -> list[Cell]:
    """`drawn` functions, as many from each of 20 strata of validation accuracy, and the `best` ones: a cell of each.

    The accuracy is that of the seed which `table` replays, so seeds that are added later do not change the choice.
    Raises ValueError where `drawn` is no multiple of 20, or the table has too few.
    """
    if drawn % STRATA:
        raise ValueError(f"drawn must be a multiple of the {STRATA} strata, got {drawn}")
    _, first = np.unique(table.row_of_cell, return_index=True)
    accuracy = table.column("validation_accuracy", seed=table.seed)[first]
    trained = first[~np.isnan(accuracy)]
    if len(trained) < max(drawn, best):
        raise ValueError(f"{table!r} has {len(trained)} trained functions; {max(drawn, best)} are asked for")
    ranked = trained[np.argsort(-accuracy[~np.isnan(accuracy)], kind="stable")].tolist()
    rng = random.Random(0)
    chosen = set(ranked[:best])
    for stratum in np.array_split(ranked, STRATA):
        chosen.update(rng.sample(stratum.tolist(), drawn // STRATA))
    return [TinyCell()[place] for place in sorted(chosen)]
