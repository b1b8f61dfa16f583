"""The proxies of all cells: built, resumed, packed, read, and equal to what the estimator says now."""

import math
import random
import shutil
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np
import pytest

from nas_edu.core import run_trial
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu, Proxies
from nas_edu.nas_bench.nas_bench_edu import PROXY_TABLES, TABLES
from nas_edu.performance_estimation.zero_cost import PROXIES, ZeroCost
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.tools.build_proxies import BATCH_SIZE, SEED, build_proxies, main, pack, score_cell
from nas_edu.tools.journal import Journal

SPACE = TinyCell()
DEAD = Cell(("none",) * 6)
CELLS = [DEAD, SPACE.parse("|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|avg_pool_3x3~2|")]
TASKS = sorted(path.stem for path in PROXY_TABLES.glob("*.npz"))


class Inline(Executor):
    """Runs a call where it is submitted."""

    def __init__(self):
        self.calls = []

    def submit(self, call, *arguments):
        self.calls.append(arguments)
        future = Future()
        future.set_result(call(*arguments))
        return future


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two cells of the digits: first a few proxies, then all of them."""
    folder = tmp_path_factory.mktemp("proxies")
    build_proxies("digits", folder, Inline(), proxies=["nwot", "params"], cells=CELLS)
    build_proxies("digits", folder, Inline(), cells=CELLS)
    return folder


def test_only_what_is_missing_is_computed(folder):
    again = Inline()
    build_proxies("digits", folder, again, cells=CELLS)
    assert again.calls == []
    records = Journal(folder / "digits-proxies.jsonl").records
    assert [sorted(record["values"]) for record in records[:2]] == [["nwot", "params"]] * 2
    rest = sorted(set(PROXIES) - {"nwot", "params"})
    assert [sorted(record["values"]) for record in records[2:]] == [rest] * 2


def test_a_packed_file_gives_back_what_was_computed(folder):
    proxies = Proxies.read(pack("digits", folder))
    assert set(proxies.names) == set(PROXIES)
    for name in PROXIES:
        column, seconds = proxies.column(name), proxies.column(f"{name}_seconds")
        for cell in CELLS:
            # nine digits are kept
            trial = run_trial(ZeroCost(name, load("digits"), batch_size=BATCH_SIZE, seed=SEED), cell)
            assert column[SPACE.index(cell)] == pytest.approx(trial.score, rel=6e-9), (
                name,
                cell,
            )
            assert (proxies.reason(cell, name) or "") in (trial.failure or "")
            assert (proxies.reason(cell, name) is None) == (not trial.failed)
            assert seconds[SPACE.index(cell)] >= 0
            looked_up = run_trial(proxies.estimator(name), cell)
            assert looked_up.score == column[SPACE.index(cell)]
            assert looked_up.failed == trial.failed
            if not trial.failed:
                assert looked_up.evaluation.cost == seconds[SPACE.index(cell)]
        assert np.isnan(column).sum() == len(SPACE) - sum(
            (proxies.row_of_cell == proxies.row_of_cell[SPACE.index(cell)]).sum() for cell in CELLS
        )
    assert proxies.reason(DEAD, "nwot") == "no ReLU was reached"
    assert proxies.column("nwot")[SPACE.index(DEAD)] == -math.inf
    frame = proxies.frame()
    assert frame.loc[SPACE.index(CELLS[1]), "snip"] == proxies.column("snip")[SPACE.index(CELLS[1])]
    assert repr(proxies) == f"Proxies(digits, {len(PROXIES)} proxies of 2 of 5,260 functions)"


def test_a_shared_pass_is_charged_to_each_proxy_that_needs_it():
    seconds = score_cell("digits", SPACE.index(CELLS[1]), ("snip", "fisher", "jacob_cov", "params"))["seconds"]
    alone = score_cell("digits", SPACE.index(CELLS[1]), ("fisher",))["seconds"]["fisher"]
    assert seconds["params"] < min(seconds["snip"], seconds["fisher"], seconds["jacob_cov"])
    assert seconds["fisher"] > alone / 10  # not only what it adds to a pass that another one has paid


def test_the_command_packs_and_refuses(folder, tmp_path, capsys):
    main(["--task", "digits", "--out", str(folder), "--pack"])
    assert str(folder / "proxies" / "digits.npz") in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="build the proxies first"):
        pack("digits", tmp_path)
    with pytest.raises(ValueError, match="no proxy 'snap'"):
        build_proxies("digits", tmp_path, Inline(), proxies=["snap"])


def test_bad_names_are_refused_with_those_that_are_there(folder):
    proxies = Proxies.read(pack("digits", folder))
    with pytest.raises(ValueError, match=r"no column 'snap'; there are .*nwot.*nwot_seconds"):
        proxies.column("snap")
    with pytest.raises(ValueError, match="no proxy 'snap'; there are"):
        proxies.reason(DEAD, "snap")
    with pytest.raises(ValueError, match="no proxy 'snap'; there are"):
        proxies.estimator("snap")
    with pytest.raises(LookupError, match="was not computed on digits yet"):
        proxies.estimator("nwot")(SPACE[15623])
    with pytest.raises(ValueError, match="trains nothing"):
        proxies.estimator("nwot")(DEAD, epochs=1)
    with pytest.raises(ValueError, match="no proxies for the task 'imagenet'; there are"):
        Proxies.load("imagenet")


def test_a_table_finds_the_proxies_beside_it(folder, tmp_path):
    table = NASBenchEdu.read(shutil.copy(TABLES / "mnist1d.npz", tmp_path / "digits.npz"))
    assert table.proxies is None
    with pytest.raises(ValueError, match="no column 'nwot'"):
        table.column("nwot")
    (tmp_path / "proxies").mkdir()
    packed = Path(shutil.copy(pack("digits", folder), tmp_path / "proxies"))
    table = NASBenchEdu.read(tmp_path / "digits.npz")
    np.testing.assert_array_equal(table.column("nwot"), Proxies.read(packed).column("nwot"))
    assert {"nwot", "snip_seconds"} <= set(table.frame().columns)
    assert table.proxies.reason(DEAD, "synflow").startswith("dead network")
    with np.load(packed) as file:
        arrays = dict(file) | {"row_of_cell": np.roll(file["row_of_cell"], 1)}
    np.savez(packed, **arrays)
    with pytest.raises(ValueError, match="do not agree on which cells are one function"):
        NASBenchEdu.read(tmp_path / "digits.npz")


# --- the files that ship ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_stored_proxies_repeat(task):
    """Sums are rounded differently elsewhere; plain and jacob_cov magnify that, so ranks are what counts there."""
    proxies, rng = Proxies.load(task), random.Random(1)
    known = np.flatnonzero(~np.isnan(proxies.values).all(0))
    for row in rng.sample(known.tolist(), 2):
        index = int(proxies.cells[row])
        record = score_cell(task, index, tuple(name for name in proxies.names if name not in ("plain", "jacob_cov")))
        for name, value in record["values"].items():
            stored = proxies.column(name)[index]
            if not math.isnan(stored):
                assert stored == pytest.approx(-math.inf if value is None else value, rel=1e-3), (name, index)


@pytest.mark.parametrize("task", sorted({path.stem for path in TABLES.glob("*.npz")} & set(TASKS)))
def test_the_table_has_the_proxies_of_cells_that_are_not_trained_yet(task):
    table = NASBenchEdu.load(task)
    for name in ("params", "nwot", "synflow", "nwot_seconds"):
        assert not np.isnan(table.column(name)).any()
    trained = ~np.isnan(table.column("parameters"))
    np.testing.assert_array_equal(table.column("params")[trained], table.column("parameters")[trained])


def test_the_files_are_small():
    tables = PROXY_TABLES.parent
    assert sum(path.stat().st_size for path in tables.rglob("*.npz")) < 20e6
