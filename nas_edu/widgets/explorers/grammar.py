"""The grammar deriver: apply rules one by one, or let chance do it, and watch tree and architecture grow.

    explore_grammar(FUNCTIONS)

Click an open node of the tree, then a rule that fits it; click a derived node, and it is open again. The rules can be
edited: an ill-formed grammar answers with what is wrong, and derives nothing until it is mended.
"""

from __future__ import annotations

import math

from nas_edu.search_spaces.grammar import Grammar
from nas_edu.search_spaces.ready_grammars import FUNCTIONS
from nas_edu.widgets.controls import Button, Control, Slider, TextField
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.explorers import grammar_state as act
from nas_edu.widgets.explorers.grammar_state import GrammarState, grammar_of
from nas_edu.widgets.explorers.grammar_views import architecture_view, rules_view, tree_view
from nas_edu.widgets.present import present

DEEPEST = 5
MOST_LETTERS = 110  # of the sentential form, in the line above the pictures


def explore_grammar(grammar: Grammar | str = FUNCTIONS, max_depth: int = 3) -> Explorer[GrammarState]:
    """Derive words of a grammar by hand; Python drives it too: `explorer.click("rule 0")`.

    grammar    a `Grammar`, or rules as text (one a line, `|` between alternatives); ill-formed rules may be mended
    max_depth  levels of the derivation tree, 1 to 5; a `Grammar` brings its own
    """
    if isinstance(grammar, Grammar):
        rules, max_depth = as_text(grammar), grammar.max_depth
    else:
        rules = grammar
    if not 1 <= max_depth <= DEEPEST:
        raise ValueError(f"max_depth goes from 1 to {DEEPEST}: deeper trees are too large to look at; got {max_depth}")
    return present(
        Explorer(
            act.start(rules, max_depth),
            [rules_view, tree_view, architecture_view],
            _controls,
            title="Grammar deriver",
            on_click=_on_click,
            status=_status,
            on_undo=lambda earlier, now: act.replace(earlier, draws=now.draws),
        )
    )


def as_text(grammar: Grammar) -> str:
    """The rules, one line for each non-terminal."""
    return "\n".join(
        f"{left} -> {' | '.join(str(rule.right) for rule in rules)}" for left, rules in grammar.rules.of.items()
    )


def _controls(state: GrammarState) -> list[Control]:
    can_step = bool(act.choices(state))
    return [
        Button("Step", act.step, enabled=can_step, main=True),
        Button("Derive at random", act.finish, enabled=not state.problem),
        Button("Start again", lambda now: act.start(now.rules, now.max_depth, now.draws)),
        Slider(
            "levels",
            1,
            DEEPEST,
            state.max_depth,
            lambda now, depth: act.start(now.rules, int(depth), now.draws),
            label="Levels of the tree",
        ),
        TextField("rules", state.rules, lambda now, text: act.start(text, now.max_depth, now.draws), 4, "Rules"),
    ]


def _on_click(state: GrammarState, key: str) -> GrammarState:
    """`rule 3` applies that rule to the selected node; `node 0.2` selects the third child of the first child."""
    kind, _, rest = key.partition(" ")
    if kind == "rule":
        return act.apply(state, grammar_of(state.rules, state.max_depth).rules.all[int(rest)])
    return act.select(state, tuple(map(int, rest.split("."))) if rest else ())


def _status(state: GrammarState) -> str:
    if state.problem:
        return "This grammar is ill-formed: mend the rules, or allow more levels."
    form = str(state.tree)
    form = form if len(form) <= MOST_LETTERS else f"{form[: MOST_LETTERS - 4]} ..."
    return f"{form}   (one of {_count(state)})"


def _count(state: GrammarState) -> str:
    try:
        size = grammar_of(state.rules, state.max_depth).size
    except OverflowError:
        return "too many words to count"
    return f"{size:,} words" if size < 10**12 else f"about 10^{math.log10(size):.0f} words"
