"""Drawings of cells: well-formed SVG with labels and alternative text, PNG and PDF that open, notebook output."""

import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from io import BytesIO

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nas_edu import draw
from nas_edu.draw.style import LIGHT, operation_style
from nas_edu.search_spaces import Hierarchical, Macro, TinyCell

SPACE = TinyCell()
SVG = "{http://www.w3.org/2000/svg}"
MIXED = SPACE.parse("|none~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|avg_pool_3x3~0|skip_connect~1|nor_conv_3x3~2|")


def texts(drawing: draw.Drawing) -> list[str]:
    return [element.text for element in ET.fromstring(drawing.svg).iter(f"{SVG}text")]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SPACE) - 1))
def test_every_cell_gives_well_formed_svg_with_labels_and_alternative_text(number):
    cell = SPACE[number]
    drawing = draw.cell(cell)
    root = ET.fromstring(drawing.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert str(cell) in root.find(f"{SVG}title").text
    description = root.find(f"{SVG}desc").text
    for operation in set(cell.operations) - {"none"}:
        assert operation in description
    assert root.get("aria-label") == f"{cell}. {description}"
    found = texts(drawing)
    for node in ("x0", "x1", "x2", "x3"):
        assert found.count(node) == 1
    for operation in set(cell.operations):
        label = operation_style(operation).label
        in_legend = label == operation  # "none" is called the same in both places
        assert found.count(label) == cell.operations.count(operation) + in_legend
        assert operation in found, "the legend names each operation in full"
    assert {"input", "output"} <= set(found)


def test_lines_carry_their_operations_colour_dashes_and_width():
    root = ET.fromstring(draw.cell(MIXED, legend=False).svg)
    lines = [
        (path.get("stroke"), path.get("stroke-dasharray", "none"), float(path.get("stroke-width")))
        for path in root.iter(f"{SVG}path")
        if path.get("stroke") not in (None, "#F0E442")
    ]
    styles = [operation_style(operation) for operation in MIXED.operations]
    assert sorted(lines) == sorted((s.colour, s.svg_dashes, s.width) for s in styles)


def test_dead_edges_are_faded_and_live_ones_are_not():
    root = ET.fromstring(draw.cell(MIXED, legend=False).svg)
    faded = {
        path.get("stroke") for path in root.iter(f"{SVG}path") if path.get("opacity", "1") != "1" and path.get("stroke")
    }
    assert faded == {operation_style(name).colour for name in ("nor_conv_1x1", "skip_connect")}
    assert "Dead: nor_conv_1x1 from x1 to x2, skip_connect from x1 to x3" in draw.cell(MIXED).svg
    assert "faded: dead, does not matter" in texts(draw.cell(MIXED))


def test_description_is_the_cells_equations():
    assert repr(draw.cell(MIXED, title="Mixed")) == (
        "Mixed: x1 = 0; x2 = nor_conv_3x3(x0) + nor_conv_1x1(x1); "
        "x3 = avg_pool_3x3(x0) + skip_connect(x1) + nor_conv_3x3(x2). "
        "Dead: nor_conv_1x1 from x1 to x2, skip_connect from x1 to x3"
    )


def test_a_description_adds_up_only_what_is_added_up():
    graph = Macro().parse("conv3-8(input) | maxpool(input) | conv1-8(1,2)")
    assert repr(draw.cell(graph)).endswith("c3 = concatenate(x1, x2); x3 = conv1-8(c3)")


def test_highlight_adds_one_band_and_refuses_an_edge_that_is_not_there():
    def bands(**options):
        root = ET.fromstring(draw.cell(MIXED, legend=False, **options).svg)
        return sum(path.get("stroke") == "#F0E442" and path.get("d") != "" for path in root.iter(f"{SVG}path"))

    assert bands() == 0
    assert bands(highlight=[(0, 2)]) == 1
    with pytest.raises(ValueError, match=r"cannot highlight \(2, 1\).*\(0, 1\)"):
        draw.cell(MIXED, highlight=[(2, 1)])


def test_text_is_escaped():
    drawing = draw.cell(MIXED, title='a < b & "c"')
    root = ET.fromstring(drawing.svg)
    assert 'a < b & "c"' in texts(drawing)
    assert root.get("aria-label").startswith('a < b & "c". x1')


def test_all_text_lies_on_the_sheet():
    for drawing in (draw.cell(MIXED, title="A title that is longer than the cell " * 3), draw.cells([MIXED] * 5)):
        for left, top, picture in drawing.places:
            for element in picture.elements.values():
                if element.tag != "text":
                    continue
                wide = 0.5 * float(element.attributes["font-size"]) * len(element.text)
                x, y = left + float(element.attributes["x"]), top + float(element.attributes["y"])
                x -= {"start": 0, "middle": wide / 2, "end": wide}[element.attributes.get("text-anchor", "start")]
                assert 0 <= x <= x + wide <= drawing.width
                assert 10 <= y <= drawing.height
                assert float(element.attributes["font-size"]) >= 13


def test_colours_follow_jupyterlab_where_it_defines_them_and_are_there_where_not():
    svg = draw.cell(MIXED).svg
    assert f'fill="{LIGHT.ink}"' in svg
    assert f"fill: var(--jp-content-font-color1, {LIGHT.ink})" in svg
    assert f"var(--jp-layout-color0, {LIGHT.background})" in svg


def test_png_shows_the_picture():
    drawing = draw.cell(MIXED)
    image = Image.open(BytesIO(drawing.png)).convert("RGB")
    assert image.size == (2 * drawing.width, 2 * drawing.height)
    colours = {f"#{r:02X}{g:02X}{b:02X}": count for count, (r, g, b) in image.getcolors(maxcolors=1 << 20)}
    assert max(colours, key=colours.get) == LIGHT.background.upper()
    for operation in ("nor_conv_3x3", "avg_pool_3x3"):
        assert colours[operation_style(operation).colour] > 500, operation


def test_saving(tmp_path):
    drawing = draw.cell(MIXED)
    assert drawing.save(tmp_path / "cell.svg").read_text(encoding="utf-8") == drawing.svg
    assert Image.open(drawing.save(tmp_path / "cell.png")).format == "PNG"
    pdf = drawing.save(str(tmp_path / "cell.PDF")).read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    for name in ("cell.gif", "cell"):
        with pytest.raises(ValueError, match=r"\.svg, \.png or \.pdf"):
            drawing.save(tmp_path / name)


def test_the_same_cell_gives_the_same_bytes(tmp_path):
    for ending in ("svg", "png", "pdf"):
        first, second = (draw.cell(MIXED).save(tmp_path / f"{k}.{ending}").read_bytes() for k in (1, 2))
        assert first == second


def test_a_notebook_gets_svg_png_and_words():
    drawing = draw.cell(MIXED)
    data, metadata = drawing._repr_mimebundle_()
    assert data["image/svg+xml"] == drawing.svg
    assert Image.open(BytesIO(b64decode(data["image/png"]))).width == 2 * metadata["image/png"]["width"]
    assert "x2 = nor_conv_3x3(x0)" in data["text/plain"]


def test_gallery_has_every_cell_caption_and_one_legend():
    rng = random.Random(0)
    cells = [SPACE.sample(rng) for _ in range(5)]
    drawing = draw.cells(cells, captions=[f"caption {k}" for k in range(5)], title="Five")
    found = texts(drawing)
    assert found.count("x3") == 5
    assert [text for text in found if text.startswith("caption")] == [f"caption {k}" for k in range(5)]
    assert found.count("nor_conv_3x3") == 1
    narrow = draw.cells(cells, columns=1)
    assert narrow.width < drawing.width
    assert narrow.height > drawing.height


def test_gallery_refuses_nothing_and_missing_captions():
    with pytest.raises(ValueError, match="at least one cell"):
        draw.cells([])
    with pytest.raises(ValueError, match="2 cells need 2 captions, got 1"):
        draw.cells([MIXED, MIXED], captions=["one"])
    with pytest.raises(ValueError, match="columns"):
        draw.cells([MIXED], columns=0)


def test_other_graphs_are_drawn_by_the_same_function():
    graph = nx.MultiDiGraph(name="normal cell")
    graph.add_edge("c0", 2, operation="sep_conv_5x5", live=True)
    graph.add_edge("c1", 2, operation="max_pool_3x3", live=True)
    graph.add_edge("c1", 2, operation="skip_connect", live=False)
    drawing = draw.graph(graph)
    assert {"c0", "c1", "x2", "5x5 sep conv", "3x3 max pool", "skip", "sep_conv_5x5"} <= set(texts(drawing))
    assert texts(drawing).count("input") == 2
    assert repr(drawing).startswith("normal cell: x2 = sep_conv_5x5(c0) + max_pool_3x3(c1)")


@pytest.mark.parametrize("space", [Macro(), Hierarchical()], ids=repr)
def test_architectures_of_other_spaces_are_drawn_as_their_graphs(space):
    architecture = space.sample(random.Random(3))
    assert draw.cell(architecture).svg == draw.graph(space.to_graph(architecture)).svg
    assert str(architecture) in repr(draw.cell(architecture))


def test_what_is_no_cell_is_refused_with_what_is_allowed():
    with pytest.raises(TypeError, match=r"cannot draw a str.*a method to_graph\(\)"):
        draw.cell("|none~0|")
    graph = nx.MultiDiGraph()
    graph.add_edge(0, 1, operation="none")
    with pytest.raises(ValueError, match="edge 0 -> 1 lacks live"):
        draw.graph(graph)
    with pytest.raises(ValueError, match="no nodes"):
        draw.graph(nx.MultiDiGraph())


def test_import_is_cheap():
    code = (
        "import sys, nas_edu.draw; print([m for m in ('matplotlib', 'networkx', 'torch', 'numpy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
