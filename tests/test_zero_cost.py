"""Zero-cost proxies against slow second formulas, and the promises about what is left untouched."""

import copy
import math
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Split, Task, run_trial
from nas_edu.performance_estimation.zero_cost import PROXIES, Flagged, ZeroCost, score
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search


class Small(nn.Module):
    """Grouped and dilated convolutions, normalization, and ReLU as module or as function."""

    def __init__(self, dimensions: int, functional: bool) -> None:
        super().__init__()
        conv = nn.Conv1d if dimensions == 1 else nn.Conv2d
        self.first = conv(2, 4, 3, padding=2, dilation=2)
        self.norm = (nn.BatchNorm1d if dimensions == 1 else nn.BatchNorm2d)(4)
        self.second = conv(4, 6, 3, groups=2)
        self.head = nn.Linear(6, 3)
        self.relu = F.relu if functional else nn.ReLU()

    def forward(self, x):
        x = self.relu(self.norm(self.first(x)))
        return self.head(self.relu(self.second(x)).flatten(2).mean(-1))


def example(dimensions, functional=False):
    torch.manual_seed(dimensions)
    network = Small(dimensions, functional).double()
    return network, torch.randn(5, 2, *[7] * dimensions, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 1])


def loss_of(network, x, y):
    return F.cross_entropy(copy.deepcopy(network).train()(x), y).item()


@pytest.mark.parametrize("dimensions", [1, 2])
def test_the_gradient_proxies_equal_central_differences(dimensions):
    network, x, y = example(dimensions)
    got = score(network, x, y)
    expected = dict.fromkeys(("grad_norm", "snip", "plain", "l2_norm"), 0.0)
    for layer in (network.first, network.second, network.head):
        flat, gradient = layer.weight.data.view(-1), []
        for i in range(len(flat)):
            old = flat[i].item()
            flat[i] = old + 1e-5
            above = loss_of(network, x, y)
            flat[i] = old - 1e-5
            gradient.append((above - loss_of(network, x, y)) / 2e-5)
            flat[i] = old
        expected["grad_norm"] += math.hypot(*gradient)
        expected["snip"] += sum(abs(w * g) for w, g in zip(flat.tolist(), gradient, strict=True))
        expected["plain"] += sum(w * g for w, g in zip(flat.tolist(), gradient, strict=True))
        expected["l2_norm"] += math.hypot(*flat.tolist())
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, rel=1e-5), name


@pytest.mark.parametrize("dimensions", [1, 2])
def test_fisher_equals_the_derivative_by_a_gate_on_each_sample_and_channel(dimensions):
    network, x, y = example(dimensions)
    total = 0.0
    for name in ("first", "second", "head"):
        clone = copy.deepcopy(network).train()
        layer = getattr(clone, name)
        channels = layer.weight.shape[0]
        for k in range(channels):
            squares = []
            for n in range(len(x)):
                losses = []
                for step in (1e-5, -1e-5):

                    def scale(_, __, output, n=n, k=k, step=step):
                        output = output.clone()
                        output[n, k] *= 1 + step
                        return output

                    hook = layer.register_forward_hook(scale)
                    losses.append(F.cross_entropy(clone(x), y).item())
                    hook.remove()
                squares.append(((losses[0] - losses[1]) / 2e-5) ** 2)
            total += sum(squares) / len(squares) / 2 * layer.weight[k].numel()
    assert score(network, x, y, ["fisher"])["fisher"] == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_synflow_counts_the_flow_through_each_layer(dimensions):
    # R is linear in the weights of each layer: sum w dR/dw = R(w) - R(w = 0), other layers as they are.
    network, x, y = example(dimensions)
    absolute = copy.deepcopy(network)
    absolute.norm = nn.Identity()
    for p in absolute.parameters():
        p.data.abs_()
    ones = torch.ones_like(x[:1])
    full = absolute(ones).sum().item()
    expected = 0.0
    for name in ("first", "second", "head"):
        without = copy.deepcopy(absolute)
        getattr(without, name).weight.data.zero_()
        expected += full - without(ones).sum().item()
    got = score(network, x, y, ["synflow", "log_synflow"])
    assert got["synflow"] == pytest.approx(expected, rel=1e-9)
    assert got["log_synflow"] == pytest.approx(math.log(expected), rel=1e-9)


@pytest.mark.parametrize("functional", [False, True])
@pytest.mark.parametrize("dimensions", [1, 2])
def test_nwot_counts_agreeing_relus(dimensions, functional):
    network, x, y = example(dimensions, functional)
    net = copy.deepcopy(network).train()
    before_first = net.norm(net.first(x))
    before_second = net.second(F.relu(before_first))
    signs = [[v > 0 for b in (before_first, before_second) for v in b[n].flatten().tolist()] for n in range(5)]
    kernel = [[sum(a == b for a, b in zip(r, s, strict=True)) for s in signs] for r in signs]
    expected = math.log(abs(np.linalg.det(np.array(kernel, float))))
    assert score(network, x, y, ["nwot"])["nwot"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_jacob_cov_equals_numpy_on_central_differences(dimensions):
    network, x, y = example(dimensions)
    net, rows = copy.deepcopy(network).train(), np.zeros((5, x[0].numel()))
    for n in range(5):
        for i in range(x[0].numel()):
            sums = []
            for step in (1e-5, -1e-5):
                moved = x.clone()
                moved[n].view(-1)[i] += step
                sums.append(net(moved).sum().item())
            rows[n, i] = (sums[0] - sums[1]) / 2e-5
    v = np.linalg.eigvals(np.corrcoef(rows)).real + 1e-5
    assert score(network, x, y, ["jacob_cov"])["jacob_cov"] == pytest.approx(-np.sum(np.log(v) + 1 / v), rel=1e-5)


def test_fisher_takes_the_output_before_anything_works_in_place_on_it():
    class Affine(nn.Module):
        def __init__(self, in_place):
            super().__init__()
            torch.manual_seed(0)
            self.conv, self.head, self.in_place = nn.Conv1d(2, 3, 3).double(), nn.Linear(3, 3).double(), in_place

        def forward(self, x):
            x = self.conv(x)
            x = x.add_(1) if self.in_place else x + 1
            return self.head(F.relu(x, inplace=self.in_place).mean(-1))

    _, x, y = example(1)
    assert score(Affine(True), x, y) == score(Affine(False), x, y)


def test_params_and_macs_by_hand():
    network, x, y = example(1)
    got = score(network, x, y, ["params", "macs"])
    assert got["params"] == (2 * 4 * 3 + 4) + 8 + (4 * 6 * 3 // 2 + 6) + (6 * 3 + 3)
    assert got["macs"] == 24 * 7 + 36 * 5 + 18


def test_nothing_of_the_caller_changes():
    network, x, y = example(1)
    network.eval()
    network.second.train()
    network.first.weight.requires_grad_(False)
    network.head.weight.grad = torch.ones_like(network.head.weight)
    x.requires_grad_()
    x.grad = torch.ones_like(x)
    hook = network.head.register_forward_hook(lambda *_: None)
    state = {k: v.clone() for k, v in network.state_dict().items()}
    modes = [m.training for m in network.modules()]
    x_before, y_before = x.detach().clone(), y.clone()
    torch_state, python_state, numpy_state = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    first, second = score(network, x, y), score(network, x, y)
    assert first == second
    assert set(first) == set(PROXIES)
    assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())
    assert modes == [m.training for m in network.modules()]
    assert torch.equal(x, x_before)
    assert torch.equal(y, y_before)
    assert torch.equal(x.grad, torch.ones_like(x))
    assert x.requires_grad
    assert torch.equal(network.head.weight.grad, torch.ones_like(network.head.weight))
    assert network.second.weight.grad is None
    assert not network.first.weight.requires_grad
    assert [len(m._forward_hooks) for m in network.modules()] == [0, 0, 0, 0, 1, 0]
    assert list(network.head._forward_hooks) == [hook.id]
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert random.getstate() == python_state
    assert (np.random.get_state()[1] == numpy_state).all()


def test_the_callers_modes_and_old_gradients_do_not_change_a_score():
    network, x, y = example(1)
    expected = score(network, x, y)
    network.eval().requires_grad_(False)
    x.requires_grad_().grad = torch.full_like(x, 9.0)
    with torch.no_grad():
        assert score(network, x, y) == expected


def test_what_has_no_value_is_flagged_with_its_reason():
    network, x, y = example(1)
    twice = torch.cat([x, x[:1]])
    flagged = score(network, twice, torch.cat([y, y[:1]]), ["nwot"])["nwot"]
    assert isinstance(flagged, Flagged)
    assert flagged == -math.inf
    assert "samples 0 and 5" in flagged.reason
    broken = x.clone()
    broken[0, 0, 0] = math.nan
    assert all("not a finite" in v.reason for v in score(network, broken, y).values())
    network.first.weight.data[0] = math.nan
    assert isinstance(score(network, x, y, ["snip"])["snip"], Flagged)


def task():
    generator = np.random.default_rng(0)
    split = Split(generator.normal(size=(64, 1, 40)).astype("float32"), generator.integers(0, 10, 64))
    return Task("noise", split, split, split, 10)


def test_a_dead_cell_is_a_failed_trial_with_its_reason_and_never_best():
    space = TinyCell()
    dead = next(cell for cell in space if not cell.live_edges)
    for proxy in ("grad_norm", "snip", "plain", "fisher", "synflow", "log_synflow", "nwot", "jacob_cov"):
        trial = run_trial(ZeroCost(proxy, task()), dead)
        assert trial.failed, proxy
        assert trial.score == -math.inf, proxy
        assert "DegenerateError" in trial.failure, proxy


@pytest.mark.parametrize("proxy", list(PROXIES))
def test_a_search_runs_on_each_proxy(proxy):
    trials = []
    for trial in random_search(TinyCell(), ZeroCost(proxy, task()), rng=random.Random(1)):
        trials.append(trial)
        if len(trials) == 4:
            break
    assert any(not t.failed and math.isfinite(t.score) for t in trials)


def test_bad_input_says_what_is_wrong():
    network, x, y = example(1)
    with pytest.raises(ValueError, match="no proxy 'snap'; known are: params"):
        score(network, x, y, ["snap"])
    with pytest.raises(ValueError, match="5 inputs, 4 targets"):
        score(network, x, y[:4])
    with pytest.raises(ValueError, match="trains nothing"):
        ZeroCost("snip", task())(next(iter(TinyCell())), epochs=1)
