"""The checks of exercise set 09: the straight-through Gumbel-softmax of GDAS, and one decision of perturbation."""

from nas_edu.check.beyond_darts.most_missed import check_most_missed
from nas_edu.check.beyond_darts.straight_through import check_straight_through

__all__ = ["check_most_missed", "check_straight_through"]
