"""`show` displays source code, with and without a notebook around it."""

import sys
from functools import cached_property, wraps

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

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


@pytest.mark.parametrize("thing", [Square(), 3, len, "search"])
def test_what_has_no_source_is_refused(thing):
    with pytest.raises(TypeError, match="show takes a function"):
        show(thing)
