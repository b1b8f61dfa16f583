"""Perturbation-based selection as it happens: the edge (or the node) that is decided now, and what the supernet loses
without each of its operations (or of its inputs).
"""

from __future__ import annotations

from nas_edu.core import History
from nas_edu.draw.marks import Bars, Panel
from nas_edu.draw.style import operation_style
from nas_edu.widgets.views.mixture import NAMES, edge_name, subtitle
from nas_edu.widgets.views.search import NEW


def perturbation(history: History) -> Panel:
    """The score without each candidate (accuracy, or a proxy's value); the shortest bars are those that are kept."""
    steps = history.steps
    if not steps:
        return Panel("Accuracy without it", [Bars([], [], [])], subtitle=subtitle(steps, ""))
    info = steps[-1].info
    measured = "accuracy" if "accuracy_without" in info else info["proxy"]
    without = info.get("accuracy_without") or info["score_without"]
    kept = info["kept"] if "node" in info else [info["kept"]]
    colours = [NEW if name in kept else "#808080" for name in without]
    high = 1.0 if measured == "accuracy" else None
    bars = Bars([_label(name) for name in without], list(without.values()), colours, high=high)
    place = f"Node {info['node']}" if "node" in info else f"Edge {edge_name(info['edge'])}"
    if info.get("kind") in NAMES:
        place = f"{NAMES[info['kind']]}, {place.lower()}"
    news = f"{' and '.join(map(_label, kept))} {'are' if len(kept) > 1 else 'is'} missed most and kept"
    return Panel(f"{place}: {measured} without it", [bars], subtitle=subtitle(steps, news))


def _label(candidate: str) -> str:
    """Of an operation; an edge such as 0-2 is called so."""
    return candidate if candidate[0].isdigit() else operation_style(candidate).label
