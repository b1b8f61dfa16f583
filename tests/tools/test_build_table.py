"""The table's builder: a crash at any moment loses nothing that was finished; order and workers change nothing."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.tools import journal
from nas_edu.tools.build_table import build_table, main, train_cell
from nas_edu.tools.journal import Journal
from nas_edu.tools.pack import pack, unpack

SPACE = TinyCell()
CELLS = [  # cheap ones: dead, without convolutions, and two with one
    Cell(("none",) * 6),
    Cell(("none", "none", "none", "skip_connect", "none", "none")),
    Cell(("none", "none", "none", "avg_pool_3x3", "none", "none")),
    Cell(("avg_pool_3x3", "none", "none", "skip_connect", "avg_pool_3x3", "none")),
    Cell(("none", "none", "none", "nor_conv_1x1", "none", "none")),
    Cell(("none", "none", "none", "nor_conv_3x3", "none", "none")),
]
INDICES = {SPACE.index(SPACE.canonical(cell)) for cell in CELLS}


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
def table(tmp_path_factory):
    """The folder of a small table of digits, built in this process."""
    folder = tmp_path_factory.mktemp("table")
    build_table("digits", 0, folder, Inline(), cells=CELLS)
    return folder


def records_of(folder):
    return Journal(folder / "digits-seed0.jsonl").records


def without_seconds(records):
    return sorted(
        ({name: value for name, value in record.items() if name != "seconds"} for record in records),
        key=lambda record: record["cell"],
    )


# --- the journal -----------------------------------------------------------------------------------------------------


def written(path, count):
    book = Journal(path)
    for number in range(count):
        book.append({"cell": number, "loss": [0.5, number / 7], "note": "tab\tand\nnewline"})
    return book


def test_records_come_back_in_order(tmp_path):
    book = written(tmp_path / "book.jsonl", 5)
    assert Journal(book.path).records == book.records == journal.read(book.path)
    assert [record["cell"] for record in book.records] == [0, 1, 2, 3, 4]
    assert Journal(tmp_path / "new.jsonl").records == []


@given(st.integers(0, 4), st.data())
def test_a_file_cut_anywhere_keeps_every_finished_line_and_goes_on(tmp_path_factory, count, data):
    """What a kill leaves behind is a prefix of the file."""
    path = tmp_path_factory.mktemp("cut") / "book.jsonl"
    book = written(path, count)
    whole = path.read_bytes() if count else b""
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    finished = whole[:cut].count(b"\n")
    assert journal.read(path) == book.records[:finished]
    assert path.read_bytes() == whole[:cut]  # reading leaves the file alone: somebody may be writing it
    again = Journal(path)
    assert again.records == book.records[:finished]
    again.append({"cell": 99})
    assert [record["cell"] for record in Journal(path).records] == [*range(finished), 99]
    assert path.read_bytes().startswith(b"\n".join(whole.split(b"\n")[:finished]))


def test_a_last_line_of_rubbish_is_cut_off(tmp_path):
    book = written(tmp_path / "book.jsonl", 2)
    whole = book.path.read_bytes()
    for rubbish in (b"\0" * 20, b"\0" * 20 + b"\n", b'{"cell":3}\n', b"\n", b"\xff\xfe\t\xff\n"):
        book.path.write_bytes(whole + rubbish)
        assert Journal(book.path).records == book.records
        assert book.path.read_bytes() == whole


@given(st.data())
def test_damage_before_the_last_line_is_refused_with_the_line_and_nothing_is_cut(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "book.jsonl"
    written(path, 4)
    whole = bytearray(path.read_bytes())
    last = whole.rstrip(b"\n").rfind(b"\n")
    place = data.draw(st.integers(0, last - 1))
    foreign = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (whole[place], ord("\n"))))
    line = whole[:place].count(b"\n") + 1
    if whole[place] == ord("\n"):
        return  # two lines become one: the next test
    whole[place] = foreign
    path.write_bytes(whole)
    for open_it in (Journal, journal.read):
        with pytest.raises(ValueError, match=f"line {line}: the checksum does not fit"):
            open_it(path)
    assert path.read_bytes() == whole


def test_lines_that_were_joined_lost_or_doubled_in_the_middle_are_damage_or_whole(tmp_path):
    book = written(tmp_path / "book.jsonl", 4)
    lines = book.path.read_bytes().splitlines(keepends=True)
    book.path.write_bytes(lines[0].rstrip(b"\n") + b"".join(lines[1:]))
    with pytest.raises(ValueError, match="line 1: the checksum"):
        Journal(book.path)
    book.path.write_bytes(lines[0] + lines[1][:30] + b"\n" + lines[2][:20])  # broken, and then unfinished
    with pytest.raises(ValueError, match="line 2: the checksum"):
        Journal(book.path)


def test_a_record_that_is_no_json_is_refused_and_leaves_the_file_whole(tmp_path):
    book = written(tmp_path / "book.jsonl", 1)
    before = book.path.read_bytes()
    for record, error in (({"loss": float("nan")}, ValueError), ({"network": object()}, TypeError)):
        with pytest.raises(error):
            book.append(record)
        assert book.path.read_bytes() == before
        assert len(book.records) == 1


# --- building --------------------------------------------------------------------------------------------------------


def test_each_function_is_trained_once_and_everything_is_written_down(table):
    records = records_of(table)
    assert {record["cell"] for record in records} == INDICES
    assert len(records) == len(INDICES) == len(CELLS)
    for record in records:
        for name in ("train_loss", "validation_loss", "validation_accuracy", "seconds"):
            assert len(record[name]) == 20
        assert record["seconds"] == sorted(record["seconds"])
        assert all(0 <= accuracy <= 1 for accuracy in (*record["validation_accuracy"], record["test_accuracy"]))
        assert record["parameters"] > 0
        assert record["macs"] > 0
    by_cell = {record["cell"]: record for record in records}
    dead, conv = by_cell[0], by_cell[SPACE.index(SPACE.canonical(CELLS[-1]))]
    assert conv["test_accuracy"] > 0.6 > 0.2 > dead["test_accuracy"]
    assert conv["parameters"] - dead["parameters"] == sum(9 * c * c + 2 * c for c in (8, 16, 32))


def test_a_record_is_what_the_training_says(table):
    from nas_edu.data import load
    from nas_edu.performance_estimation import Train

    index = SPACE.index(SPACE.canonical(CELLS[-1]))
    record = next(record for record in records_of(table) if record["cell"] == index)
    train = Train(load("digits"), seed=0, device="cpu")
    evaluation = train(CELLS[-1])
    assert record["validation_loss"] == [float(f"{point.validation_loss:.6g}") for point in evaluation.curve]
    assert record["validation_accuracy"] == [float(f"{p.validation_accuracy:.6g}") for p in evaluation.curve]
    assert (record["test_loss"], record["test_accuracy"]) == pytest.approx(train.test(evaluation), rel=1e-5)


def test_what_is_done_is_not_trained_again(table, tmp_path):
    before = (table / "digits-seed0.jsonl").read_bytes()
    executor = Inline()
    build_table("digits", 0, table, executor, cells=[*CELLS, CELLS[0]])
    assert executor.calls == []
    assert (table / "digits-seed0.jsonl").read_bytes() == before


def test_cells_that_are_the_same_function_are_one_training(tmp_path):
    executor = Inline()
    dead = [SPACE[0], SPACE[1], Cell(("nor_conv_3x3", *["none"] * 5))]
    build_table("digits", 0, tmp_path, executor, cells=dead)
    assert executor.calls == [("digits", 0, 0)]


def not_trained(index):
    return {"cell": index, "failure": "not trained", "parameters": 1, "macs": 1, "platform": "nowhere"}


def test_no_more_trainings_are_handed_out_than_asked_for(tmp_path):
    handed, most = [], []

    class Watched(ThreadPoolExecutor):
        def submit(self, call, task, seed, index):
            handed.append(super().submit(lambda: time.sleep(0.01) or not_trained(index)))
            most.append(sum(not future.done() for future in handed))
            return handed[-1]

    with Watched(3) as executor:
        build_table("digits", 0, tmp_path, executor, cells=CELLS, in_flight=2)
    assert {record["cell"] for record in records_of(tmp_path)} == INDICES
    assert max(most) == 2


def test_a_worker_that_breaks_stops_the_build_and_what_was_finished_stays(tmp_path):
    class Breaking(Inline):
        def submit(self, call, task, seed, index):
            future = super().submit(not_trained, index)
            if len(self.calls) == 4:
                future = Future()
                future.set_exception(MemoryError("no more"))
            return future

    with pytest.raises(MemoryError):
        build_table("digits", 0, tmp_path, Breaking(), cells=CELLS, in_flight=1)
    assert len(records_of(tmp_path)) == 3
    build_table("digits", 0, tmp_path, executor := Inline(), cells=CELLS)
    assert len(executor.calls) == 3
    assert {record["cell"] for record in records_of(tmp_path)} == INDICES


def test_shuffled_cells_and_trainings_before_do_not_change_a_number(table, tmp_path):
    order = random.Random(3).sample(sorted(INDICES), 3)
    records = [train_cell("digits", 0, index) for index in order]
    expected = [record for record in records_of(table) if record["cell"] in order]
    assert without_seconds(records) == without_seconds(expected)


SCRIPT = """
import sys
from pathlib import Path
from nas_edu.tools.build_table import build_table, process_pool
from nas_edu.search_spaces import TinyCell
space = TinyCell()
if __name__ == "__main__":
    with process_pool(2) as executor:
        cells = [space[int(index)] for index in sys.argv[2:]]
        build_table("digits", 0, Path(sys.argv[1]), executor, cells=cells, in_flight=2)
"""


def start(folder):
    (folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(folder / "script.py"), str(folder), *map(str, sorted(INDICES))]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for child processes in /proc")
def test_a_build_that_is_killed_loses_nothing_finished_leaves_nobody_behind_and_goes_on(table, tmp_path):
    path = tmp_path / "digits-seed0.jsonl"
    builder = start(tmp_path)
    try:
        wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") >= 1)
        workers = Path(f"/proc/{builder.pid}/task/{builder.pid}/children").read_text().split()
        os.kill(builder.pid, signal.SIGKILL)
        assert builder.wait() == -signal.SIGKILL
        assert workers
        wait_until(lambda: not any(map(running, workers)), 30)
    finally:
        kill_group(builder)
    left = path.read_bytes()
    finished = left[: left.rfind(b"\n") + 1]
    assert 1 <= len(finished.splitlines()) < len(CELLS)
    path.write_bytes(finished + b'{"cell":17,"para')  # as if it had been killed in the midst of writing
    again = start(tmp_path)
    try:
        assert again.wait(120) == 0
    finally:
        kill_group(again)
    assert path.read_bytes().startswith(finished)
    records = records_of(tmp_path)
    assert len(records) == len(CELLS)
    assert without_seconds(records) == without_seconds(records_of(table))
    with np.load(pack("digits", table)) as one, np.load(pack("digits", tmp_path)) as two:  # one worker, two workers
        assert one.files == two.files
        for name in set(one.files) - {"seconds"}:
            assert (one[name].dtype, one[name].shape) == (two[name].dtype, two[name].shape)
            assert one[name].tobytes() == two[name].tobytes(), name


def kill_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# --- packing ---------------------------------------------------------------------------------------------------------


def test_a_packed_table_has_the_numbers_of_its_records_in_the_order_of_the_space(table):
    space_order = [SPACE.index(cell) for cell in SPACE.distinct()]
    with np.load(pack("digits", table), allow_pickle=False) as packed:
        assert packed["cells"].tolist() == space_order
        assert packed["seeds"].tolist() == [0]
        assert packed["epochs"].tolist() == [point / 2 for point in range(1, 21)]
        assert packed["train_loss"].shape == (1, 5260, 20)
        assert packed["test_loss"].shape == (1, 5260)
        for record in records_of(table):
            row = space_order.index(record["cell"])
            for name in ("train_loss", "validation_loss", "validation_accuracy", "seconds"):
                np.testing.assert_array_equal(packed[name][0, row], np.float32(record[name]))
            for name in ("test_loss", "test_accuracy"):
                assert packed[name][0, row] == np.float32(record[name])
            assert (packed["parameters"][row], packed["macs"][row]) == (record["parameters"], record["macs"])
        assert np.isfinite(packed["test_loss"]).sum() == len(CELLS)
        assert np.isnan(packed["train_loss"]).all(2).sum() == 5260 - len(CELLS)


def test_the_same_records_in_any_order_are_the_same_bytes(table, tmp_path):
    records = records_of(table)
    random.Random(1).shuffle(records)
    book = Journal(tmp_path / "digits-seed0.jsonl")
    for record in records:
        book.append(record)
    assert pack("digits", tmp_path).read_bytes() == pack("digits", table).read_bytes()


def test_seeds_are_sorted_as_numbers_and_failures_are_nan(tmp_path):
    for seed in (10, 2):
        Journal(tmp_path / f"digits-seed{seed}.jsonl").append(not_trained(0))
    Journal(tmp_path / "mnist1d-seed0.jsonl").append(not_trained(0))  # another task
    with np.load(pack("digits", tmp_path)) as packed:
        assert packed["seeds"].tolist() == [2, 10]
        assert np.isnan(packed["test_accuracy"]).all()
        assert packed["failed"].tolist() == [[0, 0], [1, 0]]
        assert packed["failure"].tolist() == ["not trained"] * 2
        assert packed["parameters"][0] == 1
        assert np.isnan(packed["parameters"][1:]).all()


def test_packing_leaves_an_unfinished_line_to_whoever_is_writing_it(table, tmp_path):
    path = tmp_path / "digits-seed0.jsonl"
    content = (table / "digits-seed0.jsonl").read_bytes() + b'{"cell":17,"para'
    path.write_bytes(content)
    pack("digits", tmp_path)
    assert path.read_bytes() == content


def test_packing_nothing_says_to_build_first(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no journal digits-seed.*build the table first"):
        pack("digits", tmp_path)
    Journal(tmp_path / "digits-seed0.jsonl")
    (tmp_path / "digits-seed0.jsonl").touch()
    with np.load(pack("digits", tmp_path)) as packed:
        assert packed["train_loss"].shape == (1, 5260, 0)


def test_a_packed_table_becomes_journals_again_to_go_on_from(table, tmp_path):
    packed = pack("digits", table)
    (book,) = unpack(packed, tmp_path)
    assert sorted(journal.read(book), key=lambda one: one["cell"]) == sorted(
        records_of(table), key=lambda one: one["cell"]
    )
    before = book.read_bytes()
    unpack(packed, tmp_path)  # nothing twice
    assert book.read_bytes() == before
    assert pack("digits", tmp_path).read_bytes() == packed.read_bytes()
    build_table("digits", 0, tmp_path, executor := Inline(), cells=CELLS)
    assert executor.calls == []


def test_failures_survive_packing_with_their_reason(tmp_path):
    Journal(tmp_path / "digits-seed3.jsonl").append(not_trained(0))
    (book,) = unpack(pack("digits", tmp_path), tmp_path / "again")
    assert journal.read(book) == [not_trained(0)]


def test_results_of_another_protocol_are_not_mixed_in(table, tmp_path):
    with np.load(pack("digits", table)) as packed:
        arrays = dict(packed)
    arrays["protocol"] = np.array(str(arrays["protocol"]).replace('"epochs": 10', '"epochs": 9'))
    np.savez(tmp_path / "digits.npz", **arrays)
    with pytest.raises(ValueError, match="trained by another recipe"):
        unpack(tmp_path / "digits.npz", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_packs_what_is_there(table, capsys):
    main(["--task", "digits", "--out", str(table), "--pack"])
    assert f"packed into {table / 'digits.npz'}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--task", "mnist", "--out", "x"], ["--task", "digits"]])
def test_the_command_refuses_what_it_does_not_know(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error" in capsys.readouterr().err
