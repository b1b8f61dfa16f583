"""What `import nas_edu` offers: subpackages by name, the words of core, and `show`."""

import subprocess
import sys
from pathlib import Path

import pytest

import nas_edu


@pytest.mark.parametrize("name", nas_edu._SUBPACKAGES)
def test_a_subpackage_comes_by_its_name(name):
    code = f"import nas_edu; assert {name!r} in dir(nas_edu); print(nas_edu.{name}.__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"nas_edu.{name}"


def test_every_subpackage_is_offered():
    found = {path.parent.name for path in Path(nas_edu.__file__).parent.glob("*/__init__.py")}
    assert found == set(nas_edu._SUBPACKAGES)


def test_an_unknown_name_is_refused_with_what_was_perhaps_meant():
    with pytest.raises(AttributeError, match="nas_edu has no 'serch_spaces'; did you mean 'search_spaces'"):
        nas_edu.serch_spaces  # noqa: B018


class Example:
    """A class."""

    @property
    def half(self):
        return 0.5

    def double(self, x):
        return 2 * x


def test_show_prints_the_source_outside_a_notebook(capsys):
    nas_edu.show(Example.double)
    nas_edu.show(Example.half)
    assert (
        capsys.readouterr().out
        == "def double(self, x):\n    return 2 * x\n@property\ndef half(self):\n    return 0.5\n"
    )
    nas_edu.show(Example)
    assert capsys.readouterr().out.startswith("class Example:")


@pytest.mark.parametrize("thing", [3, len, "search"])
def test_show_refuses_what_has_no_source(thing):
    with pytest.raises(TypeError, match="show takes a function"):
        nas_edu.show(thing)
