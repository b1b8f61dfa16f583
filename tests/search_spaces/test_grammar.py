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
from nas_edu.search_spaces import Cell, Grammar, TinyCell
from nas_edu.search_spaces.derivation import EDITS, Derivation
from nas_edu.search_spaces.ready_grammars import CELLS, FUNCTIONS, STAGED_CELLS
from nas_edu.search_spaces.vocabulary import (
    LAYERS,
    MOST_NESTED,
    TENSOR,
    Layer,
    Link,
    Operation,
    Term,
    Type,
    Vocabulary,
    function,
    primitive,
)
from nas_edu.search_strategies import local_search, regularized_evolution

DECK = "Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)"
PRIMITIVES = LAYERS.primitives
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


def term(text):
    return LAYERS.read(text)[0]


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
    trees = list(space)
    assert len(space) == space.size == len(trees) == len(set(map(rules_of, trees)))
    assert len(set(trees)) == len(by_hand)  # trees of one word are equal
    assert (len(by_hand) < space.size) == (name == "AMBIGUOUS")
    assert texts(trees) == by_hand


def rules_of(tree):
    """Which rules were applied where: tells all trees apart."""
    return tuple((path, node.rule) for path, node in tree.parts())


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
    assume(space.size < 5000)
    trees = list(space)
    assert space.size == len(trees) == len(set(map(rules_of, trees))) >= len(set(trees))
    assert texts(trees) == rewritten(space, depth)
    assert all(space.parse(str(tree)) == tree for tree in trees)


def test_len_of_a_space_beyond_what_python_counts_points_to_size():
    with pytest.raises(OverflowError, match=r"`size` tells the number, about 10\^26\.1"):
        len(STAGED_CELLS)
    assert repr(STAGED_CELLS) == "Grammar(10 rules, up to height 4, about 10^26.1 derivations)"
    deep = Grammar("S -> Linear(S,S,S) | Residual(S,S,S) | conv | id | linear", 8)
    assert "about 10^" in repr(deep)
    assert str(next(iter(deep))).startswith("Linear(Linear(Linear(")


def test_a_space_too_large_to_count_still_samples_and_mutates_and_says_what_is_too_much():
    space, rng = Grammar("S -> Linear(S, S) | conv", 40), random.Random(0)
    assert repr(space) == "Grammar(2 rules, up to height 40, more than 2^65,536 derivations)"
    assert space.mutate(space.sample(rng), rng) in space
    for too_much in (lambda: space.size, lambda: len(space)):
        with pytest.raises(OverflowError, match=r"derivations are too many to count; lower max_depth"):
            too_much()
    with pytest.raises(OverflowError, match="more than 30,000 places in its derivation trees"):
        space.encode(space.parse("conv"), "one_hot")
    with pytest.raises(OverflowError, match="more than 30,000 paths"):
        Grammar("S -> Linear(S, S) | Residual(S, S, S) | conv", 40).encode(space.parse("conv"), "path")


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
        word.symbol = "A"


def test_the_derivation_of_the_lecture_grows_as_on_its_slide():
    tree = FUNCTIONS.parse(DECK)
    assert list(map(str, tree.steps())) == [
        "S",
        "Linear(S, S, S)",
        "Linear(Residual(S, S, S), Residual(S, S, S), linear)",
        DECK,
    ]
    assert tree.depth == 3
    assert sum(1 for _ in tree.parts()) == 10  # ten rules: Linear, two Residuals, seven primitives


@every
@settings(deadline=None, max_examples=30)
@given(seeds)
def test_each_step_of_a_derivation_applies_allowed_rules(space, seed):
    tree = space.sample(random.Random(seed))
    steps = list(tree.steps())
    assert str(steps[0]) == space.start
    assert rules_of(steps[-1]) == rules_of(tree)
    assert len(steps) - 1 == tree.depth <= space.max_depth
    for before, after in itertools.pairwise(steps):
        grown = before
        for path in before.open_places:
            rule = after.part(path).rule
            assert rule in space.choices(grown, path)
            grown = grown.applied(path, rule)
        assert rules_of(grown) == rules_of(after)


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_a_derivation_by_choices_at_random_places_ends_in_a_word_of_the_space(seed):
    rng, tree = random.Random(seed), Derivation("S")
    while places := tree.open_places:
        path = rng.choice(places)
        tree = tree.applied(path, rng.choice(AMBIGUOUS.choices(tree, path)))
    assert tree in AMBIGUOUS
    with pytest.raises(ValueError, match="is not open"):
        tree.applied((), AMBIGUOUS.rules.of["S"][0])
    with pytest.raises(ValueError, match="S can only be replaced by another S, not by A"):
        tree.with_part((), Derivation("A"))
    rule = AMBIGUOUS.rules.of["S"][0]
    for wrong in (lambda: Derivation("A", rule), lambda: Derivation("S", rule), lambda: Derivation("S", None, (tree,))):
        with pytest.raises(ValueError, match=r"does not derive [AS] with the children"):
            wrong()


def test_a_word_is_read_as_its_lowest_tree_and_its_other_trees_are_equal_and_canonically_one():
    trees = {}
    for tree in AMBIGUOUS:
        trees.setdefault(str(tree), []).append(tree)
    for text in random.Random(0).sample(list(trees), 100):
        read = AMBIGUOUS.parse(text)
        assert rules_of(read) in map(rules_of, trees[text])
        assert read.depth == min(tree.depth for tree in trees[text])
        assert len(set(trees[text])) == len({tree.canonical for tree in trees[text]}) == 1
        assert set(trees[text]) == {read}
    assert AMBIGUOUS.parse("conv").depth == 2
    assert str(AMBIGUOUS.parse("conv").rule) == "S -> A"  # S -> C would do as well, but is written later


def test_a_word_whose_lowest_tree_is_too_high_is_not_in_the_space():
    nested = "Linear(Linear(Linear(conv, id), id), id)"
    assert Grammar("S -> Linear(S, S) | conv | id", 4).parse(nested)
    with pytest.raises(ValueError, match="tree of height 4; this space ends at 3"):
        SMALL.parse(nested)


# --- sampling and search ---------------------------------------------------------------------------------------------


def probabilities(space, symbol, depth):
    """The probability of each tree, exactly: at each node one of the rules that can still end."""
    rules = [r for r in space.rules.of[symbol] if rewritten_from(space, r, depth)]
    total = Counter()
    for rule in rules:
        below = [probabilities(space, child, depth - 1) for child in rule.symbols]
        for children in itertools.product(*(p.items() for p in below)):
            below_it = (((k, *path), r) for k, (tree, _) in enumerate(children) for path, r in tree)
            total[(((), rule), *below_it)] += Fraction(1, len(rules)) * math.prod(chance for _, chance in children)
    return total


def rewritten_from(space, rule, depth):
    return depth > 0 and all(any(rewritten_from(space, r, depth - 1) for r in space.rules.of[s]) for s in rule.symbols)


@pytest.mark.parametrize("name", ["SMALL", "AMBIGUOUS"])
def test_samples_have_the_documented_probabilities_and_reach_every_derivation(name):
    space = Grammar("\n".join(map(str, SPACES[name].rules.all)), 3)
    chances = probabilities(space, space.start, 3)
    assert sum(chances.values()) == 1
    assert set(chances) == set(map(rules_of, space))
    rng, number = random.Random(1), 6000
    counts = Counter(rules_of(space.sample(rng)) for _ in range(number))
    assert set(counts) <= set(chances)
    often = [tree for tree, chance in chances.items() if number * chance >= 5]
    observed = [counts[tree] for tree in often]
    expected = [float(number * chances[tree]) for tree in often]
    rest = number - sum(expected)
    if rest > 5:
        observed, expected = [*observed, number - sum(observed)], [*expected, rest]
    assert chisquare(observed, expected, sum_check=False).pvalue > 0.01


RECURSIVE = Grammar(  # no rule leads from a non-terminal to itself at once
    """
    S -> A | Residual(A, id, B)
    A -> conv | Linear(B, B)
    B -> conv1x1 | Linear(A, id) | Diamond(B, A, id, B)
    """,
    max_depth=7,
)
SEARCHED = SPACES | {"RECURSIVE": RECURSIVE, "DEEP": Grammar("S -> Linear(S, S) | conv | id", 40)}
nodes = st.integers(0, 10**6)


@pytest.mark.parametrize("space", SEARCHED.values(), ids=SEARCHED)
@settings(deadline=None, max_examples=60)
@given(seeds)
def test_a_mutation_is_another_word_of_the_space(space, seed):
    rng = random.Random(seed)
    parent = space.sample(rng)
    for _ in range(4):
        child = space.mutate(parent, rng)
        assert child in space
        assert child != parent
        assert child.symbol == space.start
        assert child.depth <= space.max_depth
        parent = child


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
@pytest.mark.parametrize("space", SEARCHED.values(), ids=SEARCHED)
@settings(deadline=None, max_examples=40)
@given(seeds, nodes)
def test_an_edit_keeps_grammar_non_terminal_and_height(space, edit, seed, number):
    rng = random.Random(seed)
    tree = space.sample(rng)
    parts = list(tree.parts())
    path, node = parts[number % len(parts)]
    edited = edit(space.rules, node, space.max_depth - len(path), rng)
    if edited is None:
        assert edit.__name__ != "regrow"
        return
    assert edited.symbol == node.symbol
    assert tree.with_part(path, edited) in space
    inside = [rules_of(part) for _, part in edited.parts()]
    below = [rules_of(part) for _, part in node.parts()]
    if edit.__name__ == "insert":
        assert rules_of(node) in inside[1:]
    if edit.__name__ == "hoist":
        assert rules_of(edited) in below[1:]
    if edit.__name__ == "change_rule":
        assert edited.rule != node.rule
        kept = Counter(node.rule.symbols) & Counter(edited.rule.symbols)
        for symbol, count in kept.items():
            before = [rules_of(child) for child in node.children if child.symbol == symbol]
            after = [rules_of(child) for child in edited.children if child.symbol == symbol]
            assert after[:count] == before[:count]


FEW = Grammar("S -> Linear(S, S) | conv | id", max_depth=2)


def edits_of(space, text, edit, path=(), tries=200):
    """The words that an edit makes of one node of a word, at random."""
    rng, tree = random.Random(0), space.parse(text)
    edited = (edit(space.rules, tree.part(path), space.max_depth - len(path), rng) for _ in range(tries))
    return {"None" if new is None else str(tree.with_part(path, new)) for new in edited}


def test_the_edits_of_an_example():
    regrow, insert, hoist, change_rule = EDITS
    word = "Linear(conv, id)"
    assert edits_of(FEW, word, regrow) == set(map(str, FEW))
    assert edits_of(SMALL, word, regrow, (0,)) > {"Linear(id, id)", "Linear(Linear(id, conv), id)"}
    assert edits_of(SMALL, word, hoist) == {"conv", "id"}
    assert edits_of(SMALL, "conv", hoist) == {"None"}
    assert edits_of(SMALL, word, change_rule) == {"conv", "id"}
    inserted = edits_of(SMALL, word, insert)
    assert "None" in inserted  # what was grown was `conv`: it has no place for the word
    assert inserted - {"None"} > {"Linear(Linear(conv, id), conv)", "Linear(id, Linear(conv, id))"}
    changed = edits_of(FUNCTIONS, "Linear(conv, id, linear)", change_rule)
    assert changed == {"Residual(conv, id, linear)", "conv", "id", "linear"}
    wider = Grammar("S -> Linear(S, S) | Residual(S, S, S) | conv | id", 3)
    residuals = {text for text in edits_of(wider, word, change_rule) if text.startswith("Residual")}
    assert {"Residual(conv, id, conv)", "Residual(conv, id, id)"} < residuals
    assert all(text.startswith("Residual(conv, id, ") for text in residuals)


def test_a_mutation_reaches_every_word_and_the_root_is_no_favourite():
    rng, word = random.Random(0), FEW.parse("Linear(conv, id)")
    mutated = Counter(FEW.mutate(word, rng) for _ in range(2000))
    assert set(mutated) == set(FEW) - {word}  # the root may be chosen
    one_leaf = sum(mutated[FEW.parse(text)] for text in ("Linear(id, id)", "Linear(conv, conv)"))
    assert one_leaf > 0.25 * 2000


def test_a_space_of_one_word_has_no_mutation_even_if_it_has_many_trees():
    for rules in ("S -> conv", "S -> A | B\nA -> conv\nB -> conv", "S -> Linear(A, A)\nA -> conv | B\nB -> conv"):
        space = Grammar(rules)
        with pytest.raises(ValueError, match=r"nothing to mutate: .* is the only word"):
            space.mutate(space.sample(random.Random(0)), random.Random(0))
    rare = Grammar(f"S -> Linear({', '.join(['A'] * 60)}, B)\nA -> conv\nB -> conv | id")
    assert rare.mutate(next(iter(rare)), random.Random(0)) == list(rare)[1]


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
    assert space.size == len(set(space)) > 10  # the grammar is not ambiguous
    steps = nx.DiGraph((word, other) for word in space for other in space.neighbors(word))
    assert set(steps) == set(space)
    assert nx.is_strongly_connected(steps)


def test_searches_find_the_longest_chain_of_convolutions():
    def evaluate(word, **_):
        return Evaluation(sum(part.name == "conv" for part in word.word.parts()))

    evolution = regularized_evolution(FUNCTIONS, evaluate, population_size=10, sample_size=5, rng=random.Random(0))
    assert search(evolution, Budget(evaluations=400)).best.score == 9
    climb = local_search(FUNCTIONS, evaluate, rng=random.Random(0))
    assert search(climb, Budget(evaluations=600)).best.score == 9


# --- the cell space as a grammar -------------------------------------------------------------------------------------


def cell_of(tree):
    (cell,) = tree.word.arguments
    return Cell(tuple(PRIMITIVES[part.name] for part in cell.arguments))


def word_of(cell):
    names = {operation: name for name, operation in PRIMITIVES.items()}
    return LAYERS.term("Stages", LAYERS.term("Cell", *(LAYERS.term(names[o]) for o in cell.operations)))


cells = seeds.map(lambda seed: TinyCell().sample(random.Random(seed)))


def test_the_grammar_of_cells_holds_exactly_the_cells_of_tiny_cell():
    assert {cell_of(word) for word in CELLS} == set(TinyCell())


@settings(deadline=None)
@given(cells)
def test_its_neighbours_encoding_and_live_edges_are_those_of_tiny_cell(cell):
    word = CELLS.parse(str(word_of(cell)))
    assert {cell_of(other) for other in CELLS.neighbors(word)} == set(TinyCell().neighbors(cell))
    theirs = TinyCell().encode(cell, "one_hot").reshape(6, 5)
    order = [TinyCell.operations.index(PRIMITIVES[str(rule.right)]) for rule in CELLS.rules.of["OP"]]
    assert (CELLS.encode(word, "one_hot").reshape(6, 5) == theirs[:, order]).all()
    live = {(i, j): PRIMITIVES[argument.name] for (i,), j, argument in word.word.arguments[0].live_links}
    assert live == cell.live_edges
    assert word.word.is_dead == (not live)


# --- encodings and graphs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SMALL", "AMBIGUOUS"])
def test_the_one_hot_encoding_tells_all_words_apart(name):
    space = Grammar("\n".join(map(str, SPACES[name].rules.all)), 3)
    codes = [space.encode(word, "one_hot") for word in space]
    assert len({len(code) for code in codes}) == 1
    assert len({code.tobytes() for code in codes}) == space.size  # all trees, even
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


def expanded_links(part):
    """The edges of the outermost operation: (i, j, a term)."""
    return [
        (i, j, LAYERS.term(LAYERS.name_of[carries.name]) if isinstance(carries, Layer) else carries)
        for (i,), j, carries in part.links
    ]


def paths(part):
    """All ways through a term, as the operations on them."""
    if not part.arguments:
        return [(PRIMITIVES[part.name],)]
    through = {0: [()]}
    for i, j, argument in expanded_links(part):
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

    def nested(part):
        if not part.arguments:
            return MATRICES[PRIMITIVES[part.name]]
        return np.array(sum_over_paths(expanded_links(part), nested), dtype=object)  # of whole numbers, however long

    edges = sorted(graph.edges(data="operation"), key=lambda edge: edge[1])
    assert sum_over_paths(edges, MATRICES.get) == nested(word.word).tolist()
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
    canonical = term(text).canonical
    assert str(canonical) == short
    assert canonical.canonical == canonical


@every
@settings(deadline=None, max_examples=25)
@given(seeds)
def test_the_canonical_form_has_the_same_live_paths_without_skips(space, seed):
    tree = space.sample(random.Random(seed))
    word = tree.word
    assume(len(paths(word)) < 2000)

    def live(part):
        through = [tuple(o for o in path if o != "skip_connect") for path in paths(part) if "none" not in path]
        return Counter(through)

    short = tree.canonical
    assert short.word == word.canonical == space.canonical(tree).word
    short = short.word
    assert live(short) == live(word)
    assert short.canonical == short
    weights = ("conv", "conv1x1", "linear", "down")
    alive = [part.name for part in expanded(word) if part.name in weights]
    assert [part.name for part in expanded(short) if part.name in weights] == alive


def expanded(part):
    """The primitives that are alive, in the order of reading."""
    if not part.arguments:
        yield from () if part.is_dead else (part,)
        return
    for _, _, carries in part.live_links:
        yield from expanded(carries if isinstance(carries, Term) else LAYERS.term(LAYERS.name_of[carries.name]))


@pytest.mark.parametrize("space", [FUNCTIONS, AMBIGUOUS, RECURSIVE], ids=repr)
@settings(deadline=None, max_examples=25)
@given(seeds)
def test_trees_with_one_canonical_form_have_isomorphic_graphs_without_skips(space, seed):
    """An oracle that knows no terms: contract each `skip_connect` that is alone into or out of a node, and compare."""
    tree = space.sample(random.Random(seed))
    one, other = (contracted(graph) for graph in (tree.to_graph(), tree.canonical.to_graph()))
    assert nx.is_isomorphic(one, other, edge_match=nx.isomorphism.categorical_multiedge_match("operation", None))


def contracted(graph):
    graph = nx.MultiDiGraph((i, j, {"operation": o}) for i, j, o in graph.edges(data="operation"))
    while True:
        skips = [(i, j) for i, j, o in graph.edges(data="operation") if o == "skip_connect"]
        alone = [(i, j) for i, j in skips if graph.out_degree(i) == 1 or graph.in_degree(j) == 1]
        if not alone or len(graph) == 2:
            return graph
        i, j = alone[0]
        graph.remove_edge(i, j)
        graph = nx.contracted_nodes(graph, i, j, self_loops=True, copy=True)
        graph = nx.MultiDiGraph((a, b, {"operation": o}) for a, b, o in graph.edges(data="operation"))


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
        assert [(i + 1, j + 1) for (i,), j, _ in LAYERS.operations[name].links(count)] == edges
    assert tuple((i, j) for (i,), j, _ in LAYERS.operations["Cell"].links(6)) == TinyCell.edges


@pytest.mark.parametrize(
    ("text", "times"),
    [("conv", 0), ("Stages(conv)", 2), ("Residual(down, down, conv)", 1), ("Residual(zero, id, down)", 0)],
)
def test_halvings(text, times):
    assert term(text).type() == Type(TENSOR, times)


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
        (
            "S -> conv | down",
            "rule 'S -> down': it delivers a tensor halved once, another rule of S a tensor",
        ),
        ("S -> Linear(S, down) | conv", "rule 'S -> Linear\\(S, down\\)': it delivers a tensor halved once"),
        (
            "S -> Residual(A, id, A)\nA -> down",
            "adds different types: A delivers a tensor halved 2 times, something",
        ),
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
        (lambda: FUNCTIONS.neighbors("conv"), TypeError, "holds Derivations, got str"),
        (lambda: FUNCTIONS.neighbors(Derivation("S")), ValueError, "S is no word yet: S is still open"),
        (lambda: FUNCTIONS.neighbors(SMALL.parse("Linear(id, id)")), ValueError, "has no rule 'S -> Linear\\(S, S\\)'"),
        (
            lambda: FUNCTIONS.neighbors(CELLS.sample(random.Random(0))),
            ValueError,
            "trees from S of height 3 or less; .* has one from NET of height 3",
        ),
        (lambda: Term("Linear", ["conv"], LAYERS), TypeError, "tuple of Terms"),
        (lambda: Term("3x3", (), LAYERS), ValueError, "starts with no digit"),
        (lambda: term("S").to_graph(), ValueError, "unknown primitive 'S'"),
        (lambda: term("Lineer(id, id)").canonical, ValueError, "did you mean 'Linear'"),
        (lambda: Vocabulary(primitive("a b", "id")), ValueError, "a name consists of letters"),
        (lambda: Vocabulary(primitive("a", "id"), primitive("a", "none")), ValueError, "a is in this vocabulary twice"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_rules_may_be_written_in_several_ways():
    one = Grammar("S -> Linear(S, S) | conv\n| id")
    other = Grammar("\n  S→Linear( S,S )\n\n  S ->  conv|id\n")
    assert one.rules.all == other.rules.all


# --- deep nesting ----------------------------------------------------------------------------------------------------


def test_terms_of_the_greatest_depth_work_and_deeper_ones_are_refused():
    deepest = "Residual(" * MOST_NESTED + "conv" + ", id, conv)" * MOST_NESTED
    part = term(deepest)
    assert str(part) == deepest
    assert pickle.loads(pickle.dumps(part)) == part == term(str(part))
    assert part.canonical == part
    assert part.type() == Type()
    assert len(part.to_graph()) == MOST_NESTED + 2
    for deeper in (lambda: term(f"Linear({deepest}, id)"), lambda: LAYERS.term("Linear", part, part)):
        with pytest.raises(ValueError, match="nested deeper than 100"):
            deeper()


def test_a_grammar_whose_words_would_be_nested_too_deep_is_refused():
    rules = "S -> Linear(Linear(Linear(S, id), id), id) | conv"
    assert Grammar(rules, 33)
    with pytest.raises(ValueError, match=r"with max_depth 34 words may be nested 102 deep, and 100 is the most"):
        Grammar(rules, 34)


def test_trees_are_refused_where_they_are_deeper_than_any_grammar_allows():
    space = Grammar("S -> Linear(S, id) | conv", 40)
    rule, tree = space.rules.of["S"][0], space.parse("conv")
    for _ in range(39):
        tree = Derivation("S", rule, (tree,))
    assert tree in space
    with pytest.raises(ValueError, match="40 levels at most"):
        Derivation("S", rule, (tree,))


# --- a vocabulary of one's own ---------------------------------------------------------------------------------------

ATTENTION = Vocabulary(
    primitive("x", "skip_connect"),
    primitive("learned", "learned", gives="matrix"),
    function("linear", TENSOR, gives=TENSOR),
    function("softmax", "matrix", gives="matrix"),
    function("dot", TENSOR, TENSOR, gives="matrix"),
    function("mm", "matrix", TENSOR, gives=TENSOR),
    Operation("add", (Link((0,), 1, 0), Link((0,), 1, 1))),
)
ATTENTION_RULES = """
    S -> F
    X -> x | F
    F -> linear(X) | add(X, X) | mm(M, X)
    M -> learned | dot(X, X) | softmax(M)
"""
SELF_ATTENTION = "mm(softmax(dot(linear(x), linear(x))), linear(x))"


def test_a_vocabulary_with_matrices_makes_a_space():
    space = Grammar(ATTENTION_RULES, 9, ATTENTION)
    tree = space.parse(SELF_ATTENTION)
    assert str(tree) == str(tree.canonical) == SELF_ATTENTION
    assert tree.word.type() == Type(TENSOR)
    assert tree.word.arguments[0].type() == Type("matrix")
    edges = sorted(tree.to_graph().edges(data="operation"))
    assert [o for _, _, o in edges].count("linear") == 3
    assert [(i, j) for i, j, o in edges if o == "mm"] == [(i, len(tree.to_graph()) - 1) for i in (6, 8)]
    rng = random.Random(0)
    words = [space.sample(rng) for _ in range(30)]
    for word in words:
        assert space.parse(str(word)) == word
        assert space.mutate(word, rng) in space
        assert nx.is_directed_acyclic_graph(word.to_graph())
        assert all(other in space for other in space.neighbors(word))


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_mutations_of_recursion_over_several_non_terminals_stay_in_the_space(seed):
    space, rng = Grammar(ATTENTION_RULES, 9, ATTENTION), random.Random(seed)
    tree = space.sample(rng)
    for _ in range(5):
        child = space.mutate(tree, rng)
        assert child in space
        assert child != tree
        tree = child


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            "S -> mm(x, x)",
            "rule 'S -> mm\\(x, x\\)': in mm\\(x, x\\), mm reads a matrix and a tensor .* it gets",
        ),
        (
            "S -> add(x, M)\nM -> learned",
            "rule 'S -> add\\(x, M\\)': .*adds different types: M delivers a matrix",
        ),
        ("S -> linear(X)\nX -> x | learned", "rule 'X -> learned': it delivers a matrix, another rule of X a tensor"),
        ("S -> dot(x, x)", "rule 'S -> dot\\(x, x\\)': the start must deliver a tensor; it delivers a matrix"),
        ("S -> softmax(S) | learned", "softmax reads a matrix; it gets a tensor|the start must deliver a tensor"),
        ("S -> mm(learned, x, x)", "mm takes 2 arguments; got 3"),
        ("S -> conv(x)", "conv is undefined.*among the primitives x, learned and the operators linear, softmax"),
        ("S -> liner(x)", "did you mean 'linear'"),
    ],
)
def test_an_ill_typed_grammar_is_refused_when_it_is_made(rules, message):
    with pytest.raises(ValueError, match=message):
        Grammar(rules, 5, ATTENTION)


def test_a_vocabulary_without_a_chain_or_a_zero_shortens_nothing():
    for text in ("linear(x)", "add(x, x)", "linear(add(x, linear(x)))"):
        part = ATTENTION.read(text)[0]
        assert part.canonical == part
