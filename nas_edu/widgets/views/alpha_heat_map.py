"""softmax(alpha) now: a row for each edge, a column for each operation, the argmax framed."""

from __future__ import annotations

import numpy as np

from nas_edu.core import History
from nas_edu.draw.marks import HeatMap, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import edge_name, edges_of, mixing, operations, subtitle, titled

SHORT = {"none": "none", "skip_connect": "skip", "avg_pool_3x3": "avg", "max_pool_3x3": "max"}


def alpha_heat_map(history: History, kind: str | None = None) -> Panel:
    """The subtitle tells the mean entropy of the edges: it falls as the search decides."""
    steps, title = history.steps, titled(kind, "softmax(alpha)")
    if not steps:
        return Panel(title, [HeatMap([], [], [])], subtitle=subtitle(steps, ""))
    p, names = mixing(steps[-1], kind), operations(steps[-1])
    entropy = float(-(p * np.log(np.maximum(p, 1e-12))).sum(axis=1).mean())
    argmax = [(e, int(o)) for e, o in enumerate(p.argmax(axis=1))]
    news = f"mean entropy {entropy:.2f} of at most {np.log(len(names)):.2f} nats"
    rows = [edge_name(edge) for edge in edges_of(len(p))]
    # Equal weights of 2 to 8 operations lie within a step of the colours, not between two.
    heat_map = HeatMap(rows, _columns(names), p.tolist(), low=-0.04, marked=argmax)
    return Panel(title, [heat_map], subtitle=subtitle(steps, news))


def _columns(names: list[str]) -> list[str]:
    """Labels that fit: with many operations, `sep_conv_3x3` is "sep3"."""
    if len(names) <= 5:
        return [operation_style(name).label.replace("avg ", "") for name in names]
    return [SHORT.get(name, f"{name.split('_')[0]}{name[-1]}") for name in names]
