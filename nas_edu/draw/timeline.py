"""The history of NAS: what a search cost, from year to year, and the milestones that state no cost."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

from nas_edu.bibliography import FINAL_TRAINING, MILESTONES, Milestone
from nas_edu.draw.style import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nas_edu.draw.figure import Plot

# Colour and marker of each family: Okabe & Ito's colours, and shapes that differ without them.
FAMILY_STYLES: dict[str, tuple[str, str]] = {
    "reinforcement learning": ("#D55E00", "s"),
    "evolution": ("#0072B2", "o"),
    "surrogate model": ("#009E73", "^"),
    "shared weights": ("#CC79A7", "D"),
    "no training": ("#E69F00", "P"),
    "other": ("#595959", "X"),
}
_ONE_GPU = {1 / 1440: "1 minute", 1 / 24: "1 hour", 1: "1 day", 30: "1 month", 365: "1 year", 3650: "10 years"}


def timeline(milestones: Sequence[Milestone] = MILESTONES, *, title: str | None = None) -> Plot:
    """Above: GPU days of a search, where stated, on a logarithmic axis. Below: the milestones without, since 1988.

    A bar joins the lowest and the highest cost stated. Raises ValueError where no milestone has a cost.
    """
    from nas_edu.draw import figure

    costly = [one for one in milestones if one.gpu_days]
    others = sorted((one for one in milestones if not one.gpu_days), key=lambda one: one.date)
    if not costly:
        raise ValueError("none of these milestones states a cost")
    dearest, cheapest = max(costly, key=cost), min(costly, key=cost)
    years = [int(one.date) for one in milestones]
    with figure.house_style():
        plot = figure.Plot(
            f"{title or 'History of NAS'}: {len(milestones)} milestones from {min(years)} to {max(years)}; "
            f"of the costs stated the highest is {gpu_days(dearest)} "
            f"({dearest.name}), the lowest {gpu_days(cheapest)} ({cheapest.name})",
            figsize=(9, 9.4),
        )
        above, below = plot.subplots(2, 1, height_ratios=(1.55, 1))
        _draw_costs(above, costly)
        _draw_others(below, others)
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
    return plot


def cost(milestone: Milestone) -> float:
    """The middle of the costs stated, in GPU days, on a logarithmic scale."""
    assert milestone.gpu_days is not None
    low, high = milestone.gpu_days
    return sqrt(low * high)


def gpu_days(milestone: Milestone) -> str:
    """The cost in words: '80 to 100 GPU days'; "" where none is stated."""
    if milestone.gpu_days is None:
        return ""
    ends = [f"{end:,.0f}" if end >= 10 else f"{end:.2g}" for end in sorted(set(milestone.gpu_days))]
    return f"{' to '.join(ends)} GPU days"


def _draw_costs(axes: Axes, costly: Sequence[Milestone]) -> None:
    from matplotlib.ticker import FuncFormatter

    from nas_edu.draw.labels import label_points

    days = FINAL_TRAINING["gpu_days"]
    axes.axhline(days, color=LIGHT.muted, linestyle=(0, (6, 4)), linewidth=1.5, zorder=1)
    for family, (colour, marker) in FAMILY_STYLES.items():
        members = [one for one in costly if one.family == family]
        points = [(one.date, cost(one)) for one in members]
        if points:
            x, y = zip(*points, strict=True)
            axes.scatter(x, y, color=colour, marker=marker, s=90, label=family, zorder=3)
        for one in members:
            assert one.gpu_days is not None
            axes.plot([one.date] * 2, one.gpu_days, color=colour, linewidth=5, alpha=0.4, solid_capstyle="round")
    dates = [one.date for one in costly]
    axes.set(
        yscale="log", ylim=(1e-4, 1e5), xlim=(min(dates) - 1.0, max(dates) + 1.0), ylabel="GPU days for one search"
    )
    axes.set_xticks(_whole_years(axes))
    axes.set_yticks([10.0**power for power in range(-4, 6)], minor=False)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value < 1 else f"{value:,.0f}"))
    axes.annotate(
        f"one final training\nof DARTS: {days}",
        (0.01, days),
        xycoords=("axes fraction", "data"),
        xytext=(0, 4),
        textcoords="offset points",
        verticalalignment="bottom",
        color=LIGHT.muted,
        fontsize=13,
    )
    right = axes.secondary_yaxis("right")
    right.set_yticks(list(_ONE_GPU), list(_ONE_GPU.values()))
    right.minorticks_off()
    right.set_ylabel("time on a single GPU")
    right.spines["right"].set_visible(False)
    axes.legend(loc="lower left", fontsize=13, handletextpad=0.3)
    label_points(axes, [(one.date, cost(one), one.name) for one in sorted(costly, key=cost, reverse=True)])


def _draw_others(axes: Axes, others: Sequence[Milestone]) -> None:
    colour, marker = FAMILY_STYLES["other"]
    axes.scatter([], [], color=colour, marker=marker, s=70, label="first ideas, surveys, benchmarks, warnings")
    axes.legend(loc="lower left", fontsize=13, handletextpad=0.3)
    for place, one in enumerate(others):
        colour, marker = FAMILY_STYLES[one.family]
        height = len(others) - place
        axes.scatter(one.date, height, color=colour, marker=marker, s=70, zorder=3)
        late: dict[str, Any] = {"xytext": (-9, 0), "horizontalalignment": "right"}
        early: dict[str, Any] = {"xytext": (9, 0), "horizontalalignment": "left"}
        side = late if one.date > 2010 else early
        axes.annotate(
            one.name, (one.date, height), textcoords="offset points", verticalalignment="center", fontsize=14, **side
        )
    axes.set(ylim=(0, len(others) + 0.7), xlim=(1987, 2026.5), xlabel="year (the month of the first version on arXiv)")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(False, axis="y")
    axes.set_title("no cost stated in GPU days, as far as we found", fontsize=15)


def _whole_years(axes: Axes) -> list[int]:
    low, high = axes.get_xlim()
    return [year for year in range(int(low), int(high) + 1) if low <= year <= high]
