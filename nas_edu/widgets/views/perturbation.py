"""Perturbation-based selection as it happens: the edge that is decided now, and what the supernet loses without each
of its operations.
"""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Bars, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import edge_name, subtitle
from nas_edu.widgets.views.scores import NEW


def perturbation(history: History) -> Panel:
    """Validation accuracy of the supernet without each operation; the shortest bar is the operation that is kept."""
    steps = history.steps
    if not steps:
        return Panel("Accuracy without it", [Bars([], [], [])], subtitle=subtitle(steps, ""))
    info = steps[-1].info
    names = [operation_style(name).label for name in info["accuracy_without"]]
    colours = [NEW if name == info["kept"] else "#808080" for name in info["accuracy_without"]]
    bars = Bars(names, list(info["accuracy_without"].values()), colours, high=1.0)
    news = f"{operation_style(info['kept']).label} is missed most and kept"
    return Panel(f"Edge {edge_name(info['edge'])}: accuracy without it", [bars], subtitle=subtitle(steps, news))
