"""DARTSCell and NASNetCell: sizes against enumeration, `canonical` against graph isomorphism, text against sources."""

from __future__ import annotations

import ast
import itertools
import pickle
import random
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from nas_edu.search_spaces import DARTSCell, Genotype, NASNetCell, NASNetGenotype, published_cells
from nas_edu.search_spaces.darts_cell import KEPT_OPERATIONS
from nas_edu.search_spaces.nasnet_cell import COMBINATIONS, OPERATIONS, Block, unused_states

DARTS, NASNET = DARTSCell(), NASNetCell()
TWO = ("skip_connect", "sep_conv_3x3")
both = pytest.mark.parametrize("space", [DARTS, NASNET, DARTSCell(2, TWO), NASNetCell(2, TWO)], ids=repr)
seeds = st.integers(0, 2**32)


def cells_of(genotype):
    """Each cell as a list of ((operation, state), (operation, state), combination), for both spaces."""
    if isinstance(genotype, NASNetGenotype):
        return [[tuple(block) for block in cell] for cell in (genotype.normal, genotype.reduce)]
    return [
        [(*cell[at : at + 2], "add") for at in range(0, len(cell), 2)] for cell in (genotype.normal, genotype.reduce)
    ]


def from_cells(kind, cells):
    if kind is NASNetGenotype:
        return NASNetGenotype(*(tuple(Block(*node) for node in cell) for cell in cells))
    return Genotype(*(tuple(edge for *edges, _ in cell for edge in edges) for cell in cells))


def unordered(genotype):
    """What a genotype is if the order of a node's two edges is forgotten."""
    return tuple(tuple((frozenset((a, b)), combine) for a, b, combine in cell) for cell in cells_of(genotype))


# --- text ------------------------------------------------------------------------------------------------------------


@both
def test_thousands_print_and_parse_hash_and_pickle(space):
    rng = random.Random(0)
    for _ in range(2000):
        genotype = space.sample(rng)
        again = space.parse(str(genotype))
        assert again == genotype
        assert hash(again) == hash(genotype)
        assert genotype in space
    assert pickle.loads(pickle.dumps(genotype)) == genotype
    with pytest.raises(AttributeError):
        genotype.normal = ()


@given(seeds)
def test_a_darts_genotype_reads_back_from_the_published_form(seed):
    genotype = DARTS.sample(random.Random(seed))
    assert DARTS.parse(repr(genotype)) == genotype
    fields = {word.arg: ast.literal_eval(word.value) for word in ast.parse(repr(genotype), mode="eval").body.keywords}
    assert fields["normal"] == list(genotype.normal)
    assert fields["reduce"] == list(genotype.reduce)
    assert fields["normal_concat"] == fields["reduce_concat"] == [2, 3, 4, 5]


def test_the_published_genotypes_are_those_of_the_papers():
    assert published_cells.DARTS_V1.normal[:2] == (("sep_conv_3x3", 1), ("sep_conv_3x3", 0))
    assert published_cells.DARTS_V1.reduce[-1] == ("avg_pool_3x3", 0)
    assert str(published_cells.DARTS_V2).startswith(
        "normal |sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~0|sep_conv_3x3~1|+|sep_conv_3x3~1|skip_connect~0|+"
    )
    counted = {  # of a figure: how often each operation occurs in the normal cell
        "DARTS_V1": {"sep_conv_3x3": 5, "skip_connect": 3},
        "DARTS_V2": {"sep_conv_3x3": 5, "skip_connect": 2, "dil_conv_3x3": 1},
        "GDAS": {"skip_connect": 4, "sep_conv_5x5": 2, "sep_conv_3x3": 2},
        "PC_DARTS": {"sep_conv_3x3": 3, "skip_connect": 1, "dil_conv_3x3": 2, "sep_conv_5x5": 1, "avg_pool_3x3": 1},
        "NASNET_A": {"sep_conv_5x5": 2, "sep_conv_3x3": 3, "avg_pool_3x3": 3, "skip_connect": 2},
        "AMOEBANET_A": {
            "avg_pool_3x3": 3,
            "max_pool_3x3": 1,
            "sep_conv_3x3": 3,
            "sep_conv_5x5": 1,
            "skip_connect": 2,
        },
    }
    for name, operations in counted.items():
        genotype = getattr(published_cells, name)
        normal = cells_of(genotype)[0]
        assert Counter(operation for *edges, _ in normal for operation, _ in edges) == operations
        assert genotype in (NASNET if isinstance(genotype, NASNetGenotype) else DARTS)


def test_nasnet_a_is_the_cell_of_its_authors_code():
    # nasnet_utils.py of tensorflow/models: operations and hidden states by block; there 0 is the last cell's output
    names = {5: "sep_conv_5x5", 3: "sep_conv_3x3", 7: "sep_conv_7x7"}
    normal = [names[5], names[3], names[5], names[3], "avg_pool_3x3", "skip_connect", "avg_pool_3x3", "avg_pool_3x3"]
    normal += [names[3], "skip_connect"]
    reduce = [names[5], names[7], "max_pool_3x3", names[7], "avg_pool_3x3", names[5], "skip_connect", "avg_pool_3x3"]
    reduce += [names[3], "max_pool_3x3"]
    states = {"normal": [0, 1, 1, 1, 0, 1, 1, 1, 0, 0], "reduce": [0, 1, 0, 1, 0, 1, 3, 2, 2, 0]}
    for kind, operations in (("normal", normal), ("reduce", reduce)):
        cell = getattr(published_cells.NASNET_A, kind)
        edges = [edge for block in cell for edge in (block.first, block.second)]
        assert edges == [(name, {0: 1, 1: 0}.get(i, i)) for name, i in zip(operations, states[kind], strict=True)]
        assert {block.combine for block in cell} == {"add"}


GOOD = str(published_cells.DARTS_V1)
LITERAL = repr(published_cells.DARTS_V1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at position 0 expected 'normal '"),
        (GOOD + "+", "at position .* expected a node such as .* the end of the string"),
        (GOOD + "x", "nothing to choose; found 'x'"),
        (GOOD + " ", "expected '\\+' and another node, or the end"),
        (GOOD.replace("~1", "~01", 1), "without leading zeros"),
        (GOOD.replace("sep_conv_3x3", "sep_conv_3", 1), "unknown operation 'sep_conv_3'.*did you mean 'sep_conv_3x3'"),
        (GOOD.replace("sep_conv_3x3", "none", 1), "unknown operation 'none'"),
        (GOOD.replace("~2", "~5", 1), "node 5 of normal reads the states 0 to 4"),
        (GOOD.replace("~0", "~1", 1), "two different states; it reads 1 twice"),
        (
            "normal |skip_connect~0|skip_connect~1| reduce |skip_connect~0|skip_connect~1|",
            "4 nodes; the genotype has 1",
        ),
        (LITERAL[:-1], "no Python literal"),
        (LITERAL.replace("Genotype", "Genotypes"), "one call Genotype"),
        (LITERAL.replace("normal_concat", "concat"), "fields normal, normal_concat, reduce, reduce_concat"),
        (LITERAL.replace("[2, 3, 4, 5]", "[2, 3, 4]", 1), "concatenates all its nodes"),
        (LITERAL.replace("[2, 3, 4, 5]", "range(9**9, 9**9)", 1), "normal_concat must be a literal list"),
        (LITERAL.replace("[2, 3, 4, 5]", "open('secret')", 1), "normal_concat must be a literal list"),
        (LITERAL.replace("('sep_conv_3x3', 1)", "('sep_conv_3x3', '1')", 1), "pairs such as"),
        (LITERAL.replace("('sep_conv_3x3', 1), ", "", 1), "even"),
        (LITERAL.replace("('sep_conv_3x3', 1)", "__import__('os').system('true')", 1), "normal must be a literal list"),
        ("Genotype(" + "(" * 5000, "no Python literal"),
    ],
)
def test_a_malformed_darts_text_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        DARTS.parse(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("add", "ad"), "unknown combination 'ad'.*did you mean 'add'"),
        (("|add", "|"), "unknown combination ''"),
        (("sep_conv_5x5", "sep_conv_9x9"), "unknown operation 'sep_conv_9x9'"),
        (("~3", "~5"), "block 5 of reduce reads the states 0 to 4"),
    ],
)
def test_a_malformed_nasnet_text_is_refused_with_the_reason(change, message):
    with pytest.raises(ValueError, match=message):
        NASNET.parse(str(published_cells.NASNET_A).replace(*change, 1))


def test_a_published_nasnet_cell_must_concatenate_its_unused_states():
    edges = [("skip_connect", 0), ("skip_connect", 1), ("avg_pool_3x3", 2), ("skip_connect", 2)]
    text = f"Genotype(normal={edges}, normal_concat=[3], reduce={edges}, reduce_concat=%s)"
    assert NASNetCell(2).parse(text % "[3]").blocks == 2
    with pytest.raises(ValueError, match=r"unused states \[3\]; this text says \[2, 3\]"):
        NASNetCell(2).parse(text % "[2, 3]")


@both
@pytest.mark.parametrize("value", [None, 3, b"normal", published_cells.GDAS])
def test_what_is_no_text_is_refused_by_type(space, value):
    with pytest.raises(TypeError, match="parse takes the text of a genotype"):
        space.parse(value)


def test_a_space_refuses_what_is_not_in_it():
    other = published_cells.NASNET_A
    assert other not in DARTS
    assert published_cells.DARTS_V2 not in DARTSCell(operations=TWO)
    with pytest.raises(TypeError, match="DARTSCell holds Genotypes, got NASNetGenotype"):
        DARTS.neighbors(other)
    with pytest.raises(TypeError, match="NASNetCell holds NASNetGenotypes, got Genotype"):
        NASNET.encode(published_cells.GDAS, "one_hot")
    with pytest.raises(TypeError, match="tuple of pairs"):
        Genotype([("skip_connect", 0), ("skip_connect", 1)], ())
    with pytest.raises(TypeError, match="tuple of Block"):
        NASNetGenotype(((("skip_connect", 0), ("skip_connect", 1), "add"),), ())
    with pytest.raises(ValueError, match="1 to 6 nodes"):
        DARTSCell(0)
    with pytest.raises(ValueError, match="operations must be different ones of"):
        NASNetCell(operations=("none",))


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_the_sizes_of_the_papers():
    # Liu et al. 2019, section 3.1: prod over k = 1..4 of (k + 1) k / 2 * 7^2, about 10^9, for each of two cells
    assert DARTS.size == 1_037_664_180**2 == pytest.approx(1.08e18, rel=0.01)
    assert DARTS.size_before_pruning == 7**28 > 10**23
    assert len(DARTS.edges) == 14
    assert NASNET.size == ((2 * 3 * 4 * 5 * 6) ** 2 * (13 * 13 * 2) ** 5) ** 2


def reachable(space, key):
    """All genotypes that a chain of neighbours leads to, by brute force."""
    start = space.sample(random.Random(0))
    found, border = {key(start)}, [start]
    while border:
        for genotype in space.neighbors(border.pop()):
            if key(genotype) not in found:
                found.add(key(genotype))
                border.append(genotype)
    return found


@pytest.mark.parametrize("space", [DARTSCell(1, KEPT_OPERATIONS[:4]), DARTSCell(2, TWO), NASNetCell(1, TWO)], ids=repr)
def test_the_size_is_the_number_of_genotypes_that_neighbours_and_samples_reach(space):
    key = unordered if isinstance(space, DARTSCell) else str
    assert len(reachable(space, key)) == space.size
    rng = random.Random(1)
    counts = Counter(key(space.sample(rng)) for _ in range(10 * space.size))
    frequencies = [*counts.values(), *[0] * (space.size - len(counts))]
    assert len(frequencies) == space.size
    assert chisquare(frequencies).pvalue > 0.001  # uniform


def test_the_size_of_a_cell_is_the_number_of_its_settings_one_by_one():
    edges = [edge for edge in itertools.product(KEPT_OPERATIONS, range(3)) if edge[1] < 3]
    node_2 = [{a, b} for a, b in itertools.combinations(edges, 2) if {a[1], b[1]} == {0, 1}]
    node_3 = [{a, b} for a, b in itertools.combinations(edges, 2) if a[1] != b[1]]
    assert DARTSCell(2).size == (len(node_2) * len(node_3)) ** 2
    blocks = [
        len(list(itertools.product(range(states), range(states), OPERATIONS, OPERATIONS, COMBINATIONS)))
        for states in (2, 3, 4, 5, 6)
    ]
    assert NASNET.size == int(np.prod(blocks, dtype=object)) ** 2


# --- neighbours ------------------------------------------------------------------------------------------------------


def choices(genotype):
    """All the single choices of a genotype."""
    return [
        choice
        for cell in cells_of(genotype)
        for (a, i), (b, j), combine in cell
        for choice in ((a, 0), (i, 1), (b, 2), (j, 3), (combine, 4))
    ]


@pytest.mark.parametrize(("space", "count"), [(DARTS, 120), (NASNET, 310)], ids=repr)
@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_neighbours_differ_in_one_choice_and_a_mutation_is_one_of_them(space, count, seed):
    genotype = space.sample(random.Random(seed))
    neighbours = space.neighbors(genotype)
    assert len(neighbours) == len(set(neighbours)) == count
    for neighbour in neighbours:
        assert sum(a != b for a, b in zip(choices(genotype), choices(neighbour), strict=True)) == 1
    assert genotype in space.neighbors(neighbours[seed % count])
    mutated = space.mutate(genotype, random.Random(seed))
    random.seed(seed + 1)
    assert mutated in neighbours
    assert mutated == space.mutate(genotype, random.Random(seed))


@both
def test_mutations_are_uniform_over_the_neighbours(space):
    rng = random.Random(3)
    genotype = space.sample(rng)
    neighbours = space.neighbors(genotype)
    counts = Counter(space.mutate(genotype, rng) for _ in range(10 * len(neighbours)))
    assert chisquare([counts[neighbour] for neighbour in neighbours]).pvalue > 0.001


# --- canonical -------------------------------------------------------------------------------------------------------


def labelled(space, genotype):
    """Both cells as one graph with labelled nodes and edges: what isomorphism may not change."""
    graphs = []
    for kind in ("normal", "reduce"):
        graph = nx.MultiDiGraph(space.to_graph(genotype, kind))
        output = max(graph.nodes)
        for node, data in graph.nodes(data=True):
            data["label"] = f"{kind} {node if node in (0, 1, output) else data.get('combine')}"
        graphs.append(graph)
    return nx.disjoint_union(*graphs)


def isomorphic(space, one, other):
    return nx.is_isomorphic(
        labelled(space, one),
        labelled(space, other),
        node_match=lambda a, b: a["label"] == b["label"],
        edge_match=lambda a, b: (
            Counter(edge["operation"] for edge in a.values()) == Counter(edge["operation"] for edge in b.values())
        ),
    )


def shuffled(genotype, rng):
    """The same graph, written down in another topological order, with the edges of some nodes swapped."""
    cells = []
    for cell in cells_of(genotype):
        place, written = {0: 0, 1: 1}, []
        waiting = list(enumerate(cell, start=2))
        while waiting:
            ready = [at for at, (_, (a, b, _)) in enumerate(waiting) if a[1] in place and b[1] in place]
            node, (a, b, combine) = waiting.pop(rng.choice(ready))
            edges = [(operation, place[state]) for operation, state in rng.sample([a, b], 2)]
            place[node] = len(place)
            written.append((*edges, combine))
        cells.append(written)
    return from_cells(type(genotype), cells)


@both
@settings(max_examples=60, deadline=None)
@given(seeds)
def test_canonical_does_not_depend_on_how_a_graph_is_written_down(space, seed):
    rng = random.Random(seed)
    genotype = space.sample(rng)
    other = shuffled(genotype, rng)
    assert other.canonical == genotype.canonical == space.canonical(other)
    assert genotype.canonical.canonical == genotype.canonical
    assert genotype.canonical in space
    assert isomorphic(space, genotype, genotype.canonical)


@pytest.mark.parametrize("space", [DARTSCell(3, TWO), NASNetCell(2, TWO)], ids=repr)
def test_two_cells_have_one_canonical_form_exactly_if_their_graphs_are_isomorphic(space):
    rng = random.Random(5)
    reduce = space.sample(rng).reduce
    kind = type(space.sample(rng))
    drawn = list({kind(space.sample(rng).normal, reduce) for _ in range(60)})
    same = 0
    for one, other in itertools.combinations(drawn, 2):
        assert (one.canonical == other.canonical) is isomorphic(space, one, other)
        same += one.canonical == other.canonical
    assert same > 0  # both answers occurred


def test_examples_of_equal_and_different_genotypes():
    pair = [(("skip_connect", 0), ("sep_conv_3x3", 1)), (("skip_connect", 0), ("dil_conv_3x3", 1))]

    def genotype(*nodes):
        return Genotype(sum(nodes, ()), sum(nodes, ()))

    a, b = pair
    assert genotype(a, b).canonical == genotype(b, a).canonical == genotype(a[::-1], b).canonical
    crossed = (("sep_conv_3x3", 0), ("skip_connect", 1))
    assert genotype(a, b).canonical != genotype(crossed, b).canonical  # the two inputs are not interchangeable


# --- encodings and graphs --------------------------------------------------------------------------------------------


def test_the_encodings_have_the_stated_lengths():
    lengths = {DARTS: (224, 140), NASNET: (360, 320)}
    for space, expected in lengths.items():
        genotype = space.sample(random.Random(0))
        for encoding, length in zip(("one_hot", "adjacency"), expected, strict=True):
            vector = space.encode(genotype, encoding)
            assert vector.shape == (length,)
            assert vector.dtype == np.float32
        with pytest.raises(ValueError, match="'one_hot' and 'adjacency', not 'path'"):
            space.encode(genotype, "path")


@given(seeds)
def test_the_encodings_of_darts_can_be_read_back(seed):
    genotype = DARTS.sample(random.Random(seed))
    one_hot = DARTS.encode(genotype, "one_hot").reshape(2, 14, 8)
    assert (one_hot.sum(2) == 1).all()
    adjacency = DARTS.encode(genotype, "adjacency").reshape(2, 70)
    for which, cell in enumerate(cells_of(genotype)):
        kept = [
            (edge, ("none", *KEPT_OPERATIONS)[o])
            for edge, o in zip(DARTS.edges, one_hot[which].argmax(1), strict=True)
            if o
        ]
        expected = sorted((state, node, o) for node, (*edges, _) in enumerate(cell, start=2) for o, state in edges)
        assert sorted((i, j, o) for (i, j), o in kept) == expected
        present = [edge for edge, bit in zip(DARTS.edges, adjacency[which, :14], strict=True) if bit]
        named = [KEPT_OPERATIONS[o] for o in adjacency[which, 14:].reshape(8, 7).argmax(1)]
        assert sorted((i, j, o) for (i, j), o in zip(present, named, strict=True)) == expected


@pytest.mark.parametrize("space", [DARTSCell(2, TWO), NASNetCell(1, TWO)], ids=repr)
def test_encodings_are_equal_exactly_for_equal_genotypes(space):
    rng = random.Random(0)
    genotypes = list({space.sample(rng) for _ in range(1500)})
    for encoding in ("one_hot", "adjacency"):
        exact = isinstance(space, NASNetCell) and encoding == "one_hot"  # it keeps the order of a block's edges
        key = str if exact else by_multiset
        codes = {key(genotype): space.encode(genotype, encoding).tobytes() for genotype in genotypes}
        assert len(set(codes.values())) == len(codes)
        if not exact:
            for genotype in genotypes[:300]:
                swapped = [[(b, a, combine) for a, b, combine in cell] for cell in cells_of(genotype)]
                other = from_cells(type(genotype), swapped)
                assert (space.encode(other, encoding) == space.encode(genotype, encoding)).all()


def by_multiset(genotype):
    return tuple(tuple((tuple(sorted((a, b))), combine) for a, b, combine in cell) for cell in cells_of(genotype))


@both
@given(seeds)
def test_the_graph_has_the_edges_and_concatenates_what_ends_nowhere(space, seed):
    genotype = space.sample(random.Random(seed))
    for kind, cell in zip(("normal", "reduce"), cells_of(genotype), strict=True):
        graph = space.to_graph(genotype, kind)
        output = 2 + len(cell)
        edges = Counter((i, j, data["operation"]) for i, j, data in graph.edges(data=True) if j != output)
        assert edges == Counter((i, j, o) for j, (*two, _) in enumerate(cell, start=2) for o, i in two)
        ends = set(graph.predecessors(output))
        without = graph.subgraph(range(output))
        if isinstance(space, NASNetCell):
            assert ends == {node for node in range(2, output) if without.out_degree(node) == 0}
            assert ends == set(unused_states(getattr(genotype, kind)))
        else:
            assert ends == set(range(2, output))
        assert nx.is_directed_acyclic_graph(graph)
        assert all(data["live"] for *_, data in graph.edges(data=True))
    with pytest.raises(ValueError, match="'normal' and 'reduce', not 'reduction'"):
        space.to_graph(genotype, "reduction")
