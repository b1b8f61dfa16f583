"""An estimator that answers at once for a function that it was asked about before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nas_edu.core import Evaluate, Evaluation, History


class Remembered:
    """`evaluate`, asked once for each function, whose canonical architecture it evaluates.

    Right where an evaluation depends on the function alone, as with `Train`: then nothing changes but the time. What
    is asked with a fidelity of its own (epochs=, resume=) is passed on and not remembered. `known` holds the answers.
    """

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self.known: dict[Any, Evaluation] = {}

    def __call__(
        self, architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        if epochs is not None or resume is not None:
            return self.evaluate(architecture, epochs=epochs, resume=resume)
        function = architecture.canonical
        if function not in self.known:
            self.known[function] = self.evaluate(function)
        return self.known[function]

    def learn(self, histories: Iterable[History]) -> None:
        """Remember what these searches have evaluated; what is known already stays as it is."""
        for trial in (trial for history in histories for trial in history.trials):
            if trial.evaluation is not None:
                self.known.setdefault(trial.architecture.canonical, trial.evaluation)
