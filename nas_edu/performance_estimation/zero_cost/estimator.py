"""From an architecture to a number: `ZeroCost("nwot", task)(architecture)`, and `score(network, inputs, targets)`.

ZeroCost      build the network, take the first mini-batch of the task, and `score`
score         all proxies that are asked for, of one `Probe`, so that one backward pass serves several of them
value         one proxy of a probe; where it has none, `Flagged` with the reason
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import nn

from nas_edu.core import Evaluation, Task
from nas_edu.core.names import did_you_mean
from nas_edu.networks import build
from nas_edu.performance_estimation.zero_cost.formulas import (
    epe_nas,
    fisher,
    grad_norm,
    grasp,
    jacob_cov,
    l2_norm,
    log_synflow,
    macs,
    params,
    plain,
    snip,
    synflow,
)
from nas_edu.performance_estimation.zero_cost.nwot import nwot
from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Drawn, Flagged, Probe
from nas_edu.performance_estimation.zero_cost.zen import zen

Sense = Literal["data", "labels", "gradients"]

# What each proxy looks at. One that does not see "data" gives the same answer for every task of one shape.
SEES: dict[Callable[[Probe], float], frozenset[Sense]] = {
    params: frozenset(),
    macs: frozenset(),
    l2_norm: frozenset(),
    zen: frozenset(),
    synflow: frozenset({"gradients"}),
    log_synflow: frozenset({"gradients"}),
    nwot: frozenset({"data"}),
    jacob_cov: frozenset({"data", "gradients"}),
    epe_nas: frozenset({"data", "labels", "gradients"}),
    grad_norm: frozenset({"data", "labels", "gradients"}),
    snip: frozenset({"data", "labels", "gradients"}),
    plain: frozenset({"data", "labels", "gradients"}),
    grasp: frozenset({"data", "labels", "gradients"}),
    fisher: frozenset({"data", "labels", "gradients"}),
}
PROXIES: dict[str, Callable[[Probe], float]] = {proxy.__name__: proxy for proxy in SEES}


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
        """The proxy of the canonical architecture as `score`; `cost` are the seconds that it took."""
        if epochs is not None or resume is not None:
            raise ValueError(f"{self.proxy} trains nothing: leave out epochs and resume")
        started = time.perf_counter()
        network = build(architecture.canonical, self.task, seed=self.seed).to(self.device)
        found = score(network, self.inputs, self.targets, [self.proxy])[self.proxy]
        if isinstance(found, Flagged):
            raise DegenerateError(found.reason)
        info: dict[str, Any] = {"proxy": self.proxy}
        if isinstance(found, Drawn):
            info["spread"] = found.spread
        return Evaluation(score=float(found), cost=time.perf_counter() - started, info=info)


def score(
    network: nn.Module,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    proxies: Iterable[str] | None = None,
    *,
    generator: torch.Generator | None = None,
    mode: Literal["train", "eval"] = "train",
    samples_at_once: int | None = None,
) -> dict[str, float]:
    """The value of each of `proxies` (default: all); where one has no value, `Flagged`: -inf with a `reason`.

    inputs (samples, channels, *positions), targets (samples,). The network may have any Conv1d, Conv2d, Linear,
    normalization and ReLU (module or function), and is left as it was.

    generator        for whatever is random; by default the same draws each time. A random proxy answers with a `Drawn`.
    mode             in which the network meets the batch: published codes use train mode, and so do we by default
    samples_at_once  in eval mode, look at the batch in pieces of so many samples: the same score for less memory

    Raises ValueError for an unknown proxy or mode, where inputs and targets differ in length, and for pieces in train
    mode: there batch normalization looks at the whole batch, and pieces would give another score.
    """
    names = list(PROXIES) if proxies is None else list(proxies)
    for name in names:
        check_name(name)
    if len(inputs) != len(targets) or len(inputs) == 0:
        raise ValueError(f"one target for each input, at least one: got {len(inputs)} inputs, {len(targets)} targets")
    if mode not in ("train", "eval"):
        raise ValueError(f"mode must be 'train' or 'eval', got {mode!r}")
    if samples_at_once is not None and samples_at_once < 1:
        raise ValueError(f"samples_at_once must be at least 1, got {samples_at_once}")
    if samples_at_once is not None and mode == "train":
        raise ValueError("in train mode the batch cannot be cut: batch normalization looks at all of it; mode='eval'")
    probe = Probe(
        network, inputs, targets, training=mode == "train", samples_at_once=samples_at_once, generator=generator
    )
    return {name: value(name, probe) for name in names}


def value(name: str, probe: Probe) -> float:
    """One proxy, or `Flagged` with the reason why it has no value."""
    if not probe.inputs.isfinite().all():
        return Flagged("an input is not a finite number")
    try:
        found = PROXIES[name](probe)
    except DegenerateError as error:
        return Flagged(str(error))
    return found if math.isfinite(found) else Flagged(f"the value is {found}")


def check_name(name: str) -> None:
    """Raises ValueError, with the known names, for an unknown proxy."""
    if name not in PROXIES:
        raise ValueError(f"there is no proxy {name!r}; known are: {', '.join(PROXIES)}{did_you_mean(name, PROXIES)}")
