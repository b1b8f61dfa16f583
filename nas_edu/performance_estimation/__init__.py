"""How good is an architecture? Each estimator is called as `evaluate(architecture, *, epochs=None, resume=None)`."""

from nas_edu.performance_estimation.training import DivergenceError, Protocol, Train

__all__ = ["DivergenceError", "Protocol", "Train"]
