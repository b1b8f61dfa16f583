"""How all views of a one-shot search read its steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from nas_edu.core import Step
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

POINTS = 64  # at most so many points a line: a frame must stay cheap, however long the search


def thinned(steps: list[Step]) -> list[Step]:
    """Every 2^k-th step, and the last one: so a line mostly grows at its end."""
    stride = 1
    while len(steps) > POINTS * stride:
        stride *= 2
    kept = steps[::stride]
    return kept if not steps or kept[-1] is steps[-1] else [*kept, steps[-1]]


def mixing(step: Step) -> np.ndarray:
    """softmax(alpha) of a TinyCell search: (6, operations)."""
    alpha = np.asarray(step.alpha["cell"] if isinstance(step.alpha, dict) else step.alpha, dtype=float)
    shifted = np.exp(alpha - alpha.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def operations(steps: list[Step]) -> list[str]:
    """In the order of alpha's columns, as the last step tells it; without a step, those of TinyCell."""
    return list(steps[-1].info["operations"]) if steps else list(OPERATIONS)


def edge_name(edge: tuple[int, int]) -> str:
    return f"{edge[0]}-{edge[1]}"


EDGE_NAMES = tuple(map(edge_name, EDGES))


def subtitle(steps: list[Step], text: str) -> str:
    return f"step {steps[-1].index + 1}: {text}" if steps else "no step yet"


def loss_points(steps: list[Step], name: str) -> list[tuple[float, Any]]:
    return [(step.index + 1, step.losses[name]) for step in steps if name in step.losses]
