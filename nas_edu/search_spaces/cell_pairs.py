"""What spaces of a normal and a reduction cell share: their text, one order of nodes, a change in one of the two.

Pairs of cells (normal, reduction) as text: a short form of our own, and the literal in which papers publish them.

    short       normal |sep_conv_3x3~1|skip_connect~0|+|...| reduce |max_pool_3x3~0|...|
    published   Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=[2, 3, 4, 5], reduce=[...], reduce_concat=...)

`op~i` is operation `op` on state i. States 0 and 1 are the outputs of the last but one and of the last cell, states 2,
3, ... the cell's own nodes. Text from a paper or a repository is untrusted: it is read by `ast` and never evaluated.

Source of the published form: the code of Liu et al., DARTS, ICLR 2019 (github.com/quark0/darts, cnn/genotypes.py).

`canonical_order` is one form for all cells that differ only in the order in which nodes and inputs are written down.

A cell with inputs 0 and 1 and nodes 2, 3, ... names its nodes in some topological order. Another such order, or the two
edges of a node swapped, is the same graph, and so the same network once its weights are renamed along: sums commute,
and where results are concatenated, the next layer's weights follow their channels.

    canonical(nodes) = min over topological orders p of relabel(nodes, p), the edges of each node sorted

Two cells are isomorphic (inputs fixed, operations and combinations kept) exactly if their canonical forms are equal.
Five nodes have at most 120 orders, so they are simply all tried.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeVar

Cell = TypeVar("Cell")
Cell_co = TypeVar("Cell_co", covariant=True)


class CellPair(Protocol[Cell_co]):
    """What has a normal and a reduction cell."""

    @property
    def normal(self) -> Cell_co: ...

    @property
    def reduce(self) -> Cell_co: ...


def changed_in_one_cell(pair: CellPair[Cell], cell_neighbors: Callable[[Cell], list[Cell]]) -> list[tuple[Cell, Cell]]:
    """All (normal, reduce) in which one cell is a neighbour of the pair's own, and the other cell stays."""
    changed = [(cell, pair.reduce) for cell in cell_neighbors(pair.normal)]
    return changed + [(pair.normal, cell) for cell in cell_neighbors(pair.reduce)]


Edge = tuple[str, int]
Node = tuple[Edge, Edge, str]
"""Two edges (operation, state) and how their results are combined; empty where there is only one way."""

_FIELDS = ("normal", "normal_concat", "reduce", "reduce_concat")
_NODE = re.compile(r"\|(\w+)~([0-9]+)\|(\w+)~([0-9]+)\|(\w*)", re.ASCII)
_EXAMPLE = "a node such as |sep_conv_3x3~1|skip_connect~0|"


def print_cells(normal: list[Node], reduce: list[Node]) -> str:
    """The short form."""
    cells = ("+".join(f"|{a}~{i}|{b}~{j}|{combine}" for (a, i), (b, j), combine in cell) for cell in (normal, reduce))
    return "normal {} reduce {}".format(*cells)


def parse_cells(text: str) -> tuple[list[Node], list[Node]]:
    """The inverse of `print_cells`. Raises ValueError with the position and what was expected there."""
    normal, position = _nodes(text, _expect(text, 0, "normal "))
    reduce, position = _nodes(text, _expect(text, position, " reduce "))
    if position != len(text):
        _fail(text, position, "'+' and another node, or the end")
    return normal, reduce


def parse_published(text: str) -> tuple[list[list[Edge]], list[list[int]]]:
    """The edges of the normal and of the reduction cell, and the states that each concatenates.

    Raises ValueError for whatever is not one call `Genotype(...)` with these four literals.
    """
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"not a published genotype: it is no Python literal ({error}); in {text[:80]!r}") from error
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Genotype"):
        raise ValueError(f"not a published genotype: expected one call Genotype(...), found {text[:80]!r}")
    names = [keyword.arg for keyword in call.keywords]
    if call.args or sorted(map(str, names)) != sorted(_FIELDS):
        raise ValueError(f"a published genotype has the fields {', '.join(_FIELDS)}, by name; found {names}")
    values = {str(keyword.arg): _literal(str(keyword.arg), keyword.value) for keyword in call.keywords}
    for name in _FIELDS:
        if not isinstance(values[name], list):
            raise ValueError(f"{name} must be a list, found {values[name]!r}")
    for name in ("normal", "reduce"):
        for edge in values[name]:
            if not (isinstance(edge, tuple) and [type(part) for part in edge] == [str, int]):
                raise ValueError(f"{name} must be a list of pairs such as ('sep_conv_3x3', 1), found {edge!r} in it")
    return [values["normal"], values["reduce"]], [values["normal_concat"], values["reduce_concat"]]


def is_published(text: str) -> bool:
    """Does the text look like the published form rather than the short one?"""
    return text.lstrip().startswith("Genotype")


def pairs(edges: list[Edge]) -> list[tuple[Edge, Edge]]:
    """Edges one after another, as published, to the two of each node. Raises ValueError for an odd number."""
    if len(edges) % 2:
        raise ValueError(f"every node has two edges, so their number is even; found {len(edges)}")
    return list(zip(edges[::2], edges[1::2], strict=True))


def _literal(name: str, value: ast.expr) -> Any:
    """A list of literals; `range(2, 6)` counts as the list [2, 3, 4, 5], as some repositories write it."""
    try:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "range":
            start, stop = (ast.literal_eval(argument) for argument in value.args)
            if not 0 <= start <= stop <= 99:
                raise ValueError("a cell has fewer than 100 states")
            return list(range(start, stop))
        return ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{name} must be a literal list (or range(2, 6)), found {ast.unparse(value)[:80]}") from error


def _nodes(text: str, position: int) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    while not nodes or text[position : position + 1] == "+":
        position += bool(nodes)
        match = _NODE.match(text, position)
        if match is None:
            _fail(text, position, _EXAMPLE)
        a, i, b, j, combine = match.groups()
        if f"|{a}~{int(i)}|{b}~{int(j)}|{combine}" != match.group():
            _fail(text, position, "states as numbers without leading zeros")
        nodes.append(((a, int(i)), (b, int(j)), combine))
        position = match.end()
    return nodes, position


def _expect(text: str, position: int, expected: str) -> int:
    if not text.startswith(expected, position):
        _fail(text, position, repr(expected))
    return position + len(expected)


def _fail(text: str, position: int, expected: str) -> NoReturn:
    found = repr(text[position : position + 24]) if position < len(text) else "the end of the string"
    raise ValueError(f"not a pair of cells: at position {position} expected {expected}, found {found}")


INPUTS = 2


def canonical_order(nodes: list[Node]) -> list[Node]:
    """The smallest relabelled copy of `nodes`; a smaller state comes first, then a smaller name."""
    candidates = []
    for order in itertools.permutations(range(len(nodes))):
        place = {INPUTS + node: INPUTS + rank for rank, node in enumerate(order)}
        relabelled = []
        for rank, node in enumerate(order):
            *edges, combine = nodes[node]
            moved = sorted((place.get(state, state), operation) for operation, state in edges)
            if moved[-1][0] >= INPUTS + rank:  # a node would be read before it is computed
                break
            relabelled.append((tuple(moved), combine))
        else:
            candidates.append(relabelled)
    return [((a, i), (b, j), combine) for ((i, a), (j, b)), combine in min(candidates)]
