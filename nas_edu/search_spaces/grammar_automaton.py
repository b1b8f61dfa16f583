"""Which terms does a grammar derive, and how many? A bottom-up tree automaton answers both.

The state of a term is its profile: from which non-terminals it can be derived, and by what least height of a derivation
tree. It follows from the operator and the profiles of the arguments alone:

    P(f(t_1, ..., t_n))[A] = min over rules A -> f(B_1, ..., B_n) of 1 + max over i of P(t_i)[B_i]
    P(t)[A]                = min(that, 1 + P(t)[B]) over unit rules A -> B

A term may have several derivations (an ambiguous grammar), but it has one profile. So no word is counted twice: let
N(p) be the number of terms with profile p; an operator's arguments are chosen independently, so

    N(p) = sum over operators f and profiles p_1, ..., p_n that give p of N(p_1) * ... * N(p_n)

Right sides deeper than one operator are split by helper symbols, which cost no height.

Source: Comon et al., "Tree Automata Techniques and Applications", sections 1.1 and 2.1.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from nas_edu.search_spaces.grammar_rules import Rules
from nas_edu.search_spaces.grammar_term import Term

Symbol = str | Term
"""A non-terminal, or the part of a right side that a helper symbol stands for."""
Profile = frozenset[tuple[Symbol, int]]


class Automaton:
    """Profiles of terms under `rules`, and how many words there are."""

    def __init__(self, rules: Rules) -> None:
        self.start = rules.start
        self._flat: dict[tuple[str, int], set[tuple[Symbol, tuple[Symbol, ...], int]]] = defaultdict(set)
        self._units: list[tuple[str, str]] = []
        self._names = set(rules.of)
        for rule in rules.all:
            if rule.is_unit:
                self._units.append((rule.left, rule.right.name))
            else:
                self._split(rule.left, rule.right, cost=1)

    def _split(self, left: Symbol, right: Term, cost: int) -> None:
        """One operator a rule: `A -> f(g(B), C)` becomes `A -> f(H, C)` and, at no cost, `H -> g(B)`."""
        symbols = tuple(part.name if part.name in self._names else part for part in right.arguments)
        self._flat[right.name, len(symbols)].add((left, symbols, cost))
        for symbol in symbols:
            if isinstance(symbol, Term):
                self._split(symbol, symbol, cost=0)

    def profiles(self, word: Term) -> dict[Term, Profile]:
        """The profile of the word and of all terms in it."""
        found: dict[Term, Profile] = {}
        for term in reversed(list(word.parts())):  # arguments come before what they are arguments of
            least = [dict(found[argument]) for argument in term.arguments]
            derived = []
            for left, symbols, cost in self._flat.get((term.name, len(least)), ()):
                below = [depths[symbol] for symbol, depths in zip(symbols, least, strict=True) if symbol in depths]
                if len(below) == len(symbols):
                    derived.append((left, cost + max(below, default=0)))
            found[term] = self._closed(derived)
        return found

    def _closed(self, derived: list[tuple[Symbol, int]], max_depth: float = math.inf) -> Profile:
        """The least depth of each symbol, unit rules applied, what is too deep dropped."""
        least: dict[Symbol, int] = {}
        for symbol, depth in derived:
            least[symbol] = min(depth, least.get(symbol, depth))
        for _ in self._units:  # they form no cycle, so at most all of them follow each other
            for left, right in self._units:
                if right in least:
                    depth = least[right] + 1
                    least[left] = min(depth, least.get(left, depth))
        return frozenset((symbol, depth) for symbol, depth in least.items() if depth <= max_depth)

    def count(self, max_depth: int) -> int:
        """The number of words whose least derivation tree is no higher than `max_depth`, exactly."""
        terms: Counter[Profile] = Counter()  # of at most h nested operators; h grows until nothing is new
        while True:
            grown: Counter[Profile] = Counter()
            for name, arity in self._flat:
                grown.update(self._combined(name, arity, terms, max_depth))
            if grown == terms:
                return sum(number for profile, number in terms.items() if self.start in dict(profile))
            terms = grown

    def _combined(self, name: str, arity: int, terms: Counter[Profile], max_depth: int) -> Counter[Profile]:
        """How many terms `name(...)` with arguments from `terms` have each profile.

        Argument by argument: what is remembered of those so far is, for each rule, the greatest depth, or None where
        one did not fit. So six arguments with ten profiles take 60 steps or so, not 10^6.
        """
        flat = list(self._flat[name, arity])
        so_far: Counter[tuple[int | None, ...]] = Counter({(0,) * len(flat): 1})
        for place in range(arity):
            grown: Counter[tuple[int | None, ...]] = Counter()
            for depths, number in so_far.items():
                for profile, many in terms.items():
                    least = dict(profile)
                    below = [least.get(symbols[place]) for _, symbols, _ in flat]
                    deeper = tuple(
                        None if a is None or b is None else max(a, b) for a, b in zip(depths, below, strict=True)
                    )
                    if any(depth is not None for depth in deeper):
                        grown[deeper] += number * many
            so_far = grown
        result: Counter[Profile] = Counter()
        for depths, number in so_far.items():
            derived = [
                (left, cost + depth) for (left, _, cost), depth in zip(flat, depths, strict=True) if depth is not None
            ]
            if profile := self._closed(derived, max_depth):
                result[profile] += number
        return result


def count_derivations(rules: Rules, max_depth: int) -> int:
    """The number of derivation trees no higher than `max_depth`: D(A) = sum over A's rules of prod over B of D(B)."""
    trees = dict.fromkeys(rules.of, 0)
    for _ in range(max_depth):
        trees = {
            left: sum(math.prod(trees[symbol] for symbol in rule.symbols) for rule in alternatives)
            for left, alternatives in rules.of.items()
        }
    return trees[rules.start]


def log10_derivations(rules: Rules, max_depth: int) -> float:
    """The same, as its logarithm: tells beforehand whether there are too many digits to count."""
    logs = dict.fromkeys(rules.of, -math.inf)
    for _ in range(max_depth):
        logs = {
            left: _log10_of_sum([sum(logs[symbol] for symbol in rule.symbols) for rule in alternatives])
            for left, alternatives in rules.of.items()
        }
    return logs[rules.start]


def _log10_of_sum(logs: list[float]) -> float:
    largest = max(logs)
    return largest if largest == -math.inf else largest + math.log10(sum(10 ** (log - largest) for log in logs))
