"""Grammar: the architectures that a context-free grammar derives, down to a bounded height of the derivation tree.

    S  =>  Linear(S, S, S)  =>  Linear(Residual(S, S, S), Residual(S, S, S), linear)
       =>  Linear(Residual(conv, id, conv), Residual(conv, id, conv), linear)

An architecture is a `Derivation`: the tree of the rules that were applied, a single rule counting 1. It prints as the
word that it derives, and trees of one word are equal. Search happens on the tree: an edit of a tree makes a word again,
which edits of the text could not promise. `parse` finds the lowest tree of a word, earlier rules first.

What is counted, listed and chosen by hyperparameters are trees; a grammar is ambiguous if some are equal.

Source: Schrodi, Stoll, Ru, Sukthanker, Brox, Hutter, "Construction of Hierarchical Neural Architecture Search Spaces
based on Context-free Grammars", arXiv 2211.01842 (2022), NeurIPS 2023. Simplified: what the paper adds to context-free
grammars (shared sub-words, and constraints that look at the whole word) is left out, but for the operator `Stages`, and
for the types of the vocabulary, which hold whatever the word.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from nas_edu.core.names import did_you_mean
from nas_edu.core.search_space import Config, Hyperparameter, SearchSpace, Value, check_config
from nas_edu.search_spaces.derivation import EDITS, Derivation, grow, lowest, with_rule
from nas_edu.search_spaces.grammar_rules import MOST_DEPTH, Rule, read_rules
from nas_edu.search_spaces.vocabulary import LAYERS, MOST_NESTED, Path, Term, Vocabulary, fail

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_BITS = 65_536  # of a number of derivations
MOST_PLACES = 30_000
TRIES = 1_000
Item = TypeVar("Item")
Trees = dict[Term, dict[str, Derivation]]
"""For each part of a word the lowest tree from each non-terminal that derives it."""


class Grammar(SearchSpace[Derivation]):
    """All derivations by the grammar `rules` (see `grammar_rules`) of height `max_depth` or less.

    rules         the rules as text
    max_depth     levels of the derivation tree, at most `MOST_DEPTH`
    vocabulary    what the right sides are written with (see `vocabulary`)

    Raises ValueError for an ill-formed grammar, with the rule and the reason, for a height that no tree has, and for
    words that would be nested deeper than can be read.
    """

    def __init__(self, rules: str, max_depth: int = 4, vocabulary: Vocabulary = LAYERS) -> None:
        self.vocabulary = vocabulary
        self.rules = read_rules(rules, vocabulary)
        self.start = self.rules.start
        least = self.rules.least_depth[self.start]
        if not isinstance(max_depth, int) or not least <= max_depth <= MOST_DEPTH:
            raise ValueError(
                f"max_depth must be {least}, the height of the lowest tree, to {MOST_DEPTH}; got {max_depth!r}"
            )
        self.max_depth = max_depth
        self._counts: dict[tuple[str, int], int] = {}
        if (nested := self.rules.nested(max_depth)) > MOST_NESTED:
            raise ValueError(
                f"with max_depth {max_depth} words may be nested {nested} deep, and {MOST_NESTED} is the most that "
                "can be read; lower max_depth"
            )

    # --- search -------------------------------------------------------------------------------------------------------

    def sample(self, rng: random.Random) -> Derivation:
        """At each non-terminal one of the rules that can still end within `max_depth`, all equally likely.

        So every word of the space can come. A derivation in k steps with m_1, ..., m_k rules to choose from has
        probability 1 / (m_1 * ... * m_k): short words come much more often than long ones.
        """
        return grow(self.rules, self.start, self.max_depth, rng)

    def mutate(self, architecture: Derivation, rng: random.Random) -> Derivation:
        """One of the `EDITS` (regrow, insert, hoist, change_rule) at one of the nodes, until another word comes.

        All pairs of an edit and a node are equally likely; where the edit cannot be made there, another pair is drawn.
        Raises ValueError where the space holds this word only.
        """
        self.check(architecture)
        nodes = list(architecture.parts())
        for _ in range(TRIES):
            path, node = rng.choice(nodes)
            edited = rng.choice(EDITS)(self.rules, node, self.max_depth - len(path), rng)
            if edited is not None and (changed := architecture.with_part(path, edited)) != architecture:
                return changed
        for other in self:
            if other != architecture:
                return other
        raise ValueError(f"there is nothing to mutate: {architecture} is the only word of this space")

    def neighbors(self, architecture: Derivation) -> list[Derivation]:
        """All words that differ by one rule: one node of the tree gets another rule that fits there.

        Its sub-trees go on serving (`change_rule`); a further non-terminal begins with the lowest tree it has. So a
        step may have no way back in one; but if the grammar is not ambiguous, such steps lead from any word to any
        other.
        """
        self.check(architecture)
        changed = {
            architecture.with_part(path, with_rule(node, rule, lambda new: lowest(self.rules, new))): None
            for path, node in architecture.parts()  # a dict, as it keeps the order
            for rule in self.rules.fitting(node.symbol, self.max_depth - len(path))
            if rule != node.rule
        }
        changed.pop(architecture, None)
        return list(changed)

    def choices(self, derivation: Derivation, path: Path) -> list[Rule]:
        """The rules that can be applied at the open node at `path` so that the tree stays in the space."""
        return self.rules.fitting(derivation.part(path).symbol, self.max_depth - len(path))

    # --- words --------------------------------------------------------------------------------------------------------

    def parse(self, text: str) -> Derivation:
        """The inverse of `str`: the lowest tree of a word; of several equally low ones that with the earlier rules.

        Raises ValueError with the position and what was expected there.
        """
        if not isinstance(text, str):
            raise TypeError(f"parse takes the text of a word, got {type(text).__name__} {text!r}")
        word, positions = self.vocabulary.read(text)
        trees: Trees = {}
        for term in reversed(list(word.parts())):  # arguments come before what they are arguments of
            lowest_of = trees.setdefault(term, {})
            for symbol in self.rules.bottom_up:
                matches = [(rule, self._match(rule.right, term, trees)) for rule in self.rules.of[symbol]]
                derived = [Derivation(symbol, rule, children) for rule, children in matches if children is not None]
                if derived:
                    lowest_of[symbol] = min(derived, key=lambda tree: tree.depth)
        tree = trees[word].get(self.start)
        if tree is None:
            path, expected, hint = self._first_misfit(word, [self.vocabulary.term(self.start)], trees)
            fail(text, positions[path], expected, hint)
        if tree.depth > self.max_depth:
            needed = f"a derivation tree of height {tree.depth}"
            raise ValueError(f"{tree} needs {needed}; this space ends at {self.max_depth}")
        return tree

    def _match(self, pattern: Term, term: Term, trees: Trees) -> tuple[Derivation, ...] | None:
        """The trees of a right side's non-terminals, if it is to become `term`; None where it cannot."""
        if pattern.name in self.rules.of:
            return (trees[term][pattern.name],) if pattern.name in trees[term] else None
        if pattern.name != term.name or len(pattern.arguments) != len(term.arguments):
            return None
        found: tuple[Derivation, ...] = ()
        for inner, argument in zip(pattern.arguments, term.arguments, strict=True):
            below = self._match(inner, argument, trees)
            if below is None:
                return None
            found += below
        return found

    def _first_misfit(self, term: Term, allowed: list[Term], trees: Trees, path: Path = ()) -> tuple[Path, str, str]:
        """The way to the first part of `term` that fits none of the `allowed` patterns, what they are, and a hint."""
        patterns: dict[
            Term, None
        ] = {}  # non-terminals replaced by their right sides until each begins with an operation
        waiting = allowed[::-1]
        while waiting:
            pattern = waiting.pop()
            if pattern.name in self.rules.of:
                waiting += [rule.right for rule in reversed(self.rules.of[pattern.name])]
            else:
                patterns[pattern] = None
        same_name = [pattern for pattern in patterns if pattern.name == term.name]
        alike = [pattern for pattern in same_name if len(pattern.arguments) == len(term.arguments)]
        for place, argument in enumerate(term.arguments if alike else ()):
            wanted = list(dict.fromkeys(pattern.arguments[place] for pattern in alike))
            if all(self._match(pattern, argument, trees) is None for pattern in wanted):
                return self._first_misfit(argument, wanted, trees, (*path, place))
        hint = "" if same_name else did_you_mean(term.name, [pattern.name for pattern in patterns])
        return path, " or ".join(map(str, alike or same_name or patterns)), hint

    # --- counting -----------------------------------------------------------------------------------------------------

    @cached_property
    def size(self) -> int:
        """The number of derivations, exactly: N(A) = sum over A's rules of prod over their non-terminals B of N(B).

        It is that of words if the grammar is not ambiguous. Raises OverflowError above 2^`MOST_BITS`.
        """
        return self._count(self.start, self.max_depth)

    def _count(self, symbol: str, depth: int) -> int:
        if (symbol, depth) not in self._counts:
            total = 0
            for rule in self.rules.fitting(symbol, depth):
                below = [self._count(child, depth - 1) for child in rule.symbols]
                if sum(number.bit_length() for number in below) > MOST_BITS:
                    raise OverflowError(f"more than 2^{MOST_BITS:,} derivations are too many to count; lower max_depth")
                total += math.prod(below)
            self._counts[symbol, depth] = total
        return self._counts[symbol, depth]

    def __len__(self) -> int:
        if self.size > sys.maxsize:
            raise OverflowError(f"len() counts to {sys.maxsize} only; `size` tells the number, {_written(self.size)}")
        return self.size

    def __iter__(self) -> Iterator[Derivation]:
        """Every derivation once, by the rules in the order of the text, the last place fastest."""
        return self._trees(self.start, self.max_depth)

    def _trees(self, symbol: str, depth: int) -> Iterator[Derivation]:
        for rule in self.rules.fitting(symbol, depth):
            for children in self._forests(rule.symbols, depth - 1):
                yield Derivation(symbol, rule, children)

    def _forests(self, symbols: tuple[str, ...], depth: int) -> Iterator[tuple[Derivation, ...]]:
        if not symbols:
            yield ()
            return
        for first in self._trees(symbols[0], depth):
            for rest in self._forests(symbols[1:], depth):
                yield (first, *rest)

    # --- hyperparameters and encodings --------------------------------------------------------------------------------
    # At each place of a tree, which rule? A place is named by the way to it: the second OP below the first CELL below
    # the start is `NET.CELL1.OP2`. Children are matched to places by their non-terminal, in order, whatever the rule:
    # so the first S of Linear(S, S) shares its place with the first S of Residual(S, S, S). Where one rule alone fits,
    # there is nothing to choose and no hyperparameter:
    #
    #     S           in Linear(S, S), conv
    #     S.S1        in Linear(S, S), conv       if S is Linear(S, S)
    #     S.S1.S1     in conv, ...                if S.S1 is Linear(S, S)

    @cached_property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """All places with a choice, parents first. Raises OverflowError where there are more than `MOST_PLACES`."""
        return _not_too_many(self._places(self.start, self.max_depth, self.start, None), "places in")

    def _places(
        self, symbol: str, depth: int, name: str, condition: tuple[str, tuple[Value, ...]] | None
    ) -> Iterator[Hyperparameter]:
        """The place `name` and all below it, for a non-terminal with a tree of height `depth` or less."""
        rules = self.rules.fitting(symbol, depth)
        if len(rules) > 1:
            yield Hyperparameter(name, tuple(str(rule.right) for rule in rules), condition)
        most: Counter[str] = Counter()
        for rule in rules:
            most |= Counter(rule.symbols)  # the greatest number of each non-terminal
        for child, count in most.items():
            for number in range(1, count + 1):
                having = tuple(str(rule.right) for rule in rules if rule.symbols.count(child) >= number)
                exists = (name, having) if len(rules) > 1 else condition
                yield from self._places(child, depth - 1, f"{name}.{child}{number}", exists)

    def to_config(self, architecture: Derivation) -> dict[str, Value]:
        """The rule at each place of the tree where there was a choice."""
        self.check(architecture)

        def chosen(tree: Derivation, depth: int, name: str) -> Iterator[tuple[str, Value]]:
            assert tree.rule is not None  # no node of an architecture is open
            if len(self.rules.fitting(tree.symbol, depth)) > 1:
                yield name, str(tree.rule.right)
            for child, place in zip(tree.children, _child_names(tree.rule, name), strict=True):
                yield from chosen(child, depth - 1, place)

        return dict(chosen(architecture, self.max_depth, self.start))

    def from_config(self, values: Config) -> Derivation:
        """The derivation that these values describe: one to one. Raises ValueError that says what was wrong."""
        check_config(self.hyperparameters, values)

        def tree(symbol: str, depth: int, name: str) -> Derivation:
            rules = self.rules.fitting(symbol, depth)
            (rule,) = rules if len(rules) == 1 else (rule for rule in rules if str(rule.right) == values[name])
            places = zip(rule.symbols, _child_names(rule, name), strict=True)
            return Derivation(symbol, rule, tuple(tree(child, depth - 1, place) for child, place in places))

        return tree(self.start, self.max_depth, self.start)

    def encode(self, architecture: Derivation, encoding: str = "one_hot") -> npt.NDArray[np.float32]:
        """The tree as zeros and ones (float32). Both lengths grow exponentially with the height if rules are recursive.

        one_hot    the rule at each place that a tree can have; zeros where this tree has no such place. Tells all apart
        path       for each sequence of rules that may lead from the root to a leaf, whether the tree has it. Forgets
                   where and how often; meant for learning, as BANANAS' paths through a graph are (White et al. 2021)

        Raises ValueError for another encoding, OverflowError for more than `MOST_PLACES`.
        """
        import numpy as np

        if encoding == "one_hot":
            return super().encode(architecture, encoding)
        if encoding != "path":
            raise ValueError(f"Grammar has the encodings 'one_hot' and 'path', not {encoding!r}")
        self.check(architecture)
        leaves = [path for path, node in architecture.parts() if not node.children]
        present = {tuple(architecture.part(path[:end]).rule for end in range(len(path) + 1)) for path in leaves}
        paths = _not_too_many(self._paths(self.start, self.max_depth), "paths down")
        return np.array([path in present for path in paths], dtype=np.float32)

    def _paths(self, symbol: str, depth: int) -> Iterator[tuple[Rule, ...]]:
        for rule in self.rules.fitting(symbol, depth):
            if not rule.symbols:
                yield (rule,)
            for child in dict.fromkeys(rule.symbols):
                yield from ((rule, *path) for path in self._paths(child, depth - 1))

    # --- membership ---------------------------------------------------------------------------------------------------

    def check(self, architecture: object) -> None:
        """Raise TypeError or ValueError for anything but a derivation of this space."""
        if not isinstance(architecture, Derivation):
            raise TypeError(f"Grammar holds Derivations, got {type(architecture).__name__} {architecture!r}")
        if architecture.symbol != self.start or architecture.depth > self.max_depth:
            raise ValueError(
                f"this space holds trees from {self.start} of height {self.max_depth} or less; {architecture} has one "
                f"from {architecture.symbol} of height {architecture.depth}"
            )
        for _, node in architecture.parts():
            if node.rule is None:
                raise ValueError(f"{architecture} is no word yet: {node.symbol} is still open")
            if node.rule not in self.rules.of.get(node.symbol, ()):
                raise ValueError(f"{architecture} is not derived by this grammar: it has no rule '{node.rule}'")

    def __repr__(self) -> str:
        try:
            size = _written(self.size)
        except OverflowError:
            size = f"more than 2^{MOST_BITS:,}"
        return f"Grammar({len(self.rules.all)} rules, up to height {self.max_depth}, {size} derivations)"


def _written(number: int) -> str:
    return f"{number:,}" if number < 10**15 else f"about 10^{math.log10(number):.1f}"


def _child_names(rule: Rule, name: str) -> list[str]:
    return [f"{name}.{symbol}{rule.symbols[: place + 1].count(symbol)}" for place, symbol in enumerate(rule.symbols)]


def _not_too_many(items: Iterator[Item], what: str) -> tuple[Item, ...]:
    found = tuple(itertools.islice(items, MOST_PLACES + 1))
    if len(found) > MOST_PLACES:
        raise OverflowError(f"the grammar has more than {MOST_PLACES:,} {what} its derivation trees; lower max_depth")
    return found
