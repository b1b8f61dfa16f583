"""Grammar: the architectures that a context-free grammar derives, down to a bounded height of the derivation tree.

    S  =>  Linear(S, S, S)  =>  Linear(Residual(S, S, S), Residual(S, S, S), linear)
       =>  Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)

An architecture is the word, a `Term`; how it was derived is worked out when that is asked for: of all its derivation
trees the lowest, earlier rules first. So two derivations of one word are one architecture. The space holds the words
that have a tree of height `max_depth` or less, a single rule counting 1.

Search happens on the tree. Mutation derives a sub-tree anew; crossover swaps two sub-trees of the same non-terminal: so
what comes out is a word again, which edits of the text could not promise.

Source: Schrodi, Stoll, Ru, Sukthanker, Brox, Hutter, "Construction of Hierarchical Neural Architecture Search Spaces
based on Context-free Grammars", arXiv 2211.01842 (2022), NeurIPS 2023. Simplified: what the paper adds to context-free
grammars (shared sub-words, and constraints that look at the whole word) is left out, but for the operator `Stages`, and
for the check that tensors which are added have the same shape.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from nas_edu.search_spaces import grammar_encoding, grammar_hyperparameters
from nas_edu.search_spaces.derivation import Derivation, lowest
from nas_edu.search_spaces.grammar_automaton import Automaton, Symbol, count_derivations, log10_derivations
from nas_edu.search_spaces.grammar_parse import parse_word
from nas_edu.search_spaces.grammar_rules import Rule, read_rules
from nas_edu.search_spaces.grammar_term import Path, Term
from nas_edu.search_spaces.hyperparameters import Config, Hyperparameter, Value, check_config
from nas_edu.search_spaces.term_graph import term_graph

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np

MOST_DEPTH = 40
MOST_DIGITS = 20_000


class Grammar:
    """All words of the grammar `rules` (see `grammar_rules`) with a derivation tree of height `max_depth` or less.

    Raises ValueError for an ill-formed grammar, with the rule and the reason, or for a height that no tree has or that
    is above `MOST_DEPTH`.
    """

    name = "Grammar"

    def __init__(self, rules: str, max_depth: int = 4) -> None:
        self.rules = read_rules(rules)
        self.start = self.rules.start
        least = self.rules.least_depth[self.start]
        if not isinstance(max_depth, int) or not least <= max_depth <= MOST_DEPTH:
            raise ValueError(
                f"max_depth must be {least}, the height of the lowest tree, to {MOST_DEPTH}; got {max_depth!r}"
            )
        self.max_depth = max_depth
        self._automaton = Automaton(self.rules)
        self._fitting = {
            (symbol, depth): [rule for rule in rules if self.rules.least_depth_of(rule) <= depth]
            for symbol, rules in self.rules.of.items()
            for depth in range(max_depth + 1)
        }

    # --- derivation trees ---------------------------------------------------------------------------------------------

    def fitting(self, symbol: str, depth: int) -> list[Rule]:
        """The rules of a non-terminal from which a tree of height `depth` or less can be completed."""
        return self._fitting[symbol, depth]

    def choices(self, derivation: Derivation, path: Path) -> list[Rule]:
        """The rules that can be applied at the open node at `path` so that the word stays in the space."""
        return self.fitting(derivation.part(path).symbol, self.max_depth - len(path))

    def derive(self, word: Term) -> Derivation:
        """The lowest derivation tree of `word`; of several equally low ones the one with the earlier rules."""
        profiles = self._check(word)
        return lowest(self.rules, profiles, self.start, word)

    def steps(self, word: Term, *, by_level: bool = False) -> Iterator[Derivation]:
        """The derivation of `word` as it grows from the start symbol: level by level, in each from left to right.

        Yields the tree after every rule, or, `by_level`, after all rules of a level, as a paper writes it down.
        """
        whole, so_far = self.derive(word), Derivation(self.start)
        yield so_far
        for level in range(whole.depth):
            places = [path for path in so_far.open_places if len(path) == level]
            for path in places:
                rule = whole.part(path).rule
                assert rule is not None  # the whole tree has no open node
                so_far = so_far.applied(path, rule)
                if not by_level or path == places[-1]:
                    yield so_far

    # --- search -------------------------------------------------------------------------------------------------------

    def sample(self, rng: random.Random) -> Term:
        """At each non-terminal one of its `fitting` rules, all equally likely.

        So every word of the space can come. A derivation in k steps with m_1, ..., m_k rules to choose from has
        probability 1 / (m_1 * ... * m_k), a word the sum over its derivations: short words come much more often than
        long ones.
        """
        return self._grow(self.start, self.max_depth, rng).form

    def _grow(self, symbol: str, depth: int, rng: random.Random) -> Derivation:
        rule = rng.choice(self.fitting(symbol, depth))
        return Derivation(symbol, rule, tuple(self._grow(child, depth - 1, rng) for child in rule.symbols))

    def mutate(self, word: Term, rng: random.Random) -> Term:
        """Derive anew what hangs on a node of the tree, all nodes equally likely, until that makes another word.

        Raises ValueError where the space holds this word only.
        """
        tree = self.derive(word)
        if self._digits < 3 and self.size == 1:
            raise ValueError(f"there is nothing to mutate: {word} is the only word of this space")
        nodes = list(tree.parts())
        while True:
            path, node = rng.choice(nodes)
            changed = tree.with_part(path, self._grow(node.symbol, self.max_depth - len(path), rng)).form
            if changed != word:
                return changed

    def crossover(self, one: Term, other: Term, rng: random.Random) -> tuple[Term, Term]:
        """Swap a sub-tree of `one` with a sub-tree of `other` that has the same non-terminal but is another one.

        All pairs of nodes for which both results stay within `max_depth` are equally likely; the two roots are no such
        pair. Where there is none, the two words come back as they are.
        """
        a, b = self.derive(one), self.derive(other)
        pairs = [
            (p, x, q, y)
            for (p, x), (q, y) in itertools.product(a.parts(), b.parts())
            if x.symbol == y.symbol
            and x != y
            and (p or q)
            and len(p) + y.depth <= self.max_depth
            and len(q) + x.depth <= self.max_depth
        ]
        if not pairs:
            return one, other
        p, x, q, y = rng.choice(pairs)
        return a.with_part(p, y).form, b.with_part(q, x).form

    def neighbors(self, word: Term) -> list[Term]:
        """All words that differ by one rule: one node of the tree gets another rule that fits there.

        Its sub-trees go on serving, in order, where the new rule has the same non-terminals; a further non-terminal
        begins with the lowest tree it has, a sub-tree too many is dropped. So a step may have no way back in one; but
        if the grammar is not ambiguous, such steps lead from any word to any other.
        """
        tree = self.derive(word)
        changed = {
            tree.with_part(path, self._with_rule(node, rule)).form: None  # a dict, as it keeps the order
            for path, node in tree.parts()
            for rule in self.fitting(node.symbol, self.max_depth - len(path))
            if rule != node.rule
        }
        changed.pop(word, None)
        return list(changed)

    def _with_rule(self, node: Derivation, rule: Rule) -> Derivation:
        spare = list(node.children)
        children = []
        for symbol in rule.symbols:
            kept = next((child for child in spare if child.symbol == symbol), None)
            if kept is not None:
                spare.remove(kept)
            children.append(kept or self._lowest(symbol))
        return Derivation(rule.left, rule, tuple(children))

    def _lowest(self, symbol: str) -> Derivation:
        rule = min(self.rules.of[symbol], key=self.rules.least_depth_of)
        return Derivation(symbol, rule, tuple(map(self._lowest, rule.symbols)))

    # --- words --------------------------------------------------------------------------------------------------------

    def parse(self, text: str) -> Term:
        """The inverse of `str(word)`. Raises ValueError with the position and what was expected there."""
        if not isinstance(text, str):
            raise TypeError(f"parse takes the text of a word, got {type(text).__name__} {text!r}")
        word = parse_word(text, self.rules, self._automaton)
        self._check(word)
        return word

    def encode(self, word: Term, encoding: str) -> np.ndarray:
        """The word as zeros and ones: "one_hot" (the tree, place by place) or "path" (the sequences of rules down it).

        See `grammar_encoding`. Raises ValueError for another encoding.
        """
        return grammar_encoding.encode(self, word, encoding)

    def to_graph(self, word: Term) -> nx.MultiDiGraph:
        """The whole word as one graph, with a primitive on each edge; see `term_graph`."""
        self._check(word)
        return term_graph(word)

    @cached_property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """Which rule at each place of a tree, and when the place exists. OverflowError where there are too many."""
        return grammar_hyperparameters.hyperparameters(self)

    def from_config(self, values: Config) -> Term:
        """The word that these values derive. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)
        return grammar_hyperparameters.tree_from(self, values, self.start, self.max_depth, self.start).form

    def to_config(self, word: Term) -> dict[str, Value]:
        """The values of all hyperparameters that exist in the lowest derivation tree of `word`."""
        return dict(grammar_hyperparameters.to_config(self, self.derive(word), self.max_depth, self.start))

    def canonical(self, word: Term) -> Term:
        """The same function, written shorter; see `Term.canonical`. It need not be a word of this grammar."""
        self._check(word)
        return word.canonical

    @cached_property
    def size(self) -> int:
        """The number of words, exactly. Raises OverflowError where it would have more than `MOST_DIGITS` digits."""
        self._refuse_uncountable()
        return self._automaton.count(self.max_depth)

    @cached_property
    def derivations(self) -> int:
        """The number of derivation trees; more than `size` exactly if the grammar is ambiguous within `max_depth`."""
        self._refuse_uncountable()
        return count_derivations(self.rules, self.max_depth)

    @cached_property
    def _digits(self) -> float:
        return log10_derivations(self.rules, self.max_depth)

    def _refuse_uncountable(self) -> None:
        if self._digits > MOST_DIGITS:
            raise OverflowError(f"about 10^{self._digits:.3g} derivations are too many to count; lower max_depth")

    def __len__(self) -> int:
        if self.size > sys.maxsize:
            raise OverflowError(f"len() counts to {sys.maxsize} only; `size` tells the number, {_written(self.size)}")
        return self.size

    def __iter__(self) -> Iterator[Term]:
        """Every word once, by the rules in the order of the text, the last place fastest."""
        ambiguous = self._digits > MOST_DIGITS or self.derivations > self.size
        for tree in self._trees(self.start, self.max_depth):
            word = tree.form
            if not ambiguous or tree == self.derive(word):
                yield word

    def _trees(self, symbol: str, depth: int) -> Iterator[Derivation]:
        for rule in self.fitting(symbol, depth):
            for children in self._forests(rule.symbols, depth - 1):
                yield Derivation(symbol, rule, children)

    def _forests(self, symbols: tuple[str, ...], depth: int) -> Iterator[tuple[Derivation, ...]]:
        if not symbols:
            yield ()
            return
        for first in self._trees(symbols[0], depth):
            for rest in self._forests(symbols[1:], depth):
                yield (first, *rest)

    def _check(self, word: object) -> dict[Term, dict[Symbol, int]]:
        """The profiles of a word of this space; TypeError or ValueError for anything else."""
        if not isinstance(word, Term):
            raise TypeError(f"Grammar holds Terms, got {type(word).__name__} {word!r}")
        profiles = {term: dict(profile) for term, profile in self._automaton.profiles(word).items()}
        depth = profiles[word].get(self.start)
        if depth is None:
            raise ValueError(f"{word} is no word of this grammar: {self.start} does not derive it")
        if depth > self.max_depth:
            raise ValueError(f"{word} needs a derivation tree of height {depth}; this space ends at {self.max_depth}")
        return profiles

    def __contains__(self, word: object) -> bool:
        try:
            self._check(word)
        except (TypeError, ValueError):
            return False
        return True

    def __repr__(self) -> str:
        words = f"{_written(self.size)} words" if self._digits <= MOST_DIGITS else f"10^{self._digits:.3g} derivations"
        return f"Grammar({len(self.rules.all)} rules, up to height {self.max_depth}, {words})"


def _written(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"about 10^{math.log10(number):.1f}"
