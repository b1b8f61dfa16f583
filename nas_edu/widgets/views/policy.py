"""A controller at work: its policy decision by decision, the reward against the baseline, the cell that it wrote.

Reads the steps of `reinforce`: `alpha` holds, for each hyperparameter, the probabilities from which the last
architecture was drawn, `info["values"]` what was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nas_edu.core import History
from nas_edu.draw.marks import Axis, HeatMap, Lines, Mark, Panel, Scatter
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.search import GOOD, NEW


def policy_view(hyperparameters: Sequence[Any]) -> Callable[[History], Panel]:
    """A view for a space whose `hyperparameters` all have the same choices, as TinyCell's six edges have.

    Raises ValueError where the choices differ.
    """
    choices = hyperparameters[0].choices
    if any(h.choices != choices for h in hyperparameters):
        raise ValueError("the policy is drawn as one heat map: all hyperparameters must have the same choices")
    names = [h.name for h in hyperparameters]
    rows = [name.removeprefix("edge_").replace("_", "-") for name in names]
    columns = [operation_style(str(choice)).label.replace("avg ", "") for choice in choices]

    def view(history: History) -> Panel:
        steps = history.steps
        if not steps:
            empty = HeatMap(rows, columns, [[np.nan] * len(columns)] * len(rows))
            return Panel("Policy", [empty], subtitle="nothing written yet")
        probabilities, values = steps[-1].alpha, steps[-1].info["values"]
        grid = [np.asarray(probabilities[name], dtype=float).tolist() for name in names]
        drawn = [(i, choices.index(values[name])) for i, name in enumerate(names)]
        entropy = steps[-1].losses["entropy"] / len(rows)
        news = f"framed: drawn; entropy {entropy:.2f} of {np.log(len(columns)):.2f} nats"
        return Panel("Policy", [HeatMap(rows, columns, grid, marked=drawn)], subtitle=news)

    return view


def reward(history: History) -> Panel:
    """The reward of each update, and the baseline that it is compared with."""
    steps = history.steps
    rewards = [(step.index + 1, step.losses["reward"]) for step in steps]
    baselines = [(step.index + 1, step.losses["baseline"]) for step in steps]
    marks: list[Mark] = [
        Scatter(rewards, "muted", 6, label="reward"),
        Lines([baselines], GOOD, 3.5, label="baseline"),
        Scatter(rewards[-1:], NEW, 12, "ring", label="newest"),
    ]
    news = "nothing written yet"
    if steps:
        difference = steps[-1].losses["reward"] - steps[-1].losses["baseline"]
        direction = "up" if difference > 0 else "down"
        news = f"{difference:+.3f}: what was drawn is pushed {direction}"
    return Panel("Reward", marks, Axis("update", low=0, whole_numbers=True), Axis("reward"), news)
