"""A real JupyterLab, driven in a real headless Chromium: what every browser test stands on.

with JupyterServer(folder) as server, chromium() as browser:
    notebook = OpenNotebook(browser, server, "03_evolution.ipynb")
    notebook.run_all()
    notebook.dashboard(0).press("Run")
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, sync_playwright
from playwright.sync_api import TimeoutError as PressTimeoutError

ROOT = Path(__file__).parents[2]
DASHBOARD = ".nas-live:has(.nas-state)"  # an explorer is a live view too, and has no state such as "running"
SETTINGS = ROOT / "tools" / "jupyterlab_overrides.json"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# JupyterLab itself logs these, without any notebook open.
HARMLESS = ("favicon", "Failed to load resource: the server responded with a status of 404", "ResizeObserver loop")


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises FileNotFoundError where there is no browser."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError(f"no Chromium or Chrome found; looked for {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def wait_until(true: Callable[[], Any], what: str, seconds: float = 30, every: float = 0.05) -> float:
    """Poll until `true()`; returns the seconds that it took. Raises AssertionError, naming `what`, if it never is."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(every)
    return time.monotonic() - started


class JupyterServer:
    """JupyterLab on a folder, with settings of its own: neither reads nor changes those of the user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notebooks"
        self.folder.mkdir(parents=True, exist_ok=True)
        home = folder / "home"
        defaults = home / "overrides"
        defaults.mkdir(parents=True, exist_ok=True)
        if SETTINGS.exists():
            shutil.copy(SETTINGS, defaults / "overrides.json")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url, self.token = f"http://127.0.0.1:{port}", "browser-test"
        environment = {name: value for name, value in os.environ.items() if name != "NAS_EDU_HEADLESS"}
        environment |= {
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
        command += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={self.folder}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={self.token}", f"--LabApp.app_settings_dir={defaults}"]
        self.log = home / "server.log"
        self._process = subprocess.Popen(
            command, env=environment, stdout=self.log.open("w"), stderr=subprocess.STDOUT, cwd=self.folder
        )

    def __enter__(self) -> JupyterServer:
        wait_until(self._answers, f"JupyterLab did not start:\n{self.log.read_text()}", seconds=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"JupyterLab ended:\n{self.log.read_text()}")
        try:
            with urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def saved(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


class OpenNotebook:
    """A notebook in a page of its own, its kernel idle."""

    def __init__(self, browser: Browser, server: JupyterServer, name: str, *, width: int = 1440) -> None:
        self.server, self.name = server, name
        self.errors: list[str] = []
        self._idle_since: float | None = None
        self.context = browser.new_context(viewport={"width": width, "height": 1000})
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        self.first_picture: float | None = None  # seconds from Run All to the first widget or image
        self.reload()
        self.wait_for_kernel()

    def reload(self) -> None:
        """Open the notebook's page anew, as it is on the disk."""
        self.page.goto(f"{self.server.url}/doc/tree/{self.name}?token={self.server.token}&reset", timeout=60_000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)

    def close(self) -> None:
        self.shut_down_kernel()
        self.context.close()

    def command(self, name: str, **arguments: Any) -> None:
        """Start one of JupyterLab's commands, such as "docmanager:save", and do not wait for its end."""
        script = "([name, given]) => { window.jupyterapp.commands.execute(name, given); }"
        self.page.evaluate(script, [name, arguments])

    def wait_for_kernel(self, seconds: float = 90) -> None:
        """Wait until the kernel has been idle for a second: JupyterLab ignores Run All while it starts."""
        self._idle_since = None
        wait_until(lambda: self._idle_for(1), "the kernel is not idle", seconds)

    def _idle_for(self, seconds: float) -> bool:
        """Whether the kernel was idle, whenever this was called, for so long."""
        status = self.page.locator(".jp-Notebook-ExecutionIndicator").first.get_attribute("data-status")
        if status != "idle":
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = time.monotonic()
        return self._idle_since is not None and time.monotonic() - self._idle_since > seconds

    def run_all(self, seconds: float = 90) -> None:
        """Forget all outputs, then menu Run, Run All Cells, and wait for the last one."""
        self.command("notebook:clear-all-cell-outputs")
        for _ in range(3):
            self._run_all_once(seconds)
            if self.page.locator(".jp-CodeCell .jp-InputPrompt").first.inner_text().strip() != "[ ]:":
                return
        raise AssertionError("JupyterLab ignores Run All")  # as it does while the kernel starts

    def _run_all_once(self, seconds: float) -> None:
        self.page.locator(".lm-MenuBar-item", has_text="Run").click()
        self.page.locator(".lm-Menu-item", has_text="Run All Cells").first.click()
        picture = self.page.locator(".jp-OutputArea :is(.nas-live svg, img)")
        started = time.monotonic()
        self._idle_since = None  # it was idle until now

        def is_done() -> bool:
            if self.first_picture is None and picture.count():
                self.first_picture = time.monotonic() - started
            return self._idle_for(1)

        wait_until(is_done, "Run All does not end", seconds)

    def run_cell(self, index: int) -> None:
        self.command("notebook:enter-command-mode")
        self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-InputArea-prompt").first.click()
        self.command("notebook:run-cell")

    def shut_down_kernel(self) -> None:
        self.page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")

    def save(self) -> dict[str, Any]:
        before = (self.server.folder / self.name).stat().st_mtime_ns
        # JupyterLab drops a save that is asked for while another is under way, so wait until it says that it is done.
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
        wait_until(lambda: (self.server.folder / self.name).stat().st_mtime_ns != before, "the notebook is saved", 10)
        return self.server.saved(self.name)

    def cell_errors(self) -> list[str]:
        """The error outputs that the cells show."""
        outputs = self.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')
        return [text for text in outputs.all_inner_texts() if text.strip()]

    def assert_no_errors(self) -> None:
        assert self.cell_errors() == []
        assert self.errors == []

    def dashboard(self, index: int = 0) -> LiveDashboard:
        return LiveDashboard(self, self.page.locator(DASHBOARD).nth(index))

    def dashboards(self) -> list[LiveDashboard]:
        return [self.dashboard(index) for index in range(self.page.locator(DASHBOARD).count())]

    def set_theme(self, theme: str) -> None:
        """`theme` is "light" or "dark"."""
        self.command("apputils:change-theme", theme=f"JupyterLab {theme.capitalize()}")
        wanted = "true" if theme == "light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{wanted}']", state="attached")
        self.page.wait_for_timeout(300)

    def screenshot(self, path: Path, target: Locator | None = None) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        (target or self.page).screenshot(path=path)
        return path

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(harmless in message.text for harmless in HARMLESS):
            self.errors.append(f"console: {message.text}")


class LiveDashboard:
    """What `live` or `replay` shows, as a person uses it."""

    def __init__(self, notebook: OpenNotebook, root: Locator) -> None:
        self.notebook, self.root = notebook, root
        root.wait_for(timeout=30_000)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).click(timeout=10_000)

    def stop(self, seconds: float) -> None:
        """Press Stop, which must be obeyed within `seconds`. A short search may end before the press arrives."""
        with suppress(PressTimeoutError):
            self.button("Stop").click(timeout=1000 * seconds)
        wait_until(lambda: self.state in ("stopped", "finished"), f"stopped, is {self.status!r}", seconds)

    @property
    def state(self) -> str:
        return self.root.locator(".nas-state").inner_text()

    @property
    def status(self) -> str:
        return self.root.locator(".nas-status").inner_text()

    @property
    def events(self) -> int:
        """The number of trials or steps that the status line shows."""
        words = self.status.split(": ", 1)[1].split()
        return int(words[0])

    def wait_for_state(self, state: str, seconds: float = 30) -> float:
        return wait_until(lambda: self.state == state, f"state {state!r}, is {self.status!r}", seconds)

    def drawing(self) -> str:
        """The SVG of all panels, to tell whether the picture changed."""
        return self.root.locator(".nas-panels").inner_html()

    def stands_still(self, seconds: float = 0.6) -> bool:
        before = self.drawing()
        time.sleep(seconds)
        return self.drawing() == before
