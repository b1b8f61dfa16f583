"""softmax(alpha) now: a row for each edge, a column for each operation, the argmax framed."""

from __future__ import annotations

import numpy as np

from nas_edu.core import History
from nas_edu.draw.marks import HeatMap, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import EDGE_NAMES, mixing, operations, subtitle


def alpha_heat_map(history: History) -> Panel:
    """The subtitle tells the mean entropy of the edges: it falls as the search decides."""
    steps = history.steps
    columns = [operation_style(name).label.replace("avg ", "") for name in operations(steps)]
    if not steps:
        empty = HeatMap(EDGE_NAMES, columns, [[np.nan] * len(columns)] * len(EDGE_NAMES))
        return Panel("softmax(alpha)", [empty], subtitle=subtitle(steps, ""))
    p = mixing(steps[-1])
    entropy = float(-(p * np.log(np.maximum(p, 1e-12))).sum(axis=1).mean())
    argmax = [(e, int(o)) for e, o in enumerate(p.argmax(axis=1))]
    news = f"mean entropy {entropy:.2f} of at most {np.log(len(columns)):.2f} nats"
    heat_map = HeatMap(EDGE_NAMES, columns, p.tolist(), marked=argmax)
    return Panel("softmax(alpha)", [heat_map], subtitle=subtitle(steps, news))
