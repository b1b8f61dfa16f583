"""Wrong answers to task 02.2."""

from math import comb, factorial, perm, prod

from wrong_answers import WrongAnswers

COUNT_GENOTYPES = WrongAnswers()


def cells(nodes, operations):
    return prod(comb(j, 2) * operations**2 for j in range(2, 2 + nodes))


@COUNT_GENOTYPES.gets("before any is dropped: what `more than 10^23` counts")
def puts_an_operation_on_every_edge(nodes, operations):
    return operations ** (2 * sum(range(2, 2 + nodes)))


@COUNT_GENOTYPES.gets("This counts one cell")
def forgets_the_reduction_cell(nodes, operations):
    return cells(nodes, operations)


@COUNT_GENOTYPES.gets("Twice the number of cells")
def adds_the_two_cells(nodes, operations):
    return 2 * cells(nodes, operations)


@COUNT_GENOTYPES.gets("counted in both orders")
def counts_ordered_pairs(nodes, operations):
    return prod(perm(j, 2) * operations**2 for j in range(2, 2 + nodes)) ** 2


@COUNT_GENOTYPES.gets("lets a node read the same state twice")
def reads_the_same_state_twice(nodes, operations):
    return prod(j**2 * operations**2 for j in range(2, 2 + nodes)) ** 2


@COUNT_GENOTYPES.gets("each edge has an operation of its own")
def has_one_operation_a_node(nodes, operations):
    return prod(comb(j, 2) * operations for j in range(2, 2 + nodes)) ** 2


@COUNT_GENOTYPES.gets("The choices of the nodes are added")
def adds_the_nodes(nodes, operations):
    return sum(comb(j, 2) * operations**2 for j in range(2, 2 + nodes)) ** 2


@COUNT_GENOTYPES.gets("Only the inputs are counted")
def forgets_the_operations(nodes, operations):
    return cells(nodes, 1) ** 2


@COUNT_GENOTYPES.gets("It may also read the nodes before it")
def reads_the_inputs_only(nodes, operations):
    return (operations**2) ** (2 * nodes)


@COUNT_GENOTYPES.gets("One node is missing")
def stops_one_node_early(nodes, operations):
    return prod(comb(j, 2) * operations**2 for j in range(2, 1 + nodes)) ** 2


@COUNT_GENOTYPES.gets("One node too many")
def goes_on_one_node_too_far(nodes, operations):
    return prod(comb(j, 2) * operations**2 for j in range(2, 3 + nodes)) ** 2


@COUNT_GENOTYPES.gets("A float has 53 bits")
def divides_with_a_slash(nodes, operations):
    return prod(factorial(j) / factorial(j - 2) / 2 * operations**2 for j in range(2, 2 + nodes)) ** 2


@COUNT_GENOTYPES.gets("`count_genotypes` returns nothing")
def forgets_to_return(nodes, operations):
    cells(nodes, operations)
