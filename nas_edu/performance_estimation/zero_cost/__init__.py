"""Zero-cost proxies: how good is a network before any training? Higher is meant to be better, for each of them."""

from nas_edu.performance_estimation.zero_cost.estimator import ZeroCost
from nas_edu.performance_estimation.zero_cost.nwot import nwot_kernel
from nas_edu.performance_estimation.zero_cost.one_epoch import one_epoch
from nas_edu.performance_estimation.zero_cost.scoring import PROXIES, SEES, score
from nas_edu.performance_estimation.zero_cost.value import DegenerateError, Drawn, Flagged

__all__ = ["PROXIES", "SEES", "DegenerateError", "Drawn", "Flagged", "ZeroCost", "nwot_kernel", "one_epoch", "score"]
