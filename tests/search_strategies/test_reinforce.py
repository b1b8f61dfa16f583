"""REINFORCE and its controllers against enumeration: on a tiny space an expectation is a sum over architectures."""

from __future__ import annotations

import itertools
import math
import random
from functools import partial

import numpy as np
import pytest
import torch
from scipy import stats

from nas_edu.core import Budget, Evaluation, History, Step, Trial, search
from nas_edu.search_spaces import Chain, NASNetCell, TinyCell
from nas_edu.search_spaces.chain import StoppingChain
from nas_edu.search_strategies.controller import LSTMController, TabularController
from nas_edu.search_strategies.reinforce import reinforce, reinforce_loss

TINY = {"max_layers": 2, "kernels": (1, 3), "channels": (8, 16)}
SPACES = {"Chain": Chain(**TINY), "StoppingChain": StoppingChain(**TINY)}
CONTROLLERS = {"tabular": TabularController, "LSTM": partial(LSTMController, units=5)}
both = pytest.mark.parametrize("kind", CONTROLLERS)


def controller(kind, space, seed=0):
    """In float64, with weights far from uniform, so that the gradients are not small by accident."""
    policy = CONTROLLERS[kind](space.hyperparameters, rng=random.Random(seed)).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in policy.parameters():
        torch.nn.init.normal_(parameter, std=0.7, generator=generator)
    return policy


def reward(architecture):
    return 0.8 + 0.1 * math.sin(sum(map(ord, str(architecture))))


def gradient(scalar, policy):
    parts = torch.autograd.grad(scalar, list(policy.parameters()), allow_unused=True)
    zeros = map(torch.zeros_like, policy.parameters())
    return torch.cat([(z if p is None else p).flatten() for p, z in zip(parts, zeros, strict=True)])


def exact_gradient(policy, space):
    """Of J = sum over a of pi(a) R(a), by autograd through the probabilities themselves."""
    terms = [policy.replay(space.to_config(a)).log_probability.exp() * reward(a) for a in space]
    return gradient(torch.stack(terms).sum(), policy)


@both
@pytest.mark.parametrize("name", SPACES)
def test_the_probabilities_of_all_architectures_sum_to_one(kind, name):
    space = SPACES[name]
    policy = controller(kind, space)
    episodes = [policy.replay(space.to_config(a)) for a in space]
    p = torch.stack([w.log_probability for w in episodes]).exp()
    assert p.sum().item() == pytest.approx(1, abs=1e-12)
    entropy = -(p * p.log()).sum().item()  # the chain rule: the expected sum of the entropies on the way
    assert sum(q.item() * w.entropy.item() for q, w in zip(p, episodes, strict=True)) == pytest.approx(entropy)
    for architecture, episode in zip(space, episodes, strict=True):
        assert space.from_config(episode.values) == architecture
        assert episode.probabilities.keys() == episode.values.keys()


@both
@pytest.mark.parametrize("baseline", [0.0, 0.8, -3.0])
def test_the_estimate_has_the_exact_gradient_as_its_expectation_whatever_the_baseline(kind, baseline):
    space = SPACES["StoppingChain"]
    policy, expected = controller(kind, space), 0
    for architecture in space:
        episode = policy.replay(space.to_config(architecture))
        p = episode.log_probability.exp().item()
        expected = expected - p * gradient(reinforce_loss([episode], [reward(architecture)], baseline), policy)
    exact = exact_gradient(policy, space)
    assert exact.abs().max() > 1e-3
    torch.testing.assert_close(expected, exact, rtol=1e-9, atol=1e-12)


def test_the_exact_gradient_of_a_table_is_the_formula_of_the_softmax():
    # dJ / dtheta_tk = pi_tk (E[R | a_t = k] - J)
    space = TwoDecisions()
    policy = controller("tabular", space)
    p, q = (table.detach().softmax(-1).numpy() for table in policy.tables)
    rewards = np.array([[reward((i, j)) for j in range(3)] for i in range(2)])
    mean = p @ rewards @ q
    formula = np.concatenate([p * (rewards @ q - mean), q * (p @ rewards - mean)])
    np.testing.assert_allclose(exact_gradient(policy, space).numpy(), formula, atol=1e-12)


@both
def test_the_mean_of_many_estimates_is_the_exact_gradient(kind):
    space, count = TwoDecisions(), 1000
    policy, rng = controller(kind, space, seed=1), random.Random(0)
    estimate = {}  # of each architecture once: it is always the same
    for architecture in space:
        episode = policy.replay(space.to_config(architecture))
        estimate[architecture] = -gradient(reinforce_loss([episode], [reward(architecture)], 0.8), policy).numpy()
    with torch.no_grad():
        drawn = [space.from_config(policy.sample(rng).values) for _ in range(count)]
    estimates, exact = np.array([estimate[a] for a in drawn]), exact_gradient(policy, space).numpy()
    error = estimates.std(0, ddof=1) / count**0.5
    moving = error > 0
    assert moving.any()
    z = (estimates.mean(0) - exact)[moving] / error[moving]
    np.testing.assert_allclose(exact[~moving], 0, atol=1e-12)
    assert abs(z).max() < stats.norm.isf(0.0005 / moving.sum())


def test_a_batch_is_the_mean_and_a_baseline_lowers_the_variance():
    space, rng = TwoDecisions(), random.Random(0)
    policy = controller("tabular", space)
    drawn = [policy.sample(rng).values for _ in range(200)]
    rewards = [reward(space.from_config(values)) for values in drawn]

    def estimates(baseline):
        pairs = zip(map(policy.replay, drawn), rewards, strict=True)
        return np.array([gradient(reinforce_loss([w], [r], baseline), policy).numpy() for w, r in pairs])

    batch = gradient(reinforce_loss(list(map(policy.replay, drawn)), rewards, 0.8), policy).numpy()
    np.testing.assert_allclose(batch, estimates(0.8).mean(0))
    assert estimates(np.mean(rewards)).var(0).sum() < estimates(0.0).var(0).sum() / 10


def test_the_entropy_bonus_pulls_towards_uniform():
    space = TwoDecisions()
    policy = controller("tabular", space)
    episode = policy.replay(space.to_config((0, 0)))
    bonus = gradient(reinforce_loss([episode], [0.5], 0.5, entropy_weight=2.0), policy)
    torch.testing.assert_close(bonus, -2.0 * gradient(policy.replay(space.to_config((0, 0))).entropy, policy))

    def entropy(weight):
        stream = reinforce(
            TwoDecisions(),
            evaluate,
            controller=TabularController,
            learning_rate=0.05,
            entropy_weight=weight,
            rng=random.Random(0),
        )
        return search(stream, Budget(evaluations=150)).steps[-1].losses["entropy"]

    assert entropy(1.0) > entropy(0.0) + 0.3


@both
def test_it_samples_with_the_probabilities_that_it_reports(kind):
    space = TwoDecisions()
    policy, rng = controller(kind, space), random.Random(3)
    expected = [1000 * policy.replay(space.to_config(a)).log_probability.exp().item() for a in space]
    with torch.no_grad():
        drawn = [space.from_config(policy.sample(rng).values) for _ in range(1000)]
    assert stats.chisquare([drawn.count(a) for a in space], expected).pvalue > 0.01


@pytest.mark.parametrize("name", SPACES)
def test_the_most_probable_choices_are_those_of_the_reported_probabilities(name):
    episode = controller("LSTM", SPACES[name]).most_probable()
    for hyperparameter in SPACES[name].hyperparameters:
        if hyperparameter.name in episode.values:
            p = episode.probabilities[hyperparameter.name]
            assert hyperparameter.choices[int(np.argmax(p))] == episode.values[hyperparameter.name]


def test_an_lstm_sees_the_choices_so_far_and_a_table_does_not():
    space = TwoDecisions()
    for kind, same in (("tabular", True), ("LSTM", False)):
        policy = controller(kind, space)
        second = [policy.replay(space.to_config((i, 0))).probabilities["second"] for i in (0, 1)]
        assert (second[0] == second[1]) is same


@pytest.mark.parametrize("name", ["tabular", "LSTM"])
@pytest.mark.parametrize("space", [TinyCell(), NASNetCell(blocks=2), Chain(), StoppingChain()], ids=repr)
def test_it_starts_uniform_or_nearly_so(space, name):
    make = {"tabular": TabularController, "LSTM": LSTMController}[name]
    episode = make(space.hyperparameters, rng=random.Random(0)).sample(random.Random(1))
    assert space.from_config(episode.values) in space
    for p in episode.probabilities.values():
        np.testing.assert_allclose(p, 1 / len(p), atol=1e-6 if name == "tabular" else 0.1)


class TwoDecisions:
    """Six architectures (i, j)."""

    name = "TwoDecisions"

    @property
    def hyperparameters(self):
        from nas_edu.core.search_space import Hyperparameter

        return Hyperparameter("first", (0, 1)), Hyperparameter("second", (0, 1, 2))

    def from_config(self, values):
        return values["first"], values["second"]

    def to_config(self, architecture):
        return dict(zip(("first", "second"), architecture, strict=True))

    def __iter__(self):
        return itertools.product((0, 1), (0, 1, 2))

    def parse(self, text):
        return tuple(map(int, text.strip("()").split(",")))


def evaluate(architecture, **_):
    return Evaluation(reward(architecture))


def run(space, evaluate=evaluate, evaluations=30, seed=0, learning_rate=0.01, **settings):
    stream = reinforce(space, evaluate, learning_rate=learning_rate, rng=random.Random(seed), **settings)
    return search(stream, Budget(evaluations=evaluations))


@both
def test_same_seed_same_history_and_no_global_random_state(kind):
    states = random.getstate(), torch.get_rng_state()
    first = run(TinyCell(), controller=CONTROLLERS[kind])
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1])
    random.seed(5)
    torch.manual_seed(5)
    assert run(TinyCell(), controller=CONTROLLERS[kind]) == first
    assert run(TinyCell(), controller=CONTROLLERS[kind], seed=1) != first
    longer = run(TinyCell(), controller=CONTROLLERS[kind], evaluations=40)
    assert History(list(longer)[: len(first)]) == first


def test_a_step_after_each_batch_tells_the_policy_the_reward_and_the_baseline(tmp_path):
    history = run(TwoDecisions(), batch_size=3, evaluations=30, baseline_decay=0.5, controller=TabularController)
    assert [type(event) for event in history][:8] == [Trial, Trial, Trial, Step, Trial, Trial, Trial, Step]
    baseline = None
    for number, step in enumerate(history.steps):
        batch = history.trials[3 * number : 3 * number + 3]
        mean = sum(trial.score for trial in batch) / 3
        baseline = mean if baseline is None else baseline
        assert step.index == number
        assert step.losses["reward"] == pytest.approx(mean)
        assert step.losses["baseline"] == pytest.approx(baseline)
        assert step.info["values"] == TwoDecisions().to_config(batch[-1].architecture)
        assert [len(p) for p in step.alpha.values()] == [2, 3]
        assert all(sum(p) == pytest.approx(1, abs=1e-6) for p in step.alpha.values())
        baseline = 0.5 * baseline + 0.5 * mean
    assert history.steps[0].losses["entropy"] == pytest.approx(math.log(2) + math.log(3), abs=1e-6)
    assert History.load(history.save(tmp_path / "rl.json"), TwoDecisions()) == history


@pytest.mark.parametrize(("make", "rate"), [(TabularController, 0.05), (LSTMController, 0.01)])
def test_it_learns_what_pays(make, rate):
    def convolutions(cell, **_):
        return Evaluation(cell.operations.count("nor_conv_3x3") / 6)

    history = run(TinyCell(), convolutions, evaluations=300, controller=make, learning_rate=rate)
    scores = [trial.score for trial in history.trials]
    assert np.mean(scores[:30]) < 0.4
    assert np.mean(scores[-30:]) > 0.75
    assert convolutions(history.steps[-1].architecture).score > 0.75


def test_the_scale_of_the_rewards_does_not_matter():
    def scaled(factor, shift):
        history = run(TwoDecisions(), lambda a, **_: Evaluation(factor * reward(a) + shift), evaluations=50)
        return [trial.architecture for trial in history.trials]

    assert scaled(1, 0) == scaled(2**10, 4096)


def test_failures_are_the_worst_there_was_and_nothing_is_learned_before_a_success():
    def fails(architecture, **_):
        raise RuntimeError("never")

    history = run(TwoDecisions(), fails, evaluations=20)
    assert len(history.trials) == 20
    assert history.steps == []

    def first_one_only(architecture, **_):
        if architecture[0] == 1:
            raise RuntimeError("no")
        return Evaluation(10.0 + architecture[1])

    history = run(TwoDecisions(), first_one_only, evaluations=200, controller=TabularController, learning_rate=0.05)
    assert all(step.losses["reward"] >= 10 for step in history.steps)
    assert history.steps[-1].architecture == (0, 2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_it_runs_on_a_gpu():
    assert len(run(TinyCell(), device="cuda").trials) == 30


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "batch_size must be 1 or more, got 0"),
        ({"baseline_decay": 1.5}, "baseline_decay must lie in 0 to 1, got 1.5"),
        ({"entropy_weight": -1}, "entropy_weight must be 0 or more"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        run(TwoDecisions(), **settings)


def test_the_stop_token_tells_the_same_chains():
    space, chain = StoppingChain(**TINY), Chain(**TINY)
    assert list(space) == list(chain)
    for architecture in chain:
        values = space.to_config(architecture)
        assert space.from_config(values) == architecture
        assert (values["kind_2"] == "stop") == (len(architecture.layers) == 1)
        assert "L" not in values
    with pytest.raises(ValueError, match="kind_2 is 'end'; allowed: 'conv' or 'maxpool' or 'avgpool' or 'stop'"):
        space.from_config({"kind_1": "maxpool", "kind_2": "end"})
