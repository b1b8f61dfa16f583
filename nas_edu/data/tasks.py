"""Four tasks by name: `load("mnist1d")`.

mnist1d           signals of length 40 in ten classes (Greydanus & Kobak, "Scaling down deep learning with MNIST-1D",
                  2020), drawn afresh by the authors' generator: 4,000 to train on, 2,500 to validate, 6,000 to test
mnist1d-shuffled  the same signals, their 40 positions shuffled by one fixed permutation: neighbours mean nothing
digits            scikit-learn's 1,797 images of 8 x 8 pixels
cifar10           needs torchvision and its download, so it is optional

Sources: PyPI `mnist1d` (Apache-2.0); the UCI archive, "Optical Recognition of Handwritten Digits", as in
scikit-learn; Krizhevsky 2009.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from nas_edu.core import Split, Task
from nas_edu.core.names import did_you_mean

MNIST1D_SIZES = (4000, 2500, 6000)  # enough that at 97 % correct the standard error is 0.34 and 0.22 points
DIGITS_SIZES = (1000, 397, 400)
SEED = 42
CACHE = Path(sys.prefix) / "share" / "nas_edu"  # inside the environment, so that it goes when the environment goes
_generating = threading.Lock()


def load(name: str) -> Task:
    """The task of that name, made on the first call and shared afterwards: treat its arrays as read-only.

    Raises ValueError for an unknown name, and ImportError, saying what to do, where CIFAR-10 cannot be had.
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; allowed: {', '.join(TASKS)}{did_you_mean(name, TASKS)}")
    with _generating:
        return TASKS[name]()


def fingerprint(task: Task) -> str:
    """SHA-256 over all splits: equal fingerprints mean equal data. Inputs are rounded to 4 digits first."""
    digest = hashlib.sha256()
    for split in (task.train, task.validation, task.test):
        digest.update(np.round(split.inputs.astype(np.float64) * 1e4).astype(np.int64).tobytes())
        digest.update(split.targets.astype(np.int64).tobytes())
    return digest.hexdigest()


@cache
def _mnist1d() -> Task:
    path = CACHE / f"mnist1d-{SEED}-{sum(MNIST1D_SIZES)}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            return _split("mnist1d", kept["inputs"], kept["targets"], MNIST1D_SIZES)
    inputs, targets = _generate_mnist1d()
    with contextlib.suppress(OSError):  # where nothing can be kept, the signals are made again each time
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{os.getpid()}-{path.name}")
        np.savez(unfinished, inputs=inputs, targets=targets)
        unfinished.replace(path)
    return _split("mnist1d", inputs, targets, MNIST1D_SIZES)


def _generate_mnist1d() -> tuple[np.ndarray, np.ndarray]:
    """Signals (12500, 1, 40) and their classes, by the authors' generator; takes some seconds."""
    from mnist1d.data import get_dataset_args, make_dataset

    arguments = get_dataset_args()
    arguments.num_samples, arguments.seed = sum(MNIST1D_SIZES), SEED
    numpy_state = np.random.get_state()  # the generator seeds the global state; leave no trace of that
    python_state = random.getstate()
    try:
        signals = make_dataset(arguments)
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)
    inputs = np.concatenate([signals["x"], signals["x_test"]]).astype(np.float32)[:, None, :]
    return inputs, np.concatenate([signals["y"], signals["y_test"]]).astype(np.int64)


@cache
def _mnist1d_shuffled() -> Task:
    original = _mnist1d()
    order = np.random.default_rng(SEED).permutation(original.input_shape[-1])
    shuffle = lambda split: Split(np.ascontiguousarray(split.inputs[..., order]), split.targets)  # noqa: E731
    train, validation, test = map(shuffle, (original.train, original.validation, original.test))
    return Task("mnist1d-shuffled", train, validation, test, original.classes)


@cache
def _digits() -> Task:
    from sklearn.datasets import load_digits

    images, targets = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(targets))  # the file is sorted by writer
    images, targets = images[order], targets[order].astype(np.int64)
    seen = images[: DIGITS_SIZES[0]]  # only what trains may set the scale
    inputs = ((images - seen.mean()) / seen.std()).astype(np.float32).reshape(-1, 1, 8, 8)
    return _split("digits", inputs, targets, DIGITS_SIZES)


@cache
def _cifar10() -> Task:
    try:
        from torchvision.datasets import CIFAR10
    except (ImportError, RuntimeError) as error:
        raise ImportError(
            "the task 'cifar10' needs torchvision in the release that belongs to your torch (pip install torchvision); "
            f"without it use one of mnist1d, mnist1d-shuffled, digits. The import said: {error}"
        ) from error
    sets = [CIFAR10(CACHE, train=train, download=True) for train in (True, False)]
    inputs = np.concatenate([images.data for images in sets]).transpose(0, 3, 1, 2).astype(np.float32) / 255
    mean, deviation = inputs[:40000].mean((0, 2, 3), keepdims=True), inputs[:40000].std((0, 2, 3), keepdims=True)
    targets = np.concatenate([np.asarray(images.targets, dtype=np.int64) for images in sets])
    return _split("cifar10", (inputs - mean) / deviation, targets, (40000, 10000, 10000))


def _split(name: str, inputs: np.ndarray, targets: np.ndarray, sizes: tuple[int, int, int]) -> Task:
    """The first samples train, the next validate, the last test."""
    first, second = sizes[0], sizes[0] + sizes[1]
    parts = (slice(0, first), slice(first, second), slice(second, sum(sizes)))
    train, validation, test = (Split(inputs[part], targets[part]) for part in parts)
    return Task(name, train, validation, test, classes=10)


TASKS: dict[str, Callable[[], Task]] = {
    "mnist1d": _mnist1d,
    "mnist1d-shuffled": _mnist1d_shuffled,
    "digits": _digits,
    "cifar10": _cifar10,
}
