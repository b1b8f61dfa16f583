"""The same TinyCell network on signals, faster on a CPU. Read `tiny_cell.py` first: it is the text.

What a profile of the plain network shows, and what is done about it here:

    layout        channels first, (C, N, L): a 1x1 convolution is then one matrix product, W (C_out, C) times (C, N L)
    convolution   a 3-tap one is the same product on the three shifted copies, W (C_out, 3 C) times (3 C, N L)
    one node      ReLU, convolution and batch normalization have one joint backward pass instead of ten small ones
    pooling       three shifted slices, instead of a general kernel that computes indices

`forward` borrows the parameters and running statistics of a `TinyCellNetwork`; nothing is copied, so a network may be
trained here and used there. Outputs and gradients are equal up to rounding (tested); what rounding does in a whole
training is less than what another seed does.

C channels in, D channels out, K taps, N samples, L positions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.function import once_differentiable

from nas_edu.networks.operations import ReLUConvBN
from nas_edu.networks.tiny_cell import NODES, CellModule, TinyCellNetwork


def supports(network: nn.Module, inputs: torch.Tensor) -> bool:
    """True for TinyCell networks of one cell a stage on signals in CPU memory: on a GPU the plain one is fast."""
    small = isinstance(network, TinyCellNetwork) and network.cells_per_stage == 1
    return small and inputs.dim() == 3 and inputs.device.type == "cpu"


def forward(network: TinyCellNetwork, x: torch.Tensor) -> torch.Tensor:
    """Logits (N, classes) of `network` for signals x (N, C, L), in its current mode (train or eval)."""
    x = x.transpose(0, 1)  # (C, N, L)
    for stage, (widen, cell) in enumerate(zip(network.widen, network.cells, strict=True)):
        if stage > 0:
            even = x.shape[-1] // 2 * 2
            x = (x[..., 0:even:2] + x[..., 1:even:2]) / 2  # halve the length
        flat = torch.addmm(widen.bias[:, None], widen.weight.flatten(1), x.reshape(x.shape[0], -1))
        x = _cell(cell, flat.view(-1, *x.shape[1:]))
    return network.head(x.mean(-1).t())


def _cell(cell: CellModule, x: torch.Tensor) -> torch.Tensor:
    nodes: dict[int, torch.Tensor] = {0: x}
    for (i, j), operation in zip(cell.edges, cell.operations, strict=True):
        if isinstance(operation, ReLUConvBN):
            delivered = _relu_conv_bn(operation, nodes[i])
        elif isinstance(operation, nn.AvgPool1d):
            delivered = _average_neighbours(nodes[i])
        else:
            delivered = operation(nodes[i])
        nodes[j] = nodes[j] + delivered if j in nodes else delivered
    return nodes.get(NODES - 1, torch.zeros_like(x))


def _relu_conv_bn(module: ReLUConvBN, x: torch.Tensor) -> torch.Tensor:
    _, conv, norm = module
    if module.training:
        output, mean, variance = _ReLUConvBN.apply(x, conv.weight, norm.weight, norm.bias, norm.eps)
        with torch.no_grad():
            count = x.shape[1] * x.shape[2]
            norm.running_mean.lerp_(mean, norm.momentum)
            norm.running_var.lerp_(variance * (count / (count - 1)), norm.momentum)
            norm.num_batches_tracked += 1
        return output
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)  # normalization folds into the weights
    weight = _as_matrix(conv.weight) * scale[:, None]
    shift = norm.bias - norm.running_mean * scale
    columns = _shifted_copies(F.relu(x), conv.weight.shape[2])
    return torch.addmm(shift[:, None], weight, columns).view(-1, *x.shape[1:])


class _ReLUConvBN(torch.autograd.Function):
    """y = W columns(relu(x)), normalized over all N L positions, scaled and shifted; one backward pass for all."""

    @staticmethod
    def forward(ctx, x, weight, gamma, beta, eps):
        columns = _shifted_copies(x.clamp_min(0), weight.shape[2])  # (K C, N L)
        y = _as_matrix(weight) @ columns  # (D, N L)
        mean = y.sum(1) / y.shape[1]  # torch.var_mean takes ten times as long as these two passes
        centered = y - mean[:, None]
        variance = torch.linalg.vector_norm(centered, dim=1).square() / y.shape[1]
        inverse_deviation = torch.rsqrt(variance + eps)
        output = centered.mul_((gamma * inverse_deviation)[:, None]).add_(beta[:, None])
        ctx.save_for_backward(x, weight, gamma, columns, y, mean, inverse_deviation)
        ctx.eps = eps
        ctx.mark_non_differentiable(mean, variance)
        return output.view(-1, *x.shape[1:]), mean, variance

    @staticmethod
    @once_differentiable  # a second derivative would miss the paths through what was saved, so it is refused
    def backward(ctx, gradient, _mean, _variance):
        x, weight, gamma, columns, y, mean, inverse_deviation = ctx.saved_tensors
        gradient = gradient.reshape(y.shape)
        by_y, by_gamma, by_beta = torch.ops.aten.native_batch_norm_backward(
            gradient[None], y[None], gamma, None, None, mean, inverse_deviation, True, ctx.eps, [True, True, True]
        )
        by_y = by_y[0]
        by_matrix = by_y @ columns.t()
        by_weight = by_matrix.view(weight.shape[0], weight.shape[2], weight.shape[1]).transpose(1, 2)
        by_columns = (_as_matrix(weight).t() @ by_y).view(weight.shape[2], *x.shape)
        if weight.shape[2] == 1:
            by_relu = by_columns[0]
        else:
            by_relu = by_columns[1]
            by_relu[..., :-1] += by_columns[0, ..., 1:]
            by_relu[..., 1:] += by_columns[2, ..., :-1]
        return torch.ops.aten.threshold_backward(by_relu, x, 0), by_weight, by_gamma, by_beta, None


def _as_matrix(weight: torch.Tensor) -> torch.Tensor:
    """(D, C, K) -> (D, K C), the taps outermost, as in `_shifted_copies`."""
    return weight.transpose(1, 2).reshape(weight.shape[0], -1)


def _shifted_copies(x: torch.Tensor, taps: int) -> torch.Tensor:
    """(C, N, L) -> (K C, N L): for three taps the left neighbours, the values, the right neighbours; zeros outside."""
    if taps == 1:
        return x.reshape(x.shape[0], -1)
    copies = x.new_empty(3, *x.shape)
    copies[0, ..., 1:], copies[0, ..., 0] = x[..., :-1], 0
    copies[1] = x
    copies[2, ..., :-1], copies[2, ..., -1] = x[..., 1:], 0
    return copies.view(3 * x.shape[0], -1)


def _average_neighbours(x: torch.Tensor) -> torch.Tensor:
    """Mean of the left neighbour, the value and the right one; at an end, of the two that exist."""
    total = F.pad(x, (1, 1))
    total = total[..., :-2] + x + total[..., 2:]
    neighbours = x.new_full((x.shape[-1],), 3.0)
    neighbours[0] -= 1
    neighbours[-1] -= 1
    return total / neighbours
