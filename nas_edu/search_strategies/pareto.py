"""Several objectives at once: which trials are not beaten by any other, and how much of the space do they beat?

    p dominates q     p_k <= q_k for every objective k, and p_k < q_k for one of them          (all are minimised)
    Pareto front      what nothing dominates
    hypervolume       the volume of {z <= reference : p <= z for some point p}: larger is better

An objective is "score", which counts negatively because a score is maximised, or a name in `evaluation.objectives`
such as "parameters", of which less is better. A failed trial stands at infinity.

Sources: Zitzler & Thiele, IEEE Transactions on Evolutionary Computation 1999 (hypervolume, there "size of the space
covered"). It is computed by the library moocore (Lopez-Ibanez et al.).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nas_edu.core import History, Trial

Points = Sequence[Sequence[float]] | np.ndarray
"""(n, objectives): a row for each point."""


def point(trial: Trial, objectives: Sequence[str]) -> tuple[float, ...]:
    """What is to be minimised, one number for each objective. Raises ValueError where the evaluation lacks one."""
    if trial.evaluation is None:
        return (math.inf,) * len(objectives)
    known = {"score": -trial.score, **trial.evaluation.objectives}
    for name in objectives:
        if name not in known:
            raise ValueError(
                f"this evaluation has no objective {name!r}; it has {', '.join(known)}. WithResources adds figures "
                "such as parameters"
            )
    return tuple(float(known[name]) for name in objectives)


def domination(points: Points) -> np.ndarray:
    """(n, n): does point i dominate point j?"""
    p = np.asarray(points, dtype=float)
    no_worse = np.all(p[:, None] <= p[None], axis=-1)
    better = np.any(p[:, None] < p[None], axis=-1)
    return no_worse & better


def pareto_front(trials: Sequence[Trial], objectives: Sequence[str]) -> list[Trial]:
    """The successful trials that no other dominates, in their order; trials with equal figures are all there."""
    successes = [trial for trial in trials if not trial.failed]
    if not successes:
        return []
    dominated = np.any(domination([point(trial, objectives) for trial in successes]), axis=0)
    return [trial for trial, beaten in zip(successes, dominated, strict=True) if not beaten]


def hypervolume(points: Sequence[Sequence[float]], reference: Sequence[float]) -> float:
    """Of points that are minimised. What is no better than `reference` in every objective adds nothing."""
    import moocore

    inside = [point for point in points if all(x < r for x, r in zip(point, reference, strict=True))]
    return float(moocore.hypervolume(np.array(inside, dtype=float), ref=list(reference))) if inside else 0.0


def hypervolumes(history: History, objectives: Sequence[str], reference: Sequence[float]) -> list[float]:
    """After each trial the hypervolume of all so far: a metric for `compare`, with `functools.partial`.

    `reference` has the signs of `point`: for the objectives ("score", "parameters") it may be (-0.5, 20_000).
    """
    front: list[tuple[float, ...]] = []
    volumes: list[float] = []
    for trial in history.trials:
        new = point(trial, objectives)
        if not any(all(x <= y for x, y in zip(old, new, strict=True)) for old in front):  # else nothing changes
            front = [old for old in front if any(x < y for x, y in zip(old, new, strict=True))] + [new]
            volumes.append(hypervolume(front, reference))
        else:
            volumes.append(volumes[-1])
    return volumes
