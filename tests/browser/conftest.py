"""One JupyterLab and one Chromium for all browser tests; each test opens notebooks of its own in them.

Without a browser these tests are skipped, unless NAS_EDU_REQUIRE_BROWSER=1 says that there must be one. Screenshots are
kept under test-artifacts/.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from lab import ROOT, JupyterServer, OpenNotebook, chromium
from playwright.sync_api import Browser

ARTIFACTS = ROOT / "test-artifacts"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except FileNotFoundError as error:
        if os.environ.get("NAS_EDU_REQUIRE_BROWSER") == "1":
            pytest.fail(f"NAS_EDU_REQUIRE_BROWSER=1, but {error}")
        pytest.skip(f"{error}; install Chromium to run the browser tests")


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def open_lab(
    chrome: Browser, jupyter: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., OpenNotebook]]:
    """Opens a copy of a notebook, `open_lab(path)`, or one made of cells, `open_lab([source, ...])`."""
    opened: list[OpenNotebook] = []

    def open_one(notebook: Path | list[str], **options: int) -> OpenNotebook:
        if isinstance(notebook, Path):
            name = notebook.name
            shutil.copy(notebook, jupyter.folder / name)
            for beside in ("img", "experiments"):
                if (notebook.parent / beside).is_dir():
                    shutil.copytree(notebook.parent / beside, jupyter.folder / beside, dirs_exist_ok=True)
        else:
            name = f"{request.node.name}.ipynb"
            cells = [nbformat.v4.new_code_cell(source) for source in notebook]
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), jupyter.folder / name)
        opened.append(OpenNotebook(chrome, jupyter, name, **options))
        return opened[-1]

    failed_before = request.session.testsfailed
    yield open_one
    for number, notebook in enumerate(opened):
        if request.session.testsfailed > failed_before:
            notebook.screenshot(ARTIFACTS / f"FAILED_{request.node.name}_{number}.png")
        notebook.close()
