"""A task small enough that a whole training takes a fraction of a second: 300 signals in three classes."""

from __future__ import annotations

import numpy as np

from nas_edu.core import Split, Task


def tiny_task(*, dimensions: int = 1, name: str = "tiny", scale: float = 1.0) -> Task:
    """Noise plus a bump whose place tells the class; 200 samples to train on, 50 to validate, 50 to test."""
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, 300)
    inputs = rng.normal(0, 0.5, (300, 1, 12 if dimensions == 1 else 36)).astype(np.float32)
    for place in range(4):
        inputs[np.arange(300), 0, 4 * targets + place] += 2
    inputs = np.float32(scale) * (inputs if dimensions == 1 else inputs.reshape(300, 1, 6, 6))
    parts = (slice(0, 200), slice(200, 250), slice(250, 300))
    return Task(name, *(Split(inputs[part], targets[part]) for part in parts), classes=3)
