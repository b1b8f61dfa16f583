"""Every lecture with a live view: Run All, then each dashboard is run, watched and stopped."""

from pathlib import Path

import pytest
from conftest import ARTIFACTS
from lab import ROOT, wait_until

LIVE = [path for path in sorted((ROOT / "lectures").glob("*.ipynb")) if "live(" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", LIVE, ids=lambda path: path.stem)
def test_a_lecture_runs_and_its_live_views_live(open_lab, path: Path):
    notebook = open_lab(path)
    notebook.run_all()
    assert notebook.first_picture is not None
    assert notebook.first_picture < 5
    notebook.assert_no_errors()
    dashboards = notebook.dashboards()
    assert dashboards
    for number, dashboard in enumerate(dashboards):
        empty = dashboard.drawing()
        dashboard.press("Run")
        wait_until(lambda: dashboard.drawing() != empty, "the picture changes", 30)  # noqa: B023
        wait_until(lambda: dashboard.events >= 2 or dashboard.state == "finished", "two trials", 30)  # noqa: B023
        notebook.screenshot(ARTIFACTS / f"{path.stem}_{number}.png", dashboard.root)
        if dashboard.button("Stop").is_enabled():
            dashboard.stop(2)
    notebook.assert_no_errors()
