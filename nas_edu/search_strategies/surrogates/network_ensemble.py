"""BANANAS' surrogate: a few small networks learn to predict scores; where they disagree, little is known.

    m(a)   = mean over networks j = 1, ..., M of f_j(e(a)),    s(a) their standard deviation        section 4
    loss_j = mean over trials of |f_j(e(a)) - y|                                                    (see below)

e(a) is the path encoding where the space has one. Networks that begin with different weights agree near what they have
seen, and need not agree elsewhere.

Source: White, Neiswanger & Savani, "BANANAS", AAAI 2021. The whole method is this surrogate with independent Thompson
sampling, and mutations of the best as candidates:

    partial(bayesian_optimization, surrogate=NetworkEnsemble, acquisition=thompson_sampling,
            maximizer=mutations_of_the_best)

Shapes: inputs (n, d); weights of all networks at once, (M, d, width): one batched product trains all five.

Simplified: two hidden layers of 32 instead of ten of 20, and the mean absolute error of standardised scores instead of
a percentage error, which asks for a lower bound of the scores. The details that matter: full batches, 100 steps of Adam
from scratch at each fit; refitted after every trial, where the paper trains ten architectures between two fits.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

NETWORKS, WIDTH, STEPS, LEARNING_RATE = 5, 32, 100, 0.01


class NetworkEnsemble:
    """Five networks on `space.encode(architecture, encoding)`; without a name the path encoding, or else one_hot."""

    def __init__(self, space: Any, encoding: str | None = None, device: str | torch.device = "cpu") -> None:
        self.space, self.encoding, self.device = space, encoding, device

    def fit(self, architectures: Sequence[Any], scores: np.ndarray, rng: random.Random) -> None:
        import torch

        generator = torch.Generator().manual_seed(rng.getrandbits(32))  # on the CPU: equal weights on every device
        x = self._vectors(architectures)
        self._mean, self._scale = scores.mean(), scores.std() or 1.0
        y = torch.tensor((scores - self._mean) / self._scale, dtype=torch.float32, device=self.device)
        self._layers = []
        for inputs, outputs in ((x.shape[1], WIDTH), (WIDTH, WIDTH), (WIDTH, 1)):
            weight = torch.randn(NETWORKS, inputs, outputs, generator=generator) * (2 / inputs) ** 0.5
            bias = torch.zeros(NETWORKS, 1, outputs)
            self._layers.append([p.to(self.device).requires_grad_() for p in (weight, bias)])
        parameters = [p for layer in self._layers for p in layer]
        optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)
        for _ in range(STEPS):
            optimizer.zero_grad()
            # The sum over networks: none of them sees the gradient of another.
            (self._forward(x) - y).abs().mean(dim=1).sum().backward()
            optimizer.step()

    def predict(self, architectures: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
        import torch

        with torch.no_grad():
            each = self._mean + self._scale * self._forward(self._vectors(architectures)).cpu().numpy().astype(float)
        return each.mean(axis=0), each.std(axis=0)

    def _forward(self, x: torch.Tensor) -> torch.Tensor:
        """The predictions of all networks: (M, n)."""
        import torch

        hidden = x.expand(NETWORKS, *x.shape)
        for weight, bias in self._layers[:-1]:
            hidden = torch.relu(torch.baddbmm(bias, hidden, weight))
        weight, bias = self._layers[-1]
        return torch.baddbmm(bias, hidden, weight).squeeze(-1)

    def _vectors(self, architectures: Sequence[Any]) -> torch.Tensor:
        import torch

        if self.encoding is None:
            self.encoding = _best_encoding(self.space, architectures[0])
        vectors = np.stack([self.space.encode(one, self.encoding) for one in architectures])
        return torch.tensor(vectors, dtype=torch.float32, device=self.device)


def _best_encoding(space: Any, architecture: Any) -> str:
    try:
        space.encode(architecture, "path")
    except ValueError:
        return "one_hot"
    return "path"
