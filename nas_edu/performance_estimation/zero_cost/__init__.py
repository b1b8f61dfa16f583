"""Zero-cost proxies: how good is a network before any training? Higher is meant to be better, for each of them.

`formulas` reads as a table of those that are a line or a few; nwot and zen have a file each.
"""

from nas_edu.performance_estimation.zero_cost.estimator import PROXIES, SEES, ZeroCost, score
from nas_edu.performance_estimation.zero_cost.nwot import agreement, nwot_kernel
from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Drawn, Flagged, Probe

__all__ = [
    "PROXIES",
    "SEES",
    "DegenerateError",
    "Drawn",
    "Flagged",
    "Probe",
    "ZeroCost",
    "agreement",
    "nwot_kernel",
    "score",
]
