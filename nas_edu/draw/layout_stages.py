"""Layers one after the other, in rows: boxes joined by lines, from the end of a row down to the start of the next."""

from __future__ import annotations

from nas_edu.draw.marks import StageBox, Stages
from nas_edu.draw.picture import HEIGHT, WIDTH, Picture, colour, text_width

TOP, BOTTOM, LEFT, RIGHT = 66, HEIGHT - 10, 10, WIDTH - 10
TALLEST, WIDEST, GAP, HEAD = 30, 64, 8, 6  # pixels: of a box, between two boxes, of an arrow head
MARKED = "#E69F00"

Box = tuple[float, float, float, float]  # x, y, width, height in pixels


def lay_out_stages(stages: Stages, picture: Picture) -> None:
    start = LEFT + max((text_width(label) for label, _ in stages.rows), default=0) + 14
    longest = max((len(layers) for _, layers in stages.rows), default=0)
    slot = min((RIGHT - start + GAP) / max(longest, 1), WIDEST + GAP)
    step = (BOTTOM - TOP) / max(len(stages.rows), 1)
    height = min(TALLEST, step - 16)
    before: list[Box] = []
    hits = []
    for i, (label, layers) in enumerate(stages.rows):
        y = TOP + i * step
        row: list[Box] = [(start + j * slot, y, slot - GAP, height) for j in range(len(layers))]
        picture.write(f"row {i}", LEFT, y + height / 2 + 5, label, fill=colour("muted"))
        if before and row:
            _turn(i, before[-1], row[0], picture)
        for j, (layer, box) in enumerate(zip(layers, row, strict=True)):
            _add_layer(f"{i} {j}", layer, box, j > 0, picture)
            hits += [(layer, box)] if layer.key else []
        before = row
    for layer, (x, y, width, tall) in hits:
        picture.hit(layer.key, layer.says, "rect", x=x, y=y, width=width, height=tall)


def _add_layer(name: str, layer: StageBox, box: Box, follows: bool, picture: Picture) -> None:
    x, y, width, height = box
    middle = y + height / 2
    ink = colour("ink")
    if follows:
        picture.add(f"line {name}", "path", d=f"M{x - GAP:.1f} {middle:.1f}H{x:.1f}", stroke=ink, stroke_width=2)
    look: dict[str, str | float] = (
        {"stroke": MARKED, "stroke_width": 5} if layer.marked else {"stroke": colour(layer.colour), "stroke_width": 2.5}
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


def _turn(row: int, source: Box, target: Box, picture: Picture) -> None:
    """Down from the middle of the last box, and over to the middle of the first one below."""
    x1, y1 = source[0] + source[2] / 2, source[1] + source[3]
    x2, y2 = target[0] + target[2] / 2, target[1]
    half = y1 + (y2 - HEAD - y1) / 2
    path = f"M{x1:.1f} {y1:.1f}L{x1:.1f} {half:.1f}L{x2:.1f} {half:.1f}L{x2:.1f} {y2 - HEAD:.1f}"
    picture.add(f"turn {row}", "path", d=path, fill="none", stroke=colour("ink"), stroke_width=2)
    head = f"M{x2:.1f} {y2 - 1:.1f}L{x2 - 5:.1f} {y2 - HEAD - 1:.1f}L{x2 + 5:.1f} {y2 - HEAD - 1:.1f}Z"
    picture.add(f"turn head {row}", "path", d=head, fill=colour("ink"))
