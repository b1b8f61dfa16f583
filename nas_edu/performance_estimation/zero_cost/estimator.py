"""`ZeroCost(proxy, task)`: a proxy as a performance estimation that every strategy can call."""

from __future__ import annotations

import time
from typing import Any

import torch

from nas_edu.core import Evaluation, Task
from nas_edu.networks import build
from nas_edu.performance_estimation.zero_cost.scoring import check_name, score
from nas_edu.performance_estimation.zero_cost.value import DegenerateError, Drawn, Flagged


class ZeroCost:
    """Score an architecture by `proxy` on the first `batch_size` training samples of `task`, untrained.

    The network has the same initial weights that `Train` with this seed begins with. Of a random proxy `info` holds the
    spread over its draws. Raises DegenerateError with the reason where the proxy has no value; `run_trial` makes that a
    failed trial, ranked last. Raises ValueError for an unknown proxy, and for `epochs` or `resume`: nothing is trained.
    """

    def __init__(
        self, proxy: str, task: Task, *, batch_size: int = 64, seed: int = 0, device: str | torch.device = "cpu"
    ) -> None:
        check_name(proxy)
        self.proxy, self.task, self.seed, self.device = proxy, task, seed, device
        self.inputs = torch.as_tensor(task.train.inputs[:batch_size]).to(device)
        self.targets = torch.as_tensor(task.train.targets[:batch_size]).to(device)

    def __call__(
        self, architecture: Any, *, epochs: float | None = None, resume: Evaluation | None = None
    ) -> Evaluation:
        if epochs is not None or resume is not None:
            raise ValueError(f"{self.proxy} trains nothing: leave out epochs and resume")
        started = time.perf_counter()
        network = build(architecture.canonical, self.task, seed=self.seed).to(self.device)
        value = score(network, self.inputs, self.targets, [self.proxy])[self.proxy]
        if isinstance(value, Flagged):
            raise DegenerateError(value.reason)
        info: dict[str, Any] = {"proxy": self.proxy}
        if isinstance(value, Drawn):
            info["spread"] = value.spread
        return Evaluation(score=float(value), cost=time.perf_counter() - started, info=info)
