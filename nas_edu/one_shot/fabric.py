"""Convolutional neural fabrics: a grid of layers and scales whose edges are convolutions, and whose paths are networks.

Node (l, s) is a tensor in layer l at scale s; scale s has 2^s times fewer positions. It receives

    x_(l,s) = sum over t in {s-1, s, s+1} of conv_(l-1,t -> l,s)(x_(l-1,t))

where an edge from a finer scale halves the positions and one from a coarser scale doubles them. In the first
layer edges also lead down from scale to scale, from the input at (0, 0); in the last layer to the output at (L-1, S-1).
Each path from input to output is a chain of convolutions, and edges that paths have in common share their weights.

Source: Saxena & Verbeek, "Convolutional Neural Fabrics", NIPS 2016, section 2. The *whole* fabric is trained, as an
ensemble of all its paths; they do not select one. Simplified: each convolution reads all channels (there, three
neighbouring ones), positions are halved by averaging and doubled by repeating before a convolution of stride one, and
batch normalization stands at each edge.

The number of paths, by dynamic programming: paths(v) = sum over edges (u, v) of paths(u). The same numbers, read
backwards from the output, draw a path uniformly: step back from v to u with probability paths(u) / paths(v).
"""

from __future__ import annotations

import random
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import skip_init

from nas_edu.core import Task
from nas_edu.networks import seed_from
from nas_edu.networks.operations import ReLUConvBN, convolution, downsample, initialize
from nas_edu.one_shot.supernet import OneShotModel, prepare_batch_norms

if TYPE_CHECKING:
    import networkx as nx

Node = tuple[int, int]  # layer, scale
Path = tuple[Node, ...]


class FabricSpace:
    """All paths of a fabric: `space.number_of_paths`, `space.sample(rng)`, `path in space`, `space.to_graph()`.

    Raises ValueError for fewer than two layers, or less than one scale.
    """

    def __init__(self, layers: int, scales: int) -> None:
        if layers < 2 or scales < 1:
            raise ValueError(f"layers={layers}, scales={scales}: a fabric has two layers or more, and a scale or more")
        self.layers, self.scales = layers, scales
        self.input, self.output = (0, 0), (layers - 1, scales - 1)

    @cached_property
    def nodes(self) -> list[Node]:
        """In topological order."""
        return [(layer, scale) for layer in range(self.layers) for scale in range(self.scales)]

    def sources(self, node: Node) -> list[Node]:
        """The nodes that `node` receives from."""
        layer, scale = node
        left = [(layer - 1, t) for t in (scale - 1, scale, scale + 1) if layer > 0 and 0 <= t < self.scales]
        above = [(layer, scale - 1)] if scale > 0 and layer in (0, self.layers - 1) else []
        return left + above

    @cached_property
    def edges(self) -> list[tuple[Node, Node]]:
        return [(source, node) for node in self.nodes for source in self.sources(node)]

    @cached_property
    def paths_to(self) -> dict[Node, int]:
        """How many paths lead from the input to each node: dynamic programming in topological order."""
        paths = {self.input: 1}
        for node in self.nodes[1:]:
            paths[node] = sum(paths[source] for source in self.sources(node))
        return paths

    @property
    def number_of_paths(self) -> int:
        """Soon too large for `len`."""
        return self.paths_to[self.output]

    def sample(self, rng: random.Random) -> Path:
        """One path, every one equally likely."""
        path = [self.output]
        while path[0] != self.input:
            sources = self.sources(path[0])
            path.insert(0, rng.choices(sources, weights=[self.paths_to[source] for source in sources])[0])
        return tuple(path)

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple) or len(path) < 2 or (path[0], path[-1]) != (self.input, self.output):
            return False
        edges = set(self.edges)
        return all(edge in edges for edge in pairwise(path))

    def to_graph(self) -> nx.DiGraph:
        import networkx as nx

        return nx.DiGraph(self.edges)


class Fabric(OneShotModel):
    """The fabric of `space` for `task`: a 1x1 convolution as stem, the grid, averaging and a linear layer.

    Inputs (samples, channels, positions), outputs logits (samples, classes); inside, `channels` everywhere. Raises
    ValueError where the coarsest scale would have no position left, TypeError for a task of images.
    """

    def __init__(self, space: FabricSpace, task: Task, *, channels: int = 8, seed: int = 0) -> None:
        super().__init__()
        if task.dimensions != 1:
            raise TypeError(f"this fabric is for signals, and {task.name} has {task.dimensions} dimensions")
        if task.input_shape[-1] < 2 ** (space.scales - 1):
            raise ValueError(f"{space.scales} scales halve {task.input_shape[-1]} positions away; take fewer")
        self.space = space
        self.stem = convolution(task.input_shape[0], channels, 1, 1)
        self.convolutions = nn.ModuleDict({_name(*edge): ReLUConvBN(channels, channels, 3, 1) for edge in space.edges})
        self.head = skip_init(nn.Linear, channels, task.classes)
        self.length = task.input_shape[-1]
        prepare_batch_norms(self, "batch")
        number = seed_from("fabric", space.layers, space.scales, task.name, seed)
        initialize(self, torch.Generator().manual_seed(number))

    def forward(self, x: torch.Tensor, architecture: Path | None = None) -> torch.Tensor:
        """Logits of the whole fabric, or of one path."""
        if architecture is not None and architecture not in self.space:
            raise ValueError(f"{architecture} is no path from {self.space.input} to {self.space.output}")
        nodes = {self.space.input: self.stem(x)}
        edges = self.space.edges if architecture is None else pairwise(architecture)
        for source, node in edges:  # sorted by `node`: the source is complete
            delivered = self.convolutions[_name(source, node)](self._resized(nodes[source], source, node))
            nodes[node] = nodes[node] + delivered if node in nodes else delivered
        logits: torch.Tensor = self.head(nodes[self.space.output].mean(-1))
        return logits

    def _resized(self, x: torch.Tensor, source: Node, node: Node) -> torch.Tensor:
        """From the scale of `source` to that of `node`: halved by averaging, or doubled by repeating."""
        if node[1] > source[1]:
            return downsample(x)
        return F.interpolate(x, size=self.length >> node[1]) if node[1] < source[1] else x


def _name(source: Node, node: Node) -> str:
    return f"{source[0]}_{source[1]}_to_{node[0]}_{node[1]}"
