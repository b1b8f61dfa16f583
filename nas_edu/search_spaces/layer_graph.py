"""A graph of layers as an object and as text: `conv3-16(input) | maxpool(1) | conv5-32(1,2)`.

Each layer, as in a chain, with the layers that it reads; `input` is the input of the network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nas_edu.core.search_space import Architecture
from nas_edu.search_spaces.chain import Layer, parse_layer
from nas_edu.search_spaces.macro_order import canonical_order

if TYPE_CHECKING:
    import networkx as nx

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
