"""The files around the code: they agree with each other, with what is installed, and with what the README promises."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import nas_edu
from nas_edu.tools.same_digits import SAME_DIGITS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())
# What `make` installs beyond the base, and what it leaves to those who want it.
INSTALLED_EXTRAS = ("authoring", "cluster", "hpo", "test")
# Optional, and in no extra: its release has to fit the torch that is there.
OPTIONAL_IMPORTS = {"torchvision"}


def asked_for(*extras):
    lines = [*PROJECT["dependencies"], *(line for e in extras for line in PROJECT["optional-dependencies"][e])]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def pinned():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


# --- versions ---------------------------------------------------------------------------------------------------------


def test_constraints_are_exact_versions_and_nothing_else():
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("# ") or re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line), line


def test_everything_that_is_asked_for_is_pinned_and_every_pin_is_allowed():
    pins = pinned()
    assert not asked_for(*INSTALLED_EXTRAS).keys() - pins.keys()
    for name, requirement in asked_for(*PROJECT["optional-dependencies"]).items():
        if name in pins:
            assert requirement.specifier.contains(pins[name]), f"{name}=={pins[name]} is outside '{requirement}'"


def test_the_installed_versions_are_the_pinned_ones():
    installed: dict[str, str] = {}
    for distribution in metadata.distributions():  # the first one is imported; setuptools brings copies of some
        installed.setdefault(canonicalize_name(distribution.name), distribution.version)
    different = {
        name: (version, installed[name])
        for name, version in pinned().items()
        if name in installed
        and Version(installed[name]).public != Version(version).public  # torch 2.13.0+cpu is 2.13.0
    }
    assert not different, f"(pinned, installed): {different}; make setup mends it"


def test_pip_finds_the_environment_consistent():
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout


def test_one_version_everywhere():
    assert nas_edu.__version__ == PROJECT["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == PROJECT["version"]
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


# --- environment.yml --------------------------------------------------------------------------------------------------


def test_conda_brings_python_pip_and_graphviz_and_no_more():
    conda = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
    assert conda == [f"python{PROJECT['requires-python']}", "pip", "graphviz"]


def test_pip_in_conda_installs_what_make_installs():
    [pip] = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    constraints, editable = pip
    assert constraints == "-c constraints.txt"
    extras = re.fullmatch(r"-e \.\[([a-z,]+)\]", editable).group(1).split(",")
    assert tuple(extras) == INSTALLED_EXTRAS
    assert set(extras) <= set(PROJECT["optional-dependencies"])
    set_up = (ROOT / "tools" / "set_up.sh").read_text()
    assert f"install {editable.replace('.[', chr(39) + '.[')}'" in set_up


def test_the_public_workflow_runs_the_same_script_on_the_oldest_python():
    [job] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"].values()
    assert f">={job['strategy']['matrix']['python'][0]}" == PROJECT["requires-python"]
    assert [step["run"] for step in job["steps"] if step.get("run", "").endswith(".ci/run")] == ["bash .ci/run"]
    for script in (".ci/run", "tools/set_up.sh"):
        assert subprocess.run(["bash", "-n", ROOT / script]).returncode == 0


# --- the code ---------------------------------------------------------------------------------------------------------

TIMED_IMPORT = """
import sys, time
started = time.process_time()
import {module}
print(time.process_time() - started)
print(*[name for name in {heavy} if name in sys.modules])
"""


def test_digits_are_the_same_in_make_and_in_the_tools():
    [line] = re.findall(r"^SAME_DIGITS = (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert dict(setting.split("=") for setting in line.split()) == SAME_DIGITS


@pytest.mark.parametrize(
    ("module", "limit"), [("nas_edu", 0.1), ("nas_edu.search_spaces", 0.3), ("nas_edu.search_strategies", 0.3)]
)
def test_import_is_cheap_and_leaves_torch_alone(module, limit):
    heavy = [
        "torch",
        "matplotlib",
        "ipywidgets",
        "anywidget",
        "IPython",
        "pandas",
        "sklearn",
        "ConfigSpace",
        "optuna",
        "smac",
    ]
    code = TIMED_IMPORT.format(module=module, heavy=heavy)
    seconds = []
    for _ in range(10):  # the fastest of ten: other processes may be using the processors
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        time, loaded = run.stdout.splitlines()
        assert loaded == ""
        seconds.append(float(time))
    assert min(seconds) < limit


@pytest.mark.parametrize("module", ["nas_edu.draw"])
def test_pictures_need_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def third_party_imports():
    """(top-level module, where, beside the library?) for each import of something that is not ours."""
    for path in [*(ROOT / "nas_edu").rglob("*.py"), *(ROOT / "tools").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"nas_edu", "tools"}:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield top, where, path.is_relative_to(ROOT / "tools")


def test_every_import_is_of_a_package_that_is_asked_for():
    providers = metadata.packages_distributions()
    seen = set()
    for top, where, authoring in third_party_imports():
        if top in OPTIONAL_IMPORTS:
            continue
        distributions = {canonicalize_name(name) for name in providers.get(top, [top])}
        allowed = asked_for("authoring") if authoring else asked_for("apps", "hpo", "cluster")
        assert distributions & allowed.keys(), f"{where} imports {top}, which pyproject.toml does not ask for"
        seen.add(top)
    assert "torch" in seen


# --- what strangers read ----------------------------------------------------------------------------------------------


def lecture_table():
    """(number, cell with the title, state) for each row of the README's table of lectures."""
    rows = re.findall(r"^\| ([01][0-9]) \| (.+?) \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [number for number, _, _ in rows] == [f"{number:02}" for number in range(13)]
    return rows


def test_the_readme_marks_honestly_which_lectures_exist():
    linked = set()
    for number, title, state in lecture_table():
        link = re.search(r"\]\((lectures/(.+?)\.ipynb)\)", title)
        assert (link is not None) == (state != "planned"), f"lecture {number}: {title} | {state}"
        if link is not None:
            assert link.group(2).startswith(number)
            linked.add(link.group(1))
    assert linked == {str(path.relative_to(ROOT)) for path in (ROOT / "lectures").glob("*.ipynb")}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/bring_your_own.md"])
def test_links_inside_the_project_lead_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing, f"{name} links to {missing}"


def test_make_help_lists_every_command():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [phony] = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  make ([a-z-]+) ", listed, re.MULTILINE) == phony.split()
    assert {"lab", "test", "lectures", "exercises", "claims", "clean", "help"} <= set(phony.split())
