"""Zero-cost proxies: one against accuracy, all against each other on each task, and the kernel inside nwot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nas_edu.draw.style import LIGHT

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    from nas_edu.draw.figure import Plot
    from nas_edu.nas_bench import Proxies, Table

BLUE, VERMILION = "#0072B2", "#D55E00"
ACCURACY = "accuracy"
_DOT: dict[str, Any] = {"s": 12, "alpha": 0.4, "edgecolors": "none", "rasterized": True}


def proxy(table: Table, name: str, *, title: str | None = None, resamples: int = 200) -> Plot:
    """A proxy against validation accuracy, a dot a trained function, with Kendall's tau and its 95 % interval.

    Where the proxy has no value, a cross stands at the left edge. Raises ValueError for an unknown proxy, or where less
    than three functions are trained.
    """
    import numpy as np

    from nas_edu.draw import figure
    from nas_edu.nas_bench.statistics import estimate, kendall

    value, accuracy = _by_function(table, [name, "validation_accuracy"])
    known = ~np.isnan(value + accuracy)
    value, accuracy = value[known], accuracy[known]
    tau = estimate(kendall, value, accuracy, resamples=resamples)
    flagged = np.isinf(value)
    words = f"Kendall's tau {tau.value:.2f} ({tau.low:.2f} to {tau.high:.2f})"
    note = f"dot: one of {tau.count:,} trained functions" + (
        f", cross: no value ({flagged.sum()})" if flagged.any() else ""
    )
    with figure.house_style():
        plot = figure.Plot(f"{title or name}: {words}, {note}")
        axes = plot.subplots()
        axes.scatter(value[~flagged], accuracy[~flagged], color=BLUE, **_DOT)
        if flagged.any():
            left = np.full(flagged.sum(), 0.0)
            axes.plot(
                left, accuracy[flagged], "x", transform=axes.get_yaxis_transform(), color=VERMILION, markersize=8,
                markeredgewidth=2, clip_on=False,
            )  # fmt: skip
        _choose_scale(axes, value[~flagged])
        axes.set(xlabel=name, ylabel="validation accuracy", ylim=(0, 1.02))
        _percent(axes)
        axes.set_title(f"{title}: {words}" if title else words, fontsize=15)
        plot.supxlabel(note, fontsize=13, color=LIGHT.muted, x=0.99, horizontalalignment="right")
    return plot


def proxy_correlations(
    tables: Mapping[str, Table | Proxies], names: Sequence[str] | None = None, *, title: str | None = None
) -> Plot:
    """Kendall's tau of each pair of proxies, times 100: a matrix for each task; with accuracy first, where it is known.

    `names` are the proxies (default: all that every function of every task has). Raises ValueError without a table.
    """
    import numpy as np

    from nas_edu.draw import figure
    from nas_edu.nas_bench import Table

    if not tables:
        raise ValueError("proxy_correlations needs at least one table: {'mnist1d': NASBenchEdu.load('mnist1d')}")
    names = list(names or _complete(tables))
    matrices = {}
    for task, table in tables.items():
        columns = _by_function(table, names)
        if isinstance(table, Table):
            columns = np.vstack([_by_function(table, ["validation_accuracy"]), columns])
        matrices[task] = _taus(columns)
    first = next(iter(matrices.values()))
    strongest = _strongest(matrices, names)
    side = 0.48 * (len(names) + 1)
    with figure.house_style():
        plot = figure.Plot(
            f"{title or 'Proxies against each other'}: {strongest}", figsize=(side * len(tables) + 2.4, side + 2.6)
        )
        panels = plot.subplots(1, len(tables), squeeze=False)[0]
        for panel, (task, matrix) in zip(panels, matrices.items(), strict=True):
            labels = [ACCURACY, *names] if len(matrix) > len(names) else names
            panel.imshow(matrix, cmap="PuOr_r", vmin=-1, vmax=1)
            for (row, place), value in np.ndenumerate(matrix):
                ink = "white" if abs(value) > 0.6 else "black"
                panel.text(place, row, f"{100 * value:.0f}", ha="center", va="center", color=ink, fontsize=13)
            panel.set_xticks(range(len(labels)), labels, rotation=90)
            panel.set_yticks(range(len(labels)), labels if panel is panels[0] or len(matrix) != len(first) else [])
            panel.tick_params(length=0)
            panel.grid(False)
            panel.set_title(task, fontsize=15)
        plot.supxlabel("100 x Kendall's tau over distinct functions", fontsize=13, color=LIGHT.muted)
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
    return plot


def kernels(kernels: Mapping[str, np.ndarray], targets: np.ndarray, *, title: str | None = None) -> Plot:
    """The kernel matrices of nwot (samples, samples): dark where two samples agree on many ReLUs; sorted by class.

    Each is divided by its diagonal, the number of ReLUs, so that networks compare: 1 is the same code. The colours span
    what lies beside the diagonals. Below each name stands log |det K|. Raises ValueError without a kernel, or where
    targets do not fit.
    """
    import numpy as np

    from nas_edu.draw import figure

    if not kernels:
        raise ValueError("kernels needs at least one: {'a good cell': nwot_kernel(network, inputs)}")
    order = np.argsort(np.asarray(targets), kind="stable")
    borders = np.flatnonzero(np.diff(np.asarray(targets)[order])) + 0.5
    shares = {}
    for name, kernel in kernels.items():
        if np.shape(kernel) != (len(order), len(order)):
            raise ValueError(f"{name!r}: a kernel of {len(order)} samples is square, got {np.shape(kernel)}")
        kernel = np.asarray(kernel, dtype=float)
        shares[name] = kernel[np.ix_(order, order)] / kernel[0, 0]
    beside = ~np.eye(len(order), dtype=bool)
    low, high = min(k[beside].min() for k in shares.values()), max(k[beside].max() for k in shares.values())
    sentences = []
    with figure.house_style():
        plot = figure.Plot("", figsize=(4.4 * len(kernels) + 1, 4.9))
        panels = plot.subplots(1, len(kernels), squeeze=False)[0]
        for panel, (name, share) in zip(panels, shares.items(), strict=True):
            kernel = np.asarray(kernels[name], dtype=float)
            sign, logarithm = np.linalg.slogdet(kernel)
            score = f"log |det K| = {logarithm:.0f}" if sign > 0 else "K is singular"
            image = panel.imshow(share, cmap="cividis_r", vmin=low, vmax=high)
            for border in borders:
                panel.axhline(border, color="white", linewidth=0.8)
                panel.axvline(border, color="white", linewidth=0.8)
            panel.set_title(f"{name}\n{score}", fontsize=15)
            panel.set(xlabel="samples, sorted by class")
            panel.set_xticks([])
            panel.set_yticks([])
            panel.grid(False)
            sentences.append(f"{name}: {score}")
        bar = plot.colorbar(image, ax=list(panels), shrink=0.8, extend="max")
        bar.set_label("part of ReLUs on which two agree")
        plot.alt = f"{title or 'Kernels of ReLU codes'}; {'; '.join(sentences)}"
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
    return plot


def _by_function(table: Table | Proxies, names: Sequence[str]) -> np.ndarray:
    """Columns (names, functions), one cell for each distinct function."""
    import numpy as np

    first = table.functions
    return np.stack([table.column(name)[first] for name in names])


def _complete(tables: Mapping[str, Table | Proxies]) -> list[str]:
    """Names of proxies that every table has for every function."""
    import numpy as np

    sources: list[Any] = [getattr(table, "proxies", table) for table in tables.values()]
    complete = [dict(zip(one.names, ~np.isnan(one.values).any(axis=1), strict=True)) for one in sources]
    return [name for name in complete[0] if all(found.get(name, False) for found in complete)]


def _taus(columns: np.ndarray) -> np.ndarray:
    """Kendall's tau of each pair of rows, over the columns in which both are known."""
    import numpy as np

    from nas_edu.nas_bench.statistics import kendall

    taus = np.eye(len(columns))
    for one in range(len(columns)):
        for other in range(one):
            both = ~np.isnan(columns[one] + columns[other])
            taus[one, other] = taus[other, one] = kendall(columns[one][both], columns[other][both])
    return taus


def _strongest(matrices: Mapping[str, np.ndarray], names: Sequence[str]) -> str:
    """For readers who do not see the picture: which proxy agrees best with accuracy, on each task where it is known."""
    import numpy as np

    found = []
    for task, matrix in matrices.items():
        if len(matrix) > len(names):
            best = int(np.nanargmax(matrix[0, 1:]))
            found.append(f"on {task} {names[best]} agrees best with accuracy, tau {matrix[0, 1 + best]:.2f}")
    return "; ".join(found) or f"{len(names)} proxies on {', '.join(matrices)}"


def _choose_scale(axes: Axes, values: np.ndarray) -> None:
    """A logarithmic axis where on a linear one nearly all values would lie in one place."""
    import numpy as np

    magnitudes = np.abs(values[values != 0])
    if not len(magnitudes):
        return
    quarter, half, most = np.quantile(magnitudes, [0.25, 0.5, 0.99])
    if most > 10 * half:
        if values.min() > 0:
            axes.set_xscale("log")
        else:
            axes.set_xscale("symlog", linthresh=10 ** np.ceil(np.log10(quarter)))


def _percent(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
