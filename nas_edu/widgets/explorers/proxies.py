"""A proxy against accuracy, to be asked: which proxy, computed on which task, among which cells; click a dot.

    explore_proxies(NASBenchEdu.load("mnist1d"), {"mnist1d-shuffled": Proxies.load("mnist1d-shuffled")})

The horizontal axis shows the *rank* of the proxy, not its value: values differ by powers of ten, and Kendall's tau
knows the order only. Accuracy is that of the table's own task; a proxy may have been computed on another one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nas_edu.draw.graphs import architecture_graph, describe, node_name
from nas_edu.draw.marks import Axis, Graph, GraphEdge, Panel, Scatter, Shape, TextTable
from nas_edu.widgets.controls import Control, Select, did_you_mean
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers.proxy_facts import SUBSETS, ProxyFacts, percentiles
from nas_edu.widgets.present import present

if TYPE_CHECKING:
    from nas_edu.nas_bench import NASBenchEdu, Proxies

COLOURS = ("nothing", "parameters", "3x3 convolutions")
_STYLES: tuple[tuple[str, Shape], ...] = (("#E69F00", "cross"), ("#009E73", "ring"), ("#0072B2", "dot"))


@dataclass(frozen=True)
class Asked:
    """What is shown, and the row of the function that was clicked."""

    proxy: str
    task: str
    row: int
    subset: str = SUBSETS[0]
    colour: str = COLOURS[0]


def explore_proxies(
    table: NASBenchEdu, others: Mapping[str, Proxies] | None = None, *, proxy: str = "nwot"
) -> Explorer[Asked]:
    """Explore the proxies beside `table`, and `others` by task.

    Raises ValueError for an unknown proxy, or where less than 10 functions are trained.
    """
    facts = ProxyFacts(table, others or {})
    task = facts.tasks[0]
    if proxy not in facts.names(task):
        known = facts.names(task)
        raise ValueError(f"there is no proxy {proxy!r}{did_you_mean(proxy, known)}; there are {', '.join(known)}")
    views = ProxyViews(facts)
    first = Asked(proxy, task, int(facts.accuracy.argmax()))
    return present(
        Explorer(
            first,
            [views.scatter, views.cell, views.figures],
            views.controls,
            title="Proxy against accuracy",
            on_click=lambda state, key: replace(state, row=int(key.removeprefix("function "))),
            status=views.told,
        )
    )


@dataclass(frozen=True, eq=False)
class ProxyViews:
    facts: ProxyFacts

    def controls(self, state: Asked) -> Sequence[Control]:
        def to_task(now: Asked, task: str) -> Asked:
            names = self.facts.names(task)
            return replace(now, task=task, proxy=now.proxy if now.proxy in names else names[0])

        return [
            Select("proxy", self.facts.names(state.task), state.proxy, lambda now, name: replace(now, proxy=name)),
            Select("task", self.facts.tasks, state.task, to_task, "computed on"),
            Select("subset", SUBSETS, state.subset, lambda now, name: replace(now, subset=name), "cells"),
            Select("colour", COLOURS, state.colour, lambda now, name: replace(now, colour=name), "colour by"),
        ]

    def scatter(self, state: Asked) -> Panel:
        """A dot a function, the clicked one framed."""
        shown = self.facts.shown(state.subset)
        x = percentiles(self.facts.column(state.task, state.proxy))
        known = shown[~np.isnan(x[shown])]
        marks = []
        for label, (colour, shape), rows in self._groups(state, known):
            points = [(float(x[row]), float(self.facts.accuracy[row])) for row in rows]
            marks.append(Scatter(points, colour, 7, shape, label, [f"function {row}" for row in rows]))
        if not math.isnan(x[state.row]):
            marks.append(Scatter([(float(x[state.row]), float(self.facts.accuracy[state.row]))], "ink", 18, "ring"))
        low = 0.0 if state.subset != "best tenth" else None
        axes = Axis(f"rank by {state.proxy}, per cent", low=0, high=100), Axis("validation accuracy", low=low, high=1)
        return Panel("Click a dot", marks, *axes, f"{len(known)} functions drawn at random")

    def _groups(self, state: Asked, rows: np.ndarray) -> list[tuple[str, tuple[str, Shape], list[int]]]:
        """Thirds by colour: the label, the style, the rows."""
        if state.colour == "nothing":
            return [("", _STYLES[-1], rows.tolist())]
        if state.colour == "parameters":
            value, (one, two) = self.facts.size[rows], np.quantile(self.facts.size, [1 / 3, 2 / 3])
            labels = [f"to {one:,.0f}", f"to {two:,.0f}", "more"]
        else:
            live = [self.facts.cell(row).live_edges.values() for row in rows]
            value, (one, two) = np.array([list(edges).count("nor_conv_3x3") for edges in live]), (0, 1)
            labels = ["no 3x3", "one", "more"]
        thirds = [value <= one, (value > one) & (value <= two), value > two]
        return [(label, style, rows[t].tolist()) for label, style, t in zip(labels, _STYLES, thirds, strict=True)]

    def cell(self, state: Asked) -> Panel:
        graph = architecture_graph(self.facts.cell(state.row))
        nodes = list(graph.nodes)
        edges = [
            GraphEdge(nodes.index(i), nodes.index(j), data["operation"], faded=not data["live"])
            for i, j, data in graph.edges(data=True)
        ]
        subtitle = f"accuracy {self.facts.accuracy[state.row]:.1%}"
        drawing = Graph([node_name(node) for node in nodes], edges)
        return Panel("Its cell", [drawing], subtitle=subtitle, alt=f"Cell. {subtitle}. {describe(graph)}")

    def figures(self, state: Asked) -> Panel:
        """The value of the proxy on each task, its rank, and that of accuracy."""
        facts, row = self.facts, state.row
        rank = percentiles(facts.column(state.task, state.proxy))[row]
        rows = [("Parameters", f"{facts.size[row]:,.0f}")]
        rows += [("Rank by accuracy", f"{percentiles(facts.accuracy)[row]:.0f} %")]
        rows += [("Rank by proxy", "unknown" if math.isnan(rank) else f"{rank:.0f} %")]
        rows += [(f"{state.proxy} on", "")]
        for task in facts.tasks:
            value = facts.column(task, state.proxy)[row] if state.proxy in facts.names(task) else math.nan
            text = "not computed" if math.isnan(value) else "no value" if math.isinf(value) else f"{value:.6g}"
            rows.append((task, text))
        return Panel("Its figures", [TextTable(rows)], alt=", ".join(f"{name}: {value}" for name, value in rows))

    def told(self, state: Asked) -> str:
        tau, low, high, count = self.facts.agreement(state.task, state.proxy, state.subset)
        where = "" if state.task == self.facts.task else f" on {state.task}"
        return f"{state.proxy}{where}: tau {tau:.2f} ({low:.2f} to {high:.2f}), {count:,} functions."
