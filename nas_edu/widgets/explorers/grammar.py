"""The grammar deriver: apply rules one by one, or let chance do it, and watch tree and architecture grow.

    explore_grammar(FUNCTIONS)

Click an open node of the tree, then a rule that fits it; click a derived node, and it is open again. The rules can be
edited: an ill-formed grammar answers with what is wrong, and derives nothing until it is mended.
"""

from __future__ import annotations

import math
import random
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from nas_edu.draw.marks import Arrow, Box, Diagram, Panel, Prose, TextTable
from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar import Grammar
from nas_edu.search_spaces.grammar_rules import Rule
from nas_edu.search_spaces.ready_grammars import FUNCTIONS
from nas_edu.search_spaces.vocabulary import LAYERS, Path, Term, Vocabulary
from nas_edu.widgets.controls import Button, Control, Slider, TextField
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

DEEPEST = 5
MOST_LETTERS = 110  # of the sentential form, in the line above the pictures
ROWS = 11  # of boxes above each other that fit into a picture
GAP = 0.01  # between boxes, as a fraction of the picture
Place = tuple[float, float, float, float]  # x, y, width, height as fractions of the picture


def explore_grammar(grammar: Grammar | str = FUNCTIONS, max_depth: int = 3) -> Explorer[GrammarState]:
    """Derive words of a grammar by hand; Python drives it too: `explorer.click("rule 0")`.

    grammar    a `Grammar`, or rules as text (one a line, `|` between alternatives); ill-formed rules may be mended
    max_depth  levels of the derivation tree, 1 to 5; a `Grammar` brings its own
    """
    vocabulary = LAYERS
    if isinstance(grammar, Grammar):
        rules, max_depth, vocabulary = as_text(grammar), grammar.max_depth, grammar.vocabulary
    else:
        rules = grammar
    if not 1 <= max_depth <= DEEPEST:
        raise ValueError(f"max_depth goes from 1 to {DEEPEST}: deeper trees are too large to look at; got {max_depth}")
    return present(
        Explorer(
            start(rules, max_depth, vocabulary),
            [rules_view, tree_view, architecture_view],
            _controls,
            title="Grammar deriver",
            on_click=_on_click,
            status=_status,
            on_undo=lambda earlier, now: replace(earlier, draws=now.draws),
        )
    )


def as_text(grammar: Grammar) -> str:
    """The rules, one line for each non-terminal."""
    return "\n".join(
        f"{left} -> {' | '.join(str(rule.right) for rule in rules)}" for left, rules in grammar.rules.of.items()
    )


def _controls(state: GrammarState) -> list[Control]:
    def again(now: GrammarState) -> GrammarState:
        return start(now.rules, now.max_depth, now.vocabulary, now.draws)

    def set_levels(now: GrammarState, depth: float) -> GrammarState:
        return again(replace(now, max_depth=int(depth)))

    return [
        Button("Step", step, enabled=bool(choices(state)), main=True),
        Button("Derive at random", finish, enabled=not state.problem),
        Button("Start again", again),
        Slider("levels", 1, DEEPEST, state.max_depth, set_levels, label="Levels of the tree"),
        TextField("rules", state.rules, lambda now, text: again(replace(now, rules=text)), 4, "Rules"),
    ]


def _on_click(state: GrammarState, key: str) -> GrammarState:
    """`rule 3` applies that rule to the selected node; `node 0.2` selects the third child of the first child."""
    kind, _, rest = key.partition(" ")
    if kind == "rule":
        return apply(state, state.grammar.rules.all[int(rest)])
    return select(state, tuple(map(int, rest.split("."))) if rest else ())


def _status(state: GrammarState) -> str:
    if state.problem:
        return "This grammar is ill-formed: mend the rules, or allow more levels."
    form = str(state.tree)
    form = form if len(form) <= MOST_LETTERS else f"{form[: MOST_LETTERS - 4]} ..."
    return f"{form}   (one of {_count(state)})"


def _count(state: GrammarState) -> str:
    try:
        size = state.grammar.size
    except OverflowError:
        return "too many derivations to count"
    return f"{size:,} derivations" if size < 10**12 else f"about 10^{math.log10(size):.0f} derivations"


# --- the state, and what each action makes of it ---------------------------------------------------------------------


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
    vocabulary: Vocabulary = LAYERS

    @property
    def grammar(self) -> Grammar:
        """The grammar of the rules. Raises ValueError as `Grammar` does."""
        return grammar_of(self.rules, self.max_depth, self.vocabulary)


grammar_of = lru_cache(maxsize=32)(Grammar)


def start(rules: str, max_depth: int, vocabulary: Vocabulary = LAYERS, draws: int = 0) -> GrammarState:
    """The start symbol of these rules, or what is wrong with them."""
    try:
        tree = Derivation(grammar_of(rules, max_depth, vocabulary).start)
    except ValueError as error:
        return GrammarState(rules, max_depth, Derivation("S"), None, str(error), draws, vocabulary)
    return GrammarState(rules, max_depth, tree, draws=draws, vocabulary=vocabulary)


def choices(state: GrammarState) -> list[Rule]:
    """The rules that can be applied to the selected node."""
    if state.problem or state.selected is None:
        return []
    return state.grammar.choices(state.tree, state.selected)


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
        state = start(state.rules, state.max_depth, state.vocabulary, state.draws)
    while state.selected is not None:
        state = step(state)
    return state


# --- pictures --------------------------------------------------------------------------------------------------------


def rules_view(state: GrammarState) -> Panel:
    """The rules; those that fit the selected node can be clicked. Of an ill-formed grammar, what is wrong."""
    if state.problem:
        message = Prose([in_short(state.problem)])
        return Panel("Rules", [message], subtitle="this grammar is ill-formed", alt=state.problem)
    fitting = choices(state)
    rules = state.grammar.rules.all
    shown = [rule for rule in rules if rule in fitting] or rules
    rows = [(f"{rule.left} →", str(rule.right)) for rule in shown[:ROWS]]
    keys = [f"rule {rules.index(rule)}" if fitting else "" for rule in shown[:ROWS]]
    if state.selected is None:
        subtitle = "nothing is open: the word is complete"
    else:
        subtitle = f"click one to apply it to the marked {state.tree.part(state.selected).symbol}"
    return Panel("Rules", [TextTable(rows, keys)], subtitle=subtitle)


def in_short(problem: str) -> str:
    """An error as it fits into a panel: of quotations, long names and, if need be, of all the middle is left out."""
    for long in (r"(?<=')([^']{25})[^']{20,}([^']{25})(?=')", r"(\S{25})\S{20,}(\S{25})"):
        problem = re.sub(long, r"\1 ... \2", problem)
    lines = textwrap.wrap(problem, 45)
    return " ".join(lines if len(lines) <= ROWS else [*lines[:5], "...", *lines[-5:]])


def tree_view(state: GrammarState) -> Panel:
    """The derivation tree, the root on the left; open nodes show their non-terminal."""
    if state.problem:
        return Panel("Derivation tree", [Diagram([])], subtitle="no derivation without well-formed rules")
    depth = _deepest_that_fits(state.tree)
    columns = state.max_depth
    leaves = [path for path, node in state.tree.parts() if _is_leaf(path, node, depth)]
    height = 1 / max(len(leaves), 5)
    blocks: list[Box] = []
    arrows: list[Arrow] = []
    place: dict[Path, int] = {}
    for path, node in state.tree.parts():
        if len(path) > depth:
            continue
        below = [row for row, leaf in enumerate(leaves) if leaf[: len(path)] == path]
        y = (below[0] + below[-1] + 1) / 2 * height
        x, width = len(path) / columns, 1 / columns - 0.11
        folded = len(path) == depth and bool(node.children)
        marked = path == state.selected
        key = "node " + ".".join(map(str, path))
        text = _node_text(node) + " ..." * folded
        blocks.append(Box(text, x, y - 0.36 * height, width, 0.72 * height, marked, key=key))
        place[path] = len(blocks) - 1
        if path:
            arrows.append(Arrow(place[path[:-1]], place[path]))
    open_nodes = len(state.tree.open_places)
    subtitle = f"{open_nodes} open; click one to select it" if open_nodes else "complete; click a node to open it again"
    return Panel("Derivation tree", [Diagram(blocks, arrows)], subtitle=subtitle, alt=f"Derivation of {state.tree}")


def _is_leaf(path: Path, node: Derivation, depth: int) -> bool:
    return len(path) == depth or (len(path) < depth and not node.children)


def _deepest_that_fits(tree: Derivation) -> int:
    """Down to which level the tree is shown: deeper ones would need more rows than there are."""
    for depth in range(tree.depth, 0, -1):
        if sum(_is_leaf(path, node, depth) for path, node in tree.parts()) <= ROWS:
            return depth
    return 0


def _node_text(node: Derivation) -> str:
    return node.symbol if node.rule is None else node.rule.right.name


def architecture_view(state: GrammarState) -> Panel:
    """What is derived so far: boxes in boxes. Data flow from top to bottom; what stands side by side is added."""
    if state.problem:
        return Panel("Architecture", [Diagram([])])
    word = state.tree.word
    depth = next((depth for depth in range(word.nested, 0, -1) if rows(word, depth) <= ROWS), 0)
    blocks = list(boxes(word, (0.0, 0.0, 1.0, 1.0), depth))
    return Panel(
        "Architecture", [Diagram(blocks)], subtitle="downwards; side by side: added", alt=f"Architecture {word}"
    )


def columns_of(word: Term) -> list[list[Term]]:
    """The outermost operation as columns side by side, each a stack of terms; [] where it is no such thing."""
    arguments = list(word.arguments)
    match word.name:
        case "Residual":
            return [[*arguments[:-2], arguments[-1]], [arguments[-2]]]
        case "Diamond":
            return [[arguments[0], arguments[2]], [arguments[1], arguments[3]]]
    if not all(sources == (number,) and target == number + 1 for number, (sources, target, _) in enumerate(word.links)):
        return []
    carried = (carries for _, _, carries in word.links)  # a chain
    return [[each if isinstance(each, Term) else word.vocabulary.term(each.name) for each in carried]]


def rows(word: Term, depth: int) -> int:
    """How many lines stand above each other where the word is opened `depth` levels deep."""
    if depth == 0 or not word.arguments:
        return 1
    if word.name == "Cell":
        return 3
    return max((sum(rows(term, depth - 1) for term in column) for column in columns_of(word)), default=1)


def boxes(word: Term, box: Place, depth: int) -> Iterator[Box]:
    """A box, or a frame with the boxes of its columns in it; each as high as the rows it needs."""
    x, y, width, height = box
    inner = (x + GAP, y + GAP, width - 2 * GAP, height - 2 * GAP)
    if depth == 0 or not word.arguments:
        yield Box(word.name + "(...)" * bool(word.arguments), *inner)
        return
    if word.name == "Cell":
        names = [argument.name for argument in word.arguments]
        into = [names[:1], names[1:3], names[3:]]
        yield Box("\n".join(f"into x{j}: {', '.join(part)}" for j, part in enumerate(into, 1)), *inner)
        return
    columns = columns_of(word)
    yield Box("" if columns else str(word), *inner, frame=bool(columns))
    for number, column in enumerate(columns):
        needed = [rows(term, depth - 1) for term in column]
        each, top = inner[3] / sum(needed), inner[1]
        for term, count in zip(column, needed, strict=True):
            part = (inner[0] + number * inner[2] / len(columns), top, inner[2] / len(columns), count * each)
            yield from boxes(term, part, depth - 1)
            top += count * each
