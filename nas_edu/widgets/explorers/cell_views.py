"""The pictures of the cell explorer: the cell, its figures, how it learned, and its neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nas_edu.draw.graphs import architecture_graph, describe, node_name
from nas_edu.draw.marks import Axis, Graph, GraphEdge, HeatMap, Lines, Mark, Panel, Scatter, TextTable
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, OPERATIONS
from nas_edu.widgets.explorers.cell_facts import CellFacts
from nas_edu.widgets.explorers.cell_state import SPACE, CellState, choose_operation
from nas_edu.widgets.views.scores import NEW

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
        edges = [
            GraphEdge(i, j, data["operation"], not data["live"], (i, j) == state.edge, f"edge {edge_name((i, j))}")
            for i, j, data in graph.edges(data=True)
        ]
        i, j = state.edge
        subtitle = f"Edge {edge_name(state.edge)} selected: from {node_name(i)} to {node_name(j)}"
        nodes = [node_name(node) for node in range(NODES)]
        return Panel("Cell: click an edge", [Graph(nodes, edges)], subtitle=subtitle, alt=f"Cell. {describe(graph)}")

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
