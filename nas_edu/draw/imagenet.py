"""Accuracy on ImageNet over the years: the networks that people made, and those that were searched for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nas_edu.bibliography import IMAGENET_RESULTS, ImageNetResult

if TYPE_CHECKING:
    from nas_edu.draw.figure import Plot

# (colour, marker) of networks made by hand and of searched ones
_STYLES = {False: ("#0072B2", "o"), True: ("#D55E00", "D")}


def imagenet(networks: Sequence[ImageNetResult] = IMAGENET_RESULTS, *, title: str | None = None) -> Plot:
    """Top-1 accuracy of each network at the time it appeared. Raises ValueError without any network."""
    from matplotlib.ticker import PercentFormatter

    from nas_edu.draw import figure
    from nas_edu.draw.labels import label_points

    if not networks:
        raise ValueError("draw.imagenet needs at least one network, got none")
    best = {
        searched: max((n for n in networks if n.searched == searched), key=_top1, default=None) for searched in _STYLES
    }
    sentences = [
        f"best {'searched' if searched else 'made by hand'}: {network.name}, {network.top1:.1%}"
        for searched, network in best.items()
        if network is not None
    ]
    with figure.house_style():
        plot = figure.Plot(f"{title or 'ImageNet'}: {len(networks)} networks; {'; '.join(sentences)}", figsize=(9, 5.2))
        axes = plot.subplots()
        for searched, (colour, marker) in _STYLES.items():
            points = [(one.date, one.top1) for one in networks if one.searched == searched]
            name = "found by search" if searched else "made by hand"
            if points:
                x, y = zip(*points, strict=True)
                axes.scatter(x, y, color=colour, marker=marker, s=90, label=name, zorder=3)
        dates = [one.date for one in networks]
        axes.set(xlim=(min(dates) - 0.7, max(dates) + 1.2), ylim=(0.55, 0.9))
        axes.set(xlabel="year (the month of the first version on arXiv)", ylabel="top-1 accuracy on ImageNet")
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.legend(loc="lower right", handletextpad=0.3)
        if title is not None:
            axes.set_title(title)
        label_points(axes, [(one.date, one.top1, one.name) for one in networks])
    return plot


def _top1(network: ImageNetResult) -> float:
    return network.top1
