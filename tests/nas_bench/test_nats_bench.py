"""`NASBench201.from_nats_bench` against the authors' own code: their object, their queries, invented trainings."""

import random

import numpy as np
import pytest

from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import TinyCell

nats_bench = pytest.importorskip("nats_bench", reason="the extra [test] is not installed")
from nats_bench.api_utils import ArchResults, ResultsCount  # noqa: E402

SPACE = TinyCell()
EVALUATED_ON = {
    "cifar10-valid": ("x-valid", "ori-test"),
    "cifar10": ("ori-test",),
    "cifar100": ("x-valid", "x-test", "ori-test"),
}
THREE_SEEDS = 100  # one cell in so many was trained with three seeds, the others with one
WITHOUT_TIMES = 0  # the index of a cell of which they do not say how long it took


class AsItIs(dict):
    """A dict of which the authors' code need not make a copy: theirs takes half a minute."""

    def __deepcopy__(self, memo):
        return self


def training(rng, dataset, hp, seed):
    """One training as their files have it. Two epochs are kept of it, for that is enough to ask for the last."""
    result = ResultsCount(dataset, None, None, None, 0.1 + rng.random(), 10 * rng.random(), {}, seed, 2, [0.01])
    numbers = {epoch: 0.3 + 1.5 * rng.random() for epoch in range(2)}
    result.update_train_info({0: 20.0, 1: 40.0}, {}, numbers, {epoch: hp * (1 + rng.random()) for epoch in range(2)})
    keys = [f"{name}@{epoch}" for name in EVALUATED_ON[dataset] for epoch in range(2)]
    result.update_eval(*({key: scale * rng.random() for key in keys} for scale in (100, 3, 2)))
    return result


def results(rng, index, text, hp):
    every = ArchResults(index, text)
    for dataset in EVALUATED_ON:
        for seed in (777, 888, 999) if index % THREE_SEEDS == 0 else (777,):
            every.update(dataset, seed, training(rng, dataset, hp, seed))
            if index == WITHOUT_TIMES:
                every.all_results[dataset, seed].train_times = None
    return every.state_dict()


@pytest.fixture(scope="module")
def api():
    rng = random.Random(0)
    texts = [str(cell) for cell in SPACE]
    rng.shuffle(texts)  # their order is not ours
    trained = {i: {str(hp): results(rng, i, text, hp) for hp in (12, 200)} for i, text in enumerate(texts)}
    archive = AsItIs(meta_archs=texts, arch2infos=trained, evaluated_indexes=range(len(texts)))
    return nats_bench.create(archive, "tss", fast_mode=False, verbose=False)


@pytest.fixture(scope="module")
def cifar10(api):
    return NASBench201.from_nats_bench(api)


@pytest.mark.parametrize(("metric", "dataset"), [("valid", "cifar10"), ("valid", "cifar100"), ("test", "cifar100")])
def test_the_best_cell_is_the_one_that_their_find_best_names(api, metric, dataset):
    best, accuracy = api.find_best(dataset, metric, hp="200")
    table = NASBench201.from_nats_bench(api, dataset)
    if metric == "test":
        assert str(table.optimum) == api.arch(best)
        assert table.test_accuracy(table.optimum) == pytest.approx(accuracy / 100)
    else:
        column = table.column("validation_accuracy")
        assert str(SPACE[int(column.argmax())]) == api.arch(best)
        assert column.max() == pytest.approx(accuracy / 100)


def test_the_best_on_the_test_images_of_cifar10_was_trained_on_all_others(api, cifar10):
    best, accuracy = api.find_best("cifar10", "test", hp="200")
    assert str(cifar10.optimum) == api.arch(best)
    assert cifar10.test_accuracy(cifar10.optimum) == pytest.approx(accuracy / 100)


@pytest.mark.parametrize("epochs", [12, 200])
def test_an_evaluation_is_what_they_simulate(api, cifar10, epochs):
    """Where there is one seed: of several, theirs takes one at random."""
    indices = [i for i in random.Random(1).sample(range(len(SPACE)), 300) if i % THREE_SEEDS]
    for index in indices:
        accuracy, _, cost, _ = api.simulate_train_eval(index, "cifar10", hp=str(epochs))
        ours = cifar10.evaluate(SPACE.parse(api.arch(index)), epochs=epochs)
        assert ours.score == pytest.approx(accuracy / 100)
        assert ours.cost == pytest.approx(cost)


def test_of_several_seeds_the_mean_is_taken(api, cifar10):
    for index in range(0, len(SPACE), 20 * THREE_SEEDS):
        cell = SPACE.parse(api.arch(index))
        trials = api.query_by_index(index, "cifar10-valid", hp="200").values()
        assert len(trials) == 3
        ours = cifar10.query(cell)
        assert ours.validation_loss == pytest.approx(np.mean([one.get_eval("x-valid")["loss"] for one in trials]))
        assert ours.train_loss == pytest.approx(np.mean([one.get_train()["loss"] for one in trials]))


def test_sizes_are_numbers_and_not_millions(api, cifar10):
    for index in random.Random(2).sample(range(len(SPACE)), 100):
        cell = SPACE.parse(api.arch(index))
        costs = api.get_cost_info(index, "cifar10-valid", hp="200")
        assert cifar10.column("parameters")[SPACE.index(cell)] == pytest.approx(1e6 * costs["params"])
        assert cifar10.column("macs")[SPACE.index(cell)] == pytest.approx(1e6 * costs["flops"])


def test_a_training_without_times_has_no_cost(api, cifar10):
    cell = SPACE.parse(api.arch(WITHOUT_TIMES))
    assert np.isnan(cifar10.query(cell).seconds)
    assert cifar10.evaluate(cell).cost == 0
