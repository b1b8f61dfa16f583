"""Task 02.2: `count_genotypes(nodes, operations)`, the number of pairs of DARTS cells."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

from nas_edu.check.base import Case, Check, Finding, Stage, described
from nas_edu.search_spaces import DARTSCell

Count = Callable[[int, int], Any]
INPUTS = 2


def _case(nodes: int, operations: int) -> Case:
    return Case(f"count_genotypes({nodes}, {operations})", (nodes, operations), size=10 * nodes + operations)


def _states(nodes: int) -> range:
    """For each node the number of states that it can read."""
    return range(INPUTS, INPUTS + nodes)


def by_formula(nodes: int, operations: int) -> int:
    return math.prod(math.comb(j, 2) * operations**2 for j in _states(nodes)) ** 2


def by_listing(nodes: int, operations: int) -> int:
    """The oracle: give every edge an operation or nothing, and keep the cells in which each node has two edges."""
    edges = [(i, j) for j in _states(nodes) for i in range(j)]
    cells = 0
    for choices in itertools.product(range(operations + 1), repeat=len(edges)):  # 0: the edge is dropped
        kept = [j for (_, j), choice in zip(edges, choices, strict=True) if choice]
        cells += all(kept.count(j) == 2 for j in _states(nodes))
    return sum(1 for _ in itertools.product(range(cells), repeat=2))


# What typical mistakes would count: the cause, and its formula. The first that agrees with the answer is told.
_MISTAKES: tuple[tuple[str, Callable[[int, int], float]], ...] = (
    (
        "This is one operation on each edge of both cells, before any is dropped: what `more than 10^23` counts. In a "
        "genotype each node keeps two inputs.",
        lambda n, o: o ** (2 * sum(_states(n))),
    ),
    ("This counts one cell. A genotype is a normal and a reduction cell.", lambda n, o: math.isqrt(by_formula(n, o))),
    (
        "Twice the number of cells: but each normal cell goes with each reduction cell, so the numbers multiply.",
        lambda n, o: 2 * math.isqrt(by_formula(n, o)),
    ),
    (
        "Each pair of inputs is counted in both orders. The order of a node's two edges means nothing: choose 2 of j.",
        lambda n, o: math.prod(math.perm(j, 2) * o**2 for j in _states(n)) ** 2,
    ),
    (
        "This lets a node read the same state twice. Its two inputs are different ones: choose 2 of j.",
        lambda n, o: math.prod(j**2 * o**2 for j in _states(n)) ** 2,
    ),
    (
        "One operation for both edges of a node: but each edge has an operation of its own, so o * o.",
        lambda n, o: math.prod(math.comb(j, 2) * o for j in _states(n)) ** 2,
    ),
    (
        "The choices of the nodes are added. They are independent of each other, so their numbers multiply.",
        lambda n, o: sum(math.comb(j, 2) * o**2 for j in _states(n)) ** 2,
    ),
    (
        "Only the inputs are counted: each of the two edges also has one of `operations` operations.",
        lambda n, o: by_formula(n, 1),
    ),
    (
        "Every node chooses among the two inputs of the cell only. It may also read the nodes before it: node j has j "
        "states to choose from.",
        lambda n, o: (o**2) ** (2 * n),
    ),
    (
        "One node is missing: `nodes` nodes have 2, 3, ..., nodes + 1 states to choose from.",
        lambda n, o: by_formula(n - 1, o),
    ),
    (
        "One node too many: `nodes` nodes have 2, 3, ..., nodes + 1 states to choose from.",
        lambda n, o: by_formula(n + 1, o),
    ),
)


def _is_an_exact_number(count: Count, nodes: int, operations: int) -> Finding | None:
    result = count(nodes, operations)
    if isinstance(result, int) and not isinstance(result, bool):
        return None
    if result is None:
        cause = "`count_genotypes` returns nothing: end it with `return`."
    elif isinstance(result, float):
        cause = "A float has 53 bits and rounds 10^18. Stay with whole numbers: `math.comb`, `//`, `**` with an int."
    else:
        cause = "Return one whole number, an `int`."
    return Finding(described(result), "an int", cause)


def _is_right(count: Count, nodes: int, operations: int) -> Finding | None:
    problem = _is_an_exact_number(count, nodes, operations)
    if problem is not None:
        return problem
    got, expected = count(nodes, operations), by_formula(nodes, operations)
    return None if got == expected else Finding(f"{got:,}", f"{expected:,}", _cause(count))


def _cause(count: Count) -> str:
    """Small cases may agree by chance, so the mistake is looked for where no two formulas agree."""
    large = ((3, 3), (4, 5))
    for cause, formula in _MISTAKES:
        if all(count(*case) == formula(*case) for case in large):
            return cause
    return "For each node: which two of its states, and which operation on each of these edges? Then: two cells."


def _operations_are_a_factor(count: Count, nodes: int, operations: int) -> Finding | None:
    """A genotype has 4 * nodes edges, each with its own operation: so the number is that of the graphs times o^(4n)."""
    problem = _is_an_exact_number(count, nodes, operations) or _is_an_exact_number(count, nodes, 1)
    if problem is not None:
        return problem
    got, graphs = count(nodes, operations), count(nodes, 1)
    expected = graphs * operations ** (4 * nodes)
    if got == expected:
        return None
    return Finding(
        f"{got:,}",
        f"{graphs:,} (what you count with one operation) * {operations}^{4 * nodes} = {expected:,}",
        _cause(count),
    )


def _is_what_listing_counts(count: Count, nodes: int, operations: int) -> Finding | None:
    listed = by_listing(nodes, operations) if nodes <= 3 else DARTSCell(nodes, DARTSCell().operations[:operations]).size
    got = count(nodes, operations)
    return None if got == listed else Finding(described(got), f"{listed:,}", _cause(count))


def _oracle_cases(rng: random.Random) -> list[Case]:
    return [_case(*pair) for pair in ((1, 3), (2, 2), (2, 3), (3, 1), (4, 7), (5, rng.randint(2, 7)))]


check_count_genotypes = Check(
    task="02.2",
    function="count_genotypes",
    stages=(
        Stage("shape", "the number is an exact whole number", (_case(1, 1), _case(4, 7)), _is_an_exact_number),
        Stage(
            "by hand",
            "one node has 2 * 2 cells with two operations; two nodes have 1 * 3 with one",
            (_case(1, 1), _case(1, 2), _case(2, 1)),
            _is_right,
        ),
        Stage(
            "property",
            "more operations multiply the number, by one factor for each of the 4 * nodes edges",
            tuple(_case(nodes, operations) for nodes in (1, 2, 3, 4) for operations in (2, 7)),
            _operations_are_a_factor,
        ),
        Stage("oracle", "the same as listing all cells, where these are few", _oracle_cases, _is_what_listing_counts),
    ),
    hints=(
        "Take one node first. It can read j states. How many pairs of two different ones are there, and in how many "
        "ways can the two edges get their operations?",
        "`math.comb(j, 2)` pairs and `operations**2` ways. The first node has j = 2, the next j = 3. Choices that are "
        "independent multiply.",
        "`cell = math.prod(math.comb(j, 2) * operations**2 for j in range(2, 2 + nodes))`. A genotype has two cells.",
    ),
)
