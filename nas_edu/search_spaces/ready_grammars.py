"""Grammars to start from.

FUNCTIONS       the example of the paper and of the lecture: 370,389 architectures from five rules and three levels
CELLS           the cell space as a grammar: exactly the 15,625 cells of TinyCell, each in three stages
STAGED_CELLS    each stage has its own motif of one or two cells: 1.2 * 10^26 architectures from the same operations;
                those with one cell in each stage are `StageCells`
"""

from __future__ import annotations

from nas_edu.search_spaces.grammar import Grammar

_CELL = """
    CELL -> Cell(OP, OP, OP, OP, OP, OP)
    OP -> zero | id | conv1x1 | conv | avg_pool
"""

FUNCTIONS = Grammar(
    """
    S -> Linear(S, S, S) | Residual(S, S, S)
    S -> conv | id | linear
    """,
    max_depth=3,
)

CELLS = Grammar(f"NET -> Stages(CELL) {_CELL}", max_depth=3)

STAGED_CELLS = Grammar(
    f"""
    NET -> Linear(STAGE, down, STAGE, down, STAGE)
    STAGE -> CELL | Linear(CELL, CELL) | Residual(CELL, id, CELL)
    {_CELL}
    """,
    max_depth=4,
)
