"""The supernet: a multigraph that holds every operation on every edge, so that all architectures share their weights.

Run as a mixture, an edge delivers (the continuous relaxation)

    o_(i,j)(x) = sum over o of softmax(alpha_(i,j))_o * o(x)

and run as one architecture, only the operation that the architecture names: the path through the multigraph computes
the very numbers of the stand-alone network with the same weights, to the last bit. Below the supernet of TinyCell
stands what all searches share: mini-batches without end, one step of the weights, and the report of a step.

Shapes: alpha of a kind of cell (edges, operations), inputs (samples, channels, *positions), logits (samples, classes).

Batch normalization has no scale and shift during search: a scale could undo what alpha says. Its statistics are a
choice. "batch" (the default): each mini-batch is normalized by its own mean and variance, in training and in
evaluation; they are right for a mixture and for every single path, but an output depends on the other samples in the
batch. "running": evaluation uses averages over what was run in training, as in the authors' code; after training the
mixture, they are those of the mixture, and wrong for a single path.

The details that matter: w is trained by SGD with momentum 0.9, gradients cut at norm 5, and a learning rate that falls
along a cosine to 0.001 (the code of DARTS; its paper says 0).

Sources: Liu, Simonyan & Yang, "DARTS", ICLR 2019, section 2.2 (eq. 2) and appendix A.1.1 (no affine parameters);
Bender et al., "Understanding and simplifying one-shot architecture search", ICML 2018, section 3 (statistics of the
batch).
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.core import Split, Step, Task
from nas_edu.core.names import did_you_mean
from nas_edu.networks import TinyCellNetwork, operation, seed_from
from nas_edu.networks.operations import AnyModule, convolution, downsample, initialize
from nas_edu.networks.tiny_cell import CHANNELS
from nas_edu.performance_estimation.training import DivergenceError
from nas_edu.search_spaces.tiny_cell import EDGES, NODES, OPERATIONS, Cell

STATISTICS = ("batch", "running")
LOWEST_LEARNING_RATE = 0.001
GRADIENT_NORM = 5.0

Batch = tuple[torch.Tensor, torch.Tensor]  # inputs, targets
Chosen = Mapping[str, Sequence[Sequence[int]]]  # for each kind of cell and each edge the operations that are run


class OneShotModel(nn.Module):
    """A network whose `forward(x, architecture)` runs one path with the weights that all paths share."""

    def weights(self) -> dict[str, nn.Parameter]:
        """w: every parameter that is not alpha, by name."""
        return {name: value for name, value in self.named_parameters() if not name.startswith("alpha.")}


class Supernet(OneShotModel, ABC):
    """What a one-shot method needs to know of a supernet, whatever the search space.

    `alpha` maps a kind of cell ("cell"; "normal" and "reduce") to its parameters (edges, operations). A subclass gives
    `forward(x, architecture=None, mixing=None, chosen=None)`: `mixing` stands in for softmax(alpha), and `chosen` lists
    the operations that are run at all.
    """

    alpha: nn.ParameterDict
    names: tuple[str, ...]  # of the operations, in the order of alpha's columns
    edges: Sequence[tuple[int, int]]  # in the order of alpha's rows
    inputs_of_a_node: int | None = None  # how many edges into a node an architecture keeps; None: all

    @property
    def candidates(self) -> tuple[str, ...]:
        """The operations that an edge of an architecture may have."""
        return self.names

    def mixing(self) -> dict[str, torch.Tensor]:
        """softmax(alpha) for each kind of cell: (edges, operations), rows that sum to one."""
        return {kind: alpha.softmax(dim=1) for kind, alpha in self.alpha.items()}

    @abstractmethod
    def argmax(self, mixing: Mapping[str, torch.Tensor] | None = None) -> Any:
        """The architecture that alpha prefers now, or that other mixing weights do."""

    def stand_alone(self, architecture: Any) -> nn.Module:
        """The network of `architecture` with a copy of its shared weights: same outputs, in training and evaluation.

        Its batch normalization has scale one and shift zero, free to be trained, and keeps this supernet's statistics.
        """
        raise NotImplementedError(f"{type(self).__name__} gives no stand-alone networks")


class MixedOperation(nn.Module):
    """All operations of one edge: their weighted sum, or one of them by name."""

    def __init__(self, operations: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.operations = nn.ModuleDict(operations)

    def forward(self, x: torch.Tensor, weights: torch.Tensor, chosen: Sequence[int] | None = None) -> torch.Tensor:
        """The sum over o of weights[o] * o(x), over all operations or over the `chosen` ones; only these are run."""
        modules = list(self.operations.values())
        which = range(len(modules)) if chosen is None else chosen
        mixed: torch.Tensor = sum(weights[o] * modules[o](x) for o in which)
        return mixed

    def __getitem__(self, name: str) -> nn.Module:
        return self.operations[name]


class TinyCellSupernet(Supernet):
    """All TinyCell networks for `task` in one: the skeleton of `TinyCellNetwork`, each edge a `MixedOperation`.

    `alpha["cell"]` (6, operations) is the same in all three stages; the weights differ. Weights are drawn from (task,
    operations, seed); alpha as well, from N(0, 0.001^2), as in the code of DARTS, so that no two operations are tied.

    Raises ValueError for an unknown operation, one that comes twice, fewer than two, or an unknown `statistics`.
    """

    edges = EDGES
    widen: AnyModule  # an nn.ModuleList of convolutions
    cells: AnyModule  # an nn.ModuleList: for each stage an nn.ModuleList with one MixedOperation for each edge

    def __init__(
        self, task: Task, *, operations: Sequence[str] = OPERATIONS, statistics: str = "batch", seed: int = 0
    ) -> None:
        super().__init__()
        _check_names(operations)
        self.names, self.statistics = tuple(operations), statistics
        self.input_shape, self.classes = task.input_shape, task.classes
        widths = (task.input_shape[0], *CHANNELS)
        self.widen = nn.ModuleList(
            convolution(a, b, 1, task.dimensions) for a, b in zip(widths, CHANNELS, strict=False)
        )
        self.cells = nn.ModuleList(self._shared_cell(channels, task.dimensions) for channels in CHANNELS)
        self.head = skip_init(nn.Linear, CHANNELS[-1], task.classes)
        generator = torch.Generator().manual_seed(seed_from("supernet", self.names, task.name, seed))
        initialize(self, generator)
        alpha = 1e-3 * torch.randn(len(EDGES), len(self.names), generator=generator)
        self.alpha = nn.ParameterDict({"cell": nn.Parameter(alpha)})

    def forward(
        self,
        x: torch.Tensor,
        architecture: Cell | None = None,
        mixing: Mapping[str, torch.Tensor] | None = None,
        chosen: Chosen | None = None,
    ) -> torch.Tensor:
        """Logits (samples, classes) of the mixture, or of one architecture."""
        if architecture is not None and mixing is not None:
            raise ValueError("give an architecture (one path) or mixing weights (a mixture), not both")
        if architecture is not None:
            self._check_contained(architecture)
        else:
            weights = (self.mixing() if mixing is None else mixing)["cell"]
            run = [None] * len(EDGES) if chosen is None else chosen["cell"]
        for stage, (widen, cell) in enumerate(zip(self.widen, self.cells, strict=True)):
            if architecture is None:
                on_edge = {edge: partial(cell[e], weights=weights[e], chosen=run[e]) for e, edge in enumerate(EDGES)}
            else:
                live = architecture.live_edges
                on_edge = {edge: cell[EDGES.index(edge)][name] for edge, name in live.items()}
            x = _run_cell(on_edge, widen(x if stage == 0 else downsample(x)))
        logits: torch.Tensor = self.head(x.flatten(2).mean(-1))
        return logits

    def argmax(self, mixing: Mapping[str, torch.Tensor] | None = None) -> Cell:
        """The strongest operation of each edge, `none` included (as Dong & Yang 2020 run DARTS on this space)."""
        strongest = (self.alpha if mixing is None else mixing)["cell"].argmax(dim=1)
        return Cell(tuple(self.names[o] for o in strongest.tolist()))

    def stand_alone(self, architecture: Cell) -> TinyCellNetwork:
        self._check_contained(architecture)
        network = TinyCellNetwork(architecture, self.input_shape, self.classes).to(self.head.weight)
        network.widen.load_state_dict(self.widen.state_dict())
        network.head.load_state_dict(self.head.state_dict())
        for own, shared in zip(network.cells, self.cells, strict=True):
            for edge, module in zip(own.edges, own.operations, strict=True):
                values = shared[EDGES.index(edge)][architecture.edges[edge]].state_dict()
                module.load_state_dict({**module.state_dict(), **values})  # scale and shift are not in the supernet
        prepare_batch_norms(network, self.statistics, affine=True)
        return network.train(self.training)

    def _shared_cell(self, channels: int, dimensions: int) -> nn.ModuleList:
        """One `MixedOperation` for each edge."""
        cell = nn.ModuleList(self._mixed_operation(channels, dimensions) for _ in EDGES)
        prepare_batch_norms(cell, self.statistics)
        return cell

    def _mixed_operation(self, channels: int, dimensions: int) -> MixedOperation:
        return MixedOperation({name: operation(name, channels, dimensions) for name in self.names})

    def _check_contained(self, architecture: Cell) -> None:
        if not isinstance(architecture, Cell):
            raise TypeError(f"this supernet runs a Cell of TinyCell, got {type(architecture).__name__} {architecture}")
        missing = sorted(set(architecture.operations) - set(self.names))
        if missing:
            raise ValueError(
                f"{architecture} needs {', '.join(missing)}; this supernet has only {', '.join(self.names)}"
            )


def _run_cell(
    on_edge: Mapping[tuple[int, int], Callable[[torch.Tensor], torch.Tensor]], x: torch.Tensor
) -> torch.Tensor:
    """x_j = sum over the edges (i, j) of on_edge[i, j](x_i), in the order and with the sums of `CellModule`."""
    nodes = {0: x}
    for (i, j), apply in on_edge.items():  # sorted by j: node i is complete
        delivered = apply(nodes[i])
        nodes[j] = nodes[j] + delivered if j in nodes else delivered
    return nodes.get(NODES - 1, torch.zeros_like(x))


def prepare_batch_norms(module: nn.Module, statistics: str, *, affine: bool = False) -> None:
    """Give every batch normalization in `module` the chosen statistics, and take its scale and shift away.

    Without running averages, torch normalizes by the mini-batch in evaluation as well. Raises ValueError for an unknown
    `statistics`.
    """
    if statistics not in STATISTICS:
        raise ValueError(
            f"statistics={statistics!r}: allowed are {', '.join(STATISTICS)}{did_you_mean(statistics, STATISTICS)}"
        )
    for norm in module.modules():
        if isinstance(norm, (nn.BatchNorm1d, nn.BatchNorm2d)):
            if not affine:
                norm.affine = False
                norm.register_parameter("weight", None)
                norm.register_parameter("bias", None)
            if statistics == "batch":
                norm.track_running_stats = False
                norm.running_mean = norm.running_var = norm.num_batches_tracked = None


def _check_names(operations: Sequence[str]) -> None:
    for name in operations:
        if name not in OPERATIONS:
            hint = did_you_mean(name, OPERATIONS)
            raise ValueError(f"unknown operation {name!r}; allowed: {', '.join(OPERATIONS)}{hint}")
    if len(set(operations)) != len(operations) or len(operations) < 2:
        raise ValueError(f"a supernet mixes two or more different operations, got {tuple(operations)}")


# What all one-shot searches share


def mini_batches(split: Split, size: int, rng: random.Random, like: nn.Module) -> Iterator[Batch]:
    """Mini-batches without end: a new order of all samples in each epoch, its incomplete last batch dropped.

    Tensors have the type and the device of `like`. Raises ValueError for a batch of one, or larger than the split.
    """
    if not 2 <= size <= len(split):
        raise ValueError(f"batch_size={size}: a batch takes 2 samples (for their variance) to all {len(split)}")
    parameter = next(like.parameters())
    inputs = torch.from_numpy(split.inputs).to(parameter)
    targets = torch.from_numpy(split.targets).to(parameter.device)

    def forever() -> Iterator[Batch]:
        while True:
            order = list(range(len(split)))
            rng.shuffle(order)
            for start in range(0, len(order) - size + 1, size):
                chosen = torch.tensor(order[start : start + size], device=parameter.device)
                yield inputs[chosen], targets[chosen]

    return forever()


def cosine(highest: float, progress: float, lowest: float = LOWEST_LEARNING_RATE) -> float:
    """From `highest` down to `lowest` (or `highest`, where it is lower still) as progress goes from 0 to 1."""
    lowest = min(lowest, highest)
    return lowest + (highest - lowest) * (1 + math.cos(math.pi * progress)) / 2


def optimizer_of_weights(supernet: OneShotModel, learning_rate: float, weight_decay: float) -> torch.optim.SGD:
    """SGD for w, with momentum 0.9."""
    return torch.optim.SGD(supernet.weights().values(), learning_rate, momentum=0.9, weight_decay=weight_decay)


def update_weights(supernet: OneShotModel, optimizer: torch.optim.SGD, batch: Batch, **forward: Any) -> float:
    """One step of w by descending L_train; returns the loss before it. `forward` says what the supernet runs."""
    inputs, targets = batch
    weights = list(supernet.weights().values())
    loss = F.cross_entropy(supernet(inputs, **forward), targets)
    optimizer.zero_grad()
    loss.backward(inputs=weights)
    nn.utils.clip_grad_norm_(weights, GRADIENT_NORM)
    optimizer.step()
    return loss.item()


def report(supernet: Supernet, index: int, losses: Mapping[str, float], **info: Any) -> Step:
    """The step that a search yields: losses, a copy of alpha, the argmax cell; in `info` the names of the operations,
    in the order of alpha's columns, and the entropy of each edge's softmax (nats), where it chooses an operation.

    Raises DivergenceError where a loss is no longer a number.
    """
    finite(losses, index)
    alpha = {kind: value.detach().cpu().numpy().copy() for kind, value in supernet.alpha.items()}
    with torch.no_grad():
        entropy = {
            kind: torch.special.entr(value.softmax(dim=1)).sum(dim=1).tolist()
            for kind, value in supernet.alpha.items()
            if kind != "edge"  # PC-DARTS' beta: a weight for each edge, no choice on it
        }
    told = {"operations": list(supernet.names), "entropy": entropy, **info}
    return Step(index, losses, alpha, supernet.argmax(), told)


def finite(losses: Mapping[str, float], index: int) -> Mapping[str, float]:
    """The losses themselves. Raises DivergenceError where one is no longer a number."""
    if not all(math.isfinite(loss) for loss in losses.values()):
        raise DivergenceError(f"the losses are {dict(losses)} in step {index}: try a smaller learning rate")
    return losses


def check_steps(steps: int) -> None:
    """Raises ValueError for less than one step."""
    if steps < 1:
        raise ValueError(f"steps={steps}: a search takes one step or more")


def refuse_edge_weights(supernet: Supernet) -> None:
    """Raises TypeError where alpha weighs whole edges, too, as in PC-DARTS: a method that draws or removes single
    operations would leave these weights out.
    """
    if "edge" in supernet.alpha:
        raise TypeError(f"{type(supernet).__name__} is for pc_darts only: its alpha has weights for whole edges")
