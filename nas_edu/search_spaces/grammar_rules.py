"""The rules of a context-free grammar as text, and everything that can be wrong with them.

    S -> Linear(S, S, S) | Residual(S, S, S)
    S -> conv | id | linear

One line a rule: a non-terminal, an arrow, and what may replace it, alternatives separated by `|` (a line that begins
with `|` goes on with the last non-terminal). Names on the left are the non-terminals, the first one is the start; all
others are primitives and operators of `grammar_term`. So a right side is a term, and a sentence of the grammar reads as
a function in one way only, which a context-free grammar over bare symbols would not promise.

A grammar is refused, with the rule and the reason, if it does not read, names what does not exist, says a rule twice,
has a non-terminal that cannot be reached, that never ends, or that derives nothing but itself, or adds tensors of
different shapes.

Source: Schrodi et al., NeurIPS 2023; Hopcroft, Motwani, Ullman, "Introduction to Automata Theory", section
7.1 (generating and reachable symbols, unit rules).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from nas_edu.search_spaces.grammar_term import (
    OPERATORS,
    PRIMITIVES,
    Term,
    check_symbol,
    halvings,
    read_term,
    suggest,
    times,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """`left -> right`; `symbols` are the non-terminals of the right side in the order of reading."""

    left: str
    right: Term
    symbols: tuple[str, ...] = ()

    @property
    def is_unit(self) -> bool:
        """Whether the right side is one non-terminal and nothing else."""
        return self.symbols == (self.right.name,)

    def __str__(self) -> str:
        return f"{self.left} -> {self.right}"


@dataclass(frozen=True)
class Rules:
    """A well-formed grammar: the rules of each non-terminal in the order of the text; the first one is the start.

    `least_depth` is the smallest height of a derivation tree from each non-terminal, a single rule counting 1.
    """

    of: dict[str, tuple[Rule, ...]]
    least_depth: dict[str, int]

    @property
    def start(self) -> str:
        """The non-terminal that a derivation begins with."""
        return next(iter(self.of))

    @property
    def all(self) -> list[Rule]:
        """All rules, in the order of their non-terminals."""
        return [rule for rules in self.of.values() for rule in rules]

    def least_depth_of(self, rule: Rule) -> int:
        """The smallest height of a derivation tree that begins with `rule`."""
        return 1 + max((self.least_depth[symbol] for symbol in rule.symbols), default=0)


def read_rules(text: str) -> Rules:
    """The grammar of a text. Raises ValueError with the rule and the reason if it is ill-formed."""
    if not isinstance(text, str):
        raise TypeError(f"a grammar is given as text, one rule a line; got {type(text).__name__} {text!r}")
    of: dict[str, list[Rule]] = {}
    lines = _alternatives(text)
    if not lines:
        raise ValueError("a grammar needs at least one rule, such as 'S -> conv'; the text has none")
    names = {left for left, _ in lines}
    for left, right in lines:
        rule = _read_rule(left, right, names)
        rules = of.setdefault(left, [])
        if rule in rules:
            raise _ill_formed(rule, "it is there twice")
        rules.append(rule)
    frozen = {left: tuple(rules) for left, rules in of.items()}
    grammar = Rules(frozen, _least_depths(frozen))
    for refuse in (_refuse_never_ending, _refuse_unreachable, _refuse_cycles_of_units, _refuse_shapes):
        refuse(grammar)
    return grammar


def _alternatives(text: str) -> list[tuple[str, str]]:
    """(left side, right side) of each rule, `|` written out."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*(?:->|→)(.*)", line, re.ASCII)
        if match is None and not (line.lstrip().startswith("|") and found):
            raise ValueError(
                f"line {number} is no rule: expected a non-terminal, '->' and a term, such as 'S -> Linear(S, conv)', "
                f"got {line.strip()!r}"
            )
        left, rights = (match[1], match[2]) if match else (found[-1][0], line.lstrip()[1:])
        found += [(left, right.strip()) for right in rights.split("|")]
    return found


def _read_rule(left: str, text: str, names: set[str]) -> Rule:
    shown = f"rule '{left} -> {text}'"
    if left in OPERATORS or left in PRIMITIVES:
        kind = "an operator" if left in OPERATORS else "a primitive"
        raise ValueError(f"{shown}: {left} is {kind} and cannot be derived; call the non-terminal something else")
    try:
        right, _ = read_term(text)
        for part in right.parts():
            if part.name not in names:
                if part.name not in OPERATORS and part.name not in PRIMITIVES:
                    raise ValueError(
                        f"{part.name} is undefined: no rule derives it, and it is neither a primitive "
                        f"({', '.join(PRIMITIVES)}) nor an operator ({', '.join(OPERATORS)})"
                        f"{suggest(part.name, *names)}"
                    )
                check_symbol(part)
            elif part.arguments:
                raise ValueError(f"{part.name} is a non-terminal and takes no arguments")
    except ValueError as error:
        raise ValueError(f"{shown}: {error}") from None
    return Rule(left, right, tuple(part.name for part in right.parts() if part.name in names))


def _least_depths(of: dict[str, tuple[Rule, ...]]) -> dict[str, int]:
    """Repeat `least(A) = min over A's rules of 1 + max over their symbols of least` until nothing changes."""
    least: dict[str, float] = dict.fromkeys(of, math.inf)
    while True:
        better = {
            left: min(1 + max((least[symbol] for symbol in rule.symbols), default=0) for rule in rules)
            for left, rules in of.items()
        }
        if better == least:
            return least  # type: ignore[return-value]  # the only infinities are refused at once
        least = better


def _refuse_never_ending(grammar: Rules) -> None:
    for left, depth in grammar.least_depth.items():
        if depth == math.inf:
            endless = [symbol for symbol, least in grammar.least_depth.items() if least == math.inf]
            raise _ill_formed(
                grammar.of[left][0],
                f"{left} never ends: each of its rules leads to {' or '.join(endless)} again; it needs a rule without",
            )


def _refuse_unreachable(grammar: Rules) -> None:
    reached, waiting = {grammar.start}, [grammar.start]
    while waiting:
        for rule in grammar.of[waiting.pop()]:
            new = set(rule.symbols) - reached
            reached |= new
            waiting += new
    for left, rules in grammar.of.items():
        if left not in reached:
            raise _ill_formed(rules[0], f"{left} is unreachable: no derivation from {grammar.start} leads to it")


def _refuse_cycles_of_units(grammar: Rules) -> None:
    import networkx as nx

    units = nx.DiGraph([(rule.left, rule.right.name) for rule in grammar.all if rule.is_unit])
    for cycle in nx.simple_cycles(units):
        way = " -> ".join([*cycle, cycle[0]])
        rule = next(rule for rule in grammar.all if rule.is_unit and rule.left in cycle and rule.right.name in cycle)
        raise _ill_formed(rule, f"{way} derives itself and nothing else, so each word has endlessly many derivations")


def _refuse_shapes(grammar: Rules) -> None:
    """All words of a non-terminal must halve the positions equally often; so every sum is of equal shapes."""
    known: dict[str, int] = {}
    while len(known) < len(grammar.of):  # all non-terminals end, so each pass finds one
        for rule in grammar.all:
            if rule.left not in known and set(rule.symbols) <= known.keys():
                known[rule.left] = _halvings_of(rule, known)
    for rule in grammar.all:
        if (halved := _halvings_of(rule, known)) != known[rule.left]:
            raise _ill_formed(
                rule,
                f"it halves the positions {times(halved)}, another rule of {rule.left} {times(known[rule.left])}; "
                "each number of halvings needs a non-terminal of its own",
            )


def _halvings_of(rule: Rule, known: dict[str, int]) -> int:
    try:
        return halvings(rule.right, known)
    except ValueError as error:
        raise _ill_formed(rule, str(error)) from None


def _ill_formed(rule: Rule, reason: str) -> ValueError:
    return ValueError(f"rule '{rule}': {reason}")
