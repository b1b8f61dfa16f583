"""Architectures that people designed, and cells that searches found, in the vocabulary of this package.

    known("resnext_block").graphs         motifs by name, the whole one first; each a networkx multigraph as `to_graph`
                                          makes them: nodes are tensors, edges carry an `operation`

An edge may carry the name of another motif of the same architecture, as in `Hierarchical`, and what the paper says of
its operation: the `channels` that it delivers, its `stride`, in how many `groups` of channels it works, how many
`times` it is there side by side. Tensors that meet are added; edges that say `concatenate` or `matmul` do that instead.
Normalization and activation after a convolution belong to it and are not drawn, as in most of the papers' figures.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from nas_edu.core.names import did_you_mean

if TYPE_CHECKING:
    import networkx as nx


class Step(NamedTuple):
    """One edge of a motif."""

    source: Hashable
    target: Hashable
    operation: str
    channels: int | None = None
    stride: int = 1
    groups: int = 1
    times: int = 1


Layer = tuple[str] | tuple[str, int] | tuple[str, int, int]
"""An operation, its channels (0: as many as it gets), its stride."""


@dataclass(frozen=True)
class KnownArchitecture:
    """An architecture of a paper: `reference` is its key in the bibliography, `place` says where in the paper."""

    title: str
    reference: str
    place: str
    graphs: dict[str, nx.MultiDiGraph]


def known(name: str) -> KnownArchitecture:
    """The architecture of that name. Raises ValueError for a name that is not in `KNOWN`."""
    if name not in KNOWN:
        hint = did_you_mean(name, KNOWN)
        raise ValueError(f"no architecture is known as {name!r}; known are: {', '.join(KNOWN)}{hint}")
    title, reference, place = _SOURCES[name]
    if name in _MOTIFS:
        return KnownArchitecture(title, reference, place, {m: _graph(m, steps) for m, steps in _MOTIFS[name].items()})
    return KnownArchitecture(title, reference, place, _published(name))


def _graph(name: str, steps: list[Step]) -> nx.MultiDiGraph:
    import networkx as nx

    graph = nx.MultiDiGraph(name=name)
    for source, target, operation, *details in steps:
        facts = zip(Step._fields[3:], details, (None, 1, 1, 1), strict=True)
        said = {field: value for field, value, default in facts if value != default}
        graph.add_edge(source, target, operation=operation, live=True, **said)
    return graph


def _published(name: str) -> dict[str, nx.MultiDiGraph]:
    from nas_edu.search_spaces import published_cells
    from nas_edu.search_spaces.darts_cell import DARTSCell, Genotype
    from nas_edu.search_spaces.nasnet_cell import NASNetCell

    genotype: Any = getattr(published_cells, name.upper())  # a Genotype or a NASNetGenotype
    space = DARTSCell() if isinstance(genotype, Genotype) else NASNetCell()
    return {f"{cell} cell": space.to_graph(genotype, short) for short, cell in _CELLS.items()}


_CELLS = {"normal": "normal", "reduce": "reduction"}


def _chain(*layers: Layer, start: int = 0) -> list[Step]:
    """One layer after another, from node `start`."""
    return [_step(k, k + 1, layer) for k, layer in enumerate(layers, start=start)]


def _step(source: int, target: int, layer: Layer) -> Step:
    operation, channels, stride = (*layer, 0, 1)[:3] if len(layer) < 2 else (*layer, 1)[:3]
    return Step(source, target, operation, channels or None, stride)


def _residual(*layers: Layer) -> list[Step]:
    """A chain whose input is added to its output."""
    return [*_chain(*layers), Step(0, len(layers), "skip_connect")]


def _concatenated(*branches: list[Layer | list[Layer]]) -> list[Step]:
    """Chains beside each other, all from node 0, concatenated; a branch may end in several layers that read the same.

    Nodes are numbered as they come.
    """
    steps: list[Step] = []
    ends: list[int] = []
    fresh = 1
    for branch in branches:
        at = 0
        for layer in branch:
            for one in layer if isinstance(layer, list) else [layer]:
                steps.append(_step(at, fresh, one))
                fresh += 1
            if isinstance(layer, list):
                ends += range(fresh - len(layer), fresh)
            else:
                at = fresh - 1
        if not isinstance(branch[-1], list):
            ends.append(at)
    return steps + [Step(end, fresh, "concatenate") for end in ends]


def _vgg_stage(convolutions: int, channels: int) -> list[Step]:
    return _chain(*[("nor_conv_3x3", channels)] * convolutions, ("max_pool_2x2", 0, 2))


_POOL, _HALVE = ("avg_pool_3x3",), ("max_pool_3x3", 0, 2)
_MOTIFS: dict[str, dict[str, list[Step]]] = {
    "vgg16": {
        "network": _chain(*[(f"stage {k}",) for k in range(1, 6)], ("classifier",)),
        "stage 1": _vgg_stage(2, 64),
        "stage 2": _vgg_stage(2, 128),
        "stage 3": _vgg_stage(3, 256),
        "stage 4": _vgg_stage(3, 512),
        "stage 5": _vgg_stage(3, 512),
        "classifier": _chain(("linear", 4096), ("linear", 4096), ("linear", 1000)),
    },
    "resnet_block": {"block": _residual(("nor_conv_3x3", 64), ("nor_conv_3x3", 64))},
    "resnet_bottleneck": {"block": _residual(("nor_conv_1x1", 64), ("nor_conv_3x3", 64), ("nor_conv_1x1", 256))},
    "resnext_block": {
        "block": [Step(0, 1, "path", times=32), Step(0, 1, "skip_connect")],
        "path": _chain(("nor_conv_1x1", 4), ("nor_conv_3x3", 4), ("nor_conv_1x1", 256)),
        "the same block with a grouped convolution": [
            Step(0, 1, "nor_conv_1x1", 128),
            Step(1, 2, "group_conv_3x3", 128, groups=32),
            Step(2, 3, "nor_conv_1x1", 256),
            Step(0, 3, "skip_connect"),
        ],
    },
    "inception_v3_a": {
        "block": _concatenated(
            [("nor_conv_1x1",), ("nor_conv_3x3",), ("nor_conv_3x3",)],
            [("nor_conv_1x1",), ("nor_conv_3x3",)],
            [_POOL, ("nor_conv_1x1",)],
            [("nor_conv_1x1",)],
        )
    },
    "inception_v3_b": {
        "block": _concatenated(
            [("nor_conv_1x1",), ("conv_7x1",), ("conv_1x7",), ("conv_7x1",), ("conv_1x7",)],
            [("nor_conv_1x1",), ("conv_1x7",), ("conv_7x1",)],
            [_POOL, ("nor_conv_1x1",)],
            [("nor_conv_1x1",)],
        )
    },
    "inception_v3_c": {
        "block": _concatenated(
            [("nor_conv_1x1",), ("nor_conv_3x3",), [("conv_1x3",), ("conv_3x1",)]],
            [("nor_conv_1x1",), [("conv_1x3",), ("conv_3x1",)]],
            [_POOL, ("nor_conv_1x1",)],
            [("nor_conv_1x1",)],
        )
    },
    "inception_v4_a": {
        "block": _concatenated(
            [("nor_conv_1x1", 64), ("nor_conv_3x3", 96), ("nor_conv_3x3", 96)],
            [("nor_conv_1x1", 64), ("nor_conv_3x3", 96)],
            [_POOL, ("nor_conv_1x1", 96)],
            [("nor_conv_1x1", 96)],
        )
    },
    "inception_v4_reduction_a": {
        "block": _concatenated(
            [("nor_conv_1x1", 192), ("nor_conv_3x3", 224), ("nor_conv_3x3", 256, 2)],
            [("nor_conv_3x3", 384, 2)],
            [_HALVE],
        )
    },
    "inception_v4_b": {
        "block": _concatenated(
            [("nor_conv_1x1", 192), ("conv_7x1", 192), ("conv_1x7", 224), ("conv_7x1", 224), ("conv_1x7", 256)],
            [("nor_conv_1x1", 192), ("conv_1x7", 224), ("conv_7x1", 256)],
            [_POOL, ("nor_conv_1x1", 128)],
            [("nor_conv_1x1", 384)],
        )
    },
    "inception_v4_reduction_b": {
        "block": _concatenated(
            [("nor_conv_1x1", 256), ("conv_1x7", 256), ("conv_7x1", 320), ("nor_conv_3x3", 320, 2)],
            [("nor_conv_1x1", 192), ("nor_conv_3x3", 192, 2)],
            [_HALVE],
        )
    },
    "inception_v4_c": {
        "block": _concatenated(
            [("nor_conv_1x1", 384), ("conv_3x1", 448), ("conv_1x3", 512), [("conv_1x3", 256), ("conv_3x1", 256)]],
            [("nor_conv_1x1", 384), [("conv_1x3", 256), ("conv_3x1", 256)]],
            [_POOL, ("nor_conv_1x1", 256)],
            [("nor_conv_1x1", 256)],
        )
    },
    "transformer_block": {
        "block": _chain(("attention layer",), ("feed-forward layer",)),
        "attention layer": [*_residual(("self-attention",)), Step(1, 2, "layer_norm")],
        "feed-forward layer": [*_residual(("feed-forward",)), Step(1, 2, "layer_norm")],
        "self-attention": [
            Step("x0", "q", "linear", 512),
            Step("x0", "k", "linear", 512),
            Step("x0", "v", "linear", 512),
            Step("q", "qk", "matmul"),
            Step("k", "qk", "matmul"),
            Step("qk", "a", "softmax"),
            Step("a", "av", "matmul"),
            Step("v", "av", "matmul"),
            Step("av", "x1", "linear", 512),
        ],
        "feed-forward": _chain(("linear", 2048), ("relu",), ("linear", 512)),
    },
}
_CODE = "and the authors' code"
_SOURCES = {
    "vgg16": ("VGG-16", "simonyan2015", "table 1, configuration D"),
    "resnet_block": ("ResNet block", "he2016", "figure 5, left"),
    "resnet_bottleneck": ("ResNet bottleneck block", "he2016", "figure 5, right"),
    "resnext_block": ("ResNeXt block, 32 paths of 4 channels", "xie2017", "figures 1 and 3(c)"),
    "inception_v3_a": ("Inception-v3 block at 35 x 35", "szegedy2016", "figure 5"),
    "inception_v3_b": ("Inception-v3 block at 17 x 17", "szegedy2016", f"figure 6 {_CODE} (n = 7)"),
    "inception_v3_c": ("Inception-v3 block at 8 x 8", "szegedy2016", "figure 7"),
    "inception_v4_a": ("Inception-v4, Inception-A", "szegedy2017", "figure 4"),
    "inception_v4_reduction_a": ("Inception-v4, Reduction-A", "szegedy2017", "figure 7 and table 1"),
    "inception_v4_b": ("Inception-v4, Inception-B", "szegedy2017", f"figure 5 {_CODE}"),
    "inception_v4_reduction_b": ("Inception-v4, Reduction-B", "szegedy2017", f"figure 8 {_CODE}"),
    "inception_v4_c": ("Inception-v4, Inception-C", "szegedy2017", f"figure 6 {_CODE}"),
    "transformer_block": ("Transformer encoder block, 8 heads", "vaswani2017", "figures 1 and 2, base model"),
    "darts_v1": ("DARTS, first order", "liu2019", "table 1; code in github.com/quark0/darts"),
    "darts_v2": ("DARTS, second order", "liu2019", "figures 4 and 5"),
    "gdas": ("GDAS", "dong2019", "code in github.com/D-X-Y/AutoDL-Projects"),
    "pc_darts": ("PC-DARTS", "xu2020", "code in github.com/yuhuixu1993/PC-DARTS"),
    "nasnet_a": ("NASNet-A", "zoph2018", "code in github.com/quark0/darts"),
    "amoebanet_a": ("AmoebaNet-A", "real2019", "code in github.com/quark0/darts"),
}
KNOWN = tuple(_SOURCES)
