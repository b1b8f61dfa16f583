"""Which cells are worth another seed: a fair sample of good and bad ones, and the best.

Noise between seeds differs with accuracy. So the functions are ranked by the accuracy of one seed, cut into strata of
equal size, and from each the same number is drawn (stratified sampling). The best are added, because which cell is
*the* best is decided among them: by validation accuracy, which a search sees, and by test accuracy, which makes the
optimum. A lucky seed is higher than a mean over several, so whoever might be the optimum needs them all.
"""

from __future__ import annotations

import random

import numpy as np

from nas_edu.nas_bench.table import Table
from nas_edu.search_spaces import Cell, TinyCell

STRATA = 20


def stratified_cells(table: Table, *, drawn: int = 1000, best: int = 300) -> list[Cell]:
    """A cell of each of `drawn` functions, as many from each of 20 strata of validation accuracy, and of the `best`
    functions by validation accuracy and by test accuracy.

    Accuracies are those of the seed which `table` replays, so seeds that are added later do not change the choice.
    Raises ValueError where `drawn` is no multiple of 20, or the table has too few.
    """
    if drawn % STRATA:
        raise ValueError(f"drawn must be a multiple of the {STRATA} strata, got {drawn}")
    space = TinyCell()
    _, first = np.unique(table.row_of_cell, return_index=True)
    accuracy = table.column("validation_accuracy", seed=table.seed)[first]
    trained = first[~np.isnan(accuracy)]
    if len(trained) < max(drawn, best):
        raise ValueError(f"{table!r} has {len(trained)} trained functions; {max(drawn, best)} are asked for")
    ranked = trained[np.argsort(-accuracy[~np.isnan(accuracy)], kind="stable")].tolist()
    test = {place: table.test_accuracy(space[place], table.seed) for place in ranked}
    rng = random.Random(0)
    chosen = {*ranked[:best], *sorted(ranked, key=test.__getitem__, reverse=True)[:best]}
    for stratum in np.array_split(ranked, STRATA):
        chosen.update(rng.sample(stratum.tolist(), drawn // STRATA))
    return [space[place] for place in sorted(chosen)]
