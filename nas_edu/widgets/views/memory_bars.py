"""How much memory one step of each one-shot method needs, as bars, and how many times that fits into DARTS'."""

from __future__ import annotations

from collections.abc import Mapping

from nas_edu.draw.marks import Bars, Panel
from nas_edu.widgets.views.search import GOOD

MEGABYTE = 1e6


def memory_bars(memory: Mapping[str, float], *, title: str = "Activation memory of one step (MB)") -> Panel:
    """One bar a method, in megabytes; `memory` gives bytes by name, and the first one is what the others are compared
    with. Raises ValueError for a peak that is not positive: nothing was measured then.
    """
    for name, peak in memory.items():
        if not peak > 0:
            raise ValueError(f"{name} has a peak of {peak} bytes: a step that trains keeps something")
    if not memory:
        return Panel(title, [Bars([], [], [])], subtitle="nothing measured yet")
    (first, whole), *others = memory.items()
    names = [first, *(f"{name} ({peak / whole:.2f})" for name, peak in others)]
    colours = ["#808080", *[GOOD] * len(others)]
    bars = Bars(names, [peak / MEGABYTE for peak in memory.values()], colours)
    said = ", ".join(f"{name} {peak / whole:.0%}" for name, peak in others)
    return Panel(
        title, [bars], subtitle=f"in brackets: relative to {first}", alt=f"Relative to {first}: {said or 'alone'}"
    )
