"""Top-1 accuracy on ImageNet of well-known networks, made by hand and found by search, each with its source.

One network, no ensemble, on the validation images of ILSVRC-2012. The sources differ in the size of the images and in
the number of crops that are averaged, so differences of a point or less mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from nas_edu.bibliography.reader import Reference
from nas_edu.bibliography.text import find


@dataclass(frozen=True)
class Network:
    """`top1` is a fraction; `source` is the key of the reference that states it, `where` the place in there."""

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


NETWORKS = (
    Network("krizhevsky2012", "AlexNet", 1 - 0.407, False, "krizhevsky2012", "table 2, one CNN"),
    Network("simonyan2015", "VGG-16", 1 - 0.2807, False, "he2016", "table 3, 10 crops"),
    Network("szegedy2015", "Inception-v1", 0.698, False, "zoph2018", "table 3, 224 pixels"),
    Network("ioffe2015", "Inception-v2", 0.748, False, "zoph2018", "table 2, 224 pixels"),
    Network("szegedy2016", "Inception-v3", 0.788, False, "zoph2018", "table 2, 299 pixels"),
    Network("he2016", "ResNet-152", 1 - 0.2143, False, "he2016", "table 3, 10 crops"),
    Network("szegedy2017", "Inception-ResNet-v2", 0.801, False, "zoph2018", "table 2, 299 pixels"),
    Network("chollet2017", "Xception", 0.790, False, "zoph2018", "table 2, 299 pixels"),
    Network("xie2017", "ResNeXt-101", 0.809, False, "zoph2018", "table 2, 320 pixels"),
    Network("zoph2018", "NASNet-A", 0.827, True, "zoph2018", "table 2, 331 pixels"),
    Network("hu2018", "SENet", 0.827, False, "zoph2018", "table 2, 320 pixels"),
    Network("real2019", "AmoebaNet-A", 0.839, True, "real2019", "table 2, the largest"),
    Network("tan2019", "EfficientNet-B7", 0.843, True, "tan2019", "abstract; the smallest was found, then scaled"),
)
