"""Optuna and SMAC3 behind our interface: any space, failures, determinism across processes, silence, and real gain."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import optuna
import pytest
from scipy.stats import ttest_1samp

from nas_edu.core import Budget, Evaluation, History, search
from nas_edu.nas_bench import NASBench201
from nas_edu.search_spaces import Chain, DARTSCell, Hierarchical, Macro, NASNetCell, StageCells, TinyCell
from nas_edu.search_spaces.ready_grammars import FUNCTIONS, STAGED_CELLS
from nas_edu.search_strategies import optuna_search, smac_search

REAL = Path(os.environ.get("NAS_EDU_NB201", Path(__file__).parents[3] / "shared/data/nb201/nb201_accuracies.csv.gz"))
SPACES = [
    *(TinyCell(), StageCells(), Chain(), Macro(), DARTSCell(nodes=2), NASNetCell(blocks=2), Hierarchical()),
    *(FUNCTIONS, STAGED_CELLS),
]
STRATEGIES = [optuna_search, smac_search]
every_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


def convolutions(architecture, **_):
    return Evaluation(str(architecture).count("conv"), epochs=1)


def patchy(architecture, **_):
    lot = hashlib.md5(str(architecture).encode()).digest()[0] % 4
    if lot == 0:
        raise RuntimeError("no memory left")
    return Evaluation(float("nan")) if lot == 1 else convolutions(architecture)


def run(strategy, space=SPACES[0], evaluate=convolutions, evaluations=12, seed=0):
    return search(strategy(space, evaluate, rng=random.Random(seed)), Budget(evaluations=evaluations))


@every_strategy
@pytest.mark.parametrize("space", SPACES, ids=lambda space: repr(space)[:24])
def test_every_space_is_searched_whatever_its_evaluations_do(strategy, space, tmp_path, capfd):
    history = run(strategy, space, patchy)
    assert len(history) == 12
    assert all(trial.architecture in space for trial in history)
    assert any(trial.failed for trial in history)
    assert not history.best.failed
    assert History.load(history.save(tmp_path / "history.json"), space) == history
    assert capfd.readouterr() == ("", "")


@every_strategy
def test_a_search_in_which_all_fails_goes_on(strategy, capfd):
    def fails(architecture, **_):
        raise RuntimeError("never")

    assert all(trial.failed for trial in run(strategy, evaluate=fails))
    assert capfd.readouterr() == ("", "")


@every_strategy
def test_same_seed_same_history_and_no_global_random_state(strategy):
    states = random.getstate(), np.random.get_state()[1].tolist()
    first = run(strategy)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    random.seed(1)
    np.random.seed(1)
    assert run(strategy) == first
    assert run(strategy, seed=1) != first


IN_ANOTHER_PROCESS = """
import random
from nas_edu.core import Budget, Evaluation, search
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import optuna_search, smac_search
for strategy in (optuna_search, smac_search):
    evaluate = lambda cell, **_: Evaluation(str(cell).count("conv"))
    history = search(strategy(TinyCell(), evaluate, rng=random.Random(0)), Budget(evaluations=14))
    print(*[trial.architecture for trial in history])
"""


def test_a_process_with_another_order_of_sets_finds_the_same():
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    found = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=environment, capture_output=True, text=True, check=True
    )
    here = [" ".join(str(trial.architecture) for trial in run(strategy, evaluations=14)) for strategy in STRATEGIES]
    assert found.stdout.splitlines() == here


@every_strategy
def test_an_architecture_is_evaluated_when_asked_for_and_not_before(strategy):
    calls = []
    stream = strategy(TinyCell(), lambda cell: calls.append(cell) or Evaluation(0.5), rng=random.Random(0))
    assert calls == []
    for number in range(1, 13):
        assert next(stream).architecture == calls[-1]
        assert len(calls) == number


def test_smac_leaves_no_folder_behind_whether_it_ends_or_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    stream = smac_search(TinyCell(), convolutions, rng=random.Random(0))
    next(stream)
    assert len(list(tmp_path.iterdir())) == 1
    stream.close()
    assert list(tmp_path.iterdir()) == []
    run(smac_search)
    assert list(tmp_path.iterdir()) == []


def test_smac_tries_every_architecture_of_a_small_space_once_and_ends():
    space = Chain(max_layers=1, kernels=(1, 3), channels=(4,))
    history = run(smac_search, space, patchy, evaluations=100)
    assert {trial.architecture for trial in history} == set(space)
    assert len(history) == len(space)


def test_another_sampler_of_optuna_may_search_and_knows_of_failures():
    states = []

    class Watched(optuna.samplers.RandomSampler):
        def after_trial(self, study, trial, state, values):
            states.append((state.name, values))

    history = run(partial(optuna_search, sampler=Watched), evaluate=patchy, evaluations=20)
    assert states == [("FAIL", None) if t.failed else ("COMPLETE", [t.score]) for t in history]


def test_the_seed_of_the_sampler_comes_from_the_generator():
    seeds = []

    def sampler(seed):
        seeds.append(seed)
        return optuna.samplers.RandomSampler(seed=seed)

    next(optuna_search(TinyCell(), convolutions, sampler=sampler, rng=random.Random(7)))
    assert seeds == [random.Random(7).getrandbits(32)]


@every_strategy
def test_the_level_of_the_loggers_stays_as_it_was(strategy):
    level = optuna.logging.get_verbosity()
    run(strategy, evaluations=2)
    assert optuna.logging.get_verbosity() == level


@every_strategy
def test_what_is_proposed_after_the_first_ten_is_better_than_chance(strategy):
    def edges(cell, **_):
        return Evaluation(cell.operations.count("nor_conv_3x3"))  # binomial: six edges, one of five operations

    searches = [run(strategy, evaluate=edges, evaluations=26, seed=seed) for seed in range(3)]
    first, later = ([trial.score for s in searches for trial in s.trials[part]] for part in (slice(10), slice(10, 26)))
    assert ttest_1samp(first, 6 / 5).pvalue > 0.05
    assert ttest_1samp(later, 6 / 5, alternative="greater").pvalue < 0.01


def test_optuna_searches_the_real_table_better_than_chance():
    if not REAL.exists():
        pytest.skip("no NAS-Bench-201 table: set NAS_EDU_NB201 to a file of the form that NASBench201.from_csv reads")
    table = NASBench201.from_csv(REAL)
    values = np.sort(table.column("validation_accuracy"))
    share = np.arange(len(values) + 1) / len(values)
    at_random = values @ np.diff(share**40)  # E[max of 40 draws], exactly
    best = [run(optuna_search, TinyCell(), table.evaluate, 40, seed).best.score for seed in range(16)]
    assert ttest_1samp(best, at_random, alternative="greater").pvalue < 0.01
