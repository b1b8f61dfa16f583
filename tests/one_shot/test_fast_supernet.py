"""The fast supernet against the plain one: outputs, gradients, second derivatives, whole searches."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tiny_task import tiny_task

from nas_edu.one_shot import TinyCellSupernet, darts, dominant_eigenvalue
from nas_edu.one_shot.fast_supernet import FastTinyCellSupernet
from nas_edu.search_spaces import TinyCell
from nas_edu.search_spaces.tiny_cell import OPERATIONS


def both(dimensions=1, operations=OPERATIONS, dtype=torch.float64):
    task = tiny_task(dimensions=dimensions)
    pair = [kind(task, operations=operations).to(dtype) for kind in (TinyCellSupernet, FastTinyCellSupernet)]
    with torch.no_grad():
        for supernet in pair:
            generator = torch.Generator().manual_seed(0)
            supernet.alpha["cell"].copy_(torch.randn(6, len(operations), generator=generator))
    inputs, targets = torch.from_numpy(task.train.inputs[:25]).to(dtype), torch.from_numpy(task.train.targets[:25])
    return pair, inputs, targets


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize(
    "operations",
    [OPERATIONS, ("none", "skip_connect"), ("nor_conv_3x3", "nor_conv_1x1"), ("avg_pool_3x3", "nor_conv_3x3", "none")],
)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_outputs_and_gradients_are_those_of_the_plain_mixture(dimensions, operations, dtype, tolerance):
    pair, inputs, targets = both(dimensions, operations, dtype)
    outputs = [supernet(inputs) for supernet in pair]
    torch.testing.assert_close(*outputs, rtol=tolerance, atol=tolerance)
    gradients = [
        torch.autograd.grad(F.cross_entropy(y, targets), list(s.parameters()))
        for y, s in zip(outputs, pair, strict=True)
    ]
    for plain, fast in zip(*gradients, strict=True):
        scale = plain.abs().max().clamp_min(1e-3)
        torch.testing.assert_close(fast / scale, plain / scale, rtol=0, atol=tolerance)


def test_a_given_mixture_a_path_and_a_choice_are_the_plain_ones():
    (plain, fast), inputs, _ = both()
    mixing = {"cell": torch.rand(6, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)}
    torch.testing.assert_close(fast(inputs, mixing=mixing), plain(inputs, mixing=mixing))
    cell = TinyCell().sample(random.Random(0))
    assert torch.equal(fast(inputs, architecture=cell), plain(inputs, architecture=cell))
    chosen = {"cell": [[0, 3]] * 6}
    assert torch.equal(fast(inputs, mixing=mixing, chosen=chosen), plain(inputs, mixing=mixing, chosen=chosen))
    with pytest.raises(ValueError, match="not both"):
        fast(inputs, architecture=cell, mixing=mixing)


def test_second_derivatives_are_those_of_the_plain_mixture():
    pair, inputs, targets = both()
    plain, fast = (dominant_eigenvalue(supernet, (inputs, targets)) for supernet in pair)
    assert fast == pytest.approx(plain, rel=1e-6)


@pytest.mark.parametrize("order", [1, 2])
def test_a_search_takes_the_same_way(order):
    task = tiny_task()
    searches = [
        list(darts(s, task, steps=8, order=order, batch_size=20, alpha_learning_rate=0.01, rng=random.Random(0)))
        for s in both()[0]
    ]
    for plain, fast in zip(*searches, strict=True):
        np.testing.assert_allclose(fast.alpha["cell"], plain.alpha["cell"], rtol=1e-6, atol=1e-8)
        assert fast.losses == pytest.approx(plain.losses, rel=1e-6)


def test_the_other_statistics_are_left_to_the_plain_code():
    task = tiny_task()
    inputs = torch.from_numpy(task.train.inputs[:9])
    plain, fast = (kind(task, statistics="running") for kind in (TinyCellSupernet, FastTinyCellSupernet))
    for supernet in (plain, fast):
        supernet(inputs)
        supernet.eval()
    assert torch.equal(plain(inputs), fast(inputs))
