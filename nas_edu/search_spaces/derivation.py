"""Derivation trees: how a word came to be, one rule after another.

    S                          one node, open: no rule was applied to it yet
    S -> Linear(S, S)          the first rule applied; its children are two open nodes
        S -> conv              a rule applied to the left one; the sentential form is now Linear(conv, S)
        S

A node is a non-terminal; the rule that was applied to it, if one was; and a child for each non-terminal of the rule's
right side. Trees do not change: `with_part` makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nas_edu.search_spaces.grammar_automaton import Symbol
from nas_edu.search_spaces.grammar_rules import Rule, Rules
from nas_edu.search_spaces.grammar_term import Path, Term


@dataclass(frozen=True, slots=True)
class Derivation:
    """A non-terminal and what it was derived to; `rule` is None as long as it is open."""

    symbol: str
    rule: Rule | None = None
    children: tuple[Derivation, ...] = ()

    @property
    def form(self) -> Term:
        """The sentential form: a word in which what is still open stands as its non-terminal."""
        if self.rule is None:
            return Term(self.symbol)
        forms = (child.form for child in self.children)
        return _filled(self.rule.right, set(self.rule.symbols), forms)

    @property
    def depth(self) -> int:
        """The height: the number of rules on the longest way down."""
        return 0 if self.rule is None else 1 + max((child.depth for child in self.children), default=0)

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

    def __str__(self) -> str:
        return str(self.form)


def _filled(term: Term, symbols: set[str], forms: Iterator[Term]) -> Term:
    """The right side of a rule, its non-terminals replaced by the next forms in turn."""
    if term.name in symbols:
        return next(forms)
    return Term(term.name, tuple(_filled(argument, symbols, forms) for argument in term.arguments))


def lowest(rules: Rules, profiles: Mapping[Term, Mapping[Symbol, int]], symbol: str, word: Term) -> Derivation:
    """The lowest tree that derives `word` from `symbol`, by the profiles of the word's parts; earlier rules first."""
    for rule in rules.of[symbol]:
        places = _places(rule.right, word, profiles, set(rule.symbols))
        if places is not None and profiles[word][symbol] == 1 + max((profiles[t][s] for s, t in places), default=0):
            return Derivation(symbol, rule, tuple(lowest(rules, profiles, s, t) for s, t in places))
    raise ValueError(f"{symbol} does not derive {word}")


def _places(
    pattern: Term, word: Term, profiles: Mapping[Term, Mapping[Symbol, int]], symbols: set[str]
) -> list[tuple[str, Term]] | None:
    """Which term each non-terminal of a right side stands for in `word`; None where the word does not fit it."""
    if pattern.name in symbols:
        return [(pattern.name, word)] if pattern.name in profiles[word] else None
    if pattern.name != word.name or len(pattern.arguments) != len(word.arguments):
        return None
    found: list[tuple[str, Term]] = []
    for inner, term in zip(pattern.arguments, word.arguments, strict=True):
        places = _places(inner, term, profiles, symbols)
        if places is None:
            return None
        found += places
    return found
