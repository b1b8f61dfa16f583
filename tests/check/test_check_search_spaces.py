"""The checks of exercise set 02: right answers pass, and each typical wrong one gets the message meant for it."""

import itertools
from math import comb, factorial, prod
from typing import ClassVar

import networkx as nx
import numpy as np
from check_contract import CheckContract
from wrong_answers.counting import COUNT_GENOTYPES
from wrong_answers.path_encoding import PATH_ENCODING, SEQUENCES

from nas_edu.check.search_spaces import check_count_genotypes, check_path_encoding
from nas_edu.check.search_spaces.counting import by_formula, by_listing
from nas_edu.check.search_spaces.path_encoding import sequences_by_route
from nas_edu.search_spaces import DARTSCell, TinyCell


def encoding_by_the_library(cell):
    return TinyCell().encode(cell, "path")


def encoding_by_walking(cell):
    """From the input, edge by edge, as far as it goes."""
    found, waiting = set(), [(0, ())]
    while waiting:
        node, sequence = waiting.pop()
        if node == 3:
            found.add(sequence)
        for (i, j), operation in cell.edges.items():
            if i == node and operation != "none":
                waiting.append((j, (*sequence, operation)))
    return [sequence in found for sequence in SEQUENCES]


def encoding_as_an_array(cell):
    return np.array(encoding_by_walking(cell), dtype=int)


def count_by_the_library(nodes, operations):
    return DARTSCell(nodes, DARTSCell().operations[:operations]).size


def count_with_factorials(nodes, operations):
    choices = [factorial(j) // (2 * factorial(j - 2)) for j in range(2, nodes + 2)]
    return prod(choices) ** 2 * operations ** (4 * nodes)


def count_in_a_loop(nodes, operations):
    total = 1
    for _ in ("normal", "reduce"):
        for node in range(nodes):
            total *= comb(node + 2, 2) * operations * operations
    return total


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_path_encoding, encoding_by_the_library),
        (check_path_encoding, encoding_by_walking),
        (check_path_encoding, encoding_as_an_array),
        (check_count_genotypes, count_with_factorials),
        (check_count_genotypes, count_in_a_loop),
    ]
    wrong: ClassVar = [(check_path_encoding, PATH_ENCODING), (check_count_genotypes, COUNT_GENOTYPES)]


def test_the_oracle_of_paths_agrees_with_networkx():
    for index in range(0, len(TinyCell()), 97):
        cell = TinyCell()[index]
        graph = nx.DiGraph([edge for edge, operation in cell.edges.items() if operation != "none"])
        graph.add_nodes_from((0, 3))
        routes = nx.all_simple_paths(graph, 0, 3)
        by_networkx = {tuple(cell.edges[edge] for edge in itertools.pairwise(route)) for route in routes}
        assert set(sequences_by_route(cell).values()) == by_networkx


def test_the_oracle_of_counts_by_hand_and_against_the_library():
    assert [by_listing(1, 2), by_listing(2, 1), by_listing(2, 2)] == [16, 9, 48**2]
    assert by_formula(4, 7) == DARTSCell().size == count_by_the_library(4, 7)
    for nodes, operations in ((1, 3), (2, 2), (3, 1), (2, 3)):
        assert by_listing(nodes, operations) == by_formula(nodes, operations)
