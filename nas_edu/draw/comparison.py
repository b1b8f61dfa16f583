"""Strategies compared on the whole way, as `Comparison.anytime` measured it: means with bands, and mean ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nas_edu.draw.style import LIGHT, line_styles

if TYPE_CHECKING:
    import pandas as pd

    from nas_edu.draw.figure import Plot

_X_LABELS = {"evaluations": "evaluations", "cost": "cost (seconds)"}


def anytime(
    frame: pd.DataFrame,
    *,
    label: str = "best score so far",
    log: bool = False,
    percent: bool = False,
    definition: str | None = None,
    title: str | None = None,
) -> Plot:
    """The mean over seeds in its 95 % band, for each strategy, over evaluations or cost.

    `frame` comes from `Comparison.anytime`; `label` names what its judge read; `definition` (of a regret, say) is
    printed below, broken at its commas; `percent` is for fractions. With `log` the vertical axis is logarithmic: a
    regret near 0 is then told from one that is nearer. Raises ValueError for a frame of another form, and for `log`
    where a mean is not positive.
    """
    from nas_edu.draw import figure

    x = _horizontal(frame)
    if log and not (frame["mean"] > 0).all():
        raise ValueError("a logarithmic axis needs means above 0, and a regret may reach 0: take log=False")
    seeds = frame["seeds"].iloc[0]
    with figure.house_style():
        plot = _lines(frame, x, "mean", label, title, percent=percent)
        axes = plot.axes[0]
        for name, style in line_styles(frame["strategy"].unique()).items():
            own = frame[frame["strategy"] == name]
            band: dict[str, Any] = {"step": "post", "color": style.colour, "alpha": 0.2, "linewidth": 0}
            axes.fill_between(own[x], own["low"], own["high"], **band)
        if log:
            figure.logarithmic(axes)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%" if percent else f"{value:.4g}")
        note = f"line: mean over {seeds} seeds; band: its 95 % interval (bootstrap)"
        if definition is not None:
            note += f"\n{definition.replace(', ', ',' + chr(10))}"
        _finish(plot, frame, x, "mean", note)
    return plot


def mean_ranks(frame: pd.DataFrame, *, title: str | None = None) -> Plot:
    """The mean rank of each strategy on the whole way: 1, on top, is the best with every seed; ties share a rank."""
    from nas_edu.draw import figure

    x = _horizontal(frame)
    strategies, seeds = frame["strategy"].nunique(), frame["seeds"].iloc[0]
    with figure.house_style():
        plot = _lines(frame, x, "rank", "mean rank", title, percent=False)
        plot.axes[0].set_ylim(strategies + 0.1, 0.9)
        plot.axes[0].set_yticks(range(1, strategies + 1))
        _finish(plot, frame, x, "rank", f"1: best with every one of {seeds} seeds; {strategies}: worst with each")
    return plot


def _horizontal(frame: pd.DataFrame) -> str:
    """The column that runs along the horizontal axis."""
    needed = {"strategy", "mean", "low", "high", "rank", "seeds"}
    found = [name for name in _X_LABELS if name in frame.columns]
    if not found or not needed <= set(frame.columns) or frame.empty:
        columns = ", ".join(map(str, frame.columns))
        raise ValueError(f"this is no frame of Comparison.anytime: its {len(frame)} rows have the columns {columns}")
    return found[0]


def _lines(frame: pd.DataFrame, x: str, y: str, label: str, title: str | None, *, percent: bool) -> Plot:
    """One line a strategy; its end and what it is called go into the description of the picture."""
    from matplotlib.ticker import MaxNLocator

    from nas_edu.draw import figure

    sentences = []
    plot = figure.Plot("")
    axes = plot.subplots()
    for name, style in line_styles(frame["strategy"].unique()).items():
        own = frame[frame["strategy"] == name]
        axes.plot(own[x], own[y], color=style.colour, linestyle=style.linestyle, drawstyle="steps-post")
        end = own[y].iloc[-1]
        sentences.append(f"{name.replace('_', ' ')} ends at {f'{end:.2%}' if percent else f'{end:.4g}'}")
    axes.set(xlabel=_X_LABELS[x], ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=x == "evaluations", steps=[1, 2, 5, 10]))
    if title is not None:
        axes.set_title(title)
    plot.alt = f"{title or label} over {x}, {frame['seeds'].iloc[0]} seeds: {', '.join(sentences)}"
    return plot


def _finish(plot: Plot, frame: pd.DataFrame, x: str, y: str, note: str) -> None:
    """The note below, then the names at the ends of the lines, which need the final layout."""
    from nas_edu.draw import figure

    plot.supxlabel(note, fontsize=13, color=LIGHT.muted, x=0.99, horizontalalignment="right")
    ends = [
        (own[x].iloc[-1], own[y].iloc[-1], str(name).replace("_", " "), style.colour)
        for name, style in line_styles(frame["strategy"].unique()).items()
        for own in [frame[frame["strategy"] == name]]
    ]
    figure.label_ends(plot.axes[0], ends)
