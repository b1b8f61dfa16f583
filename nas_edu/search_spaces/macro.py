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

`canonical` is one form for all graphs that differ only in how their layers are numbered.

Layers are numbered in some order in which none comes before one that it reads. Another such order is the same graph:

    canonical(graph) = min over such orders p of [(the layers that it reads, renumbered by p; its name) for each layer]

The smallest list has the smallest first entry, among those the smallest second one, and so on. So orders are built from
the front, and of all beginnings only the smallest are kept. Layers of the same name that read the same and are read by
the same are interchangeable, and one of them stands for all: otherwise twins would make k! equal beginnings.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.chain import Chain, Layer, LayerChain, parse_layer

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    import numpy.typing as npt

INPUT = "input"
SEPARATOR = " | "
Sources = tuple[int, ...]
"""The layers that one layer reads, counted from 1, smallest first; () stands for the network's input."""


@dataclass(frozen=True, slots=True)
class LayerGraph(Architecture):
    """One architecture: its layers, first to last, and for each the earlier layers that it reads.

    Raises ValueError without layers, or where a layer reads itself, a later one, or one twice; TypeError for anything
    but tuples.
    """

    layers: tuple[Layer, ...]
    sources: tuple[Sources, ...]

    def __post_init__(self) -> None:
        if type(self.layers) is not tuple or not all(isinstance(layer, Layer) for layer in self.layers):
            raise TypeError(f"a graph of layers takes a tuple of Layers, got {self.layers!r}")
        if type(self.sources) is not tuple or not all(type(read) is tuple for read in self.sources):
            raise TypeError(f"sources are a tuple of tuples, one a layer; got {self.sources!r}")
        if not self.layers or len(self.layers) != len(self.sources):
            raise ValueError(
                f"a graph has one layer at least and sources for each; got {len(self.layers)} and {len(self.sources)}"
            )
        for k, read in enumerate(self.sources, start=1):
            earlier = f"layer {k} may read {'the layers 1 to ' + str(k - 1) if k > 1 else 'the input only'}"
            if not all(type(j) is int and 1 <= j < k for j in read):
                raise ValueError(f"{earlier}; its sources are {read}")
            if list(read) != sorted(set(read)):
                raise ValueError(f"{earlier}, each once and in order; its sources are {read}")

    def __str__(self) -> str:
        reads = (",".join(map(str, read)) or INPUT for read in self.sources)
        return SEPARATOR.join(f"{layer}({read})" for layer, read in zip(self.layers, reads, strict=True))

    @property
    def unread(self) -> Sources:
        """The layers that no layer reads: the classifier does."""
        read = {j for sources in self.sources for j in sources}
        return tuple(k for k in range(1, len(self.layers) + 1) if k not in read)

    @property
    def canonical(self) -> LayerGraph:
        """The first graph that is isomorphic: the same layers, numbered in another order.

        Networks of isomorphic graphs compute the same functions once their weights are renamed. Graphs that agree for
        another reason stay apart, as where a pooling is computed twice.
        """
        return LayerGraph(*canonical_order(self.layers, self.sources))

    def to_graph(self) -> nx.MultiDiGraph:
        """Node 0 is the input, node k the output of layer k, the last node what the classifier reads.

        Where several tensors are concatenated for layer k there is a node of its own, `ck`. Layers are edges with the
        layer as `operation`; edges to a concatenation are called `concatenate`.
        """
        import networkx as nx

        graph = nx.MultiDiGraph(name=str(self))
        graph.add_node(0)
        for k, (layer, sources) in enumerate(zip(self.layers, self.sources, strict=True), start=1):
            graph.add_edge(_concatenated(graph, sources or (0,), k), k, operation=str(layer), live=True)
        _concatenated(graph, self.unread, len(self.layers) + 1)
        return graph


def parse_layer_graph(text: str) -> LayerGraph:
    """The inverse of `str(graph)`. Raises ValueError that says what was wrong, TypeError for what is no string."""
    if not isinstance(text, str):
        raise TypeError(f"parse takes the string of a graph of layers, got {type(text).__name__} {text!r}")
    layers, sources = [], []
    for k, part in enumerate(text.split(SEPARATOR), start=1):
        match = re.fullmatch(r"([^()]*)\((input|[1-9][0-9]*(?:,[1-9][0-9]*)*)\)", part)
        if match is None:
            raise ValueError(
                f"not a graph of layers: layer {k} is {part!r}, expected a layer and what it reads, such as "
                f"conv3-16(input) or maxpool(1,2), layers separated by {SEPARATOR!r}"
            )
        layers.append(parse_layer(k, match[1]))
        sources.append(() if match[2] == INPUT else tuple(map(int, match[2].split(","))))
    return LayerGraph(tuple(layers), tuple(sources))


def _concatenated(graph: nx.MultiDiGraph, tensors: Sources, k: int) -> int | str:
    """The node that holds all `tensors`: a new one, unless there is one tensor only."""
    if len(tensors) == 1:
        return tensors[0]
    for tensor in tensors:
        graph.add_edge(tensor, f"c{k}", operation="concatenate", live=True)
    return f"c{k}"


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


def canonical_order(
    layers: tuple[Layer, ...], sources: tuple[tuple[int, ...], ...]
) -> tuple[tuple[Layer, ...], tuple[tuple[int, ...], ...]]:
    """Layers and sources in the smallest order; sources are counted from 1."""
    numbers = range(1, len(layers) + 1)
    readers = {k: frozenset(j for j in numbers if k in sources[j - 1]) for k in numbers}
    orders: list[tuple[int, ...]] = [()]
    entries = []
    for _ in numbers:
        candidates: dict[tuple[Any, ...], tuple[int, ...]] = {}
        for order in orders:
            place = {k: rank for rank, k in enumerate(order, start=1)}
            for k in numbers:
                if k not in place and all(j in place for j in sources[k - 1]):
                    entry = tuple(sorted(place[j] for j in sources[k - 1])), str(layers[k - 1])
                    candidates.setdefault((entry, order, sources[k - 1], readers[k]), (*order, k))
        smallest = min(entry for entry, *_ in candidates)
        orders = [order for (entry, *_), order in candidates.items() if entry == smallest]
        entries.append((layers[orders[0][-1] - 1], smallest[0]))
    return tuple(layer for layer, _ in entries), tuple(read for _, read in entries)
