"""GDAS, ProxylessNAS, PC-DARTS, perturbation, eigenvalues, memory: each against a second way to compute it."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tiny_task import tiny_task
from torch import nn

from nas_edu.one_shot import (
    PartialChannelSupernet,
    TinyCellSupernet,
    activation_memory,
    darts,
    dominant_eigenvalue,
    gdas,
    pc_darts,
    perturbation_selection,
    proxyless_nas,
    stop_at,
)
from nas_edu.one_shot.gdas import sample
from nas_edu.one_shot.hessian import full_hessian
from nas_edu.one_shot.pc_darts import shuffle_channels
from nas_edu.one_shot.perturbation import validate
from nas_edu.one_shot.proxyless_nas import expected_latency, gate_gradient, rescale
from nas_edu.one_shot.toy_bilevel import GRADIENTS, gradient, toy_bilevel, validation_loss
from nas_edu.search_spaces import Cell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS


def batch(task, samples=9, dtype=torch.float32):
    return torch.from_numpy(task.train.inputs[:samples]).to(dtype), torch.from_numpy(task.train.targets[:samples])


def supernet_with_alpha(spread=1.0, dtype=torch.float32):
    supernet = TinyCellSupernet(tiny_task()).to(dtype)
    with torch.no_grad():
        supernet.alpha["cell"].copy_(spread * torch.randn(6, 5, generator=torch.Generator().manual_seed(3)))
    return supernet


METHODS = {
    "darts": (TinyCellSupernet, darts),
    "gdas": (TinyCellSupernet, gdas),
    "proxyless_nas": (TinyCellSupernet, proxyless_nas),
    "pc_darts": (PartialChannelSupernet, pc_darts),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_search_depends_on_its_seed_only_and_moves_alpha_and_weights(name):
    kind, method = METHODS[name]
    task = tiny_task()

    def run(seed):
        supernet = kind(task)
        before = {key: value.detach().clone() for key, value in supernet.named_parameters()}
        steps = list(method(supernet, task, steps=6, batch_size=20, rng=random.Random(seed)))
        moved = {key for key, value in supernet.named_parameters() if not torch.equal(value, before[key])}
        return steps, moved, set(before)

    steps, moved, parameters = run(0)
    assert "alpha.cell" in moved
    assert "head.weight" in moved
    if name != "gdas":  # which runs one operation an edge
        assert len(moved) > 0.5 * len(parameters)
    losses = [step.losses for step in steps]
    assert [step.losses for step in run(0)[0]] == losses != [step.losses for step in run(1)[0]]
    assert [step.index for step in steps] == list(range(6))
    assert all(isinstance(step.architecture, Cell) for step in steps)
    with pytest.raises(ValueError, match="steps=0"):
        next(method(kind(task), task, steps=0, batch_size=20, rng=random.Random(0)))


def test_gdas_runs_the_sampled_cell_and_samples_it_with_softmax_alpha():
    supernet, (inputs, _) = supernet_with_alpha(), batch(tiny_task())
    generator = torch.Generator().manual_seed(0)
    run = sample(supernet, 0.5, generator)
    cell = Cell(tuple(OPERATIONS[o] for [o] in run["chosen"]["cell"]))
    torch.testing.assert_close(supernet(inputs, **run), supernet(inputs, architecture=cell))
    draws = [torch.tensor(sample(supernet, 5.0, generator)["chosen"]["cell"])[:, 0] for _ in range(3000)]
    counts = nn.functional.one_hot(torch.stack(draws), 5).double().mean(0)
    expected = supernet.mixing()["cell"].detach().double()
    deviation = (expected * (1 - expected) / 3000).sqrt()
    assert ((counts - expected).abs() < 5 * deviation + 1e-9).all()


def test_gdas_is_one_hot_in_value_and_soft_in_gradient():
    supernet = supernet_with_alpha(dtype=torch.float64)
    alpha, tau = supernet.alpha["cell"], 0.7
    direction = torch.randn(6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    mixing = sample(supernet, tau, torch.Generator().manual_seed(4))["mixing"]["cell"]
    torch.testing.assert_close(mixing.detach().sort(dim=1).values, torch.eye(5, dtype=torch.float64)[[4] * 6])
    (found,) = torch.autograd.grad((mixing * direction).sum(), alpha)
    uniform = torch.rand(6, 5, generator=torch.Generator().manual_seed(4)).double()
    shifted = (alpha.log_softmax(1) - torch.log(-torch.log(uniform))) / tau
    (expected,) = torch.autograd.grad((shifted.softmax(1) * direction).sum(), alpha)
    torch.testing.assert_close(found, expected)


def test_the_gate_gradient_is_equation_4_with_gates_by_finite_differences():
    task = tiny_task()
    supernet, data = supernet_with_alpha(0.5, torch.float64), batch(task, dtype=torch.float64)
    pairs = {"cell": torch.tensor([[0, 3], [3, 4], [2, 1], [3, 1], [4, 3], [2, 3]])}
    found, loss = gate_gradient(supernet, pairs, data, torch.Generator().manual_seed(8))
    two = supernet.alpha["cell"].detach().gather(1, pairs["cell"]).softmax(1)
    opened = torch.multinomial(two, 1, generator=torch.Generator().manual_seed(8))
    gates = torch.zeros(6, 5, dtype=torch.float64).scatter(1, pairs["cell"].gather(1, opened), 1.0)

    def loss_at(values):
        return F.cross_entropy(supernet(data[0], mixing={"cell": values}), data[1]).item()

    assert loss == pytest.approx(loss_at(gates))
    for edge in range(6):
        by_gate = []
        for o in pairs["cell"][edge]:
            shift = torch.zeros_like(gates)
            shift[edge, o] = 1e-5
            by_gate.append((loss_at(gates + shift) - loss_at(gates - shift)) / 2e-5)
        for i, o in enumerate(pairs["cell"][edge]):
            expected = sum(by_gate[j] * two[edge, j] * (float(i == j) - two[edge, i]) for j in range(2))
            assert found["cell"][edge, o].item() == pytest.approx(expected.item(), rel=1e-4, abs=1e-7)
    assert (found["cell"] != 0).sum() <= 12


def test_rescaling_leaves_the_probabilities_of_other_operations_alone():
    before = torch.randn(6, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pair = torch.tensor([[0, 3], [3, 4], [2, 1], [3, 1], [4, 3], [2, 3]])
    alpha = before.clone().scatter_add_(1, pair, torch.tensor([[0.3, -0.9]], dtype=torch.float64).expand(6, 2))
    rescale(alpha, before, pair)
    others = torch.ones(6, 5, dtype=torch.bool).scatter(1, pair, value=False)
    torch.testing.assert_close(alpha.softmax(1)[others], before.softmax(1)[others])
    difference = alpha.gather(1, pair) - before.gather(1, pair)
    torch.testing.assert_close(difference[:, 0] - difference[:, 1], torch.full((6,), 1.2, dtype=torch.float64))


def test_a_weight_of_latency_without_latencies_is_refused():
    with pytest.raises(ValueError, match=r"latency_weight=5.0 needs latency="):
        next(
            proxyless_nas(TinyCellSupernet(tiny_task()), tiny_task(), steps=1, latency_weight=5.0, rng=random.Random(0))
        )


def test_expected_latency_and_what_it_does():
    supernet, costs = supernet_with_alpha(dtype=torch.float64), torch.tensor([0.0, 0.0, 1.0, 3.0, 0.5])
    value, gradient = expected_latency(supernet, costs)
    p = supernet.mixing()["cell"].detach().numpy()
    assert value == pytest.approx((p @ costs.double().numpy()).sum())
    closed_form = p * (costs.double().numpy() - (p @ costs.double().numpy())[:, None])
    np.testing.assert_allclose(gradient["cell"].numpy(), closed_form, atol=1e-12)
    task, latency = tiny_task(), dict(zip(OPERATIONS, costs.tolist(), strict=True))
    arguments = {"steps": 30, "batch_size": 20, "alpha_learning_rate": 0.05, "latency": latency}
    ends = []
    for weight in (0.0, 10.0):
        steps = list(
            proxyless_nas(TinyCellSupernet(task), task, latency_weight=weight, rng=random.Random(0), **arguments)
        )
        ends.append(steps[-1].info["latency"])
    assert ends[1] < 0.6 * ends[0]
    with pytest.raises(ValueError, match="avg_pool_3x3"):
        next(
            proxyless_nas(
                TinyCellSupernet(task), task, steps=1, latency=dict.fromkeys(OPERATIONS[:-1], 0), rng=random.Random(0)
            )
        )


def test_pc_darts_with_all_channels_is_the_plain_mixture_with_edge_weights():
    task, (inputs, _) = tiny_task(), batch(tiny_task())
    plain, partial = TinyCellSupernet(task), PartialChannelSupernet(task, part=1)
    with torch.no_grad():
        partial.alpha["edge"].copy_(torch.randn(6, 1, generator=torch.Generator().manual_seed(2)))
    mixing = partial.mixing()
    for node in (1, 2, 3):
        assert sum(mixing["cell"][e].sum() for e, (_, j) in enumerate(EDGES) if j == node).item() == pytest.approx(1)
    torch.testing.assert_close(partial(inputs), plain(inputs, mixing=mixing))


def test_the_supernet_of_pc_darts_is_for_pc_darts_only():
    task, (inputs, _) = tiny_task(), batch(tiny_task())
    supernet, rng = PartialChannelSupernet(task), random.Random(0)
    for method in (gdas, proxyless_nas):
        with pytest.raises(TypeError, match="is for pc_darts only"):
            next(method(supernet, task, steps=2, rng=rng))
    with pytest.raises(TypeError, match="is for pc_darts only"):
        next(perturbation_selection(supernet, task, rng=rng))
    with pytest.raises(TypeError, match="takes a PartialChannelSupernet, got TinyCellSupernet"):
        pc_darts(TinyCellSupernet(task), task, steps=2, rng=rng)
    with pytest.raises(TypeError, match="weights for a part of the channels"):
        supernet(inputs, architecture=Cell(("nor_conv_3x3",) * 6))
    [step] = pc_darts(supernet, task, steps=1, batch_size=20, rng=rng)
    assert set(step.info["entropy"]) == {"cell"}


def test_channels_are_interleaved_and_most_of_them_pass_by():
    x = torch.arange(8.0)[None, :, None]
    assert shuffle_channels(x, 4).flatten().tolist() == [0, 2, 4, 6, 1, 3, 5, 7]
    supernet = PartialChannelSupernet(tiny_task(), part=4)
    edge = supernet.cells[0][0]
    x = torch.randn(3, 8, 12, generator=torch.Generator().manual_seed(0))
    weights = torch.tensor([0.0, 0.2, 0.1, 0.3, 0.4])
    by_hand = torch.cat(
        [sum(w * f(x[:, :2]) for w, f in zip(weights, edge.operations.values(), strict=True)), x[:, 2:]], 1
    )
    expected = torch.stack([by_hand[:, g * 2 + c] for c in range(2) for g in range(4)], 1)
    torch.testing.assert_close(edge(x, weights), expected)
    with pytest.raises(TypeError, match="part of the channels"):
        supernet.stand_alone(supernet.argmax())
    with pytest.raises(ValueError, match="part=3"):
        PartialChannelSupernet(tiny_task(), part=3)


def test_perturbation_keeps_on_each_edge_the_operation_that_is_missed_most():
    task = tiny_task()
    supernet = supernet_with_alpha()
    list(darts(supernet, task, steps=15, batch_size=25, rng=random.Random(0)))
    inputs, targets = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
    mixing = supernet.mixing()["cell"].detach().clone()
    steps = list(perturbation_selection(supernet, task, tuning_steps=0, rng=random.Random(5)))
    assert sorted(tuple(step.info["edge"]) for step in steps) == sorted(EDGES)
    for step in steps:
        e = EDGES.index(tuple(step.info["edge"]))
        accuracies = []
        for o in range(5):
            kept = torch.ones(6, 5)
            kept[e, o] = 0
            logits = supernet(inputs, mixing={"cell": mixing * kept})
            accuracies.append((logits.argmax(1) == targets).float().mean().item())
        np.testing.assert_allclose(list(step.info["accuracy_without"].values()), accuracies, atol=1e-6)
        assert step.info["kept"] == OPERATIONS[int(np.argmin(accuracies))]
        mixing[e] = torch.eye(5)[int(np.argmin(accuracies))]
        np.testing.assert_allclose(np.exp(step.alpha["cell"]), mixing.numpy(), atol=1e-8, rtol=1e-5)
    final = steps[-1].architecture
    logits = supernet(inputs, architecture=final)
    assert steps[-1].info["accuracy"] == pytest.approx((logits.argmax(1) == targets).float().mean().item())


def test_perturbation_tunes_what_remains():
    task = tiny_task()
    supernet = TinyCellSupernet(task)
    steps = list(
        perturbation_selection(supernet, task, tuning_steps=15, batch_size=50, learning_rate=0.05, rng=random.Random(0))
    )
    assert (
        steps[-1].losses["validation"]
        < 0.8 * validate(TinyCellSupernet(task), task, TinyCellSupernet(task).mixing())[0]
    )


def test_the_dominant_eigenvalue_is_that_of_the_full_hessian_and_that_is_one_of_differences():
    supernet, data = supernet_with_alpha(0.5, torch.float64), batch(tiny_task(), 40, torch.float64)
    hessian = full_hessian(supernet, data)
    eigenvalues = np.linalg.eigvalsh(hessian)
    dominant = eigenvalues[np.argmax(np.abs(eigenvalues))]
    assert dominant_eigenvalue(supernet, data) == pytest.approx(dominant, rel=1e-3)
    alpha = supernet.alpha["cell"]

    def gradient(shift):
        with torch.no_grad():
            alpha[2, 3] += shift
        found = torch.autograd.grad(F.cross_entropy(supernet(data[0]), data[1]), alpha)[0]
        with torch.no_grad():
            alpha[2, 3] -= shift
        return found

    numeric = (gradient(1e-5) - gradient(-1e-5)) / 2e-5
    np.testing.assert_allclose(hessian[2 * 5 + 3], numeric.flatten().numpy(), rtol=1e-3, atol=1e-6)


def test_the_search_is_stopped_before_the_eigenvalue_grows():
    assert stop_at([1.0] * 30) is None
    assert stop_at([1, 1, 2, 2], window=2) == 1  # 1 / 2 < 0.75: back to the last check before the growth
    assert stop_at([1, 1, -2, -2], window=2) == 1  # magnitudes
    assert stop_at([1, 1, 1.2, 1.3], window=2) is None
    assert stop_at([2.0, 1.0, 1.0, 1.0, 5.0], window=1) == 3
    with pytest.raises(ValueError, match="window=0"):
        stop_at([1.0], window=0)


def test_activation_memory_counts_what_autograd_keeps_once():
    x = torch.randn(100, 50)
    layer = nn.Linear(50, 70)

    def step():
        layer(x).sigmoid().tanh().sum().backward()

    ignored = [x, *layer.parameters()]
    assert activation_memory(step, without=ignored) == 2 * 100 * 70 * 4  # the outputs of sigmoid and tanh
    assert activation_memory(step) == 2 * 100 * 70 * 4 + 100 * 50 * 4  # and the input, for the weight's gradient
    y = torch.randn(1000, requires_grad=True)
    assert activation_memory(lambda: (y.exp() * y.exp()).sum()) == 2 * 4000
    assert activation_memory(lambda: [y.exp().sum().backward() for _ in range(5)]) == 4000  # let go of in between


def test_one_path_needs_less_memory_than_the_mixture():
    supernet, (inputs, targets) = TinyCellSupernet(tiny_task()), batch(tiny_task(), 100)
    without = [inputs, *supernet.parameters()]

    def needs(**run):
        return activation_memory(lambda: F.cross_entropy(supernet(inputs, **run), targets), without=without)

    full = needs()
    generator = torch.Generator().manual_seed(0)
    sampled = [needs(**sample(supernet, 1.0, generator)) for _ in range(20)]
    everything = {"cell": [list(range(5))] * 6}
    assert needs(mixing=supernet.mixing(), chosen=everything) == full
    assert np.mean(sampled) < 0.35 * full


def test_the_operations_that_are_run_are_those_chosen():
    supernet, (inputs, _) = supernet_with_alpha(), batch(tiny_task())
    mixing = supernet.mixing()
    for chosen in itertools.islice(itertools.combinations(range(5), 2), 4):
        masked = torch.zeros(6, 5)
        masked[:, list(chosen)] = mixing["cell"][:, list(chosen)]
        run = supernet(inputs, mixing=mixing, chosen={"cell": [chosen] * 6})
        torch.testing.assert_close(run, supernet(inputs, mixing={"cell": masked}))


def test_the_toy_problem_ends_where_the_algebra_says():
    ends = {kind: list(toy_bilevel(kind, steps=2000))[-1].info for kind in GRADIENTS}
    assert (ends["first order"]["a"], ends["first order"]["w"]) == pytest.approx((2, 2), abs=1e-6)
    assert (ends["exact"]["a"], ends["exact"]["w"]) == pytest.approx((1, 1), abs=1e-6)
    xi = 0.1  # a fixed point has w = a and a - 2 + 2 xi a = 0
    assert ends["second order"]["a"] == pytest.approx(2 / (1 + 2 * xi))
    assert list(toy_bilevel("second order", steps=2000, xi=0.5))[-1].info["a"] == pytest.approx(1)


@pytest.mark.parametrize("kind", GRADIENTS)
def test_the_toy_gradients_are_those_of_autograd(kind):
    w, a, xi = torch.tensor(-1.3), torch.tensor(0.7, requires_grad=True), 0.2
    inner = {"first order": w, "second order": w - xi * (2 * w - 2 * a), "exact": a}[kind]
    (expected,) = torch.autograd.grad(validation_loss(inner, a), a)
    assert gradient(kind, w.item(), a.item(), xi) == pytest.approx(expected.item())
    with pytest.raises(ValueError, match="second order"):
        gradient("third order", 0, 0, 0)
