"""A word of a grammar as a vector of zeros and ones of fixed length, by its derivation tree.

    one_hot    the rule at each place that a tree can have (`grammar_hyperparameters`), one-hot; all zeros where the
               word's tree has no such place. Tells all words apart.
    path       for each sequence of rules that may lead from the root to a leaf, whether the tree has it. Forgets where
               and how often; meant for learning, as BANANAS' paths through a graph are (White et al. 2021).

Both lengths grow exponentially with the height if the grammar is recursive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar_hyperparameters import not_too_many
from nas_edu.search_spaces.grammar_rules import Rule

if TYPE_CHECKING:
    import numpy as np

    from nas_edu.search_spaces.grammar import Grammar
    from nas_edu.search_spaces.grammar_term import Term


def encode(space: Grammar, word: Term, encoding: str) -> np.ndarray:
    """The vector of a word, as float32. Raises ValueError for an unknown encoding, OverflowError for one too long."""
    import numpy as np

    if encoding == "one_hot":
        values = space.to_config(word)
        bits = [values.get(h.name) == choice for h in space.hyperparameters for choice in h.choices]
    elif encoding == "path":
        present = set(_paths_of(space.derive(word)))
        paths = not_too_many(_paths(space, space.start, space.max_depth), "paths down its derivation trees")
        bits = [path in present for path in paths]
    else:
        raise ValueError(f"Grammar has the encodings 'one_hot' and 'path', not {encoding!r}")
    return np.array(bits, dtype=np.float32)


def _paths(space: Grammar, symbol: str, depth: int) -> Iterator[tuple[Rule, ...]]:
    for rule in space.fitting(symbol, depth):
        if not rule.symbols:
            yield (rule,)
        for child in dict.fromkeys(rule.symbols):
            yield from ((rule, *path) for path in _paths(space, child, depth - 1))


def _paths_of(node: Derivation) -> Iterator[tuple[Rule | None, ...]]:
    if not node.children:
        yield (node.rule,)
    for child in node.children:
        yield from ((node.rule, *path) for path in _paths_of(child))
