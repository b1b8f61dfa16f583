"""The stacker: its figures are those of the network, and by hand where a hand can count them."""

import math

import pytest
import torch

from nas_edu.data import load
from nas_edu.draw.panel import lay_out
from nas_edu.networks import StackedCellNetwork, TinyCellNetwork, build, count_macs, count_parameters
from nas_edu.networks.fast import supports
from nas_edu.networks.stacked_cells import kinds_of_cells
from nas_edu.search_spaces import TinyCell
from nas_edu.search_spaces.nasnet_cell import Block, NASNetGenotype
from nas_edu.search_spaces.published_cells import AMOEBANET_A, DARTS_V2, NASNET_A, PC_DARTS
from nas_edu.widgets import stack_cells
from nas_edu.widgets.explorers.stacker import measured, plans

SPACE = TinyCell()
ONE_CONV = SPACE.parse("|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|")
RICH = SPACE.parse("|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|none~1|avg_pool_3x3~2|")


def figures(explorer):
    return dict(explorer.panels[1].marks[0].rows)


@pytest.mark.parametrize("task", ["mnist1d", "digits"])
@pytest.mark.parametrize(
    "cell", [RICH, DARTS_V2, PC_DARTS, NASNET_A, AMOEBANET_A], ids=lambda cell: type(cell).__name__
)
def test_it_starts_with_the_network_that_the_library_builds(cell, task):
    explorer = stack_cells(cell, task)
    data = load(task)
    network = build(cell, data)
    shown = figures(explorer)
    assert shown["Parameters"] == f"{count_parameters(network):,}"
    assert shown["MACs a sample"] == f"{count_macs(network, data.input_shape):,}"


@pytest.mark.parametrize("normal_cells", [1, 3])
@pytest.mark.parametrize("reductions", [0, 3])
@pytest.mark.parametrize("channels", [4, 12])
def test_parameters_and_macs_by_hand(normal_cells, reductions, channels):
    """A cell of one 1x1 convolution on signals of 40: C^2 weights, 2 C of the normalization, C^2 P MACs."""
    parts = measured(ONE_CONV, "mnist1d", normal_cells, reductions, channels)
    parameters = macs = 0
    before = 1
    for stage in range(reductions + 1):
        c, positions = channels * 2**stage, 40 // 2**stage
        parameters += before * c + c + normal_cells * (c * c + 2 * c)
        macs += before * c * positions + normal_cells * c * c * positions
        before = c
        sizes = [part.size for part in parts if part.stage == stage and part.kind == "normal"]
        assert sizes == [(c, positions)] * normal_cells
    assert sum(part.parameters for part in parts) == parameters + 10 * before + 10
    assert sum(part.macs for part in parts) == macs + 10 * before


@pytest.mark.parametrize(("task", "positions"), [("mnist1d", (40,)), ("digits", (8, 8))])
def test_a_reduction_halves_the_positions_and_doubles_the_channels(task, positions):
    for normal_cells, reductions in [(1, 0), (2, 2), (1, 3)]:
        parts = measured(DARTS_V2, task, normal_cells, reductions, 8)
        assert [part.kind for part in parts].count("reduction") == reductions
        assert [part.kind for part in parts].count("normal") == normal_cells * (reductions + 1)
        for part in parts[1:-1]:
            assert part.size == (8 * 2**part.stage * 4, *(math.ceil(p / 2**part.stage) for p in positions))


@pytest.mark.parametrize("cell", [DARTS_V2, AMOEBANET_A], ids=["DARTS_V2", "AMOEBANET_A"])
def test_long_stages_are_counted_as_if_they_were_built(cell):
    """From the third cell on, all cells of a stage are alike, and only one of them is measured."""
    data = load("mnist1d")
    parts = measured(cell, "mnist1d", 5, 2, 8)
    network = StackedCellNetwork(*plans(cell), data.input_shape, data.classes, 8, 5, 2)
    assert sum(part.parameters for part in parts) == count_parameters(network)
    assert sum(part.macs for part in parts) == count_macs(network, data.input_shape)
    kinds = [part.kind == "reduction" for part in parts[1:-1]]
    assert kinds == kinds_of_cells(5, 2)
    for k, part in enumerate(parts[1:-1]):
        assert part.name == f"cells.{k}"
        assert part.parameters == count_parameters(network.cells[str(k)])


def test_a_cell_that_nothing_reads_is_there_and_costs_nothing():
    reads_one = Block(("skip_connect", 0), ("nor_conv_3x3", 0), "add")  # the last but one cell, never the last
    genotype = NASNetGenotype((reads_one,), (reads_one,))
    parts = measured(genotype, "mnist1d", 4, 1, 8)
    dead = [part for part in parts if not part.live]
    assert dead
    assert all((part.parameters, part.macs, part.size) == (0, 0, ()) for part in dead)
    stack_cells(genotype).run_here()


def test_more_cells_cost_more_and_undo_goes_back():
    explorer = stack_cells(DARTS_V2)
    texts = [explorer.text]
    for name, value in [("cells", 3), ("reductions", 1), ("channels", 16)]:
        explorer.set(name, value)
        texts.append(explorer.text)
    assert [text.split()[0] for text in texts] == ["5", "11", "7", "7"]
    for text in reversed(texts[:-1]):
        explorer.undo()
        assert explorer.text == text


def test_a_click_on_a_box_shows_what_it_delivers():
    explorer = stack_cells(RICH)
    explorer.click("part widen.1")
    shown = figures(explorer)
    assert explorer.panels[1].subtitle == "The reduction in stage 2"
    assert shown["This box delivers"] == "16 × 20"
    assert shown["Its parameters"] == f"{8 * 16 + 16}"
    assert shown["Its MACs"] == f"{8 * 16 * 20:,}"
    marked = [layer for _, layers in explorer.panels[0].marks[0].rows for layer in layers if layer.marked]
    assert len(marked) == 1
    explorer.set("reductions", 0)  # the box that was clicked is gone
    assert explorer.panels[1].subtitle == "click a box to see its own"


def test_a_stage_keeps_at_least_one_position():
    explorer = stack_cells(RICH, "digits")
    explorer.set("reductions", 3)
    assert figures(explorer)["Before the head"] == "64 × 1 × 1"
    with pytest.raises(ValueError, match="reductions goes from 0 to 3; got 4"):
        explorer.set("reductions", 4)


def test_the_largest_stacks_can_be_drawn_inside_the_panel():
    for cell in (RICH, AMOEBANET_A):
        explorer = stack_cells(cell, "digits")
        explorer.set("cells", 5)
        explorer.set("reductions", 3)
        for panel in explorer.panels:
            for element in lay_out(panel).elements.values():
                if element.tag == "rect":
                    x, y, width, height = (float(element.attributes[k]) for k in ("x", "y", "width", "height"))
                    assert x >= 0
                    assert y >= 50
                    assert x + width <= 390
                    assert y + height <= 320


def test_two_cells_a_stage_are_the_cell_applied_twice():
    network = TinyCellNetwork(RICH, (1, 12), 3, (4, 8), cells_per_stage=2).eval()
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    x = torch.randn(5, 1, 12, generator=generator)
    first, second, third, fourth = network.cells
    expected = second(first(network.widen[0](x)))
    expected = fourth(third(network.widen[1](torch.nn.functional.avg_pool1d(expected, 2))))
    torch.testing.assert_close(network(x), network.head(expected.mean(-1)))
    assert not supports(network, x)  # the fast network knows one cell a stage


def test_wrong_arguments_get_a_clear_error():
    with pytest.raises(TypeError, match="takes a Cell, a Genotype or a NASNetGenotype, got str"):
        stack_cells("DARTS_V2")
    with pytest.raises(ValueError, match=r"no task 'digit'; did you mean 'digits'\?"):
        stack_cells(DARTS_V2, "digit")
