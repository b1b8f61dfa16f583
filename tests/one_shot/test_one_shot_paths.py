"""Lecture 7: one path a mini-batch, shared weights as a judge, fabrics: each against a second way to compute it."""

from __future__ import annotations

import copy
import itertools
import random
from collections import Counter

import networkx as nx
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from tiny_task import tiny_task

from nas_edu import Budget, Evaluation, History, search
from nas_edu.one_shot import (
    Fabric,
    FabricSpace,
    SharedWeights,
    TinyCellSupernet,
    enas,
    one_shot_selection,
    probed,
    random_search_ws,
    rank_with_shared_weights,
    train_one_shot_model,
)
from nas_edu.one_shot.enas import accuracy
from nas_edu.one_shot.one_shot_model import path_mask
from nas_edu.one_shot.random_search_ws import recompute_statistics
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS
from nas_edu.search_strategies.controller import TabularController

SPACE = TinyCell()
GOOD = Cell(("nor_conv_3x3",) * 6)


def state(module):
    return {name: value.detach().clone() for name, value in module.named_parameters()}


def moved(module, before):
    return {name for name, value in module.named_parameters() if not torch.equal(value, before[name])}


def on_path(cell):
    """The names of the weights that a path uses: stem, reductions, head, and its live convolutions."""
    names = {f"widen.{s}.{kind}" for s in range(3) for kind in ("weight", "bias")} | {"head.weight", "head.bias"}
    for edge, operation in cell.live_edges.items():
        if operation.startswith("nor_conv"):
            names |= {f"cells.{s}.{EDGES.index(edge)}.operations.{operation}.1.weight" for s in range(3)}
    return names


METHODS = {
    "random_search_ws": lambda net, task, **more: random_search_ws(net, SPACE, task, batch_size=20, **more),
    "enas": lambda net, task, **more: enas(
        net, SPACE, task, batch_size=20, weight_phase=4, policy_phase=3, controller=TabularController, **more
    ),
    "train_one_shot_model": lambda net, task, **more: train_one_shot_model(
        net, task, batch_size=20, path_dropout=0.3, **more
    ),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_training_depends_on_its_seed_only(name):
    task = tiny_task()

    def run(seed):
        net = TinyCellSupernet(task)
        steps = list(METHODS[name](net, task, steps=8, rng=random.Random(seed)))
        return [step.losses for step in steps], [step.architecture for step in steps], state(net)

    losses, architectures, weights = run(0)
    again = run(0)
    assert (losses, architectures) == again[:2]
    assert all(torch.equal(weights[key], again[2][key]) for key in weights)
    assert losses != run(1)[0]
    with pytest.raises(ValueError, match="steps=0"):
        next(METHODS[name](TinyCellSupernet(task), task, steps=0, rng=random.Random(0)))


@pytest.mark.parametrize("name", METHODS)
def test_whoever_stops_it_has_the_beginning_of_the_whole_training(name):
    task = tiny_task()
    whole = list(METHODS[name](TinyCellSupernet(task), task, steps=8, rng=random.Random(2)))
    net = TinyCellSupernet(task)
    begun = search(METHODS[name](net, task, steps=8, rng=random.Random(2)), Budget(steps=3))
    assert [step.losses for step in begun.steps] == [step.losses for step in whole[:3]]
    assert net(torch.from_numpy(task.validation.inputs), architecture=GOOD).isfinite().all()


@pytest.mark.parametrize("name", ["random_search_ws", "enas"])
def test_only_the_weights_of_the_sampled_path_move(name):
    task, net = tiny_task(), TinyCellSupernet(tiny_task())
    seen, before = set(), state(net)
    for step in METHODS[name](net, task, steps=30, rng=random.Random(0)):
        changed = moved(net, before)
        if step.info.get("phase") == "theta":
            assert not changed
        elif step.architecture.live_edges:
            assert changed == on_path(step.architecture)
        seen |= changed
        before = state(net)
    assert len(seen) > 30  # so that momentum and decay had something to spoil


def test_a_step_is_that_of_the_stand_alone_network():
    """Plain SGD on a copy of the path, with torch's own optimizer: the same numbers."""
    task, net = tiny_task(), TinyCellSupernet(tiny_task())
    copied = net.stand_alone(GOOD)
    for norm in (m for m in copied.modules() if isinstance(m, torch.nn.BatchNorm1d)):
        norm.affine, norm.weight, norm.bias = False, None, None

    class OneCell:
        def sample(self, rng):
            return GOOD

    [step] = random_search_ws(net, OneCell(), task, steps=1, batch_size=20, rng=random.Random(4))
    order = list(range(200))
    random.Random(4).shuffle(order)
    inputs, targets = torch.from_numpy(task.train.inputs)[order[:20]], torch.from_numpy(task.train.targets)[order[:20]]
    optimizer = torch.optim.SGD(copied.parameters(), 0.025, momentum=0.9, weight_decay=3e-4)
    loss = F.cross_entropy(copied(inputs), targets)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(copied.parameters(), 5.0)
    optimizer.step()
    assert step.losses["train"] == loss.item()
    torch.testing.assert_close(net.head.weight, copied.head.weight)
    torch.testing.assert_close(net.cells[1][3]["nor_conv_3x3"][1].weight, copied.cells[1].operations[3][1].weight)


def test_paths_are_sampled_uniformly():
    task = tiny_task()
    steps = random_search_ws(TinyCellSupernet(task), SPACE, task, steps=600, batch_size=2, rng=random.Random(1))
    cells = [step.architecture for step in steps]
    for edge in range(6):
        counts = Counter(cell.operations[edge] for cell in cells)
        assert chisquare([counts[name] for name in OPERATIONS]).pvalue > 1e-4


@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_shared_weights_judge_as_the_supernet_does_and_leave_it_alone(statistics):
    task, net = tiny_task(), TinyCellSupernet(tiny_task(), statistics=statistics)
    list(random_search_ws(net, SPACE, task, steps=40, batch_size=20, rng=random.Random(0)))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    cells = [SPACE.sample(random.Random(n)) for n in range(10)]
    found = [SharedWeights(net, task, recompute=False)(cell) for cell in cells]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    inputs, targets = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
    net.eval()
    for cell, evaluation in zip(cells, found, strict=True):
        with torch.no_grad():
            logits = net(inputs, architecture=cell)
        assert evaluation.score == pytest.approx((logits.argmax(1) == targets).double().mean().item())
        assert evaluation.validation_loss == pytest.approx(F.cross_entropy(logits, targets).item())


def test_recomputed_statistics_are_the_mean_over_the_batches():
    net = TinyCellSupernet(tiny_task(), statistics="running").stand_alone(GOOD)
    parts = torch.from_numpy(tiny_task().train.inputs).split(50)
    recompute_statistics(net, parts)
    first = net.cells[0].operations[0]
    with torch.no_grad():
        convolved = [first[1](F.relu(net.widen[0](part))) for part in parts]
    expected = torch.stack([y.mean((0, 2)) for y in convolved]).mean(0)
    torch.testing.assert_close(first[2].running_mean, expected)
    variance = torch.stack([y.var((0, 2)) for y in convolved]).mean(0)
    torch.testing.assert_close(first[2].running_var, variance)


def test_averages_over_all_paths_are_wrong_for_one_path_and_recomputed_ones_right():
    task, net = tiny_task(), TinyCellSupernet(tiny_task(), statistics="running")
    list(random_search_ws(net, SPACE, task, steps=150, batch_size=50, learning_rate=0.1, rng=random.Random(0)))
    cells = [SPACE.sample(random.Random(n)) for n in range(40)]
    losses = {
        recompute: [SharedWeights(net, task, recompute=recompute)(cell).validation_loss for cell in cells]
        for recompute in (False, True)
    }
    assert np.mean(losses[True]) < np.mean(losses[False])


def test_ranking_is_by_score_and_stable_and_the_probe_only_looks():
    scores = {SPACE[0]: 0.3, SPACE[1]: 0.9, SPACE[2]: 0.9, SPACE[3]: float("nan")}
    ranked = rank_with_shared_weights(lambda cell: Evaluation(scores[cell]), list(scores))
    assert [trial.architecture for trial in ranked] == [SPACE[1], SPACE[2], SPACE[0], SPACE[3]]
    task = tiny_task()

    def run(probe):
        net = TinyCellSupernet(task, statistics="running")
        steps = random_search_ws(net, SPACE, task, steps=6, batch_size=20, rng=random.Random(0))
        return list(probed(steps, SharedWeights(net, task), [GOOD, SPACE[0]], 2) if probe else steps), state(net)

    (plain, weights), (looked, after) = run(False), run(True)
    assert [step.losses for step in plain] == [step.losses for step in looked]
    assert all(torch.equal(weights[name], after[name]) for name in weights)
    assert [step.index for step in looked if "shared" in step.info] == [1, 3, 5]
    assert all(len(step.info["shared"]) == 2 for step in looked[1::2])
    History(looked)


def test_selection_samples_ranks_retrains_and_returns_the_best():
    shared = {cell: n % 1000 / 1000 for n, cell in enumerate(SPACE)}
    calls = []

    def train(cell, *, epochs=None, resume=None):
        calls.append((cell, epochs))
        return Evaluation(1 - shared[cell])  # retraining says the opposite of the shared weights

    trials = list(
        one_shot_selection(
            SPACE, lambda cell: Evaluation(shared[cell]), train, samples=30, keep=4, epochs=2, rng=random.Random(0)
        )
    )
    sampled, retrained, [result] = trials[:30], trials[30:34], trials[34:]
    assert len({trial.architecture.canonical for trial in sampled}) == 30
    best_four = sorted(sampled, key=lambda trial: -trial.score)[:4]
    assert [trial.parents[0] for trial in retrained] == best_four
    assert result.architecture == best_four[-1].architecture
    assert [epochs for _, epochs in calls] == [2, 2, 2, 2, None]
    alone = list(
        one_shot_selection(SPACE, lambda cell: Evaluation(shared[cell]), train, samples=30, rng=random.Random(0))
    )
    assert len(alone) == 31
    assert alone[-1].architecture == best_four[0].architecture
    with pytest.raises(ValueError, match="keep=5, samples=4"):
        next(one_shot_selection(SPACE, train, train, samples=4, keep=5, rng=random.Random(0)))


def test_plain_training_without_dropout_runs_everything_and_drops_whole_nodes_at_the_stated_rate():
    rng = random.Random(0)
    assert path_mask(5, 0.0, rng) == [[1.0] * 5] * 6
    masks = np.array([path_mask(2, 0.4, rng) for _ in range(4000)])
    for node in (1, 2, 3):
        entering = [e for e, (_, j) in enumerate(EDGES) if j == node]
        gone = (masks[:, entering].sum(axis=(1, 2)) == 0).mean()
        assert gone == pytest.approx(0.4, abs=5 * (0.24 / 4000) ** 0.5)
    task, net = tiny_task(), TinyCellSupernet(tiny_task())
    before = state(net)
    steps = list(train_one_shot_model(net, task, steps=3, batch_size=20, rng=rng))
    assert {step.info["operations_run"] for step in steps} == {30}
    assert moved(net, before) == set(before) - {"alpha.cell"}
    with pytest.raises(ValueError, match="path_dropout=1"):
        next(train_one_shot_model(net, task, steps=3, path_dropout=1, rng=rng))


def test_the_policy_of_enas_follows_the_gradient_of_the_expected_reward():
    """One edge free, five paths: the mean of many estimates against the sum over all five."""
    task, net = tiny_task(), TinyCellSupernet(tiny_task())
    list(random_search_ws(net, SPACE, task, steps=60, batch_size=50, learning_rate=0.1, rng=random.Random(0)))
    data = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
    [free] = [h for h in SPACE.hyperparameters if h.name == "edge_0_3"]
    cells = [Cell((*["nor_conv_1x1"] * 3, name, *["none"] * 2)) for name in OPERATIONS]
    rewards = [accuracy(net, cell, *data) for cell in cells]
    assert len(set(rewards)) > 2
    policy = TabularController((free,), rng=random.Random(0))
    with torch.no_grad():
        policy.tables[0].copy_(torch.tensor([0.5, -0.3, 0.2, 0.0, -1.0]))
    exact_p = policy.tables[0].softmax(0)
    (exact,) = torch.autograd.grad((exact_p * torch.tensor(rewards)).sum(), policy.tables[0])
    from nas_edu.search_strategies.reinforce import reinforce_loss

    rng, estimates = random.Random(1), []
    for _ in range(4000):
        writing = policy.sample(rng)
        reward = rewards[OPERATIONS.index(writing.values["edge_0_3"])]
        (one,) = torch.autograd.grad(reinforce_loss([writing], [reward], 0.4), policy.tables[0])
        estimates.append(-one)
    estimates = torch.stack(estimates)
    error = estimates.std(0) / 4000**0.5
    assert ((estimates.mean(0) - exact).abs() < 5 * error + 1e-6).all()


@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_the_reward_of_enas_is_normalized_by_its_mini_batch_and_leaves_the_averages_alone(statistics):
    task, net = tiny_task(), TinyCellSupernet(tiny_task(), statistics=statistics)
    list(random_search_ws(net, SPACE, task, steps=40, batch_size=20, rng=random.Random(0)))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    inputs, targets = torch.from_numpy(task.validation.inputs[:50]), torch.from_numpy(task.validation.targets[:50])
    cells = [GOOD, *(SPACE.sample(random.Random(n)) for n in range(10))]
    rewards = [accuracy(net, cell, inputs, targets) for cell in cells]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert net.training
    for cell, reward in zip(cells, rewards, strict=True):
        path = copy.deepcopy(net)
        with torch.no_grad():
            in_training = path(inputs, architecture=cell)
        assert reward == pytest.approx((in_training.argmax(1) == targets).double().mean().item())
    if statistics == "running":
        net.eval()
        with torch.no_grad():
            by_averages = [(net(inputs, architecture=c).argmax(1) == targets).double().mean().item() for c in cells]
        assert rewards != by_averages


def test_enas_learns_to_prefer_what_scores_well_and_says_which_phase_it_is_in():
    task, net = tiny_task(), TinyCellSupernet(tiny_task())
    arguments = {"weight_phase": 25, "policy_phase": 60, "policy_learning_rate": 0.05, "learning_rate": 0.1}
    arguments |= {"steps": 100, "batch_size": 50, "controller": TabularController}
    steps = list(enas(net, SPACE, task, rng=random.Random(0), **arguments))
    phases = ["w"] * 25 + ["theta"] * 60
    assert [step.info["phase"] for step in steps] == phases * 4
    assert [step.index for step in steps] == list(range(len(steps)))
    theta = [step for step in steps if step.info["phase"] == "theta"]
    assert theta[-1].losses["entropy"] < theta[0].losses["entropy"] == pytest.approx(6 * np.log(5), rel=1e-5)
    judge = SharedWeights(net, task)
    typical = np.median([judge(SPACE.sample(random.Random(n))).score for n in range(60)])
    assert judge(theta[-1].architecture).score > typical
    with pytest.raises(ValueError, match="policy_phase=0"):
        next(enas(net, SPACE, task, steps=3, policy_phase=0, rng=random.Random(0)))


@given(layers=st.integers(2, 4), scales=st.integers(1, 3))
def test_paths_are_counted_as_networkx_enumerates_them(layers, scales):
    space = FabricSpace(layers, scales)
    paths = (
        [(space.input,)]
        if space.input == space.output
        else [tuple(path) for path in nx.all_simple_paths(space.to_graph(), space.input, space.output)]
    )
    assert space.number_of_paths == len(paths)
    assert nx.is_directed_acyclic_graph(space.to_graph())
    assert all(path in space for path in paths)
    assert space.sample(random.Random(0)) in paths


def test_paths_of_a_fabric_are_sampled_uniformly():
    space, rng = FabricSpace(3, 3), random.Random(0)
    counts = Counter(space.sample(rng) for _ in range(200 * space.number_of_paths))
    assert len(counts) == space.number_of_paths
    assert chisquare(list(counts.values())).pvalue > 1e-4


def test_the_whole_fabric_and_each_path_compute_what_they_say():
    task, space = tiny_task(), FabricSpace(3, 3)
    fabric = Fabric(space, task, channels=4)
    x = torch.from_numpy(task.train.inputs[:7])

    def edge(a, b, value):
        if b[1] > a[1]:
            value = F.avg_pool1d(value, 2)
        if b[1] < a[1]:
            value = value.repeat_interleave(2, dim=2)
        name = f"{a[0]}_{a[1]}_to_{b[0]}_{b[1]}"
        return fabric.convolutions[name](value)

    for path in itertools.islice(nx.all_simple_paths(space.to_graph(), space.input, space.output), 12):
        value = fabric.stem(x)
        for a, b in itertools.pairwise(path):
            value = edge(a, b, value)
        assert torch.equal(fabric(x, architecture=tuple(path)), fabric.head(value.mean(-1)))
    values = {space.input: fabric.stem(x)}
    for node in nx.topological_sort(space.to_graph()):
        if node != space.input:
            values[node] = sum(edge(a, node, values[a]) for a in space.to_graph().predecessors(node))
    torch.testing.assert_close(fabric(x), fabric.head(values[space.output].mean(-1)))


def test_a_fabric_learns_and_its_paths_move_only_their_own_edges():
    task, space = tiny_task(), FabricSpace(3, 2)
    fabric = Fabric(space, task, channels=6)
    before = state(fabric)
    steps = list(random_search_ws(fabric, space, task, steps=1, batch_size=50, rng=random.Random(0)))
    path = steps[0].architecture
    names = {f"{a[0]}_{a[1]}_to_{b[0]}_{b[1]}" for a, b in itertools.pairwise(path)}
    changed = {name.split(".")[1] for name in moved(fabric, before) if name.startswith("convolutions")}
    assert changed == names
    list(random_search_ws(fabric, space, task, steps=150, batch_size=50, learning_rate=0.1, rng=random.Random(0)))
    inputs, targets = torch.from_numpy(task.validation.inputs), torch.from_numpy(task.validation.targets)
    hits = [(fabric(inputs, architecture=space.sample(random.Random(n))).argmax(1) == targets) for n in range(5)]
    assert torch.stack(hits).double().mean() > 0.6  # chance is a third


def test_a_fabric_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    Fabric(FabricSpace(3, 2), tiny_task())
    assert torch.equal(torch.get_rng_state(), before)


def test_bad_fabrics_are_refused():
    with pytest.raises(ValueError, match="layers=1"):
        FabricSpace(1, 3)
    with pytest.raises(ValueError, match="5 scales halve 12 positions"):
        Fabric(FabricSpace(3, 5), tiny_task())
    with pytest.raises(TypeError, match="2 dimensions"):
        Fabric(FabricSpace(3, 2), tiny_task(dimensions=2))
    fabric = Fabric(FabricSpace(3, 2), tiny_task())
    assert copy.deepcopy(fabric).space.number_of_paths == fabric.space.number_of_paths
    with pytest.raises(ValueError, match="is no path"):
        fabric(torch.zeros(2, 1, 12), architecture=((0, 0), (2, 1)))


def test_averages_need_a_batch():
    with pytest.raises(ValueError, match="batches=0: averages need one batch"):
        SharedWeights(TinyCellSupernet(tiny_task()), tiny_task(), batches=0)
