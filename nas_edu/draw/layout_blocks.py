"""Boxes joined by arrows, and running text: what a diagram of ideas consists of."""

from __future__ import annotations

import math
import textwrap

from nas_edu.draw.marks import Arrow, Box, Diagram, Prose
from nas_edu.draw.picture import HEIGHT, TEXT, WIDTH, Picture, colour, number, text_width

LEFT, TOP, RIGHT, BOTTOM = 10, 62, WIDTH - 10, HEIGHT - 8
LINE, HEAD, ROUND = 20, 11, 8  # pixels: from line to line, of an arrow head, of a corner
HIGHLIGHT = "#E69F00"

Place = tuple[float, float, float, float]  # x, y, width, height in pixels


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
    width, height = RIGHT - LEFT, BOTTOM - TOP
    return LEFT + block.x * width, TOP + block.y * height, block.width * width, block.height * height


def _add_box(index: int, block: Box, box: Place, picture: Picture) -> None:
    x, y, width, height = box
    edge: dict[str, str | float] = (
        {"stroke": HIGHLIGHT, "stroke_width": 4} if block.marked else {"stroke": colour("muted"), "stroke_width": 2}
    )
    dashes = "7 5" if block.frame else "none"
    picture.add(
        f"block {index}",
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=ROUND,
        fill="none",
        stroke_dasharray=dashes,
        **edge,
    )
    lines = block.text.split("\n")
    top = y + height - LINE * len(lines) + 12 if block.frame else y + (height - LINE * len(lines)) / 2 + 15
    middle = {"text_anchor": "middle", "font_weight": "normal" if block.frame else "bold"}
    for row, line in enumerate(lines):
        picture.write(f"block {index} line {row}", x + width / 2, top + LINE * row, line, **middle)


def _add_arrow(index: int, arrow: Arrow, source: Place, target: Place, picture: Picture) -> None:
    """A straight arrow from border to border, along the line between the centres, shifted to its left by `aside`."""
    (x1, y1), (x2, y2) = _centre(source), _centre(target)
    length = math.dist((x1, y1), (x2, y2))
    cos, sin = (x2 - x1) / length, (y2 - y1) / length
    dx, dy = arrow.aside * sin, -arrow.aside * cos
    start, end = _leave(source, cos, sin, 4), _leave(target, -cos, -sin, 4)
    (ax, ay), (bx, by) = (start[0] + dx, start[1] + dy), (end[0] + dx, end[1] + dy)
    neck = (bx - HEAD * cos, by - HEAD * sin)
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
    room = int((RIGHT - LEFT) / text_width("x"))
    y = TOP + 6.0
    for i, paragraph in enumerate(prose.paragraphs):
        for row, line in enumerate(textwrap.wrap(paragraph, room)):
            picture.write(f"paragraph {i} line {row}", LEFT, y, line)
            y += LINE
        y += 6
    if prose.link:
        linked = {"fill": "#0072B2", "text_decoration": "underline", "class": "nas-link", "data_href": prose.link}
        picture.write("link", LEFT, y, prose.link.removeprefix("https://"), role="link", tabindex="0", **linked)
        y += LINE
    if y - LINE > BOTTOM:
        raise ValueError(
            f"a panel holds about {int((BOTTOM - TOP) / LINE)} lines of {room} letters; this text is longer"
        )


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"
