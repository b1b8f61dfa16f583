"""A table of trainings as a whole: how good cells are, how big, how noisy, and what a choice is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from nas_edu.draw.style import LIGHT, operation_style
from nas_edu.search_spaces import Cell, TinyCell
from nas_edu.search_spaces.tiny_cell import EDGES, OPERATIONS

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    from nas_edu.draw.figure import Plot
    from nas_edu.nas_bench import Table

BLUE = "#0072B2"
_UNIT = (-0.04, 1.04)  # limits of an accuracy: a little wider, so that the labels of two zeros keep apart
_DOT: dict[str, Any] = {"s": 9, "alpha": 0.35, "edgecolors": "none", "rasterized": True}


def distribution(table: Table, *, title: str | None = None) -> Plot:
    """How good cells are that are drawn at random: a histogram of validation accuracy, median and best marked."""
    import numpy as np

    from nas_edu.draw import figure

    values = _known(table.column("validation_accuracy"))
    median, best = np.median(values), values.max()
    with figure.house_style():
        heading = title or "Validation accuracy of random cells"
        plot = figure.Plot(f"{heading}: {len(values)} cells, median {median:.1%}, best {best:.1%}")
        axes = plot.subplots()
        counts, _, _ = axes.hist(
            values, bins=np.linspace(0, 1, 51).tolist(), color=BLUE, edgecolor="white", linewidth=0.5
        )
        for value, name, side in ((median, "median", "right"), (best, "best", "left")):
            axes.axvline(value, color=LIGHT.ink, linestyle="--", linewidth=1.5)
            shift = -6 if side == "right" else 6
            axes.annotate(
                f"{name}\n{value:.1%}",
                (value, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(shift, -4),
                textcoords="offset points",
                horizontalalignment=side,
                verticalalignment="top",
                annotation_clip=False,
            )
        axes.set(xlabel="validation accuracy", ylabel="cells", xlim=_UNIT, ylim=(0, 1.25 * np.max(counts)))
        _percent(axes, "x")
        if title is not None:
            axes.set_title(title)
    return plot


def sizes(table: Table, *, title: str | None = None) -> Plot:
    """Accuracy against parameters and against MACs, a dot a function, with the rank correlation (Spearman)."""
    from scipy.stats import spearmanr

    from nas_edu.draw import figure

    first = _first_of_each_function(table)
    accuracy = table.column("validation_accuracy")[first]
    sentences = []
    with figure.house_style():
        plot = figure.Plot("", figsize=(9, 4))
        for axes, name in zip(plot.subplots(1, 2, sharey=True), ("parameters", "macs"), strict=True):
            size = table.column(name)[first]
            rho = spearmanr(size, accuracy).statistic
            axes.scatter(size, accuracy, color=BLUE, **_DOT)
            axes.set(xlabel={"parameters": "parameters", "macs": "MACs"}[name], xscale="log", ylim=(0, 1))
            axes.set_title(f"Spearman {rho:.2f}", fontsize=15)
            sentences.append(f"Spearman {rho:.2f} with {name}")
        plot.axes[0].set_ylabel("validation accuracy")
        _percent(plot.axes[0], "y")
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
        plot.alt = f"{title or 'Accuracy and size'}: {', '.join(sentences)}, over {len(accuracy)} functions"
    return plot


def seed_noise(table: Table, *, cells: Iterable[Cell] | None = None, title: str | None = None) -> Plot:
    """Two seeds of each function against each other, with Spearman's correlation of them.

    A table may have more seeds of its best cells than of others; `cells` then names a fair sample (`stratified_cells`).
    Raises ValueError where no function has two seeds.
    """
    import numpy as np
    from scipy.stats import spearmanr

    from nas_edu.draw import figure

    shown = _first_of_each_function(table) if cells is None else [TinyCell().index(cell) for cell in cells]
    pairs = []
    for one, other in combinations(table.seeds, 2):
        x, y = (table.column("validation_accuracy", seed=seed)[shown] for seed in (one, other))
        both = ~np.isnan(x + y)
        pairs.append(np.stack([x[both], y[both]]))
    together = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0))
    if together.shape[1] < 2:
        raise ValueError(f"{table!r} has no two seeds of the same functions to compare")
    rho = spearmanr(*together).statistic
    apart = np.abs(together[0] - together[1])
    note = f"Spearman {rho:.3f}\nhalf of the pairs differ by less than {100 * np.median(apart):.1f} points"
    with figure.house_style():
        plot = figure.Plot(f"{title or 'Seed noise'}: {note.replace(chr(10), ', ')}", figsize=(5.6, 5.6))
        axes = plot.subplots()
        axes.plot([0, 1], [0, 1], color=LIGHT.muted, linestyle="--", linewidth=1.5)
        axes.scatter(*together, color=BLUE, **_DOT)
        axes.set(xlabel="validation accuracy, one seed", ylabel="another seed", xlim=_UNIT, ylim=_UNIT)
        _percent(axes, "x")
        _percent(axes, "y")
        if title is not None:
            axes.set_title(title)
        plot.supxlabel(note, fontsize=13, color=LIGHT.muted, x=0.99, horizontalalignment="right")
    return plot


def ranks(tables: Mapping[str, Table], *, title: str | None = None) -> Plot:
    """Is a good cell good on another task? Accuracy on each pair of tasks, a dot a function, with Kendall's tau.

    Raises ValueError for less than two tables.
    """
    import numpy as np
    from scipy.stats import kendalltau

    from nas_edu.draw import figure

    names = list(tables)
    if len(names) < 2:
        raise ValueError(f"ranks compares two tables or more, got {', '.join(names) or 'none'}")
    pairs = list(combinations(names, 2))
    sentences = []
    with figure.house_style():
        plot = figure.Plot("", figsize=(4.6 * len(pairs), 4.6))
        for axes, (one, other) in zip(plot.subplots(1, len(pairs), squeeze=False)[0], pairs, strict=True):
            first = _first_of_each_function(tables[one])
            x, y = (tables[name].column("validation_accuracy")[first] for name in (one, other))
            both = ~np.isnan(x + y)
            tau = kendalltau(x[both], y[both]).statistic
            axes.scatter(x[both], y[both], color=BLUE, **_DOT)
            axes.set(xlabel=one, ylabel=other, xlim=_UNIT, ylim=_UNIT)
            axes.set_title(f"Kendall's tau {tau:.2f}", fontsize=15)
            _percent(axes, "x")
            _percent(axes, "y")
            sentences.append(f"tau {tau:.2f} between {one} and {other}")
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
        plot.alt = f"{title or 'Ranks across tasks'}: {', '.join(sentences)}"
    return plot


def operation_effects(table: Table, *, title: str | None = None) -> Plot:
    """What each operation on each edge is worth, in points: `nas_bench.analysis.operation_effects`, 100 times."""
    import numpy as np

    from nas_edu.draw import figure
    from nas_edu.nas_bench import analysis

    points = 100 * analysis.operation_effects(table)
    limit = np.abs(points).max()
    labels = [operation_style(name).label for name in OPERATIONS]
    best = np.unravel_index(points.argmax(), points.shape)
    with figure.house_style():
        plot = figure.Plot(
            f"{title or 'What an operation is worth'}: most, {points.max():+.1f} points, for {labels[best[1]]} on edge "
            f"{EDGES[best[0]][0]}-{EDGES[best[0]][1]}; least, {points.min():+.1f}",
            figsize=(7.4, 4.6),
        )
        axes = plot.subplots()
        axes.imshow(points, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
        for edge, row in enumerate(points):
            for place, value in enumerate(row):
                ink = "white" if abs(value) > 0.6 * limit else "black"
                axes.text(place, edge, f"{value:+.1f}", ha="center", va="center", color=ink, fontsize=14)
        axes.set_xticks(range(len(OPERATIONS)), labels)
        axes.set_yticks(range(len(EDGES)), [f"{i}-{j}" for i, j in EDGES])
        axes.set(ylabel="edge")
        axes.tick_params(length=0)
        axes.grid(False)
        axes.set_title(title or "points of accuracy above the mean of all cells", fontsize=15)
    return plot


def landscape(table: Table, *, title: str | None = None) -> Plot:
    """How fast quality is forgotten: the correlation of cells that differ on d edges (`correlation_by_distance`)."""
    from nas_edu.draw import figure
    from nas_edu.nas_bench.analysis import correlation_by_distance

    correlations = correlation_by_distance(table)
    distances = range(len(correlations))
    with figure.house_style():
        plot = figure.Plot(f"{title or 'Landscape'}: one mutation keeps a correlation of {correlations[1]:.2f}")
        axes = plot.subplots()
        axes.axhline(0, color=LIGHT.muted, linewidth=1.5)
        axes.plot(distances, correlations, "o-", color=BLUE, markersize=9)
        for distance, value in zip(distances, correlations, strict=True):
            axes.annotate(f"{value:.2f}", (distance, value), xytext=(8, 8), textcoords="offset points")
        axes.set(
            xlabel="edges on which two cells differ",
            ylabel="correlation of accuracy",
            xlim=(-0.3, 6.7),
            ylim=(None, 1.15),
        )
        if title is not None:
            axes.set_title(title)
    return plot


def _first_of_each_function(table: Table) -> np.ndarray:
    """Places in the space: one cell for each function that was trained."""
    import numpy as np

    first = table.functions
    known: np.ndarray = first[~np.isnan(table.column("validation_accuracy")[first])]
    return known


def _known(values: np.ndarray) -> np.ndarray:
    import numpy as np

    known: np.ndarray = values[~np.isnan(values)]
    return known


def _percent(axes: Axes, which: str) -> None:
    from matplotlib.ticker import PercentFormatter

    getattr(axes, f"{which}axis").set_major_formatter(PercentFormatter(xmax=1, decimals=0))
