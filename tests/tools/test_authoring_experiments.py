"""Experiments of lectures: what is missing is computed, what is named is made anew, a check computes one run again."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jupytext")

from nas_edu.core.experiment import stored
from tools.authoring.experiments import comparable, find_experiments, first_difference
from tools.authoring.notebooks import AuthoringError

REPOSITORY = Path(__file__).parents[2]
LECTURE = """\
# %%
from pathlib import Path

from nas_edu import experiment
from nas_edu.core.experiment import file_named_by


@experiment(version=1)
def squares(number: int) -> dict:
    return {"square": number**2 + FACTOR, "seconds": len(str(list(Path().iterdir())))}


@experiment(version=1)
def from_a_table(seed: int) -> str:
    return file_named_by("A_TABLE").read_text()


FACTOR = 0

# %%
[squares(number) for number in (1, 2)]
"""
TRAINS = "@experiment(version=1, trains=True)\ndef squares"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "lectures" / "src").mkdir(parents=True)
    (tmp_path / "lectures" / "experiments").mkdir()
    (tmp_path / "lectures" / "src" / "01_one.py").write_text(LECTURE)
    return tmp_path


def run(root, *arguments):
    """The command, in a process of its own: an IPython shell changes a good deal in the process that it lives in."""
    called = f"main({arguments!r}, Path({str(root)!r}))"
    code = f"from pathlib import Path; from tools.authoring.__main__ import main; print({called})"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_what_is_missing_is_computed_what_is_named_is_made_anew_and_a_check_compares(root, monkeypatch):
    source = root / "lectures" / "src" / "01_one.py"
    monkeypatch.setenv("NAS_EDU_EXPERIMENTS", str(root / "lectures" / "experiments"))
    words, errors = run(root, "experiments")
    assert words.splitlines() == ["01_one: all that it asks for is stored", "0"]
    assert errors.count("not stored yet") == 2
    assert stored("squares", number=2)["square"] == 4
    assert run(root, "experiments")[1] == ""

    words, _ = run(root, "experiments", "--check", "squares")
    assert "01_one: squares(number=1): the same" in words or "01_one: squares(number=2): the same" in words
    source.write_text(LECTURE.replace("FACTOR = 0", "FACTOR = 1"))
    words, errors = run(root, "experiments", "--check", "01")
    assert words.endswith("1\n")
    assert "stored, and" in errors
    assert "01_one: from_a_table: its lecture asks for no run of it" in errors

    words, errors = run(root, "experiments", "squares")
    assert errors.count("not stored yet") == 2
    assert stored("squares", number=2)["square"] == 5

    source.write_text(LECTURE.replace("FACTOR = 0", "FACTOR = 1").replace("in (1, 2)", "in (2,)"))
    (root / "lectures" / "experiments" / "old.json.gz").touch()
    _, errors = run(root, "experiments", "--check")
    assert "old.json.gz: no lecture has this experiment" in errors
    assert "squares: 1 stored runs are asked for by no cell" in errors


def test_a_file_that_is_not_here(root, monkeypatch, tmp_path):
    source = root / "lectures" / "src" / "01_one.py"
    monkeypatch.setenv("NAS_EDU_EXPERIMENTS", str(root / "lectures" / "experiments"))
    source.write_text(LECTURE + "from_a_table(0)\n")
    words, errors = run(root, "experiments")
    assert words.endswith("1\n")
    assert "A_TABLE must name a file" in errors
    (tmp_path / "table").write_text("x")
    monkeypatch.setenv("A_TABLE", str(tmp_path / "table"))
    run(root, "experiments")
    assert stored("from_a_table") == "x"
    monkeypatch.delenv("A_TABLE")
    words, _ = run(root, "experiments", "--check", "from_a_table")
    assert "from_a_table: skipped, this result is not stored, and to compute it, A_TABLE must name a file" in words
    words, errors = run(root, "experiments", "from_a_table")  # cannot be made anew: what was stored comes back
    assert words.endswith("1\n")
    assert stored("from_a_table") == "x"


def test_a_name_is_used_once(root):
    assert list(find_experiments(root / "lectures" / "src")) == ["squares", "from_a_table"]
    (root / "lectures" / "src" / "02_two.py").write_text(LECTURE)
    with pytest.raises(AuthoringError, match=r"02_two\.py and 01_one\.py have an experiment squares"):
        find_experiments(root / "lectures" / "src")


def test_the_first_difference_is_said_and_times_are_none():
    old = {"a": [1, (2.0, float("nan"))], "seconds": 3, "b": np.array([1.0, 2.0])}
    assert first_difference(comparable(old), comparable({**old, "seconds": 4})) == ""
    new = {**old, "b": np.array([1.0, 2.5])}
    assert first_difference(comparable(old), comparable(new)) == "result['b'][1] is 2.0 stored, and 2.5 now"
    assert first_difference([1], [1, 2]) == "result has 1 entries stored, and 2 now"
    assert first_difference({"a": 1}, {"b": 1}) == "result has a stored, and b now"


def test_another_processor_may_train_to_another_result_and_this_one_may_not(root, monkeypatch):
    monkeypatch.setenv("NAS_EDU_EXPERIMENTS", str(root / "lectures" / "experiments"))
    source = root / "lectures" / "src" / "01_one.py"
    source.write_text(LECTURE.replace("@experiment(version=1)\ndef squares", TRAINS))
    run(root, "experiments")
    source.write_text(source.read_text().replace("FACTOR = 0", "FACTOR = 1"))
    assert "result['square'] is" in run(root, "experiments", "--check")[1]
    for path in (root / "lectures" / "experiments").glob("*.gz"):
        content = json.loads(gzip.decompress(path.read_bytes()))
        for one in content["runs"].values():
            one["processor"] = "another"
        path.write_bytes(gzip.compress(json.dumps(content).encode()))
    shown, problems = run(root, "experiments", "--check")
    assert "now (trained on another kind of processor)" in shown
    assert "result['square']" not in problems
