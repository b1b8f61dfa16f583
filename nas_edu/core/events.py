"""What happens in a search: an evaluation of an architecture, the trial around it, a step of a one-shot model."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Architecture = Any
"""What a search space holds: hashable, and its `str` is what `space.parse` reads. The type is the space's own."""


@dataclass(frozen=True)
class CurvePoint:
    """One point of a learning curve: the state after `epoch` epochs of training. `seconds` counts from the start."""

    epoch: float
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Evaluation:
    """What one performance estimation says about one architecture.

    score                what a search maximises: by default validation accuracy; a proxy's value; minus a loss
    validation_accuracy  a fraction, not a percentage; None where the estimate has none
    validation_loss      mean cross-entropy in nats
    cost                 seconds, measured or simulated; measured times differ from run to run, so `==` ignores them
    epochs               epochs that this evaluation added (a resumed training counts only the new ones)
    curve                the learning curve, oldest point first
    objectives           further figures to trade off, such as parameters or latency
    info                 anything else worth keeping: plain data, saved with the history (NaN and infinity as text)
    checkpoint           what `resume=` needs to continue; lives in memory only and is never saved
    """

    score: float
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    cost: float = field(default=0.0, compare=False)
    epochs: float = 0
    curve: tuple[CurvePoint, ...] = ()
    objectives: Mapping[str, float] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Any = field(default=None, compare=False, repr=False)


class Evaluate(Protocol):
    """Any performance estimation: train it, look it up, ask a supernet, score a proxy."""

    def __call__(
        self, architecture: Architecture, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation: ...


@dataclass(frozen=True, eq=False)
class Trial:
    """One architecture and what came of its evaluation. Built by `run_trial` only.

    `parents` are the trials that it was made from, `replaces` the one whose place in a population it takes. A failed
    trial has score -inf, and `failure` says why. Trials are compared by identity: an evolution may well meet the same
    architecture twice, and these are two individuals.
    """

    architecture: Architecture
    evaluation: Evaluation | None
    parents: tuple[Trial, ...] = field(default=(), repr=False)
    replaces: Trial | None = field(default=None, repr=False)
    failure: str | None = None
    failure_traceback: str | None = field(default=None, repr=False)
    seconds: float = 0.0

    @property
    def score(self) -> float:
        return -math.inf if self.evaluation is None else self.evaluation.score

    @property
    def failed(self) -> bool:
        return self.failure is not None


@dataclass(frozen=True, eq=False)
class Step:
    """One update of a one-shot model: its losses, architecture weights alpha, and the cell argmax would give now.

    `alpha` maps a name ("normal", "reduction") to an array (edges, operations), or is such an array.
    """

    index: int
    losses: Mapping[str, float]
    alpha: Any = None
    architecture: Architecture = None
    info: Mapping[str, Any] = field(default_factory=dict)


Event = Trial | Step
"""What a search yields: a `Trial` (an architecture was judged) or a `Step` (a one-shot model was trained)."""


def score(trial: Trial) -> float:
    """The key to compare trials by: `max(population, key=score)`."""
    return trial.score


def run_trial(
    evaluate: Evaluate,
    architecture: Architecture,
    *,
    parents: Iterable[Trial] = (),
    replaces: Trial | None = None,
    **fidelity: Any,
) -> Trial:
    """Evaluate one architecture; the only place in the package that calls `evaluate`.

    An exception inside a generator would end it, and with it the search. So an evaluation that raises, that is no
    `Evaluation`, or whose score is not a finite number, becomes a failed trial: score -inf, the reason kept.
    `fidelity` (epochs=, resume=) is passed on.
    """
    started = time.perf_counter()
    evaluation, failure, trace = None, None, None
    try:
        result = evaluate(architecture, **fidelity)
        if not isinstance(result, Evaluation):
            failure = f"evaluate must return an Evaluation, such as Evaluation(score=0.5); got {result!r}"
        elif not math.isfinite(result.score):
            failure = f"the score is {result.score}, not a finite number"
        else:
            evaluation = result
    except Exception as error:  # a search must survive whatever a student's evaluation does
        failure, trace = f"{type(error).__name__}: {error}", traceback.format_exc()
    seconds = time.perf_counter() - started
    return Trial(architecture, evaluation, tuple(parents), replaces, failure, trace, seconds)
