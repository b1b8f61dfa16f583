"""Histories for the tests of widgets: random ones for hypothesis, and a quick evaluation that needs no training."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from nas_edu.core import Budget, CurvePoint, Evaluation, History, run_trial, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import regularized_evolution

SPACE = TinyCell()


def quick(cell, **_):
    """A score that grows with the number of live convolutions; raises where a pooling edge leads nowhere."""
    live = list(cell.live_edges.values())
    if "avg_pool_3x3" in cell.operations and "avg_pool_3x3" not in live:
        raise RuntimeError("out of memory")
    accuracy = (1 + live.count("nor_conv_3x3") + 0.5 * live.count("nor_conv_1x1")) / 8
    curve = tuple(CurvePoint(epoch, 2.0, 2.0, accuracy * epoch / 3) for epoch in range(1, 4))
    return Evaluation(accuracy, validation_accuracy=accuracy, epochs=3, curve=curve)


def evolution(evaluate=quick, seed=0):
    return regularized_evolution(SPACE, evaluate, population_size=8, sample_size=4, rng=random.Random(seed))


def evolved(evaluations: int) -> History:
    return search(evolution(), Budget(evaluations=evaluations))


@st.composite
def histories(draw, most: int = 30) -> History:
    """Any cells, any finite scores, failures, and any earlier trials as parents and as the one that is replaced."""
    history = History()
    for _ in range(draw(st.integers(0, most))):
        score = draw(st.none() | st.floats(-1e6, 1e6) | st.floats(0, 1))
        cell = SPACE[draw(st.integers(0, len(SPACE) - 1))]
        earlier = history.trials
        parents = draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []
        replaces = draw(st.none() | st.sampled_from(earlier)) if earlier else None

        def evaluate(_, score=score):
            if score is None:
                raise ValueError("<no & score>")
            return Evaluation(score, validation_accuracy=draw(st.sampled_from([None, score])))

        history.append(run_trial(evaluate, cell, parents=parents, replaces=replaces))
    return history
