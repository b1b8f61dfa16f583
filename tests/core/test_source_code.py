"""`show` displays source code, with and without a notebook around it; `import nas_edu` offers the subpackages."""

import subprocess
import sys
from functools import cached_property, wraps
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import nas_edu
from nas_edu import show


class Square:
    """A class to show."""

    side = 2

    @property
    def area(self):
        return self.side**2

    @cached_property
    def perimeter(self):
        return 4 * self.side


def doubled(function):
    @wraps(function)
    def twice(x):
        return 2 * function(x)

    return twice


@doubled
def plus_one(x):
    return x + 1


AREA = "@property\ndef area(self):\n    return self.side**2\n"


@pytest.mark.parametrize(
    ("code", "beginning"),
    [
        (Square, 'class Square:\n    """A class'),
        (Square.area, AREA),
        (Square.perimeter, "@cached_property\ndef perimeter(self):\n    return 4"),
        (plus_one, "@doubled\ndef plus_one(x):\n    return x + 1\n"),
    ],
)
def test_without_a_notebook_the_source_is_printed(code, beginning, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython")
    show(code)
    assert capsys.readouterr().out.startswith(beginning)


def test_in_a_notebook_it_is_highlighted():
    InteractiveShell.instance()
    try:
        with capture_output() as shown:
            show(Square.area)
    finally:
        InteractiveShell.clear_instance()
    assert [output.data for output in shown.outputs] == [{"text/markdown": f"```python\n{AREA}```", "text/plain": AREA}]


def test_what_has_no_source_is_refused():
    with pytest.raises(TypeError):
        show(Square())


def test_every_subpackage_is_offered_by_name_and_none_is_loaded():
    folders = {path.parent.name for path in Path(nas_edu.__file__).parent.glob("*/__init__.py")}
    assert folders <= set(dir(nas_edu))
    code = f"""
import sys, nas_edu
assert not [name for name in {folders - {"core"}} if "nas_edu." + name in sys.modules]
nas_edu.search_spaces.TinyCell, nas_edu.search_strategies.random_search, nas_edu.draw.cell, nas_edu.check.hint
assert "torch" not in sys.modules
try:
    nas_edu.serch_spaces
except AttributeError as error:
    assert "serch_spaces" in str(error)
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
