"""Supernet against stand-alone networks, architecture gradients against autograd through the inner step, DARTS."""

from __future__ import annotations

import copy
import itertools
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tiny_task import tiny_task
from torch import nn

from nas_edu.networks import TinyCellNetwork
from nas_edu.one_shot import Supernet, TinyCellSupernet, architecture_gradient, darts
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

SPACE = TinyCell()
DENSE = Cell(("nor_conv_3x3", "avg_pool_3x3", "nor_conv_1x1", "skip_connect", "nor_conv_3x3", "nor_conv_1x1"))


def inputs(task, samples=7):
    return torch.from_numpy(task.train.inputs[:samples])


def copied_by_hand(supernet, cell, task):
    """The stand-alone network, each number copied one by one: an oracle for `stand_alone`."""
    network = TinyCellNetwork(cell, task.input_shape, task.classes)
    with torch.no_grad():
        for own, shared in [*zip(network.widen, supernet.widen, strict=True), (network.head, supernet.head)]:
            own.weight.copy_(shared.weight)
            own.bias.copy_(shared.bias)
        for own, shared in zip(network.cells, supernet.cells, strict=True):
            for edge, module in zip(own.edges, own.operations, strict=True):
                if cell.edges[edge].startswith("nor_conv"):
                    module[1].weight.copy_(shared[EDGES.index(edge)][cell.edges[edge]][1].weight)
    return network.train()


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_a_path_is_exactly_the_stand_alone_network(dimensions, statistics):
    task, rng = tiny_task(dimensions=dimensions), random.Random(0)
    supernet, x = TinyCellSupernet(task, statistics=statistics), inputs(task)
    for cell in [DENSE, *(SPACE.sample(rng) for _ in range(15))]:
        supernet.train()
        expected = copied_by_hand(supernet, cell, task)(x)
        assert torch.equal(supernet(x, architecture=cell), expected)  # also moves the running averages
        for training in (True, False):
            supernet.train(training)
            alone = supernet.stand_alone(cell)
            assert torch.equal(supernet(x, architecture=cell), alone(x))


def test_a_one_hot_mixture_is_the_single_path_for_every_cell_of_a_small_space():
    task, names = tiny_task(), ("nor_conv_3x3", "skip_connect")
    supernet, x = TinyCellSupernet(task, operations=names).double(), inputs(tiny_task()).double()
    for chosen in itertools.product(range(2), repeat=6):  # all 64
        one_hot = torch.eye(2, dtype=torch.float64)[list(chosen)]
        path = supernet(x, architecture=Cell(tuple(names[o] for o in chosen)))
        torch.testing.assert_close(supernet(x, mixing={"cell": one_hot}), path, rtol=1e-12, atol=1e-12)


def test_argmax_and_mixing_read_alpha():
    supernet = TinyCellSupernet(tiny_task())
    with torch.no_grad():
        for edge, name in enumerate(DENSE.operations):
            supernet.alpha["cell"][edge, OPERATIONS.index(name)] = 2.0
    assert supernet.argmax() == DENSE
    alpha = supernet.alpha["cell"].detach().double().numpy()
    expected = np.exp(alpha) / np.exp(alpha).sum(1, keepdims=True)
    np.testing.assert_allclose(supernet.mixing()["cell"].detach().numpy(), expected, rtol=1e-5)
    assert not any(name.startswith("alpha") for name in supernet.weights())


def test_statistics_of_the_batch_do_not_depend_on_the_mode_and_running_ones_do():
    task = tiny_task()
    for statistics in ("batch", "running"):
        supernet = TinyCellSupernet(task, statistics=statistics)
        outputs = [supernet.train(mode)(inputs(task), architecture=DENSE) for mode in (True, False)]
        assert torch.equal(*outputs) == (statistics == "batch")


def test_batch_normalization_has_nothing_to_train():
    """6 edges with a 1x1 and a 3-tap convolution on 8, 16, 32 channels; the skeleton; nothing else."""
    convolutions = sum(6 * (1 + 3) * channels**2 for channels in (8, 16, 32))
    skeleton = (1 * 8 + 8) + (8 * 16 + 16) + (16 * 32 + 32) + (32 * 3 + 3)
    weights = TinyCellSupernet(tiny_task()).weights()
    assert sum(weight.numel() for weight in weights.values()) == convolutions + skeleton


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"operations": ("none", "skip_conect")}, "did you mean 'skip_connect'"),
        ({"operations": ("none",)}, "two or more"),
        ({"operations": ("none", "none")}, "different"),
        ({"statistics": "global"}, "batch, running"),
    ],
)
def test_bad_supernets_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TinyCellSupernet(tiny_task(), **arguments)


def test_a_cell_outside_the_supernet_is_refused():
    supernet = TinyCellSupernet(tiny_task(), operations=("none", "skip_connect"))
    with pytest.raises(ValueError, match="needs avg_pool_3x3, nor_conv_1x1, nor_conv_3x3"):
        supernet(inputs(tiny_task()), architecture=DENSE)


class Smooth(Supernet):
    """Two edges, three smooth operations each, in float64."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.ModuleList(nn.Linear(4, 5) for _ in range(3))
        self.second = nn.ModuleList(nn.Linear(5, 3) for _ in range(3))
        self.alpha = nn.ParameterDict({"cell": nn.Parameter(torch.randn(2, 3))})
        self.double()

    def forward(self, x):
        a, b = self.mixing()["cell"]
        x = sum(w * F.softplus(layer(x)) for w, layer in zip(a, self.first, strict=True))
        return sum(w * torch.tanh(layer(x)) for w, layer in zip(b, self.second, strict=True))

    def argmax(self):
        return tuple(self.alpha["cell"].argmax(1).tolist())


def smooth_problem():
    model, generator = Smooth(), torch.Generator().manual_seed(1)
    batches = [
        (torch.randn(20, 4, generator=generator).double(), torch.randint(0, 3, (20,), generator=generator))
        for _ in range(2)
    ]
    optimizer = torch.optim.SGD(model.weights().values(), 0.3, momentum=0.9, weight_decay=0.05)
    for _ in range(3):  # fills the momentum buffers
        optimizer.zero_grad()
        F.cross_entropy(model(batches[0][0]), batches[0][1]).backward()
        optimizer.step()
    return model, *batches, optimizer


def through_the_inner_step(model, train, validation, xi, optimizer):
    """Autograd through w' as a function of alpha."""
    weights = model.weights()
    loss = F.cross_entropy(model(train[0]), train[1])
    gradient = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
    unrolled = {
        name: w - xi * (0.9 * optimizer.state[w]["momentum_buffer"] + g + 0.05 * w)
        for (name, w), g in zip(weights.items(), gradient, strict=True)
    }
    outer = F.cross_entropy(torch.func.functional_call(model, unrolled, (validation[0],)), validation[1])
    return torch.autograd.grad(outer, model.alpha["cell"])[0]


@pytest.mark.parametrize(("product", "tolerance"), [("finite_difference", 1e-4), ("exact", 1e-10)])
def test_second_order_is_differentiation_through_the_inner_step(product, tolerance):
    model, train, validation, optimizer = smooth_problem()
    expected = through_the_inner_step(model, train, validation, 0.3, optimizer)
    arguments = {"xi": 0.3, "optimizer": optimizer}
    found = architecture_gradient(model, train, validation, product=product, **arguments).alpha["cell"]
    assert (found - expected).norm() / expected.norm() < tolerance
    first = architecture_gradient(model, train, validation, xi=0, optimizer=optimizer).alpha["cell"]
    assert (first - expected).norm() / expected.norm() > 100 * tolerance  # the second term is there to be seen


def test_the_exact_gradient_agrees_with_real_steps_of_the_optimizer_at_shifted_alpha():
    model, train, validation, optimizer = smooth_problem()
    found = architecture_gradient(model, train, validation, xi=0.3, optimizer=optimizer, product="exact")

    def after_one_step(shift):
        other = copy.deepcopy(model)
        its_optimizer = torch.optim.SGD(other.weights().values(), 0.3, momentum=0.9, weight_decay=0.05)
        its_optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        with torch.no_grad():
            other.alpha["cell"][1, 2] += shift
        its_optimizer.zero_grad()
        F.cross_entropy(other(train[0]), train[1]).backward()
        its_optimizer.step()
        return F.cross_entropy(other(validation[0]), validation[1]).item()

    assert found.validation_loss == pytest.approx(after_one_step(0), rel=1e-12)
    numeric = (after_one_step(1e-5) - after_one_step(-1e-5)) / 2e-5
    assert found.alpha["cell"][1, 2].item() == pytest.approx(numeric, rel=1e-5)


def test_the_gradient_leaves_the_supernet_as_it_was():
    task = tiny_task()
    supernet = TinyCellSupernet(task, statistics="running")
    batch = inputs(task), torch.from_numpy(task.train.targets[:7])
    optimizer = torch.optim.SGD(supernet.weights().values(), 0.1, momentum=0.9)
    before = copy.deepcopy(supernet.state_dict())
    architecture_gradient(supernet, batch, batch, xi=0.1, optimizer=optimizer)
    assert all(torch.equal(value, before[name]) for name, value in supernet.state_dict().items())
    assert all(parameter.grad is None for parameter in supernet.parameters())


def test_bad_gradients_are_refused():
    model, train, validation, optimizer = smooth_problem()
    nesterov = torch.optim.SGD(model.weights().values(), 0.1, momentum=0.9, nesterov=True)
    partial = torch.optim.SGD(model.first.parameters(), 0.1)
    adam = torch.optim.Adam(model.weights().values())
    for changed, message in [
        ({"xi": -1}, "xi=-1"),
        ({"product": "exakt"}, "finite_difference, exact"),
        ({"radius": 0}, "radius=0"),
        ({"optimizer": nesterov}, "no nesterov"),
        ({"optimizer": partial}, "second.0.weight"),
        ({"optimizer": adam}, "not of Adam"),
    ]:
        with pytest.raises(ValueError, match=message):
            architecture_gradient(model, train, validation, **{"xi": 0.1, "optimizer": optimizer, **changed})


@pytest.mark.parametrize("order", [1, 2])
def test_darts_is_a_function_of_its_seeds_and_learns(order):
    task = tiny_task()

    def run(seed, taken):
        steps = darts(TinyCellSupernet(task), task, steps=20, order=order, batch_size=25, rng=random.Random(seed))
        return list(itertools.islice(steps, taken))

    steps = run(0, 20)
    first = [step.losses for step in steps[:4]]
    assert [step.losses for step in run(0, 4)] == first != [step.losses for step in run(1, 4)]
    assert np.mean([s.losses["train"] for s in steps[-5:]]) < 0.7 * np.mean([s.losses["train"] for s in steps[:3]])
    for step in steps:
        alpha = step.alpha["cell"]
        assert step.architecture.operations == tuple(OPERATIONS[o] for o in alpha.argmax(1))
        p = np.exp(alpha) / np.exp(alpha).sum(1, keepdims=True)
        np.testing.assert_allclose(step.info["entropy"]["cell"], -(p * np.log(p)).sum(1), rtol=1e-4)
    assert not np.array_equal(steps[0].alpha["cell"], steps[-1].alpha["cell"])  # copies, not views


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"order": 3}, "order=3"), ({"steps": 0}, "steps=0"), ({"batch_size": 51}, "all 50"), ({"product": "x"}, "exact")],
)
def test_bad_searches_are_refused(arguments, message):
    task = tiny_task()
    with pytest.raises(ValueError, match=message):
        next(darts(TinyCellSupernet(task), task, **{"steps": 1, "rng": random.Random(0), "batch_size": 9, **arguments}))
