"""Networks of DARTSCell and NASNetCell: every sample trains, parameters by hand, isomorphic cells compute the same."""

from __future__ import annotations

import itertools
import math
import random

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.core import run_trial
from nas_edu.data import load
from nas_edu.networks import build, count_macs, count_parameters
from nas_edu.networks.operations import STRIDED_OPERATIONS as BUILT
from nas_edu.networks.operations import FactorizedReduce, strided_operation
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import DARTSCell, Genotype, NASNetCell, NASNetGenotype, published_cells
from nas_edu.search_spaces.darts_cell import KEPT_OPERATIONS
from nas_edu.search_spaces.nasnet_cell import OPERATIONS, Block, unused_states

SPACES = {"DARTSCell": DARTSCell(), "NASNetCell": NASNetCell()}
both = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
tasks = pytest.mark.parametrize("task", ["mnist1d", "digits"])
PUBLISHED = ("DARTS_V1", "DARTS_V2", "GDAS", "PC_DARTS", "NASNET_A", "AMOEBANET_A")
ALL_OPERATIONS = sorted({*KEPT_OPERATIONS, *OPERATIONS})
seeds = st.integers(0, 2**32)


def gradients_of_one_step(genotype, task):
    network = build(genotype, task)
    inputs, targets = (torch.from_numpy(array[:16]) for array in (task.train.inputs, task.train.targets))
    logits = network(inputs)
    assert logits.shape == (16, task.classes)
    F.cross_entropy(logits, targets).backward()
    return network, {name: parameter.grad for name, parameter in network.named_parameters()}


# --- every architecture trains ---------------------------------------------------------------------------------------


@both
@tasks
def test_every_sample_has_finite_gradients_in_all_its_parameters(space, task):
    rng, task = random.Random(0), load(task)
    for _ in range(8):
        _, gradients = gradients_of_one_step(space.sample(rng), task)
        missing = [name for name, gradient in gradients.items() if gradient is None]
        assert not missing
        assert all(gradient.isfinite().all() for gradient in gradients.values())
        assert gradients["stem.0.weight"].abs().sum() > 0


@pytest.mark.parametrize("name", PUBLISHED)
@tasks
def test_every_published_cell_has_gradients(name, task):
    _, gradients = gradients_of_one_step(getattr(published_cells, name), load(task))
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients.values())


@both
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_training_learns_something(space, dimensions):
    task = tiny_task(dimensions=dimensions)  # positions 12 or 6 x 6, which halve to an odd number
    trial = run_trial(Train(task, epochs=8), space.sample(random.Random(1)))
    assert trial.failure is None
    # The loss, not the accuracy: 16 steps are too few for the running averages of so many normalizations in a row.
    assert trial.evaluation.curve[-1].train_loss < 0.2 * trial.evaluation.curve[0].train_loss


@both
def test_a_network_depends_on_its_seed_only(space):
    task, genotype = tiny_task(), space.sample(random.Random(0))
    one, other, third = build(genotype, task), build(genotype, task), build(genotype, task, seed=1)
    pairs = list(zip(one.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(one.head.weight, third.head.weight)


# --- operations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "stride"), list(itertools.product([(9,), (12,), (2,), (7, 5), (8, 8), (2, 2)], [1, 2]))
)
def test_every_operation_keeps_or_halves_the_positions(size, stride):
    assert set(ALL_OPERATIONS) <= set(BUILT)
    for name in BUILT:
        output = strided_operation(name, 4, len(size), stride)(torch.randn(3, 4, *size))
        assert output.shape == (3, 4, *(math.ceil(positions / stride) for positions in size)), name


# Where a value can come from: offsets from the middle that a non-zero output depends on, in one direction.
REACH = {
    "skip_connect": [0],
    "nor_conv_1x1": [0],
    "nor_conv_3x3": [-1, 0, 1],
    "sep_conv_3x3": [-2, -1, 0, 1, 2],
    "sep_conv_5x5": list(range(-4, 5)),
    "sep_conv_7x7": list(range(-6, 7)),
    "dil_conv_3x3": [-2, 0, 2],
    "dil_conv_5x5": [-4, -2, 0, 2, 4],
    "avg_pool_3x3": [-1, 0, 1],
    "conv_3x1_1x3": [-1, 0, 1],
    "conv_7x1_1x7": list(range(-3, 4)),
}


@pytest.mark.parametrize("name", REACH)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_an_operation_sees_the_neighbours_that_its_name_says(name, dimensions):
    module = strided_operation(name, 2, dimensions, 1).double().eval()
    for parameter in module.parameters():
        torch.nn.init.uniform_(parameter, 0.5, 1.0, generator=torch.Generator().manual_seed(0))
    x = torch.ones(1, 2, *[17] * dimensions, dtype=torch.float64, requires_grad=True)
    module(x)[(0, 0, *[8] * dimensions)].backward()
    seen = x.grad.abs().sum((0, 1)).nonzero()
    for axis in range(dimensions):
        assert sorted(set((seen[:, axis] - 8).tolist())) == REACH[name]
    assert len(seen) == len(REACH[name]) ** dimensions  # in 2-D a square, also for a row and then a column


@pytest.mark.parametrize("size", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
def test_poolings_take_the_maximum_and_the_mean_of_what_is_inside(size, stride):
    x = torch.randn(1, 1, 11, generator=torch.Generator().manual_seed(0))
    half, values = size // 2, x[0, 0].tolist()
    windows = [values[max(place - half, 0) : place + half + 1] for place in range(0, 11, stride)]
    largest = strided_operation(f"max_pool_{size}x{size}", 1, 1, stride)(x)[0, 0]
    mean = strided_operation(f"avg_pool_{size}x{size}", 1, 1, stride)(x)[0, 0]
    torch.testing.assert_close(largest, torch.tensor([max(window) for window in windows]))
    torch.testing.assert_close(mean, torch.tensor([sum(window) / len(window) for window in windows]))


@pytest.mark.parametrize("size", [(10,), (11,), (6, 6), (5, 7)])
def test_a_factorized_reduction_loses_no_position_on_the_diagonal(size):
    module = FactorizedReduce(1, 2, len(size)).eval()
    for conv in (module.even, module.odd):
        torch.nn.init.ones_(conv.weight)
    x = torch.arange(1.0, math.prod(size) + 1).reshape(1, 1, *size)
    even, odd = module(x)[0].detach() * math.sqrt(1 + module.norm.eps)
    step = (slice(0, None, 2),) * len(size), (slice(1, None, 2),) * len(size)
    torch.testing.assert_close(even, x[0, 0][step[0]])
    inside = x[0, 0][step[1]]
    torch.testing.assert_close(odd[tuple(slice(0, length) for length in inside.shape)], inside)
    assert odd.sum() == pytest.approx(float(inside.sum()), rel=1e-5)  # beyond the edge are zeros


def test_what_cannot_be_built_is_refused():
    with pytest.raises(ValueError, match=r"unknown operation 'sep_conv_3'.*did you mean 'sep_conv_3x3'"):
        strided_operation("sep_conv_3", 4, 1, 1)
    with pytest.raises(ValueError, match="even number of channels, not 3"):
        FactorizedReduce(4, 3, 1)


# --- what a network costs --------------------------------------------------------------------------------------------


def by_hand(name, channels, dimensions, stride):
    """The parameters of an operation: weights of the convolutions, two numbers a channel for each normalization."""
    c, norm = channels, 2 * channels
    if name == "skip_connect":
        return 0 if stride == 1 else c * c + norm  # two halves, c * c / 2 each
    if "pool" in name:
        return 0
    size = int(name.split("_")[-1][-1])
    if name.startswith("conv"):
        return {1: size, 2: 2 * size}[dimensions] * c * c + norm
    taps = size**dimensions
    if name.startswith("nor_conv"):
        return taps * c * c + norm
    return {"sep": 2, "dil": 1}[name[:3]] * (taps * c + c * c + norm)


@pytest.mark.parametrize("name", ALL_OPERATIONS)
@pytest.mark.parametrize(("dimensions", "stride"), list(itertools.product([1, 2], [1, 2])))
def test_parameters_of_an_operation_by_hand(name, dimensions, stride):
    module = strided_operation(name, 6, dimensions, stride)
    assert count_parameters(module) == by_hand(name, 6, dimensions, stride)


def network_by_hand(genotype, dimensions, input_channels, classes):
    """Cell by cell, from the choices alone: 8, 16, 16, 32, 32 channels after normal, reduce, normal, reduce, normal."""
    if isinstance(genotype, NASNetGenotype):
        cells = {"normal": genotype.normal, "reduce": genotype.reduce}
        returned = {kind: len(unused_states(cell)) for kind, cell in cells.items()}
    else:
        cells = {
            kind: [(edges[at], edges[at + 1], "add") for at in range(0, 8, 2)]
            for kind, edges in (("normal", genotype.normal), ("reduce", genotype.reduce))
        }
        returned = {"normal": 4, "reduce": 4}
    total = 3**dimensions * input_channels * 8 + 2 * 8  # the stem
    kinds = ("normal", "reduce", "normal", "reduce", "normal")
    channels = (8, 16, 16, 32, 32)
    read = {kind: {state for *two, _ in cell for _, state in two if state < 2} for kind, cell in cells.items()}
    alive = {4}
    for k in (4, 3, 2, 1, 0):
        if k in alive:
            alive |= {k - 2 + state for state in read[kinds[k]]}
    widths = [
        8,
        8,
        *(c * returned[kind] for c, kind in zip(channels, kinds, strict=True)),
    ]  # of stem, stem, cell 0, ...
    for k, (kind, c) in enumerate(zip(kinds, channels, strict=True)):
        if k not in alive:
            continue
        total += sum(widths[k + state] * c + 2 * c for state in read[kind])  # 1x1 or factorized: as many numbers
        for *two, combine in cells[kind]:
            for name, state in two:
                total += by_hand(name, c, dimensions, 2 if kind == "reduce" and state < 2 else 1)
            total += 2 * c * c + 2 * c if combine == "concatenate" else 0
    return total + widths[-1] * classes + classes


@both
@pytest.mark.parametrize("dimensions", [1, 2])
@settings(max_examples=6, deadline=None)
@given(seeds)
def test_parameters_of_a_network_by_hand(space, dimensions, seed):
    genotype = space.sample(random.Random(seed))
    network = build(genotype, tiny_task(dimensions=dimensions))
    assert count_parameters(network) == network_by_hand(genotype, dimensions, 1, 3)


def test_a_cell_that_no_one_reads_has_no_modules():
    old = tuple(Block(("nor_conv_1x1", 0), ("skip_connect", 0), "add") for _ in range(2))  # reads state 0 only
    network = build(NASNetGenotype(old, old), tiny_task())
    assert list(network.cells) == ["0", "2", "4"]  # five cells; the last reads every second one
    full = build(published_cells.DARTS_V1, tiny_task())
    assert list(full.cells) == ["0", "1", "2", "3", "4"]


def test_positions_halve_in_each_reduction_and_macs_follow():
    one = Genotype((("skip_connect", 0), ("skip_connect", 1)), (("max_pool_3x3", 0), ("max_pool_3x3", 1)))
    network = build(one, tiny_task())  # 12 positions, then 6, then 3
    sizes = []
    for cell in network.cells.values():
        cell.register_forward_hook(lambda module, inputs, output: sizes.append(tuple(output.shape[1:])))
    network(torch.zeros(2, 1, 12))
    assert sizes == [(8, 12), (16, 6), (16, 6), (32, 3), (32, 3)]
    # stem; the 1x1 convolutions of both inputs of each cell, at the size at which the cell reads them; linear layer
    widths, reads = (8, 8, 8, 16, 16, 32), (12, 12, 6, 6, 3)
    macs = 3 * 8 * 12 + 32 * 3
    for k, channels in enumerate((8, 16, 16, 32, 32)):
        macs += (widths[k] + widths[k + 1]) * channels * reads[k]
    assert count_macs(network, (1, 12)) == macs


# --- isomorphic genotypes compute the same ---------------------------------------------------------------------------


def with_nodes_moved(genotype, order):
    """The genotype whose node number k is node order[k] of this one, and its edges swapped."""
    place = {2 + node: 2 + rank for rank, node in enumerate(order)}

    def moved(edge):
        return edge[0], place.get(edge[1], edge[1])

    if isinstance(genotype, NASNetGenotype):
        return NASNetGenotype(
            *(
                tuple(Block(moved(cell[node].second), moved(cell[node].first), cell[node].combine) for node in order)
                for cell in (genotype.normal, genotype.reduce)
            )
        )
    return Genotype(
        *(
            tuple(moved(cell[2 * node + which]) for node in order for which in (1, 0))
            for cell in (genotype.normal, genotype.reduce)
        )
    )


def carry_weights(source, target, order):
    """Copy the weights of `source` into `target`, whose nodes are `order` of it; concatenated channels move along."""
    states = source.state_dict()
    for k in source.cells:
        _carry_operations(source.cells[k], target.cells[k], order)
    for name, value in target.state_dict().items():
        if ".operations." not in name and ".merge." not in name:
            value.copy_(states[name])
    for k, cell in target.cells.items():
        for state, prepare in cell.prepare.items():
            origin = target.sources[int(k)][int(state)]
            if origin >= 0:
                for conv in (module for module in prepare.modules() if hasattr(module, "kernel_size")):
                    ends = source.cells[str(origin)], target.cells[str(origin)]
                    conv.weight.data = _moved_groups(conv.weight.data, *ends, order)
    last = list(source.cells)[-1]
    target.head.weight.data = _moved_groups(target.head.weight.data, source.cells[last], target.cells[last], order)


def _carry_operations(source, target, order):
    for rank, node in enumerate(order):
        for which in (0, 1):
            target.operations[2 * rank + which].load_state_dict(source.operations[2 * node + 1 - which].state_dict())
        if str(2 + node) in source.merge:
            merge = target.merge[str(2 + rank)]
            merge.load_state_dict(source.merge[str(2 + node)].state_dict())
            first, second = merge[1].weight.data.chunk(2, dim=1)  # the halves were swapped
            merge[1].weight.data = torch.cat([second, first], dim=1)


def _moved_groups(weight, source, target, order):
    groups = dict(zip(source.plan.outputs, weight.chunk(len(source.plan.outputs), dim=1), strict=True))
    return torch.cat([groups[2 + order[state - 2]] for state in target.plan.outputs], dim=1)


@pytest.mark.parametrize(
    ("genotype", "order"),
    [
        # nodes 3 and 4 (second and third) of this cell do not read each other
        (
            Genotype(
                *[
                    (
                        *(("sep_conv_3x3", 0), ("max_pool_3x3", 1), ("dil_conv_3x3", 2), ("skip_connect", 0)),
                        *(("sep_conv_5x5", 1), ("avg_pool_3x3", 2), ("skip_connect", 4), ("sep_conv_3x3", 3)),
                    )
                ]
                * 2
            ),
            (0, 2, 1, 3),
        ),
        (
            NASNetGenotype(
                *[
                    (
                        Block(("sep_conv_3x3", 0), ("max_pool_3x3", 1), "concatenate"),
                        Block(("conv_7x1_1x7", 0), ("skip_connect", 0), "add"),
                        Block(("nor_conv_3x3", 2), ("dil_conv_3x3", 2), "concatenate"),
                    )
                ]
                * 2
            ),
            (1, 0, 2),
        ),
    ],
    ids=["DARTSCell", "NASNetCell"],
)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_isomorphic_genotypes_compute_the_same_with_weights_renamed(genotype, order, dimensions):
    other = with_nodes_moved(genotype, order)
    assert other != genotype
    assert other.canonical == genotype.canonical
    task = tiny_task(dimensions=dimensions)
    source, target = build(genotype, task).double(), build(other, task, seed=1).double()
    x = torch.from_numpy(task.train.inputs[:8]).double()
    assert not torch.allclose(source(x), target(x))
    carry_weights(source, target, order)
    torch.testing.assert_close(target(x), source(x), rtol=1e-9, atol=1e-9)
