"""Perturbation against brute force: every removal of a tiny cell built as a network and scored by hand; a DARTS cell
with importances that are known.
"""

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tiny_task import tiny_task

from nas_edu.one_shot import (
    DARTSCellSupernet,
    FastTinyCellSupernet,
    PartialChannelSupernet,
    TinyCellSupernet,
    perturbation_selection,
    zero_cost_perturbation,
)
from nas_edu.one_shot.perturbation import decisions
from nas_edu.performance_estimation.zero_cost import PROXIES
from nas_edu.search_spaces import DARTSCell
from nas_edu.search_spaces.tiny_cell import EDGES

TWO = ("skip_connect", "nor_conv_3x3")
TASK = tiny_task()
BATCH = 16


def batch():
    return torch.from_numpy(TASK.train.inputs[:BATCH]), torch.from_numpy(TASK.train.targets[:BATCH])


def nwot_by_hand(supernet, mixing):
    """The logarithm of |det K|, with the codes caught by hooks on every ReLU module, K entry by entry."""
    codes = []
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs: codes.append((inputs[0] > 0).flatten(1)))
        for module in supernet.modules()
        if isinstance(module, torch.nn.ReLU)
    ]
    supernet.train()
    with torch.no_grad():
        supernet(batch()[0], mixing={"cell": mixing})
    for hook in hooks:
        hook.remove()
    bits = torch.cat(codes, 1)
    kernel = np.array([[(a == b).sum().item() for a in bits] for b in bits], dtype=float)
    sign, value = np.linalg.slogdet(kernel)
    return value if sign > 0 else -np.inf


def snip_by_hand(supernet, mixing):
    supernet.train()
    loss = F.cross_entropy(supernet(batch()[0], mixing={"cell": mixing}), batch()[1])
    weights = [m.weight for m in supernet.modules() if isinstance(m, (torch.nn.Conv1d, torch.nn.Linear))]
    gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    return sum((w * g).abs().sum().item() for w, g in zip(weights, gradients, strict=True) if g is not None)


@pytest.mark.parametrize(("proxy", "by_hand"), [("snip", snip_by_hand), ("nwot", nwot_by_hand)])
def test_each_edge_keeps_the_operation_without_which_the_proxy_falls_lowest(proxy, by_hand):
    supernet = TinyCellSupernet(TASK, operations=TWO)
    mixing = supernet.mixing()["cell"].detach().clone()
    steps = list(zero_cost_perturbation(supernet, TASK, proxy=proxy, batch_size=BATCH, rng=random.Random(1)))
    assert sorted(tuple(step.info["edge"]) for step in steps) == sorted(EDGES)
    for step in steps:
        e = EDGES.index(tuple(step.info["edge"]))
        values = []
        for o in range(len(TWO)):
            without = mixing.clone()
            without[e, o] = 0
            values.append(by_hand(supernet, without))
        assert list(step.info["score_without"].values()) == pytest.approx(values, rel=1e-4)
        assert step.info["kept"] == TWO[int(np.argmin(values))]
        mixing[e] = torch.eye(len(TWO))[int(np.argmin(values))]
        np.testing.assert_allclose(np.exp(step.alpha["cell"]), mixing.numpy(), atol=1e-8, rtol=1e-5)
    assert steps[-1].architecture.operations == tuple(TWO[o] for o in mixing.argmax(1).tolist())


def test_the_supernet_is_left_as_it_was_and_equal_seeds_give_equal_steps():
    supernet = TinyCellSupernet(TASK)
    before = {name: value.detach().clone() for name, value in supernet.state_dict().items()}

    def run(seed):
        found = zero_cost_perturbation(supernet, TASK, proxy="snip", batch_size=BATCH, rng=random.Random(seed))
        return [(tuple(s.info["edge"]), s.info["kept"], s.info["score_without"]) for s in found]

    assert run(0) == run(0)
    assert [edge for edge, _, _ in run(0)] != [edge for edge, _, _ in run(1)]
    assert all(torch.equal(value, before[name]) for name, value in supernet.state_dict().items())
    assert all(parameter.grad is None for parameter in supernet.parameters())


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_tells_removals_apart_or_is_refused(proxy):
    steps = zero_cost_perturbation(TinyCellSupernet(TASK), TASK, proxy=proxy, batch_size=16, rng=random.Random(0))
    if proxy in ("params", "macs", "l2_norm"):
        with pytest.raises(ValueError, match=f"{proxy} does not see mixing weights, .* allowed: zen, synflow"):
            next(steps)
    else:
        assert len(set(next(steps).info["score_without"].values())) > 1


def test_the_supernet_of_pc_darts_is_refused():
    with pytest.raises(TypeError, match="is for pc_darts only"):
        next(zero_cost_perturbation(PartialChannelSupernet(TASK), TASK, rng=random.Random(0)))


@pytest.mark.parametrize("proxy", ["nwot", "synflow", "fisher"])
def test_the_fast_supernet_gives_what_the_plain_one_gives(proxy):
    plain, fast = (
        list(zero_cost_perturbation(kind(TASK), TASK, proxy=proxy, batch_size=16, rng=random.Random(0)))
        for kind in (TinyCellSupernet, FastTinyCellSupernet)
    )
    assert [step.info["score_without"] for step in fast] == [step.info["score_without"] for step in plain]
    assert fast[-1].architecture == plain[-1].architecture


def test_an_unknown_proxy_is_refused():
    with pytest.raises(ValueError, match="there is no proxy 'nwott'"):
        list(zero_cost_perturbation(TinyCellSupernet(TASK), TASK, proxy="nwott", rng=random.Random(0)))


def test_a_darts_cell_keeps_the_operations_and_then_the_two_edges_that_are_missed_most():
    supernet = DARTSCellSupernet(TASK, channels=4)
    generator = torch.Generator().manual_seed(0)
    worth = {kind: torch.rand(14, 8, generator=generator, dtype=torch.float64) for kind in ("normal", "reduce")}
    worth["normal"][:, 0] = 9.0  # `none` would be missed most, but no architecture may hold it
    mixing = {kind: torch.full((14, 8), 1 / 8, dtype=torch.float64) for kind in worth}
    told = list(decisions(supernet, mixing, lambda m: sum((m[k] * worth[k]).sum().item() for k in m), random.Random(3)))
    edges, nodes = told[:28], told[28:]
    assert {(one["kind"], *one["edge"]) for one in edges} == {
        (kind, *edge) for kind in worth for edge in supernet.edges
    }
    assert sorted((one["kind"], one["node"]) for one in nodes) == [
        (kind, j) for kind in sorted(worth) for j in (3, 4, 5)
    ]

    genotype = supernet.argmax(mixing)
    assert genotype in DARTSCell()
    for kind, values in worth.items():
        best, which = values[:, 1:].max(dim=1)
        for node in (2, 3, 4, 5):
            into = sorted((e for e, (_, j) in enumerate(supernet.edges) if j == node), key=lambda e: -best[e])[:2]
            expected = {(supernet.names[1 + which[e]], supernet.edges[e][0]) for e in into}
            assert set(getattr(genotype, kind)[2 * node - 4 : 2 * node - 2]) == expected
        assert (mixing[kind].sum(dim=1) == 1).all()
        assert (mixing[kind][:, 0] == 1).sum() == 6  # of 14 edges, 8 are left


@pytest.mark.parametrize("method", ["accuracy", "proxy"])
def test_both_methods_return_a_genotype(method):
    supernet = DARTSCellSupernet(TASK, channels=4, seed=1)
    if method == "accuracy":
        steps = list(perturbation_selection(supernet, TASK, tuning_steps=0, batch_size=16, rng=random.Random(0)))
    else:
        steps = list(zero_cost_perturbation(supernet, TASK, proxy="snip", batch_size=8, rng=random.Random(0)))
    assert len(steps) == 28 + 6
    assert [step.index for step in steps] == list(range(34))
    genotype = steps[-1].architecture
    kept = {(step.info["kind"], *step.info["edge"]): step.info["kept"] for step in steps[:28]}
    for step in steps[28:]:
        kind, node = step.info["kind"], step.info["node"]
        pairs = getattr(genotype, kind)[2 * node - 4 : 2 * node - 2]
        assert {f"{i}-{node}" for _, i in pairs} == set(step.info["kept"])
        assert all(kept[kind, i, node] == operation for operation, i in pairs)
        assert step.alpha[kind].shape == (14, 8)
