"""Both losses of a one-shot search over its steps."""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Axis, Lines, Panel
from nas_edu.draw.style import LINE_STYLES
from nas_edu.widgets.views.mixture import loss_points, subtitle, thinned


def losses(history: History) -> Panel:
    """L_train and L_val of the mini-batch of each step, so they are noisy."""
    steps = history.steps
    shown = thinned(steps)
    marks = []
    for name, label in (("train", "training"), ("validation", "validation")):
        style = LINE_STYLES[label]
        marks.append(Lines([loss_points(shown, name)], style.colour, 2.5, style.dashes, label=f"{label} loss"))
    news = ", ".join(f"{name} {value:.3f}" for name, value in steps[-1].losses.items()) if steps else ""
    return Panel("Losses", marks, Axis("step", low=0, whole_numbers=True), Axis("loss", low=0), subtitle(steps, news))
