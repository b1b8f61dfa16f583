"""What `import nas_edu` offers: subpackages by name."""

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
    assert found == {"core", *nas_edu._SUBPACKAGES}


def test_an_unknown_name_is_refused_with_what_was_perhaps_meant():
    with pytest.raises(AttributeError, match="nas_edu has no 'serch_spaces'; did you mean 'search_spaces'"):
        nas_edu.serch_spaces  # noqa: B018


def test_subpackages_without_torch_load_none():
    used = "nas_edu.search_strategies, nas_edu.draw.cell, nas_edu.check.hint"
    code = f"import sys, nas_edu; {used}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
