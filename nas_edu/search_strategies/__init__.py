"""Black-box search, one method a file. Each is a generator that yields trials and stops when nobody asks for more."""

from nas_edu.search_strategies.comparison import Comparison, compare
from nas_edu.search_strategies.exhaustive import exhaustive
from nas_edu.search_strategies.local_search import local_search
from nas_edu.search_strategies.noisy import noisy
from nas_edu.search_strategies.random_search import random_search
from nas_edu.search_strategies.regularized_evolution import regularized_evolution
from nas_edu.search_strategies.reinforce import reinforce

__all__ = [
    "Comparison",
    "compare",
    "exhaustive",
    "local_search",
    "noisy",
    "random_search",
    "regularized_evolution",
    "reinforce",
]
