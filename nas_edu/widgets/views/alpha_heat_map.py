"""softmax(alpha) now: a row for each edge, a column for each operation, the argmax framed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nas_edu.core import History
from nas_edu.draw.style import operation_style
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from nas_edu.widgets.marks import HeatMap, Panel
from nas_edu.widgets.views.mixture import EDGE_NAMES, mixing, subtitle


def alpha_heat_map(operations: Sequence[str] = OPERATIONS) -> Callable[[History], Panel]:
    """A view for a search over these operations."""
    columns = [operation_style(name).label.replace("avg ", "") for name in operations]

    def view(history: History) -> Panel:
        steps = history.steps
        if not steps:
            return Panel("softmax(alpha)", [HeatMap(EDGE_NAMES, columns, [[np.nan] * len(columns)] * 6)], subtitle="")
        p = mixing(steps[-1])
        entropy = float(-(p * np.log(np.maximum(p, 1e-12))).sum(axis=1).mean())
        argmax = [(e, int(o)) for e, o in enumerate(p.argmax(axis=1))]
        news = f"mean entropy {entropy:.2f} of at most {np.log(len(operations)):.2f} nats"
        marks = [HeatMap(EDGE_NAMES, columns, p.tolist(), marked=argmax)]
        return Panel("softmax(alpha)", marks, subtitle=subtitle(steps, news))

    return view
