"""The same TinyCell network, faster on a CPU. Read `networks/tiny_cell.py` first: it is the text.

A training repeats the same few hundred small operations hundreds of times, and on a CPU most of its time goes into what
surrounds them: memory for each result, views, a record for automatic differentiation. What is done about it, here and
in `operations.py`:

    layout        channels first, (C, N, L): a 1x1 convolution is then one matrix product, W (D, C) times (C, N L)
    convolution   one of K taps is the same product on K shifted copies, W (D, K C) times (K C, N L)
    memory        made once for a network and a shape of input, with all views of it; a step only computes
    backward      the operations stand on a tape in their order, and it is walked back by hand; ReLU, convolution and
                  batch normalization have one backward pass; the head, which is small, is left to torch

`FastTinyCell` works on the parameters and running statistics of a `TinyCellNetwork`: nothing is copied, so what is
trained here can be used there. Loss and gradients are equal up to rounding (tested); what rounding does in a whole
training is less than what another seed does.

Source of the tape, reverse accumulation: Griewank & Walther, "Evaluating Derivatives", SIAM 2008, chapter 3.

C channels in, D channels out, K taps, N samples, L positions (on images, H x W of them).
"""

from __future__ import annotations

import math
from typing import Any, TypeGuard

import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.networks.fast.operations import (
    Average,
    Columns,
    ColumnsGradient,
    EvaluateReLUConvBN,
    Halve,
    Sum,
    TrainReLUConvBN,
    Value,
    Widen,
    position_axes,
)
from nas_edu.networks.operations import AnyModule, ReLUConvBN
from nas_edu.networks.tiny_cell import CellModule, TinyCellNetwork
from nas_edu.search_spaces.tiny_cell import NODES

Operation = Average | EvaluateReLUConvBN | Halve | Sum | TrainReLUConvBN | Widen
_LAYOUT = {3: (1, 0, 2), 4: (1, 2, 3, 0)}  # from (N, C, L) and (N, C, H, W) to those of `operations`
EVALUATED_AT_ONCE = 250  # samples; all of them together would need memory that the processor cannot keep near


def supports(network: nn.Module, inputs: torch.Tensor) -> TypeGuard[TinyCellNetwork]:
    """True for TinyCell networks of one cell a stage on inputs in CPU memory: on a GPU the plain one is fast."""
    return isinstance(network, TinyCellNetwork) and network.cells_per_stage == 1 and inputs.device.type == "cpu"


class FastTinyCell:
    """Forward and backward passes through `network`: they read its parameters, wherever these stand, and set gradients.

    The parameters may change in place only, as an optimizer changes them: the views made here are of their memory.
    """

    def __init__(self, network: TinyCellNetwork) -> None:
        self.network = network
        self._tapes: dict[tuple[bool, tuple[int, ...]], _Tape] = {}

    @torch.no_grad()
    def gradients(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy of a mini-batch, (); sets `.grad` of each parameter that it depends on.

        Batch normalization is in training mode: the batch's statistics are used, and the running ones moved.
        """
        tape = self._tape(inputs.shape, training=True)
        features = tape.forward(inputs).t()
        with torch.enable_grad():
            features = features.detach().requires_grad_()
            loss = F.cross_entropy(self.network.head(features), targets)
        head = self.network.head
        by_features, head.weight.grad, head.bias.grad = torch.autograd.grad(loss, [features, head.weight, head.bias])
        tape.backward(by_features)
        return loss.detach()

    @torch.no_grad()
    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """(N, classes), with batch normalization in evaluation mode, in which the network is left."""
        self.network.eval()
        parts = torch.split(inputs, EVALUATED_AT_ONCE)
        for tape in {len(part): self._tape(part.shape, training=False) for part in parts}.values():
            tape.fold()
        features = [self._tape(part.shape, training=False).forward(part) for part in parts]
        logits: torch.Tensor = self.network.head(torch.cat(features, dim=1).t())
        return logits

    def _tape(self, shape: torch.Size, *, training: bool) -> _Tape:
        key = (training, tuple(shape))
        if key not in self._tapes:
            self._tapes[key] = _Tape(self.network, shape, training=training)
        return self._tapes[key]


class _Tape:
    """The operations of a network up to its head, in order, for inputs of one shape (N, C, L) or (N, C, H, W)."""

    def __init__(self, network: TinyCellNetwork, shape: torch.Size, *, training: bool) -> None:
        self.training = training
        self.operations: list[Any] = []  # Columns and Operations; those that evaluate have no `backward`
        self.values: list[Value] = []
        self._columns: dict[tuple[Value, tuple[int, ...]], Columns] = {}
        self._gradients: dict[tuple[torch.Size, tuple[int, ...]], ColumnsGradient] = {}
        self.input = network.head.weight.new_empty(shape).permute(_LAYOUT[len(shape)]).contiguous()
        x = Value(self.input)
        for stage, (widen, cell) in enumerate(zip(network.widen, network.cells, strict=True)):
            if stage > 0:
                x = self._record(Halve(x))
            x = self._record(Widen(widen, x, x_matters=stage > 0))
            x = self._cell(cell, x)
        self.last = x

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(C, N): the last stage's output, averaged over the positions."""
        self.input.copy_(inputs.permute(_LAYOUT[inputs.dim()]))
        for operation in self.operations:
            operation.forward()
        return self.last.data.mean(position_axes(self.last.data))

    def backward(self, by_features: torch.Tensor) -> None:
        """Walk back with the gradient by what `forward` returned."""
        for value in self.values:
            value.gradient = None
        axes, shape = position_axes(self.last.data), self.last.data.shape
        by_mean = by_features.t() / math.prod(shape[axis] for axis in axes)
        by_mean = by_mean.reshape([1 if axis in axes else size for axis, size in enumerate(shape)])
        self.last.receive(by_mean.expand(shape).contiguous())
        for operation in reversed(self.operations):
            operation.backward()

    def fold(self) -> None:
        """In evaluation mode: take over what training has changed."""
        for operation in self.operations:
            if isinstance(operation, EvaluateReLUConvBN):
                operation.fold()

    def _cell(self, cell: CellModule, x: Value) -> Value:
        nodes: dict[int, Value] = {0: x}
        for (i, j), operation in zip(cell.edges, cell.operations, strict=True):
            delivered = self._operation(operation, nodes[i])
            nodes[j] = self._record(Sum(nodes[j], delivered)) if j in nodes else delivered
        if NODES - 1 not in nodes:  # a dead cell
            nodes[NODES - 1] = Value(torch.zeros_like(x.data))
            self.values.append(nodes[NODES - 1])
        return nodes[NODES - 1]

    def _operation(self, module: nn.Module, x: Value) -> Value:
        if isinstance(module, ReLUConvBN):
            return self._record(self._convolution(module, x))
        if isinstance(module, (nn.AvgPool1d, nn.AvgPool2d)):
            return self._record(Average(x))
        return x  # skip_connect: the very same value

    def _convolution(self, module: AnyModule, x: Value) -> EvaluateReLUConvBN | TrainReLUConvBN:
        """Of `module`, a ReLUConvBN; the columns are those of all convolutions of this kernel that read x."""
        kernel, shape = module[1].kernel_size, x.data.shape
        if (x, kernel) not in self._columns:
            self._columns[x, kernel] = Columns(x, kernel)
            self.operations.append(self._columns[x, kernel])
        if not self.training:
            return EvaluateReLUConvBN(module, x, self._columns[x, kernel])
        if (shape, kernel) not in self._gradients:
            self._gradients[shape, kernel] = ColumnsGradient(x.data, kernel)
        return TrainReLUConvBN(module, x, self._columns[x, kernel], self._gradients[shape, kernel])

    def _record(self, operation: Operation) -> Value:
        self.operations.append(operation)
        self.values.append(operation.output)
        return operation.output
