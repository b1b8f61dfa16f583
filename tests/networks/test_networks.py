"""Networks against hand formulas, a naive recomputation, and each other: the fast one against the plain one."""

from __future__ import annotations

import copy
import hashlib
import itertools
import random
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nas_edu.core import Split, Task
from nas_edu.networks import TinyCellNetwork, build, count_macs, count_parameters, operation, seed_from
from nas_edu.networks.fast.tiny_cell import EVALUATED_AT_ONCE, FastTinyCell, supports
from nas_edu.networks.operations import OPERATIONS as KNOWN
from nas_edu.networks.operations import initialize
from nas_edu.networks.tiny_cell import CellModule
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

SPACE = TinyCell()
cells = st.integers(0, len(SPACE) - 1).map(SPACE.__getitem__)
dense_cells = st.tuples(*[st.sampled_from(OPERATIONS[1:])] * 6).map(Cell)  # random cells are often half dead
some_cells = cells | dense_cells
few = settings(max_examples=25, deadline=None)


def task(input_shape, classes=10, name="little"):
    split = Split(np.zeros((2, *input_shape), np.float32), np.zeros(2, np.int64))
    return Task(name, split, split, split, classes)


def shaken(module, seed=0):
    """All numbers random, the running statistics too: nothing is hidden by a zero or a one. In double precision."""
    generator = torch.Generator().manual_seed(seed)
    module = module.double()
    with torch.no_grad():
        for tensor in itertools.chain(module.parameters(), module.buffers()):
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype) + 0.1)
                if tensor.dim() > 1:
                    tensor.sub_(0.6)
    return module


def network(cell, input_shape=(1, 40), classes=10, seed=0):
    return shaken(TinyCellNetwork(cell, input_shape, classes), seed)


def inputs(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- what a network costs --------------------------------------------------------------------------------------------


def by_hand(cell, input_shape, classes):
    """Parameters and MACs from the live edges alone: 8, 16, 32 channels; positions halve twice in each direction."""
    dimensions = len(input_shape) - 1
    taps = {"nor_conv_1x1": 1, "nor_conv_3x3": 3**dimensions}
    parameters = macs = 0
    channels_in = input_shape[0]
    for stage, channels in enumerate((8, 16, 32)):
        positions = int(np.prod([size // 2**stage for size in input_shape[1:]]))
        parameters += channels_in * channels + channels
        macs += channels_in * channels * positions
        for name in cell.live_edges.values():
            if name in taps:
                parameters += channels * channels * taps[name] + 2 * channels
                macs += channels * channels * taps[name] * positions
        channels_in = channels
    return parameters + 32 * classes + classes, macs + 32 * classes


@few
@given(some_cells, st.sampled_from([(1, 40), (3, 17), (1, 8, 8), (3, 12, 20)]), st.sampled_from([2, 10]))
def test_parameters_and_macs_equal_the_hand_formula(cell, input_shape, classes):
    made = build(cell, task(input_shape, classes))
    assert (count_parameters(made), count_macs(made, input_shape)) == by_hand(cell, input_shape, classes)


def test_a_number_worked_out_on_paper():
    cell = Cell(("nor_conv_3x3", "none", "none", "none", "skip_connect", "none"))
    # 1-D, length 40: stem 1*8+8, 8*16+16, 16*32+32; cells 3 c^2 + 2 c for c = 8, 16, 32; head 32*10+10
    assert count_parameters(build(cell, task((1, 40)))) == 16 + 144 + 544 + (208 + 800 + 3136) + 330
    # 8*40 + 128*20 + 512*10, cells 3 c^2 times 40, 20, 10, head 320
    assert count_macs(build(cell, task((1, 40))), (1, 40)) == 320 + 2560 + 5120 + (7680 + 15360 + 30720) + 320


def test_counting_leaves_mode_and_statistics_as_they_were():
    made = build(Cell(("nor_conv_3x3",) * 6), task((1, 40))).train()
    before = copy.deepcopy(made.state_dict())
    count_macs(made, (1, 40))
    assert made.training
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())
    assert not any(module._forward_hooks for module in made.modules())


# --- what a cell computes --------------------------------------------------------------------------------------------


def naive_operation(name, module, x):
    """One operation by loops over positions, in evaluation mode. x: (samples, channels, length)."""
    samples, _, length = x.shape
    if name in ("none", "skip_connect"):
        return x * (name != "none")
    out = np.zeros_like(x)
    for n, p in itertools.product(range(samples), range(length)):
        near = [q for q in (p - 1, p, p + 1) if 0 <= q < length]
        if name == "avg_pool_3x3":
            out[n, :, p] = sum(x[n, :, q] for q in near) / len(near)
            continue
        weight = module[1].weight.detach().numpy()
        offsets = [0] if name == "nor_conv_1x1" else near
        for q in [p] if name == "nor_conv_1x1" else offsets:
            tap = 0 if name == "nor_conv_1x1" else q - p + 1
            out[n, :, p] += weight[:, :, tap] @ np.maximum(x[n, :, q], 0)
    if name.startswith("nor_conv"):
        norm = {key: value.detach().numpy()[:, None] for key, value in module[2].state_dict().items() if value.dim()}
        out = (out - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5) * norm["weight"] + norm["bias"]
    return out


@few
@given(some_cells)
def test_a_cell_module_equals_a_naive_recomputation(cell):
    module = shaken(CellModule(cell, 4, 1)).eval()
    x = inputs(2, 4, 7)
    modules = dict(zip(module.edges, module.operations, strict=True))
    nodes = [x.numpy(), None, None, None]
    for j in (1, 2, 3):
        nodes[j] = sum(
            naive_operation(cell.edges[i, j], modules.get((i, j)), nodes[i])
            if (i, j) in modules
            else np.zeros_like(nodes[0])
            for i in range(j)
        )
    np.testing.assert_allclose(module(x).detach().numpy(), nodes[3], rtol=0, atol=1e-10)


@few
@given(some_cells, st.sampled_from([1, 2]), st.booleans())
def test_dead_edges_have_no_effect(cell, dimensions, training):
    """All six edges with modules, dead ones included, against the module that has live edges only.

    A convolution that receives nothing delivers its normalization's shift, which is zero before the first step: such a
    term, a learned constant, is dropped by definition. An edge that does not reach the output may hold any numbers.
    """
    channels, x = 4, inputs(3, 4, *[6] * dimensions)
    module = shaken(CellModule(cell, channels, dimensions)).train(training)
    live = dict(zip(module.edges, module.operations, strict=True))
    whole = {edge: live.get(edge) or shaken(operation(name, channels, dimensions)) for edge, name in cell.edges.items()}
    reached = nx.descendants(nx.DiGraph([e for e, name in cell.edges.items() if name != "none"] + [(0, 0)]), 0) | {0}
    for (i, j), dead in whole.items():
        if (i, j) not in live and i not in reached and isinstance(dead, nn.Sequential):
            dead[2].reset_parameters()
    expected = module(x)
    nodes = {0: x}
    for i, j in EDGES:
        delivered = whole[i, j].train(training)(nodes[i])
        nodes[j] = nodes[j] + delivered if j in nodes else delivered
    torch.testing.assert_close(nodes[3], expected, rtol=0, atol=1e-10)


@few
@given(st.data())
def test_equal_functions_give_equal_outputs_when_their_weights_are_mapped(data):
    """Some way to hand the convolutions of one cell to the other makes their outputs equal."""
    cell = data.draw(some_cells)
    same = SPACE.canonical(cell)
    one, other = shaken(CellModule(cell, 3, 1)).eval(), shaken(CellModule(same, 3, 1)).eval()
    x = inputs(2, 3, 6)
    expected = one(x)
    kinds = {}
    for modules in (one, other):
        for module in modules.operations:
            if isinstance(module, nn.Sequential):
                kinds.setdefault(module[1].kernel_size, ([], []))[modules is other].append(module)
    assert all(len(ours) == len(theirs) for ours, theirs in kinds.values())
    orders = [itertools.permutations(ours) for ours, _ in kinds.values()]
    for order in itertools.product(*orders):
        for given_modules, (_, theirs) in zip(order, kinds.values(), strict=True):
            for source, target in zip(given_modules, theirs, strict=True):
                target.load_state_dict(source.state_dict())
        if torch.allclose(other(x), expected, rtol=0, atol=1e-10):
            return
    pytest.fail(f"{cell} and its canonical cell {same} differ under every mapping of weights")


def test_a_dead_cell_says_the_same_of_every_input():
    made = network(Cell(("nor_conv_3x3", "none", "none", "none", "none", "skip_connect")))
    logits = made(inputs(5, 1, 40))
    assert torch.equal(logits, made.head.bias.expand(5, -1))


def test_averages_at_the_border_are_of_the_values_that_exist():
    pool = operation("avg_pool_3x3", 1, 1)
    torch.testing.assert_close(pool(torch.tensor([[[3.0, 6.0, 12.0]]])), torch.tensor([[[4.5, 7.0, 9.0]]]))
    image = torch.arange(9.0).view(1, 1, 3, 3)
    assert operation("avg_pool_3x3", 1, 2)(image)[0, 0, 0, 0] == (0 + 1 + 3 + 4) / 4


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shape", [(2, 4, 9), (2, 4, 5, 7)])
def test_operations_keep_the_shape(name, shape):
    module = shaken(operation(name, 4, len(shape) - 2))
    assert module(inputs(*shape)).shape == shape
    assert set(KNOWN) == set(OPERATIONS)


def test_an_unknown_operation_is_refused_with_what_was_perhaps_meant():
    with pytest.raises(ValueError, match=r"'nor_conv_3'; allowed: none, .*did you mean 'nor_conv_3x3'"):
        operation("nor_conv_3", 8, 1)


def test_an_architecture_without_a_network_is_refused_with_what_is_known():
    with pytest.raises(TypeError, match="no network for str 'conv'; known are: Cell"):
        build("conv", task((1, 40)))


@few
@given(some_cells, st.sampled_from([(1, 40), (2, 7), (1, 8, 8), (3, 9, 5)]))
def test_the_skeleton_is_stem_cells_halvings_and_head(cell, input_shape):
    made = network(cell, input_shape, classes=4).eval()
    x = inputs(3, *input_shape)
    h = x
    for stage in range(3):
        if stage:
            for axis in range(2, h.dim()):  # halve by the mean of pairs, the odd one at the end left out
                even = h.shape[axis] // 2 * 2
                pairs = h.narrow(axis, 0, even).unflatten(axis, (even // 2, 2))
                h = pairs.mean(axis + 1)
        widen = made.widen[stage]
        h = torch.einsum("oi,ni...->no...", widen.weight.flatten(1), h) + widen.bias.view(-1, *[1] * (h.dim() - 2))
        h = made.cells[stage](h)
    expected = h.flatten(2).mean(2) @ made.head.weight.T + made.head.bias
    torch.testing.assert_close(made(x), expected, rtol=0, atol=1e-10)
    assert expected.shape == (3, 4)


# --- the fast network ------------------------------------------------------------------------------------------------

shapes = st.sampled_from([(1, 40), (2, 21), (1, 12), (1, 8, 8), (2, 7, 6), (1, 4, 5)])


@few
@given(some_cells, shapes, st.integers(2, 5), st.integers(0, 99))
def test_the_fast_network_equals_the_plain_one(cell, input_shape, samples, seed):
    plain = network(cell, input_shape, seed=seed)
    made = copy.deepcopy(plain)
    assert supports(made, inputs(1, *input_shape))
    fast = FastTinyCell(made)
    for step in range(3):  # running statistics are moved, then moved again; memory is used, then used again
        x = inputs(samples, *input_shape, seed=seed + step)
        targets = torch.arange(samples) % 10
        plain.train().zero_grad()
        expected = nn.functional.cross_entropy(plain(x), targets)
        expected.backward()
        torch.testing.assert_close(fast.gradients(x, targets), expected.detach(), rtol=1e-10, atol=1e-10)
        same_gradients(made, plain)
        for (name, ours), (_, theirs) in zip(made.named_buffers(), plain.named_buffers(), strict=True):
            torch.testing.assert_close(
                ours, theirs, rtol=1e-10, atol=1e-10, msg=lambda text, name=name: f"{name} {text}"
            )
        with torch.no_grad():
            torch.testing.assert_close(fast.logits(x), plain.eval()(x), rtol=1e-10, atol=1e-10)
            assert not made.training
            for parameter in itertools.chain(made.parameters(), plain.parameters()):  # as an optimizer does, in place
                parameter.mul_(0.9)


def same_gradients(fast, plain):
    for (name, ours), (_, theirs) in zip(fast.named_parameters(), plain.named_parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None), name
        if ours.grad is not None:
            assert ours.grad.is_contiguous()
            torch.testing.assert_close(
                ours.grad, theirs.grad, rtol=1e-10, atol=1e-10, msg=lambda t, name=name: f"{name} {t}"
            )


def test_the_fast_gradient_is_the_slope_of_the_loss():
    """Central differences, which know nothing of any backward pass, in two directions for each parameter."""
    made = network(
        Cell(("nor_conv_3x3", "avg_pool_3x3", "skip_connect", "nor_conv_1x1", "none", "nor_conv_3x3")), (1, 5, 6)
    )
    fast, x, targets = FastTinyCell(made), inputs(4, 1, 5, 6), torch.tensor([0, 3, 9, 3])
    fast.gradients(x, targets)
    gradients = {name: parameter.grad.clone() for name, parameter in made.named_parameters()}
    with torch.no_grad():
        for seed, (name, parameter) in enumerate(made.named_parameters()):
            direction, losses = inputs(*parameter.shape, seed=seed), []
            for move in (1e-6, -2e-6):
                parameter.add_(direction, alpha=move)
                losses.append(fast.gradients(x, targets).item())
            parameter.add_(direction, alpha=1e-6)
            slope = (losses[0] - losses[1]) / 2e-6
            assert slope == pytest.approx((gradients[name] * direction).sum().item(), rel=1e-5, abs=1e-8), name


def test_what_a_dead_cell_hides_gets_no_gradient():
    """So an optimizer leaves it alone, without weight decay, as it does with the plain network."""
    made = network(Cell(("none",) * 6))
    FastTinyCell(made).gradients(inputs(3, 1, 40), torch.tensor([0, 1, 2]))
    assert {name for name, parameter in made.named_parameters() if parameter.grad is not None} == {
        "head.weight",
        "head.bias",
    }


def test_the_fast_network_evaluates_in_parts_of_any_size():
    made = network(
        Cell(("nor_conv_3x3", "none", "nor_conv_1x1", "avg_pool_3x3", "skip_connect", "nor_conv_3x3"))
    ).eval()
    fast, x = FastTinyCell(made), inputs(EVALUATED_AT_ONCE + 7, 1, 40)
    with torch.no_grad():
        torch.testing.assert_close(fast.logits(x), made(x), rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(fast.logits(x[:3]), made(x[:3]), rtol=1e-10, atol=1e-10)


def test_the_fast_network_is_for_tiny_cells_in_cpu_memory():
    made = network(Cell(("none",) * 6), (1, 8, 8))
    assert supports(made, inputs(2, 1, 8, 8))
    assert not supports(made, torch.empty(2, 1, 8, 8, device="meta"))
    assert not supports(nn.Linear(3, 3), inputs(2, 1, 8))


# --- seeds -----------------------------------------------------------------------------------------------------------

DENSE = Cell(("nor_conv_3x3", "nor_conv_1x1", "nor_conv_3x3", "skip_connect", "avg_pool_3x3", "nor_conv_3x3"))


def weights_hash(made):
    return hashlib.sha256(b"".join(value.numpy().tobytes() for value in made.state_dict().values())).hexdigest()


def test_weights_are_the_same_in_another_process():
    script = (
        f"import sys; sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1] / 'helpers')]!r}\n"
        "from test_networks import *\n"
        "torch.manual_seed(7); build(SPACE[9], task((1, 40)))\n"
        "print(weights_hash(build(DENSE, task((1, 40)), seed=3)))"
    )
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == weights_hash(build(DENSE, task((1, 40)), seed=3))


def test_weights_depend_on_cell_task_and_seed_and_on_nothing_else():
    first = weights_hash(build(DENSE, task((1, 40))))
    torch.manual_seed(99)
    random.seed(99)
    assert weights_hash(build(DENSE, task((1, 40)))) == first
    others = [
        build(DENSE, task((1, 40)), seed=1),
        build(DENSE, task((1, 40), name="other")),
        build(Cell((*DENSE.operations[:5], "nor_conv_1x1")), task((1, 40))),
    ]
    hashes = {hashlib.sha256(made.head.weight.detach().numpy().tobytes()).hexdigest() for made in others}
    assert len(hashes | {hashlib.sha256(build(DENSE, task((1, 40))).head.weight.detach().numpy().tobytes())}) == 4


def test_building_does_not_touch_global_random_state():
    torch_state, python_state = torch.get_rng_state(), random.getstate()
    build(DENSE, task((1, 8, 8)), seed=3)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert random.getstate() == python_state


def test_seeds_are_pinned_and_below_two_to_the_63():
    assert seed_from("a", 1) == int(hashlib.sha256(b"('a', 1)").hexdigest()[:16], 16) // 2
    assert len({seed_from(*parts) for parts in (("a", 1), ("a", "1"), ("a1",), (1, "a"))}) == 4
    assert all(0 <= seed_from(number) < 2**63 for number in range(1000))


def test_initial_weights_have_the_spread_of_he_et_al():
    conv = nn.Conv1d(64, 64, 3)
    initialize(nn.Sequential(conv), torch.Generator().manual_seed(0))
    assert conv.weight.std().item() == pytest.approx((2 / (64 * 3)) ** 0.5, rel=0.03)
    assert abs(conv.weight.mean().item()) < 0.005
    assert not conv.bias.any()


@few
@given(some_cells, st.sampled_from([(1, 40), (1, 8, 8)]))
def test_no_weight_is_left_unset(cell, input_shape):
    made = build(cell, task(input_shape))
    again = build(cell, task(input_shape))
    for (name, value), other in zip(made.state_dict().items(), again.state_dict().values(), strict=True):
        assert torch.isfinite(value).all()
        assert torch.equal(value, other), name
