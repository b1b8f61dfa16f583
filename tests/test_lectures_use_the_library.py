"""Each exported method is called in a cell of some lecture, where a student sees it run, and is not only printed."""

import ast
import inspect
from pathlib import Path

import pytest

from nas_edu import one_shot, performance_estimation, search_strategies

LECTURES = Path(__file__).parents[1] / "lectures" / "src"
PRINTING = {"show", "getsource", "help"}
METHODS = [
    f"{package.__name__.removeprefix('nas_edu.')}.{name}"
    for package in (search_strategies, one_shot, performance_estimation)
    for name in package.__all__
    if inspect.isfunction(getattr(package, name))
]


def names_used(source: str) -> set[str]:
    """The names that are called, or handed to something that calls them; a name that is only printed is none."""
    tree = ast.parse(source)
    printed = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in PRINTING
        for argument in node.args
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in printed}
    return used | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in printed}


USED = set().union(*(names_used(path.read_text(encoding="utf-8")) for path in LECTURES.glob("*.py")))


@pytest.mark.parametrize("method", METHODS)
def test_a_lecture_calls(method):
    assert method.split(".")[1] in USED


def test_what_is_only_printed_or_imported_does_not_count():
    source = (
        "from nas_edu.one_shot import darts, gdas, enas\nshow(darts)\nlist(gdas(net, task))\ncompare({'ENAS': enas})"
    )
    assert {"gdas", "enas"} <= names_used(source)
    assert "darts" not in names_used(source)
