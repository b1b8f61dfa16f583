"""Exercises: one master a set, solutions/src/NN_name.py, becomes a solution and an exercise.

The master is in jupytext's percent format with nbgrader's own markers and cell metadata (schema 3). A task is

- a text cell that starts with a heading and says `nas_edu={"task": "03.1", "difficulty": 1, "minutes": 10}`, from which
  the line below the heading is made;
- a cell to fill in: nbgrader `"solution": true`, the answer between `### BEGIN SOLUTION` and `### END SOLUTION`;
- directly after it the check: nbgrader `"grade": true`, with points.

solutions/NN_name.ipynb is the master, executed; it is also what nbgrader takes as its `source`. exercises/NN_name.ipynb
is what nbgrader's `generate_assignment` makes of it, without a course folder or a database. Both are the same bytes
each time. `--check` compares them with the master without running anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from tools.authoring.execute import execute, repeats
from tools.authoring.lectures import check_executed
from tools.authoring.notebooks import (
    AuthoringError,
    Problem,
    as_text,
    choose,
    orphans,
    read_source,
    tidy,
    write_notebook,
)

COMMAND = "python -m tools.authoring exercises"
STUDENT_VERSION = (
    CheckCellMetadata,
    LockCells,
    ClearSolutions,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
)
DIFFICULTIES = {1: "easy", 2: "medium", 3: "hard"}


def make_exercises(root: Path, names: Iterable[str] = ()) -> None:
    """Write solution and exercise of the masters with these names (all if none are given)."""
    for path in choose(root / "solutions" / "src", names):
        started = time.perf_counter()
        master = read_master(path)
        exercise = student_version(master)
        execute(master, root / "solutions", f"solutions/src/{path.name}")
        write_notebook(master, root / "solutions" / f"{path.stem}.ipynb")
        write_notebook(exercise, root / "exercises" / f"{path.stem}.ipynb")
        seconds = time.perf_counter() - started
        print(f"solutions/{path.stem}.ipynb and exercises/{path.stem}.ipynb  made in {seconds:.0f} s", flush=True)


def check_exercises(root: Path, names: Iterable[str] = ()) -> list[Problem]:
    sources = root / "solutions" / "src"
    problems = [] if names else [*orphans(root / "solutions", sources), *orphans(root / "exercises", sources)]
    for path in choose(sources, names):
        master = read_master(path)
        problems += check_executed(path, root / "solutions" / f"{path.stem}.ipynb", master, COMMAND)
        exercise = root / "exercises" / f"{path.stem}.ipynb"
        expected = as_text(student_version(master))
        if not exercise.exists() or exercise.read_text(encoding="utf-8") != expected:
            text = f"is not what its master says: run `{COMMAND} {path.stem}`; an exercise is never edited by hand"
            problems.append(Problem(f"exercises/{exercise.name}", text))
    return problems


def repeat_exercises(root: Path, names: Iterable[str] = ()) -> list[Problem]:
    """Execute each solution twice, write nothing, and say which cells give another output the second time."""
    problems = []
    for path in choose(root / "solutions" / "src", names):
        problems += repeats(partial(read_master, path), root / "solutions", f"solutions/src/{path.name}")
    return problems


def read_master(path: Path) -> NotebookNode:
    """The master as a notebook, each task with the line that tells its difficulty, minutes and hints.

    Raises AuthoringError where a task lacks something.
    """
    notebook = read_source(path)
    cells = notebook.cells
    for number, cell in enumerate(cells):
        if "nas_edu" not in cell.metadata:
            continue
        place = f"solutions/src/{path.name} cell {number + 1}"
        task = dict(cell.metadata.nas_edu)
        if set(task) != {"task", "difficulty", "minutes"} or task["difficulty"] not in DIFFICULTIES:
            raise AuthoringError(f"{place}: a task has the keys task, difficulty (1 to 3) and minutes, got {task}")
        heading, _, text = cell.source.partition("\n")
        if cell.cell_type != "markdown" or not heading.startswith("#"):
            raise AuthoringError(f"{place}: a task starts with a text cell whose first line is a heading")
        cell.source = f"{heading}\n{_task_line(**task)}\n{text}"
        _require_solution_and_check(cells[number + 1 :], place)
    return tidy(notebook)


def _task_line(task: str, difficulty: int, minutes: int) -> str:
    dots = "●" * difficulty + "○" * (len(DIFFICULTIES) - difficulty)
    level = f"**{dots} {DIFFICULTIES[difficulty]}, about {minutes} minutes**"
    return f'{level} · stuck? `hint("{task}")` helps, step by step\n'


def _require_solution_and_check(after: list[NotebookNode], place: str) -> None:
    roles = [cell.metadata.get("nbgrader", {}) for cell in after]
    first = next((n for n, role in enumerate(roles) if role.get("solution")), None)
    if first is None:
        raise AuthoringError(f"{place}: no cell to fill in follows this task (nbgrader: solution)")
    check = roles[first + 1] if first + 1 < len(roles) else {}
    if not check.get("grade") or not check.get("points", 0) > 0:
        raise AuthoringError(f"{place}: its check, a graded cell with points, must come directly after the solution")


def student_version(master: NotebookNode) -> NotebookNode:
    """The master as a student gets it: answers and outputs removed, checks locked."""
    try:
        MetadataValidator().validate_nb(master)
    except (ValidationError, SchemaTooOldError, SchemaTooNewError) as error:
        reason = str(getattr(error, "message", error)).splitlines()[0]
        raise AuthoringError(f"nbgrader does not accept the cell metadata of the master: {reason}") from None
    exporter = NotebookExporter(log=logging.getLogger("tools.authoring"))
    for preprocessor in STUDENT_VERSION:
        exporter.register_preprocessor(preprocessor, enabled=True)
    try:
        text, _ = exporter.from_notebook_node(nbformat.from_dict(master))
    except RuntimeError as error:  # BEGIN without END, or in a cell that is not to be filled in
        raise AuthoringError(f"nbgrader does not accept the master: {error}") from None
    notebook = nbformat.reads(text, as_version=4)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return tidy(notebook)
