"""The contract of a search space (`core.search_space`), held by every one of them, for architectures at random.

Quick by default; with NAS_EDU_THOROUGH=1 in the environment thousands of architectures of each space are taken.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import pickle
import random

import networkx as nx
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tiny_task import tiny_task

from nas_edu.core import Budget, Evaluation, History, SearchSpace, search
from nas_edu.data import load
from nas_edu.networks import build
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import (
    Chain,
    DARTSCell,
    Grammar,
    Hierarchical,
    Macro,
    NASNetCell,
    StageCells,
    TinyCell,
    published_cells,
)
from nas_edu.search_spaces.ready_grammars import CELLS, FUNCTIONS, STAGED_CELLS
from nas_edu.search_spaces.subspace import SpaceAround
from nas_edu.search_strategies import local_search, random_search, regularized_evolution

THOROUGH = os.environ.get("NAS_EDU_THOROUGH") == "1"
ARCHITECTURES = 3000 if THOROUGH else 30  # of each space
TRAINED = 2000 if THOROUGH else 8  # one step, half of them on each task

SPACES = {
    "TinyCell": TinyCell(),
    "StageCells": StageCells(),
    "Chain": Chain(),
    "Macro": Macro(),
    "DARTSCell": DARTSCell(),
    "NASNetCell": NASNetCell(),
    "Hierarchical": Hierarchical(),
    "FUNCTIONS": FUNCTIONS,
    "CELLS": CELLS,
    "STAGED_CELLS": STAGED_CELLS,
    "ambiguous": Grammar("S -> A | Linear(A, S) | Diamond(A, zero, S, A)\nA -> conv | Linear(conv, id) | max_pool"),
}
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
ENCODINGS = ("one_hot", "adjacency", "path")


def architectures(space, number, seed=0):
    """Half of them samples, half of them ends of short random walks, which go where samples seldom are."""
    rng = random.Random(seed)
    for count in range(number):
        architecture = space.sample(rng)
        for _ in range(rng.randrange(6) if count % 2 else 0):
            architecture = space.mutate(architecture, rng)
        yield architecture


def attempt(call, *arguments):
    """What it returns, or None and why it refuses to."""
    try:
        return call(*arguments), ""
    except ValueError as error:
        return None, str(error)


@every_space
def test_an_architecture_prints_parses_hashes_and_does_not_change(space):
    for architecture in architectures(space, ARCHITECTURES):
        text = str(architecture)
        back = space.parse(text)
        assert back == architecture == pickle.loads(pickle.dumps(architecture)), text
        assert (hash(back), str(back)) == (hash(architecture), text)
        assert "\n" not in text
        assert architecture in space
        assert text not in space
        for field in dataclasses.fields(architecture):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(architecture, field.name, getattr(architecture, field.name))


@every_space
def test_the_space_and_its_architectures_keep_the_contract(space):
    for architecture in architectures(space, 5):
        own, from_space = architecture.to_graph(), space.to_graph(architecture)
        assert list(own.edges(data=True)) == list(from_space.edges(data=True))
        assert space.check(architecture) is None
        assert list(space.encode(architecture)) == list(space.encode(architecture, "one_hot"))
    assert SearchSpace in type(space).__mro__
    assert space.size == SearchSpace.size.fget(space)  # by the hyperparameters
    for stranger in (None, "conv", nx.Graph()):
        assert stranger not in space
        with pytest.raises(TypeError):
            space.check(stranger)
        with pytest.raises(TypeError):
            space.to_graph(stranger)


class Defaults(SearchSpace):
    """A space with nothing of its own but what a space must give."""

    def __init__(self, space):
        self.space = space

    hyperparameters = property(lambda self: self.space.hyperparameters)

    def from_config(self, values):
        return self.space.from_config(values)

    def to_config(self, architecture):
        return self.space.to_config(architecture)

    def parse(self, text):
        return self.space.parse(text)


@every_space
def test_what_a_space_leaves_out_follows_from_its_hyperparameters(space):
    if isinstance(space, Grammar):
        pytest.skip("another rule opens too many places; Grammar has neighbours of its own")
    if isinstance(space, Chain | Macro):  # another number of layers brings every choice of theirs
        space = type(space)(max_layers=2)
    bare, rng = Defaults(space), random.Random(0)
    for _ in range(5):
        architecture = space.from_config(space.to_config(bare.sample(rng)))  # a DARTS cell: edges in order
        neighbours = bare.neighbors(architecture)
        assert len(set(neighbours)) == len(neighbours)
        assert architecture not in neighbours
        assert all(space.from_config(space.to_config(one)) == one in bare for one in neighbours[:20])
        if not isinstance(space, DARTSCell):  # there, an edge that reads another state keeps its operation
            assert set(neighbours) == set(space.neighbors(architecture))
        assert bare.mutate(architecture, rng) in neighbours
        assert list(bare.encode(architecture)) == [
            float(space.to_config(architecture).get(h.name) == c) for h in space.hyperparameters for c in h.choices
        ]
        assert bare.canonical(architecture) == architecture.canonical
        assert list(bare.to_graph(architecture).edges) == list(architecture.to_graph().edges)
    assert "not_there" not in bare
    assert bare.size == (space.size if hasattr(space, "size") else len(space))
    assert repr(bare).startswith("Defaults(")
    with pytest.raises(ValueError, match="has the encoding 'one_hot', not 'path'"):
        bare.encode(architecture, "path")


@every_space
def test_a_space_around_another_proposes_what_that_proposes(space):
    around = SpaceAround(space)
    one, other = random.Random(4), random.Random(4)
    architecture = around.sample(one)
    assert architecture == space.sample(other)
    assert around.mutate(architecture, one) == space.mutate(architecture, other)
    assert around.parse(str(architecture)) == architecture in around
    assert around.from_config(around.to_config(architecture)) == space.from_config(space.to_config(architecture))
    assert around.neighbors(architecture) == space.neighbors(architecture)
    assert around.canonical(architecture) == architecture.canonical
    assert list(around.to_graph(architecture).edges) == list(space.to_graph(architecture).edges)
    assert repr(pickle.loads(pickle.dumps(around))) == f"SpaceAround({space!r})"


@every_space
def test_other_texts_and_other_types_are_refused_with_a_reason(space):
    rng = random.Random(0)
    for architecture in architectures(space, ARCHITECTURES):
        text = str(architecture)
        place = rng.randrange(len(text) + 1)
        broken = rng.choice([text[:place], text[:place] + "?" + text[place:], text[:place] + text[place + 1 :]])
        other, refusal = attempt(space.parse, broken)
        if other is None:
            assert len(refusal) > 20, broken
        else:  # what happens to be another architecture, or only lacks a space, must print as such
            assert space.parse(str(other)) == other, broken
    for nothing in (None, 7, b"conv", [text]):
        assert nothing not in space
        with pytest.raises(TypeError):
            space.parse(nothing)


@every_space
def test_neighbours_and_mutations_are_other_architectures_of_the_space(space):
    rng = random.Random(1)
    for architecture in architectures(space, ARCHITECTURES // 3):
        neighbours, mutated = space.neighbors(architecture), space.mutate(architecture, rng)
        assert len(set(neighbours)) == len(neighbours) > 0, architecture
        assert architecture not in neighbours
        assert mutated != architecture
        assert mutated in space
        assert mutated in neighbours or isinstance(space, Grammar)  # there, a whole sub-tree is derived anew
        for other in rng.sample(neighbours, min(10, len(neighbours))):
            assert other in space, architecture
            assert space.parse(str(other)) == other


@every_space
def test_the_canonical_form_is_its_own_and_one_for_equal_architectures(space):
    for architecture in architectures(space, ARCHITECTURES):
        canonical = space.canonical(architecture)
        assert canonical == architecture.canonical, architecture
        assert canonical.canonical == canonical
        assert type(canonical) is type(architecture)
        assert canonical in space or isinstance(space, Grammar)  # there, it is a shorter term


@every_space
def test_encodings_have_one_length_and_one_hot_tells_all_apart(space):
    found = {}
    for architecture in architectures(space, ARCHITECTURES):
        for encoding in ENCODINGS:
            code, refusal = attempt(space.encode, architecture, encoding)
            assert code is not None or "one_hot" in refusal  # names what there is
            found.setdefault(encoding, []).append((code, architecture))
        with pytest.raises(ValueError, match="one_hot"):
            space.encode(architecture, "onehot")
    for encoding, codes in found.items():
        lengths = {None if code is None else code.shape for code, _ in codes}
        assert len(lengths) == 1, encoding
        if codes[0][0] is not None:
            assert all(code.dtype == np.float32 and np.isfinite(code).all() for code, _ in codes)
    by_code = {}
    for code, architecture in found["one_hot"]:
        assert set(np.unique(code)) <= {0, 1}
        by_code.setdefault(code.tobytes(), set()).add(architecture.canonical)
    assert all(len(same) == 1 for same in by_code.values())
    assert len(by_code) > 1


@every_space
def test_the_graph_is_acyclic_and_leads_from_the_input_to_the_output(space):
    for architecture in architectures(space, ARCHITECTURES):
        graph = space.to_graph(architecture)
        assert isinstance(graph, nx.MultiDiGraph)
        assert nx.is_directed_acyclic_graph(graph), architecture
        for _, _, data in graph.edges(data=True):
            assert isinstance(data["operation"], str)
            assert isinstance(data["live"], bool)
        live = nx.DiGraph((i, j) for i, j, alive in graph.edges(data="live") if alive)
        ends = [node for node in live if live.out_degree(node) == 0]
        assert len(ends) <= 1, architecture  # nothing live gets lost on the way to the output
        assert {node for node in live if live.in_degree(node) == 0} <= {0, 1}, architecture  # a cell has two inputs


@every_space
def test_size_length_and_iteration_agree(space):
    size = space.size if hasattr(space, "size") else len(space)
    assert type(size) is int
    if hasattr(space, "__len__") and size < 2**63:
        assert len(space) == size
    if hasattr(space, "__iter__"):
        first = list(itertools.islice(space, ARCHITECTURES))
        assert len(set(first)) == len(first) == min(size, ARCHITECTURES)
        assert all(architecture in space for architecture in first)


@every_space
def test_the_same_seed_gives_the_same_and_nothing_global_is_touched(space):
    before = random.getstate(), np.random.get_state()[1].tolist()
    one, other = (list(architectures(space, 10, seed=5)) for _ in range(2))
    assert one == other != list(architectures(space, 10, seed=6))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    assert "object at" not in repr(space)


# --- networks --------------------------------------------------------------------------------------------------------


@every_space
@pytest.mark.parametrize("name", ["mnist1d", "digits"])
def test_every_architecture_takes_a_training_step(space, name):
    task = load(name)
    inputs, targets = torch.from_numpy(task.train.inputs[:8]), torch.from_numpy(task.train.targets[:8])
    for architecture in architectures(space, TRAINED // 2, seed=7):
        network = build(architecture, task)
        logits = network(inputs)
        loss = F.cross_entropy(logits, targets)
        loss.backward()
        assert logits.shape == (8, task.classes), architecture
        assert loss.isfinite(), architecture
        gradients = {name: parameter.grad for name, parameter in network.named_parameters()}
        without = [name for name, gradient in gradients.items() if gradient is None]
        assert all(gradient.isfinite().all() for gradient in gradients.values() if gradient is not None), architecture
        # Only where nothing of the input arrives may a parameter have no gradient.
        assert not without or (logits == logits[0]).all(), (architecture, without)


@every_space
def test_a_network_depends_on_the_architecture_and_the_seed_only(space):
    task = tiny_task(dimensions=2)
    inputs = torch.from_numpy(task.train.inputs[:5])
    for architecture in architectures(space, TRAINED // 4, seed=3):
        one, other = build(architecture, task), build(space.parse(str(architecture)), task)
        third = build(architecture, task, seed=1)
        assert torch.equal(one(inputs), other(inputs)), architecture
        assert not any(
            torch.equal(a, b) for a, b in zip(one.parameters(), third.parameters(), strict=True) if a.dim() > 1
        )


# --- search ----------------------------------------------------------------------------------------------------------

STRATEGIES = {
    "random_search": random_search,
    "regularized_evolution": lambda space, evaluate, rng: regularized_evolution(
        space, evaluate, population_size=4, sample_size=2, rng=rng
    ),
    "local_search": local_search,
}


@every_space
@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_a_search_runs_saves_and_loads(space, strategy, tmp_path):
    def evaluate(architecture, **_):
        return Evaluation(len(str(architecture)) % 7)

    history = search(strategy(space, evaluate, rng=random.Random(0)), Budget(evaluations=20))
    assert not any(trial.failed for trial in history.trials)
    assert all(trial.architecture in space for trial in history.trials)
    assert History.load(history.save(tmp_path / "history.json"), space) == history


@every_space
def test_training_evaluates_an_architecture(space):
    for architecture in architectures(space, 2, seed=11):
        evaluation = Train(tiny_task(), epochs=1, device="cpu")(architecture)
        assert 0 <= evaluation.score <= 1


@pytest.mark.parametrize("name", ["DARTS_V1", "DARTS_V2", "GDAS", "PC_DARTS", "NASNET_A", "AMOEBANET_A"])
def test_published_cells_belong_to_their_space(name):
    genotype = getattr(published_cells, name)
    space = SPACES["DARTSCell"] if name not in ("NASNET_A", "AMOEBANET_A") else SPACES["NASNetCell"]
    assert genotype in space
    assert space.parse(str(genotype)) == genotype
    assert all(other in space for other in space.neighbors(genotype))
