"""How all views of a one-shot search read its steps, and how they choose a kind of cell.

A search over one kind of cell (TinyCell's "cell") needs no choice. Where alpha has several (DARTS: "normal" and
"reduce"), there is a view a kind:

    live(..., views=[*by_kind(mixed_cell), *by_kind(alpha_heat_map), losses])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from typing import Any

import numpy as np

from nas_edu.core import History, Step
from nas_edu.core.names import did_you_mean
from nas_edu.draw.marks import Panel
from nas_edu.search_spaces.tiny_cell import EDGES

POINTS = 64  # at most so many points a line: a frame must stay cheap, however long the search
NAMES = {"normal": "Normal cell", "reduce": "Reduction cell"}


def by_kind(
    view: Callable[..., Panel], kinds: Sequence[str] = ("normal", "reduce")
) -> list[Callable[[History], Panel]]:
    """The view once for each kind of cell."""
    return [update_wrapper(partial(view, kind=kind), view) for kind in kinds]


def kind_of(step: Step, kind: str | None) -> str:
    """The kind of cell to look at: the given one, or the only one.

    Raises ValueError for one that the step does not have, or where there are several and none was chosen.
    """
    kinds = [str(name) for name in step.alpha if name != "edge"]  # PC-DARTS' beta weighs edges, it is no cell
    if kind is None and len(kinds) == 1:
        return kinds[0]
    if kind is None:
        raise ValueError(f"this search has the cells {', '.join(kinds)}: show each by *by_kind(view, {kinds})")
    if kind not in kinds:
        raise ValueError(f"no cell {kind!r} in this search; it has {', '.join(kinds)}{did_you_mean(kind, kinds)}")
    return kind


def titled(kind: str | None, title: str) -> str:
    """The title of a panel, with its kind of cell where one was chosen."""
    return title if kind is None else f"{NAMES.get(kind, kind)}: {title[0].lower()}{title[1:]}"


def mixing(step: Step, kind: str | None = None) -> np.ndarray:
    """softmax(alpha) of one kind of cell: (edges, operations)."""
    alpha = np.asarray(step.alpha[kind_of(step, kind)], dtype=float)
    shifted = np.exp(alpha - alpha.max(axis=1, keepdims=True))
    p: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return p


def edges_of(rows: int) -> Sequence[tuple[int, int]]:
    """The edges (i, j) of alpha's rows: all i < j, sorted by j, in a cell of one input (TinyCell, 6 rows) or of two,
    between which there is none (DARTS, 14 rows). No number of rows belongs to both.
    """
    for inputs in (1, 2):
        edges, node = list[tuple[int, int]](), inputs
        while len(edges) < rows:
            edges += [(i, node) for i in range(node)]
            node += 1
        if len(edges) == rows:
            return edges
    raise ValueError(f"alpha has {rows} rows: not one for each edge of a cell with one or two inputs")


def edge_name(edge: Sequence[int]) -> str:
    return f"{edge[0]}-{edge[1]}"


EDGE_NAMES = tuple(map(edge_name, EDGES))  # of TinyCell


def operations(step: Step) -> list[str]:
    """Their names, in the order of alpha's columns."""
    return list(step.info["operations"])


def thinned(steps: list[Step]) -> list[Step]:
    """Every 2^k-th step, and the last one: so a line mostly grows at its end."""
    stride = 1
    while len(steps) > POINTS * stride:
        stride *= 2
    kept = steps[::stride]
    return kept if not steps or kept[-1] is steps[-1] else [*kept, steps[-1]]


def subtitle(steps: list[Step], text: str) -> str:
    return f"step {steps[-1].index + 1}: {text}" if steps else "no step yet"


def loss_points(steps: list[Step], name: str) -> list[tuple[float, Any]]:
    return [(step.index + 1, step.losses[name]) for step in steps if name in step.losses]
