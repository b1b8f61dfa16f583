"""Predictive termination: stop a training that will most probably not become the best.

    after each of some epochs t:    stop  if  P(y_T > y_best | y_1, ..., y_t) < delta

An estimator around another one that can resume, so every search strategy becomes faster without knowing it. What a
stopped training reports is the predicted accuracy at its end, never more than the best: a strategy compares like with
like, and the incumbent is always one that was trained to the end.

Source: Domhan, Springenberg & Hutter, IJCAI 2015, section 4 (there delta = 0.05). y_best is the best so far that was
trained to the end. With a normal prediction the probability is 1 - Phi((y_best - mean) / standard deviation).

The details that matter: wrapped anew for each search, because it remembers what it has seen; the first trainings run to
the end, for there is nothing to compare with; a model of curves learns from all that run to the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from nas_edu.core import CurvePoint, Evaluate, Evaluation
from nas_edu.performance_estimation.learning_curves import CurveModel, Normal

Predict = Callable[[Any, Sequence[CurvePoint]], Normal]


def chance_to_beat(best: float, prediction: Normal) -> float:
    """P(y_T > best), y_T normal with this mean and standard deviation."""
    mean, spread = prediction
    return math.erfc((best - mean) / (spread * math.sqrt(2))) / 2


class EarlyTermination:
    """`evaluate`, cut short where `predict(architecture, curve)` leaves less than `delta` for becoming the best.

    Where a strategy sets `epochs` itself or resumes, it decides itself how long to train: `evaluate` is asked as it is.

    `predictor` is a `CurveModel`, which learns on the way, or a function; `looks` are the epochs after which it is
    asked. `evaluation.info["stopped"]` tells the epoch, `info["predicted"]` what was predicted for the end. Raises
    ValueError unless 0 < delta < 1 and `looks` rise.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        predictor: CurveModel | Predict,
        *,
        looks: Sequence[float] = (2, 4, 6, 8),
        delta: float = 0.05,
    ) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta is a probability between 0 and 1, got {delta}")
        if not looks or list(looks) != sorted(set(looks)):
            raise ValueError(f"looks must be rising epochs, at least one; got {looks!r}")
        self.evaluate, self.looks, self.delta = evaluate, tuple(looks), delta
        self.model = predictor if isinstance(predictor, CurveModel) else None
        self.predict: Predict = predictor.predict if isinstance(predictor, CurveModel) else predictor
        self.best = -math.inf

    def __call__(
        self, architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        if epochs is not None or resume is not None:
            return self.evaluate(architecture, epochs=epochs, resume=resume)
        cost, used, state = 0.0, 0.0, None
        for look in (*self.looks, None):
            state = self.evaluate(architecture, epochs=look, resume=state)
            cost, used = cost + state.cost, used + state.epochs
            if look is not None and self.best > -math.inf:
                prediction = self.predict(architecture, state.curve)
                if chance_to_beat(self.best, prediction) < self.delta:
                    told = {"stopped": state.curve[-1].epoch, "predicted": prediction[0]}
                    info = {**state.info, **told}
                    return replace(state, score=min(prediction[0], self.best), cost=cost, epochs=used, info=info)
        assert state is not None  # the last look, at the end of the training, is always taken
        self.best = max(self.best, state.score)
        if self.model is not None:
            self.model.add(architecture, state.curve)
        return replace(state, cost=cost, epochs=used)
