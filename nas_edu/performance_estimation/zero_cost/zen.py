"""zen: log E ||f(x) - f(x + a e)||_F + sum over batch normalizations of log s, a = 0.01 (Lin et al. 2021, algorithm 1).

f is the feature map before global pooling; inputs x, noise e and all weights are drawn from N(0, 1), biases are zero;
s^2 is a batch normalization's variance of x, averaged over channels: what it divides out is multiplied back. So it
asks how much a network of that shape can do to its input, whatever the task.

Higher is meant to be better. The paper is followed. The authors' code sums |f(x) - f(x + a e)| instead of the Frobenius
norm, and takes running averages that two passes have left between 1 and the variance; the paper also takes out skip
connections, which no longer would be the cell that is to be judged.

Random, so the value is the mean of some draws and carries them (`Drawn`).
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Drawn, Function, Probe

ALPHA = 0.01
DRAWS = 4


def zen(probe: Probe) -> Drawn:
    """Log E ||f(x) - f(x + a e)||_F + sum over batch normalizations of log s, a = 0.01 (Lin et al. 2021, algorithm 1).

    Sees no data (its shape only), no labels, no gradients. Train mode only: s comes from the batch.
    """
    if not probe.training:
        raise DegenerateError("zen is made of the statistics of a batch: it has no value in eval mode")
    return Drawn([_one_draw(probe) for _ in range(DRAWS)])


def _one_draw(probe: Probe) -> float:
    parameters = _normal_weights(probe)
    x = _normal(probe, probe.inputs)
    with probe.borrowed(training=True), torch.no_grad():
        with _Watch(len(x)) as clean:
            probe.forward(parameters, x)
        with _Watch(len(x)) as noisy:
            probe.forward(parameters, x + ALPHA * _normal(probe, x))
    if clean.feature_map is None:
        raise DegenerateError("no feature map with more than one position was found")
    change = (clean.feature_map - noisy.feature_map).flatten(1).norm(dim=1).mean().item()
    if change == 0:
        raise DegenerateError("dead network: nothing of the inputs reaches the feature map")
    if not all(clean.variances):
        raise DegenerateError("a batch normalization sees the same number everywhere")
    return math.log(change) + sum(0.5 * math.log(variance) for variance in clean.variances)


def _normal_weights(probe: Probe) -> dict[str, torch.Tensor]:
    """N(0, 1) for convolution and linear weights, ones for other weights (of normalizations), zeros for biases."""
    weighted = {f"{path}.weight" if path else "weight" for path in probe.weighted}

    def draw(name: str, parameter: torch.Tensor) -> torch.Tensor:
        if name in weighted:
            return _normal(probe, parameter)
        return torch.zeros_like(parameter) if name.endswith("bias") else torch.ones_like(parameter)

    return probe.parameters(draw)


def _normal(probe: Probe, like: torch.Tensor) -> torch.Tensor:
    device = probe.generator.device
    return torch.randn(like.shape, generator=probe.generator, dtype=like.dtype, device=device).to(like.device)


class _Watch(TorchFunctionMode):
    """Remembers the last feature map (samples, channels, *positions) of a forward pass, and the s^2 on its way."""

    def __init__(self, samples: int) -> None:
        super().__init__()
        self.samples = samples
        self.feature_map: torch.Tensor | None = None
        self.variances: list[float] = []

    def __torch_function__(
        self, function: Function, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if function is F.batch_norm:
            x = args[0]
            centered = x - x.mean([0, *range(2, x.dim())], keepdim=True)
            self.variances.append(centered.square().mean().item())
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and self._is_feature_map(result.shape):
            self.feature_map = result
        return result

    def _is_feature_map(self, shape: torch.Size) -> bool:
        return len(shape) > 2 and shape[0] == self.samples and math.prod(shape[2:]) > 1
