"""The history of NAS to click in: what a milestone brought, what its search cost, who says so, and where to read it.

    explore_timeline()

The same data as `draw.timeline`: GPU days on a logarithmic axis where a paper states them, the other milestones apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log10

from nas_edu.bibliography import FINAL_TRAINING, MILESTONES, Milestone, find
from nas_edu.draw.marks import Axis, Lines, Mark, Panel, Prose, Scatter, Shape
from nas_edu.draw.timeline import FAMILY_STYLES, cost, gpu_days
from nas_edu.widgets.controls import Button, Control
from nas_edu.widgets.explorer import Explorer
from nas_edu.widgets.present import present

_BY_KEY = {one.key: one for one in MILESTONES}
_IN_ORDER = sorted(MILESTONES, key=lambda one: one.date)
_COSTLY = [one for one in _IN_ORDER if one.gpu_days]
_OTHERS = [one for one in _IN_ORDER if not one.gpu_days]
_SHAPES: dict[str, Shape] = {"reinforcement learning": "cross", "evolution": "ring"}
_SHORT = {"reinforcement learning": "reinforcement", "surrogate model": "surrogate", "other": "other"}


@dataclass(frozen=True)
class Looked:
    """The milestone that is looked at, by its key in the bibliography."""

    key: str = "zoph2017"

    @property
    def milestone(self) -> Milestone:
        return _BY_KEY[self.key]


def explore_timeline(key: str = "zoph2017") -> Explorer[Looked]:
    """Show the timeline, with the milestone `key` looked at first. Raises ValueError for one that is not in it."""
    if key not in _BY_KEY:
        raise ValueError(f"{key!r} is no milestone; there are {', '.join(_BY_KEY)}")
    explorer = Explorer(
        Looked(key),
        [_costs, _others, _details],
        _controls,
        title="The history of NAS",
        on_click=lambda state, clicked: replace(state, key=clicked),
        status=lambda state: "Click a point, or step through the years.",
    )
    return present(explorer)


def _controls(state: Looked) -> Sequence[Control]:
    place = _IN_ORDER.index(state.milestone)

    def step(by: int) -> Button:
        name, there = ("Earlier", place > 0) if by < 0 else ("Later", place + 1 < len(_IN_ORDER))
        return Button(name, lambda now: Looked(_IN_ORDER[place + by].key), enabled=there, main=by > 0)

    return [step(-1), step(1)]


def _points(milestones: Sequence[Milestone], height: dict[str, float], *, legend: bool) -> list[Scatter]:
    """One mark a family, so that each has its colour and shape."""
    marks = []
    for family, (colour, _) in FAMILY_STYLES.items():
        members = [one for one in milestones if one.family == family]
        if members:
            places = [(one.date, height[one.key]) for one in members]
            label = _SHORT.get(family, family) if legend else ""
            keys = [one.key for one in members]
            colour = "muted" if family == "other" else colour  # so that it shows on dark pages, too
            marks.append(Scatter(places, colour, 12, _SHAPES.get(family, "dot"), label=label, keys=keys))
    return marks


def _chosen(state: Looked, height: dict[str, float]) -> list[Scatter]:
    if state.key not in height:
        return []
    return [Scatter([(state.milestone.date, height[state.key])], "ink", 20, "ring")]


def _costs(state: Looked) -> Panel:
    height = {one.key: log10(cost(one)) for one in _COSTLY}
    first, last = _COSTLY[0].date - 0.4, _COSTLY[-1].date + 0.4
    training = Lines(
        [[(first, log10(FINAL_TRAINING["gpu_days"])), (last, log10(FINAL_TRAINING["gpu_days"]))]], "muted", 1.5, (6, 4)
    )
    marks: list[Mark] = [training, *_points(_COSTLY, height, legend=True), *_chosen(state, height)]
    axes = Axis("year", whole_numbers=True), Axis("GPU days, as a power of ten", low=-4, high=5, whole_numbers=True)
    told = ", ".join(f"{one.name}: {gpu_days(one)}" for one in _COSTLY)
    return Panel("Cost of a search", marks, *axes, "dashed: one final training, 1.5 GPU days", alt=f"Costs. {told}")


def _others(state: Looked) -> Panel:
    height = {one.key: float(len(_OTHERS) - place) for place, one in enumerate(_OTHERS)}
    marks = [*_points(_OTHERS, height, legend=False), *_chosen(state, height)]
    axes = Axis("year", low=1985, whole_numbers=True), Axis("one after another", low=0, whole_numbers=True)
    told = ", ".join(f"{one.name} ({one.reference.year})" for one in _OTHERS)
    return Panel("Milestones since 1988", marks, *axes, "no cost stated in GPU days", alt=f"Without cost: {told}")


def _details(state: Looked) -> Panel:
    milestone = state.milestone
    reference = milestone.reference
    families = reference.families
    people = " and ".join(families) if len(families) < 3 else f"{families[0]} and {len(families) - 1} others"
    paragraphs = [milestone.brought, f"{people}, {reference.venue} {reference.year}: {reference.title}."]
    if milestone.gpu_days:
        source = find(milestone.source)
        by = "" if source == reference else f"{source.label}, "
        paragraphs.append(f"Cost: {gpu_days(milestone)} ({milestone.basis}). Stated in: {by}{milestone.where}.")
    else:
        paragraphs.append("Cost: none stated in GPU days, as far as we found.")
    alt = f"{milestone.name}: {' '.join(paragraphs)}"
    return Panel(milestone.name, [Prose(paragraphs, reference.url)], subtitle=milestone.family, alt=alt)
