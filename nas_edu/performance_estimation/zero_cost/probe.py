"""What the proxies share: a network that is borrowed and handed back as it was, and one backward pass for four of them.

`torch.func.functional_call` runs the network on detached views of its parameters and on copies of its buffers, and
gradients come from `torch.autograd.grad`. So no `.grad`, no `requires_grad` and no running statistic of the caller can
change, and nothing is deep-copied. Modes and the random state are put back afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import nn
from torch.overrides import TorchFunctionMode


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


class Intercept(TorchFunctionMode):
    """Within `with`, each of `functions` is replaced by `instead(function, args, kwargs)`.

    A module such as `nn.ReLU` calls the function too, so modules and functions are both found, each call once.
    """

    def __init__(self, functions: tuple[Callable, ...], instead: Callable) -> None:
        super().__init__()
        self.functions, self.instead = functions, instead

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in self.functions:
            return self.instead(function, args, kwargs or {})
        return function(*args, **(kwargs or {}))


@dataclass(frozen=True)
class Layer:
    """Of one convolution or linear layer: weight w and dL/dw; a * dL/da (samples, channels), summed over positions."""

    weight: torch.Tensor
    gradient: torch.Tensor
    saliency: torch.Tensor


class Probe:
    """A network and one batch, as the proxies see them."""

    def __init__(self, network: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> None:
        self.network, self.inputs, self.targets = network, inputs.detach(), targets

    @property
    def weighted(self) -> dict[str, nn.Module]:
        """The convolution and linear layers by name; proxies sum over their weights only, not over biases."""
        kinds = (nn.Conv1d, nn.Conv2d, nn.Linear)
        return {name: module for name, module in self.network.named_modules() if isinstance(module, kinds)}

    @contextmanager
    def borrowed(self, *, training: bool) -> Iterator[None]:
        """The network in train or eval mode; afterwards each module is in its own mode again, and so is the RNG."""
        modes = [(module, module.training) for module in self.network.modules()]
        try:
            with torch.random.fork_rng(), torch.enable_grad():
                self.network.train(training)
                yield
        finally:
            for module, mode in modes:
                module.training = mode

    def parameters(self, change: Callable[[torch.Tensor], torch.Tensor] = lambda w: w) -> dict[str, torch.Tensor]:
        """Leaves to differentiate by: the parameters, or what `change` makes of them."""
        return {name: change(p.detach()).requires_grad_() for name, p in self.network.named_parameters()}

    def forward(self, parameters: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        """Logits (samples, classes); running statistics are updated in copies that are thrown away."""
        dtype = inputs.dtype
        buffers = {
            name: buffer.detach().to(dtype, copy=True) if buffer.is_floating_point() else buffer.clone()
            for name, buffer in self.network.named_buffers()
        }
        return torch.func.functional_call(self.network, parameters | buffers, (inputs,))

    @cached_property
    def layers(self) -> list[Layer]:
        """One forward and backward pass of the mean cross-entropy L in train mode, for all proxies that need it.

        Raises DegenerateError where L does not depend on the inputs, or a gradient is not finite.
        """
        parameters, outputs = self.parameters(), []
        inputs = self.inputs.clone().requires_grad_()
        modules = self.weighted

        def keep(name: str, output: torch.Tensor) -> torch.Tensor:
            outputs.append((name, output))
            return output.clone()  # whatever comes next may work in place

        hooks = [
            module.register_forward_hook(lambda _, __, output, name=name: keep(name, output))
            for name, module in modules.items()
        ]
        try:
            with self.borrowed(training=True):
                loss = F.cross_entropy(self.forward(parameters, inputs), self.targets)
        finally:
            for hook in hooks:
                hook.remove()
        weights = [parameters[f"{name}.weight" if name else "weight"] for name in modules]
        wanted = [inputs, *weights, *(output for _, output in outputs)]
        by_inputs, *gradients = gradients_or_zeros(loss, wanted)
        if not by_inputs.any():
            raise DegenerateError("dead network: the loss does not depend on the inputs")
        if not all(gradient.isfinite().all() for gradient in gradients):
            raise DegenerateError("a gradient is not a finite number")
        by_weights, by_outputs = gradients[: len(weights)], gradients[len(weights) :]
        saliencies: dict[str, torch.Tensor] = {}
        for (name, output), gradient in zip(outputs, by_outputs, strict=True):
            product = (output * gradient).detach()
            if isinstance(modules[name], nn.Linear):
                product = product.movedim(-1, 1)  # channels are last there
            per_channel = product.reshape(*product.shape[:2], -1).sum(2)
            saliencies[name] = saliencies.get(name, 0) + per_channel  # a layer may be used more than once
        return [
            Layer(weight.detach(), gradient, saliencies.get(name, weight.new_zeros(1, len(weight))).detach())
            for name, weight, gradient in zip(modules, weights, by_weights, strict=True)
        ]


def gradients_or_zeros(value: torch.Tensor, by: list[torch.Tensor]) -> list[torch.Tensor]:
    """Derivatives of `value` by each of `by`; zeros where there is no path."""
    if not value.requires_grad:
        return [torch.zeros_like(x) for x in by]
    found = torch.autograd.grad(value, by, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(by, found, strict=True)]
