"""The history of NAS and of ImageNet, told by `milestones.toml` and `imagenet.toml`. No number there is our own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nas_edu.bibliography.references import Reference, find

Family = Literal["reinforcement learning", "evolution", "surrogate model", "shared weights", "no training", "other"]


@dataclass(frozen=True)
class Milestone:
    """A publication and what it brought.

    key       of the publication in references.bib
    gpu_days  (lowest, highest) cost stated for one search, in GPU days; None where we found none stated
    basis     what was counted: "450 GPUs for 7 days"
    source    key of the reference that states it, and `where` in there
    """

    key: str
    name: str
    family: Family
    brought: str
    gpu_days: tuple[float, float] | None = None
    basis: str = ""
    source: str = ""
    where: str = ""

    @property
    def reference(self) -> Reference:
        return find(self.key)

    @property
    def date(self) -> float:
        """The month of its first version on arXiv, in years; the venue's year where that is earlier, or all we know."""
        return self.reference.date


@dataclass(frozen=True)
class ImageNetResult:
    """What one network reached on ImageNet; `source` is the key of the reference that states it, `where` the place.

    key       of the network's own publication
    top1      top-1 accuracy on the validation images, a fraction
    searched  whether the architecture was found by a search, not by hand
    """

    key: str
    name: str
    top1: float
    searched: bool
    source: str
    where: str

    @property
    def reference(self) -> Reference:
        return find(self.key)

    @property
    def date(self) -> float:
        return self.reference.date


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


def _milestone(entry: dict[str, Any]) -> Milestone:
    days = entry.pop("gpu_days", None)
    return Milestone(**entry, gpu_days=None if days is None else (days[0], days[1]))


_HISTORY = _read("milestones.toml")
MILESTONES = tuple(map(_milestone, _HISTORY["milestones"]))
FINAL_TRAINING: dict[str, Any] = _HISTORY["final_training"]
IMAGENET_RESULTS = tuple(ImageNetResult(**entry) for entry in _read("imagenet.toml")["networks"])
