"""From a panel to a picture: title and subtitle, and below them, by the kind of its marks, the body.

Plots and graphs have files of their own, `axes` and `graphs`; here are the marks that bring their own rows and columns:
bars, heat maps, tables of text, wheels, stages of a network, diagrams and prose.
"""

from __future__ import annotations

import math
import textwrap
from typing import Any

from nas_edu.draw.axes import lay_out_plot
from nas_edu.draw.graphs import lay_out_graph
from nas_edu.draw.marks import (
    Arrow,
    Bars,
    Box,
    Diagram,
    Graph,
    HeatMap,
    Panel,
    Prose,
    StageBox,
    Stages,
    TextTable,
    Wheel,
)
from nas_edu.draw.picture import HEIGHT, TEXT, TITLE, WIDTH, Picture, colour, number, shorten, text_width


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


# --- bars, heat maps, tables ------------------------------------------------------------------------------------------


_TOP, _BOTTOM, _LEFT, _RIGHT = 58, HEIGHT - 10, 10, WIDTH - 10

HIGHLIGHT_FRAME = "#D55E00"  # stands out from all of cividis

# matplotlib's cividis, reversed, at ten even places: reads the same with any colour vision
_CIVIDIS = (
    "#fee838",
    "#e1cc55",
    "#c3b369",
    "#a59c74",
    "#8a8678",
    "#707173",
    "#575d6d",
    "#3b496c",
    "#123570",
    "#00224e",
)


def lay_out_bars(bars: Bars, picture: Picture) -> None:
    names = [shorten(name, 150) for name in bars.names]
    start = _LEFT + max((text_width(name) for name in names), default=0) + 10
    room = _RIGHT - start - text_width("0.0000")
    longest = bars.high if bars.high is not None else max(bars.values, default=0)
    height = _row_height(len(names), 34)
    for i, (name, value, fill) in enumerate(zip(names, bars.values, bars.colours, strict=True)):
        y = _TOP + i * height
        width = room * max(0.0, min(value / longest, 1.0)) if longest > 0 else 0.0
        picture.write(f"name {i}", start - 8, y + height / 2 + 5, name, text_anchor="end")
        picture.add(f"bar {i}", "rect", x=start, y=y + height / 8, width=width, height=height * 3 / 4, fill=fill)
        picture.write(f"value {i}", start + width + 6, y + height / 2 + 5, f"{value:.3g}")
    for i, (name, value, key) in enumerate(zip(bars.names, bars.values, bars.keys, strict=False)):
        if key:
            place = {"x": _LEFT, "y": _TOP + i * height, "width": _RIGHT - _LEFT, "height": height}
            picture.hit(key, f"{name}: {value:.3g}", "rect", **place)


def lay_out_heat_map(heat_map: HeatMap, picture: Picture) -> None:
    rows = [shorten(name, 130) for name in heat_map.rows]
    left = _LEFT + max((text_width(name) for name in rows), default=0) + 8
    width = (_RIGHT - left) / max(len(heat_map.columns), 1)
    top = _TOP + 14
    height = min(40.0, (_BOTTOM - top) / max(len(rows), 1))
    for j, name in enumerate(heat_map.columns):
        picture.write(f"column {j}", left + (j + 0.5) * width, _TOP + 6, shorten(name, width), text_anchor="middle")
    for i, (name, values) in enumerate(zip(rows, heat_map.values, strict=True)):
        y = top + i * height
        picture.write(f"row {i}", left - 8, y + height / 2 + 5, name, text_anchor="end")
        for j, value in enumerate(values):
            if math.isnan(value):
                picture.write(
                    f"figure {i} {j}", left + (j + 0.5) * width, y + height / 2 + 5, "–", text_anchor="middle"
                )
                continue
            level = _level(value, heat_map.low, heat_map.high)
            box: dict[str, Any] = {"x": left + j * width + 1, "y": y + 1, "width": width - 2, "height": height - 2}
            picture.add(f"cell {i} {j}", "rect", fill=_CIVIDIS[level], **box)
            if width >= 42 and height >= 18:
                ink = "#ffffff" if level >= 5 else "#000000"
                place = left + (j + 0.5) * width, y + height / 2 + 5
                picture.write(f"figure {i} {j}", *place, f"{value:.{heat_map.digits}f}", fill=ink, text_anchor="middle")
    for i, j in heat_map.marked:
        box = {"x": left + j * width + 1, "y": top + i * height + 1, "width": width - 2, "height": height - 2}
        picture.add(f"frame {i} {j}", "rect", fill="none", stroke=HIGHLIGHT_FRAME, stroke_width=4, **box)
    for i, keys in enumerate(heat_map.keys):
        for j, key in enumerate(keys):
            if key:
                box = {"x": left + j * width, "y": top + i * height, "width": width, "height": height}
                says = f"{heat_map.rows[i]}, {heat_map.columns[j]}: {heat_map.values[i][j]:.{heat_map.digits}f}"
                picture.hit(key, says, "rect", **box)


def lay_out_table(table: TextTable, picture: Picture) -> None:
    height = _row_height(len(table.rows), 30)
    for i, (name, value) in enumerate(table.rows):
        y = _TOP + (i + 0.5) * height + 5
        picture.write(f"name {i}", _LEFT, y, shorten(name, 170), fill=colour("muted"))
        picture.write(f"value {i}", _LEFT + 180, y, shorten(value, WIDTH - 200), font_size=16)
    for i, ((name, value), key) in enumerate(zip(table.rows, table.keys, strict=False)):
        if key:
            box = {"x": _LEFT, "y": _TOP + i * height, "width": _RIGHT - _LEFT, "height": height}
            picture.hit(key, f"{name}: {value}", "rect", **box)


def _row_height(rows: int, wanted: float) -> float:
    return min(wanted, (_BOTTOM - _TOP) / max(rows, 1))


def _level(value: float, low: float, high: float) -> int:
    share = (value - low) / (high - low)
    return max(0, min(int(share * len(_CIVIDIS)), len(_CIVIDIS) - 1))


# --- a wheel of fortune -----------------------------------------------------------------------------------------------


_CENTRE = WIDTH / 2, (58 + HEIGHT) / 2
_RADIUS = 96
_NARROW = 0.03  # of the whole: a sector narrower than this has no name beside it


def lay_out_wheel(wheel: Wheel, picture: Picture) -> None:
    total = sum(wheel.weights)
    start = 0.0
    for i, (name, weight, fill) in enumerate(zip(wheel.names, wheel.weights, wheel.colours, strict=True)):
        share = weight / total if total > 0 else 1 / len(wheel.names)
        stroke, width = (HIGHLIGHT_FRAME, 5) if i == wheel.chosen else (colour("background"), 2)
        sector = _sector(start, start + share)
        picture.add(f"sector {i}", "path", d=sector, fill=fill, stroke=stroke, stroke_width=width)
        if share >= _NARROW:
            (x, y), anchor = _at(start + share / 2, _RADIUS + 14), _anchor(start + share / 2)
            picture.write(f"name {i}", x, y + 5, f"{name} {share:.0%}", text_anchor=anchor)
        start += share
    if wheel.chosen is not None:  # once more, so that no neighbour covers its frame
        before = sum(wheel.weights[: wheel.chosen]) / total if total > 0 else wheel.chosen / len(wheel.names)
        share = wheel.weights[wheel.chosen] / total if total > 0 else 1 / len(wheel.names)
        frame = _sector(before, before + share)
        picture.add("chosen", "path", d=frame, fill="none", stroke=HIGHLIGHT_FRAME, stroke_width=5)
    if wheel.pointer is not None:
        tip, left, right = (
            _at(wheel.pointer, _RADIUS - 16),
            *(_at(wheel.pointer + d, _RADIUS + 8) for d in (-0.02, 0.02)),
        )
        shape = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (tip, left, right)) + "Z"
        picture.add("pointer", "path", d=shape, fill=colour("ink"), stroke=colour("background"), stroke_width=1.5)


def _at(turn: float, radius: float) -> tuple[float, float]:
    """The point at so many turns clockwise from above."""
    angle = 2 * math.pi * turn
    return _CENTRE[0] + radius * math.sin(angle), _CENTRE[1] - radius * math.cos(angle)


def _anchor(turn: float) -> str:
    side = math.sin(2 * math.pi * turn)
    return "start" if side > 0.15 else "end" if side < -0.15 else "middle"


def _sector(start: float, stop: float) -> str:
    """From the centre to the rim, along it, and back; the rim in cubics of at most an eighth of a turn."""
    pieces = max(1, math.ceil(8 * (stop - start)))
    step = (stop - start) / pieces
    reach = 4 / 3 * math.tan(2 * math.pi * step / 4) * _RADIUS  # with handles of this length, cubics come closest
    (x, y), path = _at(start, _RADIUS), [f"M{_CENTRE[0]:.1f} {_CENTRE[1]:.1f}"]
    path.append(f"L{x:.1f} {y:.1f}")
    for piece in range(pieces):
        before, after = 2 * math.pi * (start + piece * step), 2 * math.pi * (start + (piece + 1) * step)
        (x1, y1), (x2, y2) = (_at(turn / (2 * math.pi), _RADIUS) for turn in (before, after))
        handles = (
            (x1 + reach * math.cos(before), y1 + reach * math.sin(before)),
            (x2 - reach * math.cos(after), y2 - reach * math.sin(after)),
        )
        path.append("C" + " ".join(f"{u:.1f} {v:.1f}" for u, v in (*handles, (x2, y2))))
    return "".join(path) + "Z"


# --- layers in rows ---------------------------------------------------------------------------------------------------


_STAGES_TOP = 66
_TALLEST, _WIDEST, _GAP, _STAGES_HEAD = 30, 64, 8, 6  # pixels: of a box, between two boxes, of an arrow head
_MARKED = "#E69F00"

Place = tuple[float, float, float, float]  # x, y, width, height in pixels


def lay_out_stages(stages: Stages, picture: Picture) -> None:
    start = _LEFT + max((text_width(label) for label, _ in stages.rows), default=0) + 14
    longest = max((len(layers) for _, layers in stages.rows), default=0)
    slot = min((_RIGHT - start + _GAP) / max(longest, 1), _WIDEST + _GAP)
    step = (_BOTTOM - _STAGES_TOP) / max(len(stages.rows), 1)
    height = min(_TALLEST, step - 16)
    before: list[Place] = []
    hits = []
    for i, (label, layers) in enumerate(stages.rows):
        y = _STAGES_TOP + i * step
        row: list[Place] = [(start + j * slot, y, slot - _GAP, height) for j in range(len(layers))]
        picture.write(f"row {i}", _LEFT, y + height / 2 + 5, label, fill=colour("muted"))
        if before and row:
            _turn(i, before[-1], row[0], picture)
        for j, (layer, box) in enumerate(zip(layers, row, strict=True)):
            _add_layer(f"{i} {j}", layer, box, j > 0, picture)
            hits += [(layer, box)] if layer.key else []
        before = row
    for layer, (x, y, width, tall) in hits:
        picture.hit(layer.key, layer.says, "rect", x=x, y=y, width=width, height=tall)


def _add_layer(name: str, layer: StageBox, box: Place, follows: bool, picture: Picture) -> None:
    x, y, width, height = box
    middle = y + height / 2
    ink = colour("ink")
    if follows:
        picture.add(f"line {name}", "path", d=f"M{x - _GAP:.1f} {middle:.1f}H{x:.1f}", stroke=ink, stroke_width=2)
    look: dict[str, str | float] = (
        {"stroke": _MARKED, "stroke_width": 5}
        if layer.marked
        else {"stroke": colour(layer.colour), "stroke_width": 2.5}
    )
    dashes = "4 4" if layer.faded else "none"
    picture.add(
        f"box {name}", "rect", x=x, y=y, width=width, height=height, rx=5, fill="none", stroke_dasharray=dashes, **look
    )
    fill = colour("muted") if layer.faded else ink
    weight = "bold" if layer.marked else "normal"
    picture.write(
        f"text {name}", x + width / 2, middle + 5, layer.text, text_anchor="middle", fill=fill, font_weight=weight
    )


def _turn(row: int, source: Place, target: Place, picture: Picture) -> None:
    """Down from the middle of the last box, and over to the middle of the first one below."""
    x1, y1 = source[0] + source[2] / 2, source[1] + source[3]
    x2, y2 = target[0] + target[2] / 2, target[1]
    half = y1 + (y2 - _STAGES_HEAD - y1) / 2
    path = f"M{x1:.1f} {y1:.1f}L{x1:.1f} {half:.1f}L{x2:.1f} {half:.1f}L{x2:.1f} {y2 - _STAGES_HEAD:.1f}"
    picture.add(f"turn {row}", "path", d=path, fill="none", stroke=colour("ink"), stroke_width=2)
    head = f"M{x2:.1f} {y2 - 1:.1f}L{x2 - 5:.1f} {y2 - _STAGES_HEAD - 1:.1f}L{x2 + 5:.1f} {y2 - _STAGES_HEAD - 1:.1f}Z"
    picture.add(f"turn head {row}", "path", d=head, fill=colour("ink"))


# --- boxes joined by arrows, and prose --------------------------------------------------------------------------------


_DIAGRAM_TOP, _DIAGRAM_BOTTOM = 62, HEIGHT - 8
_LINE, _HEAD, _ROUND = 20, 11, 8  # pixels: from line to line, of an arrow head, of a corner


def lay_out_diagram(diagram: Diagram, picture: Picture) -> None:
    boxes = [_place(block) for block in diagram.boxes]
    for i, (block, box) in enumerate(zip(diagram.boxes, boxes, strict=True)):
        _add_box(i, block, box, picture)
    for i, arrow in enumerate(diagram.arrows):
        _add_arrow(i, arrow, boxes[arrow.source], boxes[arrow.target], picture)
    for block, (x, y, width, height) in zip(diagram.boxes, boxes, strict=True):
        if block.key:
            picture.hit(block.key, block.text.replace("\n", ", "), "rect", x=x, y=y, width=width, height=height)


def _place(block: Box) -> Place:
    width, height = _RIGHT - _LEFT, _DIAGRAM_BOTTOM - _DIAGRAM_TOP
    return _LEFT + block.x * width, _DIAGRAM_TOP + block.y * height, block.width * width, block.height * height


def _add_box(index: int, block: Box, box: Place, picture: Picture) -> None:
    x, y, width, height = box
    edge: dict[str, str | float] = (
        {"stroke": _MARKED, "stroke_width": 4} if block.marked else {"stroke": colour("muted"), "stroke_width": 2}
    )
    dashes = "7 5" if block.frame else "none"
    picture.add(
        f"block {index}",
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=_ROUND,
        fill="none",
        stroke_dasharray=dashes,
        **edge,
    )
    lines = block.text.split("\n")
    top = y + height - _LINE * len(lines) + 12 if block.frame else y + (height - _LINE * len(lines)) / 2 + 15
    middle = {"text_anchor": "middle", "font_weight": "normal" if block.frame else "bold"}
    for row, line in enumerate(lines):
        picture.write(f"block {index} line {row}", x + width / 2, top + _LINE * row, line, **middle)


def _add_arrow(index: int, arrow: Arrow, source: Place, target: Place, picture: Picture) -> None:
    """A straight arrow from border to border, along the line between the centres, shifted to its left by `aside`."""
    (x1, y1), (x2, y2) = _centre(source), _centre(target)
    length = math.dist((x1, y1), (x2, y2))
    cos, sin = (x2 - x1) / length, (y2 - y1) / length
    dx, dy = arrow.aside * sin, -arrow.aside * cos
    start, end = _leave(source, cos, sin, 4), _leave(target, -cos, -sin, 4)
    (ax, ay), (bx, by) = (start[0] + dx, start[1] + dy), (end[0] + dx, end[1] + dy)
    neck = (bx - _HEAD * cos, by - _HEAD * sin)
    wings = [(neck[0] + side * 6 * sin, neck[1] - side * 6 * cos) for side in (1, -1)]
    ink: dict[str, str | float] = {"stroke": colour("ink"), "stroke_width": 2.5}
    picture.add(f"arrow {index}", "path", d=f"M{_pair((ax, ay))}L{_pair(neck)}", fill="none", **ink)
    tip = f"M{_pair((bx, by))}L{_pair(wings[0])}L{_pair(wings[1])}Z"
    picture.add(f"tip {index}", "path", d=tip, fill=colour("ink"))
    x, y = (ax + bx) / 2, (ay + by) / 2
    if abs(cos) > abs(sin):  # a lying arrow carries its label on its outer side, a standing one beside it
        y += -8 if arrow.aside * cos >= 0 else TEXT + 6
        picture.write(f"arrow {index} label", x, y, arrow.label, text_anchor="middle")
    else:
        picture.write(f"arrow {index} label", x + 8, y + 5, arrow.label)


def _centre(box: Place) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def _leave(box: Place, cos: float, sin: float, gap: float) -> tuple[float, float]:
    """Where the ray from the centre in this direction leaves the box, `gap` pixels further on."""
    x, y = _centre(box)
    reach = min(box[2] / 2 / abs(cos) if cos else math.inf, box[3] / 2 / abs(sin) if sin else math.inf) + gap
    return x + reach * cos, y + reach * sin


def lay_out_prose(prose: Prose, picture: Picture) -> None:
    """Paragraphs, wrapped; what does not fit below the last line is an error of whoever wrote it."""
    room = int((_RIGHT - _LEFT) / text_width("x"))
    y = _DIAGRAM_TOP + 6.0
    for i, paragraph in enumerate(prose.paragraphs):
        for row, line in enumerate(textwrap.wrap(paragraph, room)):
            picture.write(f"paragraph {i} line {row}", _LEFT, y, line)
            y += _LINE
        y += 6
    if prose.link:
        linked = {"fill": "#0072B2", "text_decoration": "underline", "class": "nas-link", "data_href": prose.link}
        picture.write("link", _LEFT, y, prose.link.removeprefix("https://"), role="link", tabindex="0", **linked)
        y += _LINE
    if y - _LINE > _DIAGRAM_BOTTOM:
        raise ValueError(
            f"a panel holds about {int((_DIAGRAM_BOTTOM - _DIAGRAM_TOP) / _LINE)} lines of {room} letters; "
            "this text is longer"
        )


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"
