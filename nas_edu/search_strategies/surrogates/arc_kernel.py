"""The Arc kernel: two architectures are compared on what both of them have, and pay a fixed price for the rest.

In a conditional space layer 5 has a kernel size only if there are five layers. Each hyperparameter i is put on an arc
of radius omega in the plane, and into its centre where it does not exist:

    g_i(a) = (0, 0)                                                      if a has no hyperparameter i
             omega (sin(pi rho x), cos(pi rho x))                        otherwise, x in [0, 1] its value      section 2
    k(a, b) = exp(-sum over i of |g_i(a) - g_i(b)|^2)

So a pair costs 0 where neither has i, omega^2 where one has it, and 2 omega^2 (1 - cos(pi rho |x - x'|)) where both do.
As the g_i are points of a Euclidean space, this is a squared-exponential kernel and positive semi-definite.

Source: Swersky, Duvenaud, Snoek, Hutter & Osborne, "Raiders of the Lost Architecture", 2013. Simplified: all
hyperparameters share one omega and one rho.

The details that matter: numbers lie on the arc in the order of `choices`. Config without order are all as far from
each other as the ends of the arc. With more than two of them no arc does that; but unit vectors with equal inner
products cos(pi rho) do, where cos(pi rho) >= 0. So rho <= 1/2 here. Beyond, with four kinds of layer, say, the kernel
has negative eigenvalues: a test shows one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nas_edu.search_strategies.surrogates.encoding_kernel import HammingKernel


class ArcKernel:
    """The hyperparameters of `space`, which may have conditions; theta = (omega, rho)."""

    start = (0.5, 0.25)
    bounds = ((0.02, 5.0), (0.01, 0.5))

    def __init__(self, space: Any) -> None:
        self._codes = HammingKernel(space).codes
        # How far one step in the order of the choices leads along the arc; without an order any step leads to its end.
        self._steps = np.array(
            [1 / max(1, len(h.choices) - 1) if _is_ordered(h.choices) else 1.0 for h in space.hyperparameters]
        )

    def distances(self, one: Sequence[Any], other: Sequence[Any]) -> np.ndarray:
        """|x - x'| for each hyperparameter that both have, -1 for those that only one has, else 0: (n, m, H)."""
        x, y = self._codes(one)[:, None], self._codes(other)[None]
        apart = np.abs(x - y)
        gaps = np.minimum(1.0, apart * self._steps)
        return np.where((x < 0) & (y < 0), 0.0, np.where((x < 0) | (y < 0), -1.0, gaps))

    def gram(self, distances: np.ndarray, theta: np.ndarray) -> np.ndarray:
        omega, rho = theta
        squared = np.where(distances < 0, 1.0, 2 * (1 - np.cos(np.pi * rho * distances)))
        return np.exp(-(omega**2) * squared.sum(axis=-1))


def _is_ordered(choices: Sequence[Any]) -> bool:
    return all(isinstance(choice, int) and not isinstance(choice, bool) for choice in choices)
