"""What spaces of a normal and a reduction cell share: a change happens in one of the two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Cell = TypeVar("Cell")
Cell_co = TypeVar("Cell_co", covariant=True)


class CellPair(Protocol[Cell_co]):
    """What has a normal and a reduction cell."""

    @property
    def normal(self) -> Cell_co: ...

    @property
    def reduce(self) -> Cell_co: ...


def changed_in_one_cell(pair: CellPair[Cell], cell_neighbors: Callable[[Cell], list[Cell]]) -> list[tuple[Cell, Cell]]:
    """All (normal, reduce) in which one cell is a neighbour of the pair's own, and the other cell stays."""
    changed = [(cell, pair.reduce) for cell in cell_neighbors(pair.normal)]
    return changed + [(pair.normal, cell) for cell in cell_neighbors(pair.reduce)]
