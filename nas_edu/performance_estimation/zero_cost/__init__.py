"""Zero-cost proxies: how good is a network before any training? Higher is meant to be better, for each of them."""

from nas_edu.performance_estimation.zero_cost.estimator import ZeroCost
from nas_edu.performance_estimation.zero_cost.probe import DegenerateError, Flagged
from nas_edu.performance_estimation.zero_cost.scoring import PROXIES, score

__all__ = ["PROXIES", "DegenerateError", "Flagged", "ZeroCost", "score"]
