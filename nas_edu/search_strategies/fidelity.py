"""Reading a search whose trainings have different lengths: scores of different lengths are not the same thing.

After 3 epochs a good architecture has a lower accuracy than a poor one after 10. So the incumbent of such a search is
the best *among those that were trained for longest*, as HpBandSter and others report it.
"""

from __future__ import annotations

import math
from typing import Any

from nas_edu.core import History, Trial


def reached(trial: Trial) -> float:
    """The epoch at which a trial's training stands, those before it was resumed included. Failed: -inf."""
    if trial.evaluation is None:
        return -math.inf
    return trial.evaluation.curve[-1].epoch if trial.evaluation.curve else trial.evaluation.epochs


def incumbents(history: History) -> list[Trial]:
    """After each trial the one trained for longest; of equally long ones that with the highest score (the first)."""
    best: list[Trial] = []
    for trial in history.trials:
        if not best or (reached(trial), trial.score) > (reached(best[-1]), best[-1].score):
            best.append(trial)
        else:
            best.append(best[-1])
    return best


def regret_of_longest(history: History, table: Any) -> list[float]:
    """After each trial: mean test accuracy of the best cell, minus that of the incumbent when trained to the end.

    A metric, as `partial(regret_of_longest, table=table)`. NaN as long as no trial succeeded.
    """
    best = table.test_accuracy(table.optimum)
    return [math.nan if one.failed else best - table.test_accuracy(one.architecture) for one in incumbents(history)]
