"""Morphisms keep the function: over random chains that have trained a little, for signals and images."""

import copy
import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_task import tiny_task

from nas_edu.networks import build
from nas_edu.networks.morphisms import Skip, add_skip, deepen, widen
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import Chain

SPACE = Chain(max_layers=5, kernels=(1, 3, 5), channels=(4, 6, 9))
TASKS = {dimensions: tiny_task(dimensions=dimensions) for dimensions in (1, 2)}


def a_network(seed, dimensions):
    """A random chain that has trained a little: running averages, scales and shifts are not those of the start."""
    rng = random.Random(seed)
    chain = SPACE.sample(rng)
    while not any(layer.kind == "conv" for layer in chain.layers):
        chain = SPACE.sample(rng)
    network = build(chain, TASKS[dimensions])
    inputs = torch.from_numpy(TASKS[dimensions].train.inputs)
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    for step in range(5):
        loss = torch.nn.functional.cross_entropy(network(inputs[step * 20 : step * 20 + 20]), torch.arange(20) % 3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return chain, network.eval(), inputs, rng


def the_same(one, other, inputs):
    with torch.no_grad():
        before, after = (copy.deepcopy(each).double().eval()(inputs.double()) for each in (one, other))
    return (before - after).abs().max().item() < 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_random_morphisms_in_a_row_keep_the_function(seed, dimensions):
    chain, network, inputs, rng = a_network(seed, dimensions)
    first = network
    for _ in range(3):
        convolutions = [k for k, layer in enumerate(chain.layers) if layer.kind == "conv"]
        if rng.random() < 0.5:
            place = rng.choice(convolutions)
            chain, network = widen(chain, network, place, chain.layers[place].channels + rng.randint(1, 9), rng=rng)
        else:
            place = rng.randrange(convolutions[0], len(chain.layers))
            chain, network = deepen(chain, network, place, inputs, kernel=rng.choice([1, 3, 5]))
        assert [str(layer) for layer in chain.layers if layer.kind == "conv"] == [
            f"conv{m[0].kernel_size[0]}-{m[0].out_channels}"
            for m in network.layers
            if isinstance(m, torch.nn.Sequential)
        ]
        built = build(chain, TASKS[dimensions])
        assert {n: p.shape for n, p in built.state_dict().items()} == {
            n: p.shape for n, p in network.state_dict().items()
        }
        assert the_same(first, network, inputs)


@pytest.mark.parametrize("seed", range(5))
def test_a_deeper_network_also_trains_from_where_it_was(seed):
    """In training mode batch normalization takes the statistics of the batch: of these `inputs`, nothing changes."""
    chain, network, inputs, _ = a_network(seed, 1)
    place = max(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    _, deeper = deepen(chain, network, place, inputs)
    seen = network.layers[: place + 1](inputs)
    new = deeper.layers[place + 1].train()
    assert torch.allclose(new(seen), seen, atol=1e-4)
    naive = torch.nn.BatchNorm1d(seen.shape[1])  # what a fresh one would make of it
    assert not torch.allclose(torch.relu(naive(seen)), seen, atol=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_a_skip_keeps_the_function_and_can_be_learned(seed):
    chain, network, inputs, _ = a_network(seed, 1)
    place = max(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    chain, network = deepen(chain, network, place, inputs)  # now one has as many inputs as outputs
    skipping = add_skip(network, place + 1)
    assert the_same(network, skipping, inputs)
    skipping(inputs).square().sum().backward()
    assert skipping.layers[place + 1].gate.grad.abs() > 0
    with pytest.raises(ValueError, match="cannot be widened"):
        widen(chain, skipping, place, 50, rng=random.Random(0))
    assert sum(isinstance(m, Skip) for m in network.layers) == 0, "the parent stays as it is"


def test_copies_without_noise_stay_equal_and_with_noise_part():
    chain, network, inputs, _ = a_network(3, 1)
    place = next(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    channels = 2 * chain.layers[place].channels

    def after_training(noise):
        _, wide = widen(chain, network, place, channels, noise=noise, rng=random.Random(0))
        wide.train()
        optimizer = torch.optim.SGD(wide.parameters(), 0.1)
        for _ in range(5):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(wide(inputs[:50]), torch.arange(50) % 3).backward()
            optimizer.step()
        weights = wide.layers[place][0].weight.detach().flatten(1).double()
        return len({tuple(round(x, 5) for x in row.tolist()) for row in weights})

    assert after_training(0.0) == channels // 2
    assert after_training(0.05) > channels // 2


def test_what_would_change_the_function_is_refused():
    chain = SPACE.parse("maxpool > conv3-4 > avgpool")
    network = build(chain, TASKS[1])
    inputs = torch.from_numpy(TASKS[1].train.inputs)
    with pytest.raises(ValueError, match="must follow a convolution and its ReLU"):
        deepen(chain, network, 0, inputs)
    with pytest.raises(ValueError, match="no convolution as layer 0"):
        widen(chain, network, 0, 9, rng=random.Random(0))
    with pytest.raises(ValueError, match="wider means more"):
        widen(chain, network, 1, 4, rng=random.Random(0))
    with pytest.raises(ValueError, match="nothing can go around it"):
        add_skip(network, 1)
    square = SPACE.parse("conv3-4 > conv3-4")
    skipping = add_skip(build(square, TASKS[1]), 1)
    with pytest.raises(ValueError, match="with skips cannot be deepened"):
        deepen(square, skipping, 1, inputs)


@pytest.mark.parametrize("training", [True, False])
def test_a_deeper_network_is_in_the_mode_of_its_parent_and_as_it_is_the_same(training):
    chain, network, inputs, _ = a_network(1, 1)
    place = next(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    _, deeper = deepen(chain, network.train(training), place, inputs)
    assert {module.training for module in deeper.modules()} == {training}
    if not training:
        assert (deeper(inputs) - network(inputs)).abs().max() < 1e-4


@pytest.mark.parametrize(("device", "kind"), [("meta", torch.float32), ("cpu", torch.float64)])
def test_inputs_go_where_the_network_is(device, kind):
    chain, network, inputs, _ = a_network(1, 1)
    place = next(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    _, deeper = deepen(chain, network.to(device, kind), place, inputs)
    assert {(weight.device.type, weight.dtype) for weight in deeper.parameters()} == {(device, kind)}


def test_morphisms_leave_the_global_random_state_alone():
    chain, network, inputs, rng = a_network(1, 1)
    place = max(k for k, layer in enumerate(chain.layers) if layer.kind == "conv")
    before = torch.get_rng_state()
    widen(chain, network, place, 12, rng=rng)  # the last one: the head reads it
    deepen(chain, network, place, inputs)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_goes_on_from_a_morphed_network():
    task = TASKS[1]
    train = Train(
        task, recipe=TrainingRecipe(epochs=2, batch_size=50, learning_rate=1e-9, weight_decay=0, points_per_epoch=1)
    )
    chain = SPACE.parse("conv3-4 > maxpool > conv3-4")
    parent = train(chain)
    network = parent.checkpoint.network
    inputs = torch.from_numpy(task.train.inputs)
    wide = widen(chain, network, 0, 9, rng=random.Random(0))
    child = train(wide[0], inherit=wide[1])
    moved = child.checkpoint.network.state_dict()
    for name, weight in wide[1].state_dict().items():  # with this learning rate only the running averages move
        assert "running" in name or "batches" in name or torch.allclose(moved[name], weight, atol=1e-5)
    assert parent.validation_loss != train(wide[0]).validation_loss
    assert the_same(wide[1], widen(chain, network, 0, 9, rng=random.Random(0))[1], inputs), "it trains a copy"
    with pytest.raises(ValueError, match="not of conv3-4"):
        train(chain, inherit=wide[1])
