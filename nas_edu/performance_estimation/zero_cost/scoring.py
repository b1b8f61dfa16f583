"""`score(network, inputs, targets)`: all proxies of one network on one batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import nn

from nas_edu.performance_estimation.zero_cost.fisher import fisher
from nas_edu.performance_estimation.zero_cost.grad_norm import grad_norm
from nas_edu.performance_estimation.zero_cost.jacob_cov import jacob_cov
from nas_edu.performance_estimation.zero_cost.l2_norm import l2_norm
from nas_edu.performance_estimation.zero_cost.macs import macs
from nas_edu.performance_estimation.zero_cost.nwot import nwot
from nas_edu.performance_estimation.zero_cost.params import params
from nas_edu.performance_estimation.zero_cost.plain import plain
from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Flagged, Probe
from nas_edu.performance_estimation.zero_cost.snip import snip
from nas_edu.performance_estimation.zero_cost.synflow import log_synflow, synflow

PROXIES: dict[str, Callable[[Probe], float]] = {
    proxy.__name__: proxy
    for proxy in (params, macs, l2_norm, grad_norm, snip, plain, fisher, synflow, log_synflow, nwot, jacob_cov)
}


def score(
    network: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, proxies: Iterable[str] | None = None
) -> dict[str, float]:
    """The value of each of `proxies` (default: all); where one has no value, `Flagged`: -inf with a `reason`.

    inputs (samples, channels, *positions), targets (samples,). The network may have any Conv1d, Conv2d, Linear,
    normalization and ReLU (module or function), and is left as it was. Raises ValueError for an unknown proxy, or
    where inputs and targets differ in length.
    """
    names = list(PROXIES) if proxies is None else list(proxies)
    for name in names:
        check_name(name)
    if len(inputs) != len(targets) or len(inputs) == 0:
        raise ValueError(f"one target for each input, at least one: got {len(inputs)} inputs, {len(targets)} targets")
    probe = Probe(network, inputs, targets)
    return {name: _value(PROXIES[name], probe) for name in names}


def check_name(name: str) -> None:
    if name not in PROXIES:
        raise ValueError(f"there is no proxy {name!r}; known are: {', '.join(PROXIES)}")


def _value(proxy: Callable[[Probe], float], probe: Probe) -> float:
    if not probe.inputs.isfinite().all():
        return Flagged("an input is not a finite number")
    try:
        value = proxy(probe)
    except DegenerateError as error:
        return Flagged(str(error))
    return value if math.isfinite(value) else Flagged(f"the value is {value}")
