"""Neuroevolution on chains: who becomes a parent, what mutations reach, and whose weights a child starts with."""

from __future__ import annotations

import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from tiny_task import tiny_task

from nas_edu.core import Budget, Evaluation, search
from nas_edu.networks import ChainNetwork, build
from nas_edu.networks.morphisms import inherit_weights
from nas_edu.performance_estimation import Train, TrainingRecipe
from nas_edu.search_spaces import Chain, LayerChain, TinyCell
from nas_edu.search_strategies.neuroevolution import mutate_layers, neuroevolution

SPACE = Chain(max_layers=3, kernels=(1, 3), channels=(4, 8))
seeds = st.integers(0, 2**32)


def chain(text):
    return SPACE.parse(text)


def landscape(architecture, **_):
    """From 0.3 to 1.3; short chains fail now and then."""
    value = sum(map(ord, str(architecture))) % 101
    if value < 10:
        raise RuntimeError("no memory left")
    return Evaluation(0.3 + value / 101)


def run(evaluate=landscape, evaluations=60, seed=0, **settings):
    stream = neuroevolution(SPACE, evaluate, rng=random.Random(seed), **settings)
    return search(stream, Budget(evaluations=evaluations))


def generations(history, size, elite):
    """The trials of each complete generation that were born in it, the first one whole."""
    trials = history.trials
    yield trials[:size]
    for start in range(size, len(trials) - (size - elite) + 1, size - elite):
        yield trials[start : start + size - elite]


@given(seeds, st.integers(1, 6).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_generations_replace_each_other_and_the_elite_stays(seed, sizes):
    size, elite = sizes
    history = run(seed=seed, population_size=size, elite_size=elite)
    first, *born = generations(history, size, elite)
    living = first
    for children in born:
        best = sorted(living, key=lambda t: -t.score)[:elite]  # stable: of equals the earlier one
        assert {id(t.replaces) for t in children} == {id(t) for t in living if all(t is not b for b in best)}
        assert all(any(child.parents[0] is one for one in living) for child in children)
        living = best + children
    if elite:
        assert max(t.score for t in living) == max(t.score for t in history.trials[: size + len(born) * (size - elite)])


def test_parents_are_sampled_in_proportion_to_fitness_with_replacement():
    values = [0.0, 0.5, 1.0, 2.5, 1.0]
    given_scores = iter(values)

    def first_generation_only(architecture, **_):
        return Evaluation(next(given_scores, 0.0))

    # One generation of 5 is followed by elites that keep it: with elite_size 4 each generation has one child, of score
    # 0, which takes the place of the other 0. So the fitnesses stay the same for ever.
    history = run(first_generation_only, evaluations=4005, population_size=5, elite_size=4)
    counts = dict.fromkeys(values[1:], 0)
    for trial in history.trials[5:]:
        assert trial.parents[0].score > 0
        counts[trial.parents[0].score] += 1
    expected = {0.5: 4000 * 0.1, 1.0: 4000 * 0.4, 2.5: 4000 * 0.5}  # two individuals have fitness 1
    assert chisquare([counts[v] for v in expected], list(expected.values())).pvalue > 0.01
    # With replacement: within one generation some parent has several children.
    trials = run(population_size=10, evaluations=20).trials
    assert len({id(trial.parents[0]) for trial in trials[10:]}) < 10


def test_a_failure_is_never_a_parent_unless_all_failed():
    assert any(trial.failed for trial in run(evaluations=300).trials)
    assert all(not trial.parents[0].failed for trial in run(evaluations=300).trials[10:])

    def fails(architecture, **_):
        raise RuntimeError("never")

    assert len(run(fails).trials) == 60


def test_negative_scores_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"scores of 0 or more, got -0.5.*accuracy instead of minus a loss"):
        run(lambda a, **_: Evaluation(-0.5))
    with pytest.raises(ValueError, match="elite_size must lie in 0 to population_size - 1 = 3, got 4"):
        run(population_size=4, elite_size=4)


def one_mutation_away(architecture):
    """By brute force, with how: all chains that adding, changing or removing a layer can give."""
    layers, found = architecture.layers, {}
    for place in range(len(layers) + 1):
        for layer in SPACE.layers:
            found.setdefault("add", []).append((*layers[:place], layer, *layers[place:]))
    for place in range(len(layers)):
        found.setdefault("remove", []).append(layers[:place] + layers[place + 1 :])
        for layer in SPACE.layers:
            if layer != layers[place]:
                found.setdefault("change", []).append((*layers[:place], layer, *layers[place + 1 :]))
    kinds = {kind for kind in found if kind == "change" or LayerChain(found[kind][0] or layers) in SPACE}
    return {kind: found[kind] for kind in kinds if all(found[kind])}


@pytest.mark.parametrize("text", ["conv1-4", "conv3-8 > maxpool", "conv1-4 > conv1-4 > avgpool"])
def test_mutations_reach_exactly_what_one_layer_can_change_each_as_often_as_said(text):
    architecture, rng = chain(text), random.Random(0)
    possible = one_mutation_away(architecture)
    expected = {}
    for results in possible.values():  # the kind first, then the place and the layer
        for layers in results:
            expected[layers] = expected.get(layers, 0) + 6000 / len(possible) / len(results)
    drawn = [mutate_layers(SPACE, architecture, rng).layers for _ in range(6000)]
    assert set(drawn) == set(expected)
    assert chisquare([drawn.count(layers) for layers in expected], list(expected.values())).pvalue > 0.001


def test_same_seed_same_history_and_it_runs_on_other_spaces_with_their_mutation():
    assert run() == run() != run(seed=1)
    stream = neuroevolution(TinyCell(), lambda a, **_: Evaluation(1.0), mutate=TinyCell.mutate, rng=random.Random(0))
    for trial in search(stream, Budget(evaluations=30)).trials[10:]:
        assert trial.architecture in TinyCell().neighbors(trial.parents[0].architecture)


@pytest.mark.parametrize(
    ("parent", "child", "in_common"),
    [
        ("conv3-8 > conv1-4", "conv3-8 > conv3-8 > conv1-4", [(0, 0), (1, 2), ("head", "head")]),
        ("conv3-8 > maxpool > conv1-4", "conv3-8 > conv1-4", [(0, 0), (2, 1), ("head", "head")]),
        ("conv3-8 > conv3-4 > conv1-4", "conv3-8 > conv3-8 > conv1-4", [(0, 0), ("head", "head")]),
        ("conv3-8 > conv1-8", "conv1-8 > conv1-8", [(1, 1), ("head", "head")]),
        ("conv3-8", "conv3-4", []),
        ("conv3-8 > conv3-8", "conv3-8 > conv3-8", [(0, 0), (1, 1), ("head", "head")]),
    ],
)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_child_has_the_weights_of_the_layers_in_common_and_its_own_elsewhere(parent, child, in_common, dimensions):
    task = tiny_task(dimensions=dimensions)
    old, new, fresh = (build(chain(text), task, seed=seed) for text, seed in ((parent, 0), (child, 1), (child, 1)))
    before = {name: value.clone() for name, value in old.state_dict().items()}
    assert inherit_weights(new, old) == len(in_common)
    for name, value in old.state_dict().items():
        assert torch.equal(value, before[name])
    place = {mine: theirs for theirs, mine in in_common}
    for key, module in [*enumerate(new.layers), ("head", new.head)]:
        source = old.head if place.get(key) == "head" else old.layers[place[key]] if key in place else None
        if source is None:
            source = fresh.head if key == "head" else fresh.layers[key]
        for mine, theirs in zip(module.state_dict().values(), source.state_dict().values(), strict=True):
            assert torch.equal(mine, theirs)


def test_only_chains_inherit():
    task = tiny_task()
    other = build(TinyCell()[77], task)
    with pytest.raises(TypeError, match="not by TinyCellNetwork"):
        inherit_weights(build(chain("conv3-8"), task), other)
    train = Train(task, recipe=TrainingRecipe(epochs=1, batch_size=50))
    with pytest.raises(ValueError, match="no weights to inherit"):
        train(chain("conv3-8"), inherit=Evaluation(0.5))


def test_evolution_that_trains_starts_children_from_their_parents_weights():
    train = Train(tiny_task(), recipe=TrainingRecipe(epochs=1, batch_size=50))
    seen = []

    def evaluate(architecture, *, inherit=None):
        evaluation = train(architecture, inherit=inherit)
        seen.append(inherit)
        return evaluation

    def run_it(inherit):
        stream = neuroevolution(SPACE, evaluate, population_size=4, inherit=inherit, rng=random.Random(0))
        return search(stream, Budget(evaluations=16))

    heirs = run_it(True)
    assert all(isinstance(t.evaluation.checkpoint.network, ChainNetwork) for t in heirs.trials)
    assert seen[:4] == [None] * 4
    assert all(given is t.parents[0].evaluation for given, t in zip(seen[4:], heirs.trials[4:], strict=True))
    orphans = run_it(False)
    assert [t.architecture for t in heirs.trials[:8]] == [t.architecture for t in orphans.trials[:8]]
    losses = [sum(t.evaluation.validation_loss for t in h.trials[8:]) / 8 for h in (heirs, orphans)]
    assert losses[0] < losses[1]
    assert run_it(True) == heirs


def test_what_was_inherited_counts_from_the_first_batch_on():
    train = Train(tiny_task(), recipe=TrainingRecipe(epochs=10, batch_size=50))
    parent = chain("conv3-8 > conv3-8 > maxpool")
    first = train(parent)
    again = train(parent, inherit=first)
    assert again.curve[0].train_loss < first.curve[0].train_loss - 0.1
    assert again.epochs == 10
    assert train(parent) == first, "the parent's evaluation is not used up, and nothing is remembered"
