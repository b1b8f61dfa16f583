"""A cell for each stage: the space against TinyCell, its networks against those of TinyCell and by hand."""

from __future__ import annotations

import copy
import pickle
import random

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.core import Budget, search
from nas_edu.networks import TinyCellNetwork, build, count_parameters
from nas_edu.networks.fast import FastTinyCell
from nas_edu.networks.operations import initialize
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.stage_cells import CellPerStage, StageCells
from nas_edu.search_strategies import regularized_evolution

SPACE = StageCells()
architectures = st.integers(0, 2**32).map(lambda seed: SPACE.sample(random.Random(seed)))
few = settings(max_examples=15, deadline=None)
CONV, SKIP = (
    Cell(("none", "none", "none", "nor_conv_3x3", "none", "none")),
    Cell((*["none"] * 3, "skip_connect", *["none"] * 2)),
)


@given(architectures)
def test_an_architecture_prints_and_parses_pickles_and_hashes(architecture):
    assert SPACE.parse(str(architecture)) == architecture == pickle.loads(pickle.dumps(architecture))
    assert len({architecture, SPACE.parse(str(architecture))}) == 1
    assert architecture in SPACE


@given(architectures)
def test_neighbours_differ_in_one_edge_of_one_stage_and_mutate_draws_among_them(architecture):
    neighbors = SPACE.neighbors(architecture)
    assert len(set(neighbors)) == 3 * 24
    for neighbor in neighbors:
        pairs = zip(architecture.cells, neighbor.cells, strict=True)
        assert sum(a != b for one, other in pairs for a, b in zip(one.operations, other.operations, strict=True)) == 1
    assert SPACE.mutate(architecture, random.Random(0)) in neighbors


def test_mutation_reaches_every_stage_equally_often():
    start, rng, changed = CellPerStage((CONV,) * 3), random.Random(0), [0, 0, 0]
    for _ in range(900):
        child = SPACE.mutate(start, rng)
        changed[[one != CONV for one in child.cells].index(True)] += 1
    assert all(240 < count < 360 for count in changed)  # 300 each, give or take four standard deviations


def test_the_size_and_the_order():
    assert len(SPACE) == SPACE.size == 15_625**3
    first = list(zip(range(3), SPACE, strict=False))
    assert [one.cells[2] for _, one in first] == [TinyCell()[i] for i in range(3)]
    assert {one.cells[0] for _, one in first} == {TinyCell()[0]}


@few
@given(architectures)
def test_canonical_and_encodings_are_those_of_the_cells(architecture):
    assert architecture.canonical.cells == tuple(cell.canonical for cell in architecture.cells)
    assert SPACE.canonical(architecture) == architecture.canonical
    for name in ("one_hot", "adjacency", "path"):
        parts = [TinyCell().encode(cell, name) for cell in architecture.cells]
        assert np.array_equal(SPACE.encode(architecture, name), np.concatenate(parts))


@given(architectures)
def test_the_graph_is_three_cells_in_series(architecture):
    graph = SPACE.to_graph(architecture)
    assert nx.is_directed_acyclic_graph(graph)
    assert set(graph) == set(range(10))
    operations = [data["operation"] for _, _, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2])]
    by_source = [
        operation
        for cell in architecture.cells
        for _, operation in sorted(cell.edges.items(), key=lambda edge: edge[0])
    ]
    assert operations == by_source


@given(architectures)
def test_hyperparameters_and_architectures_are_one_to_one(architecture):
    values = SPACE.to_config(architecture)
    assert list(values) == [h.name for h in SPACE.hyperparameters]
    assert len(values) == 18
    assert SPACE.from_config(values) == architecture
    assert [values[f"stage_2_edge_{i}_{j}"] for i, j in TinyCell.edges] == list(architecture.cells[1].operations)
    with pytest.raises(ValueError, match="stage_3_edge_2_3"):
        SPACE.from_config({**values, "stage_3_edge_2_3": "nor_conv_3x4"})


def test_what_is_no_architecture_is_refused():
    with pytest.raises(ValueError, match="3 stages, each with one cell; got 2 cells"):
        CellPerStage((CONV, CONV))
    with pytest.raises(TypeError, match="takes a tuple of Cells"):
        CellPerStage([CONV] * 3)
    with pytest.raises(ValueError, match="did you mean 'nor_conv_3x3'"):
        SPACE.parse(str(CellPerStage((CONV,) * 3)).replace("nor_conv_3x3", "nor_conv_3x4"))
    with pytest.raises(TypeError, match="takes the string"):
        SPACE.parse(CONV)
    with pytest.raises(TypeError, match="holds CellPerStages, got Cell"):
        SPACE.neighbors(CONV)


@few
@given(st.integers(0, len(TinyCell()) - 1))
def test_one_cell_three_times_is_the_network_of_that_cell(index):
    cell = TinyCell()[index]
    one, three = (TinyCellNetwork(a, (1, 40), 10) for a in (cell, CellPerStage((cell,) * 3)))
    initialize(one, torch.Generator().manual_seed(index))  # before that, what the memory happened to hold
    three.load_state_dict(one.state_dict())
    x = torch.randn(4, 1, 40, generator=torch.Generator().manual_seed(index))
    assert torch.equal(one.eval()(x), three.eval()(x))


@few
@given(architectures, st.sampled_from([1, 2]))
def test_the_fast_network_computes_what_the_plain_one_does(architecture, dimensions):
    """Gradients, too: an earlier stage that a dead one hides has none."""
    plain = build(architecture, tiny_task(dimensions=dimensions)).double()
    fast = copy.deepcopy(plain)
    shape = (4, 1, 12) if dimensions == 1 else (4, 1, 6, 6)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    targets = torch.tensor([0, 1, 2, 1])
    loss = torch.nn.functional.cross_entropy(plain(x), targets)
    loss.backward()
    torch.testing.assert_close(FastTinyCell(fast).gradients(x, targets), loss.detach())
    for ours, theirs in zip(fast.parameters(), plain.parameters(), strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        if ours.grad is not None:
            torch.testing.assert_close(ours.grad, theirs.grad)


def test_each_stage_has_its_own_cell():
    """A 3-tap convolution from C to C channels has 3 C^2 weights and 2 C numbers of its normalization."""
    base = count_parameters(build(CellPerStage((SKIP,) * 3), tiny_task()))
    for stage, channels in enumerate((8, 16, 32)):
        cells = tuple(CONV if place == stage else SKIP for place in range(3))
        added = count_parameters(build(CellPerStage(cells), tiny_task())) - base
        assert added == 3 * channels**2 + 2 * channels


def test_evolution_searches_it_with_real_trainings_and_repeats_itself():
    def run():
        evaluate = Train(tiny_task(), recipe=TrainingRecipe(epochs=1, batch_size=50))
        strategy = regularized_evolution(SPACE, evaluate, population_size=3, sample_size=2, rng=random.Random(1))
        return search(strategy, Budget(evaluations=6))

    history = run()
    assert not any(trial.failed for trial in history.trials)
    assert history == run()
