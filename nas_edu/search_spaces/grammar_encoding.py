"""A word of a grammar as a vector of zeros and ones of fixed length, by its derivation tree.

    one_hot    the choice at each node that a tree can have: one of the rules that fit there; all zeros where the word's
               tree has no such node. Nodes with one rule are left out. Children are matched to places by their
               non-terminal, in order, whatever the rule: so the first S of Linear(S, S) shares its place with the first
               S of Residual(S, S, S). Tells all words apart.
    path       for each sequence of rules that may lead from the root to a leaf, whether the tree has it. Forgets where
               and how often; meant for learning, as BANANAS' paths through a graph are (White et al. 2021).

Both lengths grow exponentially with the height if the grammar is recursive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar_rules import Rule

if TYPE_CHECKING:
    import numpy as np

    from nas_edu.search_spaces.grammar import Grammar
    from nas_edu.search_spaces.grammar_term import Term


def encode(space: Grammar, word: Term, encoding: str) -> np.ndarray:
    """The vector of a word, as float32. Raises ValueError for an unknown encoding."""
    import numpy as np

    tree = space.derive(word)
    if encoding == "one_hot":
        return np.fromiter(_one_hot(space, tree, space.start, space.max_depth), dtype=np.float32)
    if encoding == "path":
        present = set(_paths_of(tree))
        return np.fromiter((path in present for path in _paths(space, space.start, space.max_depth)), np.float32)
    raise ValueError(f"Grammar has the encodings 'one_hot' and 'path', not {encoding!r}")


def _one_hot(space: Grammar, node: Derivation | None, symbol: str, depth: int) -> Iterator[bool]:
    rules = space.fitting(symbol, depth)
    if len(rules) > 1:
        yield from (node is not None and node.rule == rule for rule in rules)
    places: Counter[str] = Counter()
    for rule in rules:
        places |= Counter(rule.symbols)  # the greatest number of each non-terminal
    for child_symbol, count in places.items():
        children = [child for child in (node.children if node else ()) if child.symbol == child_symbol]
        for place in range(count):
            child = children[place] if place < len(children) else None
            yield from _one_hot(space, child, child_symbol, depth - 1)


def _paths(space: Grammar, symbol: str, depth: int) -> Iterator[tuple[Rule, ...]]:
    for rule in space.fitting(symbol, depth):
        if not rule.symbols:
            yield (rule,)
        for child in dict.fromkeys(rule.symbols):
            yield from ((rule, *path) for path in _paths(space, child, depth - 1))


def _paths_of(node: Derivation) -> Iterator[tuple[Rule, ...]]:
    if not node.children:
        yield (node.rule,)
    for child in node.children:
        yield from ((node.rule, *path) for path in _paths_of(child))
