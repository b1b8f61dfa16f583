"""Zero-cost proxies against slow second formulas, and the promises about what is left untouched."""

import copy
import gc
import math
import pickle
import random
import re
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nas_edu.core import Split, Task, run_trial
from nas_edu.performance_estimation.zero_cost import PROXIES, SEES, Drawn, Flagged, Probe, ZeroCost, score
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import random_search


class Small(nn.Module):
    """A random network: grouped and dilated convolutions, two normalizations, ReLU as module or as function."""

    def __init__(self, dimensions: int, functional: bool, rng: random.Random) -> None:
        super().__init__()
        conv = nn.Conv1d if dimensions == 1 else nn.Conv2d
        width = rng.choice((4, 6))
        dilation = rng.choice((1, 2))
        self.first = conv(2, width, 3, padding=dilation, dilation=dilation, bias=rng.random() < 0.5)
        batch_norm = nn.BatchNorm1d if dimensions == 1 else nn.BatchNorm2d
        self.norm = batch_norm(width) if rng.random() < 0.7 else nn.GroupNorm(2, width)
        self.second = conv(width, 6, 3, groups=rng.choice((1, 2)), stride=rng.choice((1, 2)), padding=1)
        self.head = nn.Linear(6, 3)
        self.relu = F.relu if functional else nn.ReLU()

    def forward(self, x):
        x = self.relu(self.norm(self.first(x)))
        return self.head(self.relu(self.second(x)).flatten(2).mean(-1))


def example(dimensions, functional=False, seed=0):
    """A network, five samples of 7 or 7 x 7 positions, and their classes."""
    torch.manual_seed(10 * seed + dimensions)
    network = Small(dimensions, functional, random.Random(seed)).double()
    return network, torch.randn(5, 2, *[7] * dimensions, dtype=torch.float64), torch.tensor([0, 1, 2, 0, 1])


on_random_networks = pytest.mark.parametrize(("dimensions", "seed"), [(1, 0), (1, 1), (1, 2), (2, 0), (2, 3)])


def test_the_random_networks_differ_in_what_matters():
    networks = [example(d, seed=s)[0] for d, s in on_random_networks.args[1]]
    assert {n.first.dilation[0] for n in networks} == {1, 2}
    assert {n.second.groups for n in networks} == {1, 2}
    assert {type(n.norm).__name__ for n in networks} == {"BatchNorm1d", "BatchNorm2d", "GroupNorm"}


def loss_of(network, x, y):
    return F.cross_entropy(copy.deepcopy(network).train()(x), y).item()


@on_random_networks
def test_the_gradient_proxies_equal_central_differences(dimensions, seed):
    network, x, y = example(dimensions, seed=seed)
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


@on_random_networks
def test_fisher_equals_the_derivative_by_a_gate_on_each_sample_and_channel(dimensions, seed):
    network, x, y = example(dimensions, seed=seed)
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


@on_random_networks
def test_synflow_counts_the_flow_through_each_layer(dimensions, seed):
    # R is linear in the weights of each layer: sum w dR/dw = R(w) - R(w = 0), other layers as they are.
    network, x, y = example(dimensions, seed=seed)
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


def jacobian_rows(network, x):
    """Central differences of the sum of all logits by each number of each sample, in train mode: (samples, numbers)."""
    net, rows = copy.deepcopy(network).train(), np.zeros((len(x), x[0].numel()))
    for n in range(len(x)):
        for i in range(x[0].numel()):
            sums = []
            for step in (1e-5, -1e-5):
                moved = x.clone()
                moved[n].view(-1)[i] += step
                sums.append(net(moved).sum().item())
            rows[n, i] = (sums[0] - sums[1]) / 2e-5
    return rows


@on_random_networks
def test_jacob_cov_equals_numpy_on_central_differences(dimensions, seed):
    network, x, y = example(dimensions, seed=seed)
    v = np.linalg.eigvals(np.corrcoef(jacobian_rows(network, x))).real + 1e-5
    assert score(network, x, y, ["jacob_cov"])["jacob_cov"] == pytest.approx(-np.sum(np.log(v) + 1 / v), rel=1e-5)


@on_random_networks
def test_epe_nas_equals_numpy_pair_by_pair_on_central_differences(dimensions, seed):
    network, x, y = example(dimensions, seed=seed)
    rows, total = jacobian_rows(network, x), 0.0
    for c in range(3):
        own = [row for row, target in zip(rows, y.tolist(), strict=True) if target == c]
        total += abs(sum(math.log(abs(np.corrcoef(a, b)[0, 1]) + 1e-5) for a in own for b in own))
    assert score(network, x, y, ["epe_nas"])["epe_nas"] == pytest.approx(total, rel=1e-5)


def test_epe_nas_with_more_than_a_hundred_classes_compares_them():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 101)).double()
    x, y = torch.randn(202, 4, dtype=torch.float64), torch.arange(202) % 101
    rows = np.stack([torch.autograd.functional.jacobian(lambda one: network(one).sum(), one).numpy() for one in x])
    sums = []
    for c in range(101):
        correlation = np.corrcoef(rows[y == c])
        sums.append(np.log(np.abs(correlation) + 1e-5).sum())
    expected = sum(abs(a - b) for a in sums for b in sums) / 101
    assert score(network, x, y, ["epe_nas"])["epe_nas"] == pytest.approx(expected, rel=1e-5)


@on_random_networks
def test_grasp_equals_a_difference_of_gradients_along_the_gradient(dimensions, seed):
    """H g = d/dt of the gradient at w + t g, at t = 0: no second derivative is taken here."""
    network, x, y = example(dimensions, seed=seed)

    def gradient_at(t, direction=None):
        net = copy.deepcopy(network).train()
        weights = [net.first.weight, net.second.weight, net.head.weight]
        if direction is not None:
            with torch.no_grad():
                for w, d in zip(weights, direction, strict=True):
                    w += t * d
        return weights, torch.autograd.grad(F.cross_entropy(net(x), y), weights)

    weights, g = gradient_at(0)
    above, below = (gradient_at(t, g)[1] for t in (1e-5, -1e-5))
    expected = -sum((w * (a - b)).sum().item() / 2e-5 for w, a, b in zip(weights, above, below, strict=True))
    assert score(network, x, y, ["grasp"])["grasp"] == pytest.approx(expected, rel=1e-5)


@on_random_networks
def test_zen_equals_the_formula_written_out(dimensions, seed):
    network, x, y = example(dimensions, seed=seed)
    generator = torch.Generator().manual_seed(5)
    torch.randint(2**62, (), generator=generator)  # this one seeds dropout
    draws = []
    for _ in range(4):
        net = copy.deepcopy(network).train()
        for layer in (net.first, net.second, net.head):
            layer.weight.data = torch.randn(layer.weight.shape, generator=generator, dtype=torch.float64)
            if layer.bias is not None:
                layer.bias.data.zero_()
        z, noise = (torch.randn(x.shape, generator=generator, dtype=torch.float64) for _ in range(2))
        a, b = net.first(z), net.first(z + 0.01 * noise)
        f, g = (F.relu(net.second(F.relu(net.norm(one)))) for one in (a, b))
        change = np.mean([math.sqrt(((f[n] - g[n]) ** 2).sum().item()) for n in range(len(x))])
        variances = [a[:, c].var(correction=0).item() for c in range(a.shape[1])]
        scale = 0.5 * math.log(np.mean(variances)) if not isinstance(net.norm, nn.GroupNorm) else 0
        draws.append(math.log(change) + scale)
    zen = score(network, x, y, ["zen"], generator=torch.Generator().manual_seed(5))["zen"]
    assert zen == pytest.approx(np.mean(draws), rel=1e-9)
    assert isinstance(zen, Drawn)
    assert zen.draws == pytest.approx(draws, rel=1e-9)
    assert zen.spread == pytest.approx(np.std(draws, ddof=1), rel=1e-9)


def test_one_forward_pass_serves_all_that_are_made_of_its_gradients():
    network, x, y = example(1)
    passes = []
    network.register_forward_hook(lambda *_: passes.append(1))
    score(network, x, y, ["grad_norm", "snip", "plain", "fisher"])
    assert len(passes) == 1
    score(network, x, y, ["jacob_cov", "epe_nas"])
    assert len(passes) == 2


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
    network = nn.Sequential(
        nn.Conv1d(2, 4, 3, padding=2, dilation=2), nn.BatchNorm1d(4), nn.ReLU(), nn.Conv1d(4, 6, 3, groups=2),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3),
    ).double()  # fmt: skip
    got = score(network, torch.randn(5, 2, 7).double(), torch.tensor([0, 1, 2, 0, 1]), ["params", "macs"])
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
    tensors = [*map(id, network.parameters()), *map(id, network.buffers())]
    modes = [m.training for m in network.modules()]
    x_before, y_before = x.detach().clone(), y.clone()
    torch_state, python_state, numpy_state = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    first, second = score(network, x, y), score(network, x, y)
    assert first == second
    assert set(first) == set(PROXIES)
    assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())
    assert tensors == [*map(id, network.parameters()), *map(id, network.buffers())]
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


def test_nothing_is_deep_copied_and_no_garbage_collected(monkeypatch):
    network, x, y = example(1)

    def refuse(*_, **__):
        raise AssertionError("not for a proxy")

    monkeypatch.setattr(copy, "deepcopy", refuse)
    monkeypatch.setattr(gc, "collect", refuse)
    assert not any(isinstance(value, Flagged) for value in score(network, x, y).values())


def test_dropout_is_seeded_and_leaves_the_random_state_alone():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv1d(1, 8, 3), nn.Dropout(0.5), nn.ReLU(), nn.Flatten(), nn.Linear(80, 3)).double()
    x, y = torch.randn(6, 1, 12).double(), torch.tensor([0, 1, 2, 0, 1, 2])
    first = score(network, x, y)
    torch.manual_seed(77)
    assert score(network, x, y) == first
    assert score(network, x, y, generator=torch.Generator().manual_seed(3))["snip"] != first["snip"]


LOOKS_AT_THE_BATCH = ("grad_norm", "snip", "plain", "grasp", "fisher", "nwot", "jacob_cov", "epe_nas")


@pytest.mark.parametrize("dimensions", [1, 2])
def test_in_eval_mode_a_batch_in_pieces_has_the_same_score(dimensions):
    network, x, y = example(dimensions, seed=1)
    assert isinstance(network.norm, nn.BatchNorm1d | nn.BatchNorm2d)
    for _ in range(3):
        network.train()(x)  # running statistics of its own
    whole = score(network, x, y, mode="eval")
    for size in (1, 2, 4, 5, 100):
        assert score(network, x, y, mode="eval", samples_at_once=size) == pytest.approx(whole, rel=1e-9), size
    train = score(network, x, y)
    assert all(whole[name] != train[name] for name in LOOKS_AT_THE_BATCH)  # so the mode had to be stated
    assert "eval mode" in whole["zen"].reason
    others = set(PROXIES) - set(LOOKS_AT_THE_BATCH) - {"zen"}
    assert {name: whole[name] for name in others} == {name: train[name] for name in others}


def test_in_train_mode_pieces_are_refused():
    network, x, y = example(1)
    with pytest.raises(ValueError, match="batch normalization looks at all of it"):
        score(network, x, y, ["snip"], samples_at_once=2)


def test_each_proxy_states_its_direction_what_it_sees_and_its_mode():
    for proxy in PROXIES.values():
        assert "Higher is meant to be better" in sys.modules[proxy.__module__].__doc__, proxy
        text = " ".join(proxy.__doc__.split())
        assert re.search(r"Sees [^.]*\.", text), proxy
        assert re.search(r"(Train|Eval|No) mode", text), proxy


def test_each_proxy_sees_what_it_says():
    network, x, y = example(1)
    before = score(network, x, y)
    other_data = score(network, torch.randn_like(x), y)
    other_labels = score(network, x, torch.tensor([0, 0, 1, 1, 2]))
    for name, proxy in PROXIES.items():
        assert (other_data[name] != before[name]) == ("data" in SEES[proxy]), name
        assert (other_labels[name] != before[name]) == ("labels" in SEES[proxy]), name


def test_random_proxies_are_seeded():
    network, x, y = example(1)
    values = {seed: score(network, x, y, ["zen"], generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)}
    assert values[1] != values[2]
    assert score(network, x, y, ["zen"], generator=torch.Generator().manual_seed(1)) == values[1]
    assert score(network, x, y)["zen"] == score(network, x, y, ["zen"])["zen"]  # whatever else was asked for
    info = ZeroCost("zen", task())(
        TinyCell().parse("|nor_conv_3x3~0|+|none~0|none~1|+|none~0|skip_connect~1|none~2|")
    ).info
    assert info["spread"] > 0


def test_a_layer_that_is_used_twice_and_weights_that_are_tied_do_no_harm():
    torch.manual_seed(0)
    shared = nn.Conv1d(3, 3, 3, padding=1)
    network = nn.Sequential(nn.Conv1d(1, 3, 1), shared, nn.ReLU(), shared, nn.ReLU(), nn.Flatten(), nn.Linear(36, 3))
    network.append(nn.Linear(3, 3))
    network.append(nn.Linear(3, 3))
    network[-1].weight = network[-2].weight
    x, y = torch.randn(6, 1, 12), torch.tensor([0, 1, 2, 0, 1, 2])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    identities = [id(parameter) for parameter in network.parameters()]
    values = score(network, x, y)
    assert not any(isinstance(value, Flagged) for value in values.values())
    assert [id(parameter) for parameter in network.parameters()] == identities
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    loss = F.cross_entropy(network(x), y)
    layers = [module for module in network.modules() if hasattr(module, "weight")]
    gradients = torch.autograd.grad(loss, [layer.weight for layer in layers])
    assert values["grad_norm"] == pytest.approx(sum(g.norm().item() for g in gradients), rel=1e-5)


def test_one_class_or_no_two_samples_of_a_class_give_epe_nas_no_value():
    network, x, y = example(1)
    assert "one class" in score(network, x, torch.ones_like(y), ["epe_nas"])["epe_nas"].reason
    assert "two samples" in score(network, x[:3], y[:3], ["epe_nas"])["epe_nas"].reason


def test_a_sample_without_gradient_gives_no_correlation():
    network, x, y = example(1)
    network.head.weight.data.zero_()
    values = score(network, x, y, ["jacob_cov", "epe_nas"])
    assert all("constant" in value.reason for value in values.values())


def test_one_sample_gives_no_correlation():
    network, x, y = example(2)
    value = score(network, x[:1], y[:1], ["jacob_cov"])["jacob_cov"]
    assert "one sample has nothing to be correlated with" in value.reason


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_what_a_proxy_says_can_be_copied_and_pickled(copied):
    drawn, flagged = copied(Drawn([1.0, 2.0, 4.0])), copied(Flagged("dead"))
    assert (drawn, drawn.draws) == (pytest.approx(7 / 3), (1.0, 2.0, 4.0))
    assert (flagged, flagged.reason) == (-math.inf, "dead")


def test_the_seed_is_drawn_where_the_generator_is():
    network, x, y = example(2)
    with torch.device("meta"):  # as a default, like a graphics card: its random numbers come from elsewhere
        probe = Probe(network, x, y, generator=torch.Generator("cpu").manual_seed(0))
    assert probe._seed == Probe(network, x, y)._seed


def test_what_zen_cannot_see_is_flagged():
    torch.manual_seed(0)
    x, y = torch.randn(4, 6), torch.tensor([0, 1, 0, 1])
    linear = score(nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2)), x, y)
    assert "feature map" in linear["zen"].reason
    assert all(not isinstance(linear[name], Flagged) for name in ("snip", "grasp", "fisher", "nwot", "epe_nas"))

    class Still(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.head = nn.BatchNorm1d(1), nn.Linear(1, 2)

        def forward(self, x):
            return self.head((x[:, None] + self.norm(torch.zeros_like(x[:, None]))).mean(-1))

    assert "same number everywhere" in score(Still(), x, y, ["zen"])["zen"].reason


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
    for proxy in set(PROXIES) - {"params", "macs", "l2_norm"}:
        trial = run_trial(ZeroCost(proxy, task()), dead)
        assert trial.failed, proxy
        assert trial.score == -math.inf, proxy
        assert "DegenerateError" in trial.failure, proxy


def test_a_cell_scores_as_its_canonical_form_does():
    space = TinyCell()
    cell = space.parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|")
    assert cell.canonical != cell
    for proxy in ("snip", "nwot"):
        assert ZeroCost(proxy, task())(cell).score == ZeroCost(proxy, task())(cell.canonical).score


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
    with pytest.raises(ValueError, match="'train' or 'eval', got 'test'"):
        score(network, x, y, mode="test")
    with pytest.raises(ValueError, match="at least 1, got 0"):
        score(network, x, y, mode="eval", samples_at_once=0)
    with pytest.raises(ValueError, match="trains nothing"):
        ZeroCost("snip", task())(next(iter(TinyCell())), epochs=1)
