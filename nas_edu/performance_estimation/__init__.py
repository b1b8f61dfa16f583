"""How good is an architecture? Each estimator is called as `evaluate(architecture, *, epochs=None, resume=None)`."""

from nas_edu.performance_estimation.remembered import Remembered
from nas_edu.performance_estimation.resources import InfeasibleError, WithResources
from nas_edu.performance_estimation.training import DivergenceError, Train, TrainingRecipe
from nas_edu.performance_estimation.zero_cost import PROXIES, ZeroCost, score

__all__ = [
    "PROXIES",
    "DivergenceError",
    "InfeasibleError",
    "Remembered",
    "Train",
    "TrainingRecipe",
    "WithResources",
    "ZeroCost",
    "score",
]
