"""Macro against the enumeration of its hyperparameters and networkx's isomorphism; its networks against chains."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from collections import Counter, defaultdict

import networkx as nx
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
from nas_edu.networks.layers import ChainNetwork, MacroNetwork, concatenate
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import Chain, LayerGraph, Macro
from nas_edu.search_spaces.chain import Layer
from nas_edu.search_strategies import regularized_evolution

SPACE = Macro()
SMALL = Macro(max_layers=3, kernels=(1, 3), channels=(4,))
EXAMPLE = "conv3-16(input) | maxpool(1) | conv5-32(1,2) | conv1-8(input)"
rngs = st.integers(0, 2**32).map(random.Random)
graphs = rngs.map(SPACE.sample)
small_graphs = st.sampled_from(list(SMALL))


def test_its_size_is_that_of_the_enumeration_and_of_the_conditional_hyperparameters():
    assert SMALL.size == len(SMALL) == len(set(SMALL)) == 4 + 4**2 * 2 + 4**3 * 8
    by_conditions = {tuple(sorted(values.items())) for values in configurations(SMALL)}
    assert by_conditions == {tuple(sorted(SMALL.to_config(graph).items())) for graph in SMALL}
    assert len(by_conditions) == SMALL.size
    assert all(SMALL.from_config(SMALL.to_config(graph)) == graph for graph in SMALL)
    assert SPACE.size == sum(11**length * 2 ** math.comb(length, 2) for length in range(1, 7))
    assert len(list(itertools.islice(SPACE, 200))) == 200


@given(graphs)
def test_a_graph_prints_and_parses_pickles_and_hashes(graph):
    assert SPACE.parse(str(graph)) == graph == pickle.loads(pickle.dumps(graph))
    assert hash(SPACE.parse(str(graph))) == hash(graph)
    assert graph in SPACE
    with pytest.raises(AttributeError):
        graph.layers = ()


def test_the_text_says_what_each_layer_reads():
    layers = Layer("conv", 3, 16), Layer("maxpool"), Layer("conv", 5, 32), Layer("conv", 1, 8)
    graph = LayerGraph(layers, ((), (1,), (1, 2), ()))
    assert str(graph) == EXAMPLE
    assert SPACE.parse(EXAMPLE) == graph
    assert graph.unread == (3, 4)
    reads = {name for name, value in SPACE.to_config(graph).items() if value is True}
    assert reads == {"reads_2_1", "reads_3_1", "reads_3_2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "layer 1 is ''"),
        ("conv3-16", "layer 1 is 'conv3-16', expected a layer and what it reads"),
        ("conv3-16(input) | maxpol(1)", "layer 2 is 'maxpol'.*did you mean 'maxpool'"),
        ("conv3-16(input)|maxpool(1)", r"separated by ' \| '"),
        ("conv3-16(input) | maxpool(2)", r"layer 2 may read the layers 1 to 1; its sources are \(2,\)"),
        ("conv3-16(1)", "layer 1 may read the input only"),
        ("conv3-16(input) | maxpool(0)", "expected a layer and what it reads"),
        ("conv3-16(input) | maxpool(1) | maxpool(2,1)", r"each once and in order; its sources are \(2, 1\)"),
        ("conv3-16(input) | maxpool(1,1)", "each once and in order"),
        ("conv7-16(input)", "layer 1 is conv7-16; this space has conv1-8"),
        (" | ".join(["maxpool(input)"] * 7), "up to 6 layers; the chain has 7"),
    ],
)
def test_a_wrong_text_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        SPACE.parse(text)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SPACE.parse(3), TypeError, "takes the string of a graph"),
        (lambda: LayerGraph((), ()), ValueError, "one layer at least and sources for each; got 0 and 0"),
        (lambda: LayerGraph((Layer("maxpool"),), ()), ValueError, "got 1 and 0"),
        (lambda: LayerGraph(["conv"], ((),)), TypeError, "tuple of Layers"),
        (lambda: LayerGraph((Layer("maxpool"),), ([],)), TypeError, "tuple of tuples"),
        (lambda: Macro(0), ValueError, "max_layers"),
        (lambda: Macro(channels=()), ValueError, "channels must be different"),
        (lambda: SPACE.encode(SPACE.parse(EXAMPLE), "path"), ValueError, "'one_hot' and 'adjacency', not 'path'"),
        (lambda: SPACE.from_config({"L": 1}), ValueError, "kind_1 has no value"),
        (
            lambda: SPACE.from_config({"L": 1, "kind_1": "maxpool", "reads_2_1": True}),
            ValueError,
            "reads_2_1 exists only where L is 2 or 3",
        ),
        (lambda: SPACE.neighbors("conv3-16(input)"), TypeError, "holds LayerGraphs"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def distance(one, other):
    """Hyperparameters of both that differ, if neither came into being by another that differs."""
    a, b = SMALL.to_config(one), SMALL.to_config(other)
    return sum(a[name] != b[name] for name in a.keys() & b.keys())


@settings(max_examples=15, deadline=None)
@given(small_graphs, rngs)
def test_the_neighbours_are_all_graphs_with_one_hyperparameter_changed(graph, rng):
    neighbours = SMALL.neighbors(graph)
    assert len(set(neighbours)) == len(neighbours)
    by_search = {
        other for other in SMALL if distance(graph, other) == 1 and abs(len(other.layers) - len(graph.layers)) <= 1
    }
    assert set(neighbours) == by_search
    assert all(graph in SMALL.neighbors(other) for other in neighbours)
    assert SMALL.mutate(graph, rng) in by_search


def test_a_mutation_changes_one_hyperparameter_drawn_uniformly():
    rng, graph = random.Random(3), SPACE.parse(EXAMPLE)
    before, counts = SPACE.to_config(graph), Counter()
    for _ in range(2000):
        after = SPACE.to_config(SPACE.mutate(graph, rng))
        changed = [name for name in before.keys() & after.keys() if before[name] != after[name]]
        counts[changed[0], after["L"] if changed[0] == "L" else None] += 1
        assert len(changed) == 1
    # L can go up or down; of each of 4 layers the kind; of 3 convolutions kernel and channels; and 6 pairs of layers.
    assert len(counts) == 2 + 4 + 6 + 6
    assert chisquare(list(counts.values())).pvalue > 0.01


def test_samples_are_uniform_in_the_number_of_layers_and_read_every_second_layer():
    rng = random.Random(4)
    drawn = [SPACE.sample(rng) for _ in range(3000)]
    assert chisquare([sum(len(graph.layers) == n for graph in drawn) for n in range(1, 7)]).pvalue > 0.01
    reads = Counter(value for graph in drawn for name, value in SPACE.to_config(graph).items() if "reads" in name)
    assert chisquare([reads[True], reads[False]]).pvalue > 0.01


def test_encodings_tell_all_graphs_apart():
    for encoding, length in (("one_hot", 3 + 3 * (3 + 2 + 1) + 2 * 3), ("adjacency", 10 + 3 * 4)):
        codes = {graph: SMALL.encode(graph, encoding) for graph in SMALL}
        assert {code.shape for code in codes.values()} == {(length,)}
        assert len({code.tobytes() for code in codes.values()}) == SMALL.size
        if encoding == "one_hot":
            assert all(code.sum() == len(SMALL.to_config(graph)) for graph, code in codes.items())


def test_the_adjacency_encoding_by_hand():
    code = SMALL.encode(SMALL.parse("conv3-4(input) | maxpool(input)"), "adjacency")
    by_node = [code[:1], code[1:3], code[3:6], code[6:10]]  # what the layers 1, 2, 3 and the classifier read
    assert [list(bits) for bits in by_node] == [[1], [1, 0], [0, 0, 0], [0, 1, 1, 0]]
    assert [list(layer) for layer in code[10:].reshape(3, 4)] == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


# --- isomorphism -----------------------------------------------------------------------------------------------------


def labelled(graph):
    built = nx.DiGraph()
    for k, (layer, sources) in enumerate(zip(graph.layers, graph.sources, strict=True), start=1):
        built.add_node(k, layer=str(layer))
        built.add_edges_from((j, k) for j in sources)
    return built


def renumbering(one, other):
    """Which layer of `other` each layer of `one` is, or None: networkx's VF2."""
    matcher = nx.isomorphism.DiGraphMatcher(labelled(one), labelled(other), lambda a, b: a["layer"] == b["layer"])
    return matcher.mapping if matcher.is_isomorphic() else None


def test_canonical_forms_are_equal_exactly_where_networkx_finds_an_isomorphism():
    by_hash = defaultdict(list)  # isomorphic graphs have the same hash, so only these have to be compared
    for graph in SMALL:
        by_hash[nx.weisfeiler_lehman_graph_hash(labelled(graph).to_undirected(), node_attr="layer")].append(graph)
        assert graph.canonical in SMALL
        assert graph.canonical.canonical == SMALL.canonical(graph) == graph.canonical
    for alike in by_hash.values():
        for one, other in itertools.combinations(alike, 2):
            assert (renumbering(one, other) is not None) == (one.canonical == other.canonical)
    assert sum(len({graph.canonical for graph in alike}) for alike in by_hash.values()) == len(
        {graph.canonical for graph in SMALL}
    )


def renumbered(graph, rng):
    """The layers in a random order that computes none before what it reads."""
    order = []
    while len(order) < len(graph.layers):
        ready = [k for k, read in enumerate(graph.sources, 1) if k not in order and set(read) <= set(order)]
        order.append(rng.choice(ready))
    place = {k: rank for rank, k in enumerate(order, 1)}
    sources = tuple(tuple(sorted(place[j] for j in graph.sources[k - 1])) for k in order)
    return LayerGraph(tuple(graph.layers[k - 1] for k in order), sources)


twins = rngs.map(Macro(max_layers=8, kernels=(1,), channels=(8,)).sample)  # three kinds of layers, so many alike


@settings(max_examples=150)
@given(st.one_of(graphs, twins), rngs)
def test_renumbered_layers_have_the_same_canonical_form(graph, rng):
    other = renumbered(graph, rng)
    assert other.canonical == graph.canonical
    assert renumbering(graph, graph.canonical) is not None


@given(graphs)
def test_the_graph_tells_what_each_layer_reads(graph):
    built = SPACE.to_graph(graph)
    assert nx.is_directed_acyclic_graph(built)
    assert [node for node in built if built.in_degree(node) == 0] == [0]

    def read_through(node):
        concatenated = [i for i, _, name in built.in_edges(node, data="operation") if name == "concatenate"]
        return sorted(concatenated) if concatenated else [node]

    for k, (layer, sources) in enumerate(zip(graph.layers, graph.sources, strict=True), start=1):
        [(before, _, data)] = built.in_edges(k, data=True)
        assert data == {"operation": str(layer), "live": True}
        assert read_through(before) == list(sources or (0,))
    [output] = [node for node in built if built.out_degree(node) == 0]
    assert read_through(output) == list(graph.unread)


# --- networks --------------------------------------------------------------------------------------------------------


def by_hand(graph, input_shape, classes):
    """Parameters and MACs, layer by layer, and the shape of what each layer delivers."""
    shapes, parameters, macs = [input_shape], 0, 0
    for layer, sources in zip(graph.layers, graph.sources, strict=True):
        read = [shapes[j] for j in sources or (0,)]
        channels, sizes = sum(c for c, *_ in read), [max(s) for s in zip(*(s for _, *s in read), strict=True)]
        if layer.kind == "conv":
            weights = channels * layer.channels * layer.kernel ** len(sizes)
            parameters += weights + 2 * layer.channels
            macs += weights * math.prod(sizes)
            shapes.append((layer.channels, *sizes))
        else:
            shapes.append((channels, *(math.ceil(size / 2) for size in sizes)))
    features = sum(shapes[k][0] for k in graph.unread)
    return parameters + features * classes + classes, macs + features * classes


@settings(max_examples=25, deadline=None)
@given(graphs, st.sampled_from([(1, 40), (3, 17), (1, 8, 8), (2, 5, 12)]))
def test_every_graph_builds_with_the_parameters_and_macs_of_the_hand_formula_and_has_gradients(graph, shape):
    network = MacroNetwork(graph, shape, 7)
    assert (count_parameters(network), count_macs(network, shape)) == by_hand(graph, shape, 7)
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.1)
    logits = network(torch.rand(3, *shape))
    logits.sum().backward()
    assert logits.shape == (3, 7)
    assert all(parameter.grad is not None for parameter in network.parameters())


@settings(max_examples=30, deadline=None)
@given(rngs.map(Chain().sample), st.sampled_from([(1, 40), (2, 5, 12)]))
def test_a_graph_whose_layers_read_only_the_last_one_is_a_chain(chain, shape):
    graph = LayerGraph(chain.layers, ((), *((k,) for k in range(1, len(chain.layers)))))
    expected, network = ChainNetwork(chain, shape, 4), MacroNetwork(graph, shape, 4)
    for parameter in expected.parameters():
        torch.nn.init.uniform_(parameter, -1, 1)
    network.load_state_dict(expected.state_dict())  # the same names and shapes
    x = torch.randn(5, *shape)
    assert torch.equal(network(x), expected(x))


def test_small_tensors_are_padded_with_zeros():
    a, b = torch.ones(1, 1, 3, 2), torch.full((1, 1, 2, 4), 2.0)
    expected = [[[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]], [[2, 2, 2, 2], [2, 2, 2, 2], [0, 0, 0, 0]]]
    assert concatenate([a, b]).tolist() == [expected]


def channel_names(graph, channels):
    """A name for each channel of each layer's output, the input being layer 0; unique among what any layer reads."""
    names = [[(0, c) for c in range(channels)]]
    for k, (layer, sources) in enumerate(zip(graph.layers, graph.sources, strict=True), start=1):
        read = [name for j in sources or (0,) for name in names[j]]
        names.append([(k, c) for c in range(layer.channels)] if layer.kind == "conv" else [(k, name) for name in read])
    return names


def translated(name, numbers):
    layer, inner = name
    return numbers[layer], translated(inner, numbers) if isinstance(inner, tuple) else inner


@settings(max_examples=25, deadline=None)
@given(graphs, rngs)
def test_isomorphic_graphs_compute_the_same_once_their_weights_are_renamed(graph, rng):
    shape, other = (2, 9), renumbered(graph, rng)
    numbers = {0: 0, **renumbering(other, graph)}  # of each layer of `other` in `graph`
    one, two = MacroNetwork(graph, shape, 3).double(), MacroNetwork(other, shape, 3).double()
    for parameter in one.parameters():
        torch.nn.init.uniform_(parameter, -1, 1)
    names, other_names = channel_names(graph, 2), channel_names(other, 2)

    def order(sources, other_sources):
        """Where in `graph` the channels lie that a layer of `other` reads."""
        read = [name for j in sources for name in names[j]]
        return [read.index(translated(name, numbers)) for j in other_sources for name in other_names[j]]

    for k, module in enumerate(two.layers, start=1):
        twin = numbers[k]
        module.load_state_dict(one.layers[twin - 1].state_dict())
        if other.layers[k - 1].kind == "conv":
            columns = order(graph.sources[twin - 1] or (0,), other.sources[k - 1] or (0,))
            module[0].weight.data = module[0].weight.data[:, columns]
    two.head.load_state_dict(one.head.state_dict())
    two.head.weight.data = two.head.weight.data[:, order(graph.unread, other.unread)]
    x = torch.randn(6, *shape, dtype=torch.double)
    torch.testing.assert_close(two(x), one(x))


@pytest.mark.parametrize("name", ["mnist1d", "digits"])
def test_sampled_graphs_take_a_training_step_on_the_real_tasks(name):
    task, rng = load(name), random.Random(0)
    inputs, targets = torch.tensor(task.train.inputs[:32]), torch.tensor(task.train.targets[:32])
    for _ in range(15):
        network = build(SPACE.sample(rng), task)
        loss = torch.nn.functional.cross_entropy(network(inputs), targets)
        loss.backward()
        assert torch.isfinite(loss)
        assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


@pytest.mark.parametrize(("name", "epochs"), [("mnist1d", 2), ("digits", 5)])
def test_a_training_learns(name, epochs):
    graph = SPACE.parse("conv5-8(input) | maxpool(1) | conv3-16(2) | avgpool(1) | conv3-16(3,4)")
    chance = 0.1
    assert Train(load(name), epochs=epochs)(graph).validation_accuracy > 3 * chance


def test_evolution_runs_on_graphs():
    evaluate = Train(tiny_task(dimensions=2))
    strategy = regularized_evolution(SPACE, evaluate, population_size=3, sample_size=2, rng=random.Random(1))
    history = search(strategy, Budget(evaluations=6))
    assert not any(trial.failed for trial in history.trials)
    assert len({trial.architecture for trial in history.trials}) > 1
