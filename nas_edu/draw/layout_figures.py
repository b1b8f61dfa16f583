"""Bars, heat maps and tables: marks that bring their own rows and columns."""

from __future__ import annotations

import math
from typing import Any

from nas_edu.draw.marks import Bars, HeatMap, TextTable
from nas_edu.draw.picture import HEIGHT, WIDTH, Picture, colour, shorten, text_width

TOP, BOTTOM, LEFT, RIGHT = 58, HEIGHT - 10, 10, WIDTH - 10

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
    start = LEFT + max((text_width(name) for name in names), default=0) + 10
    room = RIGHT - start - text_width("0.0000")
    longest = bars.high if bars.high is not None else max(bars.values, default=0)
    height = _row_height(len(names), 34)
    for i, (name, value, fill) in enumerate(zip(names, bars.values, bars.colours, strict=True)):
        y = TOP + i * height
        width = room * max(0.0, min(value / longest, 1.0)) if longest > 0 else 0.0
        picture.write(f"name {i}", start - 8, y + height / 2 + 5, name, text_anchor="end")
        picture.add(f"bar {i}", "rect", x=start, y=y + height / 8, width=width, height=height * 3 / 4, fill=fill)
        picture.write(f"value {i}", start + width + 6, y + height / 2 + 5, f"{value:.3g}")
    for i, (name, value, key) in enumerate(zip(bars.names, bars.values, bars.keys, strict=False)):
        if key:
            place = {"x": LEFT, "y": TOP + i * height, "width": RIGHT - LEFT, "height": height}
            picture.hit(key, f"{name}: {value:.3g}", "rect", **place)


def lay_out_heat_map(heat_map: HeatMap, picture: Picture) -> None:
    rows = [shorten(name, 130) for name in heat_map.rows]
    left = LEFT + max((text_width(name) for name in rows), default=0) + 8
    width = (RIGHT - left) / max(len(heat_map.columns), 1)
    top = TOP + 14
    height = min(40.0, (BOTTOM - top) / max(len(rows), 1))
    for j, name in enumerate(heat_map.columns):
        picture.write(f"column {j}", left + (j + 0.5) * width, TOP + 6, shorten(name, width), text_anchor="middle")
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
        y = TOP + (i + 0.5) * height + 5
        picture.write(f"name {i}", LEFT, y, shorten(name, 170), fill=colour("muted"))
        picture.write(f"value {i}", LEFT + 180, y, shorten(value, WIDTH - 200), font_size=16)
    for i, ((name, value), key) in enumerate(zip(table.rows, table.keys, strict=False)):
        if key:
            box = {"x": LEFT, "y": TOP + i * height, "width": RIGHT - LEFT, "height": height}
            picture.hit(key, f"{name}: {value}", "rect", **box)


def _row_height(rows: int, wanted: float) -> float:
    return min(wanted, (BOTTOM - TOP) / max(rows, 1))


def _level(value: float, low: float, high: float) -> int:
    share = (value - low) / (high - low)
    return max(0, min(int(share * len(_CIVIDIS)), len(_CIVIDIS) - 1))
