"""Black-box search, one method a file. Each is a generator that yields trials and stops when nobody asks for more."""

from nas_edu.search_strategies.area import area
from nas_edu.search_strategies.asynchronous_halving import asynchronous_halving
from nas_edu.search_strategies.bayesian_optimization import bayesian_optimization
from nas_edu.search_strategies.comparison import Comparison, compare
from nas_edu.search_strategies.exhaustive import exhaustive
from nas_edu.search_strategies.forest_search import forest_search
from nas_edu.search_strategies.hyperband import hyperband
from nas_edu.search_strategies.local_search import local_search
from nas_edu.search_strategies.neuroevolution import neuroevolution
from nas_edu.search_strategies.noisy import noisy
from nas_edu.search_strategies.nsga2 import nsga2
from nas_edu.search_strategies.optuna_search import optuna_search
from nas_edu.search_strategies.pareto import hypervolume, hypervolumes, pareto_front
from nas_edu.search_strategies.portfolio import portfolio_search
from nas_edu.search_strategies.prefilter import prefilter
from nas_edu.search_strategies.proxy_ranking import Learned, learn, rank_sum, rank_vote
from nas_edu.search_strategies.random_search import random_search
from nas_edu.search_strategies.regularized_evolution import regularized_evolution
from nas_edu.search_strategies.reinforce import reinforce
from nas_edu.search_strategies.smac_search import smac_search
from nas_edu.search_strategies.successive_halving import successive_halving
from nas_edu.search_strategies.tpe import tpe
from nas_edu.search_strategies.zero_cost_search import zero_cost_search

__all__ = [
    "Comparison",
    "Learned",
    "area",
    "asynchronous_halving",
    "bayesian_optimization",
    "compare",
    "exhaustive",
    "forest_search",
    "hyperband",
    "hypervolume",
    "hypervolumes",
    "learn",
    "local_search",
    "neuroevolution",
    "noisy",
    "nsga2",
    "optuna_search",
    "pareto_front",
    "portfolio_search",
    "prefilter",
    "random_search",
    "rank_sum",
    "rank_vote",
    "regularized_evolution",
    "reinforce",
    "smac_search",
    "successive_halving",
    "tpe",
    "zero_cost_search",
]
