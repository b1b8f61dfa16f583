"""The cell explorer: click an edge, choose its operation, and see at once what the cell costs and how good it is.

    explore_cell(NASBenchEdu.load("mnist1d"))

A game beside it: find a cell that beats 95 %. Every cell whose accuracy was seen counts as a try, also as one of the
neighbours: so it is a search by hand, and its budget compares with that of random search or local search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nas_edu.search_spaces import Cell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.widgets.controls import Button, Control, Select, did_you_mean
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers import cell_state as act
from nas_edu.widgets.explorers.cell_facts import CellFacts, network_sizes
from nas_edu.widgets.explorers.cell_state import SPACE, CellState
from nas_edu.widgets.explorers.cell_views import CellViews, edge_name
from nas_edu.widgets.present import present

if TYPE_CHECKING:
    from nas_edu.nas_bench.table import Table

FIRST = "|nor_conv_1x1~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|none~1|avg_pool_3x3~2|"
TARGET = 0.95
_EDGE_OF = {edge_name(edge): edge for edge in EDGES}


def explore_cell(table: Table | None = None, task: str = "mnist1d", cell: Cell | str = FIRST) -> Explorer[CellState]:
    """Explore TinyCell by hand; returns the explorer, which Python can drive too: `explorer.click("edge 0-1")`.

    table   gives accuracy, rank and learning curve; it may be incomplete: a cell that was not trained says so. Without
            a table there are parameters and MACs only, and no game.
    task    the name of the data that networks are built for, where the table does not know their sizes
    cell    where to begin: a cell, or its string

    Raises ValueError for a string that is no cell, or an unknown task.
    """
    from nas_edu.data import TASKS

    if task not in TASKS:
        raise ValueError(f"there is no task {task!r}{did_you_mean(task, list(TASKS))}; allowed: {', '.join(TASKS)}")
    first = cell if isinstance(cell, Cell) else SPACE.parse(cell)
    network_sizes(first, task)  # torch loads now, not at the first click on a cell whose size the table lacks
    views = CellViews(CellFacts(table, task), TARGET)
    return present(
        Explorer(
            CellState.start(first),
            [views.cell, views.figures]
            if table is None
            else [views.cell, views.figures, views.curve, views.neighbours],
            _controls if table is None else _controls_of_game,
            title="Cell explorer",
            on_click=_on_click,
            status=(lambda state: str(state.cell)) if table is None else views.game,
            on_undo=act.undo,
        )
    )


def _controls(state: CellState) -> list[Control]:
    select_edge = Select(
        "edge", list(_EDGE_OF), edge_name(state.edge), lambda now, name: act.select_edge(now, _EDGE_OF[name]), "Edge"
    )
    operation = Select("operation", OPERATIONS, state.cell.edges[state.edge], act.choose_operation, "Operation")
    return [select_edge, operation, Button("Random", act.draw_cell), Button("Mutate", act.mutate)]


def _controls_of_game(state: CellState) -> list[Control]:
    look = Button("Neighbours", act.look_around, enabled=state.neighbours_of != state.cell)
    return [*_controls(state), look, Button("New game", act.new_game)]


def _on_click(state: CellState, key: str) -> CellState:
    """`edge 0-1` selects an edge, `neighbour 0-1 none` goes to the cell with that operation there."""
    match key.split():
        case ["edge", edge]:
            return act.select_edge(state, _EDGE_OF[edge])
        case ["neighbour", edge, operation]:
            return act.choose_operation(state, operation, _EDGE_OF[edge])
    raise ValueError(f"no mark has the key {key!r}")
