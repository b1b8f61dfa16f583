"""What this machine has, what is missing, what each missing thing costs, and how to mend it.

    findings = examine()
    print(report(findings))

Only what the course cannot do without is `required`: a missing browser costs the browser tests and nothing else.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

OLDEST_PYTHON = (3, 11)
SET_UP = "make lab, or: pip install -c constraints.txt -e ."

# What the course loses with each package that it asks for; the extras' packages are needed for one purpose each.
COST_OF_PACKAGE = {
    "anywidget": "no live views",
    "graphviz": "no draw.dot: architectures cannot be handed to Graphviz",
    "graphviz-pure": "where the system has no dot either, draw.dot shows nothing",
    "ipykernel": "no notebook can run",
    "ipython": "no notebook can run",
    "ipywidgets": "no live views",
    "jupyter_client": "no notebook can run",
    "jupyter_core": "no notebook can run",
    "jupyterlab": "the notebooks do not open in JupyterLab",
    "matplotlib": "no curves, no PNG or PDF of a drawing",
    "mnist1d": "no MNIST-1D, the task that most lectures search on",
    "moocore": "no hypervolume of a Pareto front",
    "networkx": "no architecture can be drawn",
    "numpy": "no data, so no search on a real task",
    "packaging": "this command cannot compare versions",
    "pandas": "no tables of a search's history",
    "pillow": "no PNG of a drawing",
    "scikit-learn": "no 8x8 digits, no surrogate models",
    "scipy": "no rank correlations, no statistical tests",
    "torch": "no network can be built or trained",
    "tqdm": "no progress bars",
    "traitlets": "no live views",
}
COST_OF_EXTRA = {
    "authoring": "lectures and exercises cannot be made anew from their sources",
    "test": "the test suite cannot run",
    "apps": "notebooks cannot be served as web pages (voila)",
    "hpo": "no search by SMAC3 or Optuna",
    "cluster": "no search spread over several machines (Dask)",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for. `cost` and `mend` speak where it is not `ok`."""

    subject: str
    ok: bool
    found: str
    required: bool = False
    cost: str = ""
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything, in the order of the report; takes as long as `import torch`."""
    parts = (python, packages, device, layout_program, browser, kernel, write_access)
    return [finding for part in parts for finding in part()]


def exit_code(findings: list[Finding]) -> int:
    """1 where something required is not well, else 0."""
    return int(any(finding.required and not finding.ok for finding in findings))


def report(findings: list[Finding]) -> str:
    """One line a finding; below what is not well, its cost and its remedy. A last line that sums up."""
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        mark = "ok" if finding.ok else "MISSING" if finding.required else "without"
        lines.append(f"  {mark:<8} {finding.subject:<{width}}  {finding.found}")
        if not finding.ok:
            indent = " " * (width + 13)
            lines.append(f"{indent}costs: {finding.cost}")
            lines.append(f"{indent}mend:  {finding.mend}")
    lacking = [finding.subject for finding in findings if finding.required and not finding.ok]
    lines.append("")
    lines.append(
        f"Not ready: {', '.join(lacking)}. See 'mend' above."
        if lacking
        else "Ready: nothing that is required is missing."
    )
    return "\n".join(lines)


def python() -> Iterator[Finding]:
    """The interpreter's version and place."""
    oldest = ".".join(map(str, OLDEST_PYTHON))
    yield Finding(
        "Python",
        sys.version_info >= OLDEST_PYTHON,
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}",
        required=True,
        cost=f"nas_edu needs {oldest} or newer and does not import here",
        mend=f"install Python {oldest} or newer, then: PYTHON=/path/to/it make lab",
    )


def packages() -> Iterator[Finding]:
    """The package itself, everything that it cannot do without, and one line for each optional group of packages."""
    try:
        from packaging.requirements import Requirement

        asked = [Requirement(line) for line in metadata.requires("nas_edu") or []]
    except ImportError as error:  # PackageNotFoundError is one too: then nas_edu runs from a folder, not installed
        yield Finding("nas_edu", False, f"{error.name} is not installed", True, "no package can be looked up", SET_UP)
        return
    yield Finding("nas_edu", True, metadata.version("nas_edu"))
    for requirement in asked:
        if requirement.marker is None:
            ok, found = _installed(requirement)
            cost = COST_OF_PACKAGE.get(requirement.name, "nas_edu asks for it")
            yield Finding(requirement.name, ok, found, required=True, cost=cost, mend=SET_UP)
    for extra, cost in COST_OF_EXTRA.items():
        members = [r for r in asked if r.marker is not None and r.marker.evaluate({"extra": extra})]
        states = [(requirement.name, *_installed(requirement)) for requirement in members]
        lacking = [f"{name}: {found}" for name, ok, found in states if not ok]
        present = [f"{name} {found}" for name, _, found in states]
        yield Finding(
            f"extra: {extra}",
            not lacking,
            ", ".join(lacking or present),
            cost=cost,
            mend=f"pip install -c constraints.txt -e '.[{extra}]'",
        )


def device() -> Iterator[Finding]:
    """Where torch can compute. A CPU is enough for the whole course."""
    try:
        import torch
    except Exception as error:  # a broken installation raises whatever it likes: OSError, RuntimeError, ...
        found = f"torch does not import: {type(error).__name__}: {error}"
        yield Finding("device", False, found, required=True, cost=COST_OF_PACKAGE["torch"], mend=SET_UP)
        return
    devices = [f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    devices.append(f"cpu ({torch.get_num_threads()} threads of {os.cpu_count()} cores)")
    unused_gpu = len(devices) == 1 and shutil.which("nvidia-smi") is not None
    yield Finding(
        "device",
        not unused_gpu,
        ", ".join(devices) + (f"; an NVIDIA driver is here, but torch {torch.__version__} sees no GPU" * unused_gpu),
        cost="everything runs, on the CPU",
        mend="install torch with CUDA: see 'On a GPU' in README.md",
    )


def layout_program() -> Iterator[Finding]:
    """The first program of the drawing ladder that lays out a graph here."""
    from nas_edu.draw.graphviz_dot import dot_programs

    broken = []
    for program in dot_programs():
        try:
            subprocess.run(
                [program, "-Tjson0"], input="digraph { a -> b }", capture_output=True, text=True, timeout=30, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            broken.append(f"{program} does not work ({error})")
        else:
            yield Finding("dot", True, "; ".join([program, *broken]))
            return
    yield Finding(
        "dot",
        False,
        "; ".join(broken) or "neither dot nor graphviz-pure",
        cost="draw.dot shows nothing; draw.cell has a layout of its own",
        mend="pip install graphviz-pure, or install graphviz on the system",
    )


def find_browser() -> str | None:
    """A Chromium or Chrome for the browser tests, or None."""
    for name in BROWSERS:
        if (path := shutil.which(name)) is not None:
            return path
    return MAC_BROWSER if os.access(MAC_BROWSER, os.X_OK) else None


def browser() -> Iterator[Finding]:
    """A Chromium that tests can drive; the notebooks themselves open in any browser."""
    found = find_browser()
    yield Finding(
        "browser",
        found is not None,
        found or "no Chromium or Chrome",
        cost="the browser tests are skipped; the notebooks need nothing but your usual browser",
        mend="on Debian or Ubuntu: sudo apt install chromium",
    )


def kernel() -> Iterator[Finding]:
    """Whether a notebook's kernel is this Python, or another one that knows nothing of nas_edu."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return  # reported as a missing ipykernel or jupyterlab
    remedy = f"{sys.executable} -m ipykernel install --sys-prefix"
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Finding("kernel", False, "no kernel 'python3'", True, "no notebook can run", remedy)
        return
    # A bare "python" means the Python that runs the server. Folders are compared as they are written: the Pythons of
    # two virtual environments are links to the same file.
    same = os.path.dirname(program) in ("", os.path.dirname(sys.executable))
    yield Finding(
        "kernel",
        same,
        "python3: this Python" if same else f"python3: {program}",
        cost="notebooks run in another Python, which may lack nas_edu or have other versions",
        mend=remedy,
    )


def write_access() -> Iterator[Finding]:
    """Where notebooks are saved, and where Jupyter keeps the connections to its kernels."""
    here = Path.cwd()
    yield Finding(
        "this folder",
        _writable(here),
        str(here),
        cost="notebooks, histories and pictures cannot be saved here",
        mend="copy the course into a folder of your own",
    )
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return  # reported as a missing jupyterlab
    runtime = Path(jupyter_runtime_dir())
    yield Finding(
        "Jupyter's folder",
        _writable(runtime),
        str(runtime),
        required=True,
        cost="no kernel can start",
        mend="export JUPYTER_RUNTIME_DIR=some/folder/you/may/write",
    )


def _installed(requirement: Requirement) -> tuple[bool, str]:
    """Whether a package is there in a version that will do, and what to print about it."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return False, "not installed"
    ok = requirement.specifier.contains(version, prereleases=True)
    return ok, version if ok else f"{version}, but nas_edu needs {requirement.specifier}"


def _writable(folder: Path) -> bool:
    """Whether a file can be made in `folder`, or the folder itself where it does not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
