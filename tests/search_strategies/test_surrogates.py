"""Surrogates and kernels against other implementations, closed forms, matchings by brute force, and by hand."""

import itertools
import math
import random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from nas_edu.search_spaces import Cell, Chain, DARTSCell, Macro, NASNetCell, TinyCell
from nas_edu.search_strategies.surrogates import (
    ArcKernel,
    EncodingKernel,
    GaussianProcess,
    HammingKernel,
    NetworkEnsemble,
    OTMANNKernel,
    RandomForest,
    WeisfeilerLehmanKernel,
    otmann_distance,
)
from nas_edu.search_strategies.surrogates.gaussian_process import factorised, log_evidence
from nas_edu.search_strategies.surrogates.kernels import subtree_labels
from nas_edu.search_strategies.surrogates.otmann import layers, matching_costs, transport

SPACES = {"TinyCell": TinyCell(), "Chain": Chain(), "Macro": Macro(), "NASNetCell": NASNetCell(), "DARTS": DARTSCell()}
DEFINITE = {
    "Hamming": HammingKernel,
    "one_hot": lambda space: EncodingKernel(space, "one_hot"),
    "Arc": ArcKernel,
    "Weisfeiler-Lehman": WeisfeilerLehmanKernel,
}
KERNELS = {**DEFINITE, "OTMANN": OTMANNKernel}


def some(space, number, seed=0):
    rng = random.Random(seed)
    return [space.sample(rng) for _ in range(number)]


def quality(cells):
    """A score that one could learn: convolutions are good, and none is bad."""
    worth = {"nor_conv_3x3": 3, "nor_conv_1x1": 2, "skip_connect": 1, "avg_pool_3x3": 1, "none": 0}
    return np.array([sum(worth[operation] for operation in cell.operations) for cell in cells]) / 18


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_a_kernel_is_symmetric_and_1_for_the_same_architecture(kernel, space):
    kernel, group = kernel(space), some(space, 5)
    gram = kernel.gram(kernel.distances(group, group), np.array(kernel.start))
    assert gram.shape == (5, 5)
    np.testing.assert_allclose(gram, gram.T, atol=1e-9)
    np.testing.assert_allclose(np.diag(gram), 1, atol=1e-9)
    assert (gram >= 0).all()
    assert (gram <= 1 + 1e-9).all()
    np.testing.assert_allclose(
        gram[1:3], kernel.gram(kernel.distances(group[1:3], group), np.array(kernel.start)), atol=1e-9
    )


@pytest.mark.parametrize("name", DEFINITE)
@given(
    seed=st.integers(0, 10**6),
    space=st.sampled_from(["TinyCell", "Chain", "Macro"]),
    places=st.tuples(*[st.floats(0, 1)] * 2),
)
@settings(max_examples=25, deadline=None)
def test_a_kernel_has_no_negative_eigenvalue_anywhere_in_its_bounds(name, seed, space, places):
    kernel = KERNELS[name](SPACES[space])
    group = some(SPACES[space], 15, seed)
    theta = np.array([low * (high / low) ** t for (low, high), t in zip(kernel.bounds, places, strict=False)])
    if name == "Weisfeiler-Lehman":
        theta = np.round(theta)  # whole powers are products of kernels
    assert np.linalg.eigvalsh(kernel.gram(kernel.distances(group, group), theta)).min() > -1e-9


def test_beyond_its_bound_the_arc_kernel_has_a_negative_eigenvalue():
    """Three values, pairwise as far apart as rho = 1 asks: 4 omega^2; from a missing one they are omega^2 away."""
    apart = np.array([[0, 1, 1, -1], [1, 0, 1, -1], [1, 1, 0, -1], [-1, -1, -1, 0]], dtype=float)[..., None]
    kernel = ArcKernel(Chain())
    assert np.linalg.eigvalsh(kernel.gram(apart, np.array([0.3, 1.0]))).min() < -0.01
    assert np.linalg.eigvalsh(kernel.gram(apart, np.array([0.3, 0.5]))).min() > 0


def test_without_conditions_hamming_and_one_hot_are_one_kernel():
    """A different value is two different bits of H C: 2 h H / (H C) = 2 h / C, with C = 5 choices."""
    group = some(TinyCell(), 20)
    hamming, one_hot = HammingKernel(TinyCell()), EncodingKernel(TinyCell(), "one_hot")
    np.testing.assert_allclose(2 / 5 * hamming.distances(group, group), one_hot.distances(group, group), atol=1e-9)


def test_the_arc_kernel_by_the_points_on_the_arcs():
    space, (omega, rho) = Chain(), (0.7, 0.4)
    group = some(space, 12)
    kernel = ArcKernel(space)
    gram = kernel.gram(kernel.distances(group, group), np.array([omega, rho]))

    def points(chain, other):
        """The embeddings of what is ordered, and the distances of the rest, straight from the paper."""
        squared, (values, others) = 0.0, (space.to_config(chain), space.to_config(other))
        for h in space.hyperparameters:
            here, there = values.get(h.name), others.get(h.name)
            if isinstance(h.choices[0], str) and None not in (here, there):
                squared += 0 if here == there else 2 * omega**2 * (1 - math.cos(math.pi * rho))
                continue
            ends = []
            for value in (here, there):
                x = (
                    0
                    if value is None or isinstance(value, str)
                    else h.choices.index(value) / max(1, len(h.choices) - 1)
                )
                angle = math.pi * rho * x
                ends.append(np.zeros(2) if value is None else omega * np.array([math.sin(angle), math.cos(angle)]))
            squared += ((ends[0] - ends[1]) ** 2).sum()
        return math.exp(-squared)

    np.testing.assert_allclose(gram, [[points(a, b) for b in group] for a in group], atol=1e-9)


def test_layers_that_do_not_exist_cost_a_fixed_price_only():
    """Whatever the second layer is, the chain without one is as far away."""
    space = Chain()
    kernel = ArcKernel(space)
    short, long, other = map(space.parse, ("maxpool", "maxpool > conv3-16", "maxpool > conv5-32"))
    gram = kernel.gram(kernel.distances([short, long], [long, other]), np.array([0.5, 0.3]))
    assert gram[0, 0] == pytest.approx(gram[0, 1])
    steps = 2 * 0.25 * (1 - math.cos(math.pi * 0.3 * 1 / (len(space.hyperparameters[0].choices) - 1)))
    assert gram[0, 0] == pytest.approx(math.exp(-(steps + 3 * 0.25)))  # one layer more; its kind, kernel and channels


def test_weisfeiler_lehman_by_hand():
    one = Cell(("nor_conv_3x3", "none", "none", "none", "skip_connect", "none"))  # 0 -conv- 1 -skip- 3
    other = Cell(("none", "nor_conv_3x3", "none", "none", "none", "skip_connect"))  # 0 -conv- 2 -skip- 3: the same
    space = TinyCell()
    assert subtree_labels(space.to_graph(one)) == subtree_labels(space.to_graph(other))
    assert sum(subtree_labels(space.to_graph(one)).values()) == 3 * 3  # three nodes, three rounds
    third = Cell(("nor_conv_1x1", "none", "none", "none", "skip_connect", "none"))
    kernel = WeisfeilerLehmanKernel(space)
    # In common: the three first labels, the input (its label stays, told three times anew), the output after one round.
    common = subtree_labels(space.to_graph(one)) & subtree_labels(space.to_graph(third))
    assert kernel.distances([one], [other, third])[0] == pytest.approx([1.0, sum(common.values()) / 9])
    assert 0 < sum(common.values()) < 9


def brute_force(costs):
    """The cheapest matching of unit masses, of all there are."""
    n, m = costs.shape
    best = math.inf
    for size in range(min(n, m) + 1):
        for rows in itertools.combinations(range(n), size):
            for columns in itertools.permutations(range(m), size):
                best = min(best, sum(costs[i, j] for i, j in zip(rows, columns, strict=True)) + n + m - 2 * size)
    return best


@given(n=st.integers(1, 4), m=st.integers(1, 4), seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_transport_of_unit_masses_is_the_cheapest_matching(n, m, seed):
    costs = np.random.default_rng(seed).uniform(0, 3, (n, m))
    assert transport(costs, np.ones(n), np.ones(m)) == pytest.approx(brute_force(costs), abs=1e-7)


def test_transport_may_split_a_mass():
    """Half of the one heavy layer goes to each of two light ones: 2 * 0.5 * 0.1, and nothing is left."""
    assert transport(np.array([[0.1, 0.1]]), np.array([1.0]), np.array([0.5, 0.5])) == pytest.approx(0.1)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_otmann_agrees_with_the_assignment_of_layers_and_obeys_the_triangle_inequality(seed):
    space, (a, b, c) = TinyCell(), some(TinyCell(), 3, seed)
    x, y = layers(space.to_graph(a)), layers(space.to_graph(b))
    d = otmann_distance(space, a, b)
    assert d == pytest.approx(otmann_distance(space, b, a))
    assert otmann_distance(space, a, a) == 0
    if x and y:
        savings = np.minimum(matching_costs(x, y) - 2, 0)
        rows, columns = linear_sum_assignment(savings)
        assert d == pytest.approx(len(x) + len(y) + savings[rows, columns].sum(), abs=1e-7)
    assert d <= otmann_distance(space, a, c) + otmann_distance(space, c, b) + 1e-7


def test_otmann_by_hand():
    space = TinyCell()
    single = Cell(("none", "none", "none", "nor_conv_3x3", "none", "none"))  # one layer, 0-3
    related = Cell(("none", "none", "none", "nor_conv_1x1", "none", "none"))
    pooled = Cell(("none", "none", "none", "avg_pool_3x3", "none", "none"))
    two = Cell(("nor_conv_3x3", "none", "none", "none", "nor_conv_3x3", "none"))  # 0-1-3
    nothing = Cell(("none",) * 6)
    assert otmann_distance(space, single, related) == pytest.approx(0.25)
    assert otmann_distance(space, single, pooled) == pytest.approx(2)
    assert otmann_distance(space, nothing, two) == pytest.approx(2)
    # One of the two layers is left (1); the other's way to one end is longer by 1: three of six path lengths, times nu.
    assert otmann_distance(space, single, two) == pytest.approx(1 + 0.5 * 3 / 6)


def test_path_lengths_by_hand():
    """0 -> 1 -> 2 and 0 -> 2: from layer 0-1 to the end 2 layers; from 0-2 one; a walk from 0 takes either."""
    graph = nx.MultiDiGraph()
    graph.add_edges_from([("i", 0, {"operation": "p"}), (0, 1, {"operation": "a"}), (1, 2, {"operation": "b"})])
    graph.add_edge(0, 2, operation="c")
    found = dict(layers(graph))
    assert found["a"] == (2, 2, 2.0, 2, 2, 2.0)
    assert found["c"] == (2, 2, 2.0, 1, 1, 1.0)
    assert found["p"] == (1, 1, 1.0, 2, 3, 2.5)


@pytest.mark.parametrize("noise", [1e-3, 0.2])
def test_the_gaussian_process_agrees_with_scikit_learn(noise):
    """With equal hyperparameters: the same evidence, mean and deviation. One-hot vectors make ours theirs."""
    space = TinyCell()
    cells, new = some(space, 25), some(space, 30, seed=1)
    scores = quality(cells)
    process = GaussianProcess(space, kernel=lambda space: EncodingKernel(space, "one_hot"))
    process.fit(cells, scores, random.Random(0))
    signal, _, length = process.theta
    process.theta[1] = noise
    y = (scores - scores.mean()) / scores.std()
    covariance = process._covariance(process.kernel.distances(cells, cells), process.theta)
    process._factor = factorised(covariance)
    process._weights = np.linalg.solve(covariance, y)
    # exp(-|x - x'|^2 / (d l)) is scikit-learn's exp(-|x - x'|^2 / (2 r^2)) with 2 r^2 = d l
    rbf = RBF((30 * length / 2) ** 0.5)
    theirs = GaussianProcessRegressor(ConstantKernel(signal) * rbf + WhiteKernel(noise), optimizer=None, alpha=0)
    x, z = (np.stack([space.encode(cell, "one_hot") for cell in group]) for group in (cells, new))
    theirs.fit(x, y)
    mean, deviation = theirs.predict(z, return_std=True)
    ours = process.predict(new)
    np.testing.assert_allclose((ours[0] - scores.mean()) / scores.std(), mean, atol=1e-6)
    np.testing.assert_allclose((ours[1] / scores.std()) ** 2, deviation**2 - noise, atol=1e-6)
    assert log_evidence(covariance, y) == pytest.approx(theirs.log_marginal_likelihood(), abs=1e-6)


def test_the_hyperparameters_found_have_the_evidence_that_scikit_learn_finds():
    space, cells = TinyCell(), some(TinyCell(), 40)
    scores = quality(cells) + np.random.default_rng(0).normal(0, 0.05, 40)
    process = GaussianProcess(space, kernel=lambda space: EncodingKernel(space, "one_hot"))
    process.fit(cells, scores, random.Random(0))
    y = (scores - scores.mean()) / scores.std()
    found = log_evidence(process._covariance(process.kernel.distances(cells, cells), process.theta), y)
    kernel = ConstantKernel(1, (0.05, 20)) * RBF(1, (0.03**0.5, 150**0.5)) + WhiteKernel(0.05, (1e-4, 1))
    theirs = GaussianProcessRegressor(kernel, alpha=0, n_restarts_optimizer=2, random_state=0)
    theirs.fit(np.stack([space.encode(cell, "one_hot") for cell in cells]), y)
    assert found > theirs.log_marginal_likelihood_value_ - 0.05


def test_a_matrix_without_a_factor_gets_a_raised_diagonal():
    matrix = np.array([[1.0, 1.1], [1.1, 1.0]])
    factor = factorised(matrix)
    assert 0.1 <= (factor @ factor.T - matrix)[0, 0] <= 1.2


SURROGATES = {"process": GaussianProcess, "forest": RandomForest, "networks": NetworkEnsemble}


@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=SURROGATES)
def test_a_surrogate_learns_what_can_be_learned_and_is_surer_of_what_it_saw(surrogate):
    space = TinyCell()
    cells, new = some(space, 80), some(space, 100, seed=1)
    model = surrogate(space)
    model.fit(cells, quality(cells), random.Random(0))
    mean, deviation = model.predict(new)
    assert mean.shape == deviation.shape == (100,)
    assert (deviation >= 0).all()
    assert np.corrcoef(mean, quality(new))[0, 1] > 0.75
    assert model.predict(cells)[1].mean() < deviation.mean()
    again = surrogate(space)
    again.fit(cells, quality(cells), random.Random(0))
    np.testing.assert_array_equal(again.predict(new), (mean, deviation))


@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=SURROGATES)
def test_equal_scores_are_no_difficulty(surrogate):
    cells = some(TinyCell(), 12)
    model = surrogate(TinyCell())
    model.fit(cells, np.full(12, 0.1), random.Random(0))
    mean, deviation = model.predict(some(TinyCell(), 5, seed=1))
    assert np.isfinite(mean).all()
    assert np.isfinite(deviation).all()


def test_networks_of_the_ensemble_do_not_see_each_other():
    """One of five trained in company equals the one trained alone, by an ordinary torch network."""
    import torch

    from nas_edu.search_strategies.surrogates import network_ensemble as module

    space, cells = TinyCell(), some(TinyCell(), 20)
    model = NetworkEnsemble(space)
    model.fit(cells, quality(cells), random.Random(3))
    generator = torch.Generator().manual_seed(random.Random(3).getrandbits(32))
    alone = torch.nn.Sequential(
        torch.nn.Linear(84, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1)
    )
    for layer, inputs in ((0, 84), (2, 32), (4, 32)):
        outputs = alone[layer].out_features
        weight = torch.randn(module.NETWORKS, inputs, outputs, generator=generator) * (2 / inputs) ** 0.5
        alone[layer].weight.data, alone[layer].bias.data = weight[2].T.clone(), torch.zeros(outputs)
    x = torch.tensor(np.stack([space.encode(cell, "path") for cell in cells]))
    y = torch.tensor((quality(cells) - quality(cells).mean()) / quality(cells).std(), dtype=torch.float32)
    optimizer = torch.optim.Adam(alone.parameters(), lr=module.LEARNING_RATE)
    for _ in range(module.STEPS):
        optimizer.zero_grad()
        (alone(x).squeeze(-1) - y).abs().mean().backward()
        optimizer.step()
    with torch.no_grad():
        np.testing.assert_allclose(model._forward(x)[2], alone(x).squeeze(-1), atol=0.02)
