"""tools/set_up.sh, in a folder with a space in its name: one clear line for whatever is missing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INGREDIENTS = ["pyproject.toml", "constraints.txt", "Makefile", "tools/set_up.sh", "tools/jupyterlab_overrides.json"]
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "0",
}


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "my course"
    (folder / "tools").mkdir(parents=True)
    for name in INGREDIENTS:
        shutil.copy(ROOT / name, folder / name)
    return folder


def make_setup(folder, **environment):
    variables = {**os.environ, "PYTHON": sys.executable, **NO_NETWORK, **environment}
    for inherited in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # these tests may run under make themselves
        variables.pop(inherited, None)
    run = subprocess.run(["make", "setup"], cwd=folder, env=variables, capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout, [line for line in run.stderr.splitlines() if line.startswith("nas_edu set-up:")]


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_python_that_is_too_old_is_named_with_its_version(course, tmp_path):
    # The real interpreter, which believes to be an older one.
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "sitecustomize.py").write_text(
        "import sys\nsys.version_info = (3, 9, 2)\nsys.version = sys.version.replace(sys.version.split()[0], '3.9.2')\n"
    )
    code, _, said = make_setup(course, PYTHONPATH=str(tmp_path / "old"))
    assert code != 0
    assert said == [
        f"nas_edu set-up: needs Python 3.11 or newer ({sys.executable} is 3.9.2); "
        "install one, or name it: PYTHON=/path/to/python3.12 make lab"
    ]
    assert not (course / ".venv").exists()


def test_a_python_that_is_not_there(course):
    code, _, [said] = make_setup(course, PYTHON="/no/such/python3")
    assert code != 0
    assert "(/no/such/python3 is not there)" in said


def test_a_python_without_the_venv_module(course, tmp_path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "ensurepip.py").write_text("raise ImportError('taken out by the distribution')")
    code, _, [said] = make_setup(course, PYTHONPATH=str(tmp_path / "bare"))
    assert code != 0
    assert said.endswith("has no venv module; on Debian or Ubuntu: sudo apt install python3-venv")


def test_no_network_is_said_in_one_line_and_the_next_try_goes_on(course):
    code, said_before, [said] = make_setup(course)
    assert code != 0
    assert "no network: pip could not reach its package index" in said
    assert "1/4: a virtual environment" in said_before
    code, said_before, _ = make_setup(course)
    assert code != 0
    assert "1/4" not in said_before  # the environment that is there is used


def mark_as_set_up(folder):
    """A virtual environment with the stamp that the script itself would leave."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    executable(folder / ".venv" / "bin" / "python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    [recipe] = re.findall(r'^recipe="(.+)"$', (folder / "tools" / "set_up.sh").read_text(), re.MULTILINE)
    stamp = f'printf "%s" "{recipe}" > .venv/nas_edu_is_set_up'
    subprocess.run(["sh", "-c", stamp], cwd=folder, check=True)


def test_nothing_is_done_where_all_is_done(course):
    mark_as_set_up(course)
    assert make_setup(course) == (0, "", [])


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_recipe_is_set_up_again(course, name):
    mark_as_set_up(course)
    (course / name).write_text((course / name).read_text() + "# changed\n")
    _, said, _ = make_setup(course, PYTHONPATH=str(no_pip(course)))
    assert "2/4: torch" in said
    assert not (course / ".venv" / "nas_edu_is_set_up").exists()


def test_a_moved_folder_is_set_up_again(course):
    mark_as_set_up(course)
    moved = course.rename(course.with_name("moved here"))
    _, said, _ = make_setup(moved, PYTHONPATH=str(no_pip(moved)))
    assert "2/4: torch" in said


def no_pip(folder):
    """A folder for PYTHONPATH whose pip refuses, so that no test installs anything into the environment it runs in."""
    (folder / "no pip").mkdir()
    (folder / "no pip" / "pip.py").write_text("raise SystemExit('no pip here')")
    return folder / "no pip"
