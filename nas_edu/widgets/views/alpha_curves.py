"""softmax(alpha) over the steps of a search: one edge in colour, the others grey."""

from __future__ import annotations

from collections.abc import Callable

from nas_edu.core import History, Step
from nas_edu.draw.marks import Axis, Lines, Panel
from nas_edu.draw.style import operation_style
from nas_edu.search_spaces.tiny_cell import EDGES
from nas_edu.widgets.views.mixture import EDGE_NAMES, mixing, operations, subtitle, thinned


def alpha_curves(edge: Callable[[], str] = lambda: EDGE_NAMES[0]) -> Callable[[History], Panel]:
    """A view; `edge()` says which edge stands out, as "0-1"."""
    known: dict[int, tuple[Step, list[list[float]]]] = {}  # the mixing weights of the steps shown before

    def ratios_of(step: Step) -> list[list[float]]:
        if step.index not in known or known[step.index][0] is not step:  # another search
            known[step.index] = step, mixing(step).tolist()
        return known[step.index][1]

    def view(history: History) -> Panel:
        steps, chosen = history.steps, EDGE_NAMES.index(edge())
        shown, names = thinned(steps), operations(steps)
        ratios = [ratios_of(step) for step in shown]

        def path(e: int, o: int) -> list[tuple[float, float]]:
            return [(step.index + 1, p[e][o]) for step, p in zip(shown, ratios, strict=True)]

        marks = [Lines([path(e, o) for e in range(len(EDGES)) if e != chosen for o in range(len(names))], "grid", 1.5)]
        for o, name in enumerate(names):
            style = operation_style(name)
            marks.append(Lines([path(chosen, o)], style.colour, 3.5, style.dashes, label=style.label))
        news = ""
        if ratios:
            best = max(range(len(names)), key=lambda o: ratios[-1][chosen][o])
            news = f"{operation_style(names[best]).label} leads with {ratios[-1][chosen][best]:.2f}"
        axes = Axis("step", low=0, whole_numbers=True), Axis("softmax(alpha)", low=0)
        return Panel(f"Edge {edge()}; the others in grey", marks, *axes, subtitle(steps, news))

    return view
