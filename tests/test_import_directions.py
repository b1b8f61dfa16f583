"""The arrows between the packages point one way, and nothing below `draw` knows of pictures or widgets.

Imports are read from the source, those inside functions and under TYPE_CHECKING included.
"""

import ast
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).parents[1] / "nas_edu"

# From the bottom up. A package may use its own level and everything below; no two packages may use each other.
LEVELS = [
    {"core", "bibliography"},
    {"search_spaces", "data"},
    {"networks"},
    {"performance_estimation"},
    {"nas_bench"},
    {"search_strategies"},
    {"one_shot"},
    {"draw"},
    {"widgets"},
    {"check"},
    {"tools"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
PICTURES = {"matplotlib", "ipywidgets", "anywidget", "IPython"}


def imported(path: Path) -> set[str]:
    """The full names of everything that a file imports; relative imports are spelled out."""
    names: set[str] = set()
    here = ["nas_edu", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def part_of(path: Path) -> str:
    """`core` for nas_edu/core/events.py, `doctor` for nas_edu/tools/doctor.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if part_of(path) != "__init__")


def used_parts(path: Path) -> set[str]:
    parts = [name.split(".")[1] for name in imported(path) if name.startswith("nas_edu.")]
    return {part if part in LEVEL else "core" for part in parts}  # `from nas_edu import search` comes from core


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_uses_only_what_lies_below(path):
    own = part_of(path)
    assert own in LEVEL, f"{own} has no level yet: give it one in LEVELS"
    above = {part for part in used_parts(path) if LEVEL[part] > LEVEL[own]}
    assert not above, f"{path.relative_to(PACKAGE)} uses {', '.join(sorted(above))}, which lies above {own}"


def test_no_two_packages_use_each_other():
    arrows = nx.DiGraph((part_of(path), used) for path in FILES for used in used_parts(path) if used != part_of(path))
    assert arrows.number_of_edges() > 5
    assert nx.is_directed_acyclic_graph(arrows), nx.find_cycle(arrows)


def test_no_files_import_each_other_in_a_circle():
    files = {".".join(("nas_edu", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in FILES}
    arrows = nx.DiGraph()
    for name, path in files.items():
        for used in imported(path) if path.name != "__init__.py" else ():  # an __init__ only hands names on
            target = next((part for part in (used, used.rpartition(".")[0]) if part in files), None)
            if target is not None:
                arrows.add_edge(name, target)
    assert arrows.number_of_edges() > 200
    assert nx.is_directed_acyclic_graph(arrows), nx.find_cycle(arrows)


def test_the_package_itself_offers_the_words_of_core_only():
    ours = {name for name in imported(PACKAGE / "__init__.py") if name.startswith("nas_edu.")}
    assert {name.split(".")[1] for name in ours} == {"core"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pictures_and_torch_stay_where_they_belong(path):
    tops = {name.split(".")[0] for name in imported(path)}
    if LEVEL[part_of(path)] < LEVEL["draw"]:
        assert not tops & PICTURES
    if part_of(path) in ("core", "search_spaces", "data"):
        assert "torch" not in tops


def test_relative_and_lazy_imports_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("test_import_directions.PACKAGE", tmp_path)
    (tmp_path / "core").mkdir()
    path = tmp_path / "core" / "events.py"
    path.write_text("from . import history\ndef f():\n    from ..draw.cell import draw\n    import matplotlib.pyplot\n")
    assert imported(path) == {"nas_edu.core.history", "nas_edu.draw.cell.draw", "matplotlib.pyplot"}
    assert used_parts(path) == {"core", "draw"}
