"""A grammar as hyperparameters: at each place of a derivation tree, which rule?

    S           in Linear(S, S), conv
    S.S1        in Linear(S, S), conv       if S is Linear(S, S)
    S.S1.S1     in conv, ...                if S.S1 is Linear(S, S)

A place is named by the way to it: the second OP below the first CELL below the start is `NET.CELL1.OP2`. Children are
matched to places by their non-terminal, in order, whatever the rule: so the first S of Linear(S, S) shares its place
with the first S of Residual(S, S, S). Where one rule alone fits, there is nothing to choose and no hyperparameter.

Different values of an ambiguous grammar may be the same word. A recursive grammar has exponentially many places in the
height of its trees.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.hyperparameters import Config, Hyperparameter, Value

if TYPE_CHECKING:
    from nas_edu.search_spaces.grammar import Grammar

MOST_PLACES = 30_000
Item = TypeVar("Item")
Condition = tuple[str, tuple[Value, ...]] | None


def hyperparameters(space: Grammar) -> tuple[Hyperparameter, ...]:
    """All places with a choice, parents first. Raises OverflowError where there are more than `MOST_PLACES`."""
    return not_too_many(_places(space, space.start, space.max_depth, space.start), "places in its derivation trees")


def not_too_many(items: Iterator[Item], what: str) -> tuple[Item, ...]:
    """All of them. Raises OverflowError where there are more than `MOST_PLACES`."""
    found = tuple(itertools.islice(items, MOST_PLACES + 1))
    if len(found) > MOST_PLACES:
        raise OverflowError(f"the grammar has more than {MOST_PLACES:,} {what}; lower max_depth")
    return found


def _places(
    space: Grammar, symbol: str, depth: int, name: str, condition: Condition = None
) -> Iterator[Hyperparameter]:
    """The place `name` and all below it, for a non-terminal with a tree of height `depth` or less."""
    rules = space.fitting(symbol, depth)
    if len(rules) > 1:
        yield Hyperparameter(name, tuple(str(rule.right) for rule in rules), condition)
    most: Counter[str] = Counter()
    for rule in rules:
        most |= Counter(rule.symbols)  # the greatest number of each non-terminal
    for child, count in most.items():
        for number in range(1, count + 1):
            having = tuple(str(rule.right) for rule in rules if rule.symbols.count(child) >= number)
            exists = (name, having) if len(rules) > 1 else condition
            yield from _places(space, child, depth - 1, f"{name}.{child}{number}", exists)


def to_config(space: Grammar, tree: Derivation, depth: int, name: str) -> Iterator[tuple[str, Value]]:
    """The rule at each place of a tree, where there was a choice."""
    assert tree.rule is not None  # a word's tree has no open node
    if len(space.fitting(tree.symbol, depth)) > 1:
        yield name, str(tree.rule.right)
    for child, place in zip(tree.children, _child_names(tree.rule.symbols, name), strict=True):
        yield from to_config(space, child, depth - 1, place)


def tree_from(space: Grammar, values: Config, symbol: str, depth: int, name: str) -> Derivation:
    """The tree that these values describe; they are complete."""
    rules = space.fitting(symbol, depth)
    (rule,) = rules if len(rules) == 1 else (rule for rule in rules if str(rule.right) == values[name])
    names = zip(rule.symbols, _child_names(rule.symbols, name), strict=True)
    return Derivation(symbol, rule, tuple(tree_from(space, values, child, depth - 1, place) for child, place in names))


def _child_names(symbols: tuple[str, ...], name: str) -> list[str]:
    return [f"{name}.{symbol}{symbols[: place + 1].count(symbol)}" for place, symbol in enumerate(symbols)]
