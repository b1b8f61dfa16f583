"""Grammar against brute force: a naive rewriting of strings, terms of a grammar made at random, and TinyCell."""

from __future__ import annotations

import itertools
import math
import pickle
import random
import re
from collections import Counter
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from nas_edu.core import Budget, Evaluation, search
from nas_edu.search_spaces import Cell, Grammar, Term, TinyCell
from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar_automaton import log10_derivations
from nas_edu.search_spaces.grammar_term import EDGES, OPERATORS, PRIMITIVES, halvings, read_term
from nas_edu.search_spaces.ready_grammars import CELLS, FUNCTIONS, STAGED_CELLS
from nas_edu.search_spaces.term_graph import term_graph
from nas_edu.search_strategies import local_search, regularized_evolution

DECK = "Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)"
SMALL = Grammar("S -> Linear(S, S) | conv | id", max_depth=3)
AMBIGUOUS = Grammar(  # `conv` is an A, a B and a C; `Linear(conv, conv)` comes from four pairs, and from S at once
    """
    S -> Linear(A, B) | Linear(B, A) | Residual(A, Linear(id, B), S)
    S -> A | C
    A -> conv | id | B
    B -> conv | Linear(conv, conv)
    C -> Linear(conv, C) | conv
    """,
    max_depth=4,
)
SPACES = {"FUNCTIONS": FUNCTIONS, "CELLS": CELLS, "STAGED_CELLS": STAGED_CELLS, "SMALL": SMALL, "AMBIGUOUS": AMBIGUOUS}
every = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
seeds = st.integers(0, 2**32)


def rewritten(space, depth, form=None):
    """All words within `depth`, by rewriting texts: replace the first non-terminal, which stands as `<name:depth>`."""
    start, end = (form or f"<{space.start}:{depth}>").partition("<")[::2]
    if not end:
        return {start}
    hole, end = end.split(">", 1)
    symbol, left = hole.split(":")
    words = set()
    for rule in space.rules.of[symbol] if int(left) else ():
        right = "".join(
            f"<{token}:{int(left) - 1}>" if token in space.rules.of else token
            for token in str(rule.right).replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split()
        )
        words |= rewritten(space, depth, start + right + end)
    return words


def texts(words):
    return {str(word).replace(" ", "") for word in words}


# --- counting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "depth"),
    [*(("SMALL", n) for n in (1, 2, 3, 4)), *(("AMBIGUOUS", n) for n in (2, 3, 4)), ("FUNCTIONS", 1), ("FUNCTIONS", 2)],
)
def test_the_count_is_that_of_words_rewritten_one_by_one(name, depth):
    rules = "\n".join(map(str, SPACES[name].rules.all))
    space = Grammar(rules, max_depth=depth)
    by_hand = rewritten(space, depth)
    assert len(space) == space.size == len(by_hand)
    words = list(space)
    assert len(words) == len(set(words)) == space.size
    assert texts(words) == by_hand


def test_an_ambiguous_grammar_has_more_derivations_than_words():
    assert AMBIGUOUS.size == len(rewritten(AMBIGUOUS, 4)) < AMBIGUOUS.derivations
    assert AMBIGUOUS.derivations == sum(1 for _ in AMBIGUOUS._trees("S", 4))
    for space in (SMALL, FUNCTIONS, CELLS, STAGED_CELLS):
        assert space.size == space.derivations


def test_sizes_follow_from_the_recurrences_of_the_ready_grammars():
    words = 3
    for depth in (2, 3, 4, 7):
        words = 3
        for _ in range(depth - 1):
            words = 3 + 2 * words**3
        assert Grammar("S -> Linear(S,S,S) | Residual(S,S,S) | conv | id | linear", depth).size == words
    assert FUNCTIONS.size == 3 + 2 * (3 + 2 * 3**3) ** 3 == 370_389
    assert CELLS.size == len(TinyCell()) == 15_625
    assert STAGED_CELLS.size == (15_625 + 2 * 15_625**2) ** 3


RIGHT_SIDES = ["conv", "id", "A", "B", "Linear(A, B)", "Linear(S, S)", "Linear(A, Linear(conv, B))", "Linear(conv, id)"]
some_rules = st.lists(st.sampled_from(RIGHT_SIDES), min_size=1, max_size=3, unique=True)


def grammar_or_refusal(text, depth):
    try:
        return Grammar(text, depth), ""
    except ValueError as error:
        return None, str(error)


@settings(deadline=None, max_examples=60)
@given(some_rules, some_rules, some_rules, st.integers(1, 3))
def test_random_grammars_are_counted_as_they_are_enumerated_or_refused(s, a, b, depth):
    text = "\n".join(f"{left} -> {' | '.join(rules)}" for left, rules in zip("SAB", (s, a, b), strict=True))
    space, refusal = grammar_or_refusal(text, depth)
    if space is None:
        assert re.search("unreachable|never ends|derives itself|max_depth must be", refusal)
        return
    assume(space.derivations < 5000)
    assert space.size == len(set(space)) == len(rewritten(space, depth))
    assert texts(space) == rewritten(space, depth)


def test_len_of_a_space_beyond_what_python_counts_points_to_size():
    with pytest.raises(OverflowError, match=r"`size` tells the number, about 10\^26\.1"):
        len(STAGED_CELLS)
    assert repr(STAGED_CELLS) == "Grammar(10 rules, up to height 4, about 10^26.1 words)"
    deep = Grammar("S -> Linear(S,S,S) | Residual(S,S,S) | conv | id | linear", 8)
    assert "about 10^" in repr(deep)
    assert str(next(iter(deep))).startswith("Linear(Linear(Linear(")


def test_a_space_too_large_to_count_still_samples_and_mutates_and_says_what_is_too_much():
    space, rng = Grammar("S -> Linear(S, S) | conv", 40), random.Random(0)
    assert repr(space).startswith("Grammar(2 rules, up to height 40, 10^")
    assert space.mutate(space.sample(rng), rng) in space
    for too_much in (lambda: space.size, lambda: len(space), lambda: space.derivations):
        with pytest.raises(OverflowError, match=r"derivations are too many to count; lower max_depth"):
            too_much()
    with pytest.raises(OverflowError, match="more than 30,000 places in its derivation trees"):
        space.encode(Term("conv"), "one_hot")
    with pytest.raises(OverflowError, match="more than 30,000 paths"):
        Grammar("S -> Linear(S, S) | Residual(S, S, S) | conv", 40).encode(Term("conv"), "path")


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_the_logarithm_of_the_number_of_derivations(space):
    assert log10_derivations(space.rules, space.max_depth) == pytest.approx(math.log10(space.derivations))


# --- words and their derivations -------------------------------------------------------------------------------------


@every
@settings(deadline=None, max_examples=40)
@given(seeds)
def test_a_word_prints_and_parses_pickles_and_hashes(space, seed):
    word = space.sample(random.Random(seed))
    assert space.parse(str(word)) == word == pickle.loads(pickle.dumps(word))
    assert space.parse(str(word).replace(" ", "")) == space.parse(f" {word}\n".replace("(", " ( ")) == word
    assert hash(space.parse(str(word))) == hash(word)
    assert word in space
    assert str(word) not in space
    with pytest.raises(AttributeError):
        word.name = "id"


def test_the_derivation_of_the_lecture_grows_as_on_its_slide():
    word = FUNCTIONS.parse(DECK)
    assert list(map(str, FUNCTIONS.steps(word, by_level=True))) == [
        "S",
        "Linear(S, S, S)",
        "Linear(Residual(S, S, S), Residual(S, S, S), linear)",
        DECK,
    ]
    one_by_one = list(FUNCTIONS.steps(word))
    assert len(one_by_one) == 1 + 10  # ten rules: Linear, two Residuals, seven primitives
    assert [len(tree.open_places) for tree in one_by_one] == [1, 3, 5, 7, 6, 5, 4, 3, 2, 1, 0]
    assert one_by_one[-1] == FUNCTIONS.derive(word)
    assert FUNCTIONS.derive(word).depth == 3


@every
@settings(deadline=None, max_examples=30)
@given(seeds)
def test_each_step_of_a_derivation_applies_one_allowed_rule(space, seed):
    word = space.sample(random.Random(seed))
    trees = list(space.steps(word))
    assert str(trees[0]) == space.start
    assert trees[-1].form == word
    assert trees[-1].depth <= space.max_depth
    for before, after in itertools.pairwise(trees):
        (path,) = [path for path in before.open_places if after.part(path).rule is not None]
        rule = after.part(path).rule
        assert rule in space.choices(before, path)
        assert before.applied(path, rule) == after
        others = [p for p in before.open_places if p != path]
        assert set(after.open_places) == {*others, *((*path, place) for place in range(len(rule.symbols)))}


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_a_derivation_by_choices_at_random_places_ends_in_a_word_of_the_space(seed):
    rng, tree = random.Random(seed), Derivation("S")
    while places := tree.open_places:
        path = rng.choice(places)
        tree = tree.applied(path, rng.choice(AMBIGUOUS.choices(tree, path)))
    assert tree.form in AMBIGUOUS
    with pytest.raises(ValueError, match="is not open"):
        tree.applied((), AMBIGUOUS.rules.of["S"][0])
    with pytest.raises(ValueError, match="S can only be replaced by another S, not by A"):
        tree.with_part((), Derivation("A"))


def test_the_derivation_of_an_ambiguous_word_is_the_lowest():
    trees = {}
    for tree in AMBIGUOUS._trees("S", 4):
        trees.setdefault(tree.form, []).append(tree)
    for word in random.Random(0).sample(list(AMBIGUOUS), 100):
        derivation = AMBIGUOUS.derive(word)
        assert derivation in trees[word]
        assert derivation.depth == min(tree.depth for tree in trees[word])
    assert AMBIGUOUS.derive(Term("conv")).depth == 2
    assert str(AMBIGUOUS.derive(Term("conv")).rule) == "S -> A"  # S -> C would do as well, but is written later


def test_a_word_whose_lowest_tree_is_too_high_is_not_in_the_space():
    nested = "Linear(Linear(Linear(conv, id), id), id)"
    assert Grammar("S -> Linear(S, S) | conv | id", 4).parse(nested)
    with pytest.raises(ValueError, match="tree of height 4; this space ends at 3"):
        SMALL.parse(nested)


# --- sampling and search ---------------------------------------------------------------------------------------------


def probabilities(space, symbol, depth):
    """The probability of each word, exactly: at each node one of the rules that can still end."""
    rules = [r for r in space.rules.of[symbol] if rewritten_from(space, r, depth)]
    total = Counter()
    for rule in rules:
        below = [probabilities(space, child, depth - 1) for child in rule.symbols]
        for children in itertools.product(*(p.items() for p in below)):
            tree = Derivation(symbol, rule, tuple(tree for tree, _ in children))
            total[tree] += Fraction(1, len(rules)) * math.prod(chance for _, chance in children)
    return total


def rewritten_from(space, rule, depth):
    return depth > 0 and all(any(rewritten_from(space, r, depth - 1) for r in space.rules.of[s]) for s in rule.symbols)


@pytest.mark.parametrize("name", ["SMALL", "AMBIGUOUS"])
def test_samples_have_the_documented_probabilities_and_reach_every_word(name):
    space = Grammar("\n".join(map(str, SPACES[name].rules.all)), 3)
    chances = Counter()
    for tree, chance in probabilities(space, space.start, 3).items():
        chances[tree.form] += chance
    assert sum(chances.values()) == 1
    assert set(chances) == set(space)
    rng, number = random.Random(1), 6000
    counts = Counter(space.sample(rng) for _ in range(number))
    assert set(counts) <= set(chances)
    often = [word for word, chance in chances.items() if number * chance >= 5]
    observed = [counts[word] for word in often]
    expected = [float(number * chances[word]) for word in often]
    rest = number - sum(expected)
    if rest > 5:
        observed, expected = [*observed, number - sum(observed)], [*expected, rest]
    assert chisquare(observed, expected, sum_check=False).pvalue > 0.01


@every
@settings(deadline=None, max_examples=40)
@given(seeds)
def test_mutations_and_crossovers_stay_in_the_space(space, seed):
    rng = random.Random(seed)
    one, other = space.sample(rng), space.sample(rng)
    mutated = space.mutate(one, rng)
    assert mutated in space
    assert mutated != one
    children = space.crossover(one, other, rng)
    assert all(child in space for child in children)
    leaves = Counter(part.name for word in (one, other) for part in word.parts())
    assert Counter(part.name for child in children for part in child.parts()) == leaves  # nothing is lost or made


def test_a_mutation_replaces_what_hangs_on_one_node_and_every_word_can_come():
    rng, word = random.Random(0), SMALL.parse("Linear(conv, id)")
    mutated = Counter(SMALL.mutate(word, rng) for _ in range(3000))
    assert set(mutated) == set(SMALL) - {word}  # the root may be chosen
    # Of three nodes each leaf is chosen as often as the root, and one of two rules at height 2 makes another word.
    one_leaf = sum(mutated[SMALL.parse(text)] for text in ("Linear(id, id)", "Linear(conv, conv)"))
    assert one_leaf > 0.25 * 3000


def test_crossover_swaps_equal_non_terminals_only_and_all_pairs_alike():
    space = Grammar("S -> Linear(A, B)\nA -> conv | id\nB -> conv1x1 | Linear(A, B)", 4)
    one, other = space.parse("Linear(conv, conv1x1)"), space.parse("Linear(id, Linear(id, conv1x1))")
    rng = random.Random(2)
    found = Counter(tuple(map(str, space.crossover(one, other, rng))) for _ in range(900))
    # A of `one` with either A of `other`, or B with the B below the root (its own B equals the inner one).
    assert set(found) == {
        ("Linear(id, conv1x1)", "Linear(conv, Linear(id, conv1x1))"),
        ("Linear(id, conv1x1)", "Linear(id, Linear(conv, conv1x1))"),
        ("Linear(conv, Linear(id, conv1x1))", "Linear(id, conv1x1)"),
    }
    assert chisquare(list(found.values())).pvalue > 0.01
    assert space.crossover(one, one, rng) == (one, one)


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(["SMALL", "AMBIGUOUS", "FUNCTIONS"]), seeds)
def test_neighbours_are_other_words_of_the_space_one_rule_away(name, seed):
    space = SPACES[name]
    word = space.sample(random.Random(seed))
    neighbours = space.neighbors(word)
    assert len(set(neighbours)) == len(neighbours)
    assert word not in neighbours
    assert all(other in space for other in neighbours)


def test_the_neighbours_of_an_example():
    assert set(map(str, SMALL.neighbors(SMALL.parse("Linear(conv, id)")))) == {
        *("conv", "id"),  # another rule for the root
        *("Linear(id, id)", "Linear(Linear(conv, conv), id)"),  # for its first child; the new children: the first rule
        *("Linear(conv, conv)", "Linear(conv, Linear(conv, conv))"),
    }
    kept = STAGED_CELLS.parse(
        "Linear(Linear(Cell(id, id, id, id, id, conv), Cell(zero, id, id, id, id, conv)), down, "
        "Cell(id, id, id, id, id, id), down, Cell(id, id, id, id, id, id))"
    )
    changed = [str(word) for word in STAGED_CELLS.neighbors(kept) if str(word).startswith("Linear(Residual")]
    assert changed == [
        str(kept).replace("Linear(Linear(", "Linear(Residual(").replace("conv), Cell", "conv), id, Cell")
    ]


@pytest.mark.parametrize(
    "space",
    [SMALL, Grammar("S -> A | Linear(A, B)\nA -> conv | Residual(A, id, B)\nB -> conv1x1 | id | Linear(A, B, B)", 3)],
)
def test_any_word_can_be_reached_from_any_other_by_neighbours(space):
    assert space.size == space.derivations > 10  # the grammar is not ambiguous
    steps = nx.DiGraph((word, other) for word in space for other in space.neighbors(word))
    assert set(steps) == set(space)
    assert nx.is_strongly_connected(steps)


def test_searches_find_the_longest_chain_of_convolutions():
    def evaluate(word, **_):
        return Evaluation(sum(part.name == "conv" for part in word.parts()))

    evolution = regularized_evolution(FUNCTIONS, evaluate, population_size=10, sample_size=5, rng=random.Random(0))
    assert search(evolution, Budget(evaluations=400)).best.score == 9
    climb = local_search(FUNCTIONS, evaluate, rng=random.Random(0))
    assert search(climb, Budget(evaluations=600)).best.score == 9


# --- the cell space as a grammar -------------------------------------------------------------------------------------


def cell_of(word):
    (cell,) = word.arguments
    return Cell(tuple(PRIMITIVES[part.name] for part in cell.arguments))


def word_of(cell):
    names = {operation: name for name, operation in PRIMITIVES.items()}
    return Term("Stages", (Term("Cell", tuple(Term(names[o]) for o in cell.operations)),))


cells = seeds.map(lambda seed: TinyCell().sample(random.Random(seed)))


def test_the_grammar_of_cells_holds_exactly_the_cells_of_tiny_cell():
    assert {cell_of(word) for word in CELLS} == set(TinyCell())


@settings(deadline=None)
@given(cells)
def test_its_neighbours_encoding_and_live_edges_are_those_of_tiny_cell(cell):
    word = word_of(cell)
    assert word in CELLS
    assert {cell_of(other) for other in CELLS.neighbors(word)} == set(TinyCell().neighbors(cell))
    theirs = TinyCell().encode(cell, "one_hot").reshape(6, 5)
    order = [TinyCell.operations.index(PRIMITIVES[str(rule.right)]) for rule in CELLS.rules.of["OP"]]
    assert (CELLS.encode(word, "one_hot").reshape(6, 5) == theirs[:, order]).all()
    live = {(i, j): PRIMITIVES[argument.name] for i, j, argument in word.arguments[0].live_edges}
    assert live == cell.live_edges
    assert word.is_dead == (not live)


# --- encodings and graphs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SMALL", "AMBIGUOUS"])
def test_the_one_hot_encoding_tells_all_words_apart(name):
    space = Grammar("\n".join(map(str, SPACES[name].rules.all)), 3)
    codes = [space.encode(word, "one_hot") for word in space]
    assert len({len(code) for code in codes}) == 1
    assert len({code.tobytes() for code in codes}) == space.size
    assert len({len(space.encode(word, "path")) for word in space}) == 1


def test_encodings_of_an_example_by_hand():
    word = SMALL.parse("Linear(conv, Linear(id, conv))")
    # Linear, conv, id at the root and at its two children; below them conv, id at the four places of height 1.
    first, second = [0, 1, 0, *[0, 0], *[0, 0]], [1, 0, 0, *[0, 1], *[1, 0]]
    assert SMALL.encode(word, "one_hot").tolist() == [1, 0, 0, *first, *second]
    # L-L-conv, L-L-id, L-conv, L-id, conv, id
    assert SMALL.encode(word, "path").tolist() == [1, 1, 1, 0, 0, 0]
    with pytest.raises(ValueError, match="'one_hot' and 'path', not 'adjacency'"):
        SMALL.encode(word, "adjacency")


def test_places_of_a_tree_as_hyperparameters():
    space = Grammar("S -> Linear(S, A, S) | Residual(A, id, S) | id\nA -> conv | linear", 2)
    assert {h.name: (h.choices, h.condition) for h in space.hyperparameters} == {
        "S": (("Linear(S, A, S)", "Residual(A, id, S)", "id"), None),  # below, S is always id
        "S.A1": (("conv", "linear"), ("S", ("Linear(S, A, S)", "Residual(A, id, S)"))),
    }
    word = space.parse("Linear(id, linear, id)")
    assert space.to_config(word) == {"S": "Linear(S, A, S)", "S.A1": "linear"}
    assert space.from_config({"S": "Residual(A, id, S)", "S.A1": "conv"}) == space.parse("Residual(conv, id, id)")
    assert len(STAGED_CELLS.hyperparameters) == 3 + 3 * 2 * 6
    with pytest.raises(ValueError, match=r"S\.A1 exists only where S is"):
        space.from_config({"S": "id", "S.A1": "conv"})


def paths(term):
    """All ways through a term, as the operations on them."""
    if not term.arguments:
        return [(PRIMITIVES[term.name],)]
    through = {0: [()]}
    for i, j, argument in term.edges:
        through.setdefault(j, []).extend(a + b for a in through[i] for b in paths(argument))
    return through[max(through)]


NUMBERS = np.random.default_rng(0)
MATRICES = {name: NUMBERS.integers(1, 99, (2, 2)).astype(object) for name in PRIMITIVES.values()} | {
    "none": np.zeros((2, 2), dtype=object),
    "skip_connect": np.eye(2, dtype=object),
}


def sum_over_paths(edges, matrix):
    """The sum over all paths of the product of the matrices on them: knows the order, and writes none of them down."""
    at = {0: np.eye(2, dtype=object)}
    for i, j, label in edges:
        at[j] = at.get(j, 0) + at[i] @ matrix(label)
    return at[max(at)].tolist()


@every
@settings(deadline=None, max_examples=25)
@given(seeds)
def test_the_graph_has_the_paths_of_the_nested_operators(space, seed):
    word = space.sample(random.Random(seed))
    graph = space.to_graph(word)
    assert nx.is_directed_acyclic_graph(graph)
    assert all(i < j for i, j in graph.edges())
    assert set(graph) == set(range(len(graph)))

    def nested(term):
        if not term.arguments:
            return MATRICES[PRIMITIVES[term.name]]
        return np.array(sum_over_paths(term.edges, nested), dtype=object)  # of whole numbers, however long

    edges = sorted(graph.edges(data="operation"), key=lambda edge: edge[1])
    assert sum_over_paths(edges, MATRICES.get) == nested(word).tolist()
    last, passable = len(graph) - 1, nx.DiGraph()
    passable.add_nodes_from(graph)
    passable.add_edges_from((i, j) for i, j, operation in edges if operation != "none")
    reached, leading = nx.descendants(passable, 0) | {0}, nx.ancestors(passable, last) | {last}
    for i, j, data in graph.edges(data=True):
        assert data["live"] == (data["operation"] != "none" and i in reached and j in leading)


# --- terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (DECK, DECK),
        ("Linear(Linear(conv, id), Linear(id, Linear(linear, conv)))", "Linear(conv, linear, conv)"),
        ("Linear(id, id)", "id"),
        ("Linear(conv, zero)", "zero"),
        ("Residual(conv, zero, conv1x1)", "Linear(conv, conv1x1)"),
        ("Residual(zero, conv, conv1x1)", "conv"),
        ("Residual(conv, conv, conv1x1, zero)", "conv1x1"),
        ("Diamond(conv, Linear(id, zero), id, conv1x1)", "conv"),
        ("Diamond(conv, id, zero, Residual(conv1x1, zero, linear))", "Linear(conv1x1, linear)"),
        ("Cell(conv, zero, zero, id, conv1x1, avg_pool)", "Cell(conv, zero, zero, id, conv1x1, zero)"),
        ("Stages(Linear(id, conv))", "Linear(conv, down, conv, down, conv)"),
        ("Stages(zero)", "zero"),
        ("max_pool", "max_pool"),
    ],
)
def test_the_canonical_form_flattens_and_drops(text, short):
    term, _ = read_term(text)
    assert str(term.canonical) == short
    assert term.canonical.canonical == term.canonical


@every
@settings(deadline=None, max_examples=25)
@given(seeds)
def test_the_canonical_form_has_the_same_live_paths_without_skips(space, seed):
    word = space.sample(random.Random(seed))
    assume(len(paths(word)) < 2000)

    def live(term):
        through = [tuple(o for o in path if o != "skip_connect") for path in paths(term) if "none" not in path]
        return Counter(through)

    short = space.canonical(word)
    assert live(short) == live(word)
    assert short.canonical == short
    weights = ("conv", "conv1x1", "linear", "down")
    alive = [part.name for part in expanded(word) if part.name in weights]
    assert [part.name for part in expanded(short) if part.name in weights] == alive


def expanded(term):
    """The primitives that are alive, in the order of reading."""
    if not term.arguments:
        yield from () if term.is_dead else (term,)
    for _, _, argument in term.live_edges if term.arguments else ():
        yield from expanded(argument)


def test_operators_are_the_graphs_of_the_papers_code():
    """The edge lists of NePS' `topologies.py` and of the authors' hierarchical NAS-Bench-201; nodes count from 1."""
    published = {
        ("Linear", 3): [(1, 2), (2, 3), (3, 4)],
        ("Residual", 3): [(1, 2), (1, 3), (2, 3)],
        ("Residual", 4): [(1, 2), (2, 3), (1, 4), (3, 4)],
        ("Diamond", 4): [(1, 2), (1, 3), (2, 4), (3, 4)],
        ("Cell", 6): [(1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4)],
    }
    for (name, count), edges in published.items():
        assert [(i + 1, j + 1) for i, j in OPERATORS[name].edges(count)] == edges
    assert tuple(OPERATORS["Cell"].edges(6)) == EDGES


@pytest.mark.parametrize(
    ("text", "times"),
    [("conv", 0), ("Stages(conv)", 2), ("Residual(down, down, conv)", 1), ("Residual(zero, id, down)", 0)],
)
def test_halvings(text, times):
    assert halvings(read_term(text)[0]) == times


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at position 0 expected a name, found the end of the text"),
        (
            "Linear(conv, cnov, id)",
            "at position 13 expected .* or conv or .*, found 'cnov, id\\)'; did you mean 'conv'",
        ),
        ("Linear(conv, id)", "at position 0 expected Linear\\(S, S, S\\), found"),
        ("Linear(conv, id, id", "at position 19 expected '\\(', ',' or '\\)', found the end"),
        ("Linear(Linear(id, id, id), id id)", "at position 30 expected '\\(', ',' or '\\)', found 'id\\)'"),
        ("Linear(conv, id, id))", "at position 20 expected the end, found '\\)'"),
        ("Linear(conv, , id)", "at position 13 expected a name, found ', id\\)'"),
        ("Linear()", "at position 7 expected a name"),
        ("Linear(Linear(S, id, id), id, id)", "at position 14 expected Linear\\(S, S, S\\) or .*, found 'S, id"),
        ("Diamond(id, id, id, id)", "at position 0 expected Linear\\(S, S, S\\) or Residual"),
        ("Linear(Linear(Linear(id,id,id),id,id),id,id)", "height 4; this space ends at 3"),
        ("Linear(" * 300, "nested deeper than"),
    ],
)
def test_a_wrong_text_is_refused_with_the_position_and_what_was_expected(text, message):
    with pytest.raises(ValueError, match=message):
        FUNCTIONS.parse(text)


def test_a_text_whose_parts_fit_different_rules_is_refused_as_a_whole():
    space = Grammar("S -> Linear(A, B) | Linear(B, A)\nA -> conv\nB -> id")
    with pytest.raises(ValueError, match="at position 0 expected Linear\\(A, B\\) or Linear\\(B, A\\), found"):
        space.parse("Linear(conv, conv)")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("", "needs at least one rule"),
        ("S = conv", "line 1 is no rule: expected a non-terminal, '->'"),
        ("S -> conv\nS(S)", "line 2 is no rule"),
        ("| conv", "line 1 is no rule"),
        ("S -> conv |", "rule 'S -> ': at position 0 expected a name"),
        ("S -> Linear(conv, ", "rule 'S -> Linear\\(conv,': at position 12 expected a name"),
        ("S -> Linear(S, T) | conv", "rule 'S -> Linear\\(S, T\\)': T is undefined"),
        ("S -> Lineer(conv, conv)", "Lineer is undefined.*did you mean 'Linear'"),
        ("STAGE -> Linear(STAG, conv) | id", "STAG is undefined.*did you mean 'STAGE'"),
        ("S -> Linear", "Linear takes 2 or more arguments; got 0; did you mean 'linear'"),
        ("S -> linear(conv)", "linear is a primitive and takes no arguments.*did you mean 'Linear'"),
        ("S -> Diamond(conv, id)", "rule 'S -> Diamond\\(conv, id\\)': Diamond takes 4 arguments; got 2"),
        ("S -> S(conv) | id", "S is a non-terminal and takes no arguments"),
        ("conv -> id", "conv is a primitive and cannot be derived"),
        ("Cell -> id", "Cell is an operator and cannot be derived"),
        ("S -> conv | id\nS -> conv", "rule 'S -> conv': it is there twice"),
        ("S -> Linear(S, S)", "rule 'S -> Linear\\(S, S\\)': S never ends: each of its rules leads to S again"),
        ("S -> A | id\nA -> Linear(A, B)\nB -> A", "rule 'A -> Linear\\(A, B\\)': A never ends.*A or B again"),
        ("S -> conv\nT -> id | conv", "rule 'T -> id': T is unreachable: no derivation from S leads to it"),
        ("S -> S | conv", "rule 'S -> S': S -> S derives itself and nothing else"),
        ("S -> A | id\nA -> B\nB -> A | conv", "derives itself and nothing else"),
        ("S -> conv | down", "rule 'S -> down': it halves the positions once, another rule of S not at all"),
        ("S -> Linear(S, down) | conv", "rule 'S -> Linear\\(S, down\\)': it halves the positions once"),
        ("S -> Residual(A, id, A)\nA -> down", "adds tensors of different shapes: what A delivers was halved 2 times"),
    ],
)
def test_an_ill_formed_grammar_is_refused_with_the_rule_and_the_reason(rules, message):
    with pytest.raises(ValueError, match=message):
        Grammar(rules)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Grammar(["S -> conv"]), TypeError, "given as text"),
        (
            lambda: Grammar("S -> A\nA -> conv", 1),
            ValueError,
            "max_depth must be 2, the height of the lowest tree, to 40",
        ),
        (lambda: Grammar("S -> conv", 41), ValueError, "max_depth must be 1, .* to 40; got 41"),
        (lambda: Grammar("S -> conv", 1.0), ValueError, "max_depth must be 1, .* got 1.0"),
        (lambda: FUNCTIONS.parse(7), TypeError, "takes the text of a word"),
        (lambda: FUNCTIONS.neighbors("conv"), TypeError, "holds Terms, got str"),
        (lambda: FUNCTIONS.derive(Term("zero")), ValueError, "zero is no word of this grammar: S does not derive it"),
        (lambda: Grammar("S -> conv").mutate(Term("conv"), random.Random(0)), ValueError, "the only word"),
        (lambda: Term("Linear", ["conv"]), TypeError, "tuple of Terms"),
        (lambda: Term("3x3"), ValueError, "starts with no digit"),
        (lambda: term_graph(Term("S")), ValueError, "unknown primitive 'S'"),
        (lambda: Term("conv").edges, ValueError, "conv is a primitive: a layer, not a graph"),
        (lambda: Term("Lineer", (Term("id"), Term("id"))).canonical, ValueError, "did you mean 'Linear'"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_rules_may_be_written_in_several_ways():
    one = Grammar("S -> Linear(S, S) | conv\n| id")
    other = Grammar("\n  S→Linear( S,S )\n\n  S ->  conv|id\n")
    assert one.rules.all == other.rules.all
