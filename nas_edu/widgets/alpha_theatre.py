"""The alpha theatre: a differentiable search, live, with its settings beside it.

    alpha_theatre(load("digits"), NASBenchEdu.load("digits"))

Above are the settings, below the search. The edge that stands out and the cell that is shown change at once; the other
settings are read when a search begins: at the first Run, and after Reset. A preset sets them all: "collapse to skips"
is DARTS without L2 on 200 signals with three of four labels drawn by chance. In 500 steps with batches of 32, the
default, which take half a minute, five of six edges end as skip connections (with other seeds: two to four).
`replay(theatre.search.history, theatre.search.views)` shows a search once more, with a slider over its steps.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nas_edu.core import Budget, History, Split, Step, Task
from nas_edu.core.names import did_you_mean
from nas_edu.draw.marks import Panel
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from nas_edu.widgets.controls import Control, Select
from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.live_search import live
from nas_edu.widgets.present import in_browser, present
from nas_edu.widgets.views import alpha_curves, alpha_heat_map, argmax_verdict, losses, mixed_cell, operation_counts
from nas_edu.widgets.views.mixture import EDGE_NAMES, edge_name, edges_of

if TYPE_CHECKING:
    from nas_edu.nas_bench import Table

METHODS = ("DARTS, first order", "DARTS, second order", "GDAS", "ProxylessNAS", "PC-DARTS")
SPACES = {"TinyCell": EDGE_NAMES, "DARTSCell": tuple(map(edge_name, edges_of(14)))}  # with their edges
CELLS = {"normal": "normal", "reduction": "reduce"}
DATA = ("mnist1d", "mnist1d-shuffled", "digits")
OPERATION_SETS = {
    "all five": OPERATIONS,
    "without none": tuple(name for name in OPERATIONS if name != "none"),
    "skip, 3x3 conv": ("skip_connect", "nor_conv_3x3"),
    "skip, both convs": ("skip_connect", "nor_conv_1x1", "nor_conv_3x3"),
    "skip, pool, 1x1 conv": ("skip_connect", "nor_conv_1x1", "avg_pool_3x3"),
}
SAMPLES = ("all", "1000", "200")
CHOICES = {  # of the settings that are numbers
    "wrong_labels": (0.0, 0.25, 0.5, 0.75),
    "alpha_rate": (0.0003, 0.003, 0.01, 0.03, 0.1),
    "weight_rate": (0.01, 0.025, 0.05, 0.1, 0.5),
    "weight_decay": (0.0, 0.0003, 0.005, 0.05),
    "seed": (0, 1, 2, 3, 4),
}


@dataclass(frozen=True)
class Settings:
    """What a search is started with, and the edge and the kind of cell to look at.

    `data` is the name of a task, or "" for the one that the theatre was given; `samples` the number of training
    samples, or "all"; `wrong_labels` the share of them whose label is drawn by chance; `weight_decay` the L2 on w.
    """

    edge: str = EDGE_NAMES[0]
    cell: str = "normal"
    space: str = "TinyCell"
    method: str = METHODS[0]
    operations: str = "all five"
    data: str = ""
    samples: str = "all"
    wrong_labels: float = 0.0
    alpha_rate: float = 0.01
    weight_rate: float = 0.025
    weight_decay: float = 0.0003
    seed: int = 0


PRESETS = {
    "a usual search": Settings(),
    "collapse to skips": Settings(
        operations="skip, both convs",
        data="mnist1d",
        samples="200",
        wrong_labels=0.75,
        alpha_rate=0.03,
        weight_rate=0.5,
        weight_decay=0.0,
        seed=1,
    ),
}
OWN = "own choice"


class Theatre(NamedTuple):
    """`settings.set("method", "GDAS")` and `search.run()` do what a person does there."""

    settings: Explorer[Settings]
    search: Dashboard


def alpha_theatre(
    task: Task,
    table: Table | None = None,
    *,
    steps: int = 500,
    settings: Settings | None = None,
    batch_size: int = 32,
    device: str = "cpu",
) -> Theatre:
    """Watch a search of `steps` steps. `table` tells what the argmax cells of `task` are worth, and for another data
    set its own table does; without it nothing does.

    Without a browser the search runs at once, with `settings`. Raises ValueError for settings that do not go together,
    and what the methods raise.
    """
    chooser = Explorer(
        settings or Settings(),
        [],
        partial(_controls, task.name),
        title="Settings of the next search",
        status=problem_of,
        on_change=lambda: search.refresh(),
    )
    if in_browser():
        present(chooser)

    def of_the_cell(view: Callable[..., Panel]) -> Callable[[History], Panel]:
        """The view of the chosen kind of cell, where the search has several."""

        def chosen(history: History) -> Panel:
            several = bool(history.steps) and "normal" in history.steps[-1].alpha
            return view(history, CELLS[chooser.state.cell] if several else None)

        return chosen

    by_cell = (alpha_curves(lambda: chooser.state.edge), alpha_heat_map, mixed_cell, operation_counts)
    views = [*map(of_the_cell, by_cell), losses]
    verdicts = {} if table is None else {task.name: argmax_verdict(table)}
    searched = task.name  # the data set of the search that is shown

    def verdict(history: History) -> Panel:
        from nas_edu.nas_bench import NASBenchEdu

        if searched not in verdicts:
            verdicts[searched] = argmax_verdict(NASBenchEdu.load(searched))
        return verdicts[searched](history)

    if table is not None:
        views.append(verdict)

    def events() -> Iterator[Step]:
        """A generator, so the settings are read at its first step."""
        nonlocal searched
        searched = chooser.state.data or task.name
        yield from search_of(chooser.state, task, steps, batch_size, device)

    search = live(events, Budget(steps=steps), views, title="Search of alpha")
    return Theatre(chooser, search)


def search_of(settings: Settings, task: Task, steps: int, batch_size: int, device: str) -> Iterator[Step]:
    """The search that the settings describe. Raises ValueError where they do not go together."""
    from nas_edu.one_shot import (
        DARTSCellSupernet,
        FastTinyCellSupernet,
        PartialChannelSupernet,
        Supernet,
        darts,
        gdas,
        pc_darts,
        proxyless_nas,
    )

    if problem := problem_of(settings):
        raise ValueError(problem)
    data = task_of(settings, task)
    supernet: Supernet
    if settings.space == "DARTSCell":
        supernet = DARTSCellSupernet(data, channels=4, seed=settings.seed)
    else:
        kind = PartialChannelSupernet if settings.method == "PC-DARTS" else FastTinyCellSupernet
        supernet = kind(data, operations=OPERATION_SETS[settings.operations], seed=settings.seed)
    methods: dict[str, Callable[..., Iterator[Step]]] = {
        "DARTS, first order": darts,
        "DARTS, second order": partial(darts, order=2),
        "GDAS": gdas,
        "ProxylessNAS": proxyless_nas,
        "PC-DARTS": pc_darts,
    }
    return methods[settings.method](
        supernet.to(device),
        data,
        steps=steps,
        batch_size=batch_size,
        alpha_learning_rate=settings.alpha_rate,
        weight_learning_rate=settings.weight_rate,
        weight_decay=settings.weight_decay,
        rng=random.Random(settings.seed),
    )


def task_of(settings: Settings, task: Task) -> Task:
    """The data set with as many training samples, and as many of their labels drawn by chance, as the settings say."""
    from nas_edu.data import load

    if settings.data not in ("", task.name):
        task = load(settings.data)
    draw = np.random.default_rng(0)
    inputs, targets = task.train.inputs, task.train.targets
    if settings.samples != "all":
        inputs, targets = inputs[: int(settings.samples)], targets[: int(settings.samples)]
    if settings.wrong_labels:
        wrong = draw.random(len(targets)) < settings.wrong_labels
        targets = np.where(wrong, draw.integers(0, task.classes, len(targets)), targets)
    return replace(task, train=Split(inputs, targets))


def problem_of(settings: Settings) -> str:
    """Why no search can begin with these settings, in words; "" where one can."""
    allowed: dict[str, Any] = {
        "space": SPACES,
        "method": METHODS,
        "operations": OPERATION_SETS,
        "cell": CELLS,
    }
    for name, options in allowed.items():
        value = getattr(settings, name)
        if value not in options:
            return f"there is no {name} {value!r}; allowed: {', '.join(options)}{did_you_mean(value, options)}"
    if settings.method == "PC-DARTS" and settings.space != "TinyCell":
        return "PC-DARTS is here for TinyCell only: choose that space, or another method"
    return ""


def _controls(given: str, state: Settings) -> list[Control]:
    """All settings; what has no meaning in this space is grey. `given` is the name of the theatre's own task."""
    tiny = state.space == "TinyCell"

    def select(name: str, options: tuple[str, ...], label: str, enabled: bool = True) -> Select:
        value = getattr(state, name)
        return Select(name, options, value, lambda now, text: replace(now, **{name: text}), label, enabled)

    def number(name: str, label: str) -> Select:
        values, now = CHOICES[name], getattr(state, name)
        texts = [f"{value:g}" for value in sorted({*values, now})]
        return Select(name, texts, f"{now:g}", lambda old, text: replace(old, **{name: type(now)(text)}), label)

    preset = next((name for name, one in PRESETS.items() if _same_search(one, state, given)), OWN)
    data = (given, *(name for name in DATA if name != given))
    return [
        Select("preset", (*PRESETS, OWN), preset, _choose_preset, "Preset"),
        Select("space", tuple(SPACES), state.space, _choose_space, "Space"),
        select("method", METHODS, "Method"),
        select("operations", tuple(OPERATION_SETS), "Operations", tiny),
        Select("data", data, state.data or given, lambda now, text: replace(now, data=text), "Data"),
        select("samples", SAMPLES, "Samples"),
        number("wrong_labels", "Wrong labels"),
        number("alpha_rate", "Rate of alpha"),
        number("weight_rate", "Rate of w"),
        number("weight_decay", "L2 of w"),
        number("seed", "Seed"),
        select("edge", SPACES[state.space], "Edge in colour"),
        select("cell", tuple(CELLS), "Cell", not tiny),
    ]


def _same_search(one: Settings, other: Settings, given: str) -> bool:
    """Whether they start the same search, whatever is looked at."""
    return one == replace(other, edge=one.edge, cell=one.cell, data=one.data) and (one.data or given) == (
        other.data or given
    )


def _choose_preset(state: Settings, name: str) -> Settings:
    return state if name == OWN else replace(PRESETS[name], cell=state.cell)


def _choose_space(state: Settings, space: str) -> Settings:
    return replace(state, space=space, edge=SPACES[space][0])
