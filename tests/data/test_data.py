"""The tasks: the same data everywhere, splits that share nothing, and no trace left in global random state."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nas_edu.core import Split, Task
from nas_edu.data import TASKS, load, tasks

OFFLINE = ("mnist1d", "mnist1d-shuffled", "digits")
SPLITS = ("train", "validation", "test")


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("mnist1d", "c7c1576fd477acd6cf66cc111604cccce338056878a32dec1a411ab2ed212335"),
        ("mnist1d-shuffled", "b977077ec307af5a98c3aa66865fc96d8fa6a53d1a1fab6baea962d1087349fc"),
        ("digits", "ba09bb7b37c8d9d93eba44221c35d1f3da7c628d3771d2b7c46f44f1398252cb"),
    ],
)
def test_the_data_are_the_ones_that_the_table_was_built_on(name, fingerprint):
    assert tasks.fingerprint(load(name)) == fingerprint


def test_a_fingerprint_sees_a_changed_value_a_changed_target_and_a_moved_border():
    def task(value=0.5, target=1, border=3):
        inputs, targets = np.full((6, 1, 4), 0.25, np.float32), np.array([0, 1, 0, 1, 0, target])
        inputs[0, 0, 0] = value
        parts = (slice(0, border), slice(border, 5), slice(5, 6))
        return Task("little", *(Split(inputs[part], targets[part]) for part in parts), classes=2)

    first = tasks.fingerprint(task())
    assert first == tasks.fingerprint(task())
    assert len({first, tasks.fingerprint(task(0.501)), tasks.fingerprint(task(target=0))}) == 3
    assert tasks.fingerprint(task(0.5 + 1e-6)) == first  # rounding on another platform


@pytest.mark.parametrize(
    ("name", "shape", "sizes"),
    [
        ("mnist1d", (1, 40), (4000, 2500, 6000)),
        ("mnist1d-shuffled", (1, 40), (4000, 2500, 6000)),
        ("digits", (1, 8, 8), (1000, 397, 400)),
    ],
)
def test_shapes_types_and_sizes(name, shape, sizes):
    task = load(name)
    assert (task.name, task.input_shape, task.dimensions, task.classes) == (name, shape, len(shape) - 1, 10)
    for split, size in zip((task.train, task.validation, task.test), sizes, strict=True):
        assert split.inputs.shape == (size, *shape)
        assert split.targets.shape == (size,)
        assert len(split) == size
        assert (split.inputs.dtype, split.targets.dtype) == (np.float32, np.int64)
        assert np.isfinite(split.inputs).all()
        counts = np.bincount(split.targets, minlength=10)
        assert len(counts) == 10
        assert counts.min() > size / 20  # each class is there, and none is rare


@pytest.mark.parametrize("name", OFFLINE)
def test_no_sample_is_in_two_splits(name):
    seen = [{sample.tobytes() for sample in getattr(load(name), split).inputs} for split in SPLITS]
    assert len(set.union(*seen)) == sum(map(len, seen))


def test_validation_is_large_enough_that_the_standard_error_at_97_percent_is_under_0_4_points():
    for split in (load("mnist1d").validation, load("mnist1d").test):
        assert np.sqrt(0.97 * 0.03 / len(split)) < 0.004


def test_a_task_is_made_once_and_shared():
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(load, ["mnist1d"] * 4))
    assert all(task is made[0] for task in made)


def test_the_shuffled_task_is_the_same_signals_under_one_permutation_of_positions():
    plain, shuffled = load("mnist1d"), load("mnist1d-shuffled")
    first = plain.train.inputs[:, 0]
    order = [int(np.flatnonzero((first == column[:, None]).all(0))[0]) for column in shuffled.train.inputs[:, 0].T]
    assert sorted(order) == list(range(40))
    assert sum(abs(a - b) == 1 for a, b in itertools.pairwise(order)) < 8  # neighbours mean nothing
    for split in SPLITS:
        np.testing.assert_array_equal(getattr(shuffled, split).inputs, getattr(plain, split).inputs[..., order])
        np.testing.assert_array_equal(getattr(shuffled, split).targets, getattr(plain, split).targets)


def test_the_digits_are_scikit_learns_images_each_once():
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    task = load("digits")
    ours = np.concatenate([getattr(task, split).inputs for split in SPLITS]).reshape(-1, 64)
    ours_targets = np.concatenate([getattr(task, split).targets for split in SPLITS])
    restored = np.round(ours.astype(np.float64) * images.std() + images.mean())
    ours_rows = sorted((*row, target) for row, target in zip(restored, ours_targets, strict=True))
    assert ours_rows == sorted((*row, target) for row, target in zip(images, targets, strict=True))
    assert not np.array_equal(ours_targets, targets)  # the file is sorted by writer: the splits must not be


def test_making_signals_leaves_global_random_state_alone(monkeypatch):
    monkeypatch.setattr(tasks, "MNIST1D_SIZES", (80, 10, 10))
    random.seed(5)
    np.random.seed(5)
    python_state, numpy_state = random.getstate(), np.random.get_state()
    inputs, targets = tasks._generate_mnist1d()
    assert (inputs.shape, targets.shape) == ((100, 1, 40), (100,))
    assert random.getstate() == python_state
    assert all(np.array_equal(now, before) for now, before in zip(np.random.get_state(), numpy_state, strict=True))
    random.seed(6)
    np.random.seed(6)
    np.testing.assert_array_equal(tasks._generate_mnist1d()[0], inputs)


def test_signals_are_kept_and_read_back_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "MNIST1D_SIZES", (80, 10, 10))
    monkeypatch.setattr(tasks, "CACHE", tmp_path / "new folder")
    made = tasks._mnist1d.__wrapped__()
    assert len(list((tmp_path / "new folder").iterdir())) == 1
    monkeypatch.setattr(tasks, "_generate_mnist1d", None)  # calling it now would fail
    assert tasks.fingerprint(tasks._mnist1d.__wrapped__()) == tasks.fingerprint(made)


def test_signals_are_made_where_nothing_can_be_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "MNIST1D_SIZES", (80, 10, 10))
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(tasks, "CACHE", tmp_path / "file" / "folder")
    assert len(tasks._mnist1d.__wrapped__().train) == 80


@pytest.mark.parametrize(("wrong", "meant"), [("mnist-1d", "mnist1d"), ("digit", "digits"), ("CIFAR10", None)])
def test_an_unknown_task_is_refused_with_what_is_allowed(wrong, meant):
    with pytest.raises(ValueError, match=f"no task '{wrong}'; allowed: {', '.join(TASKS)}") as refusal:
        load(wrong)
    if meant is not None:
        assert f"did you mean '{meant}'?" in str(refusal.value)


def test_cifar10_without_torchvision_says_what_to_install_and_what_to_use_instead(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(ImportError, match=r"'cifar10' needs torchvision.*pip install torchvision.*mnist1d") as refusal:
        load("cifar10")
    assert isinstance(refusal.value.__cause__, ImportError)


def test_importing_the_tasks_needs_neither_torch_nor_torchvision():
    script = "import sys, nas_edu.data; assert not {'torch', 'torchvision', 'sklearn', 'mnist1d'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
