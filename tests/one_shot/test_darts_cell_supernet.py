"""The DARTSCell supernet against stand-alone networks, and its discretization against the paper's rule in numpy."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
from tiny_task import tiny_task

from nas_edu.networks import build
from nas_edu.one_shot import DARTSCellSupernet, darts
from nas_edu.search_spaces import DARTSCell, TinyCell
from nas_edu.search_spaces.darts_cell import OPERATIONS

SPACE = DARTSCell()


def inputs(task, samples=8):
    return torch.from_numpy(task.train.inputs[:samples])


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_a_path_is_exactly_the_stand_alone_network(dimensions, statistics):
    task, rng = tiny_task(dimensions=dimensions), random.Random(0)
    supernet, x = DARTSCellSupernet(task, statistics=statistics), inputs(task)
    supernet(x)  # moves the running averages
    for genotype in [SPACE.sample(rng) for _ in range(4)]:
        for training in (True, False):
            supernet.train(training)
            alone = supernet.stand_alone(genotype)
            assert torch.equal(supernet(x, architecture=genotype), alone(x))
        own = build(genotype, task)
        own.load_state_dict(alone.state_dict(), strict=statistics == "running")
        if statistics == "batch":
            torch.testing.assert_close(own.train()(x), alone(x))  # the network that is trained in the end


def test_a_one_hot_mixture_is_the_path_of_a_genotype():
    task, rng = tiny_task(), random.Random(1)
    supernet, x = DARTSCellSupernet(task).double(), inputs(tiny_task()).double()
    for genotype in [SPACE.sample(rng) for _ in range(3)]:
        mixing = {}
        for kind in ("normal", "reduce"):
            mixing[kind] = torch.zeros(14, 8, dtype=torch.float64)
            for place, (name, i) in enumerate(getattr(genotype, kind)):
                mixing[kind][SPACE.edges.index((i, 2 + place // 2)), OPERATIONS.index(name)] = 1
        torch.testing.assert_close(supernet(x, mixing=mixing), supernet(x, architecture=genotype))


def by_the_papers_rule(p):
    """Section 2.4, written out with numpy: top two edges a node by their strongest operation other than none."""
    kept, edges = [], {(i, j): p[n] for n, (i, j) in enumerate(SPACE.edges)}
    for j in (2, 3, 4, 5):
        strength = {i: max(edges[i, j][1:]) for i in range(j)}
        two = max(itertools.combinations(range(j), 2), key=lambda pair: sum(strength[i] for i in pair))
        kept += [(OPERATIONS[1 + int(np.argmax(edges[i, j][1:]))], i) for i in two]
    return tuple(kept)


def test_argmax_is_the_papers_discretization():
    supernet = DARTSCellSupernet(tiny_task())
    for seed in range(20):
        with torch.no_grad():
            for alpha in supernet.alpha.values():
                alpha.copy_(2 * torch.randn(14, 8, generator=torch.Generator().manual_seed(seed)))
                alpha[:, 0] += 3  # none is strongest nearly everywhere, and never kept
        genotype = supernet.argmax()
        for kind, p in supernet.mixing().items():
            assert getattr(genotype, kind) == by_the_papers_rule(p.detach().numpy())
        assert SPACE.parse(repr(genotype)) == genotype


def test_darts_searches_it_and_only_its_entries_of_alpha_move():
    task = tiny_task()
    supernet = DARTSCellSupernet(task)
    before = {kind: alpha.detach().clone() for kind, alpha in supernet.alpha.items()}
    steps = list(darts(supernet, task, steps=4, batch_size=20, rng=random.Random(0)))
    assert set(steps[-1].alpha) == {"normal", "reduce"}
    assert np.shape(steps[-1].info["entropy"]["reduce"]) == (14,)
    assert all(not torch.equal(before[kind], alpha) for kind, alpha in supernet.alpha.items())
    assert steps[-1].architecture in SPACE


def test_more_channels_and_cells_and_bad_statistics():
    task = tiny_task()
    supernet = DARTSCellSupernet(task, channels=4, normal_cells=2)
    assert len(supernet.cells) == 8
    genotype = SPACE.sample(random.Random(3))
    assert torch.equal(supernet(inputs(task), architecture=genotype), supernet.stand_alone(genotype)(inputs(task)))
    with pytest.raises(ValueError, match="batch, running"):
        DARTSCellSupernet(task, statistics="global")


def test_genotypes_of_other_spaces_are_refused():
    task = tiny_task()
    supernet = DARTSCellSupernet(task)
    for other in (DARTSCell(nodes=2).sample(random.Random(0)), TinyCell()[7]):
        with pytest.raises(TypeError, match="runs a Genotype of 4 nodes a cell, got"):
            supernet(inputs(task), architecture=other)
        with pytest.raises(TypeError, match="runs a Genotype of 4 nodes a cell, got"):
            supernet.stand_alone(other)
