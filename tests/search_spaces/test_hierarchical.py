"""Hierarchical against enumeration, paths and union-find; its networks against flat graphs and hand formulas."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from collections import Counter

import networkx as nx
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from tiny_task import tiny_task

from nas_edu.core import Budget, search
from nas_edu.data import load
from nas_edu.networks import build, count_macs, count_parameters
from nas_edu.networks.hierarchical import HierarchicalNetwork, MotifModule, primitive
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import Hierarchical, Hierarchy
from nas_edu.search_spaces.hierarchical import PRIMITIVES, flatten
from nas_edu.search_strategies import regularized_evolution

SPACE = Hierarchical()
DEEP = Hierarchical(motifs=(2, 2, 1), nodes=(3, 3, 3))  # four levels
PUBLISHED = Hierarchical(motifs=(6, 1), nodes=(4, 5))
WEIGHTLESS = Hierarchical(
    motifs=(2, 2, 1), nodes=(3, 4, 3), primitives=("skip_connect", "max_pool_3x3", "avg_pool_3x3")
)
TINY = Hierarchical(motifs=(2, 1), nodes=(2, 3), primitives=("skip_connect", "nor_conv_1x1"))
EXAMPLE = Hierarchy(
    (
        (("nor_conv_1x1", "none", "sep_conv_3x3"), ("skip_connect", "max_pool_3x3", "none"), ("none",) * 3),
        (("2.1", "2.2", "2.3", "2.1", "none", "2.1"),),
    )
)
TEXT = (
    "2.1=|nor_conv_1x1~0|+|none~0|sep_conv_3x3~1| 2.2=|skip_connect~0|+|max_pool_3x3~0|none~1| "
    "2.3=|none~0|+|none~0|none~1| 3.1=|2.1~0|+|2.2~0|2.3~1|+|2.1~0|none~1|2.1~2|"
)
rngs = st.integers(0, 2**32).map(random.Random)
hierarchies = rngs.map(SPACE.sample)
deep = rngs.map(DEEP.sample)


def test_sizes_are_those_of_the_enumeration_and_of_the_paper():
    assert TINY.size == len(TINY) == len(set(TINY)) == (3**1) ** 2 * 3**3
    assert SPACE.size == 7 ** (3 * 3) * 4**6
    assert PUBLISHED.size == 7 ** (6 * 6) * 7**10
    assert len(list(itertools.islice(PUBLISHED, 50))) == 50
    with pytest.raises(OverflowError):
        len(PUBLISHED)


@given(st.one_of(hierarchies, deep, rngs.map(PUBLISHED.sample)))
def test_a_hierarchy_prints_and_parses_pickles_and_hashes(hierarchy):
    [space] = [space for space in (SPACE, DEEP, PUBLISHED) if hierarchy in space]
    assert space.parse(str(hierarchy)) == hierarchy == pickle.loads(pickle.dumps(hierarchy))
    assert hash(space.parse(str(hierarchy))) == hash(hierarchy)
    assert space.from_config(space.to_config(hierarchy)) == hierarchy
    with pytest.raises(AttributeError):
        hierarchy.levels = ()


def test_the_text():
    assert str(EXAMPLE) == TEXT
    assert SPACE.parse(TEXT) == EXAMPLE
    assert EXAMPLE.top == "3.1"
    assert SPACE.to_config(EXAMPLE)["edge_3.1_2_3"] == "2.1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the motif 2.1, such as .*; found ''"),
        (TEXT.replace("2.3=", "2.4="), "expected the motif 2.3 or 3.1, .*found '2.4="),
        (TEXT.replace("|nor_conv_1x1~0|", "|nor_conv_1x1~1|", 1), "node 1 of motif 2.1 is .*expected |<operation>~0|"),
        (TEXT.replace("|sep_conv_3x3~1|", "|"), "node 2 of motif 2.1"),
        (TEXT.replace("sep_conv_3x3", "sep_conv_3"), "unknown operation 'sep_conv_3'.*did you mean 'sep_conv_3x3'"),
        (TEXT.replace("2.3~1", "2.4~1"), "unknown operation '2.4' in motif 3.1; allowed: none, 2.1, 2.2, 2.3"),
        (TEXT.replace("2.2~0", "skip_connect~0"), "unknown operation 'skip_connect' in motif 3.1"),
        (" ".join(TEXT.split()[:3]), "the last one has one"),
        (TEXT.replace("2.2=|skip_connect~0|+|max_pool_3x3~0|none~1|", "2.2=|none~0|"), "as many edges"),
        ("2.1=|none~0| 3.1=|2.1~0|", r"this space has \(3, 1\) motifs of \(3, 4\) nodes.*has \(1, 1\) of \(2, 2\)"),
        (TEXT + "x", "node 3 of motif 3.1"),
    ],
)
def test_a_wrong_text_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        SPACE.parse(text)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SPACE.parse(3), TypeError, "takes the string of a hierarchy"),
        (lambda: Hierarchy([]), TypeError, "tuple of levels"),
        (lambda: Hierarchy(()), ValueError, "the last one has one"),
        (lambda: Hierarchy(((("none", "none"),),)), ValueError, "1, 3, 6, 10 edges, and none has 2"),
        (lambda: Hierarchical(motifs=(3, 2)), ValueError, "1 motif on the last"),
        (lambda: Hierarchical(nodes=(3, 7)), ValueError, "2 to 6 nodes"),
        (lambda: Hierarchical(primitives=("conv",)), ValueError, "primitives must be different ones"),
        (lambda: TINY.neighbors(EXAMPLE), ValueError, "this space has"),
        (lambda: WEIGHTLESS.parse(str(DEEP.sample(random.Random(0)))), ValueError, "this space has"),
        (lambda: SPACE.mutate(EXAMPLE, random.Random(0), level=4), ValueError, "levels 2, 3; not 4"),
        (lambda: SPACE.motif_graph(EXAMPLE, "2.4"), ValueError, "motifs 2.1, 2.2, 2.3, 3.1; not '2.4'"),
        (lambda: SPACE.encode(EXAMPLE, "path"), ValueError, "'one_hot' and 'adjacency', not 'path'"),
        (lambda: SPACE.from_config({}), ValueError, "edge_2.1_0_1 has no value"),
        (lambda: SPACE.neighbors("2.1"), TypeError, "holds Hierarchies"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_primitive_of_another_space_is_refused():
    small = Hierarchical(primitives=("skip_connect",))
    with pytest.raises(ValueError, match="the primitives skip_connect; not nor_conv_1x1"):
        small.parse(TEXT)
    assert EXAMPLE not in small
    assert EXAMPLE in SPACE


def differences(space, one, other):
    a, b = space.to_config(one), space.to_config(other)
    return [name for name in a if a[name] != b[name]]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(TINY)))
def test_the_neighbours_differ_in_what_one_edge_carries(hierarchy):
    neighbours = TINY.neighbors(hierarchy)
    assert len(set(neighbours)) == len(neighbours)
    assert set(neighbours) == {other for other in TINY if len(differences(TINY, hierarchy, other)) == 1}


@given(deep, rngs, st.sampled_from([None, 2, 3, 4]))
def test_a_mutation_is_a_neighbour_on_the_chosen_level(hierarchy, rng, level):
    mutant = DEEP.mutate(hierarchy, rng, level=level)
    assert mutant in DEEP.neighbors(hierarchy)
    [changed] = differences(DEEP, hierarchy, mutant)
    assert level is None or changed.startswith(f"edge_{level}.")


def test_a_mutation_draws_level_motif_node_and_predecessor_one_after_the_other():
    rng, draws = random.Random(1), 4000
    counts = Counter(differences(SPACE, EXAMPLE, SPACE.mutate(EXAMPLE, rng))[0] for _ in range(draws))
    chances = {f"edge_2.{m}_{j}_{i}": 1 / 2 / 3 / 2 / i for m in (1, 2, 3) for i in (1, 2) for j in range(i)}
    chances |= {f"edge_3.1_{j}_{i}": 1 / 2 / 3 / i for i in (1, 2, 3) for j in range(i)}
    assert math.isclose(sum(chances.values()), 1)
    assert chisquare([counts[name] for name in chances], [draws * chance for chance in chances.values()]).pvalue > 0.01


def test_samples_are_uniform():
    rng = random.Random(2)
    counts = Counter(TINY.sample(rng) for _ in range(20 * TINY.size))
    assert chisquare([counts[hierarchy] for hierarchy in TINY]).pvalue > 0.01


def test_encodings_tell_all_hierarchies_apart():
    for encoding, length in (("one_hot", 2 * 3 + 3 * 3), ("adjacency", 5 + 2 * 2 + 3 * 2)):
        codes = [TINY.encode(hierarchy, encoding) for hierarchy in TINY]
        assert {code.shape for code in codes} == {(length,)}
        assert len({code.tobytes() for code in codes}) == TINY.size
    code = TINY.encode(TINY.parse("2.1=|nor_conv_1x1~0| 2.2=|none~0| 3.1=|2.2~0|+|none~0|2.1~1|"), "adjacency")
    carried = [[0, 1], [0, 0], [0, 1], [0, 0], [1, 0]]
    assert code.tolist() == [1, 0, 1, 0, 1, *itertools.chain(*carried)]


# --- flattening ------------------------------------------------------------------------------------------------------


def paths(hierarchy, name, level=1):
    """Every way through a motif as the operations along it, by recursion over the hierarchy; `none` ends a way."""
    if name in PRIMITIVES or (name != "none" and int(name[0]) <= level and name != hierarchy.top):
        return [(name,)] if level == 1 or any(paths(hierarchy, name)) else []
    if name == "none":
        return []
    nodes = next(n for n in range(2, 9) if math.comb(n, 2) == len(hierarchy.motifs[name]))
    pairs = [(i, j) for j in range(nodes) for i in range(j)]
    ways = {0: [()]}
    for node in range(1, nodes):
        ways[node] = [
            (*before, *through)
            for (i, j), operation in zip(pairs, hierarchy.motifs[name], strict=True)
            if j == node
            for before in ways[i]
            for through in paths(hierarchy, operation, level)
        ]
    return ways[nodes - 1]


def flat_paths(graph):
    """The same for a flat multigraph: networkx lists its simple paths, parallel edges apart."""
    output = max(graph)
    found = nx.all_simple_edge_paths(graph, 0, output)
    return [tuple(graph.edges[edge]["operation"] for edge in path) for path in found]


@settings(max_examples=60, deadline=None)
@given(st.one_of(hierarchies, deep))
def test_the_flat_graph_has_the_same_paths_as_the_hierarchy(hierarchy):
    space = SPACE if hierarchy in SPACE else DEEP
    graph = space.to_graph(hierarchy)
    assert Counter(flat_paths(graph)) == Counter(paths(hierarchy, hierarchy.top))
    assert sorted(graph) == list(range(len(graph)))
    assert all(i < j for i, j in graph.edges())
    used = {edge for path in nx.all_simple_edge_paths(graph, 0, max(graph)) for edge in path}
    assert used == set(graph.edges(keys=True)), "every edge lies on a path from input to output"


@settings(max_examples=40, deadline=None)
@given(deep, st.sampled_from([2, 3]))
def test_flattening_can_stop_at_a_level(hierarchy, level):
    graph = DEEP.to_graph(hierarchy, level=level)
    assert Counter(flat_paths(graph)) == Counter(paths(hierarchy, hierarchy.top, level))
    assert all(operation.startswith(f"{level}.") for *_, operation in graph.edges(data="operation"))


def test_flattening_by_hand():
    # In 3.1 node 1 leads nowhere, as 2.3 is empty: 0-2 (2.2, a pooling), 0-3 and 2-3 (2.1, two convolutions) are left.
    assert flatten(EXAMPLE.top, EXAMPLE.motifs) == [
        (0, 1, "max_pool_3x3"),
        (0, 2, "nor_conv_1x1"),
        (1, 3, "nor_conv_1x1"),
        (2, 4, "sep_conv_3x3"),
        (3, 4, "sep_conv_3x3"),
    ]
    assert {data["live"] for *_, data in SPACE.motif_graph(EXAMPLE, "2.3").edges(data=True)} == {False}
    live = SPACE.motif_graph(EXAMPLE, "3.1").edges(data="live")
    assert {(i, j) for i, j, there in live if there} == {(0, 2), (0, 3), (2, 3)}
    assert len(live) == 6


def test_a_dead_hierarchy_has_no_edge_and_delivers_zeros():
    dead = SPACE.parse(TEXT.replace("2.1~0|none~1|2.1~2|", "2.3~0|none~1|2.3~2|"))
    assert list(SPACE.to_graph(dead).edges()) == []
    module = MotifModule(dead.top, dead.motifs, 4, 1)
    assert not module(torch.randn(2, 4, 5)).any()
    assert {operation for motif in dead.canonical.motifs.values() for operation in motif} == {"none"}
    logits = build(dead, tiny_task())(torch.randn(3, 1, 12))
    assert torch.equal(logits[0], logits[1])


# --- canonical form --------------------------------------------------------------------------------------------------


def visited(hierarchy):
    """All (motif, edge) that lie on some way from input to output, by listing the ways."""

    def ways(name):
        nodes = next(n for n in range(2, 9) if math.comb(n, 2) == len(hierarchy.motifs[name]))
        pairs = [(i, j) for j in range(nodes) for i in range(j)]
        found = {0: [frozenset()]}
        for node in range(1, nodes):
            found[node] = []
            for place, ((i, j), operation) in enumerate(zip(pairs, hierarchy.motifs[name], strict=True)):
                if j == node and operation != "none":
                    inner = [frozenset()] if operation in PRIMITIVES else ways(operation)
                    found[node] += [a | b | {(name, place)} for a in found[i] for b in inner]
        return list(dict.fromkeys(found[nodes - 1]))

    return frozenset().union(*ways(hierarchy.top))


def steps(hierarchy):
    """Hierarchies that are the same for one elementary reason."""
    levels = [list(level) for level in hierarchy.levels]

    def put(level, number, motif):
        changed = [list(kept) for kept in levels]
        changed[level][number] = tuple(motif)
        return changed

    def made(changed):
        return Hierarchy(tuple(map(tuple, changed)))

    live = visited(hierarchy)
    for level, motifs in enumerate(levels):
        for number, motif in enumerate(motifs):
            for place in range(len(motif)):
                if (f"{level + 2}.{number + 1}", place) not in live:  # what nothing flows through may go
                    yield made(put(level, number, (*motif[:place], "none", *motif[place + 1 :])))
            nodes = next(n for n in range(2, 9) if math.comb(n, 2) == len(motif))
            pairs = [(i, j) for j in range(nodes) for i in range(j)]
            carried = dict(zip(pairs, motif, strict=True))
            for i in range(1, nodes - 2):
                if carried[i, i + 1] == "none":  # two inner nodes that are not connected change places
                    swap = {i: i + 1, i + 1: i}
                    old = {(swap.get(a, a), swap.get(b, b)): operation for (a, b), operation in carried.items()}
                    yield made(put(level, number, [old.get(pair, "none") for pair in pairs]))
        for a, b in itertools.combinations(range(len(motifs)), 2):
            names = f"{level + 2}.{a + 1}", f"{level + 2}.{b + 1}"
            above = [dict(zip(names, reversed(names), strict=True))]  # two motifs change places
            if motifs[a] == motifs[b]:
                above.append({names[1]: names[0]})  # or one stands in for its twin
            for rename in above:
                changed = [list(kept) for kept in levels]
                changed[level][a], changed[level][b] = motifs[b], motifs[a]
                changed[level + 1] = [tuple(rename.get(o, o) for o in motif) for motif in levels[level + 1]]
                yield made(changed)


@pytest.mark.parametrize(
    "space",
    [
        Hierarchical(motifs=(2, 1), nodes=(3, 3), primitives=("nor_conv_1x1",)),
        Hierarchical(motifs=(1, 1), nodes=(4, 2), primitives=("nor_conv_1x1", "skip_connect")),
        Hierarchical(motifs=(3, 1), nodes=(2, 3), primitives=("nor_conv_1x1", "skip_connect")),
    ],
    ids=["two motifs", "inner nodes", "three motifs"],
)
def test_canonical_forms_are_equal_exactly_for_what_elementary_steps_connect(space):
    classes = nx.Graph()
    classes.add_nodes_from(space)
    classes.add_edges_from((hierarchy, other) for hierarchy in space for other in steps(hierarchy))
    assert len(classes) == space.size, "no step leaves the space"
    found = set()
    for alike in nx.connected_components(classes):
        [form] = {hierarchy.canonical for hierarchy in alike}
        assert form in alike
        assert form not in found
        found.add(form)


@settings(max_examples=40, deadline=None)
@given(deep)
def test_the_canonical_form_has_the_same_flat_graph(hierarchy):
    one, other = DEEP.to_graph(hierarchy), DEEP.to_graph(DEEP.canonical(hierarchy))
    same = nx.isomorphism.categorical_multiedge_match("operation", None)
    ends = nx.isomorphism.categorical_node_match("end", None)
    for graph in (one, other):
        nx.set_node_attributes(graph, {0: "input", max(graph): "output"}, "end")
    assert nx.is_isomorphic(one, other, node_match=ends, edge_match=same)
    assert hierarchy.canonical.canonical == hierarchy.canonical


# --- networks --------------------------------------------------------------------------------------------------------


def flat_value(space, hierarchy, x):
    """What the flat graph of a hierarchy without weights delivers, operation by operation."""
    compute = {
        "skip_connect": lambda t: t,
        "max_pool_3x3": lambda t: F.max_pool1d(t, 3, 1, 1),
        "avg_pool_3x3": lambda t: F.avg_pool1d(t, 3, 1, 1, count_include_pad=False),
    }
    graph = space.to_graph(hierarchy)
    nodes = {0: x}
    for node in sorted(graph)[1:]:
        incoming = [compute[o](nodes[i]) for i, _, o in graph.in_edges(node, data="operation")]
        nodes[node] = sum(incoming) if incoming else torch.zeros_like(x)
    return nodes[max(graph)]


@settings(max_examples=40, deadline=None)
@given(rngs.map(WEIGHTLESS.sample))
def test_module_flat_graph_and_canonical_form_compute_the_same(hierarchy):
    x = torch.randn(2, 3, 9, dtype=torch.double)
    expected = flat_value(WEIGHTLESS, hierarchy, x)
    for same in (hierarchy, hierarchy.canonical):
        torch.testing.assert_close(MotifModule(same.top, same.motifs, 3, 1)(x), expected)


def by_hand(hierarchy, input_shape, classes):
    """Parameters and MACs from the flat graph: what each stage's operations have."""
    channels, *sizes = input_shape
    taps = 3 ** len(sizes)
    parameters = macs = 0
    for stage, c in enumerate((8, 16, 32)):
        sizes = [size // 2 for size in sizes] if stage else sizes
        weights = {"nor_conv_1x1": c * c, "depthwise_conv_3x3": taps * c, "sep_conv_3x3": taps * c + c * c}
        found = [weights[o] for *_, o in flatten(hierarchy.top, hierarchy.motifs) if o in weights]
        parameters += channels * c + 2 * c + sum(found) + 2 * c * len(found)
        macs += (channels * c + sum(found)) * math.prod(sizes)
        channels = c
    return parameters + 2 * 32 + 32 * classes + classes, macs + 32 * classes


@settings(max_examples=25, deadline=None)
@given(hierarchies, st.sampled_from([(1, 40), (3, 17), (1, 8, 8), (2, 5, 12)]))
def test_every_hierarchy_builds_with_the_parameters_and_macs_of_the_hand_formula_and_has_gradients(hierarchy, shape):
    network = HierarchicalNetwork(hierarchy, shape, 7)
    assert (count_parameters(network), count_macs(network, shape)) == by_hand(hierarchy, shape, 7)
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, -1, 1)
    logits = network(torch.rand(3, *shape))
    logits.sum().backward()
    assert logits.shape == (3, 7)
    if flatten(hierarchy.top, hierarchy.motifs):
        assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("name", PRIMITIVES)
@pytest.mark.parametrize("shape", [(9,), (5, 6)])
def test_a_primitive_keeps_the_shape_and_sees_its_neighbours(name, shape):
    module = primitive(name, 4, len(shape)).double().eval()
    for parameter in module.parameters():
        torch.nn.init.uniform_(parameter, 0.1, 1)
    x = torch.rand(1, 4, *shape, dtype=torch.double, requires_grad=True)
    y = module(x)
    assert y.shape == x.shape
    middle = tuple(size // 2 for size in shape)
    y[(0, 0, *middle)].backward()
    reached = x.grad[0].abs() > 0
    mixes = name in ("nor_conv_1x1", "sep_conv_3x3")
    assert reached.flatten(1).any(1).tolist() == [True] + [mixes] * 3
    seen = {name: 3 ** len(shape) for name in PRIMITIVES} | {"skip_connect": 1, "nor_conv_1x1": 1, "max_pool_3x3": 1}
    assert reached[0].sum() == seen[name]  # a maximum passes its gradient to one of its inputs


@pytest.mark.parametrize("name", ["mnist1d", "digits"])
def test_sampled_hierarchies_take_a_training_step_on_the_real_tasks(name):
    task, rng = load(name), random.Random(0)
    inputs, targets = torch.tensor(task.train.inputs[:32]), torch.tensor(task.train.targets[:32])
    for space in (*[SPACE] * 6, DEEP, PUBLISHED):
        network = build(space.sample(rng), task)
        loss = F.cross_entropy(network(inputs), targets)
        loss.backward()
        assert torch.isfinite(loss)
        grads = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
        assert all(torch.isfinite(grad).all() for grad in grads)


@pytest.mark.parametrize(("name", "epochs"), [("mnist1d", 2), ("digits", 5)])
def test_a_training_learns(name, epochs):
    hierarchy = SPACE.parse(TEXT if name == "digits" else TEXT.replace("sep_conv", "max_pool"))
    chance = 0.1
    assert Train(load(name), epochs=epochs)(hierarchy).validation_accuracy > 2.5 * chance


def test_evolution_runs_on_hierarchies():
    evaluate = Train(tiny_task(), epochs=4)
    strategy = regularized_evolution(SPACE, evaluate, population_size=3, sample_size=2, rng=random.Random(1))
    history = search(strategy, Budget(evaluations=4))
    assert not any(trial.failed for trial in history.trials)
    assert len({trial.architecture for trial in history.trials}) > 1
