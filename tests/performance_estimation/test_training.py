"""Training: one schedule, cut anywhere; one result for one function, whatever was trained before."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.core import Budget, Evaluation, History, run_trial, search
from nas_edu.data import load
from nas_edu.networks import build, seed_from
from nas_edu.performance_estimation import DivergenceError, Train, TrainingRecipe
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_strategies import regularized_evolution

SPACE = TinyCell()
TASK = tiny_task()
RECIPE = TrainingRecipe(epochs=3, batch_size=20)  # ten mini-batches an epoch
CELL = Cell(("nor_conv_3x3", "skip_connect", "nor_conv_1x1", "avg_pool_3x3", "none", "nor_conv_3x3"))
OTHER = Cell(("nor_conv_1x1", "none", "none", "skip_connect", "skip_connect", "none"))
DEAD = Cell(("none",) * 6)
few = settings(max_examples=10, deadline=None)


def train(task=TASK, **options):
    return Train(task, device="cpu", **{"recipe": RECIPE, **options})


@pytest.fixture(scope="module")
def whole():
    return train()(CELL)


# --- the schedule ----------------------------------------------------------------------------------------------------


def test_the_learning_rate_rises_along_a_cosine_and_falls_to_zero():
    rate = TrainingRecipe(learning_rate=0.2, warm_up=0.25).learning_rate_at
    assert rate(0.0) == pytest.approx(0.04 * 0.2)
    assert rate(0.125) == pytest.approx(0.2 * (0.04 + 1) / 2)
    assert rate(0.25) == rate(0.25 - 1e-9) == pytest.approx(0.2)
    assert rate(0.625) == pytest.approx(0.1)
    assert rate(1.0) == pytest.approx(0.0)
    rates = [rate(step / 100) for step in range(101)]
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)


def by_hand(cell, task, recipe, seed):
    """The training written out: Nesterov momentum, weight decay, clipping and one-cycle rate, on the plain network."""
    network = build(cell, task, seed=seed)
    parameters = list(network.parameters())
    momenta = [torch.zeros_like(parameter) for parameter in parameters]
    samples = len(task.train)
    steps = samples // recipe.batch_size
    points = []
    for epoch in range(recipe.epochs):
        generator = torch.Generator().manual_seed(seed_from(task.name, seed, epoch, "order"))
        order = torch.randperm(samples, generator=generator).numpy()
        for place in range(steps):
            progress = (epoch * steps + place) / (recipe.epochs * steps)
            if progress < 0.3:
                rate = 0.1 * (0.04 + 0.96 * (0.5 - 0.5 * math.cos(math.pi * progress / 0.3)))
            else:
                rate = 0.1 * (0.5 + 0.5 * math.cos(math.pi * (progress - 0.3) / 0.7))
            batch = order[place * recipe.batch_size : (place + 1) * recipe.batch_size]
            network.train()
            loss = F.cross_entropy(
                network(torch.tensor(task.train.inputs[batch])), torch.tensor(task.train.targets[batch])
            )
            gradients = torch.autograd.grad(loss, parameters)
            length = math.sqrt(sum(gradient.square().sum().item() for gradient in gradients))
            shrink = min(1.0, 5.0 / length)
            with torch.no_grad():
                for parameter, momentum, gradient in zip(parameters, momenta, gradients, strict=True):
                    gradient = shrink * gradient + 5e-4 * parameter
                    momentum.mul_(0.9).add_(gradient)
                    parameter -= rate * (gradient + 0.9 * momentum)
            if (place + 1) % (steps // 2) == 0:
                network.eval()
                logits = network(torch.tensor(task.validation.inputs)).detach().double().numpy()
                likelihood = np.exp(logits - logits.max(1, keepdims=True))
                likelihood /= likelihood.sum(1, keepdims=True)
                of_target = likelihood[np.arange(len(logits)), task.validation.targets]
                accuracy = (logits.argmax(1) == task.validation.targets).mean()
                points.append((epoch + (place + 1) / steps, loss.item(), -np.log(of_target).mean(), accuracy))
    return points


def test_a_training_equals_one_written_out_by_hand(whole):
    expected = by_hand(CELL.canonical, TASK, RECIPE, 0)
    got = [(p.epoch, p.train_loss, p.validation_loss, p.validation_accuracy) for p in whole.curve]
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-4)
    assert got[-1][2] < got[0][2]  # and it learns


def test_an_evaluation_reports_the_last_point_of_its_curve(whole):
    last = whole.curve[-1]
    assert whole.score == whole.validation_accuracy == last.validation_accuracy
    assert whole.validation_loss == last.validation_loss
    assert [point.epoch for point in whole.curve] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert whole.epochs == 3
    assert 0 <= whole.score <= 1
    seconds = [point.seconds for point in whole.curve]
    assert seconds[0] > 0
    assert seconds == sorted(seconds)
    assert whole.cost >= seconds[-1]


def test_twenty_points_a_curve_for_the_standard_protocol():
    assert TrainingRecipe().epochs * TrainingRecipe().points_per_epoch == 20


# --- fidelities ------------------------------------------------------------------------------------------------------


@few
@given(st.lists(st.integers(5, 30), min_size=1, max_size=4, unique=True))
def test_a_training_resumed_anywhere_equals_an_uninterrupted_one(whole, cuts):
    trainer, evaluation, epochs = train(), None, 0.0
    for cut in [*sorted(cuts), 30]:
        evaluation = trainer(CELL, epochs=cut / 10, resume=evaluation)
        epochs += evaluation.epochs
        assert evaluation.curve == whole.curve[: cut // 5]
    assert epochs == pytest.approx(3)
    assert dataclasses.replace(evaluation, epochs=3) == whole
    same_weights(evaluation, whole)


def same_weights(one, other):
    ours, theirs = (evaluation.checkpoint.network.state_dict() for evaluation in (one, other))
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_fewer_epochs_are_the_beginning_of_the_same_schedule(whole):
    short = train(epochs=1)(CELL)
    assert short.curve == whole.curve[:2]
    assert short.epochs == 1
    assert train()(CELL, epochs=1) == short


def test_a_resumed_training_charges_what_it_adds():
    ticks = itertools.count()
    trainer = train(clock=lambda: float(next(ticks)))
    first = trainer(CELL, epochs=1)
    spent = next(ticks)
    second = trainer(CELL, epochs=3, resume=first)
    assert second.epochs == 2
    assert first.cost + second.cost <= next(ticks)
    assert first.cost <= spent
    seconds = [point.seconds for point in second.curve]
    assert seconds == sorted(set(seconds))
    assert seconds[-1] <= first.cost + second.cost


def test_resuming_to_where_it_is_adds_nothing(whole):
    trainer = train()
    first = trainer(CELL)
    again = trainer(CELL, resume=first)
    assert again.epochs == 0
    assert again.curve == first.curve == whole.curve


def test_a_training_that_was_interrupted_between_points_can_be_resumed(whole, monkeypatch):
    trainer = train()
    first = trainer(CELL, epochs=1)
    batch = trainer._batch

    def interrupted(step):
        if step == 13:
            raise KeyboardInterrupt
        return batch(step)

    monkeypatch.setattr(trainer, "_batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trainer(CELL, resume=first)
    monkeypatch.undo()
    again = trainer(CELL, resume=first)
    assert again.curve == whole.curve
    same_weights(again, whole)


@pytest.mark.parametrize("epochs", [0, -1, 3.5, math.nan, math.inf])
def test_epochs_outside_the_protocol_are_refused(epochs):
    with pytest.raises(ValueError, match=f"epochs={epochs}.*more than 0 and at most 3"):
        train()(CELL, epochs=epochs)
    with pytest.raises(ValueError, match=f"epochs={epochs}.*more than 0 and at most 3"):
        train(epochs=epochs)


def test_epochs_that_end_before_the_first_point_are_refused():
    with pytest.raises(ValueError, match=r"epochs=0.4 ends before the first point"):
        train()(CELL, epochs=0.4)


@pytest.mark.parametrize(
    ("resume", "message"),
    [
        (lambda: Evaluation(0.5), "nothing to resume"),
        (lambda: train()(OTHER, epochs=1), "belongs to another training"),
        (lambda: train(seed=1)(CELL, epochs=1), "belongs to another training"),
        (lambda: train(tiny_task(name="other"))(CELL, epochs=1), "belongs to another training"),
        (
            lambda: train(recipe=dataclasses.replace(RECIPE, learning_rate=0.05))(CELL, epochs=1),
            "belongs to another",
        ),
    ],
)
def test_what_cannot_be_resumed_is_refused(resume, message):
    with pytest.raises(ValueError, match=message):
        train()(CELL, resume=resume())


def test_an_evaluation_is_used_up_when_it_is_resumed():
    trainer = train()
    first = trainer(CELL, epochs=1)
    trainer(CELL, epochs=2, resume=first)
    with pytest.raises(ValueError, match="resumed before"):
        trainer(CELL, resume=first)


def test_an_evaluation_that_was_loaded_cannot_be_resumed(tmp_path):
    trainer = train()
    history = History([run_trial(trainer, CELL, epochs=1)])
    loaded = History.load(history.save(tmp_path / "history.json"), SPACE)
    assert loaded == history
    with pytest.raises(ValueError, match="nothing to resume"):
        trainer(CELL, resume=loaded[0].evaluation)


# --- determinism -----------------------------------------------------------------------------------------------------


def test_results_do_not_depend_on_what_was_trained_before():
    cells = [CELL, OTHER, DEAD, *(SPACE.sample(random.Random(seed)) for seed in range(3))]
    trainer, expected = train(epochs=1), {}
    for cell in cells:
        expected[cell] = trainer(cell)
    random.Random(1).shuffle(cells)
    torch.manual_seed(5)
    for cell in cells:
        assert trainer(cell) == expected[cell] == train(epochs=1)(cell)


@few
@given(st.integers(0, len(SPACE) - 1).map(SPACE.__getitem__))
def test_equal_functions_have_identical_results(cell):
    trainer = train(epochs=1)
    assert trainer(cell) == trainer(SPACE.canonical(cell))


def test_a_training_may_be_resumed_under_another_name_of_the_same_function(whole):
    alias = Cell(("none", "nor_conv_3x3", "none", "nor_conv_1x1", "none", "none"))
    assert alias != alias.canonical or alias.live_edges  # node 2 leads nowhere
    trainer = train()
    first = trainer(alias, epochs=1)
    assert trainer(alias.canonical, resume=first).curve == train()(alias).curve


def test_seeds_and_tasks_give_different_trainings(whole):
    assert train(seed=1)(CELL).curve != whole.curve
    assert train(tiny_task(name="other"))(CELL).curve != whole.curve


def test_the_same_numbers_in_another_process_with_other_threads(whole):
    script = (
        f"import sys; sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1] / 'helpers')]!r}\n"
        "import torch; torch.set_num_threads(3); torch.manual_seed(9)\n"
        "from test_training import *\n"
        "train(epochs=1)(OTHER)\n"
        "evaluation = train()(CELL)\n"
        "print([(p.train_loss.hex(), p.validation_loss.hex(), p.validation_accuracy) for p in evaluation.curve])\n"
        "assert torch.get_num_threads() == 3"
    )
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    expected = [(p.train_loss.hex(), p.validation_loss.hex(), p.validation_accuracy) for p in whole.curve]
    assert found.stdout.strip() == str(expected)


def test_training_touches_no_global_random_state_and_gives_the_threads_back():
    torch.set_num_threads(2)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist(), torch.get_num_threads()
    trainer = train(epochs=1)
    trainer.test(trainer(CELL))
    with pytest.raises(DivergenceError):
        train(tiny_task(scale=1e37))(CELL)
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist(), torch.get_num_threads()
    assert torch.equal(after[0], before[0])
    assert after[1:] == before[1:]
    torch.set_num_threads(1)


def test_the_test_split_has_no_influence_on_an_evaluation(whole):
    blind = dataclasses.replace(TASK, test=tiny_task(scale=-3.0).test)
    assert train(blind)(CELL) == whole


# --- what may go wrong, and what is reported -------------------------------------------------------------------------


def test_divergence_is_a_failed_trial_with_the_reason():
    trial = run_trial(train(tiny_task(scale=1e37)), CELL)
    assert trial.failed
    assert trial.score == -math.inf
    assert trial.failure.startswith("DivergenceError: the loss is nan in training")
    assert "after 0.5 epochs" in trial.failure


def test_a_search_over_trainings_that_partly_diverge_goes_on():
    recipe = dataclasses.replace(RECIPE, epochs=1, learning_rate=1.0, gradient_norm=1e30)
    wild = train(tiny_task(scale=1e12), recipe=recipe)  # only cells that normalize survive this
    stream = regularized_evolution(SPACE, wild, population_size=4, sample_size=2, rng=random.Random(3))
    history = search(stream, Budget(evaluations=12))
    failures = [trial.failure for trial in history.trials if trial.failed]
    assert 0 < len(failures) < 12
    assert all(failure.startswith("DivergenceError") for failure in failures)


def test_a_dead_cell_is_trained_and_stays_near_chance():
    evaluation = train()(DEAD)
    counts = np.bincount(TASK.validation.targets)
    assert evaluation.score in counts / counts.sum()  # it always says the same class


def test_on_point_sees_each_point_as_it_is_measured(whole):
    seen = []
    evaluation = train(on_point=seen.append)(CELL)
    assert tuple(seen) == evaluation.curve == whole.curve


def test_the_test_result_is_that_of_the_trained_network(whole):
    loss, accuracy = train().test(whole)
    network = whole.checkpoint.network.eval()
    with torch.no_grad():
        logits = network(torch.tensor(TASK.test.inputs))
    targets = torch.tensor(TASK.test.targets)
    assert loss == pytest.approx(F.cross_entropy(logits, targets).item(), rel=1e-4)
    assert accuracy == (logits.argmax(1) == targets).double().mean().item()


def test_a_batch_that_the_samples_do_not_fill_is_refused():
    with pytest.raises(ValueError, match="200 samples do not fill one batch of 201"):
        train(recipe=TrainingRecipe(batch_size=201))


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu")])
def test_everything_is_on_the_device_that_was_asked_for(device, whole):
    evaluation = Train(TASK, device=device, recipe=RECIPE)(CELL)
    assert {parameter.device.type for parameter in evaluation.checkpoint.network.parameters()} == {"cpu"}
    assert evaluation == whole


def test_the_default_device_is_a_gpu_where_there_is_one():
    assert Train(TASK).device.type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_an_unknown_device_is_refused():
    with pytest.raises(RuntimeError, match="abacus"):
        Train(TASK, device="abacus")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_gives_nearly_the_same_curve(whole):
    evaluation = Train(TASK, device="cuda", recipe=RECIPE)(CELL)
    assert evaluation.curve[0].validation_loss == pytest.approx(whole.curve[0].validation_loss, rel=1e-2)


def test_images_are_trained_too():
    images = tiny_task(dimensions=2)
    assert train(images)(CELL).validation_loss < train(images)(DEAD).validation_loss


def test_one_epoch_on_mnist1d_tells_a_good_cell_from_a_dead_one():
    trainer = Train(load("mnist1d"), epochs=1, device="cpu")
    good = Cell(("nor_conv_3x3", "nor_conv_3x3", "nor_conv_3x3", "skip_connect", "nor_conv_3x3", "nor_conv_3x3"))
    assert trainer(good).score > 0.25
    assert trainer(DEAD).score < 0.15
