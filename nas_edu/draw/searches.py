"""Search traces: what one search tried, and how strategies compare over several seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nas_edu.core import History, Trial
from nas_edu.draw.style import LIGHT, line_styles

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    from nas_edu.draw.figure import Plot
    from nas_edu.nas_bench import Table

Horizontal = Literal["evaluations", "cost"]
Vertical = Literal["score", "validation_accuracy", "validation_loss"]
ValuesOf = Callable[[History, str], Sequence[float]]  # a number after each trial, NaN where there is none yet
_X_LABELS = {"evaluations": "evaluations", "cost": "cost (seconds)"}
_Y_LABELS = {
    "score": "score",
    "validation_accuracy": "validation accuracy",
    "validation_loss": "validation loss (nats)",
}
_CROSS: dict[str, Any] = {"color": "#D55E00", "markersize": 9, "markeredgewidth": 2.5}


def trace(history: History, *, x: Horizontal = "evaluations", title: str | None = None) -> Plot:
    """One search: a dot for each trial's score, a line for the best so far, a cross on the axis for each failure.

    `x` counts evaluations or adds up their cost in seconds. Raises ValueError for an unknown `x` or an empty history.
    """
    from nas_edu.draw import figure

    _check("x", x, _X_LABELS)
    trials = _trials(history, "this history")
    places = _places(trials, x)
    failed = [place for place, trial in zip(places, trials, strict=True) if trial.failed]
    accuracy = _score_is_accuracy([history])
    best = history.incumbents[-1]
    outcome = "no trial succeeded" if best.failed else f"best score {_number(best.score, accuracy)}"
    alt = f"{title or 'Search trace'}: {_counted(len(trials), 'trial')}, {len(failed)} failed, {outcome}"
    colour = line_styles(["regularized evolution"])["regularized evolution"].colour
    with figure.house_style():
        plot = figure.Plot(alt)
        axes = plot.subplots()
        successes = [(place, trial.score) for place, trial in zip(places, trials, strict=True) if not trial.failed]
        axes.plot(*_columns(successes), "o", markersize=6, color=LIGHT.muted, alpha=0.55, markeredgewidth=0)
        steps = [(place, best.score) for place, best in zip(places, history.incumbents, strict=True) if not best.failed]
        axes.plot(*_columns(steps), color=colour, linewidth=3, drawstyle="steps-post")
        if failed:
            axes.plot(failed, [0] * len(failed), "x", transform=axes.get_xaxis_transform(), clip_on=False, **_CROSS)
        _name_axes(axes, x, "validation accuracy" if accuracy else "score", percent=accuracy)
        if title is not None:
            axes.set_title(title)
        note = "dot: one trial" + (f", cross: failed ({len(failed)})" if failed else "")
        _note(plot, note)
        if steps:
            figure.label_ends(axes, [(*steps[-1], f"best so far\n{_number(best.score, accuracy)}", colour)])
    return plot


def traces(
    searches: Mapping[str, Sequence[History]],
    *,
    x: Horizontal = "evaluations",
    y: Vertical = "score",
    title: str | None = None,
) -> Plot:
    """Strategies compared: for each the median over its histories, one a seed, in a band between the quartiles.

    Drawn is `y` of the incumbent (the trial with the best score so far), a step function of `x`, from where every
    history of the strategy has one until the first of them ends: so each median is over the same seeds. Raises
    ValueError for an unknown `x` or `y`, for a strategy without histories, or a history without a successful trial.
    """
    from nas_edu.draw import figure

    _check("y", y, _Y_LABELS)
    _check_searches(searches)
    everything = [history for histories in searches.values() for history in histories]
    percent = y == "validation_accuracy" or (y == "score" and _score_is_accuracy(everything))

    def incumbents(history: History, which: str) -> list[float]:
        return [math.nan if best.failed else _value(best, y, which) for best in history.incumbents]

    with figure.house_style():
        plot, ends = _quartiles(searches, x, incumbents, percent=percent)
        axes = plot.axes[0]
        _name_axes(axes, x, "validation accuracy" if percent else _Y_LABELS[y], percent=percent)
        seeds = _seeds(searches)
        _note(plot, f"best so far; line: median, band: quartiles, of {seeds}")
        plot.alt = f"{title or 'Search traces'}: median over {seeds}; {plot.alt}"
        if title is not None:
            axes.set_title(title)
        figure.label_ends(axes, ends)
    return plot


def regrets(
    table: Table, searches: Mapping[str, Sequence[History]], *, x: Horizontal = "cost", title: str | None = None
) -> Plot:
    """Strategies compared on a table that knows the best cell: the median regret over seeds, in a band of quartiles.

    The definition of regret stands below. The axis is logarithmic, so that a small regret is told from a smaller one;
    a regret of 0 lies below its end. Raises ValueError as `traces` does.
    """
    from nas_edu.draw import figure
    from nas_edu.nas_bench import REGRET

    _check_searches(searches)
    with figure.house_style():
        plot, ends = _quartiles(searches, x, lambda history, _: table.regret(history).tolist(), percent=True)
        axes = plot.axes[0]
        figure.logarithmic(axes)
        _name_axes(axes, x, "regret", percent=True)
        seeds = _seeds(searches)
        _note(plot, f"line: median, band: quartiles, of {seeds}\n{REGRET.replace(', ', ',' + chr(10))}")
        plot.alt = f"{title or 'Regret'}: median over {seeds}; {plot.alt}"
        if title is not None:
            axes.set_title(title)
        figure.label_ends(axes, ends)
    return plot


def _check_searches(searches: Mapping[str, Sequence[History]]) -> None:
    if not searches:
        raise ValueError("there is nothing to draw: give at least one strategy, {'random search': [history, ...]}")
    for name, histories in searches.items():
        if isinstance(histories, History):
            raise TypeError(f"{name!r} needs a list of histories, one a seed; got a single one: write [history]")
        if not histories:
            raise ValueError(f"{name!r} has no histories")


def _quartiles(
    searches: Mapping[str, Sequence[History]], x: Horizontal, values_of: ValuesOf, *, percent: bool
) -> tuple[Plot, list[Any]]:
    """The lines and bands, described in `alt`, and the labels of their ends, which need the final layout."""
    import numpy as np

    from nas_edu.draw import figure

    _check("x", x, _X_LABELS)
    ends, sentences = [], []
    plot = figure.Plot("")
    axes = plot.subplots()
    for name, style in line_styles(searches).items():
        grid, values = _on_one_grid(name, searches[name], x, values_of)
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
        axes.fill_between(grid, low, high, step="post", color=style.colour, alpha=0.2, linewidth=0)
        axes.plot(grid, median, color=style.colour, linestyle=style.linestyle, drawstyle="steps-post")
        words = name.replace("_", " ")
        ends.append((grid[-1], median[-1], words, style.colour))
        sentences.append(f"{words} ends at {_number(median[-1], percent)}")
    plot.alt = ", ".join(sentences)
    return plot, ends


def _on_one_grid(
    name: str, histories: Sequence[History], x: Horizontal, values_of: ValuesOf
) -> tuple[np.ndarray, np.ndarray]:
    """Places (P,) and each history's value there (seeds, P); between its places a history keeps its value."""
    import numpy as np

    all_places, all_values = [], []
    for number, history in enumerate(histories):
        which = f"history {number} of {name!r}"
        places = np.array(_places(_trials(history, which), x), dtype=float)
        values = np.array(values_of(history, which), dtype=float)
        known = ~np.isnan(values)
        if not known.any():
            raise ValueError(f"{which} has no successful trial")
        all_places.append(places[known])
        all_values.append(values[known])
    start, stop = max(places[0] for places in all_places), min(places[-1] for places in all_places)
    if start > stop:
        raise ValueError(f"the histories of {name!r} have no stretch of {x} in common: some end before others begin")
    grid = np.unique(np.concatenate(all_places))
    grid = grid[(grid >= start) & (grid <= stop)]
    at = [np.searchsorted(places, grid, side="right") - 1 for places in all_places]
    return grid, np.array([values[index] for values, index in zip(all_values, at, strict=True)])


def _seeds(searches: Mapping[str, Sequence[History]]) -> str:
    counts = sorted({len(histories) for histories in searches.values()})
    return _counted(counts[0], "seed") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def _trials(history: History, which: str) -> list[Trial]:
    if not history.trials:
        raise ValueError(f"{which} holds no trials, so there is nothing to draw")
    return history.trials


def _places(trials: Sequence[Trial], x: Horizontal) -> list[float]:
    """Where each trial stands on the horizontal axis: its number from 1, or all the cost up to its end."""
    if x == "evaluations":
        return list(range(1, len(trials) + 1))
    places, total = [], 0.0
    for trial in trials:
        total += 0.0 if trial.evaluation is None else trial.evaluation.cost
        places.append(total)
    return places


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _value(trial: Trial, y: Vertical, which: str) -> float:
    value: float | None = getattr(trial.evaluation, y)
    if value is None:
        raise ValueError(f"{which}: the evaluation of {trial.architecture} has no {y}; draw y='score'")
    return value


def _score_is_accuracy(histories: Sequence[History]) -> bool:
    evaluations = [
        trial.evaluation for history in histories for trial in history.trials if trial.evaluation is not None
    ]
    return bool(evaluations) and all(e.score == e.validation_accuracy for e in evaluations)


def _number(value: float, percent: bool) -> str:
    return f"{value:.1%}" if percent else f"{value:.4g}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _check(name: str, value: str, allowed: Mapping[str, str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")


def _name_axes(axes: Axes, x: Horizontal, label: str, *, percent: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set(xlabel=_X_LABELS[x], ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=x == "evaluations"))
    if percent:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda fraction, _: f"{100 * fraction:.4g}%"))


def _note(plot: Plot, text: str) -> None:
    """What the marks mean, in small print below the plot."""
    plot.supxlabel(text, fontsize=13, color=LIGHT.muted, x=0.99, horizontalalignment="right")
