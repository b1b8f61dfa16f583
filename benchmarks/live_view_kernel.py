"""What `live_view.py` runs in the kernel of its notebook, as text: the searches, and how their steps are counted."""

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

def alternate(runner, switch, seconds, count=lambda: len(stamps)):
    # Switch views on and off every second while a search runs; answer with the steps a second in each, and with the
    # share of a core that the kernel's other threads took.
    counts, shares = [], []
    runner.run()
    for second in range(int(seconds)):
        switch(second % 2 == 0)
        time.sleep(0.15)  # a frame that is under way ends
        before, others_before = count(), seconds_of_other_threads(runner)
        started = time.perf_counter()
        time.sleep(0.85)
        seconds = time.perf_counter() - started
        counts.append((count() - before) / seconds)
        shares.append((seconds_of_other_threads(runner) - others_before) / seconds)
    runner.stop()
    answer([counts, shares])

def answer(value):
    with open("answer.json", "w") as file:
        json.dump(value, file)

answer([channels, step_milliseconds])
"""

SEARCHES = {
    "evolution": """
dashboard = live(evolution, Budget(seconds=600))
count = lambda: len(stamps)
""",
    "theatre": """
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.widgets import alpha_theatre
theatre = alpha_theatre(load("mnist1d"), NASBenchEdu.load("mnist1d"), steps=100_000, batch_size=32)
dashboard = theatre.search
count = lambda: len(dashboard.history)
""",
    "proxies": """
import numpy as np
from nas_edu.data import load
from nas_edu.nas_bench import NASBenchEdu
from nas_edu.performance_estimation import ZeroCost
from nas_edu.search_spaces import Subspace
from nas_edu.search_strategies import random_search
from nas_edu.widgets import current_cell, proxy_scatter, proxy_tau
table, space = NASBenchEdu.load("mnist1d"), TinyCell()
known = np.flatnonzero(~np.isnan(table.column("validation_accuracy")))
cells = Subspace(space, [space[int(place)] for place in known])
nwot = ZeroCost("nwot", load("mnist1d"))
dashboard = live(lambda: random_search(cells, nwot, rng=random.Random(0)), Budget(seconds=600),
                 views=[proxy_scatter(table), proxy_tau(table), current_cell])
count = lambda: len(dashboard.history)
""",
}

SWITCH = """
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
