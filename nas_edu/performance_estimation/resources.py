"""Resources: how large and how fast is an architecture, and what if it may not be larger or slower than that?

    max over a of score(a)    subject to    resource_k(a) <= limit_k    for every limit

    evaluate = WithResources(Train(task), {"parameters": partial(parameters, task=task)}, limits={"parameters": 5000})

An estimator around another one, so every strategy obeys the limits and none of them knows. Resources are measured
first. An architecture over a limit is not evaluated but refused, and `run_trial` makes that a failed trial: it counts
as one evaluation of the budget, costs no training, has score -inf and never becomes the best. All others carry the
figures in `evaluation.objectives`, so without limits this is how to trade them off (`nsga2`).

Parameters and MACs are the same everywhere. Latency is a measurement of this machine at this moment: two searches with
one seed may differ by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median
from typing import Any

import torch

from nas_edu.core import Evaluate, Evaluation, Task
from nas_edu.core.names import did_you_mean
from nas_edu.networks import build, count_macs, count_parameters


class InfeasibleError(ValueError):
    """An architecture needs more of a resource than is allowed."""


class WithResources:
    """`evaluate`, with the figures of `resources` (name -> function of an architecture) among the objectives.

    Raises InfeasibleError, instead of an evaluation, where a figure exceeds its limit; ValueError for a limit on
    something that is not measured.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        resources: Mapping[str, Callable[[Any], float]],
        *,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.evaluate, self.resources, self.limits = evaluate, dict(resources), dict(limits or {})
        for name in self.limits:
            if name not in self.resources:
                hint = did_you_mean(name, self.resources)
                raise ValueError(f"there is a limit for {name!r}, but measured are: {', '.join(resources)}{hint}")

    def __call__(self, architecture: Any, **fidelity: Any) -> Evaluation:
        figures = {name: resource(architecture) for name, resource in self.resources.items()}
        for name, limit in self.limits.items():
            if figures[name] > limit:
                raise InfeasibleError(f"{name} {figures[name]:g}, allowed are {limit:g}")
        evaluation = self.evaluate(architecture, **fidelity)
        return replace(evaluation, objectives={**evaluation.objectives, **figures})


def parameters(architecture: Any, task: Task) -> int:
    """Trainable numbers of the network that is trained for `architecture`: that of its canonical form."""
    return count_parameters(build(architecture.canonical, task))


def macs(architecture: Any, task: Task) -> int:
    """Multiply-accumulate operations for one sample."""
    return count_macs(build(architecture.canonical, task), task.input_shape)


def latency(
    architecture: Any,
    task: Task,
    *,
    batch_size: int = 1,
    repeats: int = 20,
    device: str | torch.device = "cpu",
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds for one batch: the median over `repeats` forward passes, after a quarter as many that do not count."""
    network = build(architecture.canonical, task).to(device).eval()
    inputs = torch.zeros(batch_size, *task.input_shape, device=device)
    cuda = torch.device(device).type == "cuda"
    seconds = []
    with torch.no_grad():
        for _ in range(repeats + repeats // 4):
            started = clock()
            network(inputs)
            if cuda:
                torch.cuda.synchronize(device)
            seconds.append(clock() - started)
    return median(seconds[repeats // 4 :])
