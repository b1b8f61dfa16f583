"""Task 10.1: `kernel(codes)` is the matrix K of nwot: on how many ReLUs two samples agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nas_edu.check.base import Case, Check, Finding, Stage, described

Codes = tuple[tuple[int, ...], ...]
Kernel = Callable[[list[list[int]]], Any]


def kernel_by_products(codes: Codes) -> list[list[int]]:
    """The oracle, of matrix products and without comparing: ReLUs that are on for both, plus those off for both."""
    c = np.array(codes)
    kernel: list[list[int]] = (c @ c.T + (1 - c) @ (1 - c).T).tolist()
    return kernel


def _case(codes: Sequence[Sequence[int]]) -> Case:
    frozen = tuple(tuple(code) for code in codes)
    return Case(f"kernel({[list(code) for code in frozen]})", (frozen,), size=len(frozen) * len(frozen[0]))


def _call(kernel: Kernel, codes: Codes) -> Any:
    return kernel([list(code) for code in codes])


def _is_matrix(kernel: Kernel, codes: Codes) -> Finding | None:
    got, count = _call(kernel, codes), len(codes)
    rows = isinstance(got, list) and len(got) == count and all(isinstance(row, list) for row in got)
    if rows and all(len(row) == count and all(isinstance(x, (int, float)) for x in row) for row in got):
        return None
    if got is None:
        cause = "`kernel` returns nothing: `return` the matrix."
    elif rows and all(len(row) == len(codes[0]) for row in got):
        cause = "There is one column for each ReLU. K compares samples: one row and one column for each sample."
    else:
        cause = "A list of rows is asked for: one row, and one number in it, for each sample."
    return Finding(described(got), f"{count} rows of {count} numbers", cause)


def _agrees(kernel: Kernel, codes: Codes) -> Finding | None:
    got, expected = _call(kernel, codes), kernel_by_products(codes)
    if got == expected:
        return None
    relus = len(codes[0])
    both = (np.array(codes) @ np.array(codes).T).tolist()
    if got == [[relus - value for value in row] for row in expected]:
        cause = "These are the numbers of ReLUs that differ, the Hamming distances. K counts those that agree."
    elif got == both:
        cause = "Only ReLUs that are on for both samples are counted. Two that are off for both agree as well."
    elif np.allclose(np.array(got, dtype=float) * relus, expected):
        cause = "Divided by the number of ReLUs: K counts, its diagonal is the number of ReLUs."
    elif got == [[value * (i != j) for j, value in enumerate(row)] for i, row in enumerate(expected)]:
        cause = "The diagonal is zero. A sample agrees with itself on all ReLUs."
    else:
        cause = "For samples i and j: go through the ReLUs, and count where the two codes are equal."
    return Finding(str(got), str(expected), cause)


def _symmetric(kernel: Kernel, codes: Codes) -> Finding | None:
    got = np.array(_call(kernel, codes))
    if (got == got.T).all() and (got.diagonal() == len(codes[0])).all():
        return None
    cause = "i agrees with j as often as j with i, and with itself on all ReLUs."
    return Finding(str(got.tolist()), f"a symmetric matrix with {len(codes[0])} on the diagonal", cause)


def _random_cases(rng: random.Random) -> list[Case]:
    sizes = [(rng.randint(1, 5), rng.randint(1, 6)) for _ in range(30)]
    return [_case([[rng.randint(0, 1) for _ in range(relus)] for _ in range(samples)]) for samples, relus in sizes]


check_kernel = Check(
    task="10.1",
    function="kernel",
    stages=(
        Stage("shape", "one row and one column for each sample", (_case(((1, 0, 1), (0, 0, 1))),), _is_matrix),
        Stage("by hand", "three samples, three ReLUs", (_case(((1, 1, 1), (1, 1, 0), (0, 0, 1))),), _agrees),
        Stage("property", "symmetric, the number of ReLUs on the diagonal", _random_cases, _symmetric),
        Stage("oracle", "the same as by products of matrices", _random_cases, _agrees),
    ),
    hints=(
        "Two samples agree on a ReLU if it is on for both or off for both: if the two numbers are equal.",
        "Three loops: over i, over j, and over the ReLUs, which `zip(codes[i], codes[j])` pairs.",
        "`return [[sum(a == b for a, b in zip(one, other)) for other in codes] for one in codes]`.",
    ),
)
