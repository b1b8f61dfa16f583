"""Every search space as hyperparameters: ConfigSpace and Optuna reach what the space itself reaches, and no more."""

from __future__ import annotations

import math
import random
import sys

import optuna
import pytest
from ConfigSpace import Configuration
from ConfigSpace.util import generate_grid
from hypothesis import given, settings
from hypothesis import strategies as st

from nas_edu.core.search_space import Hyperparameter, check_config
from nas_edu.search_spaces import Chain, DARTSCell, Grammar, Hierarchical, Macro, NASNetCell, StageCells, TinyCell
from nas_edu.search_spaces.export import from_configuration, suggest, to_config_space
from nas_edu.search_spaces.ready_grammars import CELLS, FUNCTIONS, STAGED_CELLS

GRAMMARS = [CELLS, FUNCTIONS, STAGED_CELLS]
FULL = [TinyCell(), StageCells(), Chain(), Macro(), NASNetCell(), DARTSCell(), Hierarchical(), *GRAMMARS]
AMBIGUOUS = Grammar("S -> A | B\nA -> conv | id\nB -> conv | zero")  # conv has two derivation trees
SMALL = [
    Chain(max_layers=2, kernels=(1, 3), channels=(4,)),
    Macro(max_layers=2, kernels=(1, 3), channels=(4,)),
    Hierarchical(motifs=(2, 1), nodes=(2, 3), primitives=("skip_connect",)),
    NASNetCell(blocks=1, operations=("skip_connect",)),
    DARTSCell(nodes=1, operations=("skip_connect", "sep_conv_3x3")),
    DARTSCell(nodes=2, operations=("sep_conv_3x3",)),
    Grammar("S -> Linear(S, S) | conv", max_depth=3),
    Grammar("S -> A | Residual(A, id, B) | Linear(B, A, A)\nA -> conv | linear\nB -> Linear(A, A)", max_depth=3),
]
seeds = st.integers(0, 2**32)
every_space = pytest.mark.parametrize("space", [*FULL, *SMALL], ids=repr)
small_spaces = pytest.mark.parametrize("space", SMALL, ids=repr)


def size(space):
    return space.size if hasattr(space, "size") else len(space)  # len() ends at 2^63


def configurations(hyperparameters, name=None, value=None):
    """How many configurations there are: the choices of those whose condition is `name = value`, multiplied up."""
    children = [
        h
        for h in hyperparameters
        if (name is None and h.condition is None)
        or (h.condition and h.condition[0] == name and value in h.condition[1])
    ]
    return math.prod(sum(configurations(hyperparameters, h.name, c) for c in h.choices) for h in children)


def reachable(space):
    """All architectures, found from one of them by going from neighbour to neighbour."""
    found = {space.sample(random.Random(0))}
    frontier = set(found)
    while frontier:
        frontier = {neighbor for one in frontier for neighbor in space.neighbors(one)} - found
        found |= frontier
    return found


def as_values(space, architectures):
    return {tuple(space.to_config(architecture).items()) for architecture in architectures}


@every_space
def test_there_are_as_many_configurations_as_architectures(space):
    assert configurations(space.hyperparameters) == size(space)


@every_space
def test_parents_come_before_their_children_and_names_are_there_once(space):
    seen = {}
    for h in space.hyperparameters:
        assert h.name not in seen
        if h.condition is not None:
            parent, allowed = h.condition
            assert set(allowed) <= set(seen[parent])
        assert len(set(h.choices)) == len(h.choices) >= 1
        assert all(type(choice) in (str, int, bool) for choice in h.choices)
        seen[h.name] = h.choices


@every_space
@settings(max_examples=50, deadline=None)  # the first mutation in a process takes long, on a busy machine
@given(seed=seeds)
def test_an_architecture_has_values_that_lead_back_to_it(space, seed):
    rng = random.Random(seed)
    architecture = space.mutate(space.sample(rng), rng)
    values = space.to_config(architecture)
    check_config(space.hyperparameters, values)
    back = space.from_config(values)
    assert back in space
    assert space.to_config(back) == values
    if isinstance(space, DARTSCell):  # the order of a node's two edges is forgotten
        assert space.canonical(back) == space.canonical(architecture)
    else:
        assert back == architecture


@every_space
def test_every_configuration_of_config_space_is_an_architecture_and_back(space):
    configuration_space = to_config_space(space, seed=1)
    for configuration in configuration_space.sample_configuration(60):
        architecture = from_configuration(space, configuration)
        assert architecture in space
        values = space.to_config(architecture)
        assert values == dict(configuration)
        assert {type(value) for value in values.values()} <= {str, int, bool}
        assert Configuration(configuration_space, values) == configuration
        assert space.parse(str(architecture)) == architecture
        absent = {h.name for h in space.hyperparameters if not h.exists(values)}
        assert absent == {h.name for h in space.hyperparameters} - set(configuration)


@small_spaces
@pytest.mark.filterwarnings("ignore:BruteForceSampler is experimental")
def test_config_space_and_optuna_reach_exactly_the_architectures_of_the_space(space):
    expected = as_values(space, reachable(space))
    assert len(expected) == size(space)

    grid = generate_grid(to_config_space(space))
    architectures = [from_configuration(space, configuration) for configuration in grid]
    assert len(grid) == size(space)
    assert as_values(space, architectures) == expected

    suggested = []
    study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler(seed=0))
    study.optimize(lambda trial: suggested.append(suggest(trial, space)) or 0.0)  # ends when there is nothing new
    assert len(suggested) == size(space)
    assert as_values(space, suggested) == expected


def test_a_word_with_two_derivations_has_two_configurations():
    """What is chosen is a derivation tree, and the two are equal."""
    grid = generate_grid(to_config_space(AMBIGUOUS))
    trees = [from_configuration(AMBIGUOUS, configuration) for configuration in grid]
    assert sorted(map(str, trees)) == ["conv", "conv", "id", "zero"]
    assert len(set(trees)) == len({tree.canonical for tree in trees}) == 3
    assert configurations(AMBIGUOUS.hyperparameters) == 4
    assert AMBIGUOUS.size == 4  # derivations


@every_space
def test_optuna_is_asked_for_what_exists_and_for_nothing_else(space):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
    for _ in range(30):
        trial = study.ask()
        architecture = suggest(trial, space)
        assert architecture in space
        assert trial.params == space.to_config(architecture)


def test_what_is_inactive_is_absent():
    space = Chain(max_layers=3)
    values = {"L": 2, "kind_1": "maxpool", "kind_2": "conv", "kernel_2": 3, "channels_2": 8}
    assert str(space.from_config(values)) == "maxpool > conv3-8"
    assert dict(Configuration(to_config_space(space), values)) == values
    for configuration in to_config_space(space, seed=0).sample_configuration(200):
        assert ("kind_3" in configuration) == (configuration["L"] == 3)
        for k in (1, 2, 3):
            assert (f"kernel_{k}" in configuration) == (configuration.get(f"kind_{k}") == "conv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"L": None}, "L has no value; it is 1 or 2 or 3"),
        ({"L": 4}, "L is 4; allowed: 1 or 2 or 3"),
        ({"L": 1}, "kind_2 exists only where L is 2 or 3; L is 1"),
        ({"kernel_1": 3}, "kernel_1 exists only where kind_1 is 'conv'; kind_1 is 'maxpool'"),
        ({"kind_2": "conf"}, "kind_2 is 'conf'; allowed: 'conv' or 'maxpool' or 'avgpool'"),
        ({"kernal_2": 3}, "no hyperparameter is named 'kernal_2'; did you mean 'kernel_2'"),
    ],
)
def test_values_that_describe_nothing_are_refused_with_the_reason(change, message):
    values = {"L": 2, "kind_1": "maxpool", "kind_2": "conv", "kernel_2": 3, "channels_2": 8} | change
    values = {name: value for name, value in values.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        Chain(max_layers=3).from_config(values)


@pytest.mark.parametrize("space", FULL, ids=repr)
def test_every_space_refuses_a_missing_and_a_foreign_value(space):
    values = space.to_config(space.sample(random.Random(0)))
    first = space.hyperparameters[0].name
    with pytest.raises(ValueError, match=f"{first} has no value"):
        space.from_config({name: value for name, value in values.items() if name != first})
    with pytest.raises(ValueError, match=f"{first} is 'foreign'; allowed"):
        space.from_config(values | {first: "foreign"})


def test_a_condition_on_what_does_not_exist_does_not_hold():
    child = Hyperparameter("child", (1, 2), ("parent", ("yes",)))
    assert child.exists({"parent": "yes"})
    assert not child.exists({"parent": "no"})
    assert not child.exists({})


def test_a_missing_tool_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ConfigSpace", None)
    with pytest.raises(ModuleNotFoundError, match=r"ConfigSpace cannot be imported .*extra `hpo`: pip install"):
        to_config_space(TinyCell())
