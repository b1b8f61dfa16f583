"""Architectures from the literature, each motif a drawing of its own: the whole one first, then what its edges are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nas_edu.bibliography import load
from nas_edu.draw.cell import sheet
from nas_edu.draw.drawing import Drawing
from nas_edu.draw.graph_marks import FULL, Block, describe, graph_block, legend_block
from nas_edu.draw.shapes import Text, text_width
from nas_edu.draw.style import FONT_SIZE, operation_style
from nas_edu.search_spaces.known_architectures import known as known_architecture

if TYPE_CHECKING:
    import networkx as nx

_DETAILS = {"channels": "{}", "stride": "/{}", "groups": "{} groups", "times": "{} times"}  # /2: as in the ResNet paper


def known(name: str, *, legend: bool = True) -> Drawing:
    """Draw the architecture of that name, such as "resnext_block", with the paper that it is from.

    Raises ValueError for an unknown name, with a list of those that are known.
    """
    architecture = known_architecture(name)
    graphs = [_labelled(graph, architecture.graphs) for graph in architecture.graphs.values()]
    blocks = [graph_block(graph, replace(FULL, label_width=60), ()) for graph in graphs]
    if len(blocks) > 1:
        blocks = [_under_heading(motif, block) for motif, block in zip(architecture.graphs, blocks, strict=True)]
    source = f"{load()[architecture.reference].label}, {architecture.place}"
    blocks.append(_line(source))
    key = legend_block(graphs, max(block.width for block in blocks)) if legend else None
    words = [f"{motif}: {describe(graph)}" for motif, graph in architecture.graphs.items()]
    return sheet([[one] for one in blocks], architecture.title, key, architecture.title, ". ".join([*words, source]))


def _labelled(graph: nx.MultiDiGraph, motifs: Collection[str]) -> nx.MultiDiGraph:
    """A copy for the drawing: labels say all that is known of an operation, and all motifs are lines of one style."""
    copy = graph.copy()
    for *_, data in copy.edges(data=True):
        inner = data["operation"] in motifs
        label = data["operation"] if inner else operation_style(data["operation"]).label
        data["label"] = ", ".join([label, *_details(data)])
        if inner:
            data["operation"] = "motif"
    return copy


def _details(data: Mapping[str, Any]) -> list[str]:
    return [words.format(data[fact]) for fact, words in _DETAILS.items() if fact in data]


def _under_heading(heading: str, block: Block) -> Block:
    text = Text((0, 9), heading, FONT_SIZE, anchor="start", bold=True)
    width = max(block.width, text_width(heading, FONT_SIZE))
    return Block(width, block.height + 26, (text, *block.at(0, 26)))


def _line(text: str) -> Block:
    return Block(text_width(text, FONT_SIZE - 1), 14, (Text((0, 7), text, FONT_SIZE - 1, "muted", "start"),))
