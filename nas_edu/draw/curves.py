"""Learning curves: how losses and accuracy of one training, or of several, went epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nas_edu.core import CurvePoint, Evaluation
from nas_edu.draw.style import LIGHT, line_styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nas_edu.draw.figure import Plot

Quantity = Literal["validation_accuracy", "validation_loss", "train_loss"]
_AXIS_LABELS = {
    "validation_accuracy": "validation accuracy",
    "validation_loss": "validation loss (nats)",
    "train_loss": "training loss (nats)",
}
_TELL_APART = 7  # more lines than this cannot be told apart by colour and dashes


def curve(evaluation: Evaluation, *, title: str | None = None) -> Plot:
    """One training: losses on the left, validation accuracy on the right. Raises ValueError where no curve was kept."""
    from nas_edu.draw import figure

    points = _points("this evaluation", evaluation)
    last = points[-1]
    alt = (
        f"{title or 'Learning curve'}: after {last.epoch:g} epochs training loss {last.train_loss:.3f}, "
        f"validation loss {last.validation_loss:.3f}, validation accuracy {last.validation_accuracy:.1%}"
    )
    with figure.house_style():
        plot = figure.Plot(alt, figsize=(8.4, 3.8))
        losses, accuracy = plot.subplots(1, 2)
        ends = []
        styles = line_styles(["training", "validation"])
        for name, quantity in {"training": "train_loss", "validation": "validation_loss"}.items():
            _line(losses, points, quantity, styles[name].colour, linestyle=styles[name].linestyle)
            ends.append((last.epoch, getattr(last, quantity), name, styles[name].colour))
        _line(accuracy, points, "validation_accuracy", styles["validation"].colour)
        _name_axes(losses, "loss (nats)")
        _name_axes(accuracy, "validation accuracy", percent=True)
        if title is not None:
            plot.suptitle(title, fontsize=17, x=0.01, horizontalalignment="left")
        figure.label_ends(losses, ends)
        end = (last.epoch, last.validation_accuracy, f"{last.validation_accuracy:.1%}", styles["validation"].colour)
        figure.label_ends(accuracy, [end])
    return plot


def curves(
    evaluations: Mapping[str, Evaluation], *, y: Quantity = "validation_accuracy", title: str | None = None
) -> Plot:
    """Several trainings, each labelled at its end with its name. Of more than seven, all but the best are grey.

    Raises ValueError for an unknown `y`, for no evaluation, or for one without a curve.
    """
    from nas_edu.draw import figure

    if y not in _AXIS_LABELS:
        raise ValueError(f"y must be one of {', '.join(_AXIS_LABELS)}; got {y!r}")
    if not evaluations:
        raise ValueError("draw.curves needs at least one evaluation, got none")
    points = {name: _points(repr(name), evaluation) for name, evaluation in evaluations.items()}
    finals = {name: getattr(curve[-1], y) for name, curve in points.items()}
    best = (max if y == "validation_accuracy" else min)(finals, key=lambda name: finals[name])
    alt = f"{title or 'Learning curves'}: {_AXIS_LABELS[y]} of {len(points)} trainings, best at the end: {best}"
    crowd = len(points) > _TELL_APART
    with figure.house_style():
        plot = figure.Plot(alt)
        axes = plot.subplots()
        ends = []
        for name, style in line_styles(points).items():
            last = points[name][-1]
            if crowd and name != best:
                _line(axes, points[name], y, LIGHT.muted, linewidth=1.2, alpha=0.5)
                continue
            colour = line_styles(["validation"])["validation"].colour if crowd else style.colour
            _line(axes, points[name], y, colour, linestyle="solid" if crowd else style.linestyle, zorder=3)
            ends.append((last.epoch, getattr(last, y), name, colour))
        _name_axes(axes, _AXIS_LABELS[y], percent=y == "validation_accuracy")
        if title is not None:
            axes.set_title(title)
        figure.label_ends(axes, ends)
    return plot


def _points(name: str, evaluation: Evaluation) -> tuple[CurvePoint, ...]:
    if not evaluation.curve:
        raise ValueError(f"{name} has no learning curve: only an estimator that trains keeps one")
    return evaluation.curve


def _line(axes: Axes, points: tuple[CurvePoint, ...], quantity: str, colour: str, **style: Any) -> None:
    epochs = [point.epoch for point in points]
    axes.plot(epochs, [getattr(point, quantity) for point in points], color=colour, **style)
    if len(points) == 1:  # one point makes no line
        axes.plot(epochs, [getattr(points[0], quantity)], "o", color=colour)


def _name_axes(axes: Axes, label: str, *, percent: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set(xlabel="epoch", ylabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if percent:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda fraction, _: f"{100 * fraction:.4g}%"))
