"""Chain against the enumeration of its conditional hyperparameters, and its networks against hand formulas."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from collections import Counter

import networkx as nx
import numpy as np
import pytest
import torch
from hyperparameter_trees import configurations
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tiny_task import tiny_task

from nas_edu.core import Budget, search
from nas_edu.data import load
from nas_edu.networks import build, count_macs, count_parameters
from nas_edu.networks.layers import ChainNetwork
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces.chain import Chain, Layer, LayerChain
from nas_edu.search_strategies import regularized_evolution

SPACE = Chain()
SMALL = Chain(max_layers=3, kernels=(1, 3), channels=(4,))
EXAMPLE = "conv3-16 > maxpool > conv5-32"
seeds = st.integers(0, 2**32)
chains = seeds.map(lambda seed: SPACE.sample(random.Random(seed)))
small_chains = st.sampled_from(list(SMALL))


def test_its_size_is_that_of_the_enumeration_and_of_the_conditional_hyperparameters():
    assert SMALL.size == len(SMALL) == len(set(SMALL)) == 4 + 4**2 + 4**3
    by_conditions = {tuple(sorted(values.items())) for values in configurations(SMALL)}
    assert by_conditions == {tuple(sorted(SMALL.to_config(chain).items())) for chain in SMALL}
    assert len(by_conditions) == SMALL.size
    assert SPACE.size == (11**7 - 11) // 10  # the geometric series
    assert len(list(itertools.islice(SPACE, 200))) == 200


@given(chains)
def test_a_chain_prints_and_parses_pickles_and_hashes(chain):
    assert SPACE.parse(str(chain)) == chain == pickle.loads(pickle.dumps(chain))
    assert hash(SPACE.parse(str(chain))) == hash(chain)
    assert chain in SPACE
    assert chain.canonical == SPACE.canonical(chain) == chain
    with pytest.raises(AttributeError):
        chain.layers = ()


def test_the_text_is_that_of_vgg():
    chain = LayerChain((Layer("conv", 3, 16), Layer("maxpool"), Layer("conv", 5, 32)))
    assert str(chain) == EXAMPLE
    assert SPACE.to_config(chain) == {
        "L": 3,
        **{"kind_1": "conv", "kernel_1": 3, "channels_1": 16},
        "kind_2": "maxpool",
        **{"kind_3": "conv", "kernel_3": 5, "channels_3": 32},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "layer 1 is ''"),
        ("conv3-16 > maxpol", "layer 2 is 'maxpol'.*did you mean 'maxpool'"),
        ("conv3-16>maxpool", "separated by ' > '"),
        ("conv3_16", "expected conv<kernel>-<channels>"),
        ("conv03-16", "expected conv<kernel>-<channels>"),
        ("conv7-16", "layer 1 is conv7-16; this space has conv1-8"),
        ("conv2-16", "odd kernel"),
        (" > ".join(["maxpool"] * 7), "up to 6 layers; the chain has 7"),
    ],
)
def test_a_wrong_text_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        SPACE.parse(text)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SPACE.parse(3), TypeError, "takes the string of a chain"),
        (lambda: LayerChain(()), ValueError, "at least one layer"),
        (lambda: LayerChain(["conv"]), TypeError, "tuple of Layers"),
        (lambda: Layer("convv", 3, 8), ValueError, "did you mean 'conv'"),
        (lambda: Layer("maxpool", 3), ValueError, "exist for conv only"),
        (lambda: Layer("conv", 3), ValueError, "channels None"),
        (lambda: Chain(0), ValueError, "max_layers"),
        (lambda: Chain(kernels=(3, 3)), ValueError, "kernels must be different"),
        (lambda: Chain(kernels=(2,)), ValueError, "odd kernel"),
        (lambda: SPACE.encode(SPACE.parse(EXAMPLE), "adjacency"), ValueError, "'one_hot', not 'adjacency'"),
        (lambda: SPACE.neighbors("conv3-16"), TypeError, "holds LayerChains"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def distance(one, other):
    """Hyperparameters of both that differ, if neither came into being by another that differs."""
    a, b = SMALL.to_config(one), SMALL.to_config(other)
    return sum(a[name] != b[name] for name in a.keys() & b.keys())


@given(small_chains)
def test_the_neighbours_are_all_chains_with_one_hyperparameter_changed(chain):
    neighbours = SMALL.neighbors(chain)
    assert len(set(neighbours)) == len(neighbours)
    by_search = {
        other for other in SMALL if distance(chain, other) == 1 and abs(len(other.layers) - len(chain.layers)) <= 1
    }
    assert set(neighbours) == by_search
    assert all(chain in SMALL.neighbors(other) for other in neighbours)


def test_mutations_are_uniform_over_the_neighbours_and_samples_over_the_lengths():
    rng, chain = random.Random(3), SPACE.parse(EXAMPLE)
    neighbours = SPACE.neighbors(chain)
    counts = Counter(SPACE.mutate(chain, rng) for _ in range(100 * len(neighbours)))
    assert chisquare([counts[other] for other in neighbours]).pvalue > 0.01
    assert sum(counts.values()) == sum(counts[other] for other in neighbours)
    drawn = [SPACE.sample(rng) for _ in range(3000)]
    assert chisquare([sum(len(c.layers) == n for c in drawn) for n in range(1, 7)]).pvalue > 0.01
    kinds = Counter(layer.kind for chain in drawn for layer in chain.layers)
    assert chisquare(list(kinds.values())).pvalue > 0.01


def test_the_one_hot_encoding_tells_all_chains_apart_and_has_one_bit_for_each_existing_hyperparameter():
    codes = {chain: SMALL.encode(chain, "one_hot") for chain in SMALL}
    assert len({code.tobytes() for code in codes.values()}) == SMALL.size
    assert {len(code) for code in codes.values()} == {3 + 3 * (3 + 2 + 1)}
    assert all(code.sum() == len(SMALL.to_config(chain)) for chain, code in codes.items())


@given(chains)
def test_the_graph_is_a_path(chain):
    graph = SPACE.to_graph(chain)
    assert nx.dag_longest_path_length(graph) == len(chain.layers)
    assert [(i, j) for i, j in graph.edges()] == list(itertools.pairwise(range(len(chain.layers) + 1)))
    assert " > ".join(data["operation"] for *_, data in graph.edges(data=True)) == str(chain)


# --- networks --------------------------------------------------------------------------------------------------------


def by_hand(chain, input_shape, classes):
    """Parameters and MACs, layer by layer."""
    channels, *sizes = input_shape
    parameters = macs = 0
    for layer in chain.layers:
        if layer.kind == "conv":
            weights = channels * layer.channels * layer.kernel ** len(sizes)
            parameters += weights + 2 * layer.channels
            macs += weights * math.prod(sizes)
            channels = layer.channels
        else:
            sizes = [math.ceil(size / 2) for size in sizes]
    return parameters + channels * classes + classes, macs + channels * classes


@settings(max_examples=60, deadline=None)
@given(chains, st.sampled_from([(1, 40), (3, 17), (1, 8, 8), (2, 5, 12)]))
def test_every_chain_builds_with_the_parameters_and_macs_of_the_hand_formula_and_has_gradients(chain, shape):
    network = ChainNetwork(chain, shape, 7)
    assert (count_parameters(network), count_macs(network, shape)) == by_hand(chain, shape, 7)
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.1)
    logits = network(torch.rand(3, *shape))
    logits.sum().backward()
    assert logits.shape == (3, 7)
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_a_chain_computes_what_numpy_computes():
    chain = LayerChain((Layer("avgpool"), Layer("conv", 3, 2), Layer("maxpool")))
    network = build(chain, tiny_task()).eval()
    conv, norm, _ = network.layers[1]
    x = np.arange(12.0, dtype=np.float32) ** 1.5 / 10
    pooled = np.pad(x.reshape(6, 2).mean(1), 1)
    weights = conv.weight.detach().numpy()
    taps = np.array([[weights[c, 0] @ pooled[p : p + 3] for p in range(6)] for c in range(2)])
    active = np.maximum(taps / math.sqrt(1 + norm.eps), 0)
    features = active.reshape(2, 3, 2).max(2).mean(1)
    expected = network.head.weight.detach().numpy() @ features
    with torch.no_grad():
        np.testing.assert_allclose(network(torch.tensor(x)[None, None])[0].numpy(), expected, rtol=1e-4)


@pytest.mark.parametrize("name", ["mnist1d", "digits"])
def test_sampled_chains_take_a_training_step_on_the_real_tasks(name):
    task, rng = load(name), random.Random(0)
    inputs, targets = torch.tensor(task.train.inputs[:32]), torch.tensor(task.train.targets[:32])
    for _ in range(40):
        network = build(SPACE.sample(rng), task)
        loss = torch.nn.functional.cross_entropy(network(inputs), targets)
        loss.backward()
        assert torch.isfinite(loss)
        assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_a_chain_learns_what_its_kernels_can_see():
    """MNIST-1D's classes are shapes: chance is 10 %, and a chain that sees one position at a time hardly beats it."""
    train = Train(load("mnist1d"), epochs=2)
    wide, narrow = (train(SPACE.parse(f"conv{k}-16 > maxpool > conv{k}-32")).score for k in (5, 1))
    assert wide > 0.4
    assert wide > narrow + 0.1


def test_evolution_runs_on_chains():
    evaluate = Train(tiny_task(dimensions=2))
    strategy = regularized_evolution(SPACE, evaluate, population_size=3, sample_size=2, rng=random.Random(1))
    history = search(strategy, Budget(evaluations=6))
    assert not any(trial.failed for trial in history.trials)
    assert len({trial.architecture for trial in history.trials}) > 1
