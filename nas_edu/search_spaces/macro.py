"""Macro: layers that choose which earlier layers feed them. So branches and skip connections come to a chain.

The hyperparameters, as a tree of conditions; those of a layer itself are as in `Chain`:

    L in 1, ..., max_layers
    kind_k, kernel_k, channels_k              as in `Chain`, if L >= k
    reads_k_j in False, True                  if L >= k, for every j < k: is layer j one of layer k's inputs?

Layer k works on the concatenation, by channels, of all layers that it reads; one that reads no layer reads the input of
the network. Layers that no layer reads are concatenated for the classifier: so every layer matters. With m ways to
choose one layer there are sum over L = 1, ..., max_layers of m^L * 2^(L(L-1)/2) graphs, as each of the L(L-1)/2 pairs
of layers may be connected or not.

A graph prints as `conv3-16(input) | maxpool(1) | conv5-32(1,2)`: each layer with those that it reads.

Source: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, sections 3.3 and 4.1. There,
kernels have 1, 3, 5 or 7 rows and columns, layers 24, 36, 48 or 64 channels, networks 15 layers or more. Simplified:
kernels are square, strides are not chosen; poolings are layers here, where the paper places them by hand.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from nas_edu.core.search_space import Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.chain import Chain, Layer, LayerChain
from nas_edu.search_spaces.layer_graph import LayerGraph, Sources, parse_layer_graph

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Item = TypeVar("Item")


class Macro(SearchSpace[LayerGraph]):
    """All graphs of 1 to `max_layers` layers; finite: `size`, `len(space)`, `for graph in space`.

    Raises ValueError for no layers, an even kernel size, or choices that are empty or named twice.
    """

    def __init__(
        self, max_layers: int = 6, kernels: tuple[int, ...] = (1, 3, 5), channels: tuple[int, ...] = (8, 16, 32)
    ) -> None:
        self.chain = Chain(max_layers, kernels, channels)
        self.max_layers, self.kernels, self.channels = max_layers, self.chain.kernels, self.chain.channels

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """Those of `Chain`, then for each layer and each earlier one whether it is read."""
        reads = [
            Hyperparameter(_reads(k, j), (False, True), ("L", tuple(range(k, self.max_layers + 1))))
            for k in range(2, self.max_layers + 1)
            for j in range(1, k)
        ]
        return self.chain.hyperparameters + tuple(reads)

    def from_config(self, values: Config) -> LayerGraph:
        """The graph that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        chain = self.chain.from_config({name: v for name, v in values.items() if not name.startswith("reads_")})
        numbers = range(1, len(chain.layers) + 1)
        return LayerGraph(chain.layers, tuple(tuple(j for j in range(1, k) if values[_reads(k, j)]) for k in numbers))

    def to_config(self, graph: LayerGraph) -> dict[str, Value]:
        """The values of all hyperparameters that exist in `graph`, and of no other."""
        self.check(graph)
        values = self.chain.to_config(LayerChain(graph.layers))
        for k, read in enumerate(graph.sources, start=1):
            values.update({_reads(k, j): j in read for j in range(1, k)})
        return values

    def sample(self, rng: random.Random) -> LayerGraph:
        """L uniformly, then each hyperparameter that exists uniformly: every earlier layer is read with chance 1/2.

        Two of three kinds are poolings: (1/6) * sum over L = 1..6 of (2/3)^L = 30 % of the samples have no convolution.
        """
        layers = self.chain.sample(rng).layers
        return LayerGraph(layers, tuple(_sample_sources(k, rng) for k in range(1, len(layers) + 1)))

    def mutate(self, graph: LayerGraph, rng: random.Random) -> LayerGraph:
        """One hyperparameter, drawn uniformly, takes another value, drawn uniformly.

        L takes one more or one less; whatever comes to exist by that is sampled. So the result is a neighbour, but not
        a uniform one: nearly all neighbours have a layer more, and uniform steps would only ever grow.
        """
        changes = self._changes(graph)
        if len(graph.layers) > 1:
            changes.append([LayerGraph(graph.layers[:-1], graph.sources[:-1])])
        if len(graph.layers) < self.max_layers:
            new = self.chain.sample_layer(rng), _sample_sources(len(graph.layers) + 1, rng)
            changes.append([_extended(graph, *new)])
        return rng.choice(rng.choice(changes))

    def neighbors(self, graph: LayerGraph) -> list[LayerGraph]:
        """All graphs with one hyperparameter changed; those that come to exist by that take every value."""
        changed = list(itertools.chain.from_iterable(self._changes(graph)))
        length = len(graph.layers)
        if length > 1:
            changed.append(LayerGraph(graph.layers[:-1], graph.sources[:-1]))
        if length < self.max_layers:
            new = itertools.product(self.chain.layers, _all_sources(length + 1))
            changed += [_extended(graph, layer, sources) for layer, sources in new]
        return changed

    def _changes(self, graph: LayerGraph) -> list[list[LayerGraph]]:
        """What each hyperparameter but L can become: one list of graphs for each that has another value."""
        self.check(graph)
        changes = [
            [LayerGraph(_put(graph.layers, k, other), graph.sources) for other in others]
            for k, layer in enumerate(graph.layers)
            for others in self._layer_changes(layer)
        ]
        for k, read in enumerate(graph.sources):
            flipped = (tuple(sorted({*read} ^ {j})) for j in range(1, k + 1))
            changes += [[LayerGraph(graph.layers, _put(graph.sources, k, other))] for other in flipped]
        return changes

    def parse(self, text: str) -> LayerGraph:
        """The inverse of `str(graph)`. Raises ValueError that says what was wrong, TypeError for what is no string."""
        graph = parse_layer_graph(text)
        self.check(graph)
        return graph

    def _layer_changes(self, layer: Layer) -> list[list[Layer]]:
        """The layers of another kind, those of another kernel, and those with other channels, where there are any."""
        kind = [other for other in self.chain.layers if other.kind != layer.kind]
        kernel = [Layer("conv", k, layer.channels) for k in self.kernels if layer.kernel not in (None, k)]
        channels = [Layer("conv", layer.kernel, c) for c in self.channels if layer.channels not in (None, c)]
        return [others for others in (kind, kernel, channels) if others]

    def encode(self, graph: LayerGraph, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """A vector of zeros and ones of fixed length.

        one_hot     every hyperparameter one-hot, in the order of `hyperparameters`; all zeros where it does not exist
        adjacency   which of the layers i (0: the input) layer j reads, for all i < j, the classifier being the last j;
                    then for each layer which of the m layers it is, all zeros where it does not exist (White et al.
                    2020, NeurIPS). So it also shows what no hyperparameter says: who reads the input, who is unread

        Raises ValueError for another encoding: there are as many paths as chains.
        """
        import numpy as np

        self.check(graph)
        if encoding == "one_hot":
            return super().encode(graph)
        if encoding != "adjacency":
            raise ValueError(f"Macro has the encodings 'one_hot' and 'adjacency', not {encoding!r}")
        missing = self.max_layers - len(graph.layers)
        reads = [sources or (0,) for sources in graph.sources] + [()] * missing + [graph.unread]
        bits = [i in sources for j, sources in enumerate(reads, start=1) for i in range(j)]
        bits += [layer == choice for layer in graph.layers for choice in self.chain.layers]
        bits += [False] * (missing * len(self.chain.layers))
        return np.array(bits, dtype=np.float32)

    @property
    def size(self) -> int:
        """The number of graphs, exactly; isomorphic ones are counted apart."""
        lengths = range(1, self.max_layers + 1)
        return sum(len(self.chain.layers) ** length * 2 ** (length * (length - 1) // 2) for length in lengths)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[LayerGraph]:
        """Fewest layers first; among these by what is read, and then like an odometer, the last layer fastest."""
        for length in range(1, self.max_layers + 1):
            for sources in itertools.product(*(_all_sources(k) for k in range(1, length + 1))):
                for layers in itertools.product(self.chain.layers, repeat=length):
                    yield LayerGraph(layers, sources)

    def check(self, graph: object) -> None:
        if not isinstance(graph, LayerGraph):
            raise TypeError(f"Macro holds LayerGraphs, got {type(graph).__name__} {graph!r}")
        self.chain.check(LayerChain(graph.layers))

    def __repr__(self) -> str:
        return f"Macro(up to {self.max_layers} layers, {self.size:,} graphs)"


def _reads(k: int, j: int) -> str:
    return f"reads_{k}_{j}"


def _sample_sources(k: int, rng: random.Random) -> Sources:
    return tuple(j for j in range(1, k) if rng.random() < 0.5)


def _all_sources(k: int) -> list[Sources]:
    """All that layer k may read."""
    return [tuple(read) for size in range(k) for read in itertools.combinations(range(1, k), size)]


def _extended(graph: LayerGraph, layer: Layer, sources: Sources) -> LayerGraph:
    return LayerGraph((*graph.layers, layer), (*graph.sources, sources))


def _put(values: tuple[Item, ...], place: int, value: Item) -> tuple[Item, ...]:
    return (*values[:place], value, *values[place + 1 :])
