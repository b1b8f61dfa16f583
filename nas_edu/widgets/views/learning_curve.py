"""How the last trials learned: validation accuracy over epochs, the newest one in front."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Panel
from nas_edu.widgets.views.scores import NEW

EARLIER = 10  # curves kept in the background


def learning_curve(history: History) -> Panel:
    """Needs evaluations that carry a `curve`, such as a training's."""
    curves = [
        [(point.epoch, point.validation_accuracy) for point in trial.evaluation.curve]
        for trial in history.trials[-EARLIER - 1 :]
        if trial.evaluation is not None and trial.evaluation.curve
    ]
    marks = [
        Lines(curves[:-1], "muted", 1, label=f"the {EARLIER} before"),
        Lines(curves[-1:], NEW, 3.5, label="newest"),
    ]
    news = f"{curves[-1][-1][1]:.1%} after {curves[-1][-1][0]:g} epochs" if curves else "no learning curve yet"
    axes = Axis("epoch", low=0, whole_numbers=True), Axis("validation accuracy", low=0, high=1)
    return Panel("Learning curve", marks, *axes, news)
