"""What a proxy sees, and what it may answer.

It sees a `Probe`: a network, borrowed and handed back as it was, one mini-batch, and passes that serve several proxies.
It answers with a number, or with `Drawn` where it is random; where it has no value it raises `DegenerateError`, which
`score` turns into `Flagged`.

`torch.func.functional_call` runs the network on detached views of its parameters and on copies of its buffers, and
gradients come from `torch.autograd.grad`. So no `.grad`, no `requires_grad` and no running statistic of the caller can
change, and nothing is deep-copied. Modes and the random state are put back afterwards.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode

Function = Callable[..., Any]  # one of torch
Change = Callable[[str, torch.Tensor], torch.Tensor]


class DegenerateError(ValueError):
    """The proxy has no value for this network and batch; the message says why."""


class Flagged(float):
    """Minus infinity with a `reason`: ranked last, and never to be taken for a measurement."""

    reason: str

    def __new__(cls, reason: str) -> Flagged:
        flagged = super().__new__(cls, "-inf")
        flagged.reason = reason
        return flagged

    def __repr__(self) -> str:
        return f"Flagged({self.reason!r})"


class Drawn(float):
    """The mean of `draws`, values of a random proxy, with their standard deviation as `spread`."""

    draws: tuple[float, ...]

    def __new__(cls, draws: Sequence[float]) -> Drawn:
        drawn = super().__new__(cls, statistics.fmean(draws))
        drawn.draws = tuple(draws)
        return drawn

    def __getnewargs__(self) -> tuple[Sequence[float]]:  # type: ignore[override]  # copies are made from the draws
        return (self.draws,)

    @property
    def spread(self) -> float:
        """Standard deviation of one draw; NaN for a single one. The mean is sqrt(number of draws) times as exact."""
        return statistics.stdev(self.draws) if len(self.draws) > 1 else math.nan


class Intercept(TorchFunctionMode):
    """Within `with`, each of `functions` is replaced by `instead(function, args, kwargs)`.

    A module such as `nn.ReLU` calls the function too, so modules and functions are both found, each call once.
    """

    def __init__(
        self, functions: tuple[Function, ...], instead: Callable[[Function, tuple[Any, ...], dict[str, Any]], Any]
    ) -> None:
        super().__init__()
        self.functions, self.instead = functions, instead

    def __torch_function__(
        self, function: Function, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if function in self.functions:
            return self.instead(function, args, kwargs or {})
        return function(*args, **(kwargs or {}))


@dataclass(frozen=True)
class WeightedLayer:
    """Of one convolution or linear layer: weight w and dL/dw; a * dL/da (samples, channels), summed over positions."""

    weight: torch.Tensor
    gradient: torch.Tensor
    saliency: torch.Tensor


class Probe:
    """A network and one batch, as the proxies see them.

    training         the mode in which the network meets the batch
    samples_at_once  cut the batch into pieces of so many samples, for less memory (eval mode only)
    generator        for all that is random: the draws of zen, the masks of dropout
    """

    def __init__(
        self,
        network: nn.Module,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        *,
        training: bool = True,
        samples_at_once: int | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        self.network, self.inputs, self.targets, self.training = network, inputs.detach(), targets, training
        self.samples_at_once = samples_at_once or len(inputs)
        self.generator = generator or torch.Generator().manual_seed(0)
        self._seed = int(torch.randint(2**62, (), generator=self.generator, device=self.generator.device))

    @property
    def pieces(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Inputs and targets, all at once or in pieces."""
        size = self.samples_at_once
        return zip(torch.split(self.inputs, size), torch.split(self.targets, size), strict=True)

    @property
    def weighted(self) -> dict[str, nn.Conv1d | nn.Conv2d | nn.Linear]:
        """The convolution and linear layers by name; proxies sum over their weights only, not over biases."""
        kinds = (nn.Conv1d, nn.Conv2d, nn.Linear)
        return {name: module for name, module in self.network.named_modules() if isinstance(module, kinds)}

    @contextmanager
    def borrowed(self, *, training: bool) -> Iterator[None]:
        """The network in train or eval mode, the RNG seeded; afterwards each module and the RNG are as they were."""
        modes = [(module, module.training) for module in self.network.modules()]
        try:
            with torch.random.fork_rng(), torch.enable_grad():
                torch.manual_seed(self._seed)
                self.network.train(training)
                yield
        finally:
            for module, mode in modes:
                module.training = mode

    def parameters(self, change: Change = lambda _, w: w) -> dict[str, torch.Tensor]:
        """Leaves to differentiate by: the parameters, or what `change(name, parameter)` makes of them.

        Each module is named once, and tied parameters have one leaf. So told, torch gives all of them back afterwards;
        left to tie weights itself, it forgets those of a module that the network holds under two names.
        """
        leaves: dict[int, torch.Tensor] = {}
        named: dict[str, torch.Tensor] = {}
        for path, module in self.network.named_modules():
            for own, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
                name = _joined(path, own)
                if id(parameter) not in leaves:
                    leaves[id(parameter)] = change(name, parameter.detach()).requires_grad_()
                named[name] = leaves[id(parameter)]
        return named

    def weights(self, parameters: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        """Of these parameters the weights of the convolution and linear layers, in the order of `weighted`."""
        return [parameters[_joined(path, "weight")] for path in self.weighted]

    def forward(self, parameters: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """Logits (samples, classes); running statistics are updated in copies that are thrown away."""
        buffers = {
            _joined(path, own): buffer.to(inputs.dtype, copy=True) if buffer.is_floating_point() else buffer.clone()
            for path, module in self.network.named_modules()
            for own, buffer in module.named_buffers(recurse=False, remove_duplicate=False)
        }
        logits: torch.Tensor = torch.func.functional_call(
            self.network, parameters | buffers, (inputs,), tie_weights=False
        )
        return logits

    def loss(self, parameters: dict[str, torch.Tensor], inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """What a piece of the batch adds to L, the mean cross-entropy of the whole batch."""
        return F.cross_entropy(self.forward(parameters, inputs), targets, reduction="sum") / len(self.inputs)

    @cached_property
    def layers(self) -> list[WeightedLayer]:
        """One forward and backward pass of the mean cross-entropy L, for all proxies that need it.

        Raises DegenerateError where L does not depend on the inputs, or a gradient is not finite.
        """
        found = [self._backward(inputs, targets) for inputs, targets in self.pieces]
        if not any(alive for alive, _ in found):
            raise DegenerateError("dead network: the loss does not depend on the inputs")
        layers = []
        for parts in zip(*(layers for _, layers in found), strict=True):
            gradient = reduce(torch.add, [part.gradient for part in parts])
            if not gradient.isfinite().all():
                raise DegenerateError("a gradient is not a finite number")
            layers.append(WeightedLayer(parts[0].weight, gradient, torch.cat([part.saliency for part in parts])))
        return layers

    def _backward(self, inputs: torch.Tensor, targets: torch.Tensor) -> tuple[bool, list[WeightedLayer]]:
        """Of one piece of the batch: whether the loss depends on the inputs at all, and the layers."""
        parameters, outputs, modules = self.parameters(), [], self.weighted
        inputs = inputs.clone().requires_grad_()

        def keep(name: str, output: torch.Tensor) -> torch.Tensor:
            outputs.append((name, output))
            return output.clone()  # whatever comes next may work in place

        hooks = [
            module.register_forward_hook(lambda _, __, output, name=name: keep(name, output))
            for name, module in modules.items()
        ]
        try:
            with self.borrowed(training=self.training):
                loss = self.loss(parameters, inputs, targets)
        finally:
            for hook in hooks:
                hook.remove()
        weights = self.weights(parameters)
        by_inputs, *gradients = gradients_or_zeros(loss, [inputs, *weights, *(output for _, output in outputs)])
        by_weights, by_outputs = gradients[: len(weights)], gradients[len(weights) :]
        saliencies: dict[str, torch.Tensor] = {}
        for (name, output), gradient in zip(outputs, by_outputs, strict=True):
            product = (output * gradient).detach()
            if isinstance(modules[name], nn.Linear):
                product = product.movedim(-1, 1)  # channels are last there
            per_channel = product.reshape(*product.shape[:2], -1).sum(2)
            saliencies[name] = saliencies.get(name, 0) + per_channel  # a layer may be used more than once
        layers = [
            WeightedLayer(weight.detach(), gradient, saliencies.get(name, weight.new_zeros(len(inputs), len(weight))))
            for name, weight, gradient in zip(modules, weights, by_weights, strict=True)
        ]
        return bool(by_inputs.any()), layers

    @cached_property
    def input_gradients(self) -> torch.Tensor:
        """Rows d(sum of logits)/dx, one a sample, in float64: (samples, numbers of a sample).

        Raises DegenerateError where a row has no correlation with others: constant, or not finite.
        """
        rows = []
        for inputs, _ in self.pieces:
            leaf = inputs.clone().requires_grad_()
            with self.borrowed(training=self.training):
                total = self.forward(self.parameters(), leaf).sum()
            rows += gradients_or_zeros(total, [leaf])
        by_inputs = torch.cat(rows).flatten(1).double()
        if not by_inputs.isfinite().all():
            raise DegenerateError("a gradient by the inputs is not a finite number")
        if (by_inputs == by_inputs[:, :1]).all(1).any():
            raise DegenerateError("the gradient by the inputs is constant for a sample: no correlation")
        return by_inputs


def gradients_or_zeros(
    value: torch.Tensor, by: list[torch.Tensor], *, create_graph: bool = False
) -> list[torch.Tensor]:
    """Derivatives of `value` by each of `by`; zeros where there is no path. `create_graph` to differentiate again."""
    if not value.requires_grad:
        return [torch.zeros_like(x) for x in by]
    found = torch.autograd.grad(value, by, allow_unused=True, create_graph=create_graph)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(by, found, strict=True)]


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
