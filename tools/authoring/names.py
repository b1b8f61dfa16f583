"""The link from a notebook to the code: every name that it takes from nas_edu must exist."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from nbformat import NotebookNode

from nas_edu.core.names import did_you_mean
from tools.authoring.notebooks import Problem

PACKAGE = "nas_edu"


def missing_names(notebook: NotebookNode, place: str) -> list[Problem]:
    """Imports from nas_edu, and names looked up in its modules, that are not there (any more)."""
    modules: dict[str, ModuleType] = {}  # the notebook's names for modules of the package
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(_without_magics(cell.source))
        except SyntaxError as error:
            problems.append(Problem(f"{place} cell {number}", f"is not Python: {error.msg} in line {error.lineno}"))
            continue
        problems += [Problem(f"{place} cell {number}", text) for text in _missing(tree, modules)]
    return problems


def _without_magics(source: str) -> str:
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))


def _missing(tree: ast.Module, modules: dict[str, ModuleType]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    try:
                        module = importlib.import_module(alias.name)
                    except ModuleNotFoundError as error:
                        yield f"imports {alias.name}: {error}"
                        continue
                    modules[alias.asname or PACKAGE] = module if alias.asname else importlib.import_module(PACKAGE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            yield from _missing_from(node, modules)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            module = modules[node.value.id]
            if _look_up(module, node.attr) is None:
                yield f"uses {module.__name__}.{node.attr}, which does not exist{did_you_mean(node.attr, dir(module))}"


def _missing_from(node: ast.ImportFrom, modules: dict[str, ModuleType]) -> Iterator[str]:
    try:
        module = importlib.import_module(node.module or "")
    except ModuleNotFoundError as error:
        yield f"imports from {node.module}: {error}"
        return
    for alias in node.names:
        found = module if alias.name == "*" else _look_up(module, alias.name)
        if found is None:
            meant = did_you_mean(alias.name, dir(module))
            yield f"imports {alias.name} from {node.module}, where it does not exist{meant}"
        elif isinstance(found, ModuleType):
            modules[alias.asname or alias.name] = found


def _look_up(module: ModuleType, name: str) -> Any:
    """An attribute or a submodule; None if there is neither."""
    if hasattr(module, name):
        return getattr(module, name)
    try:
        return importlib.import_module(f"{module.__name__}.{name}")
    except ModuleNotFoundError:
        return None
