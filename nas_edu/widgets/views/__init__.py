"""Live views, one a file: each is a pure function from the history so far to a panel of a few marks."""

from nas_edu.widgets.views.alpha_curves import alpha_curves
from nas_edu.widgets.views.alpha_heat_map import alpha_heat_map
from nas_edu.widgets.views.argmax_verdict import argmax_verdict
from nas_edu.widgets.views.brackets import bracket_view
from nas_edu.widgets.views.evolution import family_tree, population
from nas_edu.widgets.views.losses import losses
from nas_edu.widgets.views.memory_bars import memory_bars
from nas_edu.widgets.views.mixed_cell import mixed_cell
from nas_edu.widgets.views.mixture import by_kind
from nas_edu.widgets.views.operation_counts import operation_counts
from nas_edu.widgets.views.perturbation import perturbation
from nas_edu.widgets.views.policy import policy_view, reward
from nas_edu.widgets.views.proxy_agreement import proxy_scatter, proxy_tau
from nas_edu.widgets.views.search import current_cell, incumbent_curve, learning_curve, pareto_view
from nas_edu.widgets.views.shared_weights import sampled_paths, shared_against_alone, shared_tau

__all__ = [
    "alpha_curves",
    "alpha_heat_map",
    "argmax_verdict",
    "bracket_view",
    "by_kind",
    "current_cell",
    "family_tree",
    "incumbent_curve",
    "learning_curve",
    "losses",
    "memory_bars",
    "mixed_cell",
    "operation_counts",
    "pareto_view",
    "perturbation",
    "policy_view",
    "population",
    "proxy_scatter",
    "proxy_tau",
    "reward",
    "sampled_paths",
    "shared_against_alone",
    "shared_tau",
]
