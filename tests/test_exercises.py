"""Every exercise set: the solution passes, the untouched exercise fails, files are reproducible, nbgrader agrees."""

import os
import re
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode

pytest.importorskip("nbgrader")

from nbgrader.apps import NbGraderAPI
from nbgrader.validator import Validator
from traitlets.config import Config

from nas_edu.check.answer import _hints
from tools.authoring.__main__ import REPOSITORY, main
from tools.authoring.exercises import DIFFICULTIES, check_exercises, read_master, student_version
from tools.authoring.notebooks import AuthoringError, as_text, read_notebook, write_notebook

MASTERS = sorted((REPOSITORY / "solutions" / "src").glob("*.py"))
SETS = pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)


def graded(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def up_to_the_last_check(notebook: NotebookNode) -> NotebookNode:
    """Without what comes after the last task: there, a student's code searches for a while."""
    notebook.cells = notebook.cells[: notebook.cells.index(graded(notebook)[-1]) + 1]
    return notebook


def run_cells(notebook: NotebookNode, capsys) -> tuple[dict, list[tuple[str, Exception]]]:
    """Run the cells as a notebook does, going on after an error: the names, and which cells failed with what."""
    names, failures = {}, []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                exec(compile(cell.source, "<cell>", "exec"), names)
            except Exception as error:
                failures.append((cell.metadata.get("nbgrader", {}).get("grade_id", "another cell"), error))
    assert capsys.readouterr().err == ""
    return names, failures


@SETS
def test_files_are_what_the_master_says(master):
    assert check_exercises(REPOSITORY, [master.stem]) == []


@SETS
def test_tasks_have_difficulty_minutes_hints_and_a_check(master):
    notebook = read_master(master)
    tasks = [cell.metadata.nas_edu for cell in notebook.cells if "nas_edu" in cell.metadata]
    assert len(tasks) == len(graded(notebook)) > 0
    for task in tasks:
        assert task.difficulty in DIFFICULTIES
        assert 0 < task.minutes <= 60
    exec(next(cell.source for cell in notebook.cells if cell.cell_type == "code"), {})  # makes the checks known
    assert all(len(_hints[task.task]) >= 2 for task in tasks)


@SETS
def test_the_solution_passes(master, capsys):
    _, failures = run_cells(up_to_the_last_check(read_master(master)), capsys)
    assert failures == []


@SETS
def test_the_untouched_exercise_fails_in_each_check_and_says_what_to_do(master, capsys):
    notebook = up_to_the_last_check(student_version(read_master(master)))
    _, failures = run_cells(notebook, capsys)
    checks = {cell.metadata.nbgrader.grade_id for cell in graded(notebook)}
    answers = {where: str(error) for where, error in failures if where in checks}
    assert set(answers) == checks
    assert all("not written yet" in text and "hint(" in text for text in answers.values())


@SETS
def test_nothing_of_the_solution_is_left_in_the_exercise(master):
    exercise = student_version(read_master(master))
    left = "\n".join(cell.source for cell in exercise.cells)
    block = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
    text = master.read_text(encoding="utf-8")
    shown_elsewhere = block.sub("", text)
    answers = {line.strip() for answer in block.findall(text) for line in answer.splitlines()} - {""}
    secret = {line for line in answers if line not in shown_elsewhere}
    assert secret
    assert not any(line in left for line in secret)
    assert "SOLUTION" not in left
    assert all(cell.outputs == [] for cell in exercise.cells if cell.cell_type == "code")


@SETS
def test_byte_identical_twice(master):
    assert as_text(student_version(read_master(master))) == as_text(student_version(read_master(master)))


def test_solution_and_exercise_are_byte_identical_twice(tmp_path):
    """Executed too; with a small set, since the real ones train networks for a while."""
    master = tmp_path / "solutions" / "src" / "09_small.py"
    master.parent.mkdir(parents=True)
    (tmp_path / "exercises").mkdir()
    master.write_text(SMALL, encoding="utf-8")
    made = []
    for _ in range(2):
        assert main(["exercises"], tmp_path) == 0
        made.append([(tmp_path / kind / "09_small.ipynb").read_bytes() for kind in ("solutions", "exercises")])
    assert made[0] == made[1]
    assert main(["exercises", "--check"], tmp_path) == 0


def test_what_does_not_fit_its_master_is_found(tmp_path):
    test_solution_and_exercise_are_byte_identical_twice(tmp_path)
    exercise = tmp_path / "exercises" / "09_small.ipynb"
    exercise.write_text(exercise.read_text(encoding="utf-8").replace("Add one", "Add two"), encoding="utf-8")
    (tmp_path / "exercises" / "08_old.ipynb").write_text("{}", encoding="utf-8")
    problems = "\n".join(map(str, check_exercises(tmp_path)))
    assert "exercises/09_small.ipynb: is not what its master says" in problems
    assert "exercises/08_old.ipynb: has no source solutions/src/08_old.py" in problems


def test_a_solution_that_fails_its_own_check_is_not_written(tmp_path, capsys):
    master = tmp_path / "solutions" / "src" / "09_small.py"
    master.parent.mkdir(parents=True)
    master.write_text(SMALL.replace("return x + 1", "return x + 2"), encoding="utf-8")
    assert main(["exercises"], tmp_path) == 1
    assert "AssertionError" in capsys.readouterr().err
    assert not (tmp_path / "solutions" / "09_small.ipynb").exists()


SMALL = """\
# %% [markdown] nas_edu={"task": "09.1", "difficulty": 1, "minutes": 5}
# ## Add one
#
# Write it.

# %% nbgrader={"schema_version": 3, "grade_id": "add", "grade": false, "solution": true, "locked": false}
def add(x):
    ### BEGIN SOLUTION
    return x + 1
    ### END SOLUTION

# %% nbgrader={"schema_version": 3, "grade_id": "check", "grade": true, "solution": false, "locked": true, "points": 1}
assert add(1) == 2
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('"points": 1', '"points": 0'), "its check, a graded cell with points"),
        (('"difficulty": 1', '"difficulty": 7'), "difficulty .1 to 3."),
        ((', "minutes": 5', ""), "keys task, difficulty"),
        (("## Add one", "Add one"), "first line is a heading"),
        (('"solution": true', '"solution": false'), "no cell to fill in"),
        (
            ('"grade_id": "check"', '"grade_id": "add"'),
            "nbgrader does not accept the cell metadata of the master: Duplicate grade id: add",
        ),
        (("    ### END SOLUTION\n", ""), "nbgrader does not accept the master"),
        (('"locked": true', '"locked": true, "minutes": 3'), "Additional properties are not allowed"),
    ],
)
def test_masters_that_are_refused(tmp_path, change, problem):
    path = tmp_path / "09_small.py"
    path.write_text(SMALL.replace(*change), encoding="utf-8")
    with pytest.raises(AuthoringError, match=problem):
        student_version(read_master(path))


@pytest.fixture(scope="module", autouse=True)
def _environment_on_path():
    """Nbgrader calls the program `alembic` of this environment, which need not be activated for pytest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """An nbgrader course made from our solutions, with two submissions a set: solved, and untouched."""
    root = tmp_path_factory.mktemp("course")
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    api = NbGraderAPI(config=config)
    for master in MASTERS:
        solved = up_to_the_last_check(read_master(master))
        untouched = student_version(solved)
        place_notebook(solved, root / "source" / master.stem / master.name)
        assert api.generate_assignment(master.stem)["success"]
        place_notebook(untouched, root / "submitted" / "untouched" / master.stem / master.name)
        filled = read_notebook(root / "release" / master.stem / f"{master.stem}.ipynb")
        for cell, answer in zip(filled.cells, solved.cells, strict=True):
            cell.source = answer.source
        place_notebook(filled, root / "submitted" / "solved" / master.stem / master.name)
    return api


def place_notebook(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True)
    write_notebook(notebook, path.with_suffix(".ipynb"))


@SETS
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own sessions
@pytest.mark.parametrize(("student", "share"), [("solved", 1), ("untouched", 0)])
def test_nbgrader_autograde(course, master, student, share):
    result = course.autograde(master.stem, student)
    assert result["success"], result.get("error") or result.get("log")
    submission = course.get_submission(master.stem, student)
    assert submission["max_score"] == sum(cell.metadata.nbgrader.points for cell in graded(read_master(master)))
    assert submission["score"] == share * submission["max_score"]


@SETS
def test_nbgrader_validate(master, tmp_path):
    notebook = student_version(up_to_the_last_check(read_master(master)))
    place_notebook(notebook, tmp_path / "x" / master.name)
    result = Validator().validate(str(tmp_path / "x" / f"{master.stem}.ipynb"))
    assert len(result["failed"]) == len(graded(notebook))
    assert "changed" not in result
