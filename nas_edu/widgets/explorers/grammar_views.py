"""The pictures of the grammar deriver: the rules, the derivation tree, and the architecture as nested boxes."""

from __future__ import annotations

from collections.abc import Iterator

from nas_edu.draw.marks import Arrow, Box, Diagram, Panel, Prose, TextTable
from nas_edu.search_spaces.derivation import Derivation
from nas_edu.search_spaces.grammar_term import Path, Term
from nas_edu.widgets.explorers.grammar_state import GrammarState, choices, grammar_of

ROWS = 11  # of boxes above each other that fit into a picture
GAP = 0.01  # between boxes, as a fraction of the picture
Place = tuple[float, float, float, float]  # x, y, width, height as fractions of the picture


def rules_view(state: GrammarState) -> Panel:
    """The rules; those that fit the selected node can be clicked. Of an ill-formed grammar, what is wrong."""
    if state.problem:
        return Panel("Rules", [Prose([state.problem])], subtitle="this grammar is ill-formed", alt=state.problem)
    fitting = choices(state)
    rules = grammar_of(state.rules, state.max_depth).rules.all
    shown = [rule for rule in rules if rule in fitting] or rules
    rows = [(f"{rule.left} →", str(rule.right)) for rule in shown[:ROWS]]
    keys = [f"rule {rules.index(rule)}" if fitting else "" for rule in shown[:ROWS]]
    if state.selected is None:
        subtitle = "nothing is open: the word is complete"
    else:
        subtitle = f"click one to apply it to the marked {state.tree.part(state.selected).symbol}"
    return Panel("Rules", [TextTable(rows, keys)], subtitle=subtitle)


def tree_view(state: GrammarState) -> Panel:
    """The derivation tree, the root on the left; open nodes show their non-terminal."""
    if state.problem:
        return Panel("Derivation tree", [Diagram([])], subtitle="no derivation without well-formed rules")
    depth = _deepest_that_fits(state.tree)
    columns = max(grammar_of(state.rules, state.max_depth).max_depth, 1)
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
    word = state.tree.form
    depth = next((depth for depth in range(word_depth(word), 0, -1) if rows(word, depth) <= ROWS), 0)
    blocks = list(boxes(word, (0.0, 0.0, 1.0, 1.0), depth))
    return Panel(
        "Architecture", [Diagram(blocks)], subtitle="downwards; side by side: added", alt=f"Architecture {word}"
    )


def word_depth(word: Term) -> int:
    return 1 + max(map(word_depth, word.arguments)) if word.arguments else 0


def columns_of(word: Term) -> list[list[Term]]:
    """The outermost operator as columns side by side, each a stack of terms from top to bottom."""
    arguments = list(word.arguments)
    match word.name:
        case "Residual":
            return [[*arguments[:-2], arguments[-1]], [arguments[-2]]]
        case "Diamond":
            return [[arguments[0], arguments[2]], [arguments[1], arguments[3]]]
        case "Stages":
            return [[arguments[0], Term("down"), arguments[0], Term("down"), arguments[0]]]
    return [arguments]


def rows(word: Term, depth: int) -> int:
    """How many lines stand above each other where the word is opened `depth` levels deep."""
    if depth == 0 or not word.arguments:
        return 1
    if word.name == "Cell":
        return 3
    return max(sum(rows(term, depth - 1) for term in column) for column in columns_of(word))


def boxes(word: Term, box: Place, depth: int) -> Iterator[Box]:
    """A box, or a frame with the boxes of its columns in it; each as high as the rows it needs."""
    x, y, width, height = box
    inner = (x + GAP, y + GAP, width - 2 * GAP, height - 2 * GAP)
    if depth == 0 or not word.arguments:
        name = word.name + "(...)" * bool(word.arguments)
        yield Box(name, *inner)
        return
    if word.name == "Cell":
        names = [argument.name for argument in word.arguments]
        into = [names[:1], names[1:3], names[3:]]
        yield Box("\n".join(f"into x{j}: {', '.join(part)}" for j, part in enumerate(into, 1)), *inner)
        return
    yield Box("", *inner, frame=True)
    columns = columns_of(word)
    for number, column in enumerate(columns):
        needed = [rows(term, depth - 1) for term in column]
        each, top = inner[3] / sum(needed), inner[1]
        for term, count in zip(column, needed, strict=True):
            part = (inner[0] + number * inner[2] / len(columns), top, inner[2] / len(columns), count * each)
            yield from boxes(term, part, depth - 1)
            top += count * each
