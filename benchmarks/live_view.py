"""How fast does the live view paint, how much does it slow a training, and how soon does Stop answer?

    python benchmarks/live_view.py [--seconds 12] [--runs 5] [--steps 4] [--search evolution]

A real JupyterLab in headless Chromium. The work is real: an evolution in which every trial is a training of a few SGD
steps (forward, backward, update) of a small 1-D convolutional network, a step tuned to 10 to 16 ms on one thread. It
runs in a thread of the kernel and is shown by `live` with its three default views. With four steps a trial, 20 trials
end in a second, far more than in a lecture, and each frame has something new; `--steps 1` is the hardest case.

Other programs disturb a comparison of whole runs, so the views are held back in every second second of a run, and each
second with views is compared with the one after it. What one would write by hand, matplotlib drawn into an
`ipywidgets.Image` ten times a second, is measured in the same way. Frames are counted in the browser, by a
MutationObserver: an animation frame in which the picture changed is one frame.

`--search theatre` and `--search proxies` measure the alpha theatre and the scatter of proxies instead, with the
searches and the views of the lectures; what is counted there is steps of DARTS, or networks scored.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from live_view_kernel import BY_HAND, LONG_TRIALS, SEARCHES, SETUP, SWITCH

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from lab import DASHBOARD, JupyterServer, OpenNotebook, chromium, wait_until

COUNT_FRAMES = """
selector => {
  window.frame_times = [];
  let counted = false;
  const count = () => {
    if (counted) return;
    counted = true;
    window.frame_times.push(performance.now());
    requestAnimationFrame(() => { counted = false; });
  };
  const node = document.querySelector(selector);
  new MutationObserver(count).observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""

STOP = """
() => new Promise((resolve) => {
  const state = document.querySelector(".nas-live .nas-state");
  const started = performance.now();
  const observer = new MutationObserver(() => {
    if (state.textContent === "stopped") requestAnimationFrame(() => resolve((performance.now() - started) / 1000));
  });
  observer.observe(state, { childList: true, characterData: true, subtree: true });
  document.querySelector(".nas-live button.nas-stop").click();
})
"""


class Bench:
    """A notebook whose one cell is replaced and run, again and again."""

    def __init__(self, notebook: OpenNotebook, folder: Path) -> None:
        self.notebook, self.file = notebook, folder / "answer.json"

    def run(self, source: str) -> None:
        self.file.unlink(missing_ok=True)
        script = (
            "source => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(source)"
        )
        self.notebook.page.evaluate(script, source)
        self.notebook.command("notebook:run-cell")

    def answer(self, seconds: float = 120):
        wait_until(lambda: self.file.exists() and self.file.read_text(), "an answer from the kernel", seconds)
        time.sleep(0.3)
        return json.loads(self.file.read_text())

    def live(self, search: str, seconds: int) -> tuple[list[float], list[float], list[float]]:
        """Steps a second and the other threads' share in each second, and frames a second in those with views."""
        self.run(SEARCHES[search] + SWITCH)
        wait_until(lambda: self.notebook.page.locator(DASHBOARD).count() == 1, "the dashboard", 60)
        time.sleep(1.5)
        self.notebook.page.evaluate(COUNT_FRAMES, ".nas-live:has(.nas-state) .nas-panels")
        self.run_beside(f"threading.Thread(target=alternate, args=(dashboard, switch, {seconds}, count)).start()")
        counts, shares = self.answer()
        times = self.notebook.page.evaluate("() => window.frame_times")
        starts = range(0, 1000 * seconds, 2000)  # milliseconds
        frames = [sum(start <= t - times[0] < start + 1000 for t in times) for start in starts]
        return counts, shares, frames

    def by_hand(self, seconds: int) -> tuple[list[float], list[float]]:
        self.run(BY_HAND.replace("{seconds}", str(seconds)))
        return self.answer()

    def run_beside(self, source: str) -> None:
        """Run code in the kernel without touching the cell."""
        script = "code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code })"
        self.notebook.page.evaluate(f"code => {{ ({script})(code); }}", source)

    def stop(self) -> tuple[float, float]:
        self.run(LONG_TRIALS)
        time.sleep(1.5)
        dashboard = self.notebook.dashboard()
        dashboard.press("Run")
        time.sleep(1.5)  # in the middle of the first trial
        shown = self.notebook.page.evaluate(STOP)
        return shown, self.answer()


def slowdowns(counts: list[float]) -> list[float]:
    """In percent, for each pair of a second with views and the next one without."""
    return [100 * (1 - on / off) for on, off in zip(counts[::2], counts[1::2], strict=True)]


def extra(shares: list[float]) -> list[float]:
    """What the kernel's other threads compute more with views than without, in percent of a core."""
    return [100 * (on - off) for on, off in zip(shares[::2], shares[1::2], strict=True)]


def spread(values: list[float], unit: str = "", digits: int = 1) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=12, help="of each run, an even number")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4, help="of a training, which is one trial")
    parser.add_argument("--search", choices=SEARCHES, default="evolution")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    with JupyterServer(folder) as server, chromium() as browser:
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")], metadata=kernel)
        nbformat.write(notebook, server.folder / "bench.ipynb")
        page = OpenNotebook(browser, server, "bench.ipynb")
        bench = Bench(page, server.folder)
        bench.run(SETUP.replace("{steps}", str(options.steps)))
        channels, step = bench.answer()
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {channels} channels, {step:.1f} ms a step alone")
        compared = options.search == "evolution"  # with matplotlib, and Stop measured
        live_counts, live_shares, frames, hand_counts, hand_shares = [], [], [], [], []
        for _ in range(options.runs):
            counts, shares, painted = bench.live(options.search, options.seconds)
            live_counts, live_shares, frames = live_counts + counts, live_shares + shares, frames + painted
            if compared:
                counts, shares = bench.by_hand(options.seconds)
                hand_counts, hand_shares = hand_counts + counts, hand_shares + shares
        stops = [bench.stop() for _ in range(options.runs)] if compared else []
        page.close()
    print(f"load at the end {os.getloadavg()[0]:.1f}; median (lower to upper quartile)")
    print(f"steps a second without views     {spread(live_counts[1::2])}")
    print(f"slowdown by live                 {spread(slowdowns(live_counts), ' %')}")
    print(f"of a core, for live in the kernel {spread(extra(live_shares), ' %')}")
    print(f"live, painted frames a second    {spread(frames)}")
    if compared:
        print(f"slowdown by matplotlib           {spread(slowdowns(hand_counts), ' %')}")
        print(f"of a core, for matplotlib        {spread(extra(hand_shares), ' %')}")
        print(f"Stop is shown after              {spread([shown for shown, _ in stops], ' s', 3)}")
        print(f"and the training has ended after {spread([ended for _, ended in stops], ' s', 3)}")


if __name__ == "__main__":
    main()
