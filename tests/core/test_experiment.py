"""The store of experiments: what was returned comes back, for the settings and the version that it was made with."""

import gzip
import json
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from nas_edu.core import Budget, Evaluation, History, Step, experiment, search, stored
from nas_edu.core.experiment import MissingFile, experiments_folder, file_named_by, store
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import regularized_evolution


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NAS_EDU_EXPERIMENTS", str(tmp_path / "experiments"))
    return tmp_path / "experiments"


def count_skips(cell, *, epochs=None, resume=None):
    return Evaluation(score=str(cell).count("skip_connect"), cost=0.5, info={"why": ["as many skips", 1.5]})


def test_computed_once_then_read(capsys, folder):
    calls = []

    @experiment(version=1)
    def doubled(number, *, name="x"):
        calls.append(number)
        return {"double": 2 * number, "name": name}

    assert [doubled(2), doubled(3), doubled(2), doubled(number=2, name="x")] == [
        {"double": 2 * number, "name": "x"} for number in (2, 3, 2, 2)
    ]
    assert calls == [2, 3]
    assert "doubled(number=2, name='x'): not stored yet" in capsys.readouterr().err
    assert doubled(2, name="y")["name"] == "y"
    assert [path.name for path in folder.iterdir()] == ["doubled.json.gz"]
    content = json.loads(gzip.decompress((folder / "doubled.json.gz").read_bytes()))
    assert (content["format"], content["name"], content["version"]) == ("nas_edu experiment 1", "doubled", 1)
    assert {tuple(run["settings"].items()) for run in content["runs"].values()} == {
        (("number", number), ("name", name)) for number, name in ((2, "x"), (3, "x"), (2, "y"))
    }
    assert all(run["seconds"] >= 0 for run in content["runs"].values())


def test_histories_come_back_with_their_families():
    @experiment(version=1, space=TinyCell())
    def evolved(seed: int) -> History:
        rng = random.Random(seed)
        strategy = regularized_evolution(TinyCell(), count_skips, population_size=4, sample_size=2, rng=rng)
        return search(strategy, Budget(evaluations=12))

    first, again = evolved(0), evolved(0)
    assert first == again == evolved.function(0)
    assert evolved(1) != first
    assert any(trial.parents for trial in again.trials)
    assert stored("evolved", TinyCell(), seed=0) == first
    with pytest.raises(ValueError, match="a space must be named"):
        stored("evolved", seed=0)


def test_the_first_call_gives_what_all_later_ones_give():
    @experiment(version=1, space=TinyCell())
    def mixed():
        step = Step(0, {"train": 0.5}, alpha=np.zeros((2, 3)))
        return (
            [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(["a", "bcd"]), np.array([True]), np.zeros((0, 2))],
            {"z": (1, None, True), "a": float("nan"), "numpy": np.float32(0.5)},
            {"deep": [{"history": History([step])}]},
            -float("inf"),
        )

    for arrays, plain, deep, last in (mixed(), mixed()):
        assert [a.dtype for a in arrays] == [np.float32, np.dtype("<U3"), bool, float]
        assert [a.tolist() for a in arrays] == [[[0, 1, 2], [3, 4, 5]], ["a", "bcd"], [True], []]
        assert arrays[3].shape == (0, 2)
        assert list(plain) == ["z", "a", "numpy"]
        assert plain["z"] == (1, None, True)
        assert np.isnan(plain["a"])
        assert type(plain["numpy"]) is float
        assert deep["deep"][0]["history"].steps[0].alpha.shape == (2, 3)
        assert last == -float("inf")
        arrays[0][:] = 7  # writes into a copy, not into what is stored


def test_another_version_is_computed_anew():
    def made(version):
        @experiment(version=version)
        def versioned(seed):
            return version

        return versioned

    assert [made(1)(0), made(1)(1), made(2)(0), made(2)(0)] == [1, 1, 2, 2]
    assert stored("versioned") == 2  # and of version 1 nothing is left
    assert made(1)(0) == 1


def test_the_bytes_depend_on_what_is_stored_only(folder):
    path = folder / "b.json.gz"
    found = []
    for order in ((1, 2), (2, 1)):
        for seed in order:
            store("b", 1, {"seed": seed, "sizes": (1, 2)}, {"x": np.arange(seed)}, seconds=1.0)
        found.append(path.read_bytes())
        path.unlink()
    assert found[0] == found[1]


def test_stored_finds_the_one_run_that_is_meant():
    for seed in range(2):
        store("meant", 1, {"name": "GP", "seed": seed, "sizes": (1, 2)}, seed)
    assert stored("meant", seed=1) == 1
    assert stored("meant", seed=1, sizes=(1, 2)) == 1
    with pytest.raises(KeyError, match="2 runs of meant have name='GP'; there are: name='GP', seed=0"):
        stored("meant", name="GP")
    with pytest.raises(KeyError, match="0 runs"):
        stored("meant", seed=2)
    with pytest.raises(KeyError, match="there are: none"):
        stored("never", seed=2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        gzip.compress(b"[]"),
        gzip.compress(b'{"format": "other"}'),
        gzip.compress(b'{"format": "nas_edu experiment 1", "name": "broken", "version": 1, "runs": {"a": {}}}'),
        gzip.compress(b'{"format": "nas_edu experiment 1", "name": "other", "version": 1, "runs": {}}'),
    ],
    ids=["empty", "not gzip", "a list", "another format", "a run that is none", "another name"],
)
def test_a_damaged_file_is_named_and_not_written_over(folder, content):
    folder.mkdir()
    path = folder / "broken.json.gz"
    path.write_bytes(content)

    @experiment(version=1)
    def broken():
        raise AssertionError("not computed")

    with pytest.raises(ValueError, match=r"broken\.json\.gz"):
        broken()
    with pytest.raises(ValueError, match=r"broken\.json\.gz"):
        stored("broken")
    with pytest.raises(ValueError, match=r"broken\.json\.gz"):
        store("broken", 1, {}, 1)
    assert path.read_bytes() == content


def test_a_damaged_result_is_refused_by_its_place(folder):
    store("array", 1, {}, np.zeros(2))
    path = folder / "array.json.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress(text.replace("[2]", "[30]").encode()))
    with pytest.raises(ValueError, match=r"array\.json\.gz holds a damaged array"):
        stored("array")


@pytest.mark.parametrize("result", [object(), {1: 2}, {"$array": 1}, np.array([object()]), {1, 2}, b"bytes"])
def test_what_cannot_be_stored_is_refused(result):
    with pytest.raises(TypeError, match="an experiment returns"):
        store("x", 1, {}, result)


@pytest.mark.parametrize("argument", [TinyCell(), {1: 2}, np.int64(3), len])
def test_arguments_are_plain_data(argument):
    @experiment(version=1)
    def picky(value):
        return 1

    with pytest.raises(TypeError, match="picky got"):
        picky(argument)
    with pytest.raises(TypeError, match="missing a required argument"):
        picky()


def test_it_stays_a_function_with_a_docstring():
    @experiment(version=1)
    def named(seed: int) -> int:
        """What it does."""
        return seed

    assert (named.__name__, named.__doc__) == ("named", "What it does.")


def test_the_folder_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.delenv("NAS_EDU_EXPERIMENTS")
    (tmp_path / "lectures/experiments").mkdir(parents=True)
    (tmp_path / "lectures/src").mkdir()
    for here in (tmp_path, tmp_path / "lectures", tmp_path / "lectures/src"):
        monkeypatch.chdir(here)
        assert experiments_folder() == tmp_path / "lectures/experiments"
    monkeypatch.setenv("NAS_EDU_EXPERIMENTS", "elsewhere")
    assert experiments_folder() == Path("elsewhere")


def test_a_file_that_is_not_part_of_the_project(monkeypatch, tmp_path):
    monkeypatch.delenv("NAS_EDU_NB201", raising=False)
    with pytest.raises(MissingFile, match="NAS_EDU_NB201 must name a file"):
        file_named_by("NAS_EDU_NB201")
    (tmp_path / "table.csv").touch()
    monkeypatch.setenv("NAS_EDU_NB201", str(tmp_path / "table.csv"))
    assert file_named_by("NAS_EDU_NB201") == tmp_path / "table.csv"


def test_processes_that_write_at_once_lose_no_run(folder):
    code = textwrap.dedent("""
        import sys
        from nas_edu.core import experiment

        @experiment(version=1)
        def shared(who, number):
            return [who, number]

        for number in range(15):
            shared(sys.argv[1], number)
    """)
    writers = [subprocess.Popen([sys.executable, "-c", code, who], stderr=subprocess.DEVNULL) for who in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert [stored("shared", who=who, number=n) for who in "abc" for n in range(15)] == [
        [who, n] for who in "abc" for n in range(15)
    ]
    assert [path.name for path in folder.iterdir()] == ["shared.json.gz"]
