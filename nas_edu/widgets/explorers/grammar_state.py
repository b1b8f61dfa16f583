"""The state of the grammar deriver, and what each action makes of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache

from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar import Grammar
from nas_edu.search_spaces.grammar_rules import Rule
from nas_edu.search_spaces.grammar_term import Path


@dataclass(frozen=True)
class GrammarState:
    """`tree` is the derivation so far, `selected` the way to one of its open nodes, if any; `draws` counts choices.

    `problem` says what is wrong with `rules`; while something is, `tree` is a mere start symbol.
    """

    rules: str
    max_depth: int
    tree: Derivation
    selected: Path | None = ()
    problem: str = ""
    draws: int = 0


@lru_cache(maxsize=32)
def grammar_of(rules: str, max_depth: int) -> Grammar:
    """The grammar of a text. Raises ValueError as `Grammar` does."""
    return Grammar(rules, max_depth)


def start(rules: str, max_depth: int, draws: int = 0) -> GrammarState:
    """The start symbol of these rules, or what is wrong with them."""
    try:
        return GrammarState(rules, max_depth, Derivation(grammar_of(rules, max_depth).start), draws=draws)
    except ValueError as error:
        return GrammarState(rules, max_depth, Derivation("S"), None, str(error), draws)


def choices(state: GrammarState) -> list[Rule]:
    """The rules that can be applied to the selected node."""
    if state.problem or state.selected is None:
        return []
    return grammar_of(state.rules, state.max_depth).choices(state.tree, state.selected)


def select(state: GrammarState, path: Path) -> GrammarState:
    """Select an open node; one that was derived is opened again, and what hung on it is gone."""
    node = state.tree.part(path)
    tree = state.tree if node.rule is None else state.tree.with_part(path, Derivation(node.symbol))
    return replace(state, tree=tree, selected=path)


def apply(state: GrammarState, rule: Rule) -> GrammarState:
    """Apply a rule to the selected node, and select the next open one."""
    assert state.selected is not None
    tree = state.tree.applied(state.selected, rule)
    return replace(state, tree=tree, selected=next(iter(tree.open_places), None))


def step(state: GrammarState) -> GrammarState:
    """One of the rules that fit the selected node, all equally likely."""
    rule = random.Random(state.draws).choice(choices(state))
    return apply(replace(state, draws=state.draws + 1), rule)


def finish(state: GrammarState) -> GrammarState:
    """Step until nothing is open; from a finished word, derive another one."""
    if state.selected is None:
        state = start(state.rules, state.max_depth, state.draws)
    while state.selected is not None:
        state = step(state)
    return state
