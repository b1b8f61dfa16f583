"""Views of a training that samples paths: which edges it has trained, and what the shared weights say meanwhile.

The steps tell, with `probed(...)` around them, the scores of some cells (`info["shared"]`). What these cells are worth
alone is handed to the views, in the same order: the search never sees it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from nas_edu.core import History, Step
from nas_edu.draw.marks import Axis, HeatMap, Lines, Mark, Panel, Scatter
from nas_edu.draw.style import operation_style
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.widgets.views.mixture import EDGE_NAMES, subtitle
from nas_edu.widgets.views.search import GOOD, NEW


def sampled_paths(history: History) -> Panel:
    """How often each operation of each edge was trained: on a live edge of a sampled path. The newest path is framed.

    `none` is never live, and has no column.
    """
    paths = [step.architecture.live_edges for step in history.steps if step.info.get("phase") != "theta"]
    counts = Counter(chosen for path in paths for chosen in path.items())
    names = [name for name in OPERATIONS if name != "none"]
    values = [[float(counts[edge, name]) for name in names] for edge in EDGES]
    marked = [(EDGES.index(edge), names.index(name)) for edge, name in paths[-1].items()] if paths else []
    most = max([1.0, *(value for row in values for value in row)])
    columns = [operation_style(name).label.replace("avg ", "") for name in names]  # a long label would be cut off
    news = f"{len(paths)} paths, live edges; framed: the newest" if paths else "no path yet"
    return Panel("Trained", [HeatMap(EDGE_NAMES, columns, values, high=most, marked=marked, digits=0)], subtitle=news)


def shared_against_alone(alone: Sequence[float]) -> Callable[[History], Panel]:
    """A view: accuracy with the shared weights now, over accuracy when trained alone; a dot a cell."""

    def view(history: History) -> Panel:
        steps = _probes(history)
        pairs = list(zip(alone, steps[-1].info["shared"], strict=True)) if steps else []
        points = [pair for pair in pairs if all(map(math.isfinite, pair))]
        axes = Axis("accuracy, trained alone", low=0, high=1), Axis("with shared weights", low=0, high=1)
        marks: list[Mark] = [Lines([[(0, 0), (1, 1)]], "grid", 1.5), Scatter(points, GOOD, 7, label="a cell")]
        return Panel("Shared weights against training", marks, *axes, subtitle(steps, f"{len(points)} cells"))

    return view


def shared_tau(alone: Sequence[float]) -> Callable[[History], Panel]:
    """A view: Kendall's tau between the two accuracies over the steps, and the mean accuracy with shared weights."""
    known: dict[tuple[float, ...], float] = {}  # a frame must not rank all earlier probes again

    def tau(step: Step) -> float:
        from scipy.stats import kendalltau

        shared = tuple(step.info["shared"])
        if shared not in known:
            known[shared] = float(kendalltau(alone, shared, nan_policy="omit")[0])
        return known[shared]

    def view(history: History) -> Panel:
        steps = _probes(history)
        taus = [(step.index + 1, tau(step)) for step in steps if math.isfinite(tau(step))]
        means = [(step.index + 1, sum(step.info["shared"]) / len(alone)) for step in steps]
        means = [point for point in means if math.isfinite(point[1])]
        marks: list[Mark] = [
            Lines([taus], GOOD, 3.5, label="Kendall's tau"),
            Scatter(taus[-1:], GOOD, 9),
            Lines([means], NEW, 2.5, (8, 4), label="mean accuracy, shared weights"),
        ]
        news = f"tau {taus[-1][1]:.2f}" if taus else ""
        axes = Axis("step", low=0, whole_numbers=True), Axis("tau, accuracy", low=-0.5, high=1)
        return Panel("Do shared weights rank as training does?", marks, *axes, subtitle(steps, news))

    return view


def _probes(history: History) -> list[Step]:
    return [step for step in history.steps if "shared" in step.info]
