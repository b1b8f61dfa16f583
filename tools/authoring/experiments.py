"""The experiments of the lectures: compute what is not stored, compute some anew, or check what is stored.

    python -m tools.authoring experiments                         # all lectures: what is not stored yet is computed
    python -m tools.authoring experiments evolution_on_mnist1d    # what this one has stored is forgotten and made anew
    python -m tools.authoring experiments --check                 # the cheapest run of each is computed again, compared

An experiment is a function in a cell of a lecture (see nas_edu.core.experiment), and the lecture's own calls say which
runs there are. So each lecture is executed here, without its pictures, and what it calls is made on the way. A name may
also be a lecture's, such as 03_evolution: then that one only is executed, or checked.

A check compares what is stored with what comes out now, but no measured times: neither those of trials nor what a
result calls `seconds`. On another kind of processor rounding errors grow in a training, and a search takes another way
from a near tie on. So an experiment that says `trains=True` must give exactly the same where the stored run was made on
this kind of processor, and elsewhere a difference is only told; every other experiment must give the same everywhere.
What needs a file that is not here (NAS-Bench-201) is skipped.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nas_edu.core import History, history_format
from nas_edu.core.experiment import (
    ENDING,
    Experiment,
    MissingFile,
    experiments_folder,
    from_plain,
    processor,
    read,
    to_plain,
)
from tools.authoring.execute import ENVIRONMENT
from tools.authoring.notebooks import AuthoringError, Problem, choose, read_source

INLINE = "module://matplotlib_inline.backend_inline"  # pictures are displayed as in a notebook, that is, nowhere here


def find_experiments(folder: Path) -> dict[str, Path]:
    """The text source that each experiment stands in, by its name. Raises AuthoringError for a name used twice."""
    found: dict[str, Path] = {}
    for path in choose(folder, ()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(map(_is_experiment, node.decorator_list)):
                if node.name in found:
                    raise AuthoringError(f"{path.name} and {found[node.name].name} have an experiment {node.name}")
                found[node.name] = path
    return found


def _is_experiment(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Name) and called.id == "experiment"


def make_experiments(root: Path, names: Iterable[str] = ()) -> None:
    """Execute the lectures that `names` point at, all if there are none; an experiment named by itself is made anew."""
    names, found = list(names), find_experiments(root / "lectures" / "src")
    anew = [name for name in names if name in found]
    for path in _lectures(root, names, found):
        with _forgotten(name for name in anew if found[name] == path):
            execute_lecture(path)
        print(f"{path.stem}: all that it asks for is stored", flush=True)


def check_experiments(root: Path, names: Iterable[str] = ()) -> list[Problem]:
    """What `--check` finds; a line for each experiment is printed as well."""
    names, found = list(names), find_experiments(root / "lectures" / "src")
    problems = [] if names else _files_of_nobody(found)
    for path in _lectures(root, names, found):
        for experiment in execute_lecture(path):
            if not names or experiment.name in names or not found.keys() & set(names):
                problems += _check(experiment, path)
    return problems


def _lectures(root: Path, names: list[str], found: Mapping[str, Path]) -> list[Path]:
    folder = root / "lectures" / "src"
    of_names = [found[name].stem if name in found else name for name in names]
    chosen = choose(folder, of_names)
    return chosen if names else [path for path in chosen if path in found.values()]


def execute_lecture(path: Path) -> list[Experiment[..., Any]]:
    """Run the cells of a text source in this process, in its lecture's folder; returns the experiments that it has.

    Raises AuthoringError at the first cell that fails, unless it is tagged `raises-exception`.
    """
    os.environ |= {**ENVIRONMENT, "MPLBACKEND": INLINE}
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    Experiment.known.clear()
    shown = io.StringIO()
    with contextlib.chdir(path.parents[1]), contextlib.redirect_stdout(shown):
        for number, cell in enumerate(read_source(path).cells, 1):
            if cell.cell_type == "code":
                done = shell.run_cell(cell.source)
                error = done.error_before_exec or done.error_in_exec
                if error and "raises-exception" not in cell.metadata.get("tags", ()):
                    raise AuthoringError(f"{path.name} cell {number}: {type(error).__name__}: {error}") from error
    return list(Experiment.known.values())


@contextlib.contextmanager
def _forgotten(names: Iterable[str]) -> Iterator[None]:
    """Without the files of these experiments; one of which nothing new was stored comes back."""
    files = [experiments_folder() / f"{name}{ENDING}" for name in names]
    old = {file: file.read_bytes() for file in files if file.exists()}
    for file in old:
        file.unlink()
    try:
        yield
    finally:
        for file, content in old.items():
            if not file.exists():
                file.write_bytes(content)


def _files_of_nobody(found: Mapping[str, Path]) -> list[Problem]:
    files = sorted(experiments_folder().glob(f"*{ENDING}"))
    return [
        Problem(file.name, "no lecture has this experiment") for file in files if file.name.split(".")[0] not in found
    ]


def _check(experiment: Experiment[..., Any], path: Path) -> list[Problem]:
    runs, place = read(experiment.name)["runs"], f"{path.stem}: {experiment.name}"
    asked = [key for key in experiment.calls if key in runs]
    if not asked:
        return [Problem(place, "its lecture asks for no run of it")]
    unused = len(runs.keys() - set(asked))
    problems = [Problem(place, f"{unused} stored runs are asked for by no cell")] if unused else []
    key = min(asked, key=lambda key: (runs[key]["seconds"] or 0, key))
    bound, started = experiment.calls[key], time.perf_counter()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            now = experiment.function(*bound.args, **bound.kwargs)
    except MissingFile as error:
        print(f"{place}: skipped, {error}", flush=True)
        return problems
    settings = ", ".join(f"{name}={value!r}" for name, value in bound.arguments.items())
    old, new = (from_plain(plain, experiment.space) for plain in (runs[key]["result"], to_plain(now)))
    difference = first_difference(comparable(old), comparable(new))
    rounding = experiment.trains and runs[key].get("processor") != processor()
    why = " (trained on another kind of processor)" if difference and rounding else ""
    print(f"{place}({settings}): {difference or 'the same'}{why}; {time.perf_counter() - started:.1f} s", flush=True)
    return [*problems, Problem(f"{place}({settings})", difference)] if difference and not rounding else problems


def comparable(result: Any) -> Any:
    """A result as nested lists and dicts, without measured times."""
    if isinstance(result, History):
        return comparable(history_format.comparable(result))
    if isinstance(result, Mapping):
        return {name: comparable(value) for name, value in result.items() if name != "seconds"}
    if isinstance(result, list | tuple):
        return [comparable(value) for value in result]
    return result.tolist() if hasattr(result, "tolist") else result


def first_difference(old: Any, new: Any, place: str = "result") -> str:
    """Where two results differ for the first time, in words; empty where they are equal."""
    if isinstance(old, list) and isinstance(new, list):
        pairs: Iterable[tuple[Any, Any, Any]] = zip(range(len(old)), old, new, strict=False)
        if len(old) != len(new):
            return f"{place} has {len(old)} entries stored, and {len(new)} now"
    elif isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new):
            return f"{place} has {', '.join(old)} stored, and {', '.join(new)} now"
        pairs = ((repr(name), old[name], new[name]) for name in old)
    else:
        equal = old == new or (old != old and new != new)  # NaN is NaN
        return "" if equal else f"{place} is {old} stored, and {new} now"
    found = (first_difference(one, other, f"{place}[{key}]") for key, one, other in pairs)
    return next(filter(None, found), "")
