"""The kink experiment of lecture 8: is the published second-order gradient of DARTS the second-order gradient?

`darts.py` beside this file runs and stores it. Three supernets, on signals of MNIST-1D: a small one, of one cell of
three nodes whose edges mix a skip connection, a pooling and an activation with a convolution; the lecture's TinyCell
supernet; and that of the DARTS space, small. With ReLU (and maximum pooling, where there is any) the loss has kinks;
with softplus and average pooling it is smooth. The exact gradient is that of automatic differentiation in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Task
from nas_edu.data import load
from nas_edu.one_shot import DARTSCellSupernet, MixedOperation, Supernet, TinyCellSupernet, architecture_gradient

# How a supernet is made from (task, kind, seed), samples in a mini-batch, and steps of training before.
SIZES: dict[str, tuple[Callable[[Task, str, int], Supernet], int, int]] = {
    "one cell, 4 channels": (lambda task, kind, seed: SmallSupernet(4, kind, task.classes), 64, 20),
    "one cell, 16 channels": (lambda task, kind, seed: SmallSupernet(16, kind, task.classes), 64, 20),
    "TinyCell, 3 stages": (lambda task, kind, seed: _of_kind(kind, TinyCellSupernet(task, seed=seed)), 64, 20),
    "DARTSCell, 5 cells": (lambda task, kind, seed: _darts_cells(1, task, kind, seed), 16, 20),
    "DARTSCell, 5 cells, untrained": (lambda task, kind, seed: _darts_cells(1, task, kind, seed), 16, 1),
    "DARTSCell, 8 cells, untrained": (lambda task, kind, seed: _darts_cells(2, task, kind, seed), 16, 1),
}
KINDS = ("kinks", "smooth")
SEEDS = range(3)
RATES = (0.025, 0.1)
EDGES = ((0, 1), (0, 2), (1, 2))
WAYS = {  # xi times this, product, radius, type
    "first order": (0, "exact", 0.01, torch.float64),
    "published": (1, "finite_difference", 0.01, torch.float32),
    "radius 0.01, float64": (1, "finite_difference", 0.01, torch.float64),
    "radius 1e-6, float64": (1, "finite_difference", 1e-6, torch.float64),
}


class SmallSupernet(Supernet):
    """Signals (samples, 1, length) to logits, with or without kinks."""

    def __init__(self, channels: int, kind: str, classes: int) -> None:
        super().__init__()
        self.names = ("skip", "pool", "conv")
        smooth = kind == "smooth"

        def mixed() -> MixedOperation:
            activation = nn.Softplus() if smooth else nn.ReLU()
            pool = nn.AvgPool1d(3, 1, 1) if smooth else nn.MaxPool1d(3, 1, 1)
            convolution = nn.Conv1d(channels, channels, 3, padding=1, bias=False)
            norm = nn.BatchNorm1d(channels, affine=False, track_running_stats=False)
            return MixedOperation(
                {"skip": nn.Identity(), "pool": pool, "conv": nn.Sequential(activation, convolution, norm)}
            )

        self.stem = nn.Conv1d(1, channels, 3, padding=1)
        self.edges = nn.ModuleList(mixed() for _ in EDGES)
        self.head = nn.Linear(channels, classes)
        self.alpha = nn.ParameterDict({"cell": nn.Parameter(0.5 * torch.randn(len(EDGES), 3))})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, *weights = self.stem(x), *self.mixing()["cell"]
        second = self.edges[0](first, weights[0])
        third = self.edges[1](first, weights[1]) + self.edges[2](second, weights[2])
        return self.head(third.mean(-1))

    def argmax(self) -> tuple[int, ...]:
        return tuple(self.alpha["cell"].argmax(1).tolist())


def _darts_cells(normal_cells: int, task: Task, kind: str, seed: int) -> Supernet:
    """Normal cells, a reduction, and so on: 5 or 8 cells of 8 operations on 14 edges each, 4 channels."""
    return _of_kind(kind, DARTSCellSupernet(task, channels=4, normal_cells=normal_cells, seed=seed))


def _of_kind(kind: str, supernet: Supernet) -> Supernet:
    """With kinks as it is; smooth with softplus for ReLU, and with the mean for the maximum."""
    for parent in list(supernet.modules()):
        for name, child in list(parent.named_children()):
            if kind == "smooth" and isinstance(child, nn.ReLU):
                setattr(parent, name, nn.Softplus())
            if kind == "smooth" and isinstance(child, nn.MaxPool1d):
                setattr(parent, name, nn.AvgPool1d(child.kernel_size, child.stride, child.padding))
    return supernet


def kinks() -> Iterator[dict[str, Any]]:
    """For each kind, size, xi and seed: cosine to the exact gradient, and distance from it relative to its length."""
    for kind in KINDS:
        for size in SIZES:
            for rate in RATES:
                for seed in SEEDS:
                    yield {"kind": kind, "size": size, "xi": rate, "seed": seed} | compared(kind, size, rate, seed)


def compared(kind: str, size: str, rate: float, seed: int) -> dict[str, Any]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        task = load("mnist1d")
        make, batch, warm_up = SIZES[size]
        supernet = make(task, kind, seed)
        inputs, targets = torch.from_numpy(task.train.inputs), torch.from_numpy(task.train.targets)
        order = torch.randperm(len(inputs))[: batch * (warm_up + 2)]
        batches = [(inputs[chosen], targets[chosen]) for chosen in order.split(batch)]
    *earlier, train, validation = batches
    optimizer = torch.optim.SGD(supernet.weights().values(), rate, momentum=0.9, weight_decay=3e-4)
    for x, y in earlier:  # fills the momentum buffers
        optimizer.zero_grad()
        F.cross_entropy(supernet(x), y).backward()
        optimizer.step()

    def gradient(factor: int, product: str, radius: float, kind_of_number: torch.dtype) -> torch.Tensor:
        model, stepper = _copy(supernet, optimizer, kind_of_number)
        first, second = ((x.to(kind_of_number), y) for x, y in (train, validation))
        found = architecture_gradient(
            model, first, second, xi=factor * rate, optimizer=stepper, product=product, radius=radius
        )
        return torch.cat([part.double().flatten() for part in found.alpha.values()])

    exact = gradient(1, "exact", 0.01, torch.float64)
    found = {way: gradient(*how) for way, how in WAYS.items()}
    return {
        "cosine": {way: round(F.cosine_similarity(g, exact, dim=0).item(), 6) for way, g in found.items()},
        "distance": {way: float(f"{(g - exact).norm() / exact.norm():.4g}") for way, g in found.items()},
    }


def _copy(supernet: Supernet, optimizer: torch.optim.SGD, kind: torch.dtype) -> tuple[Supernet, torch.optim.SGD]:
    """Both once more, in numbers of another kind."""
    model = deepcopy(supernet).to(kind)
    copied = torch.optim.SGD(model.weights().values(), optimizer.defaults["lr"], momentum=0.9, weight_decay=3e-4)
    for old, new in zip(supernet.weights().values(), model.weights().values(), strict=True):
        copied.state[new]["momentum_buffer"] = optimizer.state[old]["momentum_buffer"].to(kind)
    return model, copied
