"""The checks of exercise set 01: brute force on learning curves, and a search within a budget."""

from nas_edu.check.what_is_nas.best_after import check_best_after, make_curve
from nas_edu.check.what_is_nas.within_budget import check_within_budget, make_trial

__all__ = ["check_best_after", "check_within_budget", "make_curve", "make_trial"]
