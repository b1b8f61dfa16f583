"""`python -m nas_edu doctor` on this machine, and on machines that lack something."""

import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from nas_edu.__main__ import main
from nas_edu.tools import doctor


def only(findings, subject):
    [finding] = [finding for finding in findings if finding.subject == subject]
    return finding


@pytest.fixture
def without(monkeypatch):
    """Make packages look uninstalled: to `importlib.metadata`, and to `import`."""

    def remove(*names):
        real = metadata.version

        def version(name):
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return real(name)

        monkeypatch.setattr(metadata, "version", version)
        for name in names:
            monkeypatch.setitem(sys.modules, name.replace("-", "_"), None)  # None: `import` raises ImportError

    return remove


def test_this_environment_is_ready(capsys):
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "Ready: nothing that is required is missing." in printed
    assert metadata.version("torch") in printed
    assert "cpu (" in printed
    assert sys.executable in printed


def test_it_runs_as_a_command_from_another_folder(tmp_path):
    run = subprocess.run([sys.executable, "-m", "nas_edu", "doctor"], cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert str(tmp_path) in run.stdout


def test_an_unknown_command_is_refused_with_the_ones_there_are(capsys):
    with pytest.raises(SystemExit) as refusal:
        main(["docter"])
    assert refusal.value.code == 2
    assert "invalid choice: 'docter' (choose from" in capsys.readouterr().err


def test_every_required_package_has_a_cost_of_its_own():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert {Requirement(line).name for line in project["dependencies"]} == set(doctor.COST_OF_PACKAGE)
    assert set(project["optional-dependencies"]) == set(doctor.COST_OF_EXTRA)


@pytest.mark.parametrize("name", sorted(doctor.COST_OF_PACKAGE.keys() - {"packaging"}))
def test_a_missing_required_package_is_named_with_cost_and_remedy(without, name):
    without(name)
    findings = doctor.examine()
    finding = only(findings, name)
    assert (finding.ok, finding.found, finding.cost) == (False, "not installed", doctor.COST_OF_PACKAGE[name])
    assert doctor.exit_code(findings) == 1
    report = doctor.report(findings)
    assert f"MISSING  {name} " in report
    assert f"costs: {doctor.COST_OF_PACKAGE[name]}" in report
    assert "mend:  make lab" in report
    assert f"Not ready: {name}" in report


def test_without_torch_the_device_says_why(without):
    without("torch")
    finding = only(doctor.examine(), "device")
    assert not finding.ok
    assert finding.required
    assert "torch does not import: ModuleNotFoundError" in finding.found


def test_without_packaging_versions_cannot_be_looked_up(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    [finding] = doctor.packages()
    assert not finding.ok
    assert finding.required


def test_nas_edu_itself_not_installed(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    [finding] = doctor.packages()
    assert (finding.subject, finding.ok, finding.found) == ("nas_edu", False, "nas_edu is not installed")


def test_too_old_a_package_shows_both_versions(monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "1.13.1" if name == "torch" else real(name))
    finding = only(doctor.packages(), "torch")
    assert not finding.ok
    assert finding.found.startswith("1.13.1, but nas_edu needs >=")


def test_a_missing_extra_names_its_packages_and_is_not_fatal(without):
    without("nbgrader")
    findings = doctor.examine()
    finding = only(findings, "extra: authoring")
    assert (finding.ok, finding.found) == (False, "nbgrader: not installed")
    assert ".[authoring]" in finding.mend
    assert doctor.exit_code(findings) == 0
    assert "without  extra: authoring" in doctor.report(findings)


def test_an_old_python_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    [finding] = doctor.python()
    assert not finding.ok
    assert finding.required
    assert "3.11 or newer" in finding.cost


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_an_unused_nvidia_gpu_is_pointed_out(monkeypatch, tmp_path):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    executable(tmp_path / "nvidia-smi", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    [finding] = doctor.device()
    assert not finding.ok
    assert not finding.required
    assert "sees no GPU" in finding.found


def test_gpus_are_listed_by_name(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda i: f"Model {i}")
    [finding] = doctor.device()
    assert finding.ok
    assert finding.found.startswith("cuda:0 (Model 0), cuda:1 (Model 1), ")


def test_system_dot_comes_before_graphviz_pure(monkeypatch, tmp_path):
    dot = executable(tmp_path / "dot", "cat > /dev/null; echo '{}'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    [finding] = doctor.layout_program()
    assert (finding.ok, finding.found) == (True, str(dot))


def test_a_broken_system_dot_is_told_and_passed_over(monkeypatch, tmp_path):
    dot = executable(tmp_path / "dot", "cat > /dev/null; echo no plugins >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    [finding] = doctor.layout_program()
    assert finding.ok
    assert "graphviz-pure" in finding.found
    assert f"{dot} does not work" in finding.found


def test_without_any_layout_program_dot_shows_nothing(monkeypatch):
    monkeypatch.setattr("nas_edu.draw.graphviz_dot.dot_programs", list)
    [finding] = doctor.layout_program()
    assert not finding.ok
    assert not finding.required
    assert "draw.dot shows nothing" in finding.cost


def test_without_a_browser_only_the_browser_tests_are_lost(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "MAC_BROWSER", str(tmp_path / "Chrome"))
    [finding] = doctor.browser()
    assert (finding.ok, finding.required) == (False, False)
    assert "the browser tests are skipped" in finding.cost
    chrome = executable(tmp_path / "google-chrome", "exit 0")
    assert doctor.find_browser() == str(chrome)


def test_a_kernel_of_another_python_is_pointed_out(monkeypatch, tmp_path):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    class Spec:
        argv = (str(tmp_path / "bin" / "python3"), "-m", "ipykernel_launcher")

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: Spec)
    [finding] = doctor.kernel()
    assert (finding.ok, finding.found) == (False, f"python3: {Spec.argv[0]}")

    def no_such_kernel(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", no_such_kernel)
    [finding] = doctor.kernel()
    assert not finding.ok
    assert finding.required


def test_folders_that_cannot_be_written(monkeypatch, tmp_path):
    # A file in place of a folder stops even root, whom permissions do not.
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(blocked))
    findings = list(doctor.write_access())
    assert only(findings, "this folder").ok
    runtime = only(findings, "Jupyter's folder")
    assert (runtime.ok, runtime.required, runtime.found) == (False, True, str(blocked))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "not" / "there" / "yet"))
    assert only(doctor.write_access(), "Jupyter's folder").ok
