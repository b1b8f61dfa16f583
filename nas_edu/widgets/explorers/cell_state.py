"""The state of the cell explorer, and what each action makes of it. It knows no table."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES

Edge = tuple[int, int]
SPACE = TinyCell()


@dataclass(frozen=True)
class CellState:
    """`tried` holds every cell that was looked at in this game, in order, each once; `draws` counts random choices.

    before          the cell before the last change, to compare with; None at the start
    neighbours_of   the cell whose neighbours were asked for last; they are shown while it is `cell`
    """

    cell: Cell
    edge: Edge
    tried: tuple[Cell, ...]
    before: Cell | None = None
    neighbours_of: Cell | None = None
    draws: int = 0

    @classmethod
    def start(cls, cell: Cell) -> CellState:
        return cls(cell, EDGES[0], (cell,))


def go_to(state: CellState, cell: Cell) -> CellState:
    if cell == state.cell:
        return state
    return replace(state, cell=cell, before=state.cell, tried=_with(state.tried, cell))


def select_edge(state: CellState, edge: Edge) -> CellState:
    return replace(state, edge=edge)


def choose_operation(state: CellState, operation: str, edge: Edge | None = None) -> CellState:
    """Put an operation on the selected edge, or on another one, which then is the selected one."""
    edge = edge or state.edge
    operations = tuple(operation if one == edge else old for one, old in state.cell.edges.items())
    return go_to(replace(state, edge=edge), Cell(operations))


def draw_cell(state: CellState) -> CellState:
    """A random cell, every one equally likely."""
    return go_to(replace(state, draws=state.draws + 1), SPACE.sample(random.Random(state.draws)))


def mutate(state: CellState) -> CellState:
    """Another operation on a random edge, which then is the selected one."""
    child = SPACE.mutate(state.cell, random.Random(state.draws))
    (edge,) = (edge for edge, operation in child.edges.items() if state.cell.edges[edge] != operation)
    return go_to(replace(state, draws=state.draws + 1, edge=edge), child)


def look_around(state: CellState) -> CellState:
    """Ask for the 24 neighbours: each of them counts as tried."""
    tried = _with(state.tried, *SPACE.neighbors(state.cell))
    return replace(state, neighbours_of=state.cell, tried=tried)


def new_game(state: CellState) -> CellState:
    """Forget what was tried, and begin with a random cell."""
    fresh = CellState.start(SPACE.sample(random.Random(state.draws)))
    return replace(fresh, draws=state.draws + 1)


def undo(earlier: CellState, now: CellState) -> CellState:
    """What was seen stays seen, and a random choice that was undone is not drawn again."""
    return replace(earlier, tried=now.tried, draws=now.draws)


def _with(tried: tuple[Cell, ...], *cells: Cell) -> tuple[Cell, ...]:
    known = set(tried)
    return (*tried, *(cell for cell in cells if cell not in known))
