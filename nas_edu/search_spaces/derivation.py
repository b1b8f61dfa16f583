"""Derivation trees: how they grow, and how they are edited.

    S                          one node, open: no rule was applied to it yet
    S -> Linear(S, S)          the first rule applied; its children are two open nodes
        S -> conv              a rule applied to the left one; the tree now derives Linear(conv, S)
        S

A node is a non-terminal; the rule that was applied to it, if one was; and a child for each non-terminal of the rule's
right side. Trees do not change: an edit makes a new one, of the same non-terminal.

Sources: Schrodi et al., NeurIPS 2023, for `regrow`; the other edits are known from genetic programming: Poli, Langdon,
McPhee, "A Field Guide to Genetic Programming", 2008, section 5.2.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nas_edu.core.search_space import Architecture
from nas_edu.search_spaces.grammar_rules import MOST_DEPTH, Rule, Rules
from nas_edu.search_spaces.vocabulary import Path, Term, Vocabulary

if TYPE_CHECKING:
    import networkx as nx

_SYMBOLS = Vocabulary()  # of no operation: for non-terminals in a word


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Architecture):
    """A non-terminal and what it was derived to; `rule` is None as long as it is open.

    As an architecture it prints as its word, and trees of one word are equal. Raises ValueError where the children do
    not fit the rule, and above `MOST_DEPTH` levels.
    """

    symbol: str
    rule: Rule | None = None
    children: tuple[Derivation, ...] = ()
    depth: int = field(init=False)
    """The height: the number of rules on the longest way down."""

    def __post_init__(self) -> None:
        left, symbols = (self.rule.left, self.rule.symbols) if self.rule else (self.symbol, ())
        if left != self.symbol or tuple(child.symbol for child in self.children) != symbols:
            children = " ".join(child.symbol for child in self.children) or "none"
            raise ValueError(f"the rule '{self.rule}' does not derive {self.symbol} with the children {children}")
        height = 1 + max((child.depth for child in self.children), default=0) if self.rule else 0
        if height > MOST_DEPTH:
            raise ValueError(f"a derivation tree has {MOST_DEPTH} levels at most")
        object.__setattr__(self, "depth", height)

    @cached_property
    def word(self) -> Term:
        """What it derives; where a node is open, its non-terminal stands in the word (a sentential form)."""
        if self.rule is None:
            return _SYMBOLS.term(self.symbol)
        return _filled(self.rule.right, set(self.rule.symbols), (child.word for child in self.children))

    @property
    def canonical(self) -> Derivation:
        """The same function, written shorter, whatever the tree; see `Term.canonical`.

        What it is derived by, one rule, need not be a rule of the grammar, as its word need not be one.
        """
        return Derivation(self.symbol, Rule(self.symbol, self.word.canonical))

    def to_graph(self) -> nx.MultiDiGraph:
        """The whole word as one graph, with a layer on each edge; see `Term.to_graph`."""
        return self.word.to_graph()

    def __str__(self) -> str:
        return str(self.word)

    def __repr__(self) -> str:
        return f"Derivation({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Derivation) and self.word == other.word

    def __hash__(self) -> int:
        return hash(self.word)

    # --- nodes --------------------------------------------------------------------------------------------------------

    def parts(self, path: Path = ()) -> Iterator[tuple[Path, Derivation]]:
        """Each node with the way to it (which child at each step), this one first, depth first."""
        yield path, self
        for place, child in enumerate(self.children):
            yield from child.parts((*path, place))

    @property
    def open_places(self) -> list[Path]:
        """The ways to the nodes that no rule was applied to, from left to right."""
        return [path for path, node in self.parts() if node.rule is None]

    def part(self, path: Path) -> Derivation:
        """The node that `path` leads to."""
        return self.children[path[0]].part(path[1:]) if path else self

    def with_part(self, path: Path, new: Derivation) -> Derivation:
        """The tree with the node at `path` replaced. Raises ValueError where that is another non-terminal."""
        if not path:
            if new.symbol != self.symbol:
                raise ValueError(f"{self.symbol} can only be replaced by another {self.symbol}, not by {new.symbol}")
            return new
        place = path[0]
        child = self.children[place].with_part(path[1:], new)
        return Derivation(self.symbol, self.rule, (*self.children[:place], child, *self.children[place + 1 :]))

    def applied(self, path: Path, rule: Rule) -> Derivation:
        """The tree with `rule` applied to the open node at `path`. Raises ValueError where that does not fit."""
        if self.part(path).rule is not None:
            raise ValueError(f"the node at {path} is not open: '{self.part(path).rule}' was applied to it")
        return self.with_part(path, Derivation(rule.left, rule, tuple(map(Derivation, rule.symbols))))

    def steps(self) -> Iterator[Derivation]:
        """The tree as it grows from its root, a level more each time, as a paper writes it down."""
        so_far = Derivation(self.symbol)
        yield so_far
        for _ in range(self.depth):
            for path in so_far.open_places:
                if rule := self.part(path).rule:
                    so_far = so_far.applied(path, rule)
            yield so_far


def _filled(term: Term, symbols: set[str], words: Iterator[Term]) -> Term:
    """The right side of a rule, its non-terminals replaced by the next words in turn."""
    if term.name in symbols:
        return next(words)
    return Term(term.name, tuple(_filled(argument, symbols, words) for argument in term.arguments), term.vocabulary)


# --- growing ---------------------------------------------------------------------------------------------------------


def grow(rules: Rules, symbol: str, depth: int, rng: random.Random) -> Derivation:
    """A tree of height `depth` or less: at each node one of the rules that fit, all equally likely."""
    rule = rng.choice(rules.fitting(symbol, depth))
    return Derivation(symbol, rule, tuple(grow(rules, child, depth - 1, rng) for child in rule.symbols))


def lowest(rules: Rules, symbol: str) -> Derivation:
    """The lowest tree of a non-terminal; of several, that with the earliest rules."""
    rule = rules.fitting(symbol, rules.least_depth[symbol])[0]
    return Derivation(symbol, rule, tuple(lowest(rules, child) for child in rule.symbols))


# --- edits -----------------------------------------------------------------------------------------------------------
# Each takes a node and gives another tree of its non-terminal, of height `depth` or less; None where it cannot. In the
# pictures S(a, b) is a node S with the sub-trees a and b.


def regrow(rules: Rules, node: Derivation, depth: int, rng: random.Random) -> Derivation | None:
    """Derive the node anew, and all that hangs on it.

    S(a, b)  =>  S(c)          what is new: S(c)
    """
    return grow(rules, node.symbol, depth, rng)


def insert(rules: Rules, node: Derivation, depth: int, rng: random.Random) -> Derivation | None:
    """Put a new tree in the node's place, and the node in the place of an equal non-terminal in it.

    S(a, b)  =>  S(c, S(a, b))          what is new: S(c, .); the network gets deeper or wider around what it had
    """
    new = grow(rules, node.symbol, depth, rng)
    places = [path for path, part in new.parts() if path and part.symbol == node.symbol]
    places = [path for path in places if len(path) + node.depth <= depth]
    return new.with_part(rng.choice(places), node) if places else None


def hoist(rules: Rules, node: Derivation, depth: int, rng: random.Random) -> Derivation | None:
    """Lift an equal non-terminal from below to the node's place; what was around it is gone. The inverse of `insert`.

    S(c, S(a, b))  =>  S(a, b)          nothing is new
    """
    below = [part for path, part in node.parts() if path and part.symbol == node.symbol]
    return rng.choice(below) if below else None


def change_rule(rules: Rules, node: Derivation, depth: int, rng: random.Random) -> Derivation | None:
    """Another rule for the node; its sub-trees go on serving, in order, where the new rule has their non-terminals.

    Linear(a, b)  =>  Residual(a, b, c)          what is new: the rule, and c; a sub-tree too many is dropped
    """
    others = [rule for rule in rules.fitting(node.symbol, depth) if rule != node.rule]
    return with_rule(node, rng.choice(others), lambda new: grow(rules, new, depth - 1, rng)) if others else None


def with_rule(node: Derivation, rule: Rule, fill: Callable[[str], Derivation]) -> Derivation:
    """`change_rule` to this rule; `fill` makes the tree of a non-terminal for which there is no sub-tree."""
    spare, children = list(node.children), []
    for symbol in rule.symbols:
        place = next((place for place, child in enumerate(spare) if child.symbol == symbol), None)
        children.append(fill(symbol) if place is None else spare.pop(place))
    return Derivation(rule.left, rule, tuple(children))


EDITS = (regrow, insert, hoist, change_rule)
