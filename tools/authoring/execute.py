"""Run a notebook from top to bottom, and keep only what belongs into a file that others read."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

import nbformat
from IPython.utils.path import compress_user
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from nas_edu.tools.same_digits import SAME_DIGITS
from tools.authoring.notebooks import METADATA, AuthoringError, Problem

REPOSITORY = Path(__file__).resolve().parents[2]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
TIMEOUT = 600  # seconds a cell
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # <Styler at 0x7f7bd36d00d0>
_TABLE = re.compile(r"\bT_[0-9a-f]{5}(?=[_\"])")  # id="T_9c648_row0_col1"
# One thread: sums come out the same on any number of cores, and a busy machine does not wait for its own threads.
ENVIRONMENT = {"NAS_EDU_HEADLESS": "1", "OMP_NUM_THREADS": "1", **SAME_DIGITS}


def execute(notebook: NotebookNode, folder: Path, place: str) -> None:
    """Run all cells, in place, with `folder` as working directory and live widgets running headless to their budget.

    Raises AuthoringError at the first cell that fails, unless it is tagged `raises-exception`, and where an output
    does not belong into the repository (see `unwanted_outputs`).
    """
    # An empty list of folders leaves only the kernel of this very Python, whatever else is installed on the machine.
    kernel = KernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=TIMEOUT,
        record_timing=False,  # times of day would make each run another file
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env={**os.environ, **ENVIRONMENT})
    except (CellControlSignal, DeadKernelError) as error:
        raise AuthoringError(f"{place}: {strip_ansi(str(error))}") from None
    _strip(notebook)
    problems = [*unwanted_outputs(notebook, place, folder.parent), *not_executed(notebook, place)]
    if problems:
        raise AuthoringError("\n".join(map(str, problems)))


def repeats(make: Callable[[], NotebookNode], folder: Path, place: str) -> list[Problem]:
    """Execute the notebook that `make` gives twice, at the same time, and say which cells' outputs differ.

    What differs between two runs on one machine is a wall time, an address, a random id, or chance without a seed.
    """
    notebooks = [make(), make()]
    with ThreadPoolExecutor(len(notebooks)) as pool:
        list(pool.map(lambda notebook: execute(notebook, folder, place), notebooks))
    problems = []
    for number, cells in enumerate(zip(*(notebook.cells for notebook in notebooks), strict=True), 1):
        one, other = ([json.dumps(output, sort_keys=True) for output in cell.get("outputs", ())] for cell in cells)
        if one != other:
            a, b = next((a, b) for a, b in zip_longest(one, other, fillvalue="") if a != b)
            same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            seen = [text[max(0, same - 40) : same + 40] for text in (a, b)]
            problems.append(Problem(f"{place} cell {number}", f"gives {seen[0]!r}, and run again, {seen[1]!r}"))
    return problems


def _strip(notebook: NotebookNode) -> None:
    """Remove what the run added besides outputs: times, the version of Python, everything about live widgets, where an
    object lies in memory, and the random names that pandas gives to the tables that it styles.

    A traceback through our own files names them from the repository on, wherever that lies (IPython writes ~ for home).

    With the state of widgets saved, a page without a kernel shows nothing, not even the still picture; and without the
    state, JupyterLab answers a saved reference to a widget with an error. So both go, and the still picture is shown.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    tables: dict[str, str] = {}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if "text/plain" in data:
                data["text/plain"] = _ADDRESS.sub("", data["text/plain"])
            if "text/html" in data:
                data["text/html"] = _TABLE.sub(
                    lambda match: tables.setdefault(match[0], f"T_{len(tables) + 1:05}"), data["text/html"]
                )
            if "traceback" in output:
                output.traceback = [_from_repository_on(part) for part in output.traceback]


def _from_repository_on(text: str) -> str:
    for root in (str(REPOSITORY), compress_user(str(REPOSITORY))):
        text = text.replace(f"{root}{os.sep}", "")
    return text


def not_executed(notebook: NotebookNode, place: str) -> list[Problem]:
    """Code cells that were not run, not in order, or failed."""
    problems = []
    for expected, (number, cell) in enumerate(_code_cells(notebook), 1):
        if cell.execution_count != expected:
            text = f"was run as number {cell.execution_count}, not {expected}: run the whole notebook anew"
            problems.append(Problem(f"{place} cell {number}", text))
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors and "raises-exception" not in cell.metadata.get("tags", ()):
            text = f"failed: {errors[0].ename}: {errors[0].evalue}"
            problems.append(Problem(f"{place} cell {number}", text))
    return problems


def unwanted_outputs(notebook: NotebookNode, place: str, root: Path) -> list[Problem]:
    """Outputs that nobody else should get: words on stderr, paths of this machine, the state of widgets."""
    problems = []
    if "widgets" in notebook.metadata or any(
        WIDGET_VIEW in output.get("data", ()) for _, cell in _code_cells(notebook) for output in cell.outputs
    ):
        problems.append(Problem(place, "holds the state of widgets, which hides their still pictures"))
    private = [f"{path}{os.sep}" for path in (root.resolve(), Path.home(), Path(tempfile.gettempdir()))]
    for number, cell in _code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                text = f"writes to stderr: {output.text.strip().splitlines()[0][:120]}"
                problems.append(Problem(f"{place} cell {number}", text))
            for text in _texts(output):
                found = next((path for path in private if path in text), None)
                if found:
                    problems.append(Problem(f"{place} cell {number}", f"shows a path of this machine: {found}"))
    return problems


def _code_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and cell.source.strip():
            yield number, cell


def _texts(output: NotebookNode) -> Iterator[str]:
    yield output.get("text", "")
    yield from output.get("traceback", ())
    for kind, value in output.get("data", {}).items():
        if isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
            yield value
