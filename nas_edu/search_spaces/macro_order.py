"""One form for graphs of layers that differ only in how their layers are numbered.

Layers are numbered in some order in which none comes before one that it reads. Another such order is the same graph:

    canonical(graph) = min over such orders p of [(the layers that it reads, renumbered by p; its name) for each layer]

The smallest list has the smallest first entry, among those the smallest second one, and so on. So orders are built from
the front, and of all beginnings only the smallest are kept. Layers of the same name that read the same and are read by
the same are interchangeable, and one of them stands for all: otherwise twins would make k! equal beginnings.
"""

from __future__ import annotations

from typing import TypeVar

Layer = TypeVar("Layer")


def canonical_order(
    layers: tuple[Layer, ...], sources: tuple[tuple[int, ...], ...]
) -> tuple[tuple[Layer, ...], tuple[tuple[int, ...], ...]]:
    """Layers and sources in the smallest order; sources are counted from 1."""
    numbers = range(1, len(layers) + 1)
    readers = {k: frozenset(j for j in numbers if k in sources[j - 1]) for k in numbers}
    orders: list[tuple[int, ...]] = [()]
    entries = []
    for _ in numbers:
        candidates: dict[tuple, tuple[int, ...]] = {}
        for order in orders:
            place = {k: rank for rank, k in enumerate(order, start=1)}
            for k in numbers:
                if k not in place and all(j in place for j in sources[k - 1]):
                    entry = tuple(sorted(place[j] for j in sources[k - 1])), str(layers[k - 1])
                    candidates.setdefault((entry, order, sources[k - 1], readers[k]), (*order, k))
        smallest = min(entry for entry, *_ in candidates)
        orders = [order for (entry, *_), order in candidates.items() if entry == smallest]
        entries.append((layers[orders[0][-1] - 1], smallest[0]))
    return tuple(layer for layer, _ in entries), tuple(read for _, read in entries)
