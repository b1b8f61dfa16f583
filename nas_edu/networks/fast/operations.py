"""The operations of `FastTinyCell`: each computes forward and backward by hand, in memory that it owns.

An operation is made once, for one place in the network and one shape of input. `forward` fills `output.data` from the
data of its inputs; `backward` takes `output.gradient`, the gradient of the loss by its output, gives its inputs theirs,
and sets `.grad` of its parameters. An operation whose output had no influence on the loss has nothing to do.

C channels in, D channels out, K taps (3 on a signal, 9 on an image), N samples, L positions (on images, H x W of them).
Layout: channels first, so that a convolution is one matrix product. Signals are (C, N, L). Images are (C, H, W, N), for
shifted copies of short rows take long; on signals that matters little.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import torch

from nas_edu.networks.operations import AnyModule, ReLUConvBN


class Value:
    """What stands at one place of the network: its data, and the gradient of the loss by them once that is known."""

    def __init__(self, data: torch.Tensor) -> None:
        self.data = data
        self.gradient: torch.Tensor | None = None

    def receive(self, gradient: torch.Tensor) -> None:
        """Gradients of all uses add up. Never in place: the summand may be another operation's memory."""
        self.gradient = gradient if self.gradient is None else self.gradient + gradient


def position_axes(x: torch.Tensor) -> tuple[int, ...]:
    """Which axes of (C, N, L) or (C, H, W, N) are places in the signal or image."""
    return (2,) if x.dim() == 3 else (1, 2)


def _at(x: torch.Tensor, slices: Iterable[slice]) -> torch.Tensor:
    """The view of x with one slice for each position axis."""
    index = [slice(None)] * x.dim()
    for axis, one in zip(position_axes(x), slices, strict=True):
        index[axis] = one
    return x[tuple(index)]


class Widen:
    """A 1x1 convolution with bias: y = W x + b, W (D, C). With `x_matters` false, x is given no gradient."""

    def __init__(self, conv: AnyModule, x: Value, *, x_matters: bool) -> None:
        self.conv, self.x, self.x_matters = conv, x, x_matters
        self.columns = x.data.view(x.data.shape[0], -1)  # (C, N L)
        self.weight, self.bias = conv.weight.detach().flatten(1), conv.bias.detach()[:, None]
        self.y = x.data.new_empty(len(self.bias), self.columns.shape[1])
        self.output = Value(self.y.view(-1, *x.data.shape[1:]))

    def forward(self) -> None:
        torch.addmm(self.bias, self.weight, self.columns, out=self.y)

    def backward(self) -> None:
        if self.output.gradient is None:
            return
        by_y = self.output.gradient.view(self.y.shape)
        self.conv.weight.grad = (by_y @ self.columns.t()).view(self.conv.weight.shape)
        self.conv.bias.grad = by_y.sum(1)
        if self.x_matters:
            self.x.receive((self.weight.t() @ by_y).view(self.x.data.shape))


class Halve:
    """Average pairs of neighbours, on images blocks of four. A last position without a partner is dropped."""

    def __init__(self, x: Value) -> None:
        self.x = x
        evens = [x.data.shape[axis] // 2 * 2 for axis in position_axes(x.data)]
        places = list(itertools.product(*[(slice(0, n, 2), slice(1, n, 2)) for n in evens]))
        self.parts = [_at(x.data, place) for place in places]
        self.output = Value(torch.empty_like(self.parts[0], memory_format=torch.contiguous_format))
        self.by_x = torch.zeros_like(x.data)
        self.by_parts = [_at(self.by_x, place) for place in places]

    def forward(self) -> None:
        y = self.output.data
        torch.add(self.parts[0], self.parts[1], out=y)
        for part in self.parts[2:]:
            y += part
        y /= len(self.parts)

    def backward(self) -> None:
        if self.output.gradient is None:
            return
        by_part = self.output.gradient / len(self.parts)
        for part in self.by_parts:
            part.copy_(by_part)
        self.x.receive(self.by_x)


class Average:
    """Mean of each value and its neighbours, those outside left out: `avg_pool_3x3`, on images one axis at a time."""

    def __init__(self, x: Value) -> None:
        self.x = x
        self.output = Value(torch.empty_like(x.data))
        self.axes = position_axes(x.data)
        ones = x.data.new_ones([size if axis in self.axes else 1 for axis, size in enumerate(x.data.shape)])
        count = _sum_of_neighbours(ones, self.axes)
        self.count = count.expand(x.data.shape).contiguous()  # dividing by short rows, again and again, takes longer

    def forward(self) -> None:
        torch.div(_sum_of_neighbours(self.x.data, self.axes), self.count, out=self.output.data)

    def backward(self) -> None:
        if self.output.gradient is None:
            return
        *others, last = self.axes
        by_sum = _sum_of_neighbours(self.output.gradient / self.count, others)
        neighbours = torch.zeros_like(by_sum)
        _add_shifted(by_sum, neighbours, last)
        self.x.receive(by_sum)  # along the last axis in two parts: so automatic differentiation adds them, too
        self.x.receive(neighbours)


def _sum_of_neighbours(x: torch.Tensor, axes: Iterable[int]) -> torch.Tensor:
    """Left neighbour + value + right neighbour along each of `axes`; zero outside."""
    for axis in axes:
        total = x.clone()
        _add_shifted(x, total, axis)
        x = total
    return x


def _add_shifted(source: torch.Tensor, target: torch.Tensor, axis: int) -> None:
    others = source.shape[axis] - 1
    target.narrow(axis, 1, others).add_(source.narrow(axis, 0, others))
    target.narrow(axis, 0, others).add_(source.narrow(axis, 1, others))


class Sum:
    """y = a + b, where two edges end in one node."""

    def __init__(self, a: Value, b: Value) -> None:
        self.a, self.b = a, b
        self.output = Value(torch.empty_like(a.data))

    def forward(self) -> None:
        torch.add(self.a.data, self.b.data, out=self.output.data)

    def backward(self) -> None:
        if self.output.gradient is not None:
            self.a.receive(self.output.gradient)
            self.b.receive(self.output.gradient)


class Columns:
    """relu(x) once for each tap of a convolution, shifted to where the tap looks; zeros outside. (K C, N L)

    All convolutions of one kernel that read x share it. The zeros are written once: no step touches them.
    """

    def __init__(self, x: Value, kernel: tuple[int, ...]) -> None:
        places = _places_of_taps(kernel)
        by_tap = x.data.new_zeros(len(places), *x.data.shape)
        self.matrix = by_tap.view(-1, x.data[0].numel())
        self.pairs = [
            (_at(x.data, seen), _at(tap, written)) for tap, (written, seen) in zip(by_tap, places, strict=True)
        ]

    def forward(self) -> None:
        for source, target in self.pairs:
            torch.clamp_min(source, 0, out=target)

    def backward(self) -> None:
        """Nothing: each convolution gives x its own gradient."""


class ColumnsGradient:
    """Memory for the gradient by the columns, (K C, N L), and from it that by relu(x), (C, N, L).

    All convolutions of one kernel and shape share it, one after another: what was used a moment ago is near.
    """

    def __init__(self, x: torch.Tensor, kernel: tuple[int, ...]) -> None:
        places = _places_of_taps(kernel)
        by_tap = x.new_empty(len(places), *x.shape)
        self.matrix = by_tap.view(-1, x[0].numel())
        middle = len(places) // 2
        self.by_relu = by_tap[middle]  # the middle tap sees all of x, so what the others saw is added to it
        pairs = [
            (_at(self.by_relu, seen), _at(tap, written)) for tap, (written, seen) in zip(by_tap, places, strict=True)
        ]
        self.pairs = pairs[:middle] + pairs[middle + 1 :]

    def by_matrix(self, weight: torch.Tensor, by_y: torch.Tensor) -> torch.Tensor:
        """The gradient by relu(x) for y = weight columns; valid until the next call."""
        torch.mm(weight.t(), by_y, out=self.matrix)
        for target, source in self.pairs:
            target += source
        return self.by_relu


def _places_of_taps(kernel: tuple[int, ...]) -> list[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """For each tap: where it has something to write, and what it sees there, a slice for each position axis."""
    taps = itertools.product(*[range(-(size // 2), size // 2 + 1) for size in kernel])
    return [tuple(zip(*map(_overlap, offsets), strict=True)) for offsets in taps]


def _overlap(offset: int) -> tuple[slice, slice]:
    """Along one axis, for a tap at `offset`, -1, 0 or 1: where it has something to write, and what it sees there."""
    front, back, whole = slice(None, -1), slice(1, None), slice(None)
    return {-1: (back, front), 0: (whole, whole), 1: (front, back)}[offset]


def _as_matrix(weight: torch.Tensor) -> torch.Tensor:
    """(D, C, *kernel) -> (D, K, C), a view whose taps lie outside, as in `Columns`."""
    return weight.flatten(2).transpose(1, 2)


class TrainReLUConvBN:
    """ReLU, convolution, batch normalization over all N L positions of the mini-batch; one backward pass for all three.

    y = W columns(relu(x))       z = gamma (y - mean) / sqrt(variance + eps) + beta
    """

    conv: AnyModule
    norm: AnyModule

    def __init__(self, module: ReLUConvBN, x: Value, columns: Columns, columns_gradient: ColumnsGradient) -> None:
        _, self.conv, self.norm = module
        self.x, self.columns, self.columns_gradient = x, columns.matrix, columns_gradient
        self.weight = _as_matrix(self.conv.weight.detach())  # (D, K, C), follows the parameter
        self.weight_by_tap = torch.empty_like(self.weight, memory_format=torch.contiguous_format)
        self.weight_matrix = self.weight_by_tap.flatten(1)
        self.gamma, self.beta = self.norm.weight.detach(), self.norm.bias.detach()
        self.beta_column = self.beta[:, None]
        self.running = self.norm.running_mean, self.norm.running_var, self.norm.num_batches_tracked
        self.momentum, self.eps = self.norm.momentum, self.norm.eps
        self.y = x.data.new_empty(len(self.weight), self.columns.shape[1])
        self.z = torch.empty_like(self.y)
        self.output = Value(self.z.view(-1, *x.data.shape[1:]))

    def forward(self) -> None:
        self.weight_by_tap.copy_(self.weight)
        torch.mm(self.weight_matrix, self.columns, out=self.y)
        count = self.y.shape[1]
        self.mean = self.y.sum(1).div_(count)  # torch.var_mean takes ten times as long as these two passes
        torch.sub(self.y, self.mean[:, None], out=self.z)
        variance = torch.linalg.vector_norm(self.z, dim=1).square_().div_(count)
        self.inverse_deviation = torch.rsqrt(variance + self.eps)
        self.z.mul_((self.gamma * self.inverse_deviation)[:, None]).add_(self.beta_column)
        mean, deviation, batches = self.running
        mean.lerp_(self.mean, self.momentum)
        deviation.lerp_(variance.mul_(count / (count - 1)), self.momentum)
        batches.add_(1)

    def backward(self) -> None:
        if self.output.gradient is None:
            return
        by_output = self.output.gradient.view(1, *self.y.shape)
        statistics = None, None, self.mean, self.inverse_deviation
        by_y, by_gamma, by_beta = torch.ops.aten.native_batch_norm_backward(
            by_output, self.y[None], self.gamma, *statistics, True, self.eps, [True, True, True]
        )
        by_y = by_y[0]
        by_weight = (by_y @ self.columns.t()).view(self.weight.shape)  # (D, K, C)
        self.conv.weight.grad = by_weight.transpose(1, 2).reshape(self.conv.weight.shape).contiguous()
        self.norm.weight.grad, self.norm.bias.grad = by_gamma, by_beta
        by_relu = self.columns_gradient.by_matrix(self.weight_matrix, by_y)
        self.x.receive(torch.ops.aten.threshold_backward(by_relu, self.x.data, 0))


class EvaluateReLUConvBN:
    """The same with the running mean and variance: normalization then folds into the weights and a shift."""

    conv: AnyModule
    norm: AnyModule

    def __init__(self, module: ReLUConvBN, x: Value, columns: Columns) -> None:
        _, self.conv, self.norm = module
        self.columns = columns.matrix
        self.y = x.data.new_empty(self.conv.out_channels, self.columns.shape[1])
        self.output = Value(self.y.view(-1, *x.data.shape[1:]))

    def fold(self) -> None:
        scale = self.norm.weight * torch.rsqrt(self.norm.running_var + self.norm.eps)
        self.matrix = _as_matrix(self.conv.weight).reshape(len(scale), -1) * scale[:, None]
        self.shift = (self.norm.bias - self.norm.running_mean * scale)[:, None]

    def forward(self) -> None:
        torch.addmm(self.shift, self.matrix, self.columns, out=self.y)
