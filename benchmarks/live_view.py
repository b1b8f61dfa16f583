"""How fast does the live view paint, how much does it slow a training, and how soon does Stop answer?

    python benchmarks/live_view.py [--seconds 12] [--runs 5] [--steps 4]

A real JupyterLab in headless Chromium. The work is real: an evolution in which every trial is a training of a few SGD
steps (forward, backward, update) of a small 1-D convolutional network, a step tuned to 10 to 16 ms on one thread. It
runs in a thread of the kernel and is shown by `live` with its three default views. With four steps a trial, 20 trials
end in a second, far more than in a lecture, and each frame has something new; `--steps 1` is the hardest case.

Other programs disturb a comparison of whole runs, so the views are held back in every second second of a run, and each
second with views is compared with the one after it. What one would write by hand, matplotlib drawn into an
`ipywidgets.Image` ten times a second, is measured in the same way. Frames are counted in the browser, by a
MutationObserver: an animation frame in which the picture changed is one frame.
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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from lab import JupyterServer, OpenNotebook, chromium, wait_until

SETUP = """
import json, random, threading, time
import psutil
import torch
from nas_edu.core import Budget, Evaluation, History
from nas_edu.search_spaces import TinyCell
from nas_edu.search_strategies import regularized_evolution
from nas_edu.widgets import live
from nas_edu.widgets.runner import Runner

torch.set_num_threads(1)
torch.manual_seed(0)
inputs, targets = torch.randn(128, 1, 40), torch.randint(10, (128,))
stamps = []

def network(channels):
    conv = torch.nn.Conv1d
    return torch.nn.Sequential(
        conv(1, channels, 3, padding=1), torch.nn.BatchNorm1d(channels), torch.nn.ReLU(),
        conv(channels, channels, 3, padding=1), torch.nn.BatchNorm1d(channels), torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(channels, 10))

def trainer(channels):
    model = network(channels)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    def step():
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = torch.nn.functional.cross_entropy(outputs, targets)
        loss.backward()
        optimizer.step()
        return (outputs.argmax(1) == targets).float().mean().item()
    return step

def milliseconds(step):
    for _ in range(5):
        step()
    times = []
    for _ in range(30):
        started = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times)[15]

channels = min((8, 12, 16, 24, 32, 48, 64, 72, 80, 88, 96), key=lambda c: abs(milliseconds(trainer(c)) - 13))
step = trainer(channels)
step_milliseconds = milliseconds(step)

def evaluate(cell, steps):
    for _ in range(steps):
        accuracy = step()
        stamps.append(time.perf_counter())
    return Evaluation(accuracy, validation_accuracy=accuracy)

def evolution(steps={steps}):
    return regularized_evolution(TinyCell(), lambda cell: evaluate(cell, steps), rng=random.Random(0))

def seconds_of_other_threads(runner):
    search = getattr(runner, "_runner", runner)._thread.native_id
    return sum(t.user_time + t.system_time for t in psutil.Process().threads() if t.id != search)

def alternate(runner, switch, seconds):
    # Switch views on and off every second while a search runs; answer with the steps a second in each, and with the
    # share of a core that the kernel's other threads took.
    counts, shares = [], []
    runner.run()
    for second in range(int(seconds)):
        switch(second % 2 == 0)
        time.sleep(0.15)  # a frame that is under way ends
        before, others_before = len(stamps), seconds_of_other_threads(runner)
        started = time.perf_counter()
        time.sleep(0.85)
        seconds = time.perf_counter() - started
        counts.append((len(stamps) - before) / seconds)
        shares.append((seconds_of_other_threads(runner) - others_before) / seconds)
    runner.stop()
    answer([counts, shares])

def answer(value):
    with open("answer.json", "w") as file:
        json.dump(value, file)

answer([channels, step_milliseconds])
"""

LIVE = """
dashboard = live(evolution, Budget(seconds=600))
painter = dashboard._painter
changed = painter.changed
def switch(on):
    painter.changed = changed if on else (lambda: None)
    if on:
        changed()
"""

BY_HAND = """
import io
import ipywidgets
from matplotlib.figure import Figure

image = ipywidgets.Image(format="png")
display(image)
history = History()
runner = Runner(evolution(), Budget(seconds=600), history, lambda: None)
drawing = threading.Event()

def draw():
    while not runner.over:
        drawing.wait()
        with runner.lock:
            trials = history.trials
            incumbents = history.incumbents
        figure = Figure((9, 3.5))
        best, last = figure.subplots(1, 2)
        best.plot([trial.score for trial in trials], ".")
        best.plot([trial.score for trial in incumbents])
        last.plot([trial.score for trial in trials[-20:]], "o")
        out = io.BytesIO()
        figure.savefig(out, format="png")
        image.value = out.getvalue()
        time.sleep(0.1)

threading.Thread(target=draw, daemon=True).start()
switch = lambda on: drawing.set() if on else drawing.clear()
threading.Thread(target=alternate, args=(runner, switch, {seconds})).start()
"""

LONG_TRIALS = """
dashboard = live(lambda: evolution(steps=300), Budget(seconds=600))
runner = dashboard._runner
clicked = dashboard._clicked
def timed(message):
    started = time.perf_counter()
    clicked(message)
    if message["type"] == "stop":
        runner._thread.join(10)
        answer(time.perf_counter() - started)
dashboard._widget._msg_callbacks.callbacks.clear()
dashboard._widget.on_msg(lambda _, message, buffers: timed(message))
"""

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

    def live(self, seconds: int) -> tuple[list[float], list[float], list[float]]:
        """Steps a second and the other threads' share in each second, and frames a second in those with views."""
        self.run(LIVE)
        time.sleep(1.5)
        self.notebook.dashboard()
        self.notebook.page.evaluate(COUNT_FRAMES, ".nas-panels")
        self.run_beside(f"threading.Thread(target=alternate, args=(dashboard, switch, {seconds})).start()")
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
        live_counts, live_shares, frames, hand_counts, hand_shares = [], [], [], [], []
        for _ in range(options.runs):
            counts, shares, painted = bench.live(options.seconds)
            live_counts, live_shares, frames = live_counts + counts, live_shares + shares, frames + painted
            counts, shares = bench.by_hand(options.seconds)
            hand_counts, hand_shares = hand_counts + counts, hand_shares + shares
        stops = [bench.stop() for _ in range(options.runs)]
        page.close()
    print(f"load at the end {os.getloadavg()[0]:.1f}; median (lower to upper quartile)")
    print(f"steps a second without views     {spread(live_counts[1::2])}")
    print(f"slowdown by live                 {spread(slowdowns(live_counts), ' %')}")
    print(f"slowdown by matplotlib           {spread(slowdowns(hand_counts), ' %')}")
    print(f"of a core, for live in the kernel {spread(extra(live_shares), ' %')}")
    print(f"of a core, for matplotlib        {spread(extra(hand_shares), ' %')}")
    print(f"live, painted frames a second    {spread(frames)}")
    print(f"Stop is shown after              {spread([shown for shown, _ in stops], ' s', 3)}")
    print(f"and the training has ended after {spread([ended for _, ended in stops], ' s', 3)}")


if __name__ == "__main__":
    main()
