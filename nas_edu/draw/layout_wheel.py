"""A wheel of fortune: sectors, their names around it, and the pointer."""

from __future__ import annotations

import math

from nas_edu.draw.layout_figures import HIGHLIGHT_FRAME
from nas_edu.draw.marks import Wheel
from nas_edu.draw.picture import HEIGHT, WIDTH, Picture, colour

CENTRE = WIDTH / 2, (58 + HEIGHT) / 2
RADIUS = 96
NARROW = 0.03  # of the whole: a sector narrower than this has no name beside it


def lay_out_wheel(wheel: Wheel, picture: Picture) -> None:
    total = sum(wheel.weights)
    start = 0.0
    for i, (name, weight, fill) in enumerate(zip(wheel.names, wheel.weights, wheel.colours, strict=True)):
        share = weight / total if total > 0 else 1 / len(wheel.names)
        stroke, width = (HIGHLIGHT_FRAME, 5) if i == wheel.chosen else (colour("background"), 2)
        sector = _sector(start, start + share)
        picture.add(f"sector {i}", "path", d=sector, fill=fill, stroke=stroke, stroke_width=width)
        if share >= NARROW:
            (x, y), anchor = _at(start + share / 2, RADIUS + 14), _anchor(start + share / 2)
            picture.write(f"name {i}", x, y + 5, f"{name} {share:.0%}", text_anchor=anchor)
        start += share
    if wheel.chosen is not None:  # once more, so that no neighbour covers its frame
        before = sum(wheel.weights[: wheel.chosen]) / total if total > 0 else wheel.chosen / len(wheel.names)
        share = wheel.weights[wheel.chosen] / total if total > 0 else 1 / len(wheel.names)
        frame = _sector(before, before + share)
        picture.add("chosen", "path", d=frame, fill="none", stroke=HIGHLIGHT_FRAME, stroke_width=5)
    if wheel.pointer is not None:
        tip, left, right = _at(wheel.pointer, RADIUS - 16), *(_at(wheel.pointer + d, RADIUS + 8) for d in (-0.02, 0.02))
        shape = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (tip, left, right)) + "Z"
        picture.add("pointer", "path", d=shape, fill=colour("ink"), stroke=colour("background"), stroke_width=1.5)


def _at(turn: float, radius: float) -> tuple[float, float]:
    """The point at so many turns clockwise from above."""
    angle = 2 * math.pi * turn
    return CENTRE[0] + radius * math.sin(angle), CENTRE[1] - radius * math.cos(angle)


def _anchor(turn: float) -> str:
    side = math.sin(2 * math.pi * turn)
    return "start" if side > 0.15 else "end" if side < -0.15 else "middle"


def _sector(start: float, stop: float) -> str:
    """From the centre to the rim, along it, and back; the rim in cubics of at most an eighth of a turn."""
    pieces = max(1, math.ceil(8 * (stop - start)))
    step = (stop - start) / pieces
    reach = 4 / 3 * math.tan(2 * math.pi * step / 4) * RADIUS  # with handles of this length, cubics come closest
    (x, y), path = _at(start, RADIUS), [f"M{CENTRE[0]:.1f} {CENTRE[1]:.1f}"]
    path.append(f"L{x:.1f} {y:.1f}")
    for piece in range(pieces):
        before, after = 2 * math.pi * (start + piece * step), 2 * math.pi * (start + (piece + 1) * step)
        (x1, y1), (x2, y2) = (_at(turn / (2 * math.pi), RADIUS) for turn in (before, after))
        handles = (
            (x1 + reach * math.cos(before), y1 + reach * math.sin(before)),
            (x2 - reach * math.cos(after), y2 - reach * math.sin(after)),
        )
        path.append("C" + " ".join(f"{u:.1f} {v:.1f}" for u, v in (*handles, (x2, y2))))
    return "".join(path) + "Z"
