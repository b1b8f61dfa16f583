"""The alpha theatre: DARTS on TinyCell, live, with its settings beside it.

    alpha_theatre(load("digits"), NASBenchEdu.load("digits"))

Above are the settings, below the search. The edge that stands out changes at once; the other settings are read when a
search begins: at the first Run, and after Reset. `replay(theatre.search.history, theatre.search.views)` shows a search
once more, with a slider over its steps.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from nas_edu.core import Budget, Step, Task
from nas_edu.search_spaces.tiny_cell import OPERATIONS
from nas_edu.widgets.controls import Control, Select
from nas_edu.widgets.dashboard import Dashboard
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.live_search import live
from nas_edu.widgets.present import in_browser, present
from nas_edu.widgets.views import alpha_curves, alpha_heat_map, argmax_verdict, losses, mixed_cell
from nas_edu.widgets.views.mixture import EDGE_NAMES

if TYPE_CHECKING:
    from nas_edu.nas_bench import Table

OPERATION_SETS = {
    "all five": OPERATIONS,
    "without none": tuple(name for name in OPERATIONS if name != "none"),
    "skip, 3x3 conv": ("skip_connect", "nor_conv_3x3"),
    "skip, pool, 1x1 conv": ("skip_connect", "nor_conv_1x1", "avg_pool_3x3"),
}
ALPHA_RATES = ("0.0003", "0.003", "0.01", "0.03")
WEIGHT_RATES = ("0.01", "0.025", "0.05", "0.1")


@dataclass(frozen=True)
class Settings:
    """What a search is started with, and the edge to look at. Learning rates as they are written."""

    edge: str = EDGE_NAMES[0]
    order: str = "1"
    alpha_rate: str = "0.01"
    weight_rate: str = "0.025"
    operations: str = "all five"
    seed: str = "0"


class Theatre(NamedTuple):
    """`settings.set("order", "2")` and `search.run()` do what a person does there."""

    settings: Explorer[Settings]
    search: Dashboard


def alpha_theatre(
    task: Task,
    table: Table | None = None,
    *,
    steps: int = 300,
    settings: Settings | None = None,
    batch_size: int = 64,
    device: str = "cpu",
) -> Theatre:
    """Watch DARTS search for `steps` steps. `table` tells what the argmax cells are worth; without it nothing does.

    Without a browser the search runs at once, with `settings`. Raises what `darts` raises.
    """
    chooser = Explorer(
        settings or Settings(),
        [],
        _controls,
        title="DARTS: settings of the next search",
        on_change=lambda: search.refresh(),
    )
    if in_browser():
        present(chooser)
    views = [alpha_curves(lambda: chooser.state.edge), alpha_heat_map, mixed_cell, losses]
    if table is not None:
        views.append(argmax_verdict(table))
    search = live(lambda: _darts(task, chooser, steps, batch_size, device), Budget(steps=steps), views, title="DARTS")
    return Theatre(chooser, search)


def _darts(task: Task, chooser: Explorer[Settings], steps: int, batch_size: int, device: str) -> Iterator[Step]:
    """A generator, so the settings are read at its first step."""
    from nas_edu.one_shot import FastTinyCellSupernet, darts

    settings = chooser.state
    seed = int(settings.seed)
    supernet = FastTinyCellSupernet(task, operations=OPERATION_SETS[settings.operations], seed=seed).to(device)
    yield from darts(
        supernet,
        task,
        steps=steps,
        batch_size=batch_size,
        order=int(settings.order),
        alpha_learning_rate=float(settings.alpha_rate),
        weight_learning_rate=float(settings.weight_rate),
        rng=random.Random(seed),
    )


def _controls(state: Settings) -> list[Control]:
    def select(name: str, options: tuple[str, ...], label: str) -> Select:
        return Select(name, options, getattr(state, name), partial(_choose, name), label)

    return [
        select("edge", EDGE_NAMES, "Edge in colour"),
        select("operations", tuple(OPERATION_SETS), "Operations"),
        select("order", ("1", "2"), "Order"),
        select("alpha_rate", ALPHA_RATES, "Rate of alpha"),
        select("weight_rate", WEIGHT_RATES, "Rate of w"),
        select("seed", tuple("01234"), "Seed"),
    ]


def _choose(name: str, state: Settings, value: str) -> Settings:
    return replace(state, **{name: value})
