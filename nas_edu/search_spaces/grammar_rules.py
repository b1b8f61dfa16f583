"""The rules of a context-free grammar as text, and everything that can be wrong with them.

    S -> Linear(S, S, S) | Residual(S, S, S)
    S -> conv | id | linear

One line a rule: a non-terminal, an arrow, and what may replace it, alternatives separated by `|` (a line that begins
with `|` goes on with the last non-terminal). Names on the left are the non-terminals, the first one is the start; all
others are operations of the vocabulary. So a right side is a term, and a sentence of the grammar reads as a function in
one way only, which a context-free grammar over bare symbols would not promise.

A grammar is refused, with the rule and the reason, if it does not read, names what does not exist, says a rule twice,
has a non-terminal that cannot be reached, that never ends, or that derives nothing but itself, or is ill-typed: an
operation gets what it cannot read, or two rules of one non-terminal deliver different types.

Source: Schrodi et al., NeurIPS 2023; Hopcroft, Motwani, Ullman, "Introduction to Automata Theory", section
7.1 (generating and reachable symbols, unit rules).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from nas_edu.core.names import did_you_mean
from nas_edu.search_spaces.vocabulary import TENSOR, Term, Type, Vocabulary

MOST_DEPTH = 40  # levels of a derivation tree


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

    least_depth    the smallest height of a derivation tree from each non-terminal, a single rule counting 1
    bottom_up      the non-terminals in an order in which B comes before A where there is a rule A -> B
    """

    of: dict[str, tuple[Rule, ...]]
    least_depth: dict[str, int]
    bottom_up: tuple[str, ...]

    @property
    def start(self) -> str:
        """The non-terminal that a derivation begins with."""
        return next(iter(self.of))

    @property
    def all(self) -> list[Rule]:
        """All rules, in the order of their non-terminals."""
        return [rule for rules in self.of.values() for rule in rules]

    def fitting(self, symbol: str, depth: int) -> list[Rule]:
        """The rules of a non-terminal from which a tree of height `depth` or less can be completed."""
        least = self.least_depth
        return [rule for rule in self.of[symbol] if max((least[child] for child in rule.symbols), default=0) < depth]

    def nested(self, depth: int) -> int:
        """How deep the words of trees of height `depth` may be nested at most."""
        deepest = dict.fromkeys(self.of, 0)
        for _ in range(depth):
            deepest = {left: max(_nested(rule.right, deepest) for rule in rules) for left, rules in self.of.items()}
        return deepest[self.start]


def _nested(right: Term, deepest: dict[str, int]) -> int:
    if not right.arguments:
        return deepest.get(right.name, 0)
    return 1 + max(_nested(argument, deepest) for argument in right.arguments)


def read_rules(text: str, vocabulary: Vocabulary) -> Rules:
    """The grammar of a text. Raises ValueError with the rule and the reason if it is ill-formed."""
    if not isinstance(text, str):
        raise TypeError(f"a grammar is given as text, one rule a line; got {type(text).__name__} {text!r}")
    lines = _alternatives(text)
    if not lines:
        raise ValueError("a grammar needs at least one rule, such as 'S -> conv'; the text has none")
    of: dict[str, tuple[Rule, ...]] = {left: () for left, _ in lines}
    for left, right in lines:
        rule = _read_rule(left, right, of.keys(), vocabulary)
        if rule in of[left]:
            raise _ill_formed(rule, "it is there twice")
        of[left] += (rule,)
    least_depth = _least_depths(of)
    _refuse_unreachable(of)
    grammar = Rules(of, least_depth, _bottom_up(of))
    _refuse_types(grammar)
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


def _read_rule(left: str, text: str, symbols: Collection[str], vocabulary: Vocabulary) -> Rule:
    try:
        if left in vocabulary.operations:
            kind = "a primitive" if left in vocabulary.primitives else "an operator"
            raise ValueError(f"{left} is {kind} and cannot be derived; call the non-terminal something else")
        right, _ = vocabulary.read(text)
        for part in right.parts():
            if part.name in symbols:
                if part.arguments:
                    raise ValueError(f"{part.name} is a non-terminal and takes no arguments")
            elif part.name in vocabulary.operations:
                vocabulary.check(part)
            else:
                raise ValueError(
                    f"{part.name} is undefined: no rule derives it, and it is not among {vocabulary}"
                    f"{did_you_mean(part.name, [*vocabulary.operations, *symbols])}"
                )
    except ValueError as error:
        raise ValueError(f"rule '{left} -> {text}': {error}") from None
    return Rule(left, right, tuple(part.name for part in right.parts() if part.name in symbols))


def _least_depths(of: dict[str, tuple[Rule, ...]]) -> dict[str, int]:
    """Level by level: a non-terminal ends at the first level at which one of its rules needs only lower ones."""
    least: dict[str, int] = {}
    for level in range(1, len(of) + 1):
        ending = [left for left in of if left not in least and any(least.keys() >= set(r.symbols) for r in of[left])]
        least |= dict.fromkeys(ending, level)
    endless = [left for left in of if left not in least]
    for left in endless:
        raise _ill_formed(
            of[left][0],
            f"{left} never ends: each of its rules leads to {' or '.join(endless)} again; it needs a rule without",
        )
    return least


def _refuse_unreachable(of: dict[str, tuple[Rule, ...]]) -> None:
    start = next(iter(of))
    reached, waiting = {start}, [start]
    while waiting:
        for rule in of[waiting.pop()]:
            new = set(rule.symbols) - reached
            reached |= new
            waiting += new
    for left, rules in of.items():
        if left not in reached:
            raise _ill_formed(rules[0], f"{left} is unreachable: no derivation from {start} leads to it")


def _bottom_up(of: dict[str, tuple[Rule, ...]]) -> tuple[str, ...]:
    units = {left: [rule.right.name for rule in rules if rule.is_unit] for left, rules in of.items()}
    try:
        return tuple(TopologicalSorter(units).static_order())
    except CycleError as error:
        cycle = error.args[1][::-1]  # each is derived from the one before
        rule = next(rule for rule in of[cycle[0]] if rule.is_unit and rule.right.name == cycle[1])
        raise _ill_formed(
            rule, f"{' -> '.join(cycle)} derives itself and nothing else, so each word has endlessly many derivations"
        ) from None


def _refuse_types(grammar: Rules) -> None:
    """All words of a non-terminal must deliver one type, those of the start a tensor; so whatever is added fits."""
    known: dict[str, Type] = {}
    while len(known) < len(grammar.of):  # all non-terminals end, so each pass finds one
        for rule in grammar.all:
            if rule.left not in known and known.keys() >= set(rule.symbols):
                known[rule.left] = _type(rule, known)
    for rule in grammar.all:
        if (delivered := _type(rule, known)) != known[rule.left]:
            raise _ill_formed(
                rule,
                f"it delivers {delivered}, another rule of {rule.left} {known[rule.left]}; "
                "each type needs a non-terminal of its own",
            )
    if known[grammar.start].kind != TENSOR:
        raise _ill_formed(
            grammar.of[grammar.start][0], f"the start must deliver a tensor; it delivers {known[grammar.start]}"
        )


def _type(rule: Rule, known: dict[str, Type]) -> Type:
    try:
        return rule.right.type(known)
    except ValueError as error:
        raise _ill_formed(rule, str(error)) from None


def _ill_formed(rule: Rule, reason: str) -> ValueError:
    return ValueError(f"rule '{rule}': {reason}")
