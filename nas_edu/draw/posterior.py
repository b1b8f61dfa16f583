"""What a surrogate believes about a function of one number, and what an acquisition function makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nas_edu.draw.style import LIGHT

if TYPE_CHECKING:
    import numpy as np

    from nas_edu.draw.figure import Plot

BLUE, VERMILION = "#0072B2", "#D55E00"


def posterior(
    x: np.ndarray,
    mean: np.ndarray,
    deviation: np.ndarray,
    seen: tuple[np.ndarray, np.ndarray],
    worth: Mapping[str, np.ndarray],
    *,
    truth: np.ndarray | None = None,
    title: str | None = None,
) -> Plot:
    """Above the belief along `x`, with what was seen (places, scores); below, a panel for each acquisition function.

    The band is mean +- 2 deviations. A triangle points from above at the place where an acquisition function is
    highest: there one looks next.
    Raises ValueError without an acquisition function.
    """
    from matplotlib.markers import CARETDOWN

    from nas_edu.draw import figure

    if not worth:
        raise ValueError("belief needs at least one acquisition function: {'EI': values}")
    chosen = {name: float(x[values.argmax()]) for name, values in worth.items()}
    words = ", ".join(f"{name} looks next at {place:.2f}" for name, place in chosen.items())
    with figure.house_style():
        plot = figure.Plot(
            f"{title or 'A belief'}: {len(seen[0])} points seen; {words}", figsize=(9, 3.6 + 1.5 * len(worth))
        )
        panels = plot.subplots(1 + len(worth), 1, sharex=True, height_ratios=[2.6, *[1] * len(worth)])
        above = panels[0]
        above.fill_between(x, mean - 2 * deviation, mean + 2 * deviation, color=BLUE, alpha=0.2, linewidth=0)
        above.plot(x, mean, color=BLUE, label="mean, in a band of two deviations")
        if truth is not None:
            above.plot(x, truth, color=LIGHT.muted, linestyle=(0, (2, 2)), label="the truth, hidden from the search")
        above.plot(*seen, "o", color=LIGHT.ink, markersize=9, label="seen")
        above.set(ylabel="score", title=title or "")
        above.legend(fontsize=12, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=3, frameon=False)
        for panel, (name, values) in zip(panels[1:], worth.items(), strict=True):
            panel.plot(x, values, color=VERMILION)
            panel.plot(chosen[name], values.max(), marker=CARETDOWN, color=LIGHT.ink, markersize=13, clip_on=False)
            panel.set(ylabel=name, yticks=[])
        panels[-1].set_xlabel("x")
    return plot
