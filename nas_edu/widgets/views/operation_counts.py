"""How many edges of the argmax cell have each operation, over the steps: where skips take over, their line climbs."""

from __future__ import annotations

from nas_edu.core import History, Step
from nas_edu.draw.marks import Axis, Lines, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import kind_of, mixing, operations, subtitle, thinned, titled


def operation_counts(history: History, kind: str | None = None) -> Panel:
    """One line an operation; in a DARTS cell, of the two edges that each node keeps."""
    steps, title = history.steps, titled(kind, "Operations of the argmax cell")
    axes = Axis("step", low=0, whole_numbers=True), Axis("edges", low=0, whole_numbers=True)
    if not steps:
        return Panel(title, [], *axes, subtitle(steps, ""))
    chosen = [(step.index + 1, argmax_operations(step, kind)) for step in thinned(steps)]
    lines = []
    for name in operations(steps[-1]):
        style, points = operation_style(name), [(float(x), float(names.count(name))) for x, names in chosen]
        if any(count for _, count in points):
            lines.append(Lines([points], style.colour, min(style.width + 1, 4), style.dashes, label=style.label))
    last = chosen[-1][1]
    news = f"{last.count('skip_connect')} of {len(last)} edges are skips"
    return Panel(title, lines, *axes, subtitle(steps, news))


def argmax_operations(step: Step, kind: str | None = None) -> list[str]:
    """The operations that argmax would keep, edge by edge."""
    kept = getattr(step.architecture, kind_of(step, kind), None)  # of a genotype: pairs (operation, state)
    if kept is not None:
        return [name for name, _ in kept]
    names = operations(step)
    return [names[o] for o in mixing(step, kind).argmax(axis=1)]
