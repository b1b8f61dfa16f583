"""The templates of docs/bring_your_own.md: every block runs as it is printed, and does what the page says of it."""

import itertools
import random
import re
from pathlib import Path

import numpy as np
import pytest
from test_every_pair import EVALUATIONS, STRATEGIES, misfit, patchy, skip_if, start
from tiny_task import tiny_task

from nas_edu import Budget, Evaluation, search
from nas_edu.networks import build
from nas_edu.performance_estimation import Train
from nas_edu.search_spaces.export import from_configuration
from nas_edu.widgets import live

PAGE = Path(__file__).parents[1] / "docs" / "bring_your_own.md"
BLOCKS = re.findall(r"^```python\n(.+?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)

[SPACE] = [block for block in BLOCKS if "SearchSpace" in block]


@pytest.fixture(scope="module")
def templates():
    """The names that are there after all blocks have run, one after the other."""
    names: dict[str, object] = {"__name__": "bring_your_own"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAS_EDU_HEADLESS", "1")
        for number, block in enumerate(BLOCKS, 1):
            exec(compile(block, f"{PAGE.name}, block {number}", "exec"), names)
    return names


def test_each_template_is_about_ten_lines():
    bodies = [
        re.findall(r"^def .+?(?=^\S|\Z)", block, re.MULTILINE | re.DOTALL) for block in BLOCKS if block is not SPACE
    ]
    lengths = [len([line for line in body.splitlines() if line.strip()]) for found in bodies for body in found]
    assert len(lengths) == 3
    assert max(lengths) <= 11


def test_everything_of_the_comparison_ran_to_its_budget(templates):
    strategies = ("random_search", "regularized_evolution", "hill_climbing")
    assert list(templates["histories"]) == list(itertools.product(templates["judges"], strategies))
    for history in templates["histories"].values():
        assert len(history.trials) == 25
        assert not any(trial.failed for trial in history.trials)


def test_the_task_can_be_learned_and_cells_differ_on_it(templates):
    accuracies = [
        trial.evaluation.validation_accuracy
        for (judge, _), history in templates["histories"].items()
        if judge.startswith("accuracy")
        for trial in history.trials
    ]
    assert max(accuracies) > 0.75
    assert min(accuracies) < 0.6


def test_the_strategy_repeats_itself_with_the_same_seed_and_climbs(templates):
    runs = [
        search(
            templates["hill_climbing"](
                templates["space"], templates["gradient_norm"](templates["task"]), rng=random.Random(seed)
            ),
            budget,
        )
        for budget in [Budget(evaluations=10)]
        for seed in (0, 0, 1)
    ]
    assert runs[0] == runs[1] != runs[2]
    for trial, best_before in zip(runs[0].trials[1:], runs[0].incumbents, strict=False):
        assert trial.parents == (best_before,)


def test_the_strategy_survives_an_evaluation_that_fails(templates):
    def fails_on_pooling(architecture, *, epochs=None, resume=None):
        if "avg_pool_3x3" in architecture.operations:
            raise RuntimeError("no pooling today")
        return Evaluation(score=architecture.operations.count("nor_conv_3x3"))

    events = templates["hill_climbing"](templates["space"], fails_on_pooling, rng=random.Random(0))
    history = search(events, Budget(evaluations=200))
    assert any(trial.failure == "RuntimeError: no pooling today" for trial in history.trials)
    assert history.best.score == 6


def test_the_proxy_depends_on_the_architecture_alone(templates):
    from nas_edu.search_spaces import TinyCell

    evaluate = templates["gradient_norm"](templates["task"])
    cell = TinyCell().sample(random.Random(3))
    assert evaluate(cell) == evaluate(cell)


def test_the_task_is_what_the_page_says(templates):
    task = templates["bump_and_dip"](samples=400)
    assert (len(task.train), len(task.validation), len(task.test)) == (200, 100, 100)
    assert task.input_shape == (1, 40)
    for split in (task.train, task.validation, task.test):
        assert split.inputs.dtype == np.float32
        assert split.targets.dtype == np.int64
        assert set(split.targets) == {0, 1}
        # The bump (+3) and the dip (-3) stand far out of the noise (0.3), so the answer can be read off by eye.
        bump, dip = split.inputs[:, 0].argmax(-1), split.inputs[:, 0].argmin(-1)
        assert (split.targets == (bump > dip)).all()
        assert 0.3 < split.targets.mean() < 0.7


# --- the space --------------------------------------------------------------------------------------------------------


def test_the_space_takes_fewer_than_forty_lines():
    assert len([line for line in SPACE.splitlines() if line.strip()]) < 40


def test_the_space_keeps_the_contract(templates):
    space, rng = templates["perceptrons"], random.Random(0)
    everything = list(space)
    assert len(set(everything)) == space.size == 9 + 81 + 729
    for _ in range(20):
        architecture = space.sample(rng)
        assert space.parse(str(architecture)) == architecture in space
        assert space.mutate(architecture, rng) in space.neighbors(architecture)
        assert len(space.encode(architecture)) == 3 + 9 + 9
    for stranger in ("8-relu", None):
        assert stranger not in space
    for text in ("7-relu", "8-relu > ", "8"):
        with pytest.raises(ValueError, match=r"."):
            space.parse(text)


def test_the_space_draws(templates):
    assert templates["drawing"].svg.startswith("<svg")
    assert templates["one"].layers[0] in templates["drawing"].svg


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_searches_the_space(name, templates):
    space = templates["perceptrons"]
    skip_if(misfit(name, space))
    history = search(start(name, space, patchy), Budget(evaluations=EVALUATIONS.get(name, 12)))
    assert history.trials
    assert all(trial.architecture in space for trial in history.trials)
    assert any(not trial.failed for trial in history.trials)


def test_the_space_trains(templates):
    evaluation = Train(templates["task"], epochs=10)(templates["one"])
    assert evaluation.validation_accuracy > 0.6
    assert build(templates["one"], tiny_task(dimensions=2)) is not None


def test_the_space_goes_live(templates, monkeypatch):
    monkeypatch.setenv("NAS_EDU_HEADLESS", "1")
    space, evaluate = templates["perceptrons"], templates["gradient_norm"](templates["task"])
    view = live(lambda: templates["hill_climbing"](space, evaluate, rng=random.Random(0)), Budget(evaluations=4))
    assert len(view.history.trials) == 4


def test_the_space_is_exported(templates):
    for configuration in templates["configuration_space"].sample_configuration(30):
        assert from_configuration(templates["perceptrons"], configuration) in templates["perceptrons"]
