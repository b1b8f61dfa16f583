"""The cell explorer: click an edge, choose its operation, and see at once what the cell costs and how good it is.

    explore_cell(NASBenchEdu.load("mnist1d"))

A game beside it: find a cell that beats 95 %. Every cell whose accuracy was seen counts as a try, also as one of the
neighbours: so it is a search by hand, and its budget compares with that of random search or local search.

From top to bottom: what is known of a cell, the state and what each action makes of it, the pictures, the explorer.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from nas_edu.core.names import did_you_mean
from nas_edu.draw.graphs import architecture_graph, describe, graph_mark, node_name
from nas_edu.draw.marks import Axis, HeatMap, Lines, Mark, Panel, Scatter, TextTable
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.widgets.controls import Button, Control, Select
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present
from nas_edu.widgets.views.search import NEW

if TYPE_CHECKING:
    from nas_edu.nas_bench.table import Table


# --- what is known of a cell ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CellFacts:
    """Answers from a table, which may lack any cell, and of networks for `task`."""

    table: Table | None
    task: str

    def sizes(self, cell: Cell) -> tuple[float, float]:
        """Parameters and MACs: the table's, or counted in the network. NaN where the table is of another task."""
        if self.table is not None:
            index = TinyCell().index(cell)
            parameters, macs = (float(self.table.column(name)[index]) for name in ("parameters", "macs"))
            if not (math.isnan(parameters) or math.isnan(macs)):
                return parameters, macs
            if self.table.task != self.task:
                return math.nan, math.nan
        return network_sizes(cell, self.task)

    def accuracy(self, cell: Cell) -> float:
        """Mean validation accuracy over the seeds. NaN where the cell was not trained, or its training failed."""
        return math.nan if self.refusal(cell) else self._table.query(cell).validation_accuracy

    def refusal(self, cell: Cell) -> str:
        """Why the table has no accuracy of this cell; "" where it has one."""
        try:
            self._table.query(cell)
        except LookupError:
            return "not trained yet"
        except ArithmeticError as error:
            return f"training failed: {error}"
        return ""

    def curve(self, cell: Cell) -> list[tuple[float, float]]:
        """(epoch, validation accuracy) of the table's seed; empty where there is none."""
        if self.refusal(cell):
            return []
        seed = self._table.seed
        return [(epoch, self._table.query(cell, seed, epoch).validation_accuracy) for epoch in self._table.epochs]

    def tries(self, tried: Sequence[Cell], target: float) -> tuple[int, int | None, float]:
        """How many of the cells have an accuracy, which one of these (from 1) first beat `target`, and the best."""
        known = [value for value in map(self.accuracy, tried) if not math.isnan(value)]
        won = next((place for place, value in enumerate(known, 1) if value > target), None)
        return len(known), won, max(known, default=math.nan)

    def same_function(self, cell: Cell) -> int:
        """How many cells share this one's row."""
        rows = self._table.row_of_cell
        return int((rows == rows[TinyCell().index(cell)]).sum())

    @cached_property
    def trained(self) -> int:
        """Functions with at least one training."""
        return int(self._table.trained.any(axis=0).sum())

    @property
    def _table(self) -> Table:
        assert self.table is not None
        return self.table


@lru_cache(maxsize=4096)
def network_sizes(cell: Cell, task: str) -> tuple[int, int]:
    """Parameters and MACs of the cell's network for a task."""
    from nas_edu.data import load
    from nas_edu.networks import build, count_macs, count_parameters

    data = load(task)
    network = build(cell, data)
    return count_parameters(network), count_macs(network, data.input_shape)


# --- the state, and what each action makes of it ----------------------------------------------------------------------


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


# --- the pictures -----------------------------------------------------------------------------------------------------


_SHORT = ("none", "skip", "1x1 conv", "3x3 conv", "avg pool")  # OPERATIONS, short enough for a column


def edge_name(edge: tuple[int, int]) -> str:
    return f"{edge[0]}-{edge[1]}"


@dataclass(frozen=True)
class CellViews:
    """Each method is a view: from the state to a panel, by what is known of the cells."""

    facts: CellFacts
    target: float

    def cell(self, state: CellState) -> Panel:
        """The graph; the selected edge is underlaid, and what cannot matter is faded."""
        graph = architecture_graph(state.cell)
        mark = graph_mark(graph, marked=[state.edge], key=lambda i, j: f"edge {i}-{j}")
        i, j = state.edge
        subtitle = f"Edge {edge_name(state.edge)} selected: from {node_name(i)} to {node_name(j)}"
        return Panel("Cell: click an edge", [mark], subtitle=subtitle, alt=f"Cell. {describe(graph)}")

    def figures(self, state: CellState) -> Panel:
        """Size, accuracy and rank."""
        parameters, macs = self.facts.sizes(state.cell)
        rows = [
            ("Parameters", _count(parameters)),
            ("MACs a sample", _count(macs)),
            ("Edges that matter", f"{len(state.cell.live_edges)} of {len(EDGES)}"),
        ]
        table, subtitle = self.facts.table, f"networks for {self.facts.task}"
        if table is not None:
            subtitle = self.facts.refusal(state.cell)
            accuracy = rank = better = "–"
            if not subtitle:
                accuracy = f"{self.facts.accuracy(state.cell):.2%}"
                complete = self.facts.trained == table.trained.shape[1]
                rank = f"{table.rank(state.cell):,} of {self.facts.trained:,} {'functions' if complete else 'trained'}"
                better = f"{table.percentile(state.cell):.0f}% of {'all' if complete else 'trained'} cells"
                subtitle = f"trained on {table.task}"
            same = self.facts.same_function(state.cell) - 1
            rows[:0] = [("Validation accuracy", accuracy), ("Rank", rank), ("Better than", better)]
            rows.append(("Same function", f"{same:,} other cell{'s' * (same != 1)}" if same else "no other cell"))
        alt = f"Figures, {subtitle}: " + ", ".join(f"{name}: {value}" for name, value in rows)
        return Panel("Figures", [TextTable(rows)], subtitle=subtitle, alt=alt)

    def curve(self, state: CellState) -> Panel:
        """How it learned, in front of the cell before the last change."""
        before = [] if state.before is None else self.facts.curve(state.before)
        now = self.facts.curve(state.cell)
        marks: list[Mark] = [
            Lines([before], "muted", 1.5),
            Scatter(before, "muted", 5, label="cell before" if before else ""),
            Lines([now], NEW, 3.5),
            Scatter(now, NEW, 7, label="this cell" if now else ""),
        ]
        subtitle = f"{now[-1][1]:.1%} after {now[-1][0]:g} epochs" if now else self.facts.refusal(state.cell)
        axes = Axis("epoch", low=0, whole_numbers=True), Axis("validation accuracy", low=0, high=1)
        return Panel("Learning curve", marks, *axes, subtitle=subtitle)

    def neighbours(self, state: CellState) -> Panel:
        """Validation accuracy of the 24 cells that differ in one edge; framed: this cell itself, once in each row."""
        title, rows = "Neighbours: one edge changed", [edge_name(edge) for edge in EDGES]
        if state.neighbours_of != state.cell:
            return Panel(title, [HeatMap([], [], [])], subtitle="press Neighbours to look at all 24")
        cells = [[choose_operation(state, operation, edge).cell for operation in OPERATIONS] for edge in EDGES]
        values = [[self.facts.accuracy(cell) for cell in row] for row in cells]
        known = [value for row in values for value in row if not math.isnan(value)]
        keys = [[f"neighbour {edge} {operation}" for operation in OPERATIONS] for edge in rows]
        own = [(i, OPERATIONS.index(operation)) for i, operation in enumerate(state.cell.operations)]
        grid = HeatMap(rows, _SHORT, values, min(known, default=0) - 0.01, max(known, default=1), keys, own, digits=3)
        accuracy = self.facts.accuracy(state.cell)
        better = f"{sum(value > accuracy for value in known)} better; " * (not math.isnan(accuracy))
        missing = sum(math.isnan(self.facts.accuracy(cell)) for cell in SPACE.neighbors(state.cell))
        news = f"{better}click one to go there" + f"; {missing} not trained" * bool(missing)
        return Panel(title, [grid], subtitle=news)

    def game(self, state: CellState) -> str:
        """The line above the pictures."""
        count, won, best = self.facts.tries(state.tried, self.target)
        tried = f"{count} cell{'s' * (count != 1)} tried" + ("" if math.isnan(best) else f", best {best:.1%}")
        goal = f"beats {self.target:.0%}"
        if won is None:
            return f"Find a cell that {goal}: {tried}."
        return f"Found after {won} tries: a cell that {goal}. {tried[0].upper()}{tried[1:]}."


def _count(number: float) -> str:
    return "unknown" if math.isnan(number) else f"{number:,.0f}"


# --- the explorer -----------------------------------------------------------------------------------------------------


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
            on_undo=undo,
        )
    )


def _controls(state: CellState) -> list[Control]:
    edge = Select(
        "edge", list(_EDGE_OF), edge_name(state.edge), lambda now, name: select_edge(now, _EDGE_OF[name]), "Edge"
    )
    operation = Select("operation", OPERATIONS, state.cell.edges[state.edge], choose_operation, "Operation")
    return [edge, operation, Button("Random", draw_cell), Button("Mutate", mutate)]


def _controls_of_game(state: CellState) -> list[Control]:
    look = Button("Neighbours", look_around, enabled=state.neighbours_of != state.cell)
    return [*_controls(state), look, Button("New game", new_game)]


def _on_click(state: CellState, key: str) -> CellState:
    """`edge 0-1` selects an edge, `neighbour 0-1 none` goes to the cell with that operation there."""
    match key.split():
        case ["edge", edge]:
            return select_edge(state, _EDGE_OF[edge])
        case ["neighbour", edge, operation]:
            return choose_operation(state, operation, _EDGE_OF[edge])
    raise ValueError(f"no mark has the key {key!r}")
