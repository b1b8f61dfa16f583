"""softmax(alpha) over the steps of a search: one edge in colour, the others grey."""

from __future__ import annotations

from collections.abc import Callable

from nas_edu.core import History, Step
from nas_edu.draw.marks import Axis, Lines, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import edge_name, edges_of, mixing, operations, subtitle, thinned, titled


def alpha_curves(edge: Callable[[], str] | None = None) -> Callable[..., Panel]:
    """A view; `edge()` says which edge stands out, as "0-1". Without it, and where the cell has no such edge, the first
    one does.
    """
    known: dict[tuple[int, str | None], tuple[Step, list[list[float]]]] = {}  # the weights of the steps shown before

    def ratios_of(step: Step, kind: str | None) -> list[list[float]]:
        place = step.index, kind
        if place not in known or known[place][0] is not step:  # another search
            known[place] = step, mixing(step, kind).tolist()
        return known[place][1]

    def view(history: History, kind: str | None = None) -> Panel:
        steps = history.steps
        axes = Axis("step", low=0, whole_numbers=True), Axis("softmax(alpha)", low=0)
        if not steps:
            return Panel(titled(kind, "The edges"), [], *axes, subtitle(steps, ""))
        shown, names = thinned(steps), operations(steps[-1])
        ratios = [ratios_of(step, kind) for step in shown]
        edges = [edge_name(one) for one in edges_of(len(ratios[-1]))]
        wanted = "" if edge is None else edge()
        chosen = edges.index(wanted) if wanted in edges else 0

        def path(e: int, o: int) -> list[tuple[float, float]]:
            return [(step.index + 1, p[e][o]) for step, p in zip(shown, ratios, strict=True)]

        marks = [Lines([path(e, o) for e in range(len(edges)) if e != chosen for o in range(len(names))], "grid", 1.5)]
        for o, name in enumerate(names):
            style = operation_style(name)
            width = 3.5 if len(names) <= 5 else style.width  # tells sep_conv_3x3 from sep_conv_5x5
            marks.append(Lines([path(chosen, o)], style.colour, width, style.dashes, label=style.label))
        best = max(range(len(names)), key=lambda o: ratios[-1][chosen][o])
        news = f"{operation_style(names[best]).label} leads with {ratios[-1][chosen][best]:.2f}"
        title = titled(kind, f"Edge {edges[chosen]}; the others in grey")
        return Panel(title, marks, *axes, subtitle(steps, news))

    return view
