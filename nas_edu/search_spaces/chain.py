"""Chain: one layer after another. The number of layers is a choice, and the choices of layer k exist if there is one.

The hyperparameters, as a tree of conditions:

    L in 1, ..., max_layers
    kind_k in conv, maxpool, avgpool          if L >= k
    kernel_k, channels_k                      if kind_k = conv (and so L >= k)

With m ways to choose one layer (kernels * channels + 2 poolings) there are m + m^2 + ... + m^max_layers chains.

A chain prints as in the tables of the VGG paper, `conv3-16 > maxpool > conv5-32`: kernel size, then channels.

Sources: Elsken, Metzen, Hutter, "Neural Architecture Search: A Survey", JMLR 2019, section 2; the notation: Simonyan &
Zisserman, ICLR 2015, table 1. Simplified: a convolution has no stride of its own, and there are no dense layers.

StoppingChain has the same chains, written layer by layer until a stop token, told by other hyperparameters.
`Chain` chooses the number of layers first. A controller that writes piece by piece need not know it: after each layer
it writes another one, or "stop".

    kind_1 in conv, maxpool, avgpool
    kind_k in conv, maxpool, avgpool, stop    if kind_(k-1) is a layer; k <= max_layers
    kernel_k, channels_k                      if kind_k = conv

A chain of `max_layers` layers has no stop token: there is no room for more. Uniform choices favour short chains here:
after each layer, one choice of four is to stop. (`sample` is that of `Chain`, uniform over lengths.)

Source: Zoph & Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.1, where the paper
stops "if the number of layers exceeds a certain value"; the token is that of a language model.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from nas_edu.core.names import did_you_mean
from nas_edu.core.search_space import Architecture, Config, Hyperparameter, SearchSpace, Value, check_config

if TYPE_CHECKING:
    import networkx as nx

POOLINGS = ("maxpool", "avgpool")
KINDS = ("conv", *POOLINGS)
SEPARATOR = " > "


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution with a kernel size (odd) and a number of channels, or a pooling, which has neither.

    Raises ValueError for an unknown kind, a pooling with a convolution's hyperparameters, or a convolution without.
    """

    kind: str
    kernel: int | None = None
    channels: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of layer {self.kind!r}; allowed: {', '.join(KINDS)}{_suggest(self.kind)}")
        if self.kind != "conv":
            if self.kernel is not None or self.channels is not None:
                raise ValueError(f"kernel and channels exist for conv only; a {self.kind} has neither")
        elif not (_is_positive(self.kernel) and self.kernel % 2 and _is_positive(self.channels)):
            raise ValueError(
                f"a conv has an odd kernel and channels of 1 or more; got kernel {self.kernel!r}, "
                f"channels {self.channels!r}"
            )

    def __str__(self) -> str:
        return f"conv{self.kernel}-{self.channels}" if self.kind == "conv" else self.kind


@dataclass(frozen=True, slots=True)
class LayerChain(Architecture):
    """One architecture: its layers, first to last. Its own canonical form: no two chains compute the same functions on
    inputs of any size. Raises ValueError without layers, TypeError unless all are Layers.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if type(self.layers) is not tuple or not all(isinstance(layer, Layer) for layer in self.layers):
            raise TypeError(f"a chain takes a tuple of Layers, got {self.layers!r}")
        if not self.layers:
            raise ValueError("a chain has at least one layer")

    def __str__(self) -> str:
        return SEPARATOR.join(map(str, self.layers))

    def to_graph(self) -> nx.MultiDiGraph:
        """Nodes 0 to L are tensors; the edge from k - 1 to k carries layer k as `operation`."""
        import networkx as nx

        graph = nx.MultiDiGraph(name=str(self))
        graph.add_nodes_from(range(len(self.layers) + 1))
        for k, layer in enumerate(self.layers):
            graph.add_edge(k, k + 1, operation=str(layer), live=True)
        return graph


class Chain(SearchSpace[LayerChain]):
    """All chains of 1 to `max_layers` layers; finite: `size`, `len(space)`, `for chain in space`.

    It has no encoding but "one_hot": all chains of L layers have the same adjacency matrix and the same path.

    Raises ValueError for no layers, an even kernel size, or choices that are empty or named twice.
    """

    def __init__(
        self, max_layers: int = 6, kernels: tuple[int, ...] = (1, 3, 5), channels: tuple[int, ...] = (8, 16, 32)
    ) -> None:
        if not _is_positive(max_layers):
            raise ValueError(f"max_layers must be a whole number of 1 or more, got {max_layers!r}")
        for name, choices in (("kernels", kernels), ("channels", channels)):
            if not choices or len(set(choices)) != len(choices):
                raise ValueError(f"{name} must be different numbers, at least one; got {choices!r}")
        self.max_layers, self.kernels, self.channels = max_layers, tuple(kernels), tuple(channels)
        self.layers = tuple(Layer("conv", k, c) for k in kernels for c in channels) + tuple(map(Layer, POOLINGS))

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """L, and for each layer its kind, kernel and channels with the conditions under which they exist."""
        listed = [Hyperparameter("L", tuple(range(1, self.max_layers + 1)))]
        for k in range(1, self.max_layers + 1):
            convolves = (f"kind_{k}", ("conv",))
            listed.append(Hyperparameter(f"kind_{k}", KINDS, ("L", tuple(range(k, self.max_layers + 1)))))
            listed.append(Hyperparameter(f"kernel_{k}", self.kernels, convolves))
            listed.append(Hyperparameter(f"channels_{k}", self.channels, convolves))
        return tuple(listed)

    def from_config(self, values: Config) -> LayerChain:
        """The chain that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        return LayerChain(
            tuple(
                Layer(values[f"kind_{k}"], values.get(f"kernel_{k}"), values.get(f"channels_{k}"))
                for k in range(1, values["L"] + 1)
            )
        )

    def to_config(self, chain: LayerChain) -> dict[str, Value]:
        """The values of all hyperparameters that exist in `chain`, and of no other."""
        self.check(chain)
        values: dict[str, Value] = {"L": len(chain.layers)}
        for k, layer in enumerate(chain.layers, start=1):
            values[f"kind_{k}"] = layer.kind
            if layer.kind == "conv":
                values[f"kernel_{k}"], values[f"channels_{k}"] = layer.kernel, layer.channels
        return values

    def sample(self, rng: random.Random) -> LayerChain:
        """L uniformly, then each hyperparameter that exists uniformly: so short chains are as likely as long ones."""
        return LayerChain(tuple(self.sample_layer(rng) for _ in range(rng.randint(1, self.max_layers))))

    def sample_layer(self, rng: random.Random) -> Layer:
        """The kind uniformly; of a convolution kernel and channels too."""
        kind = rng.choice(KINDS)
        return Layer(kind, rng.choice(self.kernels), rng.choice(self.channels)) if kind == "conv" else Layer(kind)

    def mutate(self, chain: LayerChain, rng: random.Random) -> LayerChain:
        """A neighbour drawn uniformly. Raises ValueError where the space holds this chain only."""
        return rng.choice(self.neighbors(chain))

    def neighbors(self, chain: LayerChain) -> list[LayerChain]:
        """All chains with one hyperparameter changed; those that come to exist by that take every value.

        So one layer has another kernel, channels or kind; or the last layer goes; or a new last one comes.
        """
        self.check(chain)
        layers = chain.layers
        changed = [
            (*layers[:k], other, *layers[k + 1 :])
            for k, layer in enumerate(layers)
            for other in self.layers
            if _differences(layer, other) == 1
        ]
        if len(layers) > 1:
            changed.append(layers[:-1])
        if len(layers) < self.max_layers:
            changed += [(*layers, new) for new in self.layers]
        return list(map(LayerChain, changed))

    def parse(self, text: str) -> LayerChain:
        """The inverse of `str(chain)`. Raises ValueError that says what was wrong, TypeError for what is no string."""
        if not isinstance(text, str):
            raise TypeError(f"parse takes the string of a chain, got {type(text).__name__} {text!r}")
        chain = LayerChain(tuple(parse_layer(k, part) for k, part in enumerate(text.split(SEPARATOR), start=1)))
        self.check(chain)
        return chain

    @property
    def size(self) -> int:
        """The number of chains, exactly: the sum of m^L over L = 1, ..., max_layers."""
        return sum(len(self.layers) ** length for length in range(1, self.max_layers + 1))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[LayerChain]:
        """Shortest chains first; among equals like an odometer, the last layer fastest."""
        for length in range(1, self.max_layers + 1):
            yield from map(LayerChain, itertools.product(self.layers, repeat=length))

    def check(self, chain: object) -> None:
        if not isinstance(chain, LayerChain):
            raise TypeError(f"Chain holds LayerChains, got {type(chain).__name__} {chain!r}")
        if len(chain.layers) > self.max_layers:
            raise ValueError(f"this space has up to {self.max_layers} layers; the chain has {len(chain.layers)}")
        for k, layer in enumerate(chain.layers, start=1):
            if layer not in self.layers:
                raise ValueError(f"layer {k} is {layer}; this space has {', '.join(map(str, self.layers))}")

    def __repr__(self) -> str:
        return f"Chain(up to {self.max_layers} layers, {self.size:,} chains)"


def _differences(one: Layer, other: Layer) -> int:
    """How many hyperparameters differ; where the kind does, kernel and channels do not count."""
    if one.kind != other.kind:
        return 1
    return (one.kernel != other.kernel) + (one.channels != other.channels)


def parse_layer(k: int, text: str) -> Layer:
    """The inverse of `str(layer)` for layer k of a chain. Raises ValueError."""
    if text in POOLINGS:
        return Layer(text)
    match = re.fullmatch(r"conv([1-9][0-9]*)-([1-9][0-9]*)", text)
    if match is None:
        raise ValueError(
            f"not a chain: layer {k} is {text!r}, expected conv<kernel>-<channels>, such as conv3-16, or one of "
            f"{', '.join(POOLINGS)}, layers separated by {SEPARATOR!r}{_suggest(text)}"
        )
    return Layer("conv", int(match[1]), int(match[2]))


def _is_positive(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1


def _suggest(name: object) -> str:
    return did_you_mean(name, (*KINDS, "conv3-16"))


STOP = "stop"


class StoppingChain(Chain):
    """All chains of 1 to `max_layers` layers, as `Chain` has them; only the hyperparameters are others."""

    @property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """For each layer its kind or the stop token, its kernel and its channels."""
        listed = []
        for k in range(1, self.max_layers + 1):
            convolves = (f"kind_{k}", ("conv",))
            if k == 1:
                listed.append(Hyperparameter("kind_1", KINDS))
            else:
                listed.append(Hyperparameter(f"kind_{k}", (*KINDS, STOP), (f"kind_{k - 1}", KINDS)))
            listed.append(Hyperparameter(f"kernel_{k}", self.kernels, convolves))
            listed.append(Hyperparameter(f"channels_{k}", self.channels, convolves))
        return tuple(listed)

    def from_config(self, values: Config) -> LayerChain:
        """The chain that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        layers = []
        for k in range(1, self.max_layers + 1):
            kind = values.get(f"kind_{k}", STOP)
            if kind == STOP:
                break
            layers.append(Layer(kind, values.get(f"kernel_{k}"), values.get(f"channels_{k}")))
        return LayerChain(tuple(layers))

    def to_config(self, chain: LayerChain) -> dict[str, Value]:
        """The values of all hyperparameters that exist in `chain`, the stop token included."""
        values = super().to_config(chain)
        length = values.pop("L")
        return values if length == self.max_layers else {**values, f"kind_{length + 1}": STOP}
