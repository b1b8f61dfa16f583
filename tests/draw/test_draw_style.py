"""Colours and dashes: an operation can be told apart without colour, and looks the same everywhere."""

import itertools
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.draw import style
from nas_edu.search_spaces.hierarchical import PRIMITIVES
from nas_edu.search_spaces.known_architectures import KNOWN, known

TINY_CELL = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
DARTS = [
    "none",
    "skip_connect",
    "avg_pool_3x3",
    "max_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


MOTIFS = ["none", *(f"2.{number}" for number in range(1, 5))]
CHAIN = ["concatenate", "conv1-8", "conv3-16", "conv5-32", "maxpool", "avgpool"]
LITERATURE = {
    f"{name}, {motif}": [
        "motif" if operation in known(name).graphs else operation
        for operation in sorted({operation for *_, operation in graph.edges(data="operation")})
    ]
    for name in KNOWN
    for motif, graph in known(name).graphs.items()
}
LISTS = {
    "TinyCell": TINY_CELL,
    "DARTS": DARTS,
    "motifs": MOTIFS,
    "Chain": CHAIN,
    "primitives": PRIMITIVES,
    **LITERATURE,
}


@pytest.mark.parametrize("operations", LISTS.values(), ids=LISTS)
def test_operations_differ_without_colour_and_by_colour_or_width(operations):
    styles = [style.operation_style(name) for name in dict.fromkeys(operations)]
    for a, b in itertools.combinations(styles, 2):
        assert a.dashes != b.dashes or abs(a.width - b.width) >= 1, (a, b)
        assert a.label != b.label


def test_labels_are_short_words():
    labels = [style.operation_style(name).label for name in [*TINY_CELL, "sep_conv_5x5", "conv_1x7", "identity"]]
    assert labels == [
        "none",
        "skip",
        "1x1 conv",
        "3x3 conv",
        "3x3 avg pool",
        "5x5 sep conv",
        "1x7 conv",
        "identity",
    ]


@given(st.text(min_size=1, max_size=20))
def test_any_name_has_a_lasting_style(name):
    assert style.operation_style(name) == style.operation_style(name)
    assert style.operation_style(name).width > 0


def test_styles_of_unlisted_operations_do_not_depend_on_the_session():
    code = "from nas_edu.draw.style import operation_style; print(operation_style('my_operation_3x3'))"
    environments = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    runs = [subprocess.run([sys.executable, "-c", code], env=e, capture_output=True, text=True) for e in environments]
    assert runs[0].stdout == runs[1].stdout == f"{style.operation_style('my_operation_3x3')}\n"


@pytest.mark.parametrize("theme", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_both_backgrounds(theme):
    assert contrast(theme.ink, theme.background) >= 7
    assert contrast(theme.muted, theme.background) >= 4.5
    colours = {style.operation_style(name).colour for name in [*TINY_CELL, *DARTS]}
    colours |= {line.colour for line in style.line_styles([f"s{k}" for k in range(7)]).values()}
    for colour in colours:
        assert contrast(colour, theme.background) >= 2.1, colour


def test_lines_of_one_picture_differ_and_known_strategies_keep_theirs():
    styles = style.line_styles(["mine", "random_search", "yours", "Regularized evolution"])
    assert len(set(styles.values())) == 4
    assert styles["random_search"] == style.LINE_STYLES["random search"]
    assert styles["Regularized evolution"] == style.line_styles(["regularized_evolution"])["regularized_evolution"]


def test_dashes_for_svg_and_matplotlib():
    skip, conv = style.OPERATION_STYLES["skip_connect"], style.OPERATION_STYLES["nor_conv_3x3"]
    assert (skip.svg_dashes, skip.linestyle) == ("8 5", (0, (8, 5)))
    assert (conv.svg_dashes, conv.linestyle) == ("none", "solid")
