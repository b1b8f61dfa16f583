"""An architecture in Graphviz's own language, for reports, for other tools, and for graphs that want another layout.

    draw.dot(architecture)                    a `graphviz.Digraph`, which a notebook shows by itself
    draw.dot(architecture).render("cell")     cell.pdf; `engine="neato"`, `format="svg"` and so on, as graphviz has them

`draw.cell` places a graph by a layout of our own, the same live and on paper. Here Graphviz places it: `dot` of the
system, or else the program of the package `graphviz-pure`, which needs no system install. Colours, dashes, widths and
names of operations are those of all our pictures.
"""

from __future__ import annotations

import shutil
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas_edu.draw.graphs import architecture_graph, node_name
from nas_edu.draw.style import LIGHT, operation_style

if TYPE_CHECKING:
    import graphviz


def dot(architecture: Any, *, title: str | None = None, direction: str = "LR") -> graphviz.Digraph:
    """The graph of an architecture, or a networkx multigraph whose edges carry `operation` and `live`, for Graphviz.

    `direction` is Graphviz's rankdir: "LR" from left to right, "TB" from top to bottom. Dead edges are grey. Raises
    TypeError for what has no `to_graph()`.
    """
    import graphviz
    import networkx as nx

    _name_the_program()
    graph = architecture if isinstance(architecture, nx.MultiDiGraph) else architecture_graph(architecture)
    text = {"fontname": "Helvetica", "fontcolor": LIGHT.ink}
    drawing = graphviz.Digraph(
        graph_attr={"rankdir": direction, "label": title or "", "labelloc": "t", "fontsize": "17", **text},
        node_attr={"shape": "circle", "margin": "0.04", "color": LIGHT.muted, "fontsize": "14", **text},
        edge_attr={"fontsize": "13", **text},
    )
    for node in graph.nodes:
        drawing.node(node_name(node))
    for i, j, data in graph.edges(data=True):
        style = operation_style(data["operation"])
        lines = "solid" if not style.dashes else "dotted" if style.dashes[0] < 4 else "dashed"
        drawing.edge(
            node_name(i),
            node_name(j),
            label=data.get("label") or style.label,
            color=style.colour if data["live"] else LIGHT.grid,
            fontcolor=LIGHT.ink if data["live"] else LIGHT.muted,
            penwidth=f"{style.width:g}",
            style=lines,
        )
    return drawing


def dot_programs() -> list[str]:
    """The layout programs of this machine, best first: `dot`, then `graphviz-pure`."""
    beside_python = sysconfig.get_path("scripts")
    found = (shutil.which("dot"), shutil.which("graphviz-pure", path=beside_python), shutil.which("graphviz-pure"))
    return [program for program in found if program is not None]


@cache
def _name_the_program() -> None:
    """Tell the package graphviz which program to call, where the system has no `dot`."""
    from graphviz.backend import dot_command

    programs = dot_programs()
    if programs:
        dot_command.DOT_BINARY = Path(programs[0])
