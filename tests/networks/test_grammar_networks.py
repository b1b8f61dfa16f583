"""Networks of terms: operators compute their graphs, a TinyCell as a word is its TinyCellNetwork, every word trains."""

from __future__ import annotations

import copy
import math
import random

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_grammar import ATTENTION, CELLS, DECK, FUNCTIONS, SELF_ATTENTION, STAGED_CELLS, paths, word_of
from tiny_task import tiny_task

from nas_edu.core import Budget, run_trial, search
from nas_edu.data import load
from nas_edu.networks import TermNetwork, TinyCellNetwork, build, count_macs, count_parameters
from nas_edu.networks.grammar import MODULES, term_module
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces import Derivation, Grammar, StageCells, TinyCell
from nas_edu.search_spaces.grammar_rules import Rule
from nas_edu.search_spaces.vocabulary import LAYERS, Layer
from nas_edu.search_strategies import regularized_evolution

MIXED = Grammar(  # every operator and every primitive
    """
    NET -> Linear(S, DOWN, S) | Diamond(DOWN, S, S, DOWN) | Residual(DOWN, DOWN, S)
    DOWN -> down | Linear(S, down)
    S -> Cell(P, P, P, P, P, P) | Residual(P, S, P, P) | Diamond(P, P, S, P)
    S -> P
    P -> zero | id | conv | conv1x1 | avg_pool | max_pool | linear
    """,
    max_depth=5,
)
SPACES = {"FUNCTIONS": FUNCTIONS, "CELLS": CELLS, "STAGED_CELLS": STAGED_CELLS, "MIXED": MIXED}
every = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
seeds = st.integers(0, 2**32)
shapes = st.sampled_from([(1, 40), (3, 13), (1, 8, 8), (2, 5, 9)])


PRIMITIVES = LAYERS.primitives


def term(text):
    return LAYERS.read(text)[0]


def whole(text):
    """An architecture of this word, by the one rule S -> word."""
    return Derivation("S", Rule("S", term(text)))


def carried(part):
    """The live links of an operation: (i, j, a term)."""
    for (i,), j, carries in part.live_links:
        yield i, j, LAYERS.term(LAYERS.name_of[carries.name]) if isinstance(carries, Layer) else carries


def parameters_and_macs(word, input_shape, classes):
    """By hand, from the primitives that are alive in the order of reading; each `down` before a layer doubles it."""
    dimensions = len(input_shape) - 1
    channels = {}

    def walk(part, width, sizes):
        if not part.arguments:
            if part.is_dead:
                return 0, 0
            positions = math.prod(sizes)
            taps = {"conv": 3**dimensions, "conv1x1": 1, "linear": 1}.get(part.name)
            if part.name == "down":
                halved = math.prod(size // 2 for size in sizes)
                return 2 * width * width + 2 * width, 2 * width * width * halved
            return (0, 0) if taps is None else (taps * width**2 + 2 * width, taps * width**2 * positions)
        at = {0: 0}
        total = [0, 0]
        for i, j, argument in carried(part):
            here = at[i]
            p, m = walk(argument, width * 2**here, [size // 2**here for size in sizes])
            total[0] += p
            total[1] += m
            at[j] = here + argument.type().halved
        return tuple(total)

    parameters, macs = walk(word, 8, list(input_shape[1:]))
    last = 8 * 2 ** word.type().halved
    channels["stem"] = 8 * input_shape[0]
    stem_macs = channels["stem"] * math.prod(input_shape[1:])
    return parameters + channels["stem"] + 8 + last * classes + classes, macs + stem_macs + last * classes


@every
@settings(deadline=None, max_examples=20)
@given(seeds, shapes)
def test_every_word_has_the_parameters_and_macs_of_the_hand_formula_and_finite_gradients(space, seed, shape):
    word = space.sample(random.Random(seed)).word
    network = TermNetwork(word, shape, 7)
    assert (count_parameters(network), count_macs(network, shape)) == parameters_and_macs(word, shape, 7)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3)
    logits = network(torch.rand(4, *shape))
    assert logits.shape == (4, 7)
    logits.square().sum().backward()
    missing = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert missing == ([] if not word.is_dead else ["stem.weight", "stem.bias"])
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


def one_cell_everywhere(rng):
    cell = TinyCell().sample(rng)
    return word_of(cell), cell, CELLS


def a_cell_for_each_stage(rng):
    architecture = StageCells().sample(rng)
    down, (a, b, c) = term("down"), (word_of(cell).arguments[0] for cell in architecture.cells)
    return LAYERS.term("Linear", a, down, b, down, c), architecture, STAGED_CELLS


@pytest.mark.parametrize("example", [one_cell_everywhere, a_cell_for_each_stage])
@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from([(1, 40), (1, 8, 8)]))
def test_cells_as_a_word_are_the_network_of_the_cell_spaces(example, seed, shape):
    word, architecture, space = example(random.Random(seed))
    assert space.parse(str(word)).word == word
    assume(not word.is_dead)  # for a dead cell their skeleton still widens, though nothing comes
    ours, theirs = TermNetwork(word, shape, 5), TinyCellNetwork(architecture, shape, 5)
    stages = [module for pair in zip(theirs.widen, theirs.cells, strict=True) for module in pair]
    values = [parameter for module in (*stages, theirs.head) for parameter in module.parameters()]
    with torch.no_grad():
        for value, parameter in zip(values, ours.parameters(), strict=True):
            value.normal_(0, 0.3)
            assert value.shape == parameter.shape
            parameter.copy_(value)
    x = torch.randn(6, *shape)
    torch.testing.assert_close(ours(x), theirs(x))


class Times(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


FACTORS = {name: factor for factor, name in enumerate(PRIMITIVES)} | {"id": 1.0, "linear": 0.5, "max_pool": 1.5}


@every
@settings(deadline=None, max_examples=20)
@given(seeds)
def test_the_network_sums_over_the_paths_of_the_graph(space, seed):
    """Let each primitive multiply by a number of its own: the network multiplies by a sum over paths of products."""
    word = space.sample(random.Random(seed)).word
    by_operation = {PRIMITIVES[name]: factor for name, factor in FACTORS.items()}
    with pytest.MonkeyPatch.context() as patch:
        for layer, factor in by_operation.items():
            patch.setitem(MODULES, layer, lambda *size, factor=factor: Times(factor))
        network = term_module(word, 8, 1)
    graph = word.to_graph()
    reaches = [1.0] + [0.0] * (len(graph) - 1)
    for i, j, data in sorted(graph.edges(data=True), key=lambda edge: edge[1]):
        reaches[j] += reaches[i] * by_operation[data["operation"]]
    assert network(torch.ones(())).item() == pytest.approx(reaches[-1])


FORMULAS = {
    "Linear(conv, linear, conv1x1)": lambda x, a, b, c: c(b(a(x))),
    "Residual(conv, id, conv1x1)": lambda x, a, b, c: c(a(x)) + b(x),
    "Residual(conv, linear, conv1x1)": lambda x, a, b, c: c(a(x)) + b(x),
    "Residual(conv, conv1x1, avg_pool, linear)": lambda x, a, b, c, d: d(b(a(x))) + c(x),
    "Diamond(conv, linear, conv1x1, max_pool)": lambda x, a, b, c, d: c(a(x)) + d(b(x)),
    "Cell(conv, conv1x1, linear, id, max_pool, avg_pool)": lambda x, a, b, c, d, e, f: (
        d(x) + e(a(x)) + f(b(x) + c(a(x)))
    ),
    "Residual(down, down, conv)": lambda x, a, b, c: c(a(x)) + b(x),
}


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("size", [(12,), (6, 6)])
def test_an_operator_computes_its_formula(text, size):
    module = term_module(term(text), 4, len(size)).double().eval()
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, 0, 0.5)
    x = torch.randn(2, 4, *size, dtype=torch.double)
    torch.testing.assert_close(module(x), FORMULAS[text](x, *module.arguments))


def test_stages_has_weights_of_its_own_for_each_stage():
    network = build(whole("Stages(conv)"), tiny_task())
    widths = [m.weight.shape[:2] for m in network.modules() if isinstance(m, torch.nn.Conv1d)]
    assert widths == [(8, 1), (8, 8), (16, 8), (16, 16), (32, 16), (32, 32)]


@pytest.mark.parametrize("dimensions", [1, 2])
def test_linear_is_linear_and_conv_is_not(dimensions):
    x = torch.randn(5, 4, *[6] * dimensions)
    for name, is_linear in (("linear", True), ("down", True), ("conv", False), ("max_pool", False)):
        module = term_module(term(name), 4, dimensions).eval()
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter)
        at_zero = module(torch.zeros_like(x))
        twice = module(2 * x) - at_zero
        once = module(x) - at_zero
        mirrored = module(-x) - at_zero
        assert torch.allclose(twice, 2 * once, atol=1e-4) or not is_linear
        assert torch.allclose(mirrored, -once, atol=1e-4) == is_linear


@every
@settings(deadline=None, max_examples=10)
@given(seeds)
def test_word_and_canonical_form_compute_the_same_with_the_same_weights_in_order(space, seed):
    word = space.sample(random.Random(seed)).word
    assume(len(paths(word)) < 5000 and not word.is_dead)
    one, other = (TermNetwork(form, (1, 40), 3).eval() for form in (word, word.canonical))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.nn.init.normal_(a, 0, 0.3)
        b.data.copy_(a.data)
    x = torch.randn(4, 1, 40)
    torch.testing.assert_close(one(x), other(x))


@pytest.mark.parametrize("task", ["mnist1d", "digits"])
@every
def test_words_take_a_training_step_on_the_real_tasks(space, task):
    task, rng = load(task), random.Random(0)
    inputs, targets = torch.tensor(task.train.inputs[:16]), torch.tensor(task.train.targets[:16])
    for _ in range(4):
        word = space.sample(rng)
        network = build(word, task)
        loss = F.cross_entropy(network(inputs), targets)
        loss.backward()
        assert loss.isfinite()
        assert all(p.grad.isfinite().all() for p in network.parameters() if not word.word.is_dead)


def test_the_example_of_the_lecture_learns():
    trial = run_trial(Train(load("mnist1d"), epochs=2, device="cpu"), FUNCTIONS.parse(DECK))
    assert trial.failure is None
    assert trial.score > 0.25  # chance is 10 %


def test_the_same_seed_gives_the_same_training():
    train = Train(tiny_task(), epochs=2)
    assert train(FUNCTIONS.parse(DECK)) == train(FUNCTIONS.parse(DECK))


def test_a_network_depends_on_its_seed_only_and_goes_where_it_is_sent():
    word, task = STAGED_CELLS.sample(random.Random(1)), tiny_task()
    one, other, third = build(word, task), build(word, task), build(word, task, seed=1)
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(one.head.weight, third.head.weight)
    meta = copy.deepcopy(one).to("meta")
    assert meta(torch.zeros(2, 1, 12, device="meta")).device.type == "meta"  # no tensor is made elsewhere
    dead = build(whole("Stages(zero)"), task).to("meta")
    assert dead(torch.zeros(2, 1, 12, device="meta")).device.type == "meta"


def test_evolution_trains_words():
    strategy = regularized_evolution(
        MIXED, Train(tiny_task(), epochs=1), population_size=3, sample_size=2, rng=random.Random(1)
    )
    history = search(strategy, Budget(evaluations=6))
    assert not any(trial.failed for trial in history.trials)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Linear(conv, convv)", "unknown primitive 'convv'; there are the primitives .*; did you mean 'conv'"),
        ("Residul(id, id, id)", "unknown operator 'Residul'.*did you mean 'Residual'"),
        ("S", "unknown primitive 'S'"),
        (
            "Residual(down, id, conv)",
            "adds different types: conv delivers a tensor halved once, something else",
        ),
        ("Linear(down, down, down, down)", "halves the positions 4 times; an input of \\[12\\] is too small"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        build(whole(text), tiny_task())


def test_all_primitives_are_operations_that_keep_the_shape():
    for name in PRIMITIVES:
        x = torch.randn(2, 4, 9)
        shape = term_module(term(name), 4, 1)(x).shape
        assert shape == ((2, 8, 4) if name == "down" else (2, 4, 9))


class Dot(torch.nn.Module):
    def forward(self, q, k):
        return torch.einsum("ncp,ncr->npr", q, k)


class MatrixProduct(torch.nn.Module):
    def forward(self, m, x):
        return torch.einsum("npr,ncr->ncp", m, x)


def test_a_vocabulary_of_ones_own_brings_its_modules(monkeypatch):
    attention = ATTENTION.read(f"add(x, {SELF_ATTENTION})")[0]
    with pytest.raises(ValueError, match="no module is known for the layer 'dot'; add it to MODULES"):
        term_module(attention, 4, 1)
    monkeypatch.setitem(MODULES, "dot", lambda channels, dimensions: Dot())
    monkeypatch.setitem(MODULES, "mm", lambda channels, dimensions: MatrixProduct())
    monkeypatch.setitem(MODULES, "softmax", lambda channels, dimensions: torch.nn.Softmax(-1))
    monkeypatch.setitem(MODULES, "linear", lambda channels, dimensions: torch.nn.Conv1d(channels, channels, 1))
    network = term_module(attention, 4, 1)
    query, key, value = (module for module in network.modules() if isinstance(module, torch.nn.Conv1d))
    x = torch.randn(3, 4, 6)
    by_torch = F.scaled_dot_product_attention(*(f(x).transpose(1, 2) for f in (query, key, value)), scale=1.0)
    torch.testing.assert_close(network(x), x + by_torch.transpose(1, 2))
