"""From a panel to a picture: title, subtitle, and the body by the kind of its marks."""

from __future__ import annotations

from nas_edu.draw.graphs import lay_out_graph
from nas_edu.draw.layout_blocks import lay_out_diagram, lay_out_prose
from nas_edu.draw.layout_figures import lay_out_bars, lay_out_heat_map, lay_out_table
from nas_edu.draw.layout_plot import lay_out_plot
from nas_edu.draw.layout_stages import lay_out_stages
from nas_edu.draw.layout_wheel import lay_out_wheel
from nas_edu.draw.marks import Bars, Diagram, Graph, HeatMap, Panel, Prose, Stages, TextTable, Wheel
from nas_edu.draw.picture import TITLE, WIDTH, Picture, colour, shorten


def lay_out(panel: Panel) -> Picture:
    """The elements of a panel. The body lies below y = 54."""
    picture = Picture(panel.alt or f"{panel.title}. {panel.subtitle}".strip())
    picture.write("title", 10, 20, shorten(panel.title, WIDTH - 20, TITLE), font_size=TITLE, font_weight="bold")
    picture.write("subtitle", 10, 42, shorten(panel.subtitle, WIDTH - 20), fill=colour("muted"))
    match panel.marks:
        case [Bars() as bars]:
            lay_out_bars(bars, picture)
        case [HeatMap() as heat_map]:
            lay_out_heat_map(heat_map, picture)
        case [Graph() as graph]:
            lay_out_graph(graph, picture)
        case [Wheel() as wheel]:
            lay_out_wheel(wheel, picture)
        case [TextTable() as table]:
            lay_out_table(table, picture)
        case [Diagram() as blocks]:
            lay_out_diagram(blocks, picture)
        case [Stages() as stages]:
            lay_out_stages(stages, picture)
        case [Prose() as prose]:
            lay_out_prose(prose, picture)
        case _:
            lay_out_plot(panel.marks, panel.x, panel.y, picture)  # type: ignore[arg-type]  # Panel has checked them
    return picture
