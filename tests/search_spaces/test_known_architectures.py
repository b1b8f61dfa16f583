"""Architectures of the literature against what their papers count, and their drawings."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import networkx as nx
import pytest
import torch

from nas_edu import draw
from nas_edu.bibliography import load
from nas_edu.search_spaces import Chain, DARTSCell, NASNetCell, published_cells
from nas_edu.search_spaces.known_architectures import KNOWN, known

SVG = "{http://www.w3.org/2000/svg}"
every_architecture = pytest.mark.parametrize("name", KNOWN)
PUBLISHED = ("darts_v1", "darts_v2", "gdas", "pc_darts", "nasnet_a", "amoebanet_a")


def kernel(operation):
    height, _, width = operation.rpartition("_")[2].partition("x")
    return int(height) * int(width)


def weights_and_channels(graphs, motif, channels):
    """The weights of all convolutions and linear layers of a motif, and the channels that it delivers."""
    graph, delivered, total = graphs[motif], {}, 0
    for node in nx.topological_sort(graph):
        arriving = []
        for i, _, data in graph.in_edges(node, data=True):
            operation, out = data["operation"], data.get("channels")
            if operation in graphs:
                weights, out = weights_and_channels(graphs, operation, delivered[i])
                total += weights * data.get("times", 1)
            elif "conv" in operation:
                total += delivered[i] * out * kernel(operation) // data.get("groups", 1)
            elif operation == "linear":
                total += delivered[i] * out
            arriving.append((operation, out or delivered[i]))
        if not arriving:
            delivered[node] = channels
        elif all(operation == "concatenate" for operation, _ in arriving):
            delivered[node] = sum(out for _, out in arriving)
        else:
            assert len({out for _, out in arriving}) == 1, "what is added has the same channels"
            delivered[node] = arriving[0][1]
    [output] = [node for node in graph if graph.out_degree(node) == 0]
    return total, delivered[output]


@every_architecture
def test_every_graph_is_one_that_a_space_could_make(name):
    architecture = known(name)
    assert architecture.reference in load()
    assert architecture.title
    assert architecture.place
    for graph in architecture.graphs.values():
        assert isinstance(graph, nx.MultiDiGraph)
        assert nx.is_directed_acyclic_graph(graph)
        assert sum(graph.out_degree(node) == 0 for node in graph) == 1
        assert all(data["live"] and data["operation"] for *_, data in graph.edges(data=True))


def test_an_unknown_name_lists_what_is_known():
    with pytest.raises(ValueError, match=r"known are: vgg16, .*transformer_block.*; did you mean 'resnext_block'"):
        known("resnext")
    with pytest.raises(ValueError, match="no architecture is known as 3"):
        draw.known(3)


def flat(graphs, motif):
    """The operations of a chain of motifs, one after the other."""
    graph = graphs[motif]
    for _, _, data in sorted(graph.edges(data=True)):
        if data["operation"] in graphs:
            yield from flat(graphs, data["operation"])
        else:
            yield data


def test_vgg_has_the_parameters_of_its_paper_and_is_a_chain_of_ours():
    graphs = known("vgg16").graphs
    layers = list(flat(graphs, "network"))
    assert [data["operation"] for data in layers].count("nor_conv_3x3") == 13
    total, channels = 0, 3
    for data in layers:
        positions = 49 if data["operation"] == "linear" and channels == 512 else 1  # 7 x 7 are left, and flattened
        out = data.get("channels", channels)
        if "channels" in data:
            taps = 9 if "conv" in data["operation"] else positions
            total += channels * out * taps + out
        channels = out
    assert total == 138_357_544  # "138 million", table 2
    words = [f"conv3-{data['channels']}" if "conv" in data["operation"] else "maxpool" for data in layers[:-3]]
    text = " > ".join(words)
    assert text.startswith("conv3-64 > conv3-64 > maxpool > conv3-128")
    assert str(Chain(max_layers=18, kernels=(3,), channels=(64, 128, 256, 512)).parse(text)) == text


def test_resnext_has_about_the_weights_of_resnet_in_both_of_its_forms():
    bottleneck, _ = weights_and_channels(known("resnet_bottleneck").graphs, "block", 256)
    graphs = known("resnext_block").graphs
    paths, grouped = (
        weights_and_channels(graphs, motif, 256) for motif in ("block", "the same block with a grouped convolution")
    )
    assert bottleneck == 256 * 64 + 9 * 64 * 64 + 64 * 256 == 69_632
    assert paths == grouped == (32 * (256 * 4 + 9 * 4 * 4 + 4 * 256), 256)  # equation in section 3.3; "about 70k"
    assert weights_and_channels(known("resnet_block").graphs, "block", 64) == (2 * 9 * 64 * 64, 64)


def test_the_blocks_of_inception_v4_fit_onto_each_other():
    channels = 384
    for block, expected in (("a", 384), ("reduction_a", 1024), ("b", 1024), ("reduction_b", 1536), ("c", 1536)):
        _, channels = weights_and_channels(known(f"inception_v4_{block}").graphs, "block", channels)
        assert channels == expected, block


def test_inception_v3_and_v4_share_the_wiring_of_their_second_block():
    three, four = (known(f"inception_{version}_b").graphs["block"] for version in ("v3", "v4"))
    assert nx.is_isomorphic(three, four, edge_match=nx.isomorphism.categorical_multiedge_match("operation", None))
    for name, branches in (("inception_v3_a", 4), ("inception_v3_b", 4), ("inception_v3_c", 6)):
        graph = known(name).graphs["block"]
        assert graph.in_degree(max(graph)) == branches
        assert graph.out_degree(0) == 4


def test_a_transformer_block_has_the_weights_of_torchs():
    weights, channels = weights_and_channels(known("transformer_block").graphs, "block", 512)
    layer = torch.nn.TransformerEncoderLayer(512, nhead=8, dim_feedforward=2048)
    matrices = [parameter for parameter in layer.parameters() if parameter.dim() == 2]
    assert (weights, channels) == (sum(math.prod(matrix.shape) for matrix in matrices), 512)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_cells_are_those_of_their_genotypes(name):
    genotype = getattr(published_cells, name.upper())
    space = NASNetCell() if name in ("nasnet_a", "amoebanet_a") else DARTSCell()
    for heading, cell in (("normal cell", "normal"), ("reduction cell", "reduce")):
        expected = sorted(space.to_graph(genotype, cell).edges(data="operation"))
        assert sorted(known(name).graphs[heading].edges(data="operation")) == expected


# --- drawings --------------------------------------------------------------------------------------------------------


@every_architecture
def test_a_drawing_says_what_it_shows_and_where_it_is_from(name):
    architecture, drawing = known(name), draw.known(name)
    root = ET.fromstring(drawing.svg)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts[0] == architecture.title
    assert f"{load()[architecture.reference].label}, {architecture.place}" in texts
    for motif, graph in architecture.graphs.items():
        assert (motif in texts) == (len(architecture.graphs) > 1)
        assert all(str(node) in repr(drawing) for node in graph)
    assert drawing.width <= 1400
    for left, _, picture in drawing.places:
        for element in picture.elements.values():
            if element.tag == "text":
                size, x = float(element.attributes["font-size"]), left + float(element.attributes["x"])
                wide = 0.5 * size * len(element.text)
                x -= {"start": 0, "middle": wide / 2, "end": wide}[element.attributes.get("text-anchor", "start")]
                assert size >= 13
                assert 0 <= x <= x + wide <= drawing.width


def test_labels_say_channels_strides_groups_and_repetitions():
    found = {
        element.text
        for name in ("resnext_block", "inception_v4_reduction_a")
        for element in ET.fromstring(draw.known(name).svg).iter(f"{SVG}text")
    }
    assert {"path, 32 times", "3x3 conv, 128, 32 groups", "1x1 conv, 4", "3x3 conv, 384, /2", "skip", "concat"} <= found
