"""How good is an architecture? Each estimator is called as `evaluate(architecture, *, epochs=None, resume=None)`."""

from nas_edu.performance_estimation.training import DivergenceError, Protocol, Train
from nas_edu.performance_estimation.zero_cost import PROXIES, ZeroCost, one_epoch, score

__all__ = ["PROXIES", "DivergenceError", "Protocol", "Train", "ZeroCost", "one_epoch", "score"]
