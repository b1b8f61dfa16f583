# %% [markdown]
# # Exercises 2: search spaces
#
# You turn a cell into numbers, by its **paths**, and you **count** a space that is far too large to list: the one that the
# lecture says has more than $10^{23}$ architectures.
#
# Each task has one cell to fill in and, right below it, a check. Run the check as often as you like. If something is
# wrong it shows the smallest input that goes wrong, what came out, what should have, and what probably happened.
# Hints come one at a time: `hint("02.1")` shows the first hint of the first task, the next call one more.
#
# You need: Python with loops, dictionaries and `itertools`; from the lecture, the cell with its six edges and five
# operations, and what a DARTS cell keeps of its edges.

# %%
import itertools
import math

from nas_edu import draw
from nas_edu.check import hint
from nas_edu.check.search_spaces import check_count_genotypes, check_path_encoding
from nas_edu.search_spaces import Cell, DARTSCell, TinyCell

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")

# %% [markdown]
# A cell knows the operation of each of its edges: `cell.edges[1, 3]` is what lies on the edge from node 1 to node 3.

# %%
cell = Cell(("nor_conv_3x3", "none", "skip_connect", "avg_pool_3x3", "none", "nor_conv_1x1"))
print(cell.edges)
draw.cell(cell)

# %% [markdown] nas_edu={"task": "02.1", "difficulty": 2, "minutes": 15}
# ## Task 1: the paths of a cell
#
# Whoever predicts accuracy from a cell needs numbers. The **path encoding** (White et al., BANANAS, 2021) asks: what can
# happen to the data on its way from the input, node 0, to the output, node 3? For each *sequence* of operations it says
# whether some path has it.
#
# A path has one, two or three edges, and each of these one of the four operations that are not `none`. So there are
# $4 + 4^2 + 4^3 = 84$ sequences. Here they are, shortest first:

# %%
SEQUENCES = [sequence for length in (1, 2, 3) for sequence in itertools.product(OPERATIONS[1:], repeat=length)]
print(len(SEQUENCES), SEQUENCES[3], SEQUENCES[53])

# %% [markdown]
# Write `path_encoding(cell)`:
#
# - it returns a list of 84 zeros and ones, in the order of `SEQUENCES`;
# - a one stands where at least one path of the cell has this sequence, in the direction from input to output;
# - `none` lets nothing through: a path with a `none` on it is no path at all;
# - two paths with the same sequence make a one, not a two.
#
# Before you write: how many paths can a cell have at most? Which entries are one for the cell above?


# %% nbgrader={"schema_version": 3, "grade_id": "path_encoding", "grade": false, "solution": true, "locked": false}
def path_encoding(cell: Cell) -> list[int]:
    """For each sequence in `SEQUENCES`: 1 if a path of `cell` has it, else 0."""
    ### BEGIN SOLUTION
    ways = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
    found = {tuple(cell.edges[edge] for edge in way) for way in ways}
    return [int(sequence in found) for sequence in SEQUENCES]  # a sequence with `none` is not among these
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_path_encoding", "grade": true, "solution": false, "locked": true, "points": 3}
check_path_encoding(path_encoding)

# %% [markdown]
# What does the encoding forget? Take all 15,625 cells and count how many different vectors there are. Before you run it:
# more or fewer than the 5,260 different functions?

# %%
space = TinyCell()
vectors = {tuple(path_encoding(cell)) for cell in space}
print(f"{len(space):,} cells, {len(vectors):,} different vectors, {len(space.distinct()):,} different functions")

# %% [markdown] nas_edu={"task": "02.2", "difficulty": 2, "minutes": 15}
# ## Task 2: how many cells can DARTS return?
#
# A DARTS cell has two inputs, the states 0 and 1, and some nodes: state 2, state 3, and so on. Each node **keeps two
# different** ones of all the states before it, and has an operation on each of these two edges. It adds the two results,
# so their order means nothing. A *genotype* is a normal and a reduction cell.
#
# Write `count_genotypes(nodes, operations)`: the number of genotypes with `nodes` nodes in each cell and `operations`
# operations to choose from on each edge that is kept.
#
# - The first node is state 2 and can read 2 states, the next one can read 3, ...
# - The result is an exact whole number, an `int`.
#
# Before you write: with one node and two operations you can list all the cells on paper. How many are there?


# %% nbgrader={"schema_version": 3, "grade_id": "count_genotypes", "grade": false, "solution": true, "locked": false}
def count_genotypes(nodes: int, operations: int) -> int:
    """The number of pairs of cells; in each, every node keeps two of the states before it."""
    ### BEGIN SOLUTION
    cell = math.prod(math.comb(states, 2) * operations**2 for states in range(2, 2 + nodes))
    return cell**2
    ### END SOLUTION


# %% nbgrader={"schema_version": 3, "grade_id": "check_count_genotypes", "grade": true, "solution": false, "locked": true, "points": 3}
check_count_genotypes(count_genotypes)

# %% [markdown]
# Now the numbers of the paper: four nodes, seven operations. Compare with $7^{28}$, one operation on each of all 28 edges.
# By what factor do the two differ, and which one is the number of *results*?

# %%
genotypes, before = count_genotypes(4, 7), 7**28
print(f"genotypes        {genotypes:,}")
print(f"7^28             {before:,}")
print(f"factor           {before / genotypes:,.0f}")
print(f"the library says {DARTSCell().size:,}")

# %% [markdown]
# ## To think about
#
# - Two cells with the same path vector may compute different functions. Find a pair: which property of a cell can no path
#   show?
# - Two cells with different path vectors may compute the same function. Which operation is to blame?
# - `count_genotypes` counts cells that differ in the names of their nodes only as different ones. How would you count those
#   that are really different, with two nodes and one operation?
