"""The checks of exercise set 07: right answers pass, and each typical wrong one gets the message meant for it."""

from typing import ClassVar

import pytest
import torch
from check_contract import CheckContract
from wrong_answers import count_paths, path_step

from nas_edu.check.one_shot import check_count_paths, check_path_step
from nas_edu.check.one_shot.count_paths import by_walking
from nas_edu.check.one_shot.path_step import gradient_at, stepped
from nas_edu.one_shot import FabricSpace


def counted_by_the_library(layers, scales):
    return FabricSpace(layers, scales).number_of_paths


class TestChecks(CheckContract):
    right: ClassVar = [
        (check_count_paths, count_paths.right),
        (check_count_paths, counted_by_the_library),
        (check_path_step, path_step.right),
    ]
    wrong: ClassVar = [
        (check_count_paths, count_paths.COUNT_PATHS),
        (check_path_step, path_step.PATH_STEP),
    ]


@pytest.mark.parametrize("layers", [2, 3, 5])
@pytest.mark.parametrize("scales", [1, 2, 4])
def test_the_oracle_of_paths_agrees_with_the_fabric(layers, scales):
    assert by_walking(layers, scales) == FabricSpace(layers, scales).number_of_paths


def test_the_oracle_of_the_step_agrees_with_torch():
    weights, path = {"0a": 1.0, "0b": 3.0, "1a": -1.0, "1b": 0.5}, ("0a", "1b")
    tensors = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in weights.items()}
    optimizer = torch.optim.SGD(tensors.values(), 0.1, momentum=0.9, weight_decay=0.01)
    velocity = dict.fromkeys(weights, 0.0)
    for way in (path, ("0b", "1b"), path, ("0a", "1a")):
        optimizer.zero_grad()
        loss = (tensors[way[0]] * tensors[way[1]] - 1) ** 2 / 2
        loss.backward()
        by_torch = {name: 0.0 if t.grad is None else t.grad.item() for name, t in tensors.items()}
        assert gradient_at(weights, way) == pytest.approx(by_torch)
        optimizer.step()
        weights, velocity = stepped(weights, velocity, way, 0.1)
        assert weights == pytest.approx({name: t.item() for name, t in tensors.items()})
